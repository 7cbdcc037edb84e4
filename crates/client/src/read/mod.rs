//! A conversation as the ledger proves it, opened for one reader.

mod opening;
mod readers;
mod records;
mod sealed;

use sealdesk_envelope::content::{MessageContent, TicketContent};
use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;
use thiserror::Error;

pub(crate) use records::{Records, Target};
pub(crate) use sealed::SealedRecord;

use crate::actor::Actor;
use crate::desk::Desk;
use crate::error::Result;
use crate::node::Transport;

/// Why a ticket cannot be read at all. A single message that cannot be opened is no error: it says so itself.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    /// Two records claim one message of one transaction: one of them is a copy, and nobody can say which.
    #[error(transparent)]
    PlaceUsedTwice(#[from] sealdesk_envelope::PlaceUsedTwice),
    /// The ticket changed under every attempt to read it.
    #[error("ticket {0} changes faster than it can be read")]
    Restless(TicketId),
}

/// What stands in a message, or why it cannot be shown. Not printable by accident, so that no plaintext gets into a log:
///
/// ```compile_fail
/// fn print(body: &sealdesk_client::read::Body) { format!("{body:?}"); }
/// ```
#[derive(Clone, PartialEq)]
pub enum Body {
    /// A ticket's first message.
    Ticket(TicketContent),
    /// A response or note.
    Message(MessageContent),
    /// It was sealed for others.
    NotForYou,
    /// It was sealed for this reader and does not open, or its signature is not its author's.
    CannotOpen,
    /// The node does not give the sealed text, though the ledger proves that there is one.
    Withheld,
    /// It opened, and holds nothing that a desk writes. Says what is wrong, never what stands there.
    Unreadable(String),
}

/// One message of a conversation.
pub struct Message {
    /// The response's index; `None` for the ticket's own first message.
    pub index: Option<u32>,
    /// Who wrote it, by a signature that was verified; of a body that cannot be opened the ledger's word.
    pub author: Address,
    /// Whether the author was the ticket's staff then.
    pub is_agent: bool,
    /// A note among staff.
    pub internal: bool,
    /// The block's time, Unix seconds.
    pub created_at: i64,
    /// The block that holds it.
    pub height: u64,
    /// What stands in it.
    pub body: Body,
    /// In words: what its author did that its readers should know.
    pub warnings: Vec<String>,
}

impl Message {
    /// The text to show first: a ticket's description, a response's message.
    pub fn text(&self) -> Option<&str> {
        match &self.body {
            Body::Ticket(content) => Some(&content.description),
            Body::Message(content) => Some(&content.message),
            _ => None,
        }
    }

    /// The subject line, of a ticket's first message.
    pub fn subject(&self) -> Option<&str> {
        match &self.body {
            Body::Ticket(content) => Some(&content.subject),
            _ => None,
        }
    }

    /// Attached files, as the author's client described them.
    pub fn attachments(&self) -> &[serde_json::Value] {
        match &self.body {
            Body::Ticket(content) => &content.attachments,
            Body::Message(content) => &content.attachments,
            _ => &[],
        }
    }

    /// Why there is no text, in words.
    pub fn reason(&self) -> Option<&str> {
        match &self.body {
            Body::Ticket(_) | Body::Message(_) => None,
            Body::NotForYou => Some("sealed for others"),
            Body::CannotOpen => Some("cannot be opened: it is damaged, or not signed by its author"),
            Body::Withheld => Some("the node does not give it, though the ledger proves that it is there"),
            Body::Unreadable(why) => Some(why),
        }
    }
}

/// Somebody who can open at least one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The key that a message was sealed for.
    pub fingerprint: Fingerprint,
    /// Who registered that key, proven. Mostly one; a fingerprint is not a name.
    pub addresses: Vec<Address>,
    /// How many messages the key can open.
    pub messages: usize,
    /// Whether any of them was opened to it later, by a grant.
    pub granted: bool,
}

/// Something that happened to a ticket. This is the node's word: receipts do not prove events.
#[derive(Debug, Clone, PartialEq)]
pub struct Happened {
    /// The block.
    pub height: u64,
    /// The block's time, Unix seconds.
    pub timestamp: i64,
    /// The transaction; `None` for what the ledger did by itself.
    pub txhash: Option<TxHash>,
    /// What happened.
    pub event: Event,
}

/// A ticket and everything said about it.
pub struct Conversation {
    /// The ticket's proven record, without its envelope.
    pub ticket: SupportTicket,
    /// The height of the proven state.
    pub height: u64,
    /// The ticket's first message, then every response in order: none is left out.
    pub messages: Vec<Message>,
    /// Who can open how much of it.
    pub readers: Vec<Reader>,
    /// What happened when, as the node tells it.
    pub events: Vec<Happened>,
    /// The block with which that begins, where the node does not know what happened before; the messages are whole all the same.
    pub events_from: Option<u64>,
}

impl<T: Transport> Desk<T> {
    /// Reads a ticket: its record and those of all its responses by proof, every envelope against the proven digest, every
    /// signature under the author's proven key; then opens what is meant for the reader.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn read(&self, actor: &Actor, id: TicketId) -> Result<Conversation> {
        let records = self.ticket_records(id).await?;
        let messages = records.open(self, actor).await?;
        let readers = records.readers();
        let (events, events_from) = self.events_of(id).await?;
        let (ticket, height) = (records.ticket, records.height);
        Ok(Conversation { ticket, height, messages, readers, events, events_from })
    }
}
