//! `sealdesk tx support start-work`.

use sealdesk_protocol::ids::TicketId;

use super::step::Step;
use crate::commands::tx::Memo;
use crate::context::Context;
use crate::failure::Failure;
use crate::parse;

/// Options of `start-work`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    Step::StartWork.take(context, args.ticket, &args.memo).await
}
