//! `MsgRevokeRole`: an administrator takes a role back; for the role `administrator` it is a vote.

use super::assign_role::VoteFields;
use super::{AssignableRole, Checked, SignedVote, roles_address};
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
    /// For the role `administrator`, always; for others never.
    pub vote: Option<SignedVote>,
}

impl Checked for RevokeRole {
    type Wire = wire::MsgRevokeRole;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let sender = roles_address(prefix, &wire.sender)?;
        let address = roles_address(prefix, &wire.address)?;
        let role = AssignableRole::named(&wire.role)?;
        let fields = VoteFields {
            change: wire.change,
            made: wire.made,
            account_pub_key: &wire.account_pub_key,
            account_signature: &wire.account_signature,
        };
        let vote = SignedVote::of(role, &sender, &fields)?;
        Ok(Self { sender, address, role, vote })
    }
}
