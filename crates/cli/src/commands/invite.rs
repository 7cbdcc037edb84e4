//! `sealdesk invite …`: the invitations of the node in this home, for accounts that the ledger has never seen.

mod add;
mod list;
mod revoke;

use clap::Subcommand;
use sealdesk_node::admission::invitations::{InvitationError, Invitations};
use sealdesk_node::home::{Home, HomeError};

use crate::context::Context;
use crate::failure::Failure;

/// What can be done with invitations.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an invitation and show its code once
    Add(add::Args),
    /// List the invitations of this home
    List(list::Args),
    /// Take an invitation back
    Revoke(revoke::Args),
}

pub(super) fn run(context: &Context, command: Command) -> Result<(), Failure> {
    let home = Home::new(context.home());
    if !home.is_initialised() {
        return Err(HomeError::Missing(context.home().to_owned()).into());
    }
    let invitations = Invitations::of(home.path());
    match command {
        Command::Add(args) => add::run(context, &invitations, &args),
        Command::List(args) => list::run(context, &invitations, args),
        Command::Revoke(args) => revoke::run(context, &invitations, &args),
    }
}

/// Why an invitation could not be made, listed or revoked.
fn failed(error: &InvitationError) -> Failure {
    let hint = match error {
        InvitationError::Unknown => "`sealdesk invite list` shows their names",
        InvitationError::OutOfRange { .. } => {
            "`sealdesk invite add --help` says what fits; `sealdesk invite revoke` makes room"
        }
        InvitationError::Damaged(_) => "`sealdesk invite revoke NAME` removes it",
        InvitationError::Io { .. } => "run it as the user whom the home belongs to",
        InvitationError::Expired | InvitationError::UsedUp | InvitationError::Randomness(_) => {
            return Failure::new(error.to_string());
        }
    };
    Failure::hinted(error.to_string(), hint)
}

/// The present, in Unix seconds.
fn now() -> i64 {
    use sealdesk_node::clock::{Clock as _, SystemClock};
    SystemClock::default().now() / 1_000
}
