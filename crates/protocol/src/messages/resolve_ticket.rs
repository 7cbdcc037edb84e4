//! `MsgResolveTicket`: the assignee says that it is answered.

use super::{Checked, support_address, ticket_id};
use crate::codes::Refusal;
use crate::ids::{Address, Prefix, TicketId};
use crate::text::check_public;
use crate::wire::virtengine::support::v1 as wire;

/// A resolution.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolveTicket {
    /// The assignee or an administrator; signs.
    pub sender: Address,
    /// Which ticket.
    pub ticket: TicketId,
    /// What was done; public.
    pub resolution_ref: String,
}

impl Checked for ResolveTicket {
    type Wire = wire::MsgResolveTicket;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let sender = support_address(prefix, &wire.sender)?;
        let ticket = ticket_id(&wire.ticket_id)?;
        check_public("resolution_ref", &wire.resolution_ref)?;
        Ok(Self { sender, ticket, resolution_ref: wire.resolution_ref })
    }
}
