//! `MsgAssignRole`: an administrator gives an account its role.

use super::{Checked, roles_address};
use crate::codes::{Refusal, RolesError};
use crate::ids::{Address, Prefix};
use crate::named_values;
use crate::wire::virtengine::roles::v1 as wire;

named_values! {
    /// The roles that can be given and taken.
    pub enum AssignableRole on the wire as wire::Role {
        /// Manages the desk.
        Administrator = "administrator",
        /// Works on the tickets assigned to them.
        SupportAgent = "support_agent",
        /// May create tickets where the desk lists its customers.
        Customer = "customer",
    }
}

impl AssignableRole {
    /// The role of a short name.
    ///
    /// # Errors
    /// Code 2 of `roles`.
    pub fn named(name: &str) -> Result<Self, Refusal> {
        Self::parse(name).ok_or_else(|| {
            let shown: String = name.chars().take(40).flat_map(char::escape_debug).collect();
            RolesError::InvalidRole(shown).into()
        })
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
            role: AssignableRole::named(&wire.role)?,
        })
    }
}
