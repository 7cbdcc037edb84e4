//! `MsgUpdateTicketStatus`: work begins, or waits for the customer.

use sealdesk_protocol::messages::UpdateTicketStatus;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::{emit_status_change, existing, judge};
use crate::errors::Stop;
use crate::execute::Call;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &UpdateTicketStatus,
) -> Result<wire::MsgUpdateTicketStatusResponse, Stop> {
    let old = existing(call, message.ticket)?;
    let status = judge(call, &old.ticket, message.status.action())?;

    let mut entry = old.clone();
    entry.ticket.status = status;
    entry.ticket.updated_at = call.block.time;
    call.ledger.put_ticket(Some(&old.ticket), &entry)?;
    emit_status_change(call, message.ticket, old.ticket.status, status)?;
    Ok(wire::MsgUpdateTicketStatusResponse {})
}
