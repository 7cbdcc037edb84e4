//! `sealdesk tx support take-ticket`.

use sealdesk_protocol::ids::TicketId;

use crate::args::Ledger;
use crate::commands::tx::{Memo, acting, done};
use crate::context::Context;
use crate::failure::Failure;
use crate::parse;

/// Options of `take-ticket`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Where the limit open_queue is true, what nobody is assigned is sealed for every agent whom an administrator appointed, and any of them can \
    take it. What was written before that, or while somebody else had the ticket, an administrator opens with grant-access. For example:\n  \
    sealdesk tx support take-ticket TKT-00000001 --from bob"
)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.ledger() == Ledger::Stacks {
        return Err(Failure::usage(
            "a contract has no queue that agents take from",
            "an administrator assigns it: `sealdesk tx support assign-ticket TKT NAME`",
        ));
    }
    let (desk, me) = acting(context, &args.memo).await?;
    let outcome = desk.take(&me, args.ticket).await?;
    done(context, &outcome, || format!("{} is yours", args.ticket))
}
