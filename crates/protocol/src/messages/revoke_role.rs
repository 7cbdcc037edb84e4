//! `MsgRevokeRole`: an administrator takes a role back.

use super::{AssignableRole, Checked, roles_address};
use crate::codes::Refusal;
use crate::ids::{Address, Prefix};
use crate::wire::virtengine::roles::v1 as wire;

/// A role taken.
#[derive(Debug, Clone, PartialEq)]
pub struct RevokeRole {
    /// An administrator; signs.
    pub sender: Address,
    /// Who loses it.
    pub address: Address,
    /// Which.
    pub role: AssignableRole,
}

impl Checked for RevokeRole {
    type Wire = wire::MsgRevokeRole;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        Ok(Self {
            sender: roles_address(prefix, &wire.sender)?,
            address: roles_address(prefix, &wire.address)?,
            role: AssignableRole::named(&wire.role)?,
        })
    }
}
