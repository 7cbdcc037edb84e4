//! `MsgRespondToTicket`: a response, or a note that the customer cannot open.

use super::{Checked, RawEnvelope, attachments, support_address, ticket_id};
use crate::attachment::Attachment;
use crate::codes::Refusal;
use crate::ids::{Address, Prefix, TicketId};
use crate::wire::virtengine::support::v1 as wire;

/// A new response.
#[derive(Debug, Clone, PartialEq)]
pub struct RespondToTicket {
    /// Who writes it; signs.
    pub responder: Address,
    /// Which ticket.
    pub ticket: TicketId,
    /// The sealed content.
    pub envelope: RawEnvelope,
    /// A note among staff.
    pub internal: bool,
    /// Its files.
    pub attachments: Vec<Attachment>,
}

impl Checked for RespondToTicket {
    type Wire = wire::MsgRespondToTicket;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        Ok(Self {
            responder: support_address(prefix, &wire.responder)?,
            ticket: ticket_id(&wire.ticket_id)?,
            envelope: wire.encrypted_payload,
            internal: wire.internal,
            attachments: attachments(&wire.attachments)?,
        })
    }
}
