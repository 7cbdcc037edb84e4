//! `sealdesk query encryption …`.

mod keys;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

/// What can be asked about the directory of keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The public keys of an account
    Keys(keys::Args),
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Keys(args) => keys::run(context, args).await,
    }
}
