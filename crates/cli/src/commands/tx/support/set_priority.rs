//! `sealdesk tx support set-priority`.

use sealdesk_client::stacks::contract_priority;
use sealdesk_client::stacks::wire::contract::Request;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::ticket::Priority;

use crate::acts::{Asked, Explaining};
use crate::args::Ledger;
use crate::commands::tx::{Memo, Reason, acting_openly, done};
use crate::context::Context;
use crate::contract_call;
use crate::failure::Failure;
use crate::parse;

/// Options of `set-priority`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// low, normal, high or urgent
    #[arg(value_name = "PRIORITY", value_parser = parse::priority)]
    priority: Priority,
    #[command(flatten)]
    why: Reason,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let (ticket, priority) = (args.ticket, args.priority);
    let said = format!("{ticket} now has priority {priority}");
    match context.ledger() {
        Ledger::Native => {
            let (desk, me) = acting_openly(context, &args.memo).await?;
            match desk.set_priority(me.author(), ticket, priority, &args.why.reason).await {
                Ok(outcome) => done(context, &outcome, || said),
                Err(error) => {
                    let explaining = Explaining::new(context, &desk, me.author().address(desk.prefix()));
                    Err(explaining.refusal(Asked::SetPriority, ticket, error.into()).await)
                }
            }
        }
        Ledger::Stacks => {
            args.memo.refuse_on_stacks()?;
            let reason = Some(args.why.reason.as_str()).filter(|reason| !reason.is_empty());
            parse::no_public_text(reason, "--reason")?;
            let priority = contract_priority(priority);
            let request = Request::SetTicketPriority { ticket: ticket.number(), priority };
            contract_call::one(context, request, &said).await
        }
    }
}
