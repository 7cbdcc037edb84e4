//! `MsgGrantAccess`: lets a later reader open a ticket and its responses.

use super::{Checked, support_address, ticket_id};
use crate::codes::{Refusal, SdkError};
use crate::ids::{Address, Prefix, TicketId};
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
}

/// Grants on one ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct GrantAccess {
    /// The granter: an administrator or the ticket's customer; signs.
    pub sender: Address,
    /// Which ticket.
    pub ticket: TicketId,
    /// In the order sent, at least one.
    pub grants: Vec<Grant>,
}

impl Checked for GrantAccess {
    type Wire = wire::MsgGrantAccess;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let sender = support_address(prefix, &wire.sender)?;
        let ticket = ticket_id(&wire.ticket_id)?;
        if wire.grants.is_empty() {
            return Err(SdkError::InvalidRequest("grants are empty".to_owned()).into());
        }
        let grants = wire.grants.into_iter().map(|grant| Grant {
            target: GrantTarget::from_wire(grant.target),
            entry: grant.entry.unwrap_or_default(),
            signature: grant.grant_signature,
        });
        Ok(Self { sender, ticket, grants: grants.collect() })
    }
}
