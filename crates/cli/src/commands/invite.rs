//! `sealdesk invite`: the line with which somebody finds this desk. `sealdesk invite …`: the codes of the node in this home, which let in
//! accounts that the ledger has never seen.

mod add;
mod line;
mod list;
mod revoke;

use clap::Subcommand;
use sealdesk_node::admission::invitations::{InvitationError, Invitations};
use sealdesk_node::home::Home;

use crate::context::Context;
use crate::failure::Failure;

/// Options of `invite`.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Without a command it prints one line for one person: where the node is, which ledger it must be, and a fresh code where the desk asks \
        for one. They type `sealdesk connect -` and paste it. Send it in a way in which nobody can put another in its place, or read the words aloud to each other; anyone with a code can use it first.\n\n\
        Example: sealdesk invite --for carol"
)]
pub(crate) struct Args {
    #[command(flatten)]
    line: line::LineArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What can be done with codes.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a code and show it once
    Add(add::Args),
    /// List the codes of this home by their names
    List(list::Args),
    /// Revoke a code
    Revoke(revoke::Args),
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Some(command) = args.command else { return line::run(context, &args.line).await };
    let home = Home::new(context.home());
    home.expect_begun()?;
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

/// Whether a home's node asks new accounts for an invitation: by config.toml, or as the node that runs was started.
fn asks_for_invitations(context: &Context, home: &Home) -> Result<bool, Failure> {
    Ok(home.config()?.admission.invitations || context.settings().running_asks_for_invitations())
}

/// The present, in Unix seconds.
fn now() -> i64 {
    use sealdesk_node::clock::{Clock as _, SystemClock};
    SystemClock::default().now() / 1_000
}
