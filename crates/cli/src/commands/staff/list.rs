//! `sealdesk staff list`.

use sealdesk_client::roster::StaffMember;
use sealdesk_client::view::Idle;
use sealdesk_protocol::messages::AssignableRole;
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::Failure;
use crate::table::{self, count};

/// Options of `staff list`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Role, state, keys and tickets are proven; the list of agents is only the node's claim. People who left but still have keys or tickets come last. For example:\n  sealdesk staff list"
)]
pub(crate) struct Args {}

pub(super) async fn run(context: &Context, Args {}: Args) -> Result<(), Failure> {
    let desk = context.desk().await?;
    let roster = desk.roster().await?;
    let shown: Vec<Value> = roster.iter().map(as_json).collect();
    context.output().answer(&json!({ "staff": shown }), || {
        // Administrators first, and by name: the roster has them by address.
        let is_led = |member: &StaffMember| member.role != AssignableRole::Administrator;
        let mut rows: Vec<_> = roster.iter().map(|member| (is_led(member), row(context, member))).collect();
        rows.sort();
        let rows = rows.into_iter().map(|(_, row)| row).collect();
        table::rows(&["WHO", "ROLE", "TICKETS", "STATE"], rows)
    })
}

fn as_json(member: &StaffMember) -> Value {
    let StaffMember { address, role, standing, counts, appointed_by, tickets, is_former } = member;
    json!({
        "address": address.to_string(),
        "role": role.name(),
        "state": standing.member.state.name(),
        "active_keys": standing.active_keys,
        "counts": counts,
        "appointed_by": appointed_by,
        "tickets": tickets,
        "former": is_former,
    })
}

fn row(context: &Context, member: &StaffMember) -> Vec<String> {
    let mut role = member.role.name().replace('_', " ");
    if member.is_former {
        role.insert_str(0, "was ");
    }
    vec![context.named(member.address.as_str()), role, member.tickets.to_string(), state(context, member)]
}

/// Whether they can work, and else what is missing.
fn state(context: &Context, member: &StaffMember) -> String {
    if member.is_former {
        let who = context.name_of(member.address.as_str());
        let keys = count(member.standing.active_keys, "key");
        let to = if member.tickets > 0 { " --reassign-to NAME" } else { "" };
        return format!("left, with {keys} in use: `sealdesk staff remove {who}{to}` does the rest");
    }
    match (member.standing.idle(), member.counts) {
        (Some(Idle::Suspended), _) => "suspended".to_owned(),
        (Some(Idle::Terminated), _) => "terminated".to_owned(),
        (Some(Idle::NotStaff), _) => "no longer on the staff".to_owned(),
        (Some(Idle::NoKey), _) => "no key: nothing is sealed for them until they publish one".to_owned(),
        (None, false) => {
            let by = context.name_of(member.appointed_by.as_deref().unwrap_or_default());
            format!("appointed by {by}, who is not an administrator: appoint them again")
        }
        (None, true) => "works".to_owned(),
    }
}
