//! Account states, and the role names that go with them.

use crate::wire::virtengine::roles::v1 as wire;

/// Whether an account may act. Reading needs no account at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountState {
    /// May act.
    Active,
    /// May not act until an administrator restores it.
    Suspended,
    /// Never acts again.
    Terminated,
}

impl AccountState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Active, Self::Suspended, Self::Terminated];

    /// The short name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Terminated => "terminated",
        }
    }

    /// The state of a short name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// The number on the wire.
    pub fn to_wire(self) -> i32 {
        match self {
            Self::Active => wire::AccountState::Active as i32,
            Self::Suspended => wire::AccountState::Suspended as i32,
            Self::Terminated => wire::AccountState::Terminated as i32,
        }
    }

    /// The state of a number on the wire.
    pub fn from_wire(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.to_wire() == number)
    }
}
