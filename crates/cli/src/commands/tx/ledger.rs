//! `sealdesk tx ledger …`: one file a command.

mod continue_ledger;
mod propose_validator;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

/// What administrators can change about the ledger itself.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Vote that this ledger continues the one from which it was made
    ContinueLedger(continue_ledger::Args),
    /// Vote for who makes blocks, and with which power (replicated engine only)
    ProposeValidator(propose_validator::Args),
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::ContinueLedger(args) => continue_ledger::run(context, args).await,
        Command::ProposeValidator(args) => propose_validator::run(context, args).await,
    }
}
