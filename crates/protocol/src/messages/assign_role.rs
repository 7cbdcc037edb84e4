//! `MsgAssignRole`: an administrator gives an account its role; for the role `administrator` it is a vote, for others of the staff it is
//! signed. A gateway lists customers.

use super::{Checked, roles_address};
use crate::circle::Vote;
use crate::codes::{Refusal, RolesError, SdkError};
use crate::ids::{Address, Prefix};
use crate::named_values;
use crate::signer;
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
        /// Lists customers, and does nothing else: a program that takes mail.
        Gateway = "gateway",
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

/// What a vote of the circle carries beside its change. Role messages for other roles carry none of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedVote {
    /// The position that the change would get.
    pub change: u64,
    /// Who votes, when, and their signature: verified by the machine, which knows the circle.
    pub vote: Vote,
}

/// The fields of a role message that only a vote fills.
pub(super) struct VoteFields<'a> {
    pub(super) change: u64,
    pub(super) made: i64,
    pub(super) account_pub_key: &'a [u8],
    pub(super) account_signature: &'a [u8],
}

impl SignedVote {
    /// Reads the fields of a role message: a vote for the role `administrator`, nothing for others.
    pub(super) fn of(
        role: AssignableRole,
        voter: &Address,
        fields: &VoteFields<'_>,
    ) -> Result<Option<Self>, Refusal> {
        let VoteFields { change, made, account_pub_key, account_signature } = *fields;
        if role != AssignableRole::Administrator {
            let unsigned = account_pub_key.is_empty() && account_signature.is_empty();
            let none = change == 0 && made == 0 && unsigned;
            let text = "this message carries a signature that nobody asks for";
            return if none { Ok(None) } else { Err(SdkError::InvalidRequest(text.to_owned()).into()) };
        }
        let unsigned = || RolesError::BadVote {
            voter: voter.clone(),
            what: "vote",
            fits: "administrators change by their signed votes",
        };
        let (account_pub_key, signature) =
            signer::parts(account_pub_key, account_signature).ok_or_else(unsigned)?;
        let vote = Vote { voter: voter.clone(), made, account_pub_key, signature };
        Ok(Some(Self { change, vote }))
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
    /// For the role `administrator`, always; for others never.
    pub vote: Option<SignedVote>,
    /// The sender's signature for the roles that are given by one, always; for others never.
    pub appointment: Option<Vote>,
}

impl AssignableRole {
    /// Whether the role is given by a member's signature, which clients verify.
    pub fn is_appointed(self) -> bool {
        matches!(self, Self::SupportAgent | Self::Gateway)
    }

    /// Whether those who have it answer tickets.
    pub fn is_staff(self) -> bool {
        match self {
            Self::Administrator | Self::SupportAgent => true,
            Self::Customer | Self::Gateway => false,
        }
    }
}

/// Reads the signature of an appointment, which is not for a change of the circle.
fn appointment(sender: &Address, fields: &VoteFields<'_>) -> Result<Vote, Refusal> {
    let VoteFields { change, made, account_pub_key, account_signature } = *fields;
    if change != 0 {
        let text = "an appointment is for no change of the administrators";
        return Err(SdkError::InvalidRequest(text.to_owned()).into());
    }
    let unsigned = || RolesError::BadVote {
        voter: sender.clone(),
        what: "appointment",
        fits: "agents and gateways are appointed by a member's signature",
    };
    let (account_pub_key, signature) =
        signer::parts(account_pub_key, account_signature).ok_or_else(unsigned)?;
    Ok(Vote { voter: sender.clone(), made, account_pub_key, signature })
}

impl Checked for AssignRole {
    type Wire = wire::MsgAssignRole;

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
        if role.is_appointed() {
            let appointment = Some(appointment(&sender, &fields)?);
            return Ok(Self { sender, address, role, vote: None, appointment });
        }
        let vote = SignedVote::of(role, &sender, &fields)?;
        Ok(Self { sender, address, role, vote, appointment: None })
    }
}
