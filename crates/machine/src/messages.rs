//! What each message does: one file each, named as in `protocol::messages`. The order of judging inside a message is
//! docs/spec/desk.md's: the ticket exists → permission → the ticket's state → limits → envelope.

mod assign_role;
mod assign_ticket;
mod close_ticket;
mod continue_ledger;
mod create_ticket;
mod grant_access;
mod import_ticket;
mod link_tickets;
mod propose_validator;
mod put_document;
mod rate_ticket;
mod register_key;
mod reopen_ticket;
mod resolve_ticket;
mod respond_to_ticket;
mod revoke_key;
mod revoke_role;
mod set_account_state;
mod snooze_ticket;
mod transfer_ticket;
mod update_params;
mod update_ticket_priority;
mod update_ticket_status;

use prost::Name;
use prost_types::Any;
use sealdesk_protocol::codes::{Refusal, RolesError, SupportError};
use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::messages::{Message, to_any};
use sealdesk_protocol::ticket::{Action, Status, Ticket, transition};
use sealdesk_protocol::wire::virtengine::support::v1::EventTicketStatusChanged;

use crate::access::{Act, Actor, actor_on_ticket, may};
use crate::call::Call;
use crate::errors::{Fatal, Stop};
use crate::state::TicketEntry;

pub(crate) use grant_access::foresee as foresee_grants;

/// Runs one message and returns its response for `TxMsgData`.
pub(crate) fn run(call: &mut Call<'_, '_>, message: &Message) -> Result<Any, Stop> {
    match message {
        Message::CreateTicket(message) => create_ticket::run(call, message).map(done),
        Message::AssignTicket(message) => assign_ticket::run(call, message).map(done),
        Message::RespondToTicket(message) => respond_to_ticket::run(call, message).map(done),
        Message::UpdateTicketStatus(message) => update_ticket_status::run(call, message).map(done),
        Message::UpdateTicketPriority(message) => update_ticket_priority::run(call, message).map(done),
        Message::ResolveTicket(message) => resolve_ticket::run(call, message).map(done),
        Message::CloseTicket(message) => close_ticket::run(call, message).map(done),
        Message::ReopenTicket(message) => reopen_ticket::run(call, message).map(done),
        Message::TransferTicket(message) => transfer_ticket::run(call, message).map(done),
        Message::RateTicket(message) => rate_ticket::run(call, message).map(done),
        Message::LinkTickets(message) => link_tickets::run(call, message).map(done),
        Message::SnoozeTicket(message) => snooze_ticket::run(call, message).map(done),
        Message::ImportTicket(message) => import_ticket::run(call, message).map(done),
        Message::GrantAccess(message) => grant_access::run(call, message).map(done),
        Message::UpdateParams(message) => update_params::run(call, message).map(done),
        Message::PutDocument(message) => put_document::run(call, message).map(done),
        Message::RegisterKey(message) => register_key::run(call, message).map(done),
        Message::RevokeKey(message) => revoke_key::run(call, message).map(done),
        Message::AssignRole(message) => assign_role::run(call, message).map(done),
        Message::RevokeRole(message) => revoke_role::run(call, message).map(done),
        Message::SetAccountState(message) => set_account_state::run(call, message).map(done),
        Message::ProposeValidator(message) => propose_validator::run(call, message).map(done),
        Message::ContinueLedger(message) => continue_ledger::run(call, message).map(done),
    }
}

fn done<M: prost::Message + Name>(response: M) -> Any {
    to_any(&response)
}

/// The ticket that a message names.
fn existing(call: &Call<'_, '_>, id: TicketId) -> Result<TicketEntry, Stop> {
    call.view.ticket(id)?.ok_or_else(|| SupportError::TicketNotFound(id).into())
}

/// Judges permission and state together, in that order: where the action leads the ticket to.
fn judge(call: &Call<'_, '_>, ticket: &Ticket, action: Action) -> Result<Status, Stop> {
    let actor = actor_on_ticket(&call.view, &call.signer.address, ticket)?;
    permit(call, actor, Act::On(action))?;
    Ok(transition(ticket.id, ticket.status, action)?)
}

/// Refuses where a response has slipped in between what the sender saw and the message.
fn check_count(ticket: &Ticket, expected: Option<u32>) -> Result<(), SupportError> {
    let (ticket, found) = (ticket.id, ticket.response_count);
    match expected.filter(|expected| *expected != found) {
        Some(expected) => Err(SupportError::ResponseCountChanged { ticket, expected, found }),
        None => Ok(()),
    }
}

/// Refuses what the permission table does not allow, with the support module's code.
fn permit(call: &Call<'_, '_>, actor: Actor, act: Act) -> Result<(), Stop> {
    permit_or(call, actor, act, |text| SupportError::Unauthorized(text).into())
}

/// The same with the roles module's code.
fn permit_roles(call: &Call<'_, '_>, actor: Actor, act: Act) -> Result<(), Stop> {
    permit_or(call, actor, act, |text| RolesError::Unauthorized(text).into())
}

fn permit_or(call: &Call<'_, '_>, actor: Actor, act: Act, refuse: fn(String) -> Refusal) -> Result<(), Stop> {
    if may(actor, act) {
        return Ok(());
    }
    let text = format!("{} may not {}", call.signer.address, act.phrase());
    Err(refuse(text).into())
}

/// Who the signer is to the desk as a whole.
fn actor(call: &Call<'_, '_>) -> Result<Actor, Fatal> {
    let member = call.view.member(&call.signer.address)?;
    Ok(Actor::of_member(&member, &call.view.params()?))
}

/// Says that a ticket's status changed, where no event says more.
fn emit_status_change(
    call: &mut Call<'_, '_>,
    ticket: TicketId,
    from: Status,
    to: Status,
) -> Result<(), Stop> {
    let event = EventTicketStatusChanged {
        ticket_id: ticket.to_string(),
        previous_status: from.name().to_owned(),
        status: to.name().to_owned(),
        changed_by: call.signer.address.to_string(),
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::TicketStatusChanged(event));
    Ok(())
}
