//! Tickets and responses, and the counts that other records keep of them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::GenesisError;
use super::super::records::{self, AppState};
use super::attachments;
use super::payloads::{self, Record};
use super::{CheckedDocument, CheckedPayload, CheckedTicket, Place, SigningKeys};
use super::{imports, links, ratings, steps};
use crate::attachment::attachments_to_wire;
use crate::envelope::Kind;
use crate::ids::{Address, TicketId};
use crate::limits::{COLLABORATORS_MAX, DAY_SECONDS, TRANSFERS_PER_TICKET_MAX};
use crate::messages::resource_of;
use crate::text::check_public;
use crate::ticket::{Priority, Status, Ticket};
use crate::wire::sealdesk::ledger::v1::CustomerRecord;
use crate::wire::virtengine::support::v1 as support;

pub(super) fn tickets(
    state: &AppState,
    place: Place<'_>,
    keys: &SigningKeys,
) -> Result<Vec<CheckedTicket>, GenesisError> {
    let mut checked = Vec::with_capacity(state.tickets.len());
    for (i, record) in state.tickets.iter().enumerate() {
        let path = format!("app_state.tickets[{i}]");
        let number = u64::try_from(i).ok().and_then(|i| i.checked_add(1));
        let expected = number.and_then(TicketId::new);
        let id = expected.filter(|id| id.to_string() == record.ticket_id);
        let id = id.ok_or_else(|| GenesisError::at(&path, "ticket ids are not counted from TKT-00000001"))?;
        checked.push(ticket(record, id, &path, place, keys)?);
    }
    if u64::try_from(checked.len()).ok() != Some(state.ticket_count) {
        return Err(GenesisError::at("app_state.ticket_count", "is not the number of tickets"));
    }
    Ok(checked)
}

fn ticket(
    record: &records::Ticket,
    id: TicketId,
    path: &str,
    place: Place<'_>,
    keys: &SigningKeys,
) -> Result<CheckedTicket, GenesisError> {
    let customer = place.address(&format!("{path}.customer_address"), &record.customer_address)?;
    let customers = Customers { previous: previous_customers(record, &customer, path, place)?, customer };
    let imported = imports::imported(record, path, place)?;
    let author = imported.as_ref().map_or(customers.author(), |imported| &imported.by);
    let owner = Record { place: String::new(), kind: Kind::Ticket, sender: author };
    let payload = payloads::payload(&record.payload, owner, &format!("{path}.payload"), place, keys)?;
    let came = imported.as_ref().map_or(0, |imported| imported.responses);
    let responses = responses(record, Owner { id, customers: &customers, came }, path, place, keys)?;
    let ticket = Ticket { imported, ..fields(record, id, customers, path, place)? };
    let due_at = due(record, &ticket, path, place)?;
    Ok(CheckedTicket { ticket, due_at, payload, responses })
}

/// Whose a ticket is and was.
struct Customers {
    previous: Vec<Address>,
    customer: Address,
}

impl Customers {
    fn author(&self) -> &Address {
        self.previous.first().unwrap_or(&self.customer)
    }

    fn include(&self, address: &Address) -> bool {
        self.customer == *address || self.previous.contains(address)
    }
}

/// Each transfer is to another customer.
fn previous_customers(
    record: &records::Ticket,
    customer: &Address,
    path: &str,
    place: Place<'_>,
) -> Result<Vec<Address>, GenesisError> {
    let path = format!("{path}.previous_customers");
    if record.previous_customers.len() > TRANSFERS_PER_TICKET_MAX {
        return Err(GenesisError::at(path, "are more than a ticket may have"));
    }
    let read = |text: &String| place.address(&path, text);
    let previous = record.previous_customers.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let all: Vec<&Address> = previous.iter().chain([customer]).collect();
    if all.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(GenesisError::at(path, "name somebody twice in a row"));
    }
    Ok(previous)
}

fn fields(
    record: &records::Ticket,
    id: TicketId,
    customers: Customers,
    path: &str,
    place: Place<'_>,
) -> Result<Ticket, GenesisError> {
    let at = |field: &str, reason: &str| GenesisError::at(format!("{path}.{field}"), reason);
    let resource = record.resource_ref.as_ref().map(|resource| support::ResourceReference {
        r#type: resource.r#type.clone(),
        id: resource.id.clone(),
        owner: resource.owner.clone(),
    });
    let resource = resource.map(|resource| resource_of(resource, place.prefix)).transpose();
    check_public("resolution_ref", &record.resolution_ref)
        .map_err(|error| at("resolution_ref", &error.to_string()))?;
    let category = &record.category;
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    if category.is_empty()
        || category.len() > crate::limits::CATEGORY_BYTES_MAX
        || !category.bytes().all(plain)
    {
        return Err(at("category", "is not the name of a category"));
    }
    let ticket = Ticket {
        id,
        customer: customers.customer,
        previous_customers: customers.previous,
        provider: place.optional_address(&format!("{path}.provider_address"), &record.provider_address)?,
        resource: resource.map_err(|error| at("resource_ref", &error.to_string()))?,
        status: Status::parse(&record.status).ok_or_else(|| at("status", "is not a status"))?,
        priority: Priority::parse(&record.priority).ok_or_else(|| at("priority", "is not a priority"))?,
        category: category.clone(),
        assignee: place.optional_address(&format!("{path}.assigned_to"), &record.assigned_to)?,
        collaborators: collaborators(record, path, place)?,
        response_count: u32::try_from(record.responses.len()).map_err(|_| at("responses", "are too many"))?,
        created_at: record.created_at,
        updated_at: record.updated_at,
        resolved_at: (record.resolved_at != 0).then_some(record.resolved_at),
        closed_at: (record.closed_at != 0).then_some(record.closed_at),
        resolution_ref: record.resolution_ref.clone(),
        imported: None,
        links: links::links(record, id, path)?,
        ratings: ratings::ratings(record, path, place)?,
        steps: steps::steps(record, path)?,
        steps_dropped: record.steps_dropped,
        snoozed_until: (record.snoozed_until != 0).then_some(record.snoozed_until),
        payload_context: payloads::context(&record.payload.context, Kind::Ticket),
        attachments: attachments::checked(&record.attachments, path)?,
    };
    check_life(&ticket, path, place)?;
    Ok(ticket)
}

/// Those who work on a ticket beside its assignee, as the ledger keeps them.
fn collaborators(
    record: &records::Ticket,
    path: &str,
    place: Place<'_>,
) -> Result<Vec<Address>, GenesisError> {
    let path = format!("{path}.collaborators");
    if record.collaborators.len() > COLLABORATORS_MAX {
        return Err(GenesisError::at(path, "are more than a ticket may have"));
    }
    let read = |text: &String| place.address(&path, text);
    let found = record.collaborators.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    if !found.windows(2).all(|pair| pair[0] < pair[1]) {
        return Err(GenesisError::at(path, "do not ascend"));
    }
    let names = |text: &String| record.collaborators.contains(text);
    let is_alone = record.assigned_to.is_empty() && !found.is_empty();
    if is_alone || names(&record.assigned_to) || names(&record.customer_address) {
        return Err(GenesisError::at(path, "do not fit the assignee and the customer"));
    }
    Ok(found)
}

/// What a status says of the other fields.
fn check_life(ticket: &Ticket, path: &str, place: Place<'_>) -> Result<(), GenesisError> {
    let at = |field: &str, reason: &str| GenesisError::at(format!("{path}.{field}"), reason);
    place.past(&format!("{path}.updated_at"), ticket.updated_at)?;
    let times = [Some(ticket.created_at), ticket.resolved_at, ticket.closed_at, Some(ticket.updated_at)];
    if !times.into_iter().flatten().is_sorted() {
        return Err(at("updated_at", "times do not follow each other"));
    }
    let assigned = matches!(ticket.status, Status::Assigned | Status::InProgress | Status::PendingCustomer);
    if assigned && ticket.assignee.is_none() || ticket.status == Status::Open && ticket.assignee.is_some() {
        return Err(at("assigned_to", "does not fit the status"));
    }
    if ticket.assignee.as_ref() == Some(&ticket.customer) {
        return Err(at("assigned_to", "is the ticket's own customer"));
    }
    let resolved = ticket.resolved_at.is_some();
    if ticket.status == Status::Resolved && !resolved
        || resolved && !matches!(ticket.status, Status::Resolved | Status::Closed)
    {
        return Err(at("resolved_at", "does not fit the status"));
    }
    if (ticket.status == Status::Closed) != ticket.closed_at.is_some() {
        return Err(at("closed_at", "does not fit the status"));
    }
    if !resolved && !ticket.resolution_ref.is_empty() {
        return Err(at("resolution_ref", "stands only where resolved_at does"));
    }
    Ok(())
}

/// When the ledger does something by itself: it closes a resolved ticket, or one that was put aside comes back.
fn due(
    record: &records::Ticket,
    ticket: &Ticket,
    path: &str,
    place: Place<'_>,
) -> Result<Option<i64>, GenesisError> {
    match (ticket.status, ticket.snoozed_until) {
        (Status::Resolved | Status::Closed, Some(_)) => {
            let reason = "stands only where the ticket is neither resolved nor closed";
            Err(GenesisError::at(format!("{path}.snoozed_until"), reason))
        }
        (Status::Resolved | Status::Closed, None) => auto_close(record, ticket, path),
        (_, until) => come_back(record, until, path, place),
    }
}

/// A ticket that was put aside waits for its time, or is back: then the time has passed.
fn come_back(
    record: &records::Ticket,
    until: Option<i64>,
    path: &str,
    place: Place<'_>,
) -> Result<Option<i64>, GenesisError> {
    let waits = record.due_at != 0;
    let fits = match until {
        None => !waits,
        Some(until) if waits => until.checked_sub(1) == Some(record.due_at),
        Some(until) => until <= place.time,
    };
    if fits {
        return Ok(waits.then_some(record.due_at));
    }
    Err(GenesisError::at(format!("{path}.due_at"), "does not fit the status and snoozed_until"))
}

/// A resolved ticket closes a whole number of days after its resolution.
fn auto_close(record: &records::Ticket, ticket: &Ticket, path: &str) -> Result<Option<i64>, GenesisError> {
    let at = |reason: &str| GenesisError::at(format!("{path}.due_at"), reason);
    if (ticket.status == Status::Resolved) != (record.due_at != 0) {
        return Err(at("does not fit the status and snoozed_until"));
    }
    let Some(resolved_at) = ticket.resolved_at.filter(|_| record.due_at != 0) else { return Ok(None) };
    let after = record.due_at.saturating_sub(resolved_at);
    if after % DAY_SECONDS != 0 || !(1..=3_650).contains(&(after / DAY_SECONDS)) {
        return Err(at("is not 1 to 3,650 days after resolved_at"));
    }
    Ok(Some(record.due_at))
}

/// The ticket that responses belong to.
#[derive(Clone, Copy)]
struct Owner<'a> {
    id: TicketId,
    customers: &'a Customers,
    /// How many came with it: they were sealed before the ticket had its number.
    came: u32,
}

fn responses(
    record: &records::Ticket,
    Owner { id, customers, came }: Owner<'_>,
    path: &str,
    place: Place<'_>,
    keys: &SigningKeys,
) -> Result<Vec<(support::TicketResponse, CheckedPayload)>, GenesisError> {
    let mut checked = Vec::with_capacity(record.responses.len());
    let mut last = record.created_at;
    for (i, response) in record.responses.iter().enumerate() {
        let path = format!("{path}.responses[{i}]");
        let responder = place.address(&format!("{path}.responder_address"), &response.responder_address)?;
        // Only a customer writes as one; one of several may have been staff before they were that, or be staff since.
        let is_sole = customers.previous.is_empty() && responder == customers.customer;
        let fits = if response.is_agent { !is_sole } else { customers.include(&responder) };
        if !fits || response.internal && !response.is_agent || response.rating && response.is_agent {
            return Err(GenesisError::at(path, "is_agent and internal do not fit the responder"));
        }
        if response.created_at < last || response.created_at > record.updated_at {
            return Err(GenesisError::at(path, "created_at does not follow what was before"));
        }
        last = response.created_at;
        let kind = match (response.internal, response.rating) {
            (true, _) => Kind::Note,
            (false, true) => Kind::Rating,
            (false, false) => Kind::Response,
        };
        let response_index = u32::try_from(i).map_err(|_| GenesisError::at(&path, "are too many"))?;
        let where_sealed = if response_index < came { String::new() } else { id.to_string() };
        let owner = Record { place: where_sealed, kind, sender: &responder };
        let payload = payloads::payload(&response.payload, owner, &format!("{path}.payload"), place, keys)?;
        let wire = support::TicketResponse {
            ticket_id: id.to_string(),
            response_index,
            responder_address: responder.to_string(),
            is_agent: response.is_agent,
            encrypted_payload: None,
            created_at: response.created_at,
            internal: response.internal,
            payload_context: Some(payloads::context(&response.payload.context, kind)),
            grants: Vec::new(),
            attachments: attachments_to_wire(&attachments::checked(&response.attachments, &path)?),
            erased: None,
        };
        checked.push((wire, payload));
    }
    Ok(checked)
}

/// A message of a transaction made one record. Two that name one message are copies, which every reader would refuse.
pub(super) fn check_places(
    tickets: &[CheckedTicket],
    documents: &[CheckedDocument],
) -> Result<(), GenesisError> {
    let mut places = BTreeSet::new();
    let mut note = |sender: &str, context: &support::EnvelopeContext, path: String| {
        let fresh =
            places.insert((context.chain_id.clone(), sender.to_owned(), context.sequence, context.index));
        if fresh {
            Ok(())
        } else {
            Err(GenesisError::at(path, "names the same message as a record before it"))
        }
    };
    for (i, CheckedTicket { ticket, responses, .. }) in tickets.iter().enumerate() {
        let path = format!("app_state.tickets[{i}]");
        note(ticket.author().as_str(), &ticket.payload_context, format!("{path}.payload.context"))?;
        for (j, (response, _)) in responses.iter().enumerate() {
            let context = response.payload_context.clone().unwrap_or_default();
            note(&response.responder_address, &context, format!("{path}.responses[{j}].payload.context"))?;
        }
    }
    for (i, CheckedDocument { head, .. }) in documents.iter().enumerate() {
        let Some(context) = &head.payload_context else { continue };
        note(&head.updated_by, context, format!("app_state.documents[{i}].payload.context"))?;
    }
    Ok(())
}

/// The open count of a customer is the number of their tickets that are not closed.
pub(super) fn check_counts(
    state: &AppState,
    customers: &BTreeMap<Address, CustomerRecord>,
    tickets: &[CheckedTicket],
) -> Result<(), GenesisError> {
    let mut open: BTreeMap<&Address, u32> = customers.keys().map(|address| (address, 0)).collect();
    for (i, ticket) in tickets.iter().map(|checked| &checked.ticket).enumerate() {
        let Some(count) = open.get_mut(&ticket.customer) else {
            // To somebody who never had a ticket it may have been transferred when it was over, or be theirs by an import.
            if (ticket.is_transferred() || ticket.imported.is_some()) && ticket.status == Status::Closed {
                continue;
            }
            return Err(GenesisError::at(format!("app_state.tickets[{i}]"), "its customer has no record"));
        };
        if ticket.status != Status::Closed {
            *count = count.saturating_add(1);
        }
    }
    // Both ascend by address, so they go side by side.
    for (i, (record, found)) in state.customers.iter().zip(open.values()).enumerate() {
        if *found != record.open_tickets {
            let path = format!("app_state.customers[{i}].open_tickets");
            return Err(GenesisError::at(path, "is not the number of tickets that are not closed"));
        }
    }
    Ok(())
}
