//! `sealdesk query MODULE …`: what anyone may ask. Nothing here is decrypted; `sealdesk read` does that.

mod encryption;
mod ledger;
mod page;
mod roles;
mod support;
mod tx;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

/// The modules that can be asked.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tickets, responses and limits
    #[command(subcommand)]
    Support(support::Command),
    /// People: roles and account states
    #[command(subcommand)]
    Roles(roles::Command),
    /// The directory of public keys
    #[command(subcommand)]
    Encryption(encryption::Command),
    /// The validators, which make the ledger's blocks
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// What became of a transaction
    Tx(tx::Args),
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Support(command) => support::run(context, command).await,
        Command::Roles(command) => roles::run(context, command).await,
        Command::Encryption(command) => encryption::run(context, command).await,
        Command::Ledger(command) => ledger::run(context, command).await,
        Command::Tx(args) => tx::run(context, args).await,
    }
}
