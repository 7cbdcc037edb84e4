//! `sealdesk invite list`.

use sealdesk_node::admission::invitations::{Invitation, Invitations};
use sealdesk_protocol::json;
use sealdesk_protocol::text;
use serde_json::json;

use super::{failed, now};
use crate::context::Context;
use crate::failure::Failure;

/// Options of `invite list`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(super) fn run(context: &Context, invitations: &Invitations, Args {}: Args) -> Result<(), Failure> {
    let mut listed = Vec::new();
    for invitation in invitations.list().map_err(|error| failed(&error))? {
        match invitation {
            Ok(invitation) => listed.push(invitation),
            // One that cannot be read hides no other.
            Err(error) => context.output().note(&format!("note: {error}")),
        }
    }
    let now = now();
    let values: Vec<_> = listed
        .iter()
        .map(|invitation| {
            json!({
                "id": invitation.id,
                "label": invitation.label,
                "made": json::time(invitation.made),
                "expires": json::time(invitation.expires),
                "uses": invitation.uses,
                "accounts": invitation.accounts,
                "state": state(invitation, now),
            })
        })
        .collect();
    context.output().answer(&values, || {
        if listed.is_empty() {
            return "No invitations. `sealdesk invite add` makes one.".to_owned();
        }
        let line = |invitation: &Invitation| {
            let Invitation { id, label, expires, uses, accounts, made: _ } = invitation;
            let (used, until) = (accounts.len(), context.zone().alone(*expires));
            let label = if label.is_empty() { String::new() } else { format!("  {}", text::line(label)) };
            format!("{id}  {used} of {uses} used  {:8}  until {until}{label}", state(invitation, now))
        };
        listed.iter().map(line).collect::<Vec<_>>().join("\n")
    })
}

/// What can become of an invitation by now.
fn state(invitation: &Invitation, now: i64) -> &'static str {
    let used = u32::try_from(invitation.accounts.len()).unwrap_or(u32::MAX);
    match () {
        () if now > invitation.expires => "expired",
        () if used >= invitation.uses => "used up",
        () => "open",
    }
}
