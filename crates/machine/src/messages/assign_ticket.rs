//! `MsgAssignTicket`: an administrator gives a ticket to an agent.

use sealdesk_protocol::codes::SupportError;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::messages::AssignTicket;
use sealdesk_protocol::ticket::{Action, Ticket};
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::{check_count, existing, judge};
use crate::call::Call;
use crate::errors::Stop;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &AssignTicket,
) -> Result<wire::MsgAssignTicketResponse, Stop> {
    let old = existing(call, message.ticket)?;
    let status = judge(call, &old.ticket, Action::Assign)?;
    check_assignee(call, message, &old.ticket)?;

    call.change_ticket(&old, |entry| {
        entry.ticket.status = status;
        entry.ticket.assignee = Some(message.assign_to.clone());
    })?;
    let event = wire::EventTicketAssigned {
        ticket_id: message.ticket.to_string(),
        assigned_to: message.assign_to.to_string(),
        assigned_by: message.sender.to_string(),
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::TicketAssigned(event));
    Ok(wire::MsgAssignTicketResponse {})
}

/// Whether the ticket can go to this account, and is still what the sender saw.
fn check_assignee(call: &Call<'_, '_>, message: &AssignTicket, ticket: &Ticket) -> Result<(), Stop> {
    let id = message.ticket;
    if message.assign_to == ticket.customer {
        return Err(SupportError::SelfAssignment(id).into());
    }
    if let Some(assignee) = ticket.assignee.as_ref().filter(|assignee| **assignee == message.assign_to) {
        return Err(SupportError::AlreadyAssigned { ticket: id, assignee: assignee.clone() }.into());
    }
    if call.view.member(&message.assign_to)?.active_staff_role().is_none() {
        let text = format!("{} is not an active support agent or administrator", message.assign_to);
        return Err(SupportError::Unauthorized(text).into());
    }
    Ok(check_count(ticket, message.expected_responses)?)
}
