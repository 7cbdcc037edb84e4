//! `MsgContinueLedger`: a member votes that this ledger continues the one which its beginning names.

use super::{Checked, roles_address};
use crate::circle::Vote;
use crate::codes::{Refusal, RolesError};
use crate::ids::{Address, Prefix};
use crate::signer;
use crate::wire::sealdesk::ledger::v1 as wire;

/// A vote. Its signature is verified by the machine, which knows how the ledger began.
#[derive(Debug, Clone, PartialEq)]
pub struct ContinueLedger {
    /// A member of the circle at genesis; signs.
    pub sender: Address,
    /// The vote.
    pub vote: Vote,
}

impl Checked for ContinueLedger {
    type Wire = wire::MsgContinueLedger;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let sender = roles_address(prefix, &wire.sender)?;
        let unsigned = || RolesError::BadVote {
            voter: sender.clone(),
            what: "vote",
            fits: "a ledger is continued by members' signed votes",
        };
        let (account_pub_key, signature) =
            signer::parts(&wire.account_pub_key, &wire.account_signature).ok_or_else(unsigned)?;
        let vote = Vote { voter: sender.clone(), made: wire.made, account_pub_key, signature };
        Ok(Self { sender, vote })
    }
}
