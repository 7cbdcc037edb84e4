//! `sealdesk tx roles …`: one file a command.

mod assign_role;
mod renew_votes;
mod revoke_role;
mod set_account_state;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

/// What administrators can change about people.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make someone an administrator, a support agent or a listed customer
    AssignRole(assign_role::Args),
    /// Take a role away
    RevokeRole(revoke_role::Args),
    /// Cast your votes again that ended with a change of the administrators
    RenewVotes(renew_votes::Args),
    /// Suspend, restore or (for ever) terminate an account
    SetAccountState(set_account_state::Args),
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::AssignRole(args) => assign_role::run(context, args).await,
        Command::RevokeRole(args) => revoke_role::run(context, args).await,
        Command::RenewVotes(args) => renew_votes::run(context, args).await,
        Command::SetAccountState(args) => set_account_state::run(context, args).await,
    }
}

/// A contract knows administrators and staff; everyone else is a customer.
fn no_list_of_customers(context: &Context) -> Failure {
    let contract = context.contract().map(|contract| contract.to_string()).unwrap_or_default();
    Failure::usage(
        format!("{contract} keeps no list of customers"),
        "everyone who is not staff or an administrator is a customer",
    )
}
