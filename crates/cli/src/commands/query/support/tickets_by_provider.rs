//! `sealdesk query support tickets-by-provider`.

use sealdesk_client::node::TicketsBy;
use sealdesk_protocol::ticket::Status;

use crate::commands::query::page::Paging;
use crate::context::Context;
use crate::failure::Failure;

/// Options of `tickets-by-provider`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Whose tickets
    #[arg(value_name = "ADDR|NAME")]
    person: String,
    /// Only those of this status
    #[arg(long, value_name = "STATUS", value_parser = super::status)]
    status: Option<Status>,
    #[command(flatten)]
    paging: Paging,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    super::list(context, TicketsBy::Provider(args.person, args.status), &args.paging).await
}
