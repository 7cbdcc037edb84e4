//! `sealdesk documents example NAME`.

use clap::builder::PossibleValuesParser;
use sealdesk_client::sla;
use sealdesk_protocol::document::SERVICE_DOCUMENTS;

use crate::context::Context;
use crate::failure::Failure;

/// Options of `documents example`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Service levels are counted by these two documents. Write the example into a file, change it, and publish it:\n\n  \
    sealdesk documents example office-hours > office-hours.json\n  \
    sealdesk documents put public office-hours --file office-hours.json --from admin"
)]
pub(crate) struct Args {
    /// Of which document
    #[arg(value_name = "NAME", value_parser = PossibleValuesParser::new(SERVICE_DOCUMENTS))]
    name: String,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    // As it is, whatever --output says: it is for a file.
    context.output().bytes(sla::example(&args.name).unwrap_or_default().as_bytes())
}
