//! `sealdesk tx support start-work`.

use sealdesk_protocol::ids::TicketId;

use crate::commands::tx::words;

use crate::commands::tx::{Memo, acting, done};
use crate::context::Context;
use crate::error::Failure;

/// Options of `start-work`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = words::ticket)]
    ticket: TicketId,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let (desk, me) = acting(context, &args.memo).await?;
    let outcome = desk.start_work(&me, args.ticket).await?;
    done(context, &outcome, || format!("work on {} has begun", args.ticket))
}
