//! `MsgCloseTicket`: the customer or an administrator ends it.

use sealdesk_protocol::events::Event;
use sealdesk_protocol::messages::CloseTicket;
use sealdesk_protocol::ticket::Action;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::{close, existing, judge};
use crate::errors::Stop;
use crate::execute::Call;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &CloseTicket,
) -> Result<wire::MsgCloseTicketResponse, Stop> {
    let old = existing(call, message.ticket)?;
    judge(call, &old.ticket, Action::Close)?;

    close(&mut call.ledger, &old, call.block.time)?;
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
