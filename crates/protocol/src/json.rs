//! Our own JSON: what `--output json` prints and what REST answers.
//!
//! Field names are those of the wire contract, enumerations are their lower-case short names, times of records are RFC 3339
//! or null, an event's `timestamp` is Unix seconds, 64-bit integers are numbers, bytes are base64. Every view is a type, so
//! that the order of its fields is the one written here; [`schemas`] describes them all as JSON Schema.

mod answers;
mod schema;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::{Serialize, Serializer};

use crate::account::AccountState;
use crate::events::Event;
use crate::messages::AssignableRole;
use crate::ticket::{LinkKind, Priority, Status};
use crate::time::record_time;
use crate::wire::sealdesk::ledger::v1 as ledger;
use crate::wire::virtengine::{encryption::v1 as encryption, roles::v1 as roles, support::v1 as support};

pub use answers::{Account, Admitted, KeyOwners, LedgerStatus, Transaction, ledger_event};
pub use schema::{Shape, schemas};

/// A time of a record: RFC 3339 in UTC, or null where it has not come yet (0 on the wire).
pub fn time(unix_seconds: i64) -> Option<String> {
    record_time(unix_seconds)
}

/// Bytes as JSON has them: base64 with padding.
pub fn bytes(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A page's cursor as JSON and command lines have it: base64 for URLs, without padding; empty after the last page.
pub fn cursor(cursor: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(cursor)
}

/// Reads back what [`cursor`] wrote; `None` where it did not.
pub fn read_cursor(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

fn as_cursor(bytes: Vec<u8>) -> String {
    cursor(&bytes)
}

fn as_base64<S: Serializer>(value: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&bytes(value))
}

fn all_as_base64<S: Serializer>(values: &[Vec<u8>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(values.iter().map(|value| bytes(value)))
}

/// The name of a status on the wire; empty for a number that no status has.
fn status(number: i32) -> &'static str {
    Status::from_wire(number).map_or("", Status::name)
}

fn priority(number: i32) -> &'static str {
    Priority::from_wire(number).map_or("", Priority::name)
}

fn link_kind(number: i32) -> &'static str {
    LinkKind::from_wire(number).map_or("", LinkKind::name)
}

fn recipient_mode(number: i32) -> &'static str {
    use encryption::RecipientMode as Mode;
    match Mode::try_from(number) {
        Ok(Mode::Specific) => "specific",
        Ok(Mode::FullValidatorSet) => "full_validator_set",
        Ok(Mode::Committee) => "committee",
        Ok(Mode::Unspecified) | Err(_) => "",
    }
}

/// The name of a role on the wire; empty for a role that this ledger does not give.
pub fn role(number: i32) -> &'static str {
    AssignableRole::from_wire(number).map_or("", AssignableRole::name)
}

/// The name of an account state on the wire; an account without a record is active.
pub fn account_state(number: i32) -> &'static str {
    AccountState::from_wire(number).unwrap_or(AccountState::Active).name()
}

/// Defines the views: the fields of each in the order in which JSON has them, as they are on the wire, or converted by the function
/// behind `=>`.
macro_rules! views {
    (@field $value:expr) => { $value };
    (@field $value:expr, $convert:expr) => { $convert($value) };
    ($(
        $(#[doc = $doc:literal])*
        $name:ident of $wire:ty { $($(#[$field_meta:meta])* $field:ident: $type:ty $(=> $convert:expr)?,)* }
    )*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Debug, Clone, Serialize)]
            #[allow(missing_docs)] // the fields are those of the message in proto/
            pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }

            impl From<$wire> for $name {
                fn from(wire: $wire) -> Self {
                    Self { $($field: views!(@field wire.$field $(, $convert)?),)* }
                }
            }

            impl Shape for $name {
                fn shape() -> serde_json::Value {
                    schema::reference(stringify!($name))
                }
            }
        )*

        /// Every view's name and schema.
        fn view_schemas() -> Vec<(&'static str, serde_json::Value)> {
            vec![$((
                stringify!($name),
                schema::object(concat!($($doc),*), &[
                    $((stringify!($field), schema::field::<$type>(concat!("", $(stringify!($convert))?))),)*
                ]),
            ),)*]
        }
    };
}

views! {
    /// A ticket as the ledger shows it to everyone.
    Ticket of support::SupportTicket {
        ticket_id: String,
        customer_address: String,
        previous_customers: Vec<String>,
        provider_address: String,
        resource_ref: Option<Resource> => optional,
        status: &'static str => status,
        priority: &'static str => priority,
        category: String,
        encrypted_payload: Option<Envelope> => optional,
        assigned_to: String,
        collaborators: Vec<String>,
        response_count: u32,
        created_at: Option<String> => time,
        updated_at: Option<String> => time,
        resolved_at: Option<String> => time,
        closed_at: Option<String> => time,
        resolution_ref: String,
        links: Vec<Link> => list,
        snoozed_until: Option<String> => time,
        imported: Option<Imported> => optional,
        ratings: Vec<Rating> => list,
        steps: Vec<Step> => list,
        steps_dropped: u32,
        payload_context: Option<Context> => optional,
        grants: Vec<Grant> => list,
        attachments: Vec<Attachment> => list,
        erased: Option<Erasure> => optional,
    }

    /// That this node has destroyed a text, by its own word: null where it has not. No time: before it had the ticket.
    Erasure of support::Erasure {
        erased_at: Option<String> => time,
        erased_by: String,
    }

    /// What a ticket's status and priority became. Service levels are counted by these.
    Step of support::TicketStep {
        at: Option<String> => time,
        status: &'static str => status,
        priority: &'static str => priority,
    }

    /// What a ticket's customer said of a resolution. `comment` is 0, or one more than the index of the response.
    Rating of support::TicketRating {
        score: u32,
        rated_at: Option<String> => time,
        resolved_at: Option<String> => time,
        agent: String,
        customer: String,
        comment: u32,
    }

    /// Where a ticket came from that an administrator told of.
    Imported of support::Imported {
        source: String,
        source_id: String,
        imported_by: String,
        responses: u32,
        customer_keys: Vec<String>,
    }

    /// How a ticket stands to another.
    Link of support::TicketLink {
        kind: &'static str => link_kind,
        ticket_id: String,
    }

    /// What a ticket is about.
    Resource of support::ResourceReference {
        r#type: String,
        id: String,
        owner: String,
    }

    /// A response or note as the ledger shows it to everyone.
    Response of support::TicketResponse {
        ticket_id: String,
        response_index: u32,
        responder_address: String,
        is_agent: bool,
        internal: bool,
        encrypted_payload: Option<Envelope> => optional,
        created_at: Option<String> => time,
        payload_context: Option<Context> => optional,
        grants: Vec<Grant> => list,
        attachments: Vec<Attachment> => list,
        erased: Option<Erasure> => optional,
    }

    /// What everyone sees of an attached file.
    Attachment of support::Attachment {
        #[serde(serialize_with = "as_base64")]
        root: Vec<u8>,
        bytes: u64,
        #[serde(serialize_with = "all_as_base64")]
        blobs: Vec<Vec<u8>>,
    }

    /// A sealed payload.
    Envelope of encryption::MultiRecipientEnvelope {
        version: u32,
        algorithm_id: String,
        algorithm_version: u32,
        recipient_mode: &'static str => recipient_mode,
        #[serde(serialize_with = "as_base64")]
        payload_ciphertext: Vec<u8>,
        #[serde(serialize_with = "as_base64")]
        payload_nonce: Vec<u8>,
        wrapped_keys: Vec<WrappedKey> => list,
        #[serde(serialize_with = "as_base64")]
        client_signature: Vec<u8>,
        client_id: String,
        #[serde(serialize_with = "as_base64")]
        user_signature: Vec<u8>,
        #[serde(serialize_with = "as_base64")]
        user_pub_key: Vec<u8>,
    }

    /// The payload's key, wrapped for one reader.
    WrappedKey of encryption::WrappedKeyEntry {
        recipient_id: String,
        #[serde(serialize_with = "as_base64")]
        wrapped_key: Vec<u8>,
        algorithm: String,
        #[serde(serialize_with = "as_base64")]
        ephemeral_pub_key: Vec<u8>,
    }

    /// What a reader needs to rebuild an envelope's context.
    Context of support::EnvelopeContext {
        kind: u32,
        sequence: u64,
        index: u32,
        height: i64,
        chain_id: String,
        signer_key_version: u32,
    }

    /// A reader added later.
    Grant of support::AccessGrant {
        entry: Option<WrappedKey> => optional,
        granter: String,
        #[serde(serialize_with = "as_base64")]
        grant_signature: Vec<u8>,
        height: i64,
        created_at: Option<String> => time,
        granter_key_version: u32,
    }

    /// The limits that administrators may change.
    Params of support::Params {
        max_tickets_per_customer_per_day: u32,
        max_responses_per_ticket: u32,
        ticket_cooldown_seconds: u32,
        auto_close_after_days: u32,
        max_open_tickets_per_customer: u32,
        reopen_window_days: u32,
        allowed_categories: Vec<String>,
        max_envelope_bytes: u32,
        max_recipients: u32,
        listed_customers: bool,
        max_attachment_bytes: u32,
        max_attachment_bytes_per_customer_per_day: u32,
        import_open: bool,
        open_queue: bool,
    }

    /// A key of the directory.
    RecipientKey of encryption::RecipientKeyRecord {
        address: String,
        #[serde(serialize_with = "as_base64")]
        public_key: Vec<u8>,
        key_fingerprint: String,
        key_version: u32,
        algorithm_id: String,
        registered_at: Option<String> => time,
        revoked_at: Option<String> => time,
        label: String,
        #[serde(serialize_with = "as_base64")]
        signing_key: Vec<u8>,
    }

    /// A role that an account was given.
    RoleAssignment of roles::RoleAssignment {
        address: String,
        role: &'static str => role,
        assigned_by: String,
        assigned_at: Option<String> => time,
    }

    /// A page of tickets; an empty cursor ends the list.
    Tickets of support::QueryTicketsResponse {
        tickets: Vec<Ticket> => list,
        next_cursor: String => as_cursor,
    }

    /// A page of the queue; an empty cursor ends it. How many follow is counted up to 1,000.
    Queue of support::QueryTicketQueueResponse {
        tickets: Vec<Ticket> => list,
        next_cursor: String => as_cursor,
        more: u32,
    }

    /// A page of a ticket's responses and notes; an empty cursor ends the list.
    Responses of support::QueryTicketResponsesResponse {
        responses: Vec<Response> => list,
        next_cursor: String => as_cursor,
    }

    /// A page of those who have unfinished tickets or work on them, by address; an empty cursor ends the list.
    TicketHolders of support::QueryTicketHoldersResponse {
        addresses: Vec<String>,
        next_cursor: String => as_cursor,
    }

    /// How often each score was given: 1, 2, 3, 4 and 5.
    RatingCounts of support::RatingCounts {
        counts: Vec<u64>,
    }

    /// What the ledger's tree has of a document. `digest` is that of the envelope; of a public document SHA-256 of its body.
    DocumentHead of support::DocumentHead {
        shelf: String,
        owner: String,
        name: String,
        version: u64,
        #[serde(serialize_with = "as_base64")]
        digest: Vec<u8>,
        bytes: u32,
        updated_by: String,
        updated_at: Option<String> => time,
        payload_context: Option<Context> => optional,
    }

    /// A document as it stands on its shelf. Of a public one `body` is one JSON object, and there is no envelope; of any other the envelope is sealed,
    /// and there is no body.
    Document of support::Document {
        head: Option<DocumentHead> => optional,
        envelope: Option<Envelope> => optional,
        #[serde(serialize_with = "as_base64")]
        body: Vec<u8>,
    }

    /// A page of the documents of a shelf, by name; an empty cursor ends the list.
    Documents of support::QueryDocumentsResponse {
        documents: Vec<Document> => list,
        next_cursor: String => as_cursor,
    }

    /// A page of those who have a role; an empty cursor ends the list.
    Members of roles::QueryRoleMembersResponse {
        members: Vec<RoleAssignment> => list,
        next_cursor: String => as_cursor,
    }

    /// The keys of an account.
    RecipientKeys of encryption::QueryRecipientKeysResponse {
        keys: Vec<RecipientKey> => list,
    }

    /// Who makes the blocks, who is proposed to, and the block that last changed them (0 = genesis).
    Validators of ledger::QueryValidatorsResponse {
        height: i64,
        proposals: Vec<ValidatorProposal> => list,
        validators: Vec<Validator> => list,
    }

    /// Who makes blocks.
    Validator of ledger::Validator {
        moniker: String,
        power: i64,
        #[serde(serialize_with = "as_base64")]
        pub_key: Vec<u8>,
    }

    /// Who is proposed to make blocks, and does not have the votes yet.
    ValidatorProposal of ledger::ValidatorProposal {
        moniker: String,
        power: i64,
        #[serde(serialize_with = "as_base64")]
        pub_key: Vec<u8>,
        voters: Vec<String>,
    }
}

fn optional<W, V: From<W>>(wire: Option<W>) -> Option<V> {
    wire.map(V::from)
}

fn list<W, V: From<W>>(wire: Vec<W>) -> Vec<V> {
    wire.into_iter().map(V::from).collect()
}

/// An event: its full type name, then its fields, with `block_height` and `timestamp` as numbers.
pub fn event(event: &Event) -> serde_json::Value {
    let mut fields = serde_json::Map::new();
    fields.insert("type".to_owned(), event.type_name().into());
    for (name, value) in event.fields() {
        let power = value.as_i64().filter(|_| is_power(name));
        fields.insert(name.to_owned(), power.map_or(value, |power| power.to_string().into()));
    }
    serde_json::Value::Object(fields)
}

/// Whether a field of an event is a validator's power. Powers have been text here from the beginning, and programs read them so.
fn is_power(name: &str) -> bool {
    matches!(name, "power" | "previous_power")
}

#[cfg(test)]
mod tests;
