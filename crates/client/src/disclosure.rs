//! One message for a third party, who matches it against a receipt: made by a reader, judged without a node.

use sealdesk_envelope::{DISCLOSURE_BYTES_MAX, DisclosedPlace, Disclosure};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::ticket::{author, is_imported_response};
use sealdesk_protocol::wire::virtengine::support::v1::EnvelopeContext;
use zeroize::Zeroizing;

use crate::actor::Actor;
use crate::desk::Desk;
pub use crate::disclosure_error::{DisclosureFault, NotDisclosed};
use crate::error::Result;
use crate::node::Transport;
use crate::read::RecordPlace;
use crate::receipt::TicketReceipt;
use crate::view::{Body, Message};

/// Longest file that is read, in bytes.
pub const FILE_BYTES_MAX: usize = DISCLOSURE_BYTES_MAX;

/// A message that was made for a third party.
pub struct MadeDisclosure {
    /// The file. Whoever has it can open this message.
    pub file: Zeroizing<Vec<u8>>,
    /// The message.
    pub message: Message,
}

/// A message whose text is what was sealed, as a receipt proves.
pub struct ProvenMessage {
    /// Which ticket.
    pub ticket: TicketId,
    /// Which answer or note, from 0; `None` = the first message.
    pub index: Option<u32>,
    /// Who sealed it, by address.
    pub author: String,
    /// Whether it is a note for the staff.
    pub internal: bool,
    /// When it came into a block, in Unix seconds; of an earlier ledger, by the word of whoever made this one out of it.
    pub created_at: i64,
    /// The earlier ledger that it was sealed on; `None` = the receipt's own.
    pub earlier: Option<String>,
    /// What was sealed.
    pub body: Body,
    /// The digest that the receipt proves.
    pub digest: [u8; 32],
}

/// What a receipt proves of one message.
struct ProvenHead<'a> {
    target: GrantTarget,
    author: &'a str,
    is_imported: bool,
    internal: bool,
    created_at: i64,
    context: EnvelopeContext,
    digest: &'a [u8],
}

impl TicketReceipt {
    /// Holds a disclosure against this receipt: the text is what was sealed in the ticket, or the answer, that the file names.
    ///
    /// # Errors
    /// [`DisclosureFault`]: another text, another message, another ticket, or none of these.
    pub fn disclosed(&self, file: &[u8]) -> std::result::Result<ProvenMessage, DisclosureFault> {
        let (place, disclosure) = Disclosure::from_json(file)?;
        let head = self.head_of(&place)?;
        let chain_id = self.verified.chain_id();
        // Which record it is, its author and its place in a transaction are the receipt's word alone.
        let record = RecordPlace {
            chain_id,
            ticket: self.id,
            target: head.target,
            internal: head.internal,
            author: head.author,
            is_imported: head.is_imported,
        };
        let digest = disclosure.digest(&record.context(&head.context))?;
        if digest.as_slice() != head.digest {
            let (found, proven) = (hex::encode(digest), hex::encode(head.digest));
            return Err(DisclosureFault::Differs { found, proven });
        }
        Ok(ProvenMessage {
            ticket: self.id,
            index: place.response,
            author: head.author.to_owned(),
            internal: head.internal,
            created_at: head.created_at,
            earlier: Some(head.context.chain_id).filter(|name| !name.is_empty()),
            body: Body::of_plaintext(head.target, disclosure.plaintext()),
            digest,
        })
    }

    fn head_of(&self, place: &DisclosedPlace) -> std::result::Result<ProvenHead<'_>, DisclosureFault> {
        let receipt = self.verified.chain_id();
        if place.chain_id != receipt.as_str() {
            let file = place.chain_id.clone();
            return Err(DisclosureFault::OtherLedger { file, receipt: receipt.clone() });
        }
        if place.ticket != self.id {
            return Err(DisclosureFault::OtherTicket { file: place.ticket, receipt: self.id });
        }
        let Some(index) = place.response else {
            return Ok(ProvenHead {
                target: GrantTarget::Ticket,
                author: author(&self.ticket),
                is_imported: self.ticket.imported.is_some(),
                internal: false,
                created_at: self.ticket.created_at,
                context: self.ticket.payload_context.clone().unwrap_or_default(),
                digest: &self.payload_digest,
            });
        };
        let answers = self.ticket.response_count;
        let head = usize::try_from(index).ok().and_then(|place| self.responses.get(place));
        let response = head.and_then(|head| Some((head, head.response.as_ref()?)));
        let (head, response) = response.ok_or(DisclosureFault::NotYet { index, answers })?;
        Ok(ProvenHead {
            target: GrantTarget::Response(index),
            author: &response.responder_address,
            is_imported: is_imported_response(&self.ticket, index),
            internal: response.internal,
            created_at: response.created_at,
            context: response.payload_context.clone().unwrap_or_default(),
            digest: &head.payload_digest,
        })
    }
}

impl<T: Transport> Desk<T> {
    /// Makes a file of one message that the actor can open, with which a third party matches its text against a receipt. Messages are
    /// counted from 1, the ticket's first one, in the order in which they came.
    ///
    /// # Errors
    /// [`NotDisclosed`]; else [`crate::Error`].
    pub async fn disclose(&self, actor: &Actor, ticket: TicketId, number: usize) -> Result<MadeDisclosure> {
        let records = self.ticket_records(ticket).await?;
        let messages = records.open(self, actor).await?;
        let count = messages.len();
        let found = number.checked_sub(1).and_then(|place| {
            let message = messages.into_iter().nth(place)?;
            Some((message, records.targets.get(place)?))
        });
        let no_such = NotDisclosed::NoSuchMessage { ticket, messages: count, number };
        let (message, target) = found.ok_or(no_such)?;
        let closed = || {
            let why = message.reason().unwrap_or("it cannot be opened").to_owned();
            NotDisclosed::NotOpened { ticket, number, why }
        };
        let pairs = records.own_pairs(self, actor).await?;
        let sealed = target.sealed.as_ref().ok_or_else(closed)?;
        let opened = sealed.open(&pairs).and_then(std::result::Result::ok).ok_or_else(closed)?;
        let place =
            DisclosedPlace { chain_id: self.chain().chain_id.to_string(), ticket, response: message.index };
        let file = opened.disclose().to_json(&place).map_err(NotDisclosed::from)?;
        Ok(MadeDisclosure { file, message })
    }
}
