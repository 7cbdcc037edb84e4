//! `sealdesk query support open-tickets`.

use sealdesk_client::node::TicketsBy;
use sealdesk_protocol::ticket::Priority;

use crate::commands::query::page::Paging;
use crate::context::Context;
use crate::failure::Failure;
use crate::parse;

/// Options of `open-tickets`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only those of this priority: low, normal, high or urgent
    #[arg(long, value_name = "PRIORITY", value_parser = parse::priority)]
    priority: Option<Priority>,
    #[command(flatten)]
    paging: Paging,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    super::list(context, TicketsBy::Open(args.priority), &args.paging).await
}
