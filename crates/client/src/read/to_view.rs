//! The native ledger's records and events, as a person sees them.

use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::json;
use sealdesk_protocol::ticket::{Priority, Status};
use sealdesk_protocol::wire::sealdesk::ledger::v1::EventCircleVote;
use sealdesk_protocol::wire::virtengine::support::v1::{
    EventTicketEscalated, EventTicketPriorityChanged, SupportTicket,
};

use crate::verify::VerifyError;
use crate::view::{Change, GrantedTo, KeyName, Record, Ticket, Time, Validator};

impl TryFrom<SupportTicket> for Ticket {
    type Error = VerifyError;

    /// Refuses a record with an id, a status or a priority that no ledger writes.
    fn try_from(wire: SupportTicket) -> Result<Self, VerifyError> {
        let form = |why: &str| VerifyError::Form { what: "a ticket".to_owned(), why: why.to_owned() };
        let time = |seconds: i64| (seconds != 0).then_some(Time::Unix(seconds));
        Ok(Self {
            id: TicketId::parse(&wire.ticket_id).map_err(|error| form(&error.to_string()))?,
            status: Status::from_wire(wire.status).ok_or_else(|| form("it has no known status"))?,
            priority: Priority::from_wire(wire.priority).ok_or_else(|| form("it has no known priority"))?,
            category: wire.category.clone(),
            customer: wire.customer_address.clone(),
            assigned_to: Some(wire.assigned_to.clone()).filter(|agent| !agent.is_empty()),
            answers: wire.response_count.into(),
            created_at: Time::Unix(wire.created_at),
            updated_at: Time::Unix(wire.updated_at),
            resolved_at: time(wire.resolved_at),
            closed_at: time(wire.closed_at),
            snoozed_until: time(wire.snoozed_until),
            record: Record::Native(Box::new(wire)),
        })
    }
}

/// An event's fields by the ledger's own names, for programs.
pub(crate) fn fields(event: &Event) -> serde_json::Map<String, serde_json::Value> {
    match json::event(event) {
        serde_json::Value::Object(fields) => fields,
        _ => serde_json::Map::new(),
    }
}

fn key(fingerprint: String, version: Option<u32>) -> KeyName {
    KeyName { fingerprint: Some(fingerprint), version: version.map(u64::from) }
}

fn validator(key: String, moniker: String) -> Validator {
    Validator { key, moniker }
}

fn prioritized(e: EventTicketEscalated) -> Change {
    let (from, to) = (e.previous_priority, e.new_priority);
    Change::Prioritized { by: e.escalated_by, from, to, reason: e.reason }
}

fn reprioritized(e: EventTicketPriorityChanged) -> Change {
    let (from, to) = (e.previous_priority, e.priority);
    Change::Prioritized { by: e.changed_by, from, to, reason: e.reason }
}

fn voted(e: EventCircleVote) -> Change {
    let removes = e.change == "remove";
    Change::CircleVote { by: e.voted_by, of: e.address, removes, votes: e.votes, members: e.members }
}

/// What an event changed.
pub(crate) fn change(event: Event) -> Change {
    match event {
        Event::TicketCreated(e) => {
            Change::Created { by: e.customer, category: e.category, priority: e.priority }
        }
        Event::TicketAssigned(e) => {
            Change::Assigned { by: e.assigned_by, to: e.assigned_to, with: e.collaborators }
        }
        Event::TicketResponded(e) if e.internal => Change::Noted { by: e.responder },
        Event::TicketResponded(e) => Change::Answered { by: e.responder },
        Event::TicketStatusChanged(e) => {
            let by = Some(e.changed_by).filter(|by| !by.is_empty());
            Change::Moved { by, from: e.previous_status, to: e.status }
        }
        Event::TicketEscalated(e) => prioritized(e),
        Event::TicketPriorityChanged(e) => reprioritized(e),
        Event::TicketResolved(e) => Change::Resolved { by: e.resolved_by, resolution: e.resolution },
        Event::TicketClosed(e) => {
            Change::Closed { by: Some(e.closed_by).filter(|by| by != "auto"), reason: e.reason }
        }
        Event::TicketReopened(e) => Change::Reopened { by: e.reopened_by, reason: e.reason },
        Event::AccessGranted(e) => {
            let to = GrantedTo { index: e.target.checked_sub(1), key: e.recipient_id };
            Change::Granted { by: e.granted_by, to: Some(to) }
        }
        Event::DocumentChanged(e) => {
            let owner = Some(e.owner).filter(|owner| !owner.is_empty());
            Change::Document { by: e.changed_by, shelf: e.shelf, owner, name: e.name, removed: e.removed }
        }
        Event::TicketTransferred(e) => {
            let (from, to) = (e.previous_customer, e.new_customer);
            Change::Transferred { by: e.transferred_by, from, to, reason: e.reason }
        }
        Event::TicketRated(e) => Change::Rated { by: e.customer, score: e.score, comment: e.comment },
        Event::TicketLinked(e) => {
            Change::Linked { by: e.linked_by, kind: e.kind, other: e.other, removed: e.removed }
        }
        Event::TicketSnoozed(e) => {
            Change::Snoozed { by: e.snoozed_by, until: (e.until != 0).then_some(Time::Unix(e.until)) }
        }
        Event::TicketDue(_) => Change::CameBack,
        Event::TicketImported(e) => {
            Change::Imported { by: e.imported_by, customer: e.customer, source: e.source, id: e.source_id }
        }
        Event::ParamsUpdated(e) => Change::Limits { by: e.authority },
        Event::RecipientKeyRegistered(e) => {
            Change::KeyPublished { of: e.address, key: key(e.key_fingerprint, Some(e.key_version)) }
        }
        Event::RecipientKeyRevoked(e) => {
            Change::KeyRevoked { of: e.address, key: key(e.key_fingerprint, None) }
        }
        Event::RoleAssigned(e) => Change::RoleGiven { by: e.assigned_by, to: e.address, role: e.role },
        Event::RoleRevoked(e) => Change::RoleTaken { by: e.revoked_by, from: e.address, role: e.role },
        Event::AccountStateChanged(e) => {
            let (from, to) = (e.previous_state, e.state);
            Change::AccountState { by: e.changed_by, of: e.address, from, to, reason: e.reason }
        }
        Event::ValidatorProposed(e) => {
            let validator = validator(e.pub_key, e.moniker);
            Change::ValidatorProposed { by: e.proposed_by, validator, power: e.power }
        }
        Event::ValidatorChanged(e) => {
            let validator = validator(e.pub_key, e.moniker);
            Change::ValidatorChanged { validator, power: e.power, before: e.previous_power }
        }
        Event::CircleVote(e) => voted(e),
        Event::ContinueVote(e) => Change::ContinueVote { by: e.voted_by, votes: e.votes, members: e.members },
    }
}
