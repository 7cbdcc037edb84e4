//! The contract's numbers for states and priorities.

use sha2::{Digest as _, Sha256};

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// 1.
    Open,
    /// 2: reached by assigning only.
    Assigned,
    /// 3.
    InProgress,
    /// 4.
    PendingCustomer,
    /// 5.
    Resolved,
    /// 6.
    Closed,
}

impl Status {
    /// Every state, in the order of the numbers.
    pub const ALL: [Self; 6] =
        [Self::Open, Self::Assigned, Self::InProgress, Self::PendingCustomer, Self::Resolved, Self::Closed];

    /// The contract's number.
    pub fn number(self) -> u64 {
        match self {
            Self::Open => 1,
            Self::Assigned => 2,
            Self::InProgress => 3,
            Self::PendingCustomer => 4,
            Self::Resolved => 5,
            Self::Closed => 6,
        }
    }

    /// The state of a number.
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.number() == number)
    }
}

/// How urgent a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// 1.
    Low,
    /// 2.
    Normal,
    /// 3.
    High,
    /// 4.
    Urgent,
}

impl Priority {
    /// Every priority, in the order of the numbers.
    pub const ALL: [Self; 4] = [Self::Low, Self::Normal, Self::High, Self::Urgent];

    /// The contract's number.
    pub fn number(self) -> u64 {
        match self {
            Self::Low => 1,
            Self::Normal => 2,
            Self::High => 3,
            Self::Urgent => 4,
        }
    }

    /// The priority of a number.
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.number() == number)
    }
}

/// What the contract stores of a payload: SHA-256.
pub fn payload_hash(payload: &[u8]) -> [u8; 32] {
    Sha256::digest(payload).into()
}
