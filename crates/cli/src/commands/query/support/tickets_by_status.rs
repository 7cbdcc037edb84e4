//! `sealdesk query support tickets-by-status`.

use sealdesk_client::node::TicketsBy;
use sealdesk_protocol::ticket::Status;

use crate::commands::query::page::Paging;
use crate::context::Context;
use crate::failure::Failure;

/// Options of `tickets-by-status`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// open, assigned, in_progress, pending_customer, resolved or closed
    #[arg(value_name = "STATUS", value_parser = super::status)]
    status: Status,
    #[command(flatten)]
    paging: Paging,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    super::list(context, TicketsBy::Status(args.status), &args.paging).await
}
