//! `sealdesk staff …`: who works here, one file a command.

mod add;
mod keeping;
mod list;
mod remove;

use clap::Subcommand;
use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use sealdesk_protocol::messages::AssignableRole;
use tonic::transport::Channel;

use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;

/// Who comes, who is there, who leaves.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add someone to the staff: appoints them, names them, and gives them access
    Add(add::Args),
    /// List the staff
    List(list::Args),
    /// Remove someone from the staff: their role, then their keys, and their tickets if you say who gets them
    Remove(remove::Args),
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    if context.ledger() == Ledger::Stacks {
        return Err(Failure::usage(
            "this is for a ledger of one's own: a contract keeps a list of staff alone",
            "`sealdesk tx roles assign-role` and `revoke-role` change that list",
        ));
    }
    match command {
        Command::Add(args) => add::run(context, args).await,
        Command::List(args) => list::run(context, args).await,
        Command::Remove(args) => remove::run(context, args).await,
    }
}

/// The desk, and the unlocked key of `--from`.
async fn acting(context: &Context) -> Result<(Desk<Channel>, Actor), Failure> {
    let me = context.actor()?;
    let desk = context.desk().await?;
    context.agree(&desk)?;
    Ok((desk, me))
}

/// A role of the staff as it stands in a sentence: `a support agent`.
fn in_words(role: AssignableRole) -> &'static str {
    match role {
        AssignableRole::Administrator => "an administrator",
        AssignableRole::SupportAgent => "a support agent",
        AssignableRole::Customer => "a customer",
        AssignableRole::Gateway => "a gateway",
    }
}
