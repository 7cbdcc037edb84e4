//! `sealdesk tx support merge-tickets`.

use sealdesk_protocol::ids::TicketId;

use crate::args::Ledger;
use crate::commands::tx::{Memo, Reason, acting_openly, done};
use crate::context::Context;
use crate::failure::Failure;
use crate::parse;

/// Options of `merge-tickets`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "In one transaction, which both tickets show. The text of the closed one stays there, for its own readers."
)]
pub(crate) struct Args {
    /// The ticket that is closed
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// The ticket that it is merged into
    #[arg(value_name = "INTO", value_parser = parse::ticket)]
    into: TicketId,
    #[command(flatten)]
    why: Reason,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Args { ticket, into, why: Reason { reason }, memo } = args;
    if context.ledger() == Ledger::Stacks {
        return Err(Failure::usage("a contract cannot link tickets", "close it with `sealdesk close TKT`"));
    }
    let (desk, me) = acting_openly(context, &memo).await?;
    let outcome = desk.merge(me.author(), ticket, into, &reason).await?;
    done(context, &outcome, || format!("{ticket} is a duplicate of {into}, and closed"))
}
