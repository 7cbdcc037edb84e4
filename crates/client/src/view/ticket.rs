//! A ticket without what is sealed in it.

use sealdesk_protocol::codes::Moment;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::json;
use sealdesk_protocol::text::line;
use sealdesk_protocol::ticket::{Priority, Status};
use sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope;
use sealdesk_protocol::wire::virtengine::support::v1::{Erasure, SupportTicket};
use serde::{Serialize, Serializer};

use super::Time;

/// A ticket's public record.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    /// Its name.
    pub id: TicketId,
    /// Where it stands.
    pub status: Status,
    /// How urgent it is.
    pub priority: Priority,
    /// One of the desk's categories. Others wrote it.
    pub category: String,
    /// Who wrote it.
    pub customer: String,
    /// Who works on it, if anybody.
    pub assigned_to: Option<String>,
    /// Answers and notes so far.
    pub answers: u64,
    /// When it was written.
    pub created_at: Time,
    /// When anything last happened to it.
    pub updated_at: Time,
    /// When it was resolved, while it is.
    pub resolved_at: Option<Time>,
    /// When it was closed, while it is.
    pub closed_at: Option<Time>,
    /// When it comes back, or came back, after somebody put it aside; a contract has no such thing.
    pub snoozed_until: Option<Time>,
    /// What only its ledger keeps of it.
    pub record: Record,
}

/// What only one of the ledgers keeps of a ticket.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// The native ledger's record: provider, resource, resolution, and the envelope where the node gave it.
    Native(Box<SupportTicket>),
    /// SHA-256 of the sealed envelope, which a contract keeps instead of it.
    Contract([u8; 32]),
}

impl Ticket {
    /// True until it is resolved or closed.
    pub fn is_unfinished(&self) -> bool {
        !matches!(self.status, Status::Resolved | Status::Closed)
    }
}

/// Why a node shows no sealed text beside a record; `None` where it does. That it was erased is the node's word.
pub fn not_shown(envelope: Option<&MultiRecipientEnvelope>, erased: Option<&Erasure>) -> Option<String> {
    match (envelope, erased) {
        (Some(_), _) => None,
        (None, None) => Some("not shown by this node, which does not say why".to_owned()),
        (None, Some(erasure)) => Some(format!("not shown by this node (it says: {})", erased_text(erasure))),
    }
}

/// What a node says of an erasure, in words: `erased there on DATE by ADDRESS`.
pub(crate) fn erased_text(erasure: &Erasure) -> String {
    match erasure.erased_at {
        0 => "erased before this node had the ticket".to_owned(),
        at => format!("erased there at {} by {}", Moment(at), line(&erasure.erased_by)),
    }
}

/// A contract's ticket, its fields named as those of the native ledger.
#[derive(Serialize)]
struct OfContract<'a> {
    assigned_to: &'a str,
    category: &'a str,
    closed_at_burn_block: Option<u64>,
    created_at_burn_block: Option<u64>,
    customer_address: &'a str,
    payload_hash: String,
    priority: &'static str,
    resolved_at_burn_block: Option<u64>,
    response_count: u64,
    status: &'static str,
    ticket_id: String,
    updated_at_burn_block: Option<u64>,
}

impl Serialize for Ticket {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hash = match &self.record {
            Record::Native(wire) => return json::Ticket::from((**wire).clone()).serialize(serializer),
            Record::Contract(hash) => hash,
        };
        let block = |time: Option<Time>| match time {
            Some(Time::BurnBlock(height)) => Some(height),
            Some(Time::Unix(_)) | None => None,
        };
        let fields = OfContract {
            assigned_to: self.assigned_to.as_deref().unwrap_or_default(),
            category: &self.category,
            closed_at_burn_block: block(self.closed_at),
            created_at_burn_block: block(Some(self.created_at)),
            customer_address: &self.customer,
            payload_hash: hex::encode(hash),
            priority: self.priority.name(),
            resolved_at_burn_block: block(self.resolved_at),
            response_count: self.answers,
            status: self.status.name(),
            ticket_id: self.id.to_string(),
            updated_at_burn_block: block(Some(self.updated_at)),
        };
        fields.serialize(serializer)
    }
}
