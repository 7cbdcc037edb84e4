//! `MsgReopenTicket`: the customer or an administrator begins it again, within the limits of its customer.

use sealdesk_protocol::codes::SupportError;
use sealdesk_protocol::customer::check_reopen;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::messages::ReopenTicket;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::ticket::{Action, Status, Ticket};
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::{existing, judge};
use crate::call::Call;
use crate::errors::Stop;
use crate::limits::reopen_until;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &ReopenTicket,
) -> Result<wire::MsgReopenTicketResponse, Stop> {
    let old = existing(call, message.ticket)?;
    let status = judge(call, &old.ticket, Action::Reopen)?;
    let now = call.block.time;
    let params = call.view.params()?;
    check_window(&old.ticket, &params, now)?;
    let was_closed = old.ticket.status == Status::Closed;
    let mut customer = call.view.customer(&old.ticket.customer)?;
    check_reopen(&customer, was_closed, &params, now)?;

    customer.last_created_at = now;
    call.view.put_customer(&old.ticket.customer, &customer);
    call.change_ticket(&old, |entry| {
        entry.ticket.status = status;
        entry.ticket.assignee = None;
        entry.ticket.collaborators = Vec::new();
        entry.ticket.resolved_at = None;
        entry.ticket.closed_at = None;
        entry.ticket.resolution_ref = String::new();
    })?;
    let event = wire::EventTicketReopened {
        ticket_id: message.ticket.to_string(),
        reopened_by: message.sender.to_string(),
        reason: message.reason.clone(),
        block_height: call.height()?,
        timestamp: now,
    };
    call.emit(Event::TicketReopened(event));
    Ok(wire::MsgReopenTicketResponse {})
}

fn check_window(ticket: &Ticket, params: &Params, now: i64) -> Result<(), SupportError> {
    let Some(closed_at) = ticket.closed_at else { return Ok(()) };
    let until = reopen_until(closed_at, params);
    if now <= until {
        return Ok(());
    }
    let reason = format!("reopen_window_days is {}: it was allowed until {until}", params.reopen_window_days);
    Err(SupportError::CannotReopen { ticket: ticket.id, reason })
}
