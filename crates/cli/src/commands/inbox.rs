//! `sealdesk inbox --from NAME`.

use sealdesk_client::inbox::Inbox;
use sealdesk_protocol::json;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;
use serde_json::{Value, json};

use crate::commands::query::tickets_table;
use crate::commands::stacks;
use crate::context::Context;
use crate::failure::Failure;

/// Options of `inbox`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Each record is checked against the ledger's signature. Nothing is opened here, so no passphrase is asked for; \
    `sealdesk read TKT` opens a ticket."
)]
pub(crate) struct Args {}

pub(super) async fn run(context: &Context, Args {}: Args) -> Result<(), Failure> {
    if context.is_on_stacks() {
        return stacks::inbox(context).await;
    }
    let me = context.own_address()?;
    let inbox = context.desk().await?.inbox(&me).await?;
    let mut tickets: Vec<SupportTicket> = Vec::new();
    for (_, list) in lists(&inbox) {
        let new =
            list.iter().filter(|ticket| tickets.iter().all(|known| known.ticket_id != ticket.ticket_id));
        let new: Vec<SupportTicket> = new.cloned().collect();
        tickets.extend(new);
    }
    let value = json!({
        "role": inbox.role.map_or("customer", AssignableRole::name),
        "active": inbox.is_active,
        "tickets": shown(&tickets),
        "own": shown(&inbox.own),
        "assigned": shown(&inbox.assigned),
        "open": shown(&inbox.open),
        "in_work": shown(&inbox.in_work),
    });
    context.output().answer(&value, || as_text(context, &inbox))
}

fn lists(inbox: &Inbox) -> [(&'static str, &[SupportTicket]); 4] {
    [
        ("Nobody has these yet", &inbox.open),
        ("Assigned to you", &inbox.assigned),
        ("Assigned, to you or others", &inbox.in_work),
        ("Your own", &inbox.own),
    ]
}

fn shown(tickets: &[SupportTicket]) -> Vec<Value> {
    let views = tickets.iter().cloned().map(json::Ticket::from);
    views.map(|ticket| serde_json::to_value(ticket).unwrap_or_default()).collect()
}

fn as_text(context: &Context, inbox: &Inbox) -> String {
    let mut parts = Vec::new();
    if !inbox.is_active {
        parts.push("Your account is not active: you can read, and do nothing else.".to_owned());
    }
    for (title, tickets) in lists(inbox).into_iter().filter(|(_, tickets)| !tickets.is_empty()) {
        parts.push(format!("{title}\n{}", tickets_table(context, tickets)));
    }
    if parts.is_empty() {
        return "nothing waits for you".to_owned();
    }
    parts.join("\n\n")
}
