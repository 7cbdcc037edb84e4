//! `sealdesk tx support resolve-ticket`.

use sealdesk_protocol::ids::TicketId;

use super::step::{PublicText, Step};
use crate::commands::tx::Memo;
use crate::context::Context;
use crate::failure::Failure;
use crate::parse;

/// Options of `resolve-ticket`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
    /// How it was solved. PUBLIC: everyone can read it, for ever; at most 128 bytes
    #[arg(long, value_name = "TEXT")]
    resolution: Option<String>,
    #[command(flatten)]
    memo: Memo,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let step = Step::Resolve(PublicText { text: args.resolution, option: "--resolution" });
    step.take(context, args.ticket, &args.memo).await
}
