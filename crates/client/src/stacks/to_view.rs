//! A contract's tickets and events, as a person sees them.

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::ticket::{Priority, Status};
use sealdesk_stacks::contract::{
    Happening, PersonChange, Priority as ContractPriority, Status as ContractStatus, Ticket as ContractTicket,
};
use serde_json::{Value, json};

use super::events::ContractEvent;
use crate::view::{Change, HistoryEvent, KeyName, Record, Ticket, Time};

/// Priorities of both ledgers.
const PRIORITIES: [(Priority, ContractPriority); 4] = [
    (Priority::Low, ContractPriority::Low),
    (Priority::Normal, ContractPriority::Normal),
    (Priority::High, ContractPriority::High),
    (Priority::Urgent, ContractPriority::Urgent),
];

/// A priority as the contract counts it.
pub fn contract_priority(priority: Priority) -> ContractPriority {
    let found = PRIORITIES.into_iter().find(|(known, _)| *known == priority);
    found.map_or(ContractPriority::Normal, |(_, priority)| priority)
}

fn priority(of_contract: ContractPriority) -> Priority {
    let found = PRIORITIES.into_iter().find(|(_, known)| *known == of_contract);
    found.map_or(Priority::Normal, |(priority, _)| priority)
}

fn status(of_contract: ContractStatus) -> Status {
    match of_contract {
        ContractStatus::Open => Status::Open,
        ContractStatus::Assigned => Status::Assigned,
        ContractStatus::InProgress => Status::InProgress,
        ContractStatus::PendingCustomer => Status::PendingCustomer,
        ContractStatus::Resolved => Status::Resolved,
        ContractStatus::Closed => Status::Closed,
    }
}

/// A ticket of the contract.
pub(super) fn ticket(id: TicketId, ticket: ContractTicket) -> Ticket {
    Ticket {
        id,
        status: status(ticket.status),
        priority: priority(ticket.priority),
        category: ticket.category,
        customer: ticket.owner.to_string(),
        assigned_to: ticket.assignee.map(|agent| agent.to_string()),
        answers: ticket.comment_count,
        created_at: Time::BurnBlock(ticket.created_at),
        updated_at: Time::BurnBlock(ticket.updated_at),
        resolved_at: ticket.resolved_at.map(Time::BurnBlock),
        closed_at: ticket.closed_at.map(Time::BurnBlock),
        snoozed_until: None,
        record: Record::Contract(ticket.payload_hash),
    }
}

/// An event of the contract.
pub(super) fn event(event: &ContractEvent) -> HistoryEvent {
    let (name, mut value) = fields(&event.event.what);
    let ticket = event.ticket();
    if let Some(ticket) = ticket {
        value["ticket_id"] = ticket.to_string().into();
    }
    value["type"] = name.into();
    value["burn_block"] = event.event.at.into();
    HistoryEvent {
        name: name.to_owned(),
        at: Time::BurnBlock(event.event.at),
        height: None,
        txhash: Some(event.txid.to_string()),
        cursor: Some(event.cursor()),
        ticket,
        change: change(&event.event.what),
        fields: value.as_object().cloned().unwrap_or_default(),
    }
}

/// An event's name, and its own fields.
fn fields(what: &Happening) -> (&'static str, Value) {
    match what {
        Happening::TicketCreated { owner, category, priority: urgency, .. } => {
            let priority = priority(*urgency).name();
            let fields = json!({ "owner": owner.to_string(), "category": category, "priority": priority });
            ("ticket-created", fields)
        }
        Happening::TicketCommented { index, author, is_staff, internal, .. } => {
            let author = author.to_string();
            let fields =
                json!({ "index": index, "author": author, "is_staff": is_staff, "internal": internal });
            ("ticket-commented", fields)
        }
        Happening::TicketAssigned { assignee, by, .. } => {
            ("ticket-assigned", json!({ "assignee": assignee.to_string(), "by": by.to_string() }))
        }
        Happening::StatusChanged { from, to, by, .. } => {
            let (from, to) = (status(*from).name(), status(*to).name());
            ("ticket-status-changed", json!({ "from": from, "to": to, "by": by.to_string() }))
        }
        Happening::PriorityChanged { from, to, by, .. } => {
            let (from, to) = (priority(*from).name(), priority(*to).name());
            ("ticket-priority-changed", json!({ "from": from, "to": to, "by": by.to_string() }))
        }
        Happening::AccessGranted { by, .. } => ("access-granted", json!({ "by": by.to_string() })),
        Happening::KeyRegistered { address, version, .. } => {
            ("key-registered", json!({ "address": address.to_string(), "version": version }))
        }
        Happening::KeyRevoked { address, version } => {
            ("key-revoked", json!({ "address": address.to_string(), "version": version }))
        }
        Happening::Person { change, address, by } => {
            (change.name(), json!({ "address": address.to_string(), "by": by.to_string() }))
        }
    }
}

fn change(what: &Happening) -> Change {
    match what {
        Happening::TicketCreated { owner, category, priority: urgency, .. } => Change::Created {
            by: owner.to_string(),
            category: category.clone(),
            priority: priority(*urgency).name().to_owned(),
        },
        Happening::TicketCommented { author, internal: true, .. } => Change::Noted { by: author.to_string() },
        Happening::TicketCommented { author, .. } => Change::Answered { by: author.to_string() },
        Happening::TicketAssigned { assignee, by, .. } => {
            Change::Assigned { by: by.to_string(), to: assignee.to_string(), with: Vec::new() }
        }
        Happening::StatusChanged { from, to, by, .. } => Change::Moved {
            by: Some(by.to_string()),
            from: status(*from).name().to_owned(),
            to: status(*to).name().to_owned(),
        },
        Happening::PriorityChanged { from, to, by, .. } => Change::Prioritized {
            by: by.to_string(),
            from: priority(*from).name().to_owned(),
            to: priority(*to).name().to_owned(),
            reason: String::new(),
        },
        Happening::AccessGranted { by, .. } => Change::Granted { by: by.to_string(), to: None },
        Happening::KeyRegistered { address, version, .. } => {
            Change::KeyPublished { of: address.to_string(), key: key(*version) }
        }
        Happening::KeyRevoked { address, version } => {
            Change::KeyRevoked { of: address.to_string(), key: key(*version) }
        }
        Happening::Person { change, address, by } => person(*change, address.to_string(), by.to_string()),
    }
}

fn key(version: u64) -> KeyName {
    KeyName { fingerprint: None, version: Some(version) }
}

fn person(change: PersonChange, who: String, by: String) -> Change {
    let (staff, administrator) = (AssignableRole::SupportAgent, AssignableRole::Administrator);
    match change {
        PersonChange::StaffAdded => Change::RoleGiven { by, to: who, role: staff.name().to_owned() },
        PersonChange::StaffRemoved => Change::RoleTaken { by, from: who, role: staff.name().to_owned() },
        PersonChange::AdministratorAdded => {
            Change::RoleGiven { by, to: who, role: administrator.name().to_owned() }
        }
        PersonChange::AdministratorRemoved => {
            Change::RoleTaken { by, from: who, role: administrator.name().to_owned() }
        }
        PersonChange::OwnerProposed => Change::OwnerProposed { by, to: who },
        PersonChange::OwnerChanged => Change::OwnerChanged { by, to: who },
    }
}
