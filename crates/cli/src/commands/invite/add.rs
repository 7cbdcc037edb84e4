//! `sealdesk invite add`.

use sealdesk_node::admission::invitations::{Invitations, NewInvitation};
use sealdesk_node::home::Home;
use sealdesk_protocol::json;
use serde_json::json;

use super::{asks_for_invitations, failed, now};
use crate::context::Context;
use crate::failure::Failure;

/// Options of `invite add`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Anyone with the code can open as many accounts as it says: give it to one person, in a letter or by telephone. It is shown \
    once and kept nowhere; only its hash is. The customer shows it with --invitation-file, or types it when asked."
)]
pub(crate) struct Args {
    /// How many accounts it lets in, from 1 to 1000
    #[arg(long, value_name = "N", default_value_t = 1)]
    uses: u32,
    /// Days for which it is valid, from 1 to 365
    #[arg(long, value_name = "N", default_value_t = 14)]
    days: u32,
    /// For whom it is, for your own list; at most 128 bytes, and kept in this home alone
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        allow_hyphen_values = true,
        hide_default_value = true
    )]
    label: String,
}

pub(super) fn run(context: &Context, invitations: &Invitations, args: &Args) -> Result<(), Failure> {
    let new = NewInvitation { label: args.label.clone(), uses: args.uses, days: args.days };
    let (made, code) = invitations.make(&new, now()).map_err(|error| failed(&error))?;
    if !asks_for_invitations(context, &Home::new(context.home()))? {
        context.output().note(
            "note: config.toml of this home does not ask for invitations: its node does only with --admission-invitations",
        );
    }
    let code = code.reveal();
    let value = json!({
        "id": made.id,
        "code": code.as_str(),
        "label": made.label,
        "uses": made.uses,
        "expires": json::time(made.expires),
    });
    context.output().done(&value, || {
        let accounts = if made.uses == 1 { "account" } else { "accounts" };
        format!(
            "Invitation {}: lets in {} new {accounts} until {}. Its code, shown this once:\n  {}",
            made.id,
            made.uses,
            context.zone().alone(made.expires),
            code.as_str()
        )
    })
}
