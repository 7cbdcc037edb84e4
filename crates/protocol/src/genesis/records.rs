//! The records of the desk as the document writes them.

mod documents;
mod params;

use serde::{Deserialize, Serialize};

pub use documents::{Document, DocumentWriter, Published, PublishedVersion, Shelf};
pub use params::Params;

use super::attachments::{AttachedHour, Attachment};
use super::encoding::{base64, later, time, times};

/// Everything that the ledger knows, but for what has happened: transactions and events stay with the old ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppState {
    /// [`super::APP_STATE_SCHEMA`].
    pub schema: u32,
    /// What addresses begin with.
    pub prefix: String,
    /// The limits that administrators may change.
    pub params: Params,
    /// Tickets created so far.
    #[serde(default)]
    pub ticket_count: u64,
    /// Everyone who is not simply an active customer, ascending by address.
    pub members: Vec<Member>,
    /// Every change of the circle of administrators, from position 0 on; empty = the circle begins with `members`.
    #[serde(default)]
    pub circle: Vec<CircleChange>,
    /// Where the ledger that this one continues had come to; null = it continues none.
    #[serde(default)]
    pub continues: Option<Continues>,
    /// How the ledgers before this one began, the first one first.
    #[serde(default)]
    pub earlier: Vec<Beginning>,
    /// Accounts that have signed, ascending by address.
    #[serde(default)]
    pub accounts: Vec<Account>,
    /// The key directory, ascending by address.
    #[serde(default)]
    pub keys: Vec<Keys>,
    /// What the limits know of customers, ascending by address.
    #[serde(default)]
    pub customers: Vec<Customer>,
    /// Every ticket with its responses, ascending by id.
    #[serde(default)]
    pub tickets: Vec<Ticket>,
    /// Every document, ascending by shelf and name.
    #[serde(default)]
    pub documents: Vec<Document>,
    /// Every shelf on which somebody has written, ascending.
    #[serde(default)]
    pub shelves: Vec<Shelf>,
    /// Versions of public documents that service levels are counted by, ascending by name.
    #[serde(default)]
    pub published: Vec<Published>,
    /// What the limits know of those who write documents, ascending by address.
    #[serde(default)]
    pub document_writers: Vec<DocumentWriter>,
}

/// An account's place in the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Whose.
    pub address: String,
    /// `administrator`, `support_agent`, `customer`, `gateway`, or empty.
    pub role: String,
    /// `active`, `suspended` or `terminated`.
    pub state: String,
    /// The administrator who gave the role; empty for genesis itself.
    pub assigned_by: String,
    /// When the role was given; null without one.
    #[serde(with = "later")]
    pub assigned_at: i64,
    /// When the account was suspended; null unless it is.
    #[serde(default, with = "later")]
    pub suspended_at: i64,
    /// What `assigned_by` signed, of the roles that are given by a signature; null where nobody did.
    #[serde(default)]
    pub appointment: Option<Appointment>,
    /// Whether a staff role of theirs ended: administrators may revoke their keys still.
    #[serde(default)]
    pub was_staff: bool,
    /// When the newest appointment was made that they ever had; null where they had none. The next one has to be made later.
    #[serde(default, with = "later")]
    pub last_appointed_at: i64,
}

/// A member's signature that they gave somebody a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appointment {
    /// When, as signed.
    #[serde(with = "time")]
    pub made: i64,
    /// The position of the circle that was signed.
    pub position: u64,
    /// Compressed secp256k1, or the amino encoding of a multisig key.
    #[serde(with = "base64")]
    pub account_pub_key: Vec<u8>,
    /// ADR-36.
    #[serde(with = "base64")]
    pub account_signature: Vec<u8>,
    /// The identity of the ledger that was signed for, lower-case hex; empty = the one that begins with this document.
    #[serde(default)]
    pub appointed_on: String,
}

/// A change of the circle, as `CircleChange` in proto/ has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CircleChange {
    /// Counted from 0, which is the genesis of the first ledger.
    pub position: u64,
    /// Who joined or left; empty at position 0.
    pub address: String,
    /// True if they left.
    pub removes: bool,
    /// The votes that decided, ascending by voter.
    pub votes: Vec<MemberVote>,
    /// When.
    #[serde(with = "time")]
    pub changed_at: i64,
    /// `C` after it.
    #[serde(with = "base64")]
    pub circle: Vec<u8>,
    /// The ledger where it was made.
    pub chain_id: String,
    /// Its identity, lower-case hex.
    pub identity: String,
}

/// A member's vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberVote {
    /// Who.
    pub voter: String,
    /// When, as signed.
    #[serde(with = "time")]
    pub made: i64,
    /// Compressed secp256k1.
    #[serde(with = "base64")]
    pub account_pub_key: Vec<u8>,
    /// ADR-36.
    #[serde(with = "base64")]
    pub account_signature: Vec<u8>,
}

/// Where a ledger had come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Continues {
    /// Its identity, lower-case hex.
    pub identity: String,
    /// Its last block.
    pub height: u64,
    /// The root of its state after that block, lower-case hex.
    pub app_hash: String,
}

/// How a ledger began. Its prefix is that of the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beginning {
    /// Its name.
    pub chain_id: String,
    /// `C` at its genesis.
    #[serde(with = "base64")]
    pub circle: Vec<u8>,
    /// The hash of its validators at genesis, lower-case hex.
    pub validators_hash: String,
    /// What it continued.
    pub continues: Option<Continues>,
}

/// What a signer has used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Whose.
    pub address: String,
    /// The next transaction's sequence.
    pub sequence: u64,
    /// Compressed secp256k1.
    #[serde(with = "base64")]
    pub pub_key: Vec<u8>,
}

/// An address's keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// Whose.
    pub address: String,
    /// Ascending by version, from 1, revoked ones included.
    pub keys: Vec<Key>,
}

/// A key pair of the directory. Its proof was made for the ledger where it was registered and is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Counted from 1 for each address.
    pub version: u32,
    /// X25519.
    #[serde(with = "base64")]
    pub public_key: Vec<u8>,
    /// Ed25519.
    #[serde(with = "base64")]
    pub signing_key: Vec<u8>,
    /// The fingerprint of `public_key`.
    pub fingerprint: String,
    /// Its owner's name for it; public.
    pub label: String,
    /// When it was registered.
    #[serde(with = "time")]
    pub registered_at: i64,
    /// When it was revoked; null while it is active.
    #[serde(with = "later")]
    pub revoked_at: i64,
    /// The owner's account key, compressed secp256k1; empty where nobody signed the key, which is revoked by the import then.
    #[serde(default, with = "base64")]
    pub account_pub_key: Vec<u8>,
    /// The owner's ADR-36 signature over both keys.
    #[serde(default, with = "base64")]
    pub account_signature: Vec<u8>,
    /// The identity of the ledger that the signature names, lower-case hex; empty = the one that begins with this document.
    #[serde(default)]
    pub registered_on: String,
}

/// What the limits know of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// Whose.
    pub address: String,
    /// Tickets that are not closed.
    pub open_tickets: u32,
    /// The last create or reopen, which the cooldown counts from; null where there was none, and tickets were transferred to them.
    #[serde(with = "later")]
    pub last_created_at: i64,
    /// Creations as of the last one, of the day before it, ascending.
    #[serde(with = "times")]
    pub created_at: Vec<i64>,
    /// Bytes of attached files by the hour, ascending.
    #[serde(default)]
    pub attached: Vec<AttachedHour>,
}

/// A ticket with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are those of `SupportTicket` in proto/
pub struct Ticket {
    pub ticket_id: String,
    pub customer_address: String,
    #[serde(default)]
    pub previous_customers: Vec<String>,
    pub provider_address: String,
    pub resource_ref: Option<Resource>,
    pub status: String,
    pub priority: String,
    pub category: String,
    pub assigned_to: String,
    #[serde(default)]
    pub collaborators: Vec<String>,
    #[serde(with = "time")]
    pub created_at: i64,
    #[serde(with = "time")]
    pub updated_at: i64,
    #[serde(with = "later")]
    pub resolved_at: i64,
    /// The last second at which it does not close by itself, while it is resolved, or does not come back, while it is put aside; else null.
    #[serde(with = "later")]
    pub due_at: i64,
    #[serde(with = "later")]
    pub closed_at: i64,
    pub resolution_ref: String,
    #[serde(default, with = "later")]
    pub snoozed_until: i64,
    /// Null of a ticket that was written on a ledger.
    #[serde(default)]
    pub imported: Option<Imported>,
    /// Ascending by ticket; the other one's record says the same from its side.
    #[serde(default)]
    pub links: Vec<Link>,
    /// In order.
    #[serde(default)]
    pub ratings: Vec<Rating>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// In order; none where nobody knows what happened to it.
    #[serde(default)]
    pub steps: Vec<Step>,
    #[serde(default)]
    pub steps_dropped: u32,
    pub payload: Payload,
    /// In the order of `response_index`, which counts from 0.
    pub responses: Vec<Response>,
}

/// Where a ticket came from that an administrator told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are those of `Imported` in proto/
pub struct Imported {
    pub source: String,
    pub source_id: String,
    pub imported_by: String,
    pub responses: u32,
    pub customer_keys: Vec<String>,
}

/// How a ticket stands to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are those of `TicketLink` in proto/
pub struct Link {
    pub kind: String,
    pub ticket_id: String,
}

/// What a ticket's status and priority became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are those of `TicketStep` in proto/
pub struct Step {
    #[serde(with = "time")]
    pub at: i64,
    pub status: String,
    pub priority: String,
}

/// What a ticket's customer said of a resolution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are those of `TicketRating` in proto/
pub struct Rating {
    pub score: u32,
    #[serde(with = "time")]
    pub rated_at: i64,
    #[serde(with = "time")]
    pub resolved_at: i64,
    pub agent: String,
    pub customer: String,
    /// Index of the response that is their comment; null without one.
    pub comment: Option<u32>,
}

/// What a ticket is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are those of `ResourceReference` in proto/
pub struct Resource {
    pub r#type: String,
    pub id: String,
    pub owner: String,
}

/// A response or a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are those of `TicketResponse` in proto/
pub struct Response {
    pub responder_address: String,
    pub is_agent: bool,
    pub internal: bool,
    /// A customer's comment on a resolution.
    #[serde(default)]
    pub rating: bool,
    #[serde(with = "time")]
    pub created_at: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    pub payload: Payload,
}

/// A sealed payload, the context it was sealed for, and the grants beside it. What docs/spec/envelope.md fixes for all payloads is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payload {
    /// Rebuilds the envelope's `ctx`, with the record's own id and sender.
    pub context: Context,
    /// Commitment, tag and ciphertext.
    #[serde(with = "base64")]
    pub ciphertext: Vec<u8>,
    /// 24 bytes.
    #[serde(with = "base64")]
    pub nonce: Vec<u8>,
    /// The readers, strictly ascending.
    pub wrapped_keys: Vec<Entry>,
    /// The program that sealed it.
    pub client_id: String,
    /// Ed25519.
    #[serde(with = "base64")]
    pub client_signature: Vec<u8>,
    /// The account's own signature, if there is one.
    pub user: Option<UserSignature>,
    /// Readers added later, ascending by reader and granter.
    pub grants: Vec<Grant>,
    /// Instead of ciphertext and readers, which are empty then: what is known of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased: Option<Erased>,
}

/// What stays of a ciphertext and its readers that were erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are those of `ErasedEnvelope` in proto/
pub struct Erased {
    pub ciphertext_bytes: u64,
    #[serde(with = "base64")]
    pub ciphertext_sha256: Vec<u8>,
    #[serde(with = "base64")]
    pub recipients_root: Vec<u8>,
}

/// Where an envelope was sealed for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Context {
    /// The ledger that took it.
    pub chain_id: String,
    /// The block that took it.
    pub height: u64,
    /// The sender's sequence then.
    pub sequence: u64,
    /// The message's place in its transaction.
    pub index: u32,
    /// Which of the sender's keys signed it.
    pub signer_key_version: u32,
}

/// The account's own signature over an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserSignature {
    /// Compressed secp256k1.
    #[serde(with = "base64")]
    pub public_key: Vec<u8>,
    /// Compact.
    #[serde(with = "base64")]
    pub signature: Vec<u8>,
}

/// A wrapped key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The reader's fingerprint.
    pub recipient_id: String,
    /// 48 bytes.
    #[serde(with = "base64")]
    pub wrapped_key: Vec<u8>,
    /// 32 bytes.
    #[serde(with = "base64")]
    pub ephemeral_pub_key: Vec<u8>,
}

/// A reader added later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The wrapped key.
    pub entry: Entry,
    /// Who wrapped it.
    pub granter: String,
    /// Ed25519.
    #[serde(with = "base64")]
    pub grant_signature: Vec<u8>,
    /// Which of the granter's keys signed it.
    pub granter_key_version: u32,
    /// The block that took it.
    pub height: u64,
    /// When.
    #[serde(with = "time")]
    pub created_at: i64,
}
