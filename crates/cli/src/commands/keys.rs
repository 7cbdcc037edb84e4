//! `sealdesk keys …`: the keyring of this home, and the directory of public keys on the ledger.

mod add;
mod delete;
mod export;
mod import;
mod list;
mod passphrase;
mod register;
mod rename;
mod revoke;
mod show;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a new key and show its recovery phrase once
    Add(add::Args),
    /// Restore a key from its recovery phrase
    Import(import::Args),
    /// List the keys of this home
    List(list::Args),
    /// Show one key's address and public keys
    Show(show::Args),
    /// Show a key's recovery phrase
    Export(export::Args),
    /// Give a key of this home another name
    Rename(rename::Args),
    /// Change the passphrase of this home's keys
    Passphrase(passphrase::Args),
    /// Remove a key from this home
    Delete(delete::Args),
    /// Publish a key, so others can seal to it before its owner acts
    Register(register::Args),
    /// Revoke a key; what was sealed to it stays readable with it
    Revoke(revoke::Args),
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(args) => add::run(context, args),
        Command::Import(args) => import::run(context, args),
        Command::List(args) => list::run(context, args),
        Command::Show(args) => show::run(context, args),
        Command::Export(args) => export::run(context, args),
        Command::Rename(args) => rename::run(context, args),
        Command::Passphrase(args) => passphrase::run(context, args),
        Command::Delete(args) => delete::run(context, args),
        Command::Register(args) => register::run(context, args).await,
        Command::Revoke(args) => revoke::run(context, args).await,
    }
}
