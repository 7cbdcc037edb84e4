//! What happened, as one type for both ledgers.

use std::collections::BTreeSet;

use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::TicketId;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::Time;

/// Something that happened at a desk. This is the node's or the indexer's word: events have no proof.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEvent {
    /// Its ledger's name for it: `virtengine.support.v1.EventTicketCreated`, `ticket-created`.
    pub name: String,
    /// When it happened.
    pub at: Time,
    /// The block of the native ledger; `None` of a contract.
    pub height: Option<u64>,
    /// The transaction; `None` for what the ledger did by itself.
    pub txhash: Option<String>,
    /// Goes on after it; `None` where the events of one ticket were gathered.
    pub cursor: Option<String>,
    /// The ticket that it is about, if it is about one.
    pub ticket: Option<TicketId>,
    /// What changed.
    pub change: Change,
    /// Its fields by its ledger's own names, for programs.
    pub fields: Map<String, Value>,
}

impl HistoryEvent {
    /// The names of the fields that events of a ledger have for programs, each once. Not every event has all of them.
    pub fn field_names() -> BTreeSet<&'static str> {
        let mut names = Event::field_names();
        names.extend(["type", "txhash", "cursor"]);
        names
    }
}

/// What changed. `by` is who did it. Texts were written by others, and are public.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // the fields are what their names say; the variants are documented
pub enum Change {
    /// A customer wrote a ticket.
    Created { by: String, category: String, priority: String },
    /// An administrator told a ticket from another system.
    Imported { by: String, customer: String, source: String, id: String },
    /// Somebody answered.
    Answered { by: String },
    /// Staff left a note.
    Noted { by: String },
    /// The ticket was given to an agent, and to those who work on it beside them.
    Assigned { by: String, to: String, with: Vec<String> },
    /// The ticket's status changed; by the ledger itself where nobody did.
    Moved { by: Option<String>, from: String, to: String },
    /// The ticket's priority changed.
    Prioritized { by: String, from: String, to: String, reason: String },
    /// The ticket was answered for good.
    Resolved { by: String, resolution: String },
    /// The ticket ended; by itself where nobody closed it.
    Closed { by: Option<String>, reason: String },
    /// The ticket began again.
    Reopened { by: String, reason: String },
    /// A later reader was let in; the native ledger says to what and by which key.
    Granted { by: String, to: Option<GrantedTo> },
    /// A document was written or removed; `owner` is whose it is, where it is somebody's own.
    Document { by: String, shelf: String, owner: Option<String>, name: String, removed: bool },
    /// The ticket was given to another customer.
    Transferred { by: String, from: String, to: String, reason: String },
    /// Its customer said how well it was resolved.
    Rated { by: String, score: u32, comment: bool },
    /// Staff said how it stands to another ticket, or took that back.
    Linked { by: String, kind: String, other: String, removed: bool },
    /// The ticket was put aside until a time; or, without one, taken up again.
    Snoozed { by: String, until: Option<Time> },
    /// A ticket that was put aside is back.
    CameBack,
    /// The desk's limits changed.
    Limits { by: String },
    /// A key was published.
    KeyPublished { of: String, key: KeyName },
    /// A key was taken out of use, by its owner or by somebody entitled.
    KeyRevoked { of: String, key: KeyName },
    /// Somebody was given a role.
    RoleGiven { by: String, to: String, role: String },
    /// Somebody lost a role.
    RoleTaken { by: String, from: String, role: String },
    /// A contract was offered to a new owner, who has to accept it.
    OwnerProposed { by: String, to: String },
    /// A contract has a new owner.
    OwnerChanged { by: String, to: String },
    /// An account was suspended, restored or terminated.
    AccountState { by: String, of: String, from: String, to: String, reason: String },
    /// A vote on a validator's power.
    ValidatorProposed { by: String, validator: Validator, power: i64 },
    /// A validator's power changed.
    ValidatorChanged { validator: Validator, power: i64, before: i64 },
    /// A vote for or against an administrator that does not decide yet.
    CircleVote { by: String, of: String, removes: bool, votes: u32, members: u32 },
    /// A vote that the ledger continues another.
    ContinueVote { by: String, votes: u32, members: u32 },
}

/// A key of the directory, by what its ledger's events name of it: a fingerprint, a version, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the fields are what their names say
pub struct KeyName {
    pub fingerprint: Option<String>,
    pub version: Option<u64>,
}

/// A validator of the native ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validator {
    /// Its key, in lower-case hexadecimal digits.
    pub key: String,
    /// Its operator's name; empty where none was given. Others wrote it.
    pub moniker: String,
}

/// What a later reader was let in to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantedTo {
    /// The answer's index; `None` for the ticket's first message.
    pub index: Option<u32>,
    /// The fingerprint of the reader's key.
    pub key: String,
}

impl Serialize for HistoryEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = self.fields.clone();
        if self.txhash.is_some() || self.cursor.is_some() {
            fields.insert("txhash".to_owned(), self.txhash.clone().into());
        }
        if let Some(cursor) = &self.cursor {
            fields.insert("cursor".to_owned(), cursor.clone().into());
        }
        fields.serialize(serializer)
    }
}
