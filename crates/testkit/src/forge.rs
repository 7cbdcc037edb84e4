//! Envelopes for the tests' own chain, whose every byte follows from a seed, so that known answers can contain them.

use sealdesk_protocol::envelope::{ALGORITHM_ID, Context, Kind};
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, WrappedKeyEntry};
use sha2::{Digest as _, Sha256};

use crate::chain_id;
use crate::people::Person;
use crate::sealing::{CIPHERTEXT_BYTES_MIN, around, in_order, sign};

/// Where an envelope will stand.
#[derive(Clone)]
pub struct Place {
    pub ticket_id: String,
    pub kind: Kind,
    pub sequence: u64,
    pub index: u32,
}

/// An unsigned envelope for these readers.
pub fn unsigned(readers: &[String], seed: u64) -> MultiRecipientEnvelope {
    let noise = |label: &str, length: usize| -> Vec<u8> {
        let blocks = (0u32..).flat_map(|n| Sha256::digest(format!("{label}/{seed}/{n}")).to_vec());
        blocks.take(length).collect()
    };
    let entries = in_order(readers).iter().map(|reader| entry(reader, seed)).collect();
    around("test", noise("ciphertext", CIPHERTEXT_BYTES_MIN), noise("nonce", 24), entries)
}

/// A wrapped key that opens nothing.
pub fn entry(reader: &str, seed: u64) -> WrappedKeyEntry {
    let noise: [u8; 32] = Sha256::digest(format!("entry/{reader}/{seed}")).into();
    WrappedKeyEntry {
        recipient_id: reader.to_owned(),
        wrapped_key: [&noise[..], &noise[..16]].concat(),
        algorithm: ALGORITHM_ID.to_owned(),
        ephemeral_pub_key: noise.to_vec(),
    }
}

pub fn context(chain: &ChainId, person: &Person, place: &Place) -> Context {
    Context {
        chain_id: chain.to_string(),
        ticket_id: place.ticket_id.clone(),
        kind: place.kind,
        sender: person.address.to_string(),
        sequence: place.sequence,
        index: place.index,
    }
}

/// The envelope under the person's n-th signing key, for its place on the tests' chain.
pub fn signed(
    wire: MultiRecipientEnvelope,
    person: &Person,
    n: usize,
    place: &Place,
) -> MultiRecipientEnvelope {
    sign(wire, &context(&chain_id(), person, place), &person.key(n), None)
}
