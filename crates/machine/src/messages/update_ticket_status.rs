//! `MsgUpdateTicketStatus`: work begins, or waits for the customer.

use sealdesk_protocol::messages::UpdateTicketStatus;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::{emit_status_change, existing, judge};
use crate::call::Call;
use crate::errors::Stop;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &UpdateTicketStatus,
) -> Result<wire::MsgUpdateTicketStatusResponse, Stop> {
    let old = existing(call, message.ticket)?;
    let status = judge(call, &old.ticket, message.status.action())?;

    call.change_ticket(&old, |entry| entry.ticket.status = status)?;
    emit_status_change(call, message.ticket, old.ticket.status, status)?;
    Ok(wire::MsgUpdateTicketStatusResponse {})
}
