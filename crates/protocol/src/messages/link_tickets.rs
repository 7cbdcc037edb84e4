//! `MsgLinkTickets`: staff say how two tickets stand to each other.

use super::{Checked, support_address, ticket_id};
use crate::codes::{Refusal, SupportError};
use crate::ids::{Address, Prefix, TicketId};
use crate::ticket::LinkKind;
use crate::wire::virtengine::support::v1 as wire;

/// A link made, or taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkTickets {
    /// Staff who may write notes on both; signs.
    pub sender: Address,
    /// The ticket of which `kind` says how it stands to the other.
    pub ticket: TicketId,
    /// Another one.
    pub other: TicketId,
    /// Related, a duplicate, or a follow-up.
    pub kind: LinkKind,
    /// Taken back.
    pub remove: bool,
}

impl Checked for LinkTickets {
    type Wire = wire::MsgLinkTickets;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let sender = support_address(prefix, &wire.sender)?;
        let (ticket, other) = (ticket_id(&wire.ticket_id)?, ticket_id(&wire.other)?);
        if ticket == other {
            return Err(SupportError::InvalidLink("a ticket is not linked to itself".to_owned()).into());
        }
        let Some(kind) = LinkKind::parse(&wire.kind).filter(|kind| kind.is_asked()) else {
            let shown: String = wire.kind.chars().take(40).flat_map(char::escape_debug).collect();
            let text = format!("'{shown}' is not related, duplicate_of or follows_up");
            return Err(SupportError::InvalidLink(text).into());
        };
        Ok(Self { sender, ticket, other, kind, remove: wire.remove })
    }
}
