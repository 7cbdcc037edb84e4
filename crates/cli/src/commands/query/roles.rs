//! `sealdesk query roles …`.

mod account;
mod members;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

/// What can be asked about people.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// An account's role and state
    Account(account::Args),
    /// Everyone who has a role
    #[command(visible_alias = "role-members")]
    Members(members::Args),
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Account(args) => account::run(context, args).await,
        Command::Members(args) => members::run(context, args).await,
    }
}
