//! `MsgSnoozeTicket`: whoever works on a ticket puts it aside until a time.

use sealdesk_protocol::codes::SupportError;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::limits::SNOOZE_SECONDS_MAX;
use sealdesk_protocol::messages::SnoozeTicket;
use sealdesk_protocol::ticket::Action;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::{existing, judge};
use crate::call::Call;
use crate::errors::Stop;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &SnoozeTicket,
) -> Result<wire::MsgSnoozeTicketResponse, Stop> {
    let old = existing(call, message.ticket)?;
    judge(call, &old.ticket, Action::Snooze)?;
    check_time(message, call.block.time)?;

    call.change_ticket(&old, |entry| entry.ticket.snoozed_until = message.until)?;
    let event = wire::EventTicketSnoozed {
        ticket_id: message.ticket.to_string(),
        until: message.until.unwrap_or(0),
        snoozed_by: message.sender.to_string(),
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::TicketSnoozed(event));
    Ok(wire::MsgSnoozeTicketResponse {})
}

/// The time is ahead, and not so far that nobody would ever see the ticket again.
fn check_time(message: &SnoozeTicket, now: i64) -> Result<(), SupportError> {
    let Some(until) = message.until else { return Ok(()) };
    let most = now.saturating_add(SNOOZE_SECONDS_MAX);
    if until > now && until <= most {
        return Ok(());
    }
    Err(SupportError::SnoozeTime { ticket: message.ticket, until, most })
}
