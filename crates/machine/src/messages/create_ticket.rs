//! `MsgCreateTicket`: a customer writes a ticket.

use sealdesk_protocol::attachment::sizes_of;
use sealdesk_protocol::codes::SupportError;
use sealdesk_protocol::customer::{after_attaching, after_create, check_attachments, check_create};
use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::messages::{CreateTicket, GrantTarget};
use sealdesk_protocol::params::Params;
use sealdesk_protocol::ticket::{Ticket, grants_hash};
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::{actor, permit};
use crate::access::Act;
use crate::call::Call;
use crate::errors::{Fatal, Stop};
use crate::readers::Audience;
use crate::sealed::{self, Expected, Sealed};
use crate::state::TicketEntry;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &CreateTicket,
) -> Result<wire::MsgCreateTicketResponse, Stop> {
    permit(call, actor(call)?, Act::Create)?;
    let params = call.view.params()?;
    check_category(&message.category, &params)?;
    let customer = call.view.customer(&message.customer)?;
    check_create(&customer, &params, call.block.time)?;
    check_attachments(Some(&customer), &sizes_of(&message.attachments), &params, call.block.time)?;
    let audience = Audience {
        customer: &message.customer,
        previous_customers: &[],
        provider: message.provider.as_ref(),
        assignee: None,
        collaborators: &[],
        internal: false,
        grants: &[],
        imported: None,
    };
    let expected = Expected { ticket: None, kind: Kind::Ticket, audience };
    let sealed = sealed::judge(call, &message.envelope, &params, &expected)?;

    let id = next_id(call)?;
    let customer = after_create(&customer, call.block.time);
    let customer = after_attaching(&customer, &message.attachments, call.block.time);
    call.view.put_customer(&message.customer, &customer);
    store(call, message, id, sealed)?;
    emit(call, message, id)?;
    Ok(wire::MsgCreateTicketResponse { ticket_id: id.to_string() })
}

pub(super) fn check_category(category: &str, params: &Params) -> Result<(), SupportError> {
    if params.allowed_categories.iter().any(|allowed| allowed == category) {
        return Ok(());
    }
    let shown = category.chars().take(40).flat_map(char::escape_debug).collect();
    Err(SupportError::InvalidCategory(shown))
}

pub(super) fn next_id(call: &mut Call<'_, '_>) -> Result<TicketId, Stop> {
    let count = call.view.ticket_count()?.checked_add(1);
    let id = count.and_then(TicketId::new);
    let id = id.ok_or_else(|| Fatal::Broken("ticket numbers fit 64 bits".to_owned()))?;
    if call.view.ticket(id)?.is_some() {
        return Err(SupportError::TicketExists(id).into());
    }
    call.view.put_ticket_count(id.number());
    Ok(id)
}

fn store(call: &mut Call<'_, '_>, message: &CreateTicket, id: TicketId, sealed: Sealed) -> Result<(), Fatal> {
    let ticket = Ticket {
        provider: message.provider.clone(),
        resource: message.resource.clone(),
        priority: message.priority,
        category: message.category.clone(),
        attachments: message.attachments.clone(),
        ..Ticket::new(id, message.customer.clone(), call.block.time, sealed.context)
    };
    let payload_digest = sealed.digests.envelope;
    let entry = TicketEntry { ticket, payload_digest, grants_hash: grants_hash(&[]) };
    call.view.add_ticket(&entry)?;
    call.view.put_envelope(id, GrantTarget::Ticket, &sealed.envelope, &sealed.digests);
    Ok(())
}

fn emit(call: &mut Call<'_, '_>, message: &CreateTicket, id: TicketId) -> Result<(), Stop> {
    let provider = message.provider.as_ref().map(ToString::to_string);
    let event = wire::EventTicketCreated {
        ticket_id: id.to_string(),
        customer: message.customer.to_string(),
        provider: provider.unwrap_or_default(),
        category: message.category.clone(),
        priority: message.priority.name().to_owned(),
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::TicketCreated(event));
    Ok(())
}
