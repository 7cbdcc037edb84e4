//! A ticket and everything said in it, opened for one reader.

use sealdesk_envelope::Opened;
use sealdesk_envelope::content::{FileEntry, ImportedFrom, MessageContent, NotAFile, TicketContent, files};
use sealdesk_protocol::json as protocol_json;
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::messages::GrantTarget;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{Due, HistoryEvent, Ticket, Time, Warning};

/// A ticket and everything said about it.
#[derive(Serialize)]
pub struct Conversation {
    /// Its public record, without the envelope.
    pub ticket: Ticket,
    /// The height of the proven state; `None` of a contract, where nothing is proven.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
    /// What is due of it first, by the desk's service levels, counted from what is proven; a contract promises nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// The ticket's first message, then every answer in order: none is left out.
    pub messages: Vec<Message>,
    /// Who can open how much of it.
    pub readers: Vec<Reader>,
    /// What happened when, as the node or the indexer tells it.
    pub events: Vec<HistoryEvent>,
    /// The block with which that begins, where the node does not know what happened before; the messages are whole all the same.
    pub events_from: Option<u64>,
    /// Why the node does not tell what happened; the messages are whole all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events_missing: Option<String>,
}

/// One message of a conversation.
pub struct Message {
    /// The answer's index; `None` for the ticket's own first message.
    pub index: Option<u32>,
    /// Who wrote it: whatever opens is signed by them, and of the rest it is the ledger's word.
    pub author: String,
    /// Whether the author was the ticket's staff then.
    pub is_staff: bool,
    /// A note among staff.
    pub internal: bool,
    /// The score that the customer gave, 1 to 5, where it is the comment on a resolution.
    pub score: Option<u32>,
    /// Who wrote it elsewhere, and when, of an imported text: its author tells that in the text. An empty name says that they did not, or that
    /// the text could not be opened.
    pub imported: Option<ImportedFrom>,
    /// When it was written.
    pub created_at: Time,
    /// Where it was found.
    pub place: Place,
    /// What stands in it.
    pub body: Body,
    /// What its readers should know of it.
    pub warnings: Vec<Warning>,
}

/// What stands in a message, or why it cannot be shown. Not printable by accident, so that no plaintext gets into a log:
///
/// ```compile_fail
/// fn print(body: &sealdesk_client::view::Body) { format!("{body:?}"); }
/// ```
#[derive(Clone, PartialEq)]
pub enum Body {
    /// A ticket's first message.
    Ticket(TicketContent),
    /// An answer or a note.
    Message(MessageContent),
    /// It was sealed for others.
    NotForYou,
    /// It was sealed for this reader and does not open, or its signature is not its author's.
    CannotOpen,
    /// The sealed text is kept back, though the ledger has a head for it.
    Withheld,
    /// The node has erased it, by its own word, which is here: another node, or a backup, may still have it.
    Erased(String),
    /// It opened, and holds nothing that a desk writes. Says what is wrong, never what stands there.
    Unreadable(String),
}

impl Body {
    /// What an opened text holds, by where it stands.
    pub(crate) fn of(target: GrantTarget, opened: &Opened<'_>) -> Self {
        Self::of_plaintext(target, opened.plaintext())
    }

    /// What a text holds, by where it stands.
    pub(crate) fn of_plaintext(target: GrantTarget, plaintext: &[u8]) -> Self {
        let parsed = match target {
            GrantTarget::Ticket => TicketContent::parse(plaintext).map(Self::Ticket),
            GrantTarget::Response(_) => MessageContent::parse(plaintext).map(Self::Message),
        };
        parsed.unwrap_or_else(|error| Self::Unreadable(error.to_string()))
    }

    /// Why there is no text, as a word for programs, which does not change.
    const fn kind_of_reason(&self) -> Option<&'static str> {
        match self {
            Self::Ticket(_) | Self::Message(_) => None,
            Self::NotForYou => Some("not_for_you"),
            Self::CannotOpen => Some("cannot_open"),
            Self::Withheld => Some("withheld"),
            Self::Erased(_) => Some("erased"),
            Self::Unreadable(_) => Some("unreadable"),
        }
    }
}

/// Where a message was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the native ledger's block of this height.
    Block(u64),
    /// In a contract call: the transaction that brought the sealed text, by the indexer's word.
    Call(Option<String>),
}

/// What kind of message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// The customer wrote it.
    Customer,
    /// Staff answered.
    Staff,
    /// Staff wrote it for staff.
    Note,
}

impl MessageKind {
    /// The kind of a message from the ledger's two marks.
    pub fn new(internal: bool, is_staff: bool) -> Self {
        match (internal, is_staff) {
            (true, _) => Self::Note,
            (false, true) => Self::Staff,
            (false, false) => Self::Customer,
        }
    }
}

impl Message {
    /// What kind of message it is.
    pub fn kind(&self) -> MessageKind {
        MessageKind::new(self.internal, self.is_staff)
    }

    /// The text to show first: a ticket's description, an answer's message.
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
    pub fn attachments(&self) -> &[Value] {
        match &self.body {
            Body::Ticket(content) => &content.attachments,
            Body::Message(content) => &content.attachments,
            _ => &[],
        }
    }

    /// Attached files, each as its author's client described it, with a harmless name.
    pub fn files(&self) -> Vec<Result<FileEntry, NotAFile>> {
        files(self.attachments())
    }

    /// The ticket's tags from this note on; `None` where it is not a note, or says nothing of them, or where it is not certain who wrote it.
    pub fn tags(&self) -> Option<Vec<String>> {
        let is_doubted = self.warnings.iter().any(Warning::doubts_origin);
        match &self.body {
            Body::Message(content) if self.internal && !is_doubted => content.tags(),
            _ => None,
        }
    }

    /// Why there is no text, in words.
    pub fn reason(&self) -> Option<&str> {
        match (&self.body, &self.place) {
            (Body::Ticket(_) | Body::Message(_), _) => None,
            (Body::NotForYou, _) => Some("sealed for others"),
            (Body::CannotOpen, _) => Some("cannot be opened: it is damaged, or not signed by its author"),
            (Body::Withheld, Place::Block(_)) => {
                Some("the node does not give it, though the ledger proves that it is there")
            }
            (Body::Withheld, Place::Call(_)) => {
                Some("the indexer does not give it, though the contract keeps its hash")
            }
            (Body::Erased(why) | Body::Unreadable(why), _) => Some(why),
        }
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut value = json!({
            "author": self.author,
            "internal": self.internal,
            "score": self.score,
            "text": self.text(),
            "response_index": self.index,
            "subject": self.subject(),
            "is_agent": self.is_staff,
            "attachments": self.attachments().iter().map(without_key).collect::<Vec<_>>(),
            "not_shown": self.reason(),
            "not_shown_kind": self.body.kind_of_reason(),
            "warnings": self.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "warned": self.warnings,
        });
        if let Some(told) = &self.imported {
            let at = told.at.map(protocol_json::time);
            value["imported"] = json!({ "author": told.author, "by_staff": told.by_staff, "created_at": at });
        }
        if let Some(tags) = self.tags() {
            value["tags"] = tags.into();
        }
        match self.created_at {
            Time::Unix(seconds) => value["created_at"] = protocol_json::time(seconds).into(),
            Time::BurnBlock(height) => value["created_at_burn_block"] = height.into(),
        }
        match &self.place {
            Place::Block(height) => value["height"] = (*height).into(),
            Place::Call(transaction) => value["txhash"] = transaction.clone().into(),
        }
        value.serialize(serializer)
    }
}

/// A file's description without its key, which opens it: what is printed gets into logs.
fn without_key(file: &Value) -> Value {
    let mut shown = file.clone();
    if let Some(fields) = shown.as_object_mut() {
        fields.remove("key");
    }
    shown
}

/// Somebody who can open at least one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reader {
    /// The key that a message was sealed for.
    #[serde(rename = "key_fingerprint", serialize_with = "as_text")]
    pub fingerprint: Fingerprint,
    /// Who registered that key. Mostly one; a fingerprint is not a name. Empty where nobody known did.
    pub addresses: Vec<String>,
    /// How many messages the key can open.
    pub messages: usize,
    /// Whether any of them was opened to it later, by a grant.
    pub granted: bool,
}

fn as_text<S: Serializer>(fingerprint: &Fingerprint, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(fingerprint)
}
