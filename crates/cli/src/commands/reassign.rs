//! `sealdesk reassign --from WHO --to WHOM`.

use std::collections::BTreeSet;

use sealdesk_client::desk::Desk;
use sealdesk_client::reassign::{Reassigned, Reassigning};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::text::line;
use serde_json::{Value, json};
use tonic::transport::Channel;

use crate::access_report::{AccessReport, list};
use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::{self, End, as_json};
use crate::parse::{self, Person};
use crate::prompt;
use crate::table::count;
use crate::variables;

/// Options of `reassign`. `--from` takes the place of the option of every command: it says whose tickets these are.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The new assignee can open everything in the ticket, and later messages are sealed for them. It can be stopped and run \
    again: what is done already is left alone. Where the former one helped with a ticket of others, the new one does in their place.\n\
    For example:\n  sealdesk reassign --from bob --to carol\n  sealdesk reassign --from bob --to carol 12 15\n\
    The ledger takes a ticket from nobody without giving it to somebody: there is no `--to unassigned`. An administrator can take them."
)]
pub(crate) struct Args {
    /// Whose tickets
    #[arg(id = "from", long = "from", value_name = "ADDR|NAME", required = true)]
    from: Person,
    /// The agent or administrator who gets them
    #[arg(long, value_name = "ADDR|NAME", required = true)]
    to: Person,
    /// Only these tickets; without any, all that are in progress
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    tickets: Vec<TicketId>,
    /// Key of the administrator who acts [default: the only one of an administrator in this home]
    #[arg(long, value_name = "NAME")]
    by: Option<Person>,
    /// Grant also texts that name another ticket, none, or administrators whom the ledger does not show; otherwise you are asked at a terminal
    #[arg(long)]
    grant_marked: bool,
}

/// What a ticket has that nobody has.
const UNASSIGNED: &str = "unassigned";

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.ledger() == Ledger::Stacks {
        return Err(Failure::usage(
            "handing everything over needs a ledger of your own; a contract's tickets are assigned one by one",
            "`sealdesk assign TKT ADDR|NAME` assigns one",
        ));
    }
    let to: &str = &args.to;
    if to == UNASSIGNED {
        return Err(Failure::usage(
            "a ticket in progress cannot be taken from its assignee without a new one",
            "name an agent or an administrator with --to: an administrator can keep them until someone has time",
        ));
    }
    let (from, to) = (context.address(&args.from)?, context.address(&args.to)?);
    let desk = context.desk().await?;
    context.agree(&desk)?;
    let desk = desk.with_doubts(context.doubts(args.grant_marked));
    let me = context.actor_named(&acting_name(context, &desk, &args, &from).await?)?;
    let only: BTreeSet<TicketId> = args.tickets.iter().copied().collect();
    ask(context, &desk, &args, &from).await?;
    let output = context.output();
    let reassigning = Reassigning { from: &from, to: &to, only: &only };
    let mut progress = |progress: sealdesk_client::reassign::ReassignProgress| {
        output.progress(&format!("handed over: {} of {} tickets ", progress.done, progress.total));
    };
    let report = desk.reassign(&me, reassigning, &mut progress).await;
    output.progress("");
    show(context, &args, report?)
}

/// Whose key acts: the one that is named, the former person's where they are an administrator and their key is here, else the only one
/// of an administrator in this home.
async fn acting_name(
    context: &Context,
    desk: &Desk<Channel>,
    args: &Args,
    from: &Address,
) -> Result<String, Failure> {
    if let Some(by) = &args.by {
        return Ok(by.to_string());
    }
    // The option's own variable says who acts, as it does everywhere.
    if let Some(named) = variables::get("SEALDESK_FROM").and_then(|named| named.into_string().ok()) {
        return Ok(named);
    }
    let circle = desk.circle().await?;
    let is_member = |address: &str| circle.members().iter().any(|member| member.address.as_str() == address);
    let here: Vec<&(String, String)> =
        context.people().iter().filter(|(_, address)| is_member(address)).collect();
    if let Some((name, _)) = here.iter().find(|(_, address)| address == from.as_str()) {
        return Ok(name.clone());
    }
    match here.as_slice() {
        [(only, _)] => Ok(only.clone()),
        [] => Err(Failure::usage(
            "only an administrator can hand tickets over, and this home has no administrator's key",
            "name the key of an administrator with --by, or another --home",
        )),
        several => {
            let names: Vec<&str> = several.iter().map(|(name, _)| name.as_str()).collect();
            Err(Failure::usage(
                "whose key should act?",
                format!("add --by NAME; administrators here are {}", names.join(", ")),
            ))
        }
    }
}

/// Asks before everything of somebody is passed on who goes on working: with numbers, so that nobody is surprised.
async fn ask(context: &Context, desk: &Desk<Channel>, args: &Args, from: &Address) -> Result<(), Failure> {
    let output = context.output();
    if !args.tickets.is_empty() || context.settings().yes || !output.is_interactive() {
        return Ok(());
    }
    let many = desk.in_work_of(from).await?.len();
    if many < 2 {
        return Ok(());
    }
    let question = format!("Hand {} of {} over to {}?", count(many, "ticket"), args.from, args.to);
    prompt::confirm(output, false, &question)
}

/// Says what came of it: from what the ledger proves.
fn show(context: &Context, args: &Args, report: Reassigned) -> Result<(), Failure> {
    let whole = report.is_whole();
    let Reassigned {
        passed,
        helps,
        completed,
        access,
        not_theirs,
        failed,
        left,
        doubtful,
        last,
        unproven,
        stopped,
    } = report;
    context.say_left_out(&doubtful);
    let again = format!("sealdesk reassign --from {} --to {}", args.from, args.to);
    let stopped = stopped.map(|(ticket, error)| format!("at {ticket}, {}", Failure::from(error)));
    let of = count(access.tickets, "ticket");
    // Whom a grant alone lets in finds that in `grant-access`; here everything is done again by the same command.
    let letting = AccessReport {
        who: &args.to,
        of: &of,
        access: &access,
        again: &again,
        stopped: stopped.as_deref(),
        refused: &failed,
    };
    let names = |ids: &[TicketId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut value = last.as_ref().map_or_else(|| json!({ "code": 0 }), as_json);
    letting.put(&mut value);
    value["passed"] = names(&passed).into();
    value["helps"] = names(&helps).into();
    value["completed"] = names(&completed).into();
    value["not_theirs"] = names(&not_theirs).into();
    value["left"] = left.as_deref().map_or(Value::Null, |left| names(left).into());
    value["whole"] = whole.into();
    outcome::ended(context, value, End { proven: unproven == 0, whole }, || {
        let mut lines = vec![match passed.len() {
            0 => format!("nothing had to be handed over to {}", args.to),
            many => format!("{} assigned to {}: {}", count(many, "ticket"), args.to, list(&passed)),
        }];
        if !helps.is_empty() {
            let many = count(helps.len(), "ticket");
            lines.push(format!("{} no longer helps with {many} of others: {}", args.from, list(&helps)));
        }
        if !completed.is_empty() {
            let many = count(completed.len(), "ticket");
            lines.push(format!(
                "{many} of {}, of which something was not opened yet: {}",
                args.to,
                list(&completed)
            ));
        }
        lines.push(letting.text());
        if !not_theirs.is_empty() {
            let many = count(not_theirs.len(), "ticket");
            lines.push(format!(
                "{many} left alone, which {} does not have in progress: {}",
                args.from,
                list(&not_theirs)
            ));
        }
        lines.push(still_there(&args.from, left.as_deref()));
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    })
}

/// What is with the former person still, as the ledger proves it.
fn still_there(from: &str, left: Option<&[TicketId]>) -> String {
    match left {
        Some([]) => String::new(),
        Some(left) => format!("{} still with {}: {}", count(left.len(), "ticket"), line(from), list(left)),
        None => format!("what {} still has could not be checked: see `sealdesk inbox`", line(from)),
    }
}
