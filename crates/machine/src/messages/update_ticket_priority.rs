//! `MsgUpdateTicketPriority`: staff judge how urgent a ticket is.

use sealdesk_protocol::events::Event;
use sealdesk_protocol::messages::UpdateTicketPriority;
use sealdesk_protocol::ticket::{Action, Priority};
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::{existing, judge};
use crate::call::Call;
use crate::errors::{Fatal, Stop};

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &UpdateTicketPriority,
) -> Result<wire::MsgUpdateTicketPriorityResponse, Stop> {
    let old = existing(call, message.ticket)?;
    judge(call, &old.ticket, Action::SetPriority)?;

    call.change_ticket(&old, |entry| entry.ticket.priority = message.priority)?;
    let event = event(call, message, old.ticket.priority)?;
    call.emit(event);
    Ok(wire::MsgUpdateTicketPriorityResponse {})
}

/// Raising a priority has the reference's own event; every other change has one of ours.
fn event(call: &Call<'_, '_>, message: &UpdateTicketPriority, before: Priority) -> Result<Event, Fatal> {
    let (ticket_id, reason) = (message.ticket.to_string(), message.reason.clone());
    let (by, block_height, timestamp) = (message.sender.to_string(), call.height()?, call.block.time);
    let (previous_priority, new) = (before.name().to_owned(), message.priority.name().to_owned());
    if message.priority > before {
        return Ok(Event::TicketEscalated(wire::EventTicketEscalated {
            ticket_id,
            previous_priority,
            new_priority: new,
            escalated_by: by,
            reason,
            block_height,
            timestamp,
        }));
    }
    Ok(Event::TicketPriorityChanged(wire::EventTicketPriorityChanged {
        ticket_id,
        previous_priority,
        priority: new,
        changed_by: by,
        reason,
        block_height,
        timestamp,
    }))
}
