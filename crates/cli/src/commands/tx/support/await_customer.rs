//! `sealdesk tx support await-customer`.

use sealdesk_protocol::ids::TicketId;

use super::step::Step;
use crate::commands::tx::Memo;
use crate::context::Context;
use crate::failure::Failure;
use crate::parse;

/// Options of `await-customer`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    Step::AwaitCustomer.take(context, args.ticket, &args.memo).await
}
