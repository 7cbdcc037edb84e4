//! By what transactions are found beside their hash: the attributes of their events that name somebody or something, as digests.
//!
//! A term says "attribute = value". It has a fixed length, so that a page of the index costs the same whatever stands in it, and the
//! transactions of a term lie beside each other in the order of their blocks. What has few values, like a priority, and what no two
//! transactions share, like a signature, is not worth its place and is not in the index.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::events::{Emitted, attribute};
use crate::tx::Tx;
use crate::wire::tendermint::abci;

/// Bytes of a term.
pub const TERM_BYTES: usize = 16;

/// The message's type URL.
pub const ACTION: &str = "message.action";
/// The message's signer.
pub const SENDER: &str = "message.sender";
/// The message's module.
pub const MODULE: &str = "message.module";
/// Signer and sequence, `ADDRESS/7`.
pub const ACCOUNT_SEQUENCE: &str = "tx.acc_seq";
/// The attribute of typed events that the index of tickets' events has already.
pub const TICKET: &str = "ticket_id";

/// Attributes of typed events that are in the index, beside [`TICKET`] and those that say by or to whom something was done.
const NAMING: [&str; 8] = [
    "address",
    "authority",
    "customer",
    "provider",
    "responder",
    "recipient_id",
    "key_fingerprint",
    "pub_key",
];

/// A digest of an attribute's name and value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term(pub [u8; TERM_BYTES]);

impl Term {
    /// The term of an attribute, `message.sender` or `virtengine.support.v1.EventTicketCreated.customer`, and a value of it, which may
    /// be quoted as JSON quotes it.
    pub fn of(attribute: &str, value: &str) -> Self {
        let digest = Sha256::new()
            .chain_update(u64::try_from(attribute.len()).unwrap_or(u64::MAX).to_be_bytes())
            .chain_update(attribute)
            .chain_update(bare(value))
            .finalize();
        let mut term = [0; TERM_BYTES];
        term.copy_from_slice(digest.get(..TERM_BYTES).unwrap_or(&[0; TERM_BYTES]));
        Self(term)
    }
}

/// A value without the quotes that JSON puts around texts and long numbers.
pub fn bare(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

/// Whether an attribute of typed events is in the index.
pub fn is_indexed(attribute: &str) -> bool {
    NAMING.contains(&attribute) || attribute.ends_with("_by") || attribute.ends_with("_to")
}

/// The terms of a transaction, ascending: of what it asks for, whatever became of it, and of what happened.
pub fn terms(tx: &Tx, events: &[Emitted]) -> BTreeSet<Term> {
    let mut terms = BTreeSet::new();
    for message in tx.messages() {
        terms.insert(Term::of(ACTION, &message.type_url()));
        terms.insert(Term::of(SENDER, message.signer().as_str()));
        terms.insert(Term::of(MODULE, message.module()));
    }
    for signer in tx.signers() {
        terms.insert(Term::of(ACCOUNT_SEQUENCE, &account_sequence(signer.address.as_str(), signer.sequence)));
    }
    for Emitted { event, .. } in events {
        let type_name = event.type_name();
        for (name, value) in event.fields() {
            if let Value::String(value) = value
                && is_indexed(name)
                && !value.is_empty()
            {
                terms.insert(Term::of(&format!("{type_name}.{name}"), &value));
            }
        }
    }
    terms
}

/// Terms one after the other, as records have them.
pub fn encode_terms(terms: &BTreeSet<Term>) -> Vec<u8> {
    terms.iter().flat_map(|term| term.0).collect()
}

/// Reads what [`encode_terms`] wrote; a rest that is no term is left out.
pub fn decode_terms(bytes: &[u8]) -> Vec<Term> {
    bytes.as_chunks().0.iter().copied().map(Term).collect()
}

/// What Cosmos says of a transaction before its messages run: its fee, of which there is none, each signer's sequence, each signature.
pub fn tx_events(tx: &Tx) -> Vec<abci::Event> {
    let event = |attributes: Vec<abci::EventAttribute>| abci::Event { r#type: "tx".to_owned(), attributes };
    let payer = tx.signers().first().map(|signer| signer.address.to_string()).unwrap_or_default();
    let mut events = vec![event(vec![attribute("fee", String::new()), attribute("fee_payer", payer)])];
    for signer in tx.signers() {
        let sequence = account_sequence(signer.address.as_str(), signer.sequence);
        events.push(event(vec![attribute("acc_seq", sequence)]));
    }
    for signer in tx.signers() {
        events.push(event(vec![attribute("signature", BASE64.encode(signer.signature()))]));
    }
    events
}

fn account_sequence(address: &str, sequence: u64) -> String {
    format!("{address}/{sequence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_the_same_with_and_without_the_quotes_of_json() {
        let term = Term::of("a.b", "TKT-00000001");
        assert_eq!(term, Term::of("a.b", "\"TKT-00000001\""));
        assert_ne!(term, Term::of("a.bT", "KT-00000001"), "where the name ends is part of it");
        assert_eq!((bare("\"7\""), bare("\""), bare("7")), ("7", "\"", "7"));
    }

    #[test]
    fn terms_are_read_back() {
        let terms = BTreeSet::from([Term::of("a", "1"), Term::of("b", "2")]);
        let bytes = encode_terms(&terms);
        assert_eq!(bytes.len(), 2 * TERM_BYTES);
        assert_eq!(decode_terms(&bytes), terms.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn attributes_that_name_somebody_are_indexed_and_others_are_not() {
        for indexed in ["customer", "closed_by", "assigned_to", "key_fingerprint"] {
            assert!(is_indexed(indexed), "{indexed}");
        }
        for other in ["block_height", "timestamp", "reason", "priority", "ticket_id", "moniker"] {
            assert!(!is_indexed(other), "{other}");
        }
    }
}
