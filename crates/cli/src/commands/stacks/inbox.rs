//! `sealdesk inbox`, of a contract.

use sealdesk_client::stacks::Inbox;
use sealdesk_client::stacks::wire::contract::Ticket;
use sealdesk_protocol::ids::TicketId;
use serde_json::{Value, json};

use super::{desk, own_principal, shown};
use crate::context::Context;
use crate::failure::Failure;
use crate::table::count;

pub(crate) async fn run(context: &Context) -> Result<(), Failure> {
    let me = own_principal(context)?;
    let inbox = desk(context)?.inbox(&me).await?;
    let list = |tickets: &[(TicketId, Ticket)]| -> Vec<Value> {
        tickets.iter().map(|(id, ticket)| shown::ticket_json(*id, ticket)).collect()
    };
    let value = json!({
        "role": inbox.role.name(),
        "own": list(&inbox.own),
        "assigned": list(&inbox.assigned),
        "open": list(&inbox.open),
        "in_work": list(&inbox.in_work),
        "older_not_looked_at": inbox.unseen,
    });
    context.output().answer(&value, || as_text(context, &inbox))
}

fn as_text(context: &Context, inbox: &Inbox) -> String {
    let lists = [
        ("Nobody has these yet", &inbox.open),
        ("Assigned to you", &inbox.assigned),
        ("Assigned to others", &inbox.in_work),
        ("Your own", &inbox.own),
    ];
    let mut parts: Vec<String> = lists
        .into_iter()
        .filter(|(_, tickets)| !tickets.is_empty())
        .map(|(title, tickets)| format!("{title}\n{}", shown::tickets_table(context, tickets)))
        .collect();
    if parts.is_empty() {
        parts.push("nothing waits for you".to_owned());
    }
    if inbox.unseen > 0 {
        parts.push(format!("{} were not looked at", count(inbox.unseen, "older ticket")));
    }
    parts.join("\n\n")
}
