//! `MsgCloseTicket`: the customer or an administrator ends it.

use super::{Checked, support_address, ticket_id};
use crate::codes::Refusal;
use crate::ids::{Address, Prefix, TicketId};
use crate::text::check_public;
use crate::wire::virtengine::support::v1 as wire;

/// A closing.
#[derive(Debug, Clone, PartialEq)]
pub struct CloseTicket {
    /// The ticket's customer or an administrator; signs.
    pub sender: Address,
    /// Which ticket.
    pub ticket: TicketId,
    /// Why; public.
    pub reason: String,
}

impl Checked for CloseTicket {
    type Wire = wire::MsgCloseTicket;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let sender = support_address(prefix, &wire.sender)?;
        let ticket = ticket_id(&wire.ticket_id)?;
        check_public("reason", &wire.reason)?;
        Ok(Self { sender, ticket, reason: wire.reason })
    }
}
