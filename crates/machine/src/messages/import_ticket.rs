//! `MsgImportTicket`: an administrator tells the history of a ticket from another system. Limits and cooldowns do not count: it was not now
//! that anybody wrote it.

use std::collections::BTreeSet;

use sealdesk_protocol::codes::SupportError;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::import::Imported;
use sealdesk_protocol::messages::{GrantTarget, ImportTicket};
use sealdesk_protocol::ticket::{Status, Ticket, grants_hash};
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::create_ticket::{check_category, next_id};
use super::{actor, permit};
use crate::access::Act;
use crate::call::Call;
use crate::errors::{Fatal, Stop};
use crate::sealed::{self, Sealed, SealedHistory};
use crate::state::{ResponseEntry, TicketEntry, is_active};

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &ImportTicket,
) -> Result<wire::MsgImportTicketResponse, Stop> {
    permit(call, actor(call)?, Act::Import)?;
    let params = call.view.params()?;
    if !params.import_open {
        return Err(SupportError::ImportsClosed.into());
    }
    if let Some(ticket) = call.view.imported(&message.source)? {
        let (system, id) = (message.source.system().to_owned(), message.source.id().to_owned());
        return Err(SupportError::ImportKnown { system, id, ticket }.into());
    }
    check_category(&message.category, &params)?;
    check_customer(call, message)?;
    let history = sealed::judge_history(call, message, &params)?;

    let id = next_id(call)?;
    store(call, message, id, history)?;
    emit(call, message, id)?;
    Ok(wire::MsgImportTicketResponse { ticket_id: id.to_string() })
}

/// They need no key yet: many have never been here. Whoever is staff has no tickets of their own.
fn check_customer(call: &Call<'_, '_>, message: &ImportTicket) -> Result<(), Stop> {
    let member = call.view.member(&message.customer)?;
    let reason = match (member.is_active(), member.staff_role()) {
        (false, _) => Some("their account is not active"),
        (true, Some(_)) => Some("they are staff"),
        (true, None) => None,
    };
    let address = message.customer.clone();
    reason.map_or(Ok(()), |reason| Err(SupportError::CannotBeCustomer { address, reason }.into()))
}

/// Those of the customer's keys that the ticket's own envelope names.
fn customer_keys(call: &Call<'_, '_>, message: &ImportTicket, sealed: &Sealed) -> Result<Vec<String>, Fatal> {
    let named: BTreeSet<&str> =
        sealed.envelope.wrapped_keys.iter().map(|entry| entry.recipient_id.as_str()).collect();
    let keys = call.view.keys_in_use(&message.customer)?.into_iter();
    let named = keys.filter(|key| is_active(key) && named.contains(key.key_fingerprint.as_str()));
    Ok(named.map(|key| key.key_fingerprint).collect())
}

fn store(
    call: &mut Call<'_, '_>,
    message: &ImportTicket,
    id: TicketId,
    history: SealedHistory,
) -> Result<(), Fatal> {
    let now = call.block.time;
    let SealedHistory { ticket: first, responses } = history;
    let customer_keys = customer_keys(call, message, &first)?;
    let response_count = u32::try_from(responses.len()).unwrap_or(u32::MAX);
    let imported = Imported {
        source: message.source.clone(),
        by: message.sender.clone(),
        responses: response_count,
        customer_keys,
    };
    let status = if message.closed { Status::Closed } else { Status::Open };
    let ticket = Ticket {
        priority: message.priority,
        category: message.category.clone(),
        status,
        response_count,
        closed_at: message.closed.then_some(now),
        imported: Some(imported),
        ..Ticket::new(id, message.customer.clone(), now, first.context.clone())
    };
    let entry = TicketEntry { ticket, payload_digest: first.digests.envelope, grants_hash: grants_hash(&[]) };
    call.view.add_ticket(&entry)?;
    call.view.put_imported(&message.source, id);
    call.view.put_envelope(id, GrantTarget::Ticket, &first.envelope, &first.digests);
    for (index, (sealed, told)) in (0..).zip(responses.into_iter().zip(&message.responses)) {
        let response = wire::TicketResponse {
            ticket_id: id.to_string(),
            response_index: index,
            responder_address: message.sender.to_string(),
            is_agent: true,
            encrypted_payload: None,
            created_at: now,
            internal: told.internal,
            payload_context: Some(sealed.context),
            grants: Vec::new(),
            attachments: Vec::new(),
            erased: None,
        };
        let entry = ResponseEntry {
            response,
            payload_digest: sealed.digests.envelope,
            grants_hash: grants_hash(&[]),
        };
        call.view.add_response(id, &entry)?;
        call.view.put_envelope(id, GrantTarget::Response(index), &sealed.envelope, &sealed.digests);
    }
    Ok(())
}

fn emit(call: &mut Call<'_, '_>, message: &ImportTicket, id: TicketId) -> Result<(), Stop> {
    let event = wire::EventTicketImported {
        ticket_id: id.to_string(),
        customer: message.customer.to_string(),
        source: message.source.system().to_owned(),
        source_id: message.source.id().to_owned(),
        imported_by: message.sender.to_string(),
        category: message.category.clone(),
        priority: message.priority.name().to_owned(),
        status: if message.closed { "closed" } else { "open" }.to_owned(),
        responses: u32::try_from(message.responses.len()).unwrap_or(u32::MAX),
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::TicketImported(event));
    Ok(())
}
