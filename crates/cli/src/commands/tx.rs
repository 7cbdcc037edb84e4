//! `sealdesk tx MODULE …`: what changes the ledger. Each command signs one transaction and waits until it is durable; or hands it out to be
//! signed and sent by `tx sign` and `tx broadcast`, or by other programs for Cosmos's ledgers.

mod broadcast;
mod ledger;
mod roles;
mod sign;
mod support;

use clap::Subcommand;

pub(crate) use crate::acting::{DeskOfNode, Memo, Reason, acting, acting_openly};
use crate::context::Context;
use crate::failure::Failure;
pub(crate) use crate::outcome::{as_json, done, done_with, of_vote, report};
use crate::tx_file;

/// The modules that can be asked to change something.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tickets and the desk's limits
    #[command(subcommand)]
    Support(support::Command),
    /// Roles and account states
    #[command(subcommand)]
    Roles(roles::Command),
    /// Who makes the ledger's blocks
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// Sign a transaction from a file, after showing what it does; needs no node with --offline
    Sign(sign::Args),
    /// Send a transaction from a file that was signed before
    Broadcast(broadcast::Args),
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    let done = match command {
        Command::Support(command) => support::run(context, command).await,
        Command::Roles(command) => roles::run(context, command).await,
        Command::Ledger(command) => ledger::run(context, command).await,
        Command::Sign(args) => sign::run(context, args).await,
        Command::Broadcast(args) => broadcast::run(context, args).await,
    };
    tx_file::handed_out(context, done)
}
