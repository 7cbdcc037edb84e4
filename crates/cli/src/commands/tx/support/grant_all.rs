//! `sealdesk tx support grant-all`.

use sealdesk_protocol::ids::TicketId;
use serde_json::json;

use crate::commands::stacks;
use crate::commands::tx::{Memo, acting, as_json};
use crate::context::Context;
use crate::failure::Failure;
use crate::parse;
use crate::table::{self, count};

/// Options of `grant-all`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "For a new administrator. It can be stopped and run again: what he can open already is passed over."
)]
pub(crate) struct Args {
    /// An administrator
    #[arg(value_name = "ADDR|NAME")]
    person: String,
    /// Begin with this ticket, to go on where it was stopped
    #[arg(long, value_name = "TKT", value_parser = parse::ticket)]
    begin: Option<TicketId>,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.is_on_stacks() {
        args.memo.refuse_on_stacks()?;
        return stacks::grant_all(context, &args.person, args.begin).await;
    }
    let reader = context.address(&args.person)?;
    let (desk, me) = acting(context, &args.memo).await?;
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
    output.answer(&value, || {
        let mut text = match report.granted {
            0 => format!("{} can open already whatever you can", args.person),
            messages => {
                let messages = count(messages, "more message");
                format!("{} can read {messages} now, of {}", args.person, count(report.tickets, "ticket"))
            }
        };
        if !unopened.is_empty() {
            text.push_str(&format!("\nnot all of these could be opened by you: {}", unopened.join(", ")));
        }
        for (ticket, why) in &report.refused {
            text.push_str(&format!("\nrefused for {ticket}: {}", table::safe(why)));
        }
        text
    })
}
