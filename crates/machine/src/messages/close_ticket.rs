//! `MsgCloseTicket`: the customer or an administrator ends it.

use sealdesk_protocol::events::Event;
use sealdesk_protocol::messages::CloseTicket;
use sealdesk_protocol::ticket::Action;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::{existing, judge};
use crate::call::Call;
use crate::errors::Stop;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &CloseTicket,
) -> Result<wire::MsgCloseTicketResponse, Stop> {
    let old = existing(call, message.ticket)?;
    judge(call, &old.ticket, Action::Close)?;

    call.view.close_ticket(&old, call.block.time)?;
    let event = wire::EventTicketClosed {
        ticket_id: message.ticket.to_string(),
        closed_by: message.sender.to_string(),
        reason: message.reason.clone(),
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::TicketClosed(event));
    Ok(wire::MsgCloseTicketResponse {})
}
