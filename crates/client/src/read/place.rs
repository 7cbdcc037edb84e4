//! The place that a record of a ticket was sealed for, from the ledger's facts alone.

use sealdesk_protocol::envelope::{Context, Kind};
use sealdesk_protocol::ids::{ChainId, TicketId};
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::ticket::response_kind;
use sealdesk_protocol::wire::virtengine::support::v1::EnvelopeContext;

/// A record of a ticket, as its proven head has it.
#[derive(Clone, Copy)]
pub(crate) struct RecordPlace<'a> {
    /// The ledger, where the record names no earlier one.
    pub(crate) chain_id: &'a ChainId,
    pub(crate) ticket: TicketId,
    pub(crate) target: GrantTarget,
    pub(crate) internal: bool,
    pub(crate) author: &'a str,
    /// Whether an administrator brought it in from another system: it is sealed before the ticket has a number.
    pub(crate) is_imported: bool,
}

impl RecordPlace<'_> {
    /// What kind of envelope stands there.
    pub(crate) fn kind(&self, context: &EnvelopeContext) -> Kind {
        match self.target {
            GrantTarget::Ticket => Kind::Ticket,
            GrantTarget::Response(_) => response_kind(self.internal, context),
        }
    }

    /// What the record must have been sealed for.
    pub(crate) fn context(&self, recorded: &EnvelopeContext) -> Context {
        let (kind, earlier) = (self.kind(recorded), recorded.chain_id.as_str());
        Context {
            chain_id: if earlier.is_empty() { self.chain_id.as_str() } else { earlier }.to_owned(),
            ticket_id: if kind == Kind::Ticket || self.is_imported {
                String::new()
            } else {
                self.ticket.to_string()
            },
            kind,
            sender: self.author.to_owned(),
            sequence: recorded.sequence,
            index: recorded.index,
        }
    }
}
