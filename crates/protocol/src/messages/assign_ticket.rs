//! `MsgAssignTicket`: an administrator gives a ticket to an agent.

use super::{Checked, support_address, ticket_id};
use crate::codes::Refusal;
use crate::ids::{Address, Prefix, TicketId};
use crate::wire::virtengine::support::v1 as wire;

/// A new assignee.
#[derive(Debug, Clone, PartialEq)]
pub struct AssignTicket {
    /// The administrator; signs.
    pub sender: Address,
    /// Which ticket.
    pub ticket: TicketId,
    /// An active support agent or administrator.
    pub assign_to: Address,
    /// Refused with code 40 unless the ticket has exactly this many responses; `None` = not checked.
    pub expected_responses: Option<u32>,
}

impl Checked for AssignTicket {
    type Wire = wire::MsgAssignTicket;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        Ok(Self {
            sender: support_address(prefix, &wire.sender)?,
            ticket: ticket_id(&wire.ticket_id)?,
            assign_to: support_address(prefix, &wire.assign_to)?,
            expected_responses: wire.check_count.then_some(wire.response_count),
        })
    }
}
