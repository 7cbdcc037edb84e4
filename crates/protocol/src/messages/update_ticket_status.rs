//! `MsgUpdateTicketStatus`: work begins, or waits for the customer.

use super::{Checked, support_address, ticket_id};
use crate::codes::{Refusal, SupportError};
use crate::ids::{Address, Prefix, TicketId};
use crate::ticket::{Action, Status};
use crate::wire::virtengine::support::v1 as wire;

/// The two statuses that are set by name; every other one follows from an action of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkStatus {
    /// `in_progress`.
    InProgress,
    /// `pending_customer`.
    PendingCustomer,
}

impl WorkStatus {
    /// The action of the transition table.
    pub fn action(self) -> Action {
        match self {
            Self::InProgress => Action::StartWork,
            Self::PendingCustomer => Action::AwaitCustomer,
        }
    }
}

/// A new status.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateTicketStatus {
    /// The assignee or an administrator; signs.
    pub sender: Address,
    /// Which ticket.
    pub ticket: TicketId,
    /// What it becomes.
    pub status: WorkStatus,
}

impl Checked for UpdateTicketStatus {
    type Wire = wire::MsgUpdateTicketStatus;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let sender = support_address(prefix, &wire.sender)?;
        let ticket = ticket_id(&wire.ticket_id)?;
        let status = match Status::parse(&wire.status) {
            Some(Status::InProgress) => WorkStatus::InProgress,
            Some(Status::PendingCustomer) => WorkStatus::PendingCustomer,
            _ => {
                let shown: String = wire.status.chars().take(40).flat_map(char::escape_debug).collect();
                return Err(SupportError::UnknownStatus(shown).into());
            }
        };
        Ok(Self { sender, ticket, status })
    }
}
