//! `MsgTransferTicket`: an administrator gives a ticket to another customer, for one who lost their phrase. The limits of the new customer
//! are not asked: it was not they who opened it.

use sealdesk_protocol::codes::SupportError;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::limits::TRANSFERS_PER_TICKET_MAX;
use sealdesk_protocol::messages::TransferTicket;
use sealdesk_protocol::ticket::{Action, Ticket};
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::{check_count, existing, judge};
use crate::call::Call;
use crate::errors::Stop;
use crate::state::is_active;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &TransferTicket,
) -> Result<wire::MsgTransferTicketResponse, Stop> {
    let old = existing(call, message.ticket)?;
    judge(call, &old.ticket, Action::Transfer)?;
    check_customer(call, message, &old.ticket)?;
    check_count(&old.ticket, message.expected_responses)?;

    call.change_ticket(&old, |entry| {
        let previous = std::mem::replace(&mut entry.ticket.customer, message.new_customer.clone());
        entry.ticket.previous_customers.push(previous);
    })?;
    let event = wire::EventTicketTransferred {
        ticket_id: message.ticket.to_string(),
        previous_customer: old.ticket.customer.to_string(),
        new_customer: message.new_customer.to_string(),
        transferred_by: message.sender.to_string(),
        reason: message.reason.clone(),
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::TicketTransferred(event));
    Ok(wire::MsgTransferTicketResponse {})
}

/// Whether the ticket can be this account's.
fn check_customer(call: &Call<'_, '_>, message: &TransferTicket, ticket: &Ticket) -> Result<(), Stop> {
    let address = message.new_customer.clone();
    if address == ticket.customer {
        return Err(SupportError::SameCustomer { ticket: ticket.id, customer: address }.into());
    }
    let member = call.view.member(&address)?;
    let reason = match (member.is_active(), member.staff_role()) {
        (false, _) => Some("their account is not active"),
        (true, Some(_)) => Some("they are staff"),
        (true, None) if call.view.keys_in_use(&address)?.iter().any(is_active) => None,
        (true, None) => Some("they have no active key"),
    };
    if let Some(reason) = reason {
        return Err(SupportError::CannotBeCustomer { address, reason }.into());
    }
    // Who has it is not staff any more; nobody is both.
    if ticket.is_worked_on_by(&address) {
        return Err(SupportError::SelfAssignment(ticket.id).into());
    }
    if ticket.previous_customers.len() >= TRANSFERS_PER_TICKET_MAX {
        return Err(
            SupportError::TooManyTransfers { ticket: ticket.id, max: TRANSFERS_PER_TICKET_MAX }.into()
        );
    }
    Ok(())
}
