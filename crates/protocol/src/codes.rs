//! Why the ledger refuses: stable codes in four codespaces. Codes are consensus, texts are not.

use std::fmt;

use thiserror::Error;

use crate::ids::{Address, TicketId};
use crate::limits::{ATTACHED_BYTES_PER_MESSAGE_MAX, ATTACHMENTS_PER_MESSAGE_MAX, GRANTS_BY_CUSTOMER_MAX};
use crate::ticket::Status;
use crate::time::record_time;

/// A time in the text of a refusal, in Unix seconds; it is written for people: `2026-11-21 09:33:43 UTC`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub i64);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match record_time(self.0) {
            Some(text) => write!(f, "{} UTC", text.trim_end_matches('Z').replace('T', " ")),
            None => write!(f, "{}", self.0),
        }
    }
}

/// A refusal, with what the reader needs to do better next time.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Of the transaction itself, numbered as in Cosmos.
    #[error(transparent)]
    Sdk(#[from] SdkError),
    /// Of the support module.
    #[error(transparent)]
    Support(#[from] SupportError),
    /// Of the roles module.
    #[error(transparent)]
    Roles(#[from] RolesError),
    /// Of the encryption module.
    #[error(transparent)]
    Encryption(#[from] EncryptionError),
}

impl Refusal {
    /// The codespace that [`Refusal::code`] counts in.
    pub fn codespace(&self) -> &'static str {
        match self {
            Self::Sdk(_) => "sdk",
            Self::Support(_) => "support",
            Self::Roles(_) => "roles",
            Self::Encryption(_) => "encryption",
        }
    }

    /// The stable number; never 0.
    pub fn code(&self) -> u32 {
        match self {
            Self::Sdk(error) => error.code(),
            Self::Support(error) => error.code(),
            Self::Roles(error) => error.code(),
            Self::Encryption(error) => error.code(),
        }
    }
}

/// Refusals of a transaction as such, with Cosmos's numbers.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SdkError {
    /// Not the canonical encoding of a transaction.
    #[error("tx parse error: {0}")]
    TxDecode(String),
    /// A signature is missing, superfluous or wrong.
    #[error("unauthorized: {0}; please verify the chain id, account number (0) and sequence")]
    Unauthorized(String),
    /// A message type that this ledger does not have.
    #[error("unknown request: {0}")]
    UnknownRequest(String),
    /// The public key is absent, of another kind, or not the signer's.
    #[error("invalid pubkey: {0}")]
    InvalidPubKey(String),
    /// The transaction can cost more than one may: nothing of it was verified. Cosmos's text, so that tools know it.
    #[error(
        "out of gas in location: signature checks; gasWanted: {wanted}, gasUsed: {used}: out of gas; send its messages in several transactions"
    )]
    OutOfGas {
        /// Gas that a transaction may cost.
        wanted: u64,
        /// Gas that this one can cost at most.
        used: u64,
    },
    /// The fee is not zero.
    #[error("invalid coins: this ledger takes no fees")]
    InvalidCoins,
    /// The memo is too long.
    #[error("memo too large: {found} bytes, at most {max}")]
    MemoTooLarge {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// A field of the transaction or of a message breaks a fixed bound.
    #[error("invalid request: {0}")]
    InvalidRequest(String),
    /// This transaction waits already.
    #[error("tx already in mempool")]
    TxInMempool,
    /// A block has this transaction already. Cosmos has one number for both.
    #[error("tx already on the ledger, in block {height}: look it up by its hash")]
    TxCommitted {
        /// The block.
        height: u64,
    },
    /// The mempool, or the sender's share of it, is full.
    #[error("mempool is full: {0}")]
    MempoolFull(String),
    /// The transaction is too long.
    #[error("tx too large: {found} bytes, at most {max}")]
    TxTooLarge {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// `timeout_height` has passed.
    #[error("tx timeout height: {timeout_height} has passed, the block is {height}")]
    TxTimeout {
        /// The last height the signer allowed.
        timeout_height: u64,
        /// The height of the block.
        height: u64,
    },
    /// `timeout_timestamp` has passed.
    #[error("tx timeout: {} has passed, the block is of {}", Moment(*timeout), Moment(*now))]
    TxTimedOut {
        /// The last second the signer allowed, in Unix seconds.
        timeout: i64,
        /// The block's time, in Unix seconds.
        now: i64,
    },
    /// Another sequence is next. Clients match this text.
    #[error("account sequence mismatch, expected {expected}, got {found}: incorrect account sequence")]
    WrongSequence {
        /// What the ledger expects.
        expected: u64,
        /// What was signed.
        found: u64,
    },
}

impl SdkError {
    /// Cosmos's number in codespace `sdk`.
    pub fn code(&self) -> u32 {
        match self {
            Self::TxDecode(_) => 2,
            Self::Unauthorized(_) => 4,
            Self::UnknownRequest(_) => 6,
            Self::InvalidPubKey(_) => 8,
            Self::InvalidCoins => 10,
            Self::OutOfGas { .. } => 11,
            Self::MemoTooLarge { .. } => 12,
            Self::InvalidRequest(_) => 18,
            Self::TxInMempool | Self::TxCommitted { .. } => 19,
            Self::MempoolFull(_) => 20,
            Self::TxTooLarge { .. } => 21,
            Self::TxTimeout { .. } => 30,
            Self::WrongSequence { .. } => 32,
            Self::TxTimedOut { .. } => 42,
        }
    }
}

/// Refusals of the support module, numbered as the original module numbered them.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each field is what its sentence says it is
pub enum SupportError {
    #[error("ticket {0} not found")]
    TicketNotFound(TicketId),
    #[error("ticket {0} exists already")]
    TicketExists(TicketId),
    #[error("invalid ticket id: {0}")]
    InvalidTicketId(String),
    #[error("ticket {ticket} is {status}: nobody can {action} from there")]
    InvalidStatus { ticket: TicketId, status: Status, action: &'static str },
    #[error("invalid status '{0}': use in_progress or pending_customer")]
    UnknownStatus(String),
    #[error("invalid priority '{0}': use low, normal, high or urgent")]
    InvalidPriority(String),
    #[error("invalid address: {0}")]
    InvalidAddress(String),
    #[error("unauthorized: {0}")]
    Unauthorized(String),
    #[error("ticket {0} is closed")]
    TicketClosed(TicketId),
    #[error("ticket {0} is not assigned")]
    NotAssigned(TicketId),
    #[error("ticket {ticket} is assigned to {assignee} already")]
    AlreadyAssigned { ticket: TicketId, assignee: Address },
    #[error("invalid encrypted payload: {0}")]
    InvalidEnvelope(String),
    #[error("rate limit: {limit} is {value}; {next}")]
    RateLimit { limit: &'static str, value: u32, next: String },
    #[error("too many responses: {limit} is {value}, {reserved} of them kept for staff")]
    TooManyResponses { limit: &'static str, value: u32, reserved: u32 },
    #[error("invalid parameters: {0}")]
    InvalidParams(String),
    #[error("ticket {0} is resolved already")]
    AlreadyResolved(TicketId),
    #[error("ticket {ticket} cannot be reopened: {reason}")]
    CannotReopen { ticket: TicketId, reason: String },
    #[error("invalid resource: {0}")]
    InvalidResource(String),
    #[error("ticket {ticket} has no response {index}")]
    ResponseNotFound { ticket: TicketId, index: u32 },
    #[error("invalid category '{0}'")]
    InvalidCategory(String),
    #[error("ticket {0} is not resolved")]
    NotResolved(TicketId),
    #[error("ticket {0} cannot be assigned to its own customer")]
    SelfAssignment(TicketId),
    #[error("ticket {ticket} now has {found} responses, not {expected}")]
    ResponseCountChanged { ticket: TicketId, expected: u32, found: u32 },
    #[error("no active administrator has a key, so nobody could read the ticket")]
    NoAdministratorCanRead,
    #[error("reader missing: {0} must be able to read this")]
    ReaderMissing(Address),
    #[error("reader not allowed: key {0} belongs to nobody who may read this")]
    ReaderNotAllowed(String),
    #[error(
        "document {document} now has version {found}, not {expected}: read it again, and base your change on that"
    )]
    DocumentChanged { document: String, expected: u64, found: u64 },
    #[error("invalid document: {0}")]
    InvalidDocument(String),
    #[error("too many documents: {shelf} holds at most {max}; remove one first")]
    TooManyDocuments { shelf: String, max: usize },
    #[error(
        "too many grants: {value} a target, {reserved} of them kept for administrators; of each half at most {} are its customer's",
        GRANTS_BY_CUSTOMER_MAX
    )]
    TooManyGrants { value: usize, reserved: usize },
    #[error("ticket {ticket} is {customer}'s already")]
    SameCustomer { ticket: TicketId, customer: Address },
    #[error("{address} cannot be a ticket's customer: {reason}")]
    CannotBeCustomer { address: Address, reason: &'static str },
    #[error("ticket {ticket} was transferred {max} times, and cannot be transferred again")]
    TooManyTransfers { ticket: TicketId, max: usize },
    #[error("ticket {ticket} cannot be rated: {reason}")]
    CannotRate { ticket: TicketId, reason: String },
    #[error("invalid score {0}: use 1 to 5")]
    InvalidScore(u32),
    #[error("invalid link: {0}")]
    InvalidLink(String),
    #[error("{ticket} and {other} are already linked: remove that link first")]
    LinkExists { ticket: TicketId, other: TicketId },
    #[error("{ticket} is not linked to {other} in that way")]
    LinkNotFound { ticket: TicketId, other: TicketId },
    #[error("{ticket} has {max} links, as many as a ticket may have")]
    TooManyLinks { ticket: TicketId, max: usize },
    #[error("{system} {id} was imported already: it is {ticket}")]
    ImportKnown { system: String, id: String, ticket: TicketId },
    #[error("invalid import: {0}")]
    InvalidImport(String),
    #[error("imports are closed: import_open is false")]
    ImportsClosed,
    #[error("invalid collaborators: {0}")]
    InvalidCollaborators(String),
    #[error("ticket {ticket} cannot be taken: {reason}")]
    CannotTake { ticket: TicketId, reason: &'static str },
    #[error("{ticket} can be put aside until {} at the latest, and not until {}", Moment(*most), Moment(*until))]
    SnoozeTime { ticket: TicketId, until: i64, most: i64 },
    #[error("invalid attachment: {0}; attach the file again")]
    InvalidAttachment(String),
    #[error(
        "{found} files in one message, at most {ATTACHMENTS_PER_MESSAGE_MAX}: send the others in another message"
    )]
    TooManyAttachments { found: usize },
    #[error(
        "the files have {found} bytes together with their padding, at most {ATTACHED_BYTES_PER_MESSAGE_MAX} in one message: send some in another message"
    )]
    AttachmentsTooLarge { found: u64 },
    #[error("a file has {found} bytes with its padding: max_attachment_bytes is {value}")]
    AttachmentTooLarge { found: u64, value: u32 },
    #[error("this desk takes no files: max_attachment_bytes is 0")]
    AttachmentsOff,
}

impl SupportError {
    /// The number in codespace `support`.
    pub fn code(&self) -> u32 {
        match self {
            Self::TicketNotFound(_) => 1,
            Self::TicketExists(_) => 2,
            Self::InvalidTicketId(_) => 3,
            Self::InvalidStatus { .. } | Self::UnknownStatus(_) => 4,
            Self::InvalidPriority(_) => 5,
            Self::InvalidAddress(_) => 6,
            Self::Unauthorized(_) => 7,
            Self::TicketClosed(_) => 8,
            Self::NotAssigned(_) => 9,
            Self::AlreadyAssigned { .. } => 10,
            Self::InvalidEnvelope(_) => 11,
            Self::RateLimit { .. } => 12,
            Self::TooManyResponses { .. } => 13,
            Self::InvalidParams(_) => 14,
            Self::AlreadyResolved(_) => 15,
            Self::CannotReopen { .. } => 16,
            Self::InvalidResource(_) => 17,
            Self::ResponseNotFound { .. } => 18,
            Self::InvalidCategory(_) => 19,
            Self::NotResolved(_) => 20,
            Self::SelfAssignment(_) => 21,
            Self::ResponseCountChanged { .. } => 40,
            Self::NoAdministratorCanRead => 41,
            Self::ReaderMissing(_) => 42,
            Self::ReaderNotAllowed(_) => 43,
            Self::TooManyGrants { .. } => 44,
            Self::DocumentChanged { .. } => 45,
            Self::InvalidDocument(_) => 47,
            Self::TooManyDocuments { .. } => 48,
            Self::SnoozeTime { .. } => 50,
            Self::SameCustomer { .. } => 51,
            Self::CannotBeCustomer { .. } => 52,
            Self::TooManyTransfers { .. } => 53,
            Self::CannotRate { .. } => 54,
            Self::InvalidScore(_) => 55,
            Self::InvalidLink(_) => 56,
            Self::LinkExists { .. } => 57,
            Self::LinkNotFound { .. } => 58,
            Self::TooManyLinks { .. } => 59,
            Self::InvalidAttachment(_) => 60,
            Self::TooManyAttachments { .. } => 61,
            Self::AttachmentsTooLarge { .. } => 62,
            Self::AttachmentTooLarge { .. } => 63,
            Self::AttachmentsOff => 64,
            Self::ImportKnown { .. } => 46,
            Self::InvalidImport(_) => 70,
            Self::ImportsClosed => 71,
            Self::InvalidCollaborators(_) => 75,
            Self::CannotTake { .. } => 76,
        }
    }
}

/// Refusals of the roles module.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each field is what its sentence says it is
pub enum RolesError {
    #[error("invalid address: {0}")]
    InvalidAddress(String),
    #[error("invalid role '{0}': use administrator, support_agent, customer or gateway")]
    InvalidRole(String),
    #[error("invalid account state '{0}': use active, suspended or terminated")]
    InvalidState(String),
    #[error("unauthorized: {0}")]
    Unauthorized(String),
    #[error("{0} has another role: revoke it first")]
    OtherRole(Address),
    #[error("{address} does not have the role {role}")]
    NoSuchRole { address: Address, role: String },
    #[error("{0} has that role already")]
    SameRole(Address),
    #[error("{0} is in that state already")]
    SameState(Address),
    #[error("{0} is terminated, which is final")]
    Terminated(Address),
    #[error("you cannot change your own account state: ask another administrator")]
    OwnState,
    #[error("at least one active administrator must remain")]
    LastAdministrator,
    #[error("at most {0} active administrators: every envelope names each of them")]
    TooManyAdministrators(usize),
    #[error("{0} is not active")]
    NotActive(Address),
    #[error("{0} is an administrator: administrators leave by their circle's votes")]
    CircleMember(Address),
    #[error("{voter} did not sign this {what}: {fits}")]
    BadVote { voter: Address, what: &'static str, fits: &'static str },
    #[error("it was signed for {}, the block is of {}: votes and appointments are at most an hour old and never later than their block", Moment(*made), Moment(*now))]
    VoteTime { made: i64, now: i64 },
    #[error(
        "the vote is for change {found}, the next one is {expected}: look at the administrators again and vote again"
    )]
    VotePosition { expected: u64, found: u64 },
    #[error("at most {0} open votes a member: the oldest ends after 60 days")]
    TooManyVotes(usize),
    #[error("at most {max} changes of the administrators a day: the next is allowed at {}", Moment(*next))]
    TooManyChanges { max: usize, next: i64 },
    #[error("{address} can be terminated after a day of suspension: at {}", Moment(*next))]
    NotSuspendedLong { address: Address, next: i64 },
    #[error("this ledger continues none")]
    ContinuesNone,
    #[error("at most {0} support agents: revoke the role of another one first")]
    TooManyAgents(usize),
    #[error("it was signed for {}, and {address} was appointed by a signature of {}: a new one has to be later", Moment(*made), Moment(*last))]
    AppointedLater { address: Address, made: i64, last: i64 },
}

impl RolesError {
    /// The number in codespace `roles`.
    pub fn code(&self) -> u32 {
        match self {
            Self::InvalidAddress(_) => 1,
            Self::InvalidRole(_) => 2,
            Self::InvalidState(_) => 3,
            Self::Unauthorized(_) => 4,
            Self::OtherRole(_) => 5,
            Self::NoSuchRole { .. } => 6,
            Self::SameRole(_) => 7,
            Self::SameState(_) => 8,
            Self::Terminated(_) => 9,
            Self::OwnState => 10,
            Self::LastAdministrator => 11,
            Self::TooManyAdministrators(_) => 12,
            Self::NotActive(_) => 13,
            Self::CircleMember(_) => 14,
            Self::BadVote { .. } => 15,
            Self::VoteTime { .. } => 16,
            Self::VotePosition { .. } => 17,
            Self::TooManyVotes(_) => 18,
            Self::TooManyChanges { .. } => 19,
            Self::NotSuspendedLong { .. } => 20,
            Self::ContinuesNone => 21,
            Self::TooManyAgents(_) => 22,
            Self::AppointedLater { .. } => 23,
        }
    }
}

/// Refusals of the encryption module.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each field is what its sentence says it is
pub enum EncryptionError {
    #[error("invalid address: {0}")]
    InvalidAddress(String),
    #[error("invalid key: {0}")]
    InvalidKey(String),
    #[error("the proof does not tie these keys to {0} on this chain")]
    InvalidProof(Address),
    #[error("unsupported algorithm '{0}'")]
    UnsupportedAlgorithm(String),
    #[error("{address} has registered key {fingerprint} before")]
    KeyExists { address: Address, fingerprint: String },
    #[error("no active key {0} that you may revoke")]
    KeyNotFound(String),
    #[error("at most {0} active keys: revoke one first")]
    TooManyActiveKeys(usize),
    #[error("at most {max} registrations a day: the next is allowed at {}", Moment(*next))]
    TooManyRegistrations { max: usize, next: i64 },
    #[error("at most {0} keys an address, revoked ones included")]
    TooManyKeys(usize),
    #[error("unauthorized: {0}")]
    Unauthorized(String),
    #[error("{0} did not sign these keys as their own on this ledger")]
    InvalidOwner(Address),
}

impl EncryptionError {
    /// The number in codespace `encryption`.
    pub fn code(&self) -> u32 {
        match self {
            Self::InvalidAddress(_) => 1,
            Self::InvalidKey(_) => 2,
            Self::InvalidProof(_) => 3,
            Self::UnsupportedAlgorithm(_) => 4,
            Self::KeyExists { .. } => 5,
            Self::KeyNotFound(_) => 6,
            Self::TooManyActiveKeys(_) => 7,
            Self::TooManyRegistrations { .. } => 8,
            Self::TooManyKeys(_) => 9,
            Self::Unauthorized(_) => 10,
            Self::InvalidOwner(_) => 11,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_when_in_a_way_that_a_person_reads() {
        let refusal = EncryptionError::TooManyRegistrations { max: 8, next: 1_795_256_901 };
        let text = "at most 8 registrations a day: the next is allowed at 2026-11-21 10:28:21 UTC";
        assert_eq!(refusal.to_string(), text);
    }
}
