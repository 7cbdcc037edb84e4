//! `MsgRespondToTicket`: a response, or a note that the customer cannot open.

use sealdesk_protocol::attachment::{Attachment, attachments_to_wire, sizes_of};
use sealdesk_protocol::customer::{after_attaching, check_attachments, check_response};
use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::messages::{GrantTarget, RespondToTicket};
use sealdesk_protocol::ticket::{Action, Status, Ticket, grants_hash, transition};
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::{emit_status_change, existing, permit};
use crate::access::{Act, actor_on_ticket};
use crate::call::Call;
use crate::errors::{Fatal, Stop};
use crate::readers::Audience;
use crate::sealed::{self, Expected, Sealed};
use crate::state::{ResponseEntry, TicketEntry};

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &RespondToTicket,
) -> Result<wire::MsgRespondToTicketResponse, Stop> {
    let old = existing(call, message.ticket)?;
    let ticket = &old.ticket;
    let actor = actor_on_ticket(&call.view, &message.responder, ticket)?;
    let by_customer = actor.is_ticket_customer();
    let action = match (message.internal, by_customer) {
        (true, _) => Action::Note,
        (false, true) => Action::RespondAsCustomer,
        (false, false) => Action::RespondAsStaff,
    };
    permit(call, actor, Act::On(action))?;
    let status = status_after(ticket, action)?;
    let params = call.view.params()?;
    check_response(ticket.response_count, by_customer, &params)?;
    let limited = by_customer.then(|| call.view.customer(&message.responder)).transpose()?;
    check_attachments(limited.as_ref(), &sizes_of(&message.attachments), &params, call.block.time)?;
    let grants = call.view.grants(message.ticket, GrantTarget::Ticket)?;
    let audience = Audience { internal: message.internal, grants: &grants, ..Audience::of(ticket) };
    let kind = if message.internal { Kind::Note } else { Kind::Response };
    let expected = Expected { ticket: Some(ticket.id), kind, audience };
    let sealed = sealed::judge(call, &message.envelope, &params, &expected)?;

    let response_index = ticket.response_count;
    if let Some(customer) = limited.filter(|_| !message.attachments.is_empty()) {
        let customer = after_attaching(&customer, &message.attachments, call.block.time);
        call.view.put_customer(&message.responder, &customer);
    }
    let (responder, internal) = (&message.responder, message.internal);
    let attachments = &message.attachments;
    store(call, &old, sealed, &Written { responder, is_agent: !by_customer, internal, attachments })?;
    update(call, &old, status, message.internal)?;
    emit(call, message, &old, status)?;
    Ok(wire::MsgRespondToTicketResponse { response_index })
}

/// A customer's answer to a resolution goes back to the assignee, or to all staff where the ticket has none.
fn status_after(ticket: &Ticket, action: Action) -> Result<Status, Stop> {
    let status = transition(ticket.id, ticket.status, action)?;
    let unassigned = ticket.status == Status::Resolved && ticket.assignee.is_none();
    if unassigned && action == Action::RespondAsCustomer { Ok(Status::Open) } else { Ok(status) }
}

/// Who wrote a response, as what, and with which files.
pub(super) struct Written<'a> {
    pub(super) responder: &'a Address,
    pub(super) is_agent: bool,
    pub(super) internal: bool,
    pub(super) attachments: &'a [Attachment],
}

/// Keeps a sealed text as the ticket's next response.
pub(super) fn store(
    call: &mut Call<'_, '_>,
    old: &TicketEntry,
    sealed: Sealed,
    written: &Written<'_>,
) -> Result<(), Fatal> {
    let (id, index) = (old.ticket.id, old.ticket.response_count);
    let response = wire::TicketResponse {
        ticket_id: id.to_string(),
        response_index: index,
        responder_address: written.responder.to_string(),
        is_agent: written.is_agent,
        encrypted_payload: None,
        created_at: call.block.time,
        internal: written.internal,
        payload_context: Some(sealed.context),
        grants: Vec::new(),
        attachments: attachments_to_wire(written.attachments),
        erased: None,
    };
    let payload_digest = sealed.digests.envelope;
    let entry = ResponseEntry { response, payload_digest, grants_hash: grants_hash(&[]) };
    call.view.add_response(id, &entry)?;
    call.view.put_envelope(id, GrantTarget::Response(index), &sealed.envelope, &sealed.digests);
    Ok(())
}

/// The ticket with one response more, no longer resolved where the customer has answered, and no longer put aside but for a note.
fn update(call: &mut Call<'_, '_>, old: &TicketEntry, status: Status, internal: bool) -> Result<(), Fatal> {
    let resumed = old.ticket.status == Status::Resolved && status != Status::Resolved;
    call.change_ticket(old, |entry| {
        if resumed {
            entry.ticket.resolved_at = None;
            entry.ticket.resolution_ref = String::new();
        }
        if !internal {
            entry.ticket.snoozed_until = None;
        }
        entry.ticket.status = status;
        entry.ticket.response_count = old.ticket.response_count.saturating_add(1);
    })
}

fn emit(
    call: &mut Call<'_, '_>,
    message: &RespondToTicket,
    old: &TicketEntry,
    status: Status,
) -> Result<(), Stop> {
    let event = wire::EventTicketResponded {
        ticket_id: old.ticket.id.to_string(),
        responder: message.responder.to_string(),
        response_index: old.ticket.response_count,
        internal: message.internal,
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::TicketResponded(event));
    if status == old.ticket.status {
        return Ok(());
    }
    emit_status_change(call, old.ticket.id, old.ticket.status, status)
}
