//! `sealdesk tx support close-ticket`.

use sealdesk_protocol::ids::TicketId;

use crate::commands::tx::words;

use crate::commands::tx::{Memo, acting, done};
use crate::context::Context;
use crate::error::Failure;

/// Options of `close-ticket`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = words::ticket)]
    ticket: TicketId,
    /// Why. PUBLIC: everyone can read it, for ever; at most 128 bytes
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let (desk, me) = acting(context, &args.memo).await?;
    let outcome = desk.close(&me, args.ticket, &args.reason).await?;
    done(context, &outcome, || format!("{} is closed", args.ticket))
}
