//! Of what a person is told: that a ticket was given to them, and that somebody else answered on their ticket. Of nothing else, and never
//! of what they did themselves.

use prost::Name as _;
use sealdesk_machine::{Machine, QueryError};
use sealdesk_protocol::events::Event;
use sealdesk_protocol::wire::sealdesk::ledger::v1::LedgerEvent;
use sealdesk_protocol::wire::virtengine::support::v1::{
    EventTicketAssigned, EventTicketResponded, QueryTicketRequest,
};
use sealdesk_store::Snapshot;

/// Somebody who is to be told, and the ticket that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) account: String,
    pub(super) ticket: String,
}

/// The events that are looked at.
pub(super) fn types() -> Vec<String> {
    vec![EventTicketAssigned::full_name(), EventTicketResponded::full_name()]
}

/// Who is told of an event. Notes among staff are told to nobody.
///
/// # Errors
/// [`QueryError`] where the state cannot be read.
pub(super) fn recipients(
    machine: &Machine,
    snapshot: &Snapshot,
    event: &LedgerEvent,
) -> Result<Option<Told>, QueryError> {
    let (ticket, by, account) = match Event::decode(&event.r#type, &event.value) {
        Ok(Event::TicketAssigned(event)) => (event.ticket_id, event.assigned_by, event.assigned_to),
        Ok(Event::TicketResponded(event)) if !event.internal => {
            let request = QueryTicketRequest { ticket_id: event.ticket_id.clone() };
            let ticket = match machine.ticket(snapshot, &request) {
                Ok(found) => found.ticket.unwrap_or_default(),
                Err(QueryError::NotFound(_)) => return Ok(None),
                Err(error) => return Err(error),
            };
            let is_customers = event.responder == ticket.customer_address;
            let account = if is_customers { ticket.assigned_to } else { ticket.customer_address };
            (event.ticket_id, event.responder, account)
        }
        _ => return Ok(None),
    };
    Ok((account != by && !account.is_empty()).then_some(Told { account, ticket }))
}
