//! `MsgRateTicket`: what a ticket's customer says of its resolution.

use super::{Checked, RawEnvelope, support_address, ticket_id};
use crate::codes::{Refusal, SupportError};
use crate::ids::{Address, Prefix, TicketId};
use crate::limits::SCORES;
use crate::wire::virtengine::support::v1 as wire;

/// A rating.
#[derive(Debug, Clone, PartialEq)]
pub struct RateTicket {
    /// The ticket's customer; signs.
    pub customer: Address,
    /// Which ticket.
    pub ticket: TicketId,
    /// One of [`SCORES`]; public.
    pub score: u32,
    /// The sealed comment; `None` = none.
    pub comment: RawEnvelope,
}

impl Checked for RateTicket {
    type Wire = wire::MsgRateTicket;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let customer = support_address(prefix, &wire.customer)?;
        let ticket = ticket_id(&wire.ticket_id)?;
        if !SCORES.contains(&wire.score) {
            return Err(SupportError::InvalidScore(wire.score).into());
        }
        Ok(Self { customer, ticket, score: wire.score, comment: wire.encrypted_payload })
    }
}
