//! `MsgGrantAccess`: lets a later reader open a ticket and its responses.

use std::collections::BTreeSet;

use super::{Checked, support_address, ticket_id};
use crate::codes::{Refusal, SdkError};
use crate::ids::{Address, Prefix, TicketId};
use crate::limits::GRANTS_PER_MESSAGE_MAX;
use crate::wire::virtengine::encryption::v1::WrappedKeyEntry;
use crate::wire::virtengine::support::v1 as wire;

/// What a grant opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GrantTarget {
    /// The ticket's own envelope; 0 on the wire.
    Ticket,
    /// The response of that index; index + 1 on the wire.
    Response(u32),
}

impl GrantTarget {
    /// The target of a number on the wire.
    pub fn from_wire(number: u32) -> Self {
        number.checked_sub(1).map_or(Self::Ticket, Self::Response)
    }

    /// The number on the wire; saturates at an index that no ticket reaches.
    pub fn to_wire(self) -> u32 {
        match self {
            Self::Ticket => 0,
            Self::Response(index) => index.saturating_add(1),
        }
    }
}

/// One wrapped key for one target.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// What it opens.
    pub target: GrantTarget,
    /// The key, wrapped for its reader; its shape is judged at the envelope stage.
    pub entry: WrappedKeyEntry,
    /// The granter's Ed25519 signature; likewise.
    pub signature: Vec<u8>,
    /// Which of the granter's keys signed it, so that one check is enough; whether they have it is judged there too.
    pub granter_key_version: u32,
}

/// Grants on one ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct GrantAccess {
    /// The granter: an administrator or the ticket's customer; signs.
    pub sender: Address,
    /// Which ticket.
    pub ticket: TicketId,
    /// Whose the keys are, where that is an agent who has nothing to do with the ticket.
    pub agent: Option<Address>,
    /// In the order sent: at least one, at most [`GRANTS_PER_MESSAGE_MAX`], each target and reader once.
    pub grants: Vec<Grant>,
}

impl Checked for GrantAccess {
    type Wire = wire::MsgGrantAccess;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let sender = support_address(prefix, &wire.sender)?;
        let ticket = ticket_id(&wire.ticket_id)?;
        check_list(&wire.grants)?;
        let agent = match wire.agent.as_str() {
            "" => None,
            text => Some(support_address(prefix, text)?),
        };
        let grants = wire.grants.into_iter().map(|grant| Grant {
            target: GrantTarget::from_wire(grant.target),
            entry: grant.entry.unwrap_or_default(),
            signature: grant.grant_signature,
            granter_key_version: grant.granter_key_version,
        });
        Ok(Self { sender, ticket, agent, grants: grants.collect() })
    }
}

/// Each grant costs a signature check, so a message has a bounded number of them, and none twice: the second would only replace the first.
fn check_list(grants: &[wire::TargetedGrant]) -> Result<(), SdkError> {
    let (found, max) = (grants.len(), GRANTS_PER_MESSAGE_MAX);
    if found == 0 {
        return Err(SdkError::InvalidRequest("grants are empty".to_owned()));
    }
    if found > max {
        let text = format!("{found} grants in one message, allowed are 1 to {max}: send the rest in another");
        return Err(SdkError::InvalidRequest(text));
    }
    let mut seen = BTreeSet::new();
    for grant in grants {
        let recipient = grant.entry.as_ref().map_or("", |entry| entry.recipient_id.as_str());
        if !seen.insert((grant.target, recipient)) {
            let text = format!("two grants of target {} for one reader: send one", grant.target);
            return Err(SdkError::InvalidRequest(text));
        }
    }
    Ok(())
}
