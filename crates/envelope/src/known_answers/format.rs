//! The fields of the files: lower-case hex, contexts, envelopes and entries.

use std::collections::BTreeMap;

use sealdesk_protocol::envelope::{Context, Kind};
use sealdesk_protocol::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, WrappedKeyEntry};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Bytes written as lower-case hex; `null` is none.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Hex(pub(crate) Vec<u8>);

impl Hex {
    /// The bytes of a field of fixed length, wherever another length makes the case unreadable.
    pub(crate) fn array<const N: usize>(&self, field: &str) -> Result<[u8; N], String> {
        let length = self.0.len();
        self.0.as_slice().try_into().map_err(|_| format!("{field} has {length} bytes, not {N}"))
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(D::Error::custom("hex is lower-case here"));
        }
        hex::decode(&text).map(Self).map_err(|_| D::Error::custom("not hex"))
    }
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
    }
}

/// The place that a verifier expects.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ContextFields {
    pub(crate) chain_id: String,
    pub(crate) ticket_id: String,
    pub(crate) kind: u32,
    pub(crate) sender: String,
    pub(crate) sequence: u64,
    pub(crate) index: u32,
}

impl ContextFields {
    /// `None` where the kind is none: no verifier ever expects such a record.
    pub(crate) fn context(&self) -> Option<Context> {
        Some(Context {
            chain_id: self.chain_id.clone(),
            ticket_id: self.ticket_id.clone(),
            kind: Kind::from_number(self.kind)?,
            sender: self.sender.clone(),
            sequence: self.sequence,
            index: self.index,
        })
    }
}

#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct EntryFields {
    pub(crate) recipient_id: String,
    pub(crate) wrapped_key: Hex,
    pub(crate) algorithm: String,
    pub(crate) ephemeral_pub_key: Hex,
}

impl EntryFields {
    pub(crate) fn wire(&self) -> WrappedKeyEntry {
        WrappedKeyEntry {
            recipient_id: self.recipient_id.clone(),
            wrapped_key: self.wrapped_key.0.clone(),
            algorithm: self.algorithm.clone(),
            ephemeral_pub_key: self.ephemeral_pub_key.0.clone(),
        }
    }

    pub(crate) fn of(entry: &WrappedKeyEntry) -> Self {
        Self {
            recipient_id: entry.recipient_id.clone(),
            wrapped_key: Hex(entry.wrapped_key.clone()),
            algorithm: entry.algorithm.clone(),
            ephemeral_pub_key: Hex(entry.ephemeral_pub_key.clone()),
        }
    }
}

#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct EnvelopeFields {
    pub(crate) version: u32,
    pub(crate) algorithm_id: String,
    pub(crate) algorithm_version: u32,
    pub(crate) recipient_mode: i32,
    pub(crate) payload_ciphertext: Hex,
    pub(crate) payload_nonce: Hex,
    pub(crate) client_id: String,
    pub(crate) wrapped_keys: Vec<EntryFields>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) committee_epoch: u64,
    pub(crate) user_pub_key: Hex,
    pub(crate) client_signature: Hex,
    pub(crate) user_signature: Hex,
}

impl EnvelopeFields {
    pub(crate) fn wire(&self) -> MultiRecipientEnvelope {
        MultiRecipientEnvelope {
            version: self.version,
            algorithm_id: self.algorithm_id.clone(),
            algorithm_version: self.algorithm_version,
            recipient_mode: self.recipient_mode,
            payload_ciphertext: self.payload_ciphertext.0.clone(),
            payload_nonce: self.payload_nonce.0.clone(),
            wrapped_keys: self.wrapped_keys.iter().map(EntryFields::wire).collect(),
            client_signature: self.client_signature.0.clone(),
            client_id: self.client_id.clone(),
            user_signature: self.user_signature.0.clone(),
            user_pub_key: self.user_pub_key.0.clone(),
            metadata: self.metadata.clone(),
            committee_epoch: self.committee_epoch,
        }
    }

    /// Only the tests write such files.
    #[cfg(test)]
    pub(crate) fn of(wire: &MultiRecipientEnvelope) -> Self {
        Self {
            version: wire.version,
            algorithm_id: wire.algorithm_id.clone(),
            algorithm_version: wire.algorithm_version,
            recipient_mode: wire.recipient_mode,
            payload_ciphertext: Hex(wire.payload_ciphertext.clone()),
            payload_nonce: Hex(wire.payload_nonce.clone()),
            client_id: wire.client_id.clone(),
            wrapped_keys: wire.wrapped_keys.iter().map(EntryFields::of).collect(),
            metadata: wire.metadata.clone(),
            committee_epoch: wire.committee_epoch,
            user_pub_key: Hex(wire.user_pub_key.clone()),
            client_signature: Hex(wire.client_signature.clone()),
            user_signature: Hex(wire.user_signature.clone()),
        }
    }
}

/// Reads one case. Its fault is told with its place, since nothing in these files is secret.
pub(crate) fn read<T: DeserializeOwned>(case: &Value) -> Result<T, String> {
    T::deserialize(case).map_err(|error| format!("cannot be read: {error}"))
}

/// `Ok` where both are equal; else names what is not.
pub(crate) fn same<T: PartialEq + ?Sized>(what: &str, left: &T, right: &T) -> Result<(), String> {
    if left == right { Ok(()) } else { Err(format!("another {what}")) }
}
