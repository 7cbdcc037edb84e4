//! What the contract can be asked: its read-only functions.

use crate::principal::Principal;
use crate::value::Value;

/// A read-only call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// `get-ticket`: `Answer::ticket`.
    Ticket(u64),
    /// `get-tickets-by-owner-page`, the ids from an offset on.
    TicketsByOwner {
        /// Whose tickets.
        owner: Principal,
        /// How many of the oldest to leave out.
        offset: u64,
    },
    /// `get-ticket-comment`.
    Comment {
        /// The ticket's number.
        ticket: u64,
        /// From 0.
        index: u64,
    },
    /// `get-ticket-count`.
    TicketCount,
    /// `can-manage-ticket`.
    CanManage {
        /// The ticket's number.
        ticket: u64,
        /// Who.
        user: Principal,
    },
    /// `is-staff`.
    IsStaff(Principal),
    /// `is-administrator`.
    IsAdministrator(Principal),
    /// `get-key`.
    Key {
        /// Whose.
        address: Principal,
        /// From 1.
        version: u64,
    },
    /// `get-key-count`.
    KeyCount(Principal),
}

impl Question {
    /// The function's name.
    pub fn function(&self) -> &'static str {
        match self {
            Self::Ticket(_) => "get-ticket",
            Self::TicketsByOwner { .. } => "get-tickets-by-owner-page",
            Self::Comment { .. } => "get-ticket-comment",
            Self::TicketCount => "get-ticket-count",
            Self::CanManage { .. } => "can-manage-ticket",
            Self::IsStaff(_) => "is-staff",
            Self::IsAdministrator(_) => "is-administrator",
            Self::Key { .. } => "get-key",
            Self::KeyCount(_) => "get-key-count",
        }
    }

    /// The arguments, in the contract's order.
    pub fn arguments(&self) -> Vec<Value> {
        let who = |principal: &Principal| Value::principal(principal.clone());
        match self {
            Self::Ticket(number) => vec![Value::uint(*number)],
            Self::TicketsByOwner { owner: principal, offset: number }
            | Self::Key { address: principal, version: number } => vec![who(principal), Value::uint(*number)],
            Self::Comment { ticket, index } => vec![Value::uint(*ticket), Value::uint(*index)],
            Self::TicketCount => Vec::new(),
            Self::CanManage { ticket, user } => vec![Value::uint(*ticket), who(user)],
            Self::IsStaff(principal) | Self::IsAdministrator(principal) | Self::KeyCount(principal) => {
                vec![who(principal)]
            }
        }
    }
}
