//! `MsgAssignRole`: an administrator gives an account its role.

use super::{Checked, roles_address};
use crate::codes::{Refusal, RolesError};
use crate::ids::{Address, Prefix};
use crate::wire::virtengine::roles::v1 as wire;

/// The roles that can be given and taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AssignableRole {
    /// `administrator`.
    Administrator,
    /// `support_agent`.
    SupportAgent,
    /// `customer`: may create tickets where the desk lists its customers.
    Customer,
}

impl AssignableRole {
    /// Every assignable role.
    pub const ALL: [Self; 3] = [Self::Administrator, Self::SupportAgent, Self::Customer];

    /// The short name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::SupportAgent => "support_agent",
            Self::Customer => "customer",
        }
    }

    /// The role of a short name.
    ///
    /// # Errors
    /// Code 2 of `roles`.
    pub fn parse(name: &str) -> Result<Self, Refusal> {
        Self::ALL.into_iter().find(|role| role.name() == name).ok_or_else(|| {
            let shown: String = name.chars().take(40).flat_map(char::escape_debug).collect();
            RolesError::InvalidRole(shown).into()
        })
    }

    /// The number on the wire.
    pub fn to_wire(self) -> i32 {
        match self {
            Self::Administrator => wire::Role::Administrator as i32,
            Self::SupportAgent => wire::Role::SupportAgent as i32,
            Self::Customer => wire::Role::Customer as i32,
        }
    }

    /// The role of a number on the wire.
    pub fn from_wire(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.to_wire() == number)
    }
}

/// A role given.
#[derive(Debug, Clone, PartialEq)]
pub struct AssignRole {
    /// An administrator; signs.
    pub sender: Address,
    /// Who gets it.
    pub address: Address,
    /// Which.
    pub role: AssignableRole,
}

impl Checked for AssignRole {
    type Wire = wire::MsgAssignRole;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        Ok(Self {
            sender: roles_address(prefix, &wire.sender)?,
            address: roles_address(prefix, &wire.address)?,
            role: AssignableRole::parse(&wire.role)?,
        })
    }
}
