//! Tickets and events of a contract, as this program shows them. Times are heights of burn blocks: about 144 a day.

use sealdesk_client::stacks::Happened;
use sealdesk_client::stacks::wire::contract::{
    Happening, PersonChange, Priority as Urgency, Status as Stand, Ticket,
};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::ticket::{Priority, Status};
use serde_json::{Value, json};

use crate::context::Context;
use crate::table::{self, safe};

/// Priorities of both ledgers.
pub(super) const PRIORITIES: [(Priority, Urgency); 4] = [
    (Priority::Low, Urgency::Low),
    (Priority::Normal, Urgency::Normal),
    (Priority::High, Urgency::High),
    (Priority::Urgent, Urgency::Urgent),
];

/// A priority by its name.
pub(super) fn priority(urgency: Urgency) -> &'static str {
    PRIORITIES.iter().find(|(_, known)| *known == urgency).map_or("", |(priority, _)| priority.name())
}

/// A status as the native ledger calls it.
pub(super) fn status(stand: Stand) -> Status {
    match stand {
        Stand::Open => Status::Open,
        Stand::Assigned => Status::Assigned,
        Stand::InProgress => Status::InProgress,
        Stand::PendingCustomer => Status::PendingCustomer,
        Stand::Resolved => Status::Resolved,
        Stand::Closed => Status::Closed,
    }
}

/// A ticket as one object, its fields named as those of the native ledger.
pub(super) fn ticket_json(id: TicketId, ticket: &Ticket) -> Value {
    json!({
        "ticket_id": id.to_string(),
        "customer_address": ticket.owner.to_string(),
        "assigned_to": ticket.assignee.as_ref().map(ToString::to_string).unwrap_or_default(),
        "category": ticket.category,
        "priority": priority(ticket.priority),
        "status": status(ticket.status).name(),
        "response_count": ticket.comment_count,
        "payload_hash": hex::encode(ticket.payload_hash),
        "created_at_burn_block": ticket.created_at,
        "updated_at_burn_block": ticket.updated_at,
        "resolved_at_burn_block": ticket.resolved_at,
        "closed_at_burn_block": ticket.closed_at,
    })
}

/// Tickets, one a line.
pub(super) fn tickets_table(context: &Context, tickets: &[(TicketId, Ticket)]) -> String {
    if tickets.is_empty() {
        return "no tickets".to_owned();
    }
    let row = |(id, ticket): &(TicketId, Ticket)| {
        vec![
            id.to_string(),
            status(ticket.status).name().to_owned(),
            priority(ticket.priority).to_owned(),
            safe(&ticket.category),
            context.name_of(&ticket.owner.to_string()),
            ticket.assignee.as_ref().map(|agent| context.name_of(&agent.to_string())).unwrap_or_default(),
            ticket.comment_count.to_string(),
            format!("block {}", ticket.updated_at),
        ]
    };
    let head = ["TICKET", "STATUS", "PRIORITY", "CATEGORY", "CUSTOMER", "ASSIGNED TO", "ANSWERS", "CHANGED"];
    table::rows(&head, tickets.iter().map(row).collect())
}

/// An event's name and fields, as one object.
pub(super) fn event_json(happened: &Happened) -> Value {
    let mut value = match &happened.event.what {
        Happening::TicketCreated { owner, category, priority: urgency, .. } => {
            json!({ "type": "ticket-created", "owner": owner.to_string(), "category": category, "priority": priority(*urgency) })
        }
        Happening::TicketCommented { index, author, is_staff, internal, .. } => {
            json!({ "type": "ticket-commented", "index": index, "author": author.to_string(), "is_staff": is_staff, "internal": internal })
        }
        Happening::TicketAssigned { assignee, by, .. } => {
            json!({ "type": "ticket-assigned", "assignee": assignee.to_string(), "by": by.to_string() })
        }
        Happening::StatusChanged { from, to, by, .. } => {
            json!({ "type": "ticket-status-changed", "from": status(*from).name(), "to": status(*to).name(), "by": by.to_string() })
        }
        Happening::PriorityChanged { from, to, by, .. } => {
            json!({ "type": "ticket-priority-changed", "from": priority(*from), "to": priority(*to), "by": by.to_string() })
        }
        Happening::AccessGranted { by, .. } => json!({ "type": "access-granted", "by": by.to_string() }),
        Happening::KeyRegistered { address, version, .. } => {
            json!({ "type": "key-registered", "address": address.to_string(), "version": version })
        }
        Happening::KeyRevoked { address, version } => {
            json!({ "type": "key-revoked", "address": address.to_string(), "version": version })
        }
        Happening::Person { change, address, by } => {
            json!({ "type": change.name(), "address": address.to_string(), "by": by.to_string() })
        }
    };
    if let Some(ticket) = happened.ticket() {
        value["ticket_id"] = ticket.to_string().into();
    }
    value["burn_block"] = happened.event.at.into();
    value["txhash"] = happened.txid.to_string().into();
    value["cursor"] = happened.cursor().into();
    value
}

/// An event in one line.
pub(super) fn event_words(context: &Context, happened: &Happened) -> String {
    let who = |principal: &dyn ToString| context.name_of(&principal.to_string());
    match &happened.event.what {
        Happening::TicketCreated { owner, category, priority: urgency, .. } => {
            format!("{} wrote it: {}, {}", who(owner), safe(category), priority(*urgency))
        }
        Happening::TicketCommented { author, internal: true, .. } => format!("{} left a note", who(author)),
        Happening::TicketCommented { author, .. } => format!("{} answered", who(author)),
        Happening::TicketAssigned { assignee, by, .. } => {
            format!("{} assigned it to {}", who(by), who(assignee))
        }
        Happening::StatusChanged { from, to, by, .. } => {
            format!("{} moved it from {} to {}", who(by), status(*from).name(), status(*to).name())
        }
        Happening::PriorityChanged { from, to, by, .. } => {
            format!("{} made it {} instead of {}", who(by), priority(*to), priority(*from))
        }
        Happening::AccessGranted { by, .. } => format!("{} let somebody in", who(by)),
        Happening::KeyRegistered { address, version, .. } => {
            format!("{} published key {version}", who(address))
        }
        Happening::KeyRevoked { address, version } => format!("{} revoked key {version}", who(address)),
        Happening::Person { change, address, by } => {
            let what = match change {
                PersonChange::StaffAdded => "became staff",
                PersonChange::StaffRemoved => "is staff no more",
                PersonChange::AdministratorAdded => "became administrator",
                PersonChange::AdministratorRemoved => "is administrator no more",
                PersonChange::OwnerProposed => "was proposed as owner",
                PersonChange::OwnerChanged => "became owner",
            };
            format!("{} {what}, by {}", who(address), who(by))
        }
    }
}
