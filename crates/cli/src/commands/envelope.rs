//! `sealdesk envelope …`: for whoever writes another implementation of the sealed envelope.

mod check;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

/// What can be done with envelopes.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a file of known answers or of attacks
    Check(check::Args),
}

pub(super) fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Check(args) => check::run(context, args),
    }
}
