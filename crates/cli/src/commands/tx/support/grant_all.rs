//! `sealdesk tx support grant-all`.

use sealdesk_client::messages::GrantAllReport;
use sealdesk_client::stacks::Error;
use sealdesk_protocol::ids::TicketId;
use serde_json::json;

use crate::access_report::AccessReport;
use crate::acts::granted::Marked;
use crate::args::Ledger;
use crate::commands::tx::{Memo, acting, as_json};
use crate::context::Context;
use crate::contract_call::Acting;
use crate::failure::Failure;
use crate::outcome::{self, End};
use crate::parse::{self, Person};
use crate::table::count;

/// Options of `grant-all`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "For a new administrator. It can be stopped and run again: what they can already open is passed over."
)]
pub(crate) struct Args {
    /// An administrator
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
    /// Begin with this ticket, to continue where it was stopped
    #[arg(long, value_name = "TKT", value_parser = parse::ticket)]
    begin: Option<TicketId>,
    #[command(flatten)]
    marked: Marked,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match context.ledger() {
        Ledger::Native => args.memo.one_of_several(context, native(context, &args).await),
        Ledger::Stacks => on_stacks(context, &args).await,
    }
}

async fn native(context: &Context, args: &Args) -> Result<(), Failure> {
    let reader = context.address(&args.person)?;
    let (desk, me) = acting(context, &args.memo).await?;
    let desk = args.marked.ask(context, desk);
    let output = context.output();
    let report = desk
        .grant_all(&me, &reader, args.begin, &mut |progress| {
            if progress.granted > 0 || progress.done == progress.total {
                let (done, total) = (progress.done, progress.total);
                output.note(&format!("{}  {done} of {total} tickets", progress.ticket));
            }
        })
        .await?;
    // What lacks is counted again from what the ledger proves: it is newer than what was left out when the grants were made.
    let GrantAllReport {
        tickets,
        granted,
        unopened: _,
        refused,
        last,
        unproven,
        no_room: _,
        doubtful,
        access,
        only_own,
        stopped,
    } = report;
    context.say_left_out(&doubtful);
    let from = stopped.as_ref().map(|(ticket, _)| format!(" --begin {ticket}")).unwrap_or_default();
    let again = format!("sealdesk tx support grant-all {}{from}", args.person);
    let stopped = stopped.map(|(ticket, error)| format!("at {ticket}, {}", Failure::from(error)));
    let own = if only_own {
        " that you wrote, which are all that you can grant: you are not an administrator"
    } else {
        ""
    };
    let of = format!("{}{own}", count(access.tickets, "ticket"));
    let told = AccessReport {
        who: &args.person,
        of: &of,
        access: &access,
        again: &again,
        stopped: stopped.as_deref(),
        refused: &refused,
    };
    // One object as of every transaction: the last one's, and what all of them did.
    let mut value = last.as_ref().map_or_else(|| json!({ "code": 0 }), as_json);
    value["tickets"] = tickets.into();
    value["messages"] = granted.into();
    value["only_own"] = only_own.into();
    value["left_out"] = doubtful.len().into();
    told.put(&mut value);
    outcome::ended(context, value, End { proven: unproven == 0, whole: told.is_whole() }, || {
        let made = match granted {
            0 => "  nothing had to be granted".to_owned(),
            n => format!("  granted {}, of {}", count(n, "message"), count(tickets, "ticket")),
        };
        format!("{}\n{made}", told.text())
    })
}

/// One ticket after the other, with one sender, so that what may be paid is for all of it together.
async fn on_stacks(context: &Context, args: &Args) -> Result<(), Failure> {
    args.memo.refuse_on_stacks()?;
    let reader = context.principal(&args.person)?;
    let (output, mut messages, mut tickets) = (context.output(), 0, 0);
    let mut acting = Acting::new(context)?;
    acting
        .call(async |desk, sender| {
            let last = desk.ticket_count().await?;
            for number in args.begin.map_or(1, TicketId::number)..=last {
                let Some(ticket) = TicketId::new(number) else { continue };
                let granted = match desk.grant_access(sender, ticket, &reader).await {
                    // A node may be one block behind the one that counted.
                    Err(Error::NoSuchTicket(_)) => continue,
                    granted => granted?.granted,
                };
                if granted > 0 {
                    (messages, tickets) = (messages + granted, tickets + 1);
                    output.note(&format!("{ticket}  {number} of {last} tickets"));
                }
            }
            Ok(())
        })
        .await?;
    let value = json!({ "code": 0, "tickets": tickets, "messages": messages });
    output.done(&value, || said(&args.person, messages, tickets))
}

fn said(person: &str, messages: usize, tickets: usize) -> String {
    match messages {
        0 => format!("nothing had to be granted: {person} can already open everything that you can open"),
        n => format!("{person} can read {} now, of {}", count(n, "more message"), count(tickets, "ticket")),
    }
}
