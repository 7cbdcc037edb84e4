//! `MsgUpdateTicketPriority`: staff judge how urgent a ticket is.

use super::{Checked, support_address, ticket_id};
use crate::codes::{Refusal, SupportError};
use crate::ids::{Address, Prefix, TicketId};
use crate::text::check_public;
use crate::ticket::Priority;
use crate::wire::virtengine::support::v1 as wire;

/// A new priority.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateTicketPriority {
    /// The assignee or an administrator; signs.
    pub sender: Address,
    /// Which ticket.
    pub ticket: TicketId,
    /// What it becomes.
    pub priority: Priority,
    /// Why; public.
    pub reason: String,
}

impl Checked for UpdateTicketPriority {
    type Wire = wire::MsgUpdateTicketPriority;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let sender = support_address(prefix, &wire.sender)?;
        let ticket = ticket_id(&wire.ticket_id)?;
        check_public("reason", &wire.reason)?;
        Ok(Self { sender, ticket, priority: named(&wire.priority)?, reason: wire.reason })
    }
}

/// The priority of a short name.
pub(super) fn named(text: &str) -> Result<Priority, Refusal> {
    Priority::parse(text).ok_or_else(|| {
        let shown: String = text.chars().take(40).flat_map(char::escape_debug).collect();
        SupportError::InvalidPriority(shown).into()
    })
}
