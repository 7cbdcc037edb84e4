//! A ticket's name in the system that it came from, and what its record says of the import.

use crate::codes::SupportError;
use crate::ids::{Address, Prefix};
use crate::limits::IMPORT_SOURCE_BYTES_MAX;
use crate::text::check_public;
use crate::wire::virtengine::support::v1 as wire;

/// Where a ticket came from: no two tickets of a ledger came from one place. Public.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImportSource {
    system: String,
    id: String,
}

impl ImportSource {
    /// Reads the name of a system, 1 to [`IMPORT_SOURCE_BYTES_MAX`] of `[a-z0-9.-]`, and a ticket's id there, at most 128 bytes of public
    /// text.
    ///
    /// # Errors
    /// Code 70.
    pub fn parse(system: &str, id: &str) -> Result<Self, SupportError> {
        let invalid = |why: String| Err(SupportError::InvalidImport(why));
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-';
        if system.is_empty() || system.len() > IMPORT_SOURCE_BYTES_MAX || !system.bytes().all(plain) {
            return invalid(format!("a source is 1 to {IMPORT_SOURCE_BYTES_MAX} of a-z, 0-9, '.' and '-'"));
        }
        if id.is_empty() {
            return invalid("the source's own id is empty".to_owned());
        }
        if let Err(error) = check_public("source_id", id) {
            return invalid(error.to_string());
        }
        Ok(Self { system: system.to_owned(), id: id.to_owned() })
    }

    /// The system.
    pub fn system(&self) -> &str {
        &self.system
    }

    /// The ticket's id there.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// What a ticket's record says of its import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Where it came from.
    pub source: ImportSource,
    /// The administrator who told it: they signed its own envelope.
    pub by: Address,
    /// How many of its responses, the first ones, came with it.
    pub responses: u32,
    /// Those of its customer's keys that its own envelope names, in the order of their registration: the member's signature over it is
    /// their counting grant.
    pub customer_keys: Vec<String>,
}

impl Imported {
    /// The wire form.
    pub fn to_wire(&self) -> wire::Imported {
        wire::Imported {
            source: self.source.system.clone(),
            source_id: self.source.id.clone(),
            imported_by: self.by.to_string(),
            responses: self.responses,
            customer_keys: self.customer_keys.clone(),
        }
    }

    /// Reads back what [`Imported::to_wire`] wrote; `None` where a field is not what the ledger writes.
    pub fn from_wire(wire: wire::Imported, prefix: &Prefix) -> Option<Self> {
        Some(Self {
            source: ImportSource::parse(&wire.source, &wire.source_id).ok()?,
            by: Address::parse(prefix, &wire.imported_by).ok()?,
            responses: wire.responses,
            customer_keys: wire.customer_keys,
        })
    }
}

/// The index in the context of the k-th response of an import in the message of this index: a transaction has at most
/// [`crate::limits::TX_MESSAGES_MAX`] messages, so no two envelopes of one have the same.
pub fn response_index_in_context(message: u32, k: u32) -> u32 {
    let step = u32::try_from(crate::limits::TX_MESSAGES_MAX).unwrap_or(u32::MAX);
    k.saturating_add(1).saturating_mul(step).saturating_add(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_plain_and_an_id_public() {
        let code = |system: &str, id: &str| ImportSource::parse(system, id).err().map(|error| error.code());
        assert_eq!(code("zendesk.example", "4711"), None);
        assert_eq!(code(&"x".repeat(32), &"x".repeat(128)), None);
        let long = "x".repeat(129);
        for (system, id) in [
            ("", "1"),
            ("Zendesk", "1"),
            ("a/b", "1"),
            (&long[..33], "1"),
            ("a", ""),
            ("a", &long),
            ("a", "a\u{202e}b"),
        ] {
            assert_eq!(code(system, id), Some(70), "{system} {id}");
        }
    }

    #[test]
    fn no_two_envelopes_of_a_transaction_stand_in_one_place() {
        let mut seen = std::collections::BTreeSet::new();
        for message in 0..16 {
            assert!(seen.insert(message));
            assert!((0..100).all(|k| seen.insert(response_index_in_context(message, k))));
        }
    }
}
