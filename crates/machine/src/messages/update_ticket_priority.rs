//! `MsgUpdateTicketPriority`: staff judge how urgent a ticket is.

use sealdesk_protocol::events::Event;
use sealdesk_protocol::messages::UpdateTicketPriority;
use sealdesk_protocol::ticket::Action;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::{existing, judge};
use crate::call::Call;
use crate::errors::Stop;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &UpdateTicketPriority,
) -> Result<wire::MsgUpdateTicketPriorityResponse, Stop> {
    let old = existing(call, message.ticket)?;
    judge(call, &old.ticket, Action::SetPriority)?;

    call.change_ticket(&old, |entry| entry.ticket.priority = message.priority)?;
    let event = wire::EventTicketEscalated {
        ticket_id: message.ticket.to_string(),
        previous_priority: old.ticket.priority.name().to_owned(),
        new_priority: message.priority.name().to_owned(),
        escalated_by: message.sender.to_string(),
        reason: message.reason.clone(),
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::TicketEscalated(event));
    Ok(wire::MsgUpdateTicketPriorityResponse {})
}
