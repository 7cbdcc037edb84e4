//! `MsgResolveTicket`: the assignee says that it is answered. It closes by itself after the days that the parameters name now.

use sealdesk_protocol::events::Event;
use sealdesk_protocol::messages::ResolveTicket;
use sealdesk_protocol::ticket::Action;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::{existing, judge};
use crate::call::Call;
use crate::errors::Stop;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &ResolveTicket,
) -> Result<wire::MsgResolveTicketResponse, Stop> {
    let old = existing(call, message.ticket)?;
    let status = judge(call, &old.ticket, Action::Resolve)?;

    let now = call.block.time;
    call.change_ticket(&old, |entry| {
        entry.ticket.status = status;
        entry.ticket.resolved_at = Some(now);
        entry.ticket.snoozed_until = None;
        entry.ticket.resolution_ref = message.resolution_ref.clone();
    })?;
    let event = wire::EventTicketResolved {
        ticket_id: message.ticket.to_string(),
        resolved_by: message.sender.to_string(),
        resolution: message.resolution_ref.clone(),
        block_height: call.height()?,
        timestamp: now,
    };
    call.emit(Event::TicketResolved(event));
    Ok(wire::MsgResolveTicketResponse {})
}
