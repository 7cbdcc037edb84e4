//! `sealdesk lock`.

use serde_json::json;

use crate::agent;
use crate::context::Context;
use crate::failure::Failure;

/// Options of `lock`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The agent of this home wipes what it holds and ends; from then on commands ask for the passphrase again.\n\n\
    Example:\n  sealdesk lock"
)]
pub(crate) struct Args {}

pub(super) fn run(context: &Context, Args {}: Args) -> Result<(), Failure> {
    let (output, keyring) = (context.output(), context.keyring()?);
    let home = context.shown(context.home());
    let was = agent::lock(&keyring, context.home())?;
    output.answer(&json!({ "locked": was.is_some() }), || match was {
        Some(_) => format!("The keys of {home} are locked"),
        None => format!("The keys of {home} were not unlocked"),
    })
}
