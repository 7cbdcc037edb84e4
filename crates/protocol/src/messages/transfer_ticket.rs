//! `MsgTransferTicket`: an administrator gives a ticket to another customer, for one who lost their phrase.

use super::{Checked, support_address, ticket_id};
use crate::codes::Refusal;
use crate::ids::{Address, Prefix, TicketId};
use crate::text::check_public;
use crate::wire::virtengine::support::v1 as wire;

/// A new customer.
#[derive(Debug, Clone, PartialEq)]
pub struct TransferTicket {
    /// The administrator; signs.
    pub sender: Address,
    /// Which ticket.
    pub ticket: TicketId,
    /// An active account with a key, and not staff.
    pub new_customer: Address,
    /// Why; public.
    pub reason: String,
    /// Refused with code 40 unless the ticket has exactly this many responses; `None` = not checked.
    pub expected_responses: Option<u32>,
}

impl Checked for TransferTicket {
    type Wire = wire::MsgTransferTicket;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let sender = support_address(prefix, &wire.sender)?;
        let ticket = ticket_id(&wire.ticket_id)?;
        let new_customer = support_address(prefix, &wire.new_customer)?;
        check_public("reason", &wire.reason)?;
        let expected_responses = wire.check_count.then_some(wire.response_count);
        Ok(Self { sender, ticket, new_customer, reason: wire.reason, expected_responses })
    }
}
