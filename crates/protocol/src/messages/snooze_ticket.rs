//! `MsgSnoozeTicket`: whoever works on a ticket puts it aside until a time.

use super::{Checked, support_address, ticket_id};
use crate::codes::{Refusal, SdkError};
use crate::ids::{Address, Prefix, TicketId};
use crate::limits::TIME_RANGE;
use crate::wire::virtengine::support::v1 as wire;

/// A ticket put aside, or taken up again.
#[derive(Debug, Clone, PartialEq)]
pub struct SnoozeTicket {
    /// The assignee or an administrator; signs.
    pub sender: Address,
    /// Which ticket.
    pub ticket: TicketId,
    /// The second at which it comes back, public; `None` takes it up again.
    pub until: Option<i64>,
}

impl Checked for SnoozeTicket {
    type Wire = wire::MsgSnoozeTicket;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let sender = support_address(prefix, &wire.sender)?;
        let ticket = ticket_id(&wire.ticket_id)?;
        let until = Some(wire.until).filter(|until| *until != 0);
        if until.is_some_and(|until| !TIME_RANGE.contains(&until)) {
            let text = format!("until is {}, which is not a time from 1970 to 9999", wire.until);
            return Err(SdkError::InvalidRequest(text).into());
        }
        Ok(Self { sender, ticket, until })
    }
}
