//! The contract's refusals, u100 to u116.

use std::fmt;

/// Why the contract refused a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// u100.
    NotAuthorized,
    /// u101.
    TicketNotFound,
    /// u102.
    InvalidStatus,
    /// u103.
    InvalidInput,
    /// u104.
    HashMismatch,
    /// u105.
    TooManyComments,
    /// u106.
    LastAdministrator,
    /// u107.
    TooManyOpenTickets,
    /// u108.
    TicketClosed,
    /// u109.
    InvalidTransition,
    /// u110.
    WindowPassed,
    /// u111.
    NotStaff,
    /// u112.
    NotExpired,
    /// u113.
    KeyNotFound,
    /// u114.
    PayloadSeen,
    /// u115.
    TooManyKeys,
    /// u116.
    TooManyAdministrators,
    /// Another number: the contract is not the desk's, or a newer one.
    Other(u64),
}

impl Refusal {
    /// Every refusal that the contract has, in the order of the numbers.
    pub const ALL: [Self; 17] = [
        Self::NotAuthorized,
        Self::TicketNotFound,
        Self::InvalidStatus,
        Self::InvalidInput,
        Self::HashMismatch,
        Self::TooManyComments,
        Self::LastAdministrator,
        Self::TooManyOpenTickets,
        Self::TicketClosed,
        Self::InvalidTransition,
        Self::WindowPassed,
        Self::NotStaff,
        Self::NotExpired,
        Self::KeyNotFound,
        Self::PayloadSeen,
        Self::TooManyKeys,
        Self::TooManyAdministrators,
    ];

    /// The refusal of a number.
    pub fn from_number(number: u64) -> Self {
        let index = number.checked_sub(100).and_then(|index| usize::try_from(index).ok());
        index.and_then(|index| Self::ALL.get(index)).copied().unwrap_or(Self::Other(number))
    }

    /// The contract's number.
    pub fn number(self) -> u64 {
        if let Self::Other(number) = self {
            return number;
        }
        (100..).zip(Self::ALL).find(|(_, refusal)| *refusal == self).map_or(0, |(number, _)| number)
    }

    /// What it means, as a sentence without its end.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotAuthorized => "this account may not do that",
            Self::TicketNotFound => "the ticket does not exist",
            Self::InvalidStatus => "a ticket cannot be given that status",
            Self::InvalidInput => "an argument is out of its bounds",
            Self::HashMismatch => "the hash is not that of the payload",
            Self::TooManyComments => "the ticket has as many comments as it may have",
            Self::LastAdministrator => "the last administrator cannot be removed",
            Self::TooManyOpenTickets => "this account has ten tickets that are not closed",
            Self::TicketClosed => "the ticket is closed",
            Self::InvalidTransition => "the ticket's status does not allow that",
            Self::WindowPassed => "the ticket was closed too long ago to be reopened",
            Self::NotStaff => "that account is neither staff nor administrator",
            Self::NotExpired => "the ticket was not resolved long enough ago",
            Self::KeyNotFound => "no active key has that version",
            Self::PayloadSeen => "this account has sent that very payload before",
            Self::TooManyKeys => "this account has as many keys as it may have",
            Self::TooManyAdministrators => "there are as many administrators as there may be",
            Self::Other(_) => "the contract refused with a number that the desk's contract does not have",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (u{})", self.words(), self.number())
    }
}
