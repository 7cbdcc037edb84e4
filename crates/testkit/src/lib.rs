//! What the tests, benches and fuzz targets of the other crates build with. Only a dev-dependency: no program contains it.
//!
//! [`people`] have keys that follow from their names, [`transaction`] signs what they send, [`trust`] what they say of keys and administrators, [`sealing`] and [`forge`] make
//! envelopes that only look sealed (the ledger cannot tell), [`desk`] is a ledger in memory, [`scenario`] the messages of a
//! usual desk, [`documents`] those about documents, [`files`] what is attached to them, [`many`] a desk that has grown, [`walking`] one on which people act at random. [`proof_tree`] is a second
//! state tree, [`authority`] signs certificates, [`liar`] stands between a client and a node, [`peer`] is a stranger who speaks HTTP/2 by hand, [`connection`] speaks HTTP/1.1, [`figures`] are what benches print, [`waiting`] is how tests wait. Nothing here decides what the machine should answer, and nothing here
//! can open an envelope: the tests of the ledger's crates reach `envelope` as little as the crates themselves.

#![allow(missing_docs, reason = "a name says what it makes; only the tests read it")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by them")]

pub mod authority;
pub mod connection;
pub mod desk;
pub mod documents;
pub mod figures;
pub mod files;
pub mod forge;
pub mod liar;
pub mod many;
pub mod peer;
pub mod people;
pub mod proof_tree;
pub mod random;
pub mod scenario;
pub mod sealing;
pub mod transaction;
pub mod trust;
pub mod waiting;
pub mod walking;

use sealdesk_protocol::ids::{ChainId, Prefix};

/// The chain of every test.
pub const CHAIN_ID: &str = "desk-00112233aabbccdd";

pub fn chain_id() -> ChainId {
    ChainId::parse(CHAIN_ID).unwrap()
}

/// The prefix of every test.
pub fn prefix() -> Prefix {
    Prefix::parse(Prefix::DEFAULT).unwrap()
}
