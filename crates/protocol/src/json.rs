//! Our own JSON: what `--output json` prints and what REST answers.
//!
//! Field names are those of the wire contract, enumerations are their lower-case short names, times of records are RFC 3339
//! or null, an event's `timestamp` is Unix seconds, 64-bit integers are numbers, bytes are base64. Every view is a type, so
//! that the order of its fields is the one written here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};
use tendermint::Time;

use crate::account::AccountState;
use crate::events::Event;
use crate::messages::AssignableRole;
use crate::ticket::{Priority, Status};
use crate::wire::virtengine::{encryption::v1 as encryption, roles::v1 as roles, support::v1 as support};

/// A time of a record: RFC 3339 in UTC, or null where it has not come yet (0 on the wire).
pub fn time(unix_seconds: i64) -> Option<String> {
    if unix_seconds == 0 {
        return None;
    }
    Time::from_unix_timestamp(unix_seconds, 0).ok().map(|time| time.to_rfc3339())
}

/// Bytes as JSON has them: base64 with padding.
pub fn bytes(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn as_base64<S: Serializer>(value: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&bytes(value))
}

/// The name of a status on the wire; empty for a number that no status has.
fn status(number: i32) -> &'static str {
    Status::from_wire(number).map_or("", Status::name)
}

/// The name of a role on the wire; empty for a role that this ledger does not give.
pub fn role(number: i32) -> &'static str {
    AssignableRole::from_wire(number).map_or("", AssignableRole::name)
}

/// The name of an account state on the wire; an account without a record is active.
pub fn account_state(number: i32) -> &'static str {
    AccountState::from_wire(number).unwrap_or(AccountState::Active).name()
}

/// A ticket as the ledger shows it to everyone.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)] // the fields are those of `SupportTicket` in proto/
pub struct Ticket {
    pub ticket_id: String,
    pub customer_address: String,
    pub provider_address: String,
    pub resource_ref: Option<Resource>,
    pub status: &'static str,
    pub priority: &'static str,
    pub category: String,
    pub encrypted_payload: Option<Envelope>,
    pub assigned_to: String,
    pub response_count: u32,
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
    pub resolved_at: Option<String>,
    pub closed_at: Option<String>,
    pub resolution_ref: String,
    pub payload_context: Option<Context>,
    pub grants: Vec<Grant>,
}

impl From<support::SupportTicket> for Ticket {
    fn from(wire: support::SupportTicket) -> Self {
        Self {
            ticket_id: wire.ticket_id,
            customer_address: wire.customer_address,
            provider_address: wire.provider_address,
            resource_ref: wire.resource_ref.map(|r| Resource { kind: r.r#type, id: r.id, owner: r.owner }),
            status: status(wire.status),
            priority: Priority::from_wire(wire.priority).map_or("", Priority::name),
            category: wire.category,
            encrypted_payload: wire.encrypted_payload.map(Envelope::from),
            assigned_to: wire.assigned_to,
            response_count: wire.response_count,
            created_at: time(wire.created_at),
            updated_at: time(wire.updated_at),
            resolved_at: time(wire.resolved_at),
            closed_at: time(wire.closed_at),
            resolution_ref: wire.resolution_ref,
            payload_context: wire.payload_context.map(Context::from),
            grants: wire.grants.into_iter().map(Grant::from).collect(),
        }
    }
}

/// What a ticket is about.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)] // the fields are those of `ResourceReference` in proto/
pub struct Resource {
    #[serde(rename = "type")]
    pub kind: String,
    pub id: String,
    pub owner: String,
}

/// A response or note as the ledger shows it to everyone.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)] // the fields are those of `TicketResponse` in proto/
pub struct Response {
    pub ticket_id: String,
    pub response_index: u32,
    pub responder_address: String,
    pub is_agent: bool,
    pub internal: bool,
    pub encrypted_payload: Option<Envelope>,
    pub created_at: Option<String>,
    pub payload_context: Option<Context>,
    pub grants: Vec<Grant>,
}

impl From<support::TicketResponse> for Response {
    fn from(wire: support::TicketResponse) -> Self {
        Self {
            ticket_id: wire.ticket_id,
            response_index: wire.response_index,
            responder_address: wire.responder_address,
            is_agent: wire.is_agent,
            internal: wire.internal,
            encrypted_payload: wire.encrypted_payload.map(Envelope::from),
            created_at: time(wire.created_at),
            payload_context: wire.payload_context.map(Context::from),
            grants: wire.grants.into_iter().map(Grant::from).collect(),
        }
    }
}

/// A sealed payload.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)] // the fields are those of `MultiRecipientEnvelope` in proto/
pub struct Envelope {
    pub version: u32,
    pub algorithm_id: String,
    pub algorithm_version: u32,
    pub recipient_mode: &'static str,
    #[serde(serialize_with = "as_base64")]
    pub payload_ciphertext: Vec<u8>,
    #[serde(serialize_with = "as_base64")]
    pub payload_nonce: Vec<u8>,
    pub wrapped_keys: Vec<WrappedKey>,
    #[serde(serialize_with = "as_base64")]
    pub client_signature: Vec<u8>,
    pub client_id: String,
    #[serde(serialize_with = "as_base64")]
    pub user_signature: Vec<u8>,
    #[serde(serialize_with = "as_base64")]
    pub user_pub_key: Vec<u8>,
}

impl From<encryption::MultiRecipientEnvelope> for Envelope {
    fn from(wire: encryption::MultiRecipientEnvelope) -> Self {
        use encryption::RecipientMode as Mode;
        Self {
            version: wire.version,
            algorithm_id: wire.algorithm_id,
            algorithm_version: wire.algorithm_version,
            recipient_mode: match Mode::try_from(wire.recipient_mode) {
                Ok(Mode::Specific) => "specific",
                Ok(Mode::FullValidatorSet) => "full_validator_set",
                Ok(Mode::Committee) => "committee",
                Ok(Mode::Unspecified) | Err(_) => "",
            },
            payload_ciphertext: wire.payload_ciphertext,
            payload_nonce: wire.payload_nonce,
            wrapped_keys: wire.wrapped_keys.into_iter().map(WrappedKey::from).collect(),
            client_signature: wire.client_signature,
            client_id: wire.client_id,
            user_signature: wire.user_signature,
            user_pub_key: wire.user_pub_key,
        }
    }
}

/// The payload's key, wrapped for one reader.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)] // the fields are those of `WrappedKeyEntry` in proto/
pub struct WrappedKey {
    pub recipient_id: String,
    #[serde(serialize_with = "as_base64")]
    pub wrapped_key: Vec<u8>,
    pub algorithm: String,
    #[serde(serialize_with = "as_base64")]
    pub ephemeral_pub_key: Vec<u8>,
}

impl From<encryption::WrappedKeyEntry> for WrappedKey {
    fn from(wire: encryption::WrappedKeyEntry) -> Self {
        Self {
            recipient_id: wire.recipient_id,
            wrapped_key: wire.wrapped_key,
            algorithm: wire.algorithm,
            ephemeral_pub_key: wire.ephemeral_pub_key,
        }
    }
}

/// What a reader needs to rebuild an envelope's context.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)] // the fields are those of `EnvelopeContext` in proto/
pub struct Context {
    pub kind: u32,
    pub sequence: u64,
    pub index: u32,
    pub height: i64,
    pub chain_id: String,
    pub signer_key_version: u32,
}

impl From<support::EnvelopeContext> for Context {
    fn from(wire: support::EnvelopeContext) -> Self {
        Self {
            kind: wire.kind,
            sequence: wire.sequence,
            index: wire.index,
            height: wire.height,
            chain_id: wire.chain_id,
            signer_key_version: wire.signer_key_version,
        }
    }
}

/// A reader added later.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)] // the fields are those of `AccessGrant` in proto/
pub struct Grant {
    pub entry: Option<WrappedKey>,
    pub granter: String,
    #[serde(serialize_with = "as_base64")]
    pub grant_signature: Vec<u8>,
    pub height: i64,
    pub created_at: Option<String>,
    pub granter_key_version: u32,
}

impl From<support::AccessGrant> for Grant {
    fn from(wire: support::AccessGrant) -> Self {
        Self {
            entry: wire.entry.map(WrappedKey::from),
            granter: wire.granter,
            grant_signature: wire.grant_signature,
            height: wire.height,
            created_at: time(wire.created_at),
            granter_key_version: wire.granter_key_version,
        }
    }
}

/// The limits that administrators may change.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)] // the fields are those of `Params` in proto/
pub struct Params {
    pub max_tickets_per_customer_per_day: u32,
    pub max_responses_per_ticket: u32,
    pub ticket_cooldown_seconds: u32,
    pub auto_close_after_days: u32,
    pub max_open_tickets_per_customer: u32,
    pub reopen_window_days: u32,
    pub allowed_categories: Vec<String>,
    pub max_envelope_bytes: u32,
    pub max_recipients: u32,
    pub listed_customers: bool,
}

impl From<support::Params> for Params {
    fn from(wire: support::Params) -> Self {
        Self {
            max_tickets_per_customer_per_day: wire.max_tickets_per_customer_per_day,
            max_responses_per_ticket: wire.max_responses_per_ticket,
            ticket_cooldown_seconds: wire.ticket_cooldown_seconds,
            auto_close_after_days: wire.auto_close_after_days,
            max_open_tickets_per_customer: wire.max_open_tickets_per_customer,
            reopen_window_days: wire.reopen_window_days,
            allowed_categories: wire.allowed_categories,
            max_envelope_bytes: wire.max_envelope_bytes,
            max_recipients: wire.max_recipients,
            listed_customers: wire.listed_customers,
        }
    }
}

/// A key of the directory.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)] // the fields are those of `RecipientKeyRecord` in proto/
pub struct RecipientKey {
    pub address: String,
    #[serde(serialize_with = "as_base64")]
    pub public_key: Vec<u8>,
    pub key_fingerprint: String,
    pub key_version: u32,
    pub algorithm_id: String,
    pub registered_at: Option<String>,
    pub revoked_at: Option<String>,
    pub label: String,
    #[serde(serialize_with = "as_base64")]
    pub signing_key: Vec<u8>,
}

impl From<encryption::RecipientKeyRecord> for RecipientKey {
    fn from(wire: encryption::RecipientKeyRecord) -> Self {
        Self {
            address: wire.address,
            public_key: wire.public_key,
            key_fingerprint: wire.key_fingerprint,
            key_version: wire.key_version,
            algorithm_id: wire.algorithm_id,
            registered_at: time(wire.registered_at),
            revoked_at: time(wire.revoked_at),
            label: wire.label,
            signing_key: wire.signing_key,
        }
    }
}

/// A role that an account was given.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)] // the fields are those of `RoleAssignment` in proto/
pub struct RoleAssignment {
    pub address: String,
    pub role: &'static str,
    pub assigned_by: String,
    pub assigned_at: Option<String>,
}

impl From<roles::RoleAssignment> for RoleAssignment {
    fn from(wire: roles::RoleAssignment) -> Self {
        Self {
            address: wire.address,
            role: role(wire.role),
            assigned_by: wire.assigned_by,
            assigned_at: time(wire.assigned_at),
        }
    }
}

/// An event: its full type name, then its fields, with `block_height` and `timestamp` as numbers.
pub fn event(event: &Event) -> serde_json::Value {
    let mut fields = serde_json::Map::new();
    fields.insert("type".to_owned(), event.type_name().into());
    for (name, json) in event.attributes() {
        let value = serde_json::from_str(&json).unwrap_or(serde_json::Value::Null);
        fields.insert(name.to_owned(), unquoted(name, value));
    }
    serde_json::Value::Object(fields)
}

/// Cosmos quotes 64-bit integers; our JSON does not. Those are the only two fields of events that have them.
fn unquoted(name: &str, value: serde_json::Value) -> serde_json::Value {
    let number = value.as_str().and_then(|text| text.parse::<i64>().ok());
    match number.filter(|_| matches!(name, "block_height" | "timestamp")) {
        Some(number) => number.into(),
        None => value,
    }
}

#[cfg(test)]
mod tests;
