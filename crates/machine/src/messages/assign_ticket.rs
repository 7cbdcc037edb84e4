//! `MsgAssignTicket`: an administrator gives a ticket to an agent and those who help, or an agent takes one that nobody has.

use sealdesk_protocol::codes::SupportError;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::messages::{AssignTicket, AssignableRole};
use sealdesk_protocol::ticket::{Action, Status, Ticket, transition};
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::{check_count, existing, permit};
use crate::access::{Act, Actor, actor_on_ticket};
use crate::call::Call;
use crate::errors::{Fatal, Stop};

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &AssignTicket,
) -> Result<wire::MsgAssignTicketResponse, Stop> {
    let old = existing(call, message.ticket)?;
    let (actor, action) = who_and_what(call, message, &old.ticket)?;
    permit(call, actor, Act::On(action))?;
    let status = transition(message.ticket, old.ticket.status, action)?;
    if action == Action::Take {
        check_free(message, &old.ticket)?;
    }
    check_people(call, message, &old.ticket)?;
    check_count(&old.ticket, message.expected_responses)?;

    let status = status_after(message, &old.ticket, status);
    call.change_ticket(&old, |entry| {
        entry.ticket.status = status;
        entry.ticket.assignee = Some(message.assign_to.clone());
        entry.ticket.collaborators.clone_from(&message.collaborators);
    })?;
    let event = wire::EventTicketAssigned {
        ticket_id: message.ticket.to_string(),
        assigned_to: message.assign_to.to_string(),
        assigned_by: message.sender.to_string(),
        block_height: call.height()?,
        timestamp: call.block.time,
        collaborators: message.collaborators.iter().map(ToString::to_string).collect(),
    };
    call.emit(Event::TicketAssigned(event));
    Ok(wire::MsgAssignTicketResponse {})
}

/// An agent who names nobody but themselves takes the ticket, which those may whom the circle appointed, where the queue is open.
fn who_and_what(
    call: &Call<'_, '_>,
    message: &AssignTicket,
    ticket: &Ticket,
) -> Result<(Actor, Action), Fatal> {
    let actor = actor_on_ticket(&call.view, &message.sender, ticket)?;
    if !message.takes() || actor.is_administrator() {
        return Ok((actor, Action::Assign));
    }
    let is_open = call.view.params()?.open_queue;
    let of_queue = is_open && call.view.member(&message.sender)?.is_agent_of(&call.view.circle()?);
    let actor = if actor == Actor::Agent && of_queue { Actor::QueueAgent } else { actor };
    Ok((actor, Action::Take))
}

/// Nobody takes what somebody has, nor a ticket on whose other side they are or were.
fn check_free(message: &AssignTicket, ticket: &Ticket) -> Result<(), SupportError> {
    if let Some(assignee) = &ticket.assignee {
        return Err(SupportError::AlreadyAssigned { ticket: ticket.id, assignee: assignee.clone() });
    }
    let cannot = |reason| Err(SupportError::CannotTake { ticket: ticket.id, reason });
    if ticket.previous_customers.contains(&message.sender) {
        return cannot("it was yours once");
    }
    if ticket.provider.as_ref() == Some(&message.sender) {
        return cannot("you are its provider");
    }
    Ok(())
}

/// Whether the ticket can go to these accounts.
fn check_people(call: &Call<'_, '_>, message: &AssignTicket, ticket: &Ticket) -> Result<(), Stop> {
    let id = message.ticket;
    if message.assign_to == ticket.customer || message.collaborators.contains(&ticket.customer) {
        return Err(SupportError::SelfAssignment(id).into());
    }
    let is_same = message.collaborators == ticket.collaborators;
    let same = ticket.assignee.as_ref().filter(|assignee| is_same && **assignee == message.assign_to);
    if let Some(assignee) = same {
        return Err(SupportError::AlreadyAssigned { ticket: id, assignee: assignee.clone() }.into());
    }
    if call.view.member(&message.assign_to)?.active_staff_role().is_none() {
        let text = format!("{} is not an active support agent or administrator", message.assign_to);
        return Err(SupportError::Unauthorized(text).into());
    }
    for collaborator in &message.collaborators {
        if call.view.member(collaborator)?.active_staff_role() != Some(AssignableRole::SupportAgent) {
            let text = format!("{collaborator} is not an active support agent");
            return Err(SupportError::Unauthorized(text).into());
        }
    }
    Ok(())
}

/// Whoever has it already goes on with it, whoever else comes or goes.
fn status_after(message: &AssignTicket, ticket: &Ticket, assigned: Status) -> Status {
    if ticket.assignee.as_ref() == Some(&message.assign_to) { ticket.status } else { assigned }
}
