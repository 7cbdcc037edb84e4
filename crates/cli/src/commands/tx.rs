//! `sealdesk tx MODULE …`: what changes the ledger. Each command signs one transaction and waits until it is durable.

mod ledger;
mod roles;
mod support;

use clap::Subcommand;
use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use tonic::transport::Channel;

use crate::context::Context;
use crate::failure::Failure;
pub(crate) use crate::outcome::{as_json, done, done_with, of_vote, told};

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
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Support(command) => support::run(context, command).await,
        Command::Roles(command) => roles::run(context, command).await,
        Command::Ledger(command) => ledger::run(context, command).await,
    }
}

/// What every transaction may carry.
#[derive(Debug, clap::Args)]
pub(crate) struct Memo {
    /// A note in the transaction. PUBLIC: everyone can read it, for ever; at most 256 bytes
    #[arg(
        long,
        value_name = "TEXT",
        allow_hyphen_values = true,
        default_value = "",
        hide_default_value = true
    )]
    memo: String,
}

impl Memo {
    /// A call of a contract has no room for a note.
    pub(crate) fn refuse_on_stacks(&self) -> Result<(), Failure> {
        match self.memo.as_str() {
            "" => Ok(()),
            _ => Err(Failure::usage("a call of a contract carries no note", "leave --memo out")),
        }
    }
}

/// The desk, and the unlocked key of `--from`.
pub(crate) async fn acting(context: &Context, memo: &Memo) -> Result<(Desk<Channel>, Actor), Failure> {
    let me = context.actor()?;
    let desk = context.desk().await?.with_memo(&memo.memo);
    context.agree(&desk)?;
    Ok((desk, me))
}
