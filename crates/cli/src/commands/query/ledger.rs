//! `sealdesk query ledger …`.

mod validators;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

/// What can be asked about the ledger itself.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The validators, and those that are proposed
    Validators(validators::Args),
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Validators(args) => validators::run(context, args).await,
    }
}
