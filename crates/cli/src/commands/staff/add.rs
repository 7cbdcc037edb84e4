//! `sealdesk staff add NAME ADDRESS`.

use sealdesk_client::access::AccessTotal;
use sealdesk_client::actor::Actor;
use sealdesk_client::contacts::ContactName;
use sealdesk_client::desk::Desk;
use sealdesk_client::messages::{GrantAllReport, Progress};
use sealdesk_client::outcome::Outcome;
use sealdesk_protocol::document::DocumentPlace;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::AssignableRole;
use serde_json::json;
use tonic::transport::Channel;

use crate::access_report::AccessReport;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::{self, End, as_json, of_vote};
use crate::parse::{self, Person};
use crate::staff::naming;
use crate::table::count;

/// Options of `staff add`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "This appoints them with your signature, names them in this home and in the desk book, seals the staff's documents for them, and opens tickets for them: all of \
    them to an administrator; to an agent those that nobody has, where the queue is open. It can be stopped and run again: what is done already is \
    left alone. Run it again once they have published a key. For example:\n  sealdesk staff add carol ADDRESS\n  \
    sealdesk staff add dora ADDRESS --role administrator"
)]
pub(crate) struct Args {
    /// What they are called here
    #[arg(value_name = "NAME", value_parser = parse::contact_name)]
    name: ContactName,
    /// Their address
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
    /// support_agent or administrator
    #[arg(long, value_name = "ROLE", value_parser = parse::role, default_value = "support_agent")]
    role: AssignableRole,
    /// Grant also texts that name another ticket, none, or administrators whom the ledger does not show; otherwise you are asked at a terminal
    #[arg(long)]
    grant_marked: bool,
}

/// Who joins.
#[derive(Clone, Copy)]
struct Newcomer<'a> {
    args: &'a Args,
    address: &'a Address,
}

/// What was done, in the order in which it was.
struct Added {
    /// The appointment; `None` where they had the role already.
    appointed: Option<Outcome>,
    /// How much of the desk book and of the staff's documents the node alone says to be written.
    unproven: usize,
    /// What was opened; `None` where nothing was to be.
    let_in: Option<GrantAllReport>,
    /// Whether they have a key by which anything could be opened to them.
    has_key: bool,
    /// Documents of the staff of which they are no reader, as the ledger proves it at the end.
    without: Vec<DocumentPlace>,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if !matches!(args.role, AssignableRole::SupportAgent | AssignableRole::Administrator) {
        return Err(Failure::usage(
            format!("{} is not on the staff", super::in_words(args.role)),
            "give --role support_agent or administrator; `sealdesk tx roles assign-role` gives the others",
        ));
    }
    let address = context.address(&args.person)?;
    // A name that is taken is found before anything is done.
    naming::record(context, &args.name, &address)?;
    let (desk, me) = super::acting(context).await?;
    let desk = desk.with_doubts(context.doubts(args.grant_marked));
    naming::free_in_desk_book(&desk, &me, &address, &args.name).await?;
    let appointed = appoint(&desk, &me, &address, args.role).await?;
    if let Some(vote) = appointed.as_ref().filter(|outcome| outcome.is_open_vote()) {
        return outcome::done_with(context, vote, &[("name", args.name.as_str().into())], || {
            format!(
                "{}\n  once it is decided, run this again: nothing is opened for {} before",
                of_vote(vote, ""),
                args.name
            )
        });
    }
    let named = naming::share(&desk, &me, &args.name, &address).await?;
    let has_key = desk.standing(&address).await?.active_keys > 0;
    let unproven = named.iter().filter(|outcome| !outcome.proven).count();
    let mut added = Added { appointed, unproven, let_in: None, has_key, without: Vec::new() };
    if has_key {
        added.let_in = let_in(context, &desk, &me, Newcomer { args: &args, address: &address }).await?;
        if !desk.staff_documents_without(&address).await?.is_empty() {
            added.unproven += desk.renew_documents(&me).await?.unproven.len();
        }
    }
    added.without = desk.staff_documents_without(&address).await?;
    report(context, &desk, Newcomer { args: &args, address: &address }, added).await
}

/// Gives them the role, unless they have it by signatures that count.
async fn appoint(
    desk: &Desk<Channel>,
    me: &Actor,
    address: &Address,
    role: AssignableRole,
) -> Result<Option<Outcome>, Failure> {
    let standing = desk.standing(address).await?;
    let has_it = match role {
        AssignableRole::Administrator => standing.in_circle,
        _ => standing.in_circle || desk.is_believed_staff(address).await?,
    };
    if has_it {
        return Ok(None);
    }
    Ok(Some(desk.assign_role(me, address, role).await?))
}

/// Opens to them what they may have by their role.
async fn let_in(
    context: &Context,
    desk: &Desk<Channel>,
    me: &Actor,
    Newcomer { args, address }: Newcomer<'_>,
) -> Result<Option<GrantAllReport>, Failure> {
    let (output, name) = (context.output(), args.name.as_str());
    let mut progress = |progress: &Progress| {
        output.progress(&format!("opened for {name}: {} of {} tickets ", progress.done, progress.total));
    };
    let report = match args.role {
        AssignableRole::Administrator => desk.grant_all(me, address, None, &mut progress).await.map(Some),
        _ => desk.let_in_to_queue(me, address, &mut progress).await,
    };
    output.progress("");
    Ok(report?)
}

/// Says what is so by then: role and readers from what the ledger proves.
async fn report(
    context: &Context,
    desk: &Desk<Channel>,
    Newcomer { args, address }: Newcomer<'_>,
    added: Added,
) -> Result<(), Failure> {
    let Added { appointed, unproven: unproven_documents, let_in, has_key, without } = added;
    let counts = desk.is_believed_staff(address).await?;
    let (access, refused, stopped, unproven) = parts(context, let_in);
    let again = format!("sealdesk staff add {} {} --role {}", args.name, args.person, args.role.name());
    let letting = AccessReport {
        who: args.name.as_str(),
        of: &count(access.tickets, "ticket"),
        access: &access,
        again: &again,
        stopped: stopped.as_deref(),
        refused: &refused,
    };
    let whole = counts && has_key && without.is_empty() && letting.is_whole();
    let mut value = appointed.as_ref().map_or_else(|| json!({ "code": 0 }), as_json);
    letting.put(&mut value);
    let names: Vec<String> = without.iter().map(ToString::to_string).collect();
    value["name"] = args.name.as_str().into();
    value["address"] = address.to_string().into();
    value["role"] = args.role.name().into();
    value["appointed"] = appointed.is_some().into();
    value["counts"] = counts.into();
    value["has_key"] = has_key.into();
    value["documents_without"] = names.clone().into();
    value["whole"] = whole.into();
    let proven =
        unproven + unproven_documents == 0 && appointed.as_ref().is_none_or(|outcome| outcome.proven);
    outcome::ended(context, value, End { proven, whole }, || {
        let role = super::in_words(args.role);
        let mut lines = vec![match &appointed {
            Some(_) => format!("{} ({address}) is now {role}", args.name),
            None => format!("{} ({address}) is already {role}", args.name),
        }];
        if !counts {
            lines.push("  no administrator's valid signature says so: nothing is sealed for them".to_owned());
        }
        if !has_key {
            lines.push(format!(
                "  nothing can be opened for {} yet: they have to publish a key with `sealdesk keys register NAME`; then run `{again}` again",
                args.name
            ));
        }
        lines.push(match (args.role, access.tickets) {
            (AssignableRole::SupportAgent, 0) => {
                "  agents read the tickets assigned to them, from that moment on".to_owned()
            }
            (_, 0) => String::new(),
            _ => letting.text().lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n"),
        });
        if has_key && !names.is_empty() {
            lines.push(format!(
                "  not sealed for them: {}; someone who can open these has to run `sealdesk documents renew`",
                names.join(", ")
            ));
        }
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    })
}

/// What was opened, as it is told.
fn parts(
    context: &Context,
    report: Option<GrantAllReport>,
) -> (AccessTotal, Vec<(TicketId, String)>, Option<String>, usize) {
    let GrantAllReport { refused, unproven, doubtful, access, stopped, .. } = report.unwrap_or_default();
    context.say_left_out(&doubtful);
    let stopped = stopped.map(|(ticket, error)| format!("at {ticket}, {}", Failure::from(error)));
    (access, refused, stopped, unproven)
}
