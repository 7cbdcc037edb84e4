//! `sealdesk tx support grant-all`.

use sealdesk_client::stacks::Error;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::text;
use serde_json::json;

use super::granted::Marked;
use crate::args::Ledger;
use crate::commands::tx::{Memo, acting, as_json, told};
use crate::context::Context;
use crate::contract_call::Acting;
use crate::failure::Failure;
use crate::parse::{self, Person};
use crate::table::count;

/// Options of `grant-all`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "For a new administrator. It can be stopped and run again: what they can open already is passed over."
)]
pub(crate) struct Args {
    /// An administrator
    #[arg(value_name = "ADDR|NAME")]
    person: Person,
    /// Begin with this ticket, to go on where it was stopped
    #[arg(long, value_name = "TKT", value_parser = parse::ticket)]
    begin: Option<TicketId>,
    #[command(flatten)]
    marked: Marked,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match context.ledger() {
        Ledger::Native => native(context, &args).await,
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
    let refused: Vec<_> = report
        .refused
        .iter()
        .map(|(ticket, why)| json!({ "ticket_id": ticket.to_string(), "message": why }))
        .collect();
    let unopened: Vec<String> = report.unopened.iter().map(ToString::to_string).collect();
    // One object as of every transaction: the last one's, and what all of them did.
    let mut value = report.last.as_ref().map_or_else(|| json!({ "code": 0 }), as_json);
    value["tickets"] = report.tickets.into();
    value["messages"] = report.granted.into();
    value["unopened"] = unopened.clone().into();
    value["refused"] = refused.into();
    value["left_out"] = report.doubtful.len().into();
    context.say_left_out(&report.doubtful);
    told(context, value, report.unproven == 0, || {
        let mut text = said(&args.person, report.granted, report.tickets);
        if !report.doubtful.is_empty() {
            text.push_str(&format!("\nleft out: {}", count(report.doubtful.len(), "marked message")));
        }
        if !unopened.is_empty() {
            text.push_str(&format!("\nnot all of these could be opened by you: {}", unopened.join(", ")));
        }
        for (ticket, why) in &report.refused {
            text.push_str(&format!("\nrefused for {ticket}: {}", text::line(why)));
        }
        text
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
        0 => format!("{person} can open already whatever you can"),
        n => format!("{person} can read {} now, of {}", count(n, "more message"), count(tickets, "ticket")),
    }
}
