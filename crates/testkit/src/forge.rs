//! Transactions and envelopes as the wire has them. A ciphertext here is bytes that no key opens: the ledger cannot tell.

use prost::Message as _;
use prost_types::Any;
use sealdesk_protocol::envelope::{
    ALGORITHM_ID, ALGORITHM_VERSION, Context, Envelope, EnvelopeLimits, Kind, WIRE_VERSION, WrappedKey,
    client_message, grant_message,
};
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::tx::sign_digest;
use sealdesk_protocol::wire::cosmos::crypto::secp256k1::PubKey;
use sealdesk_protocol::wire::cosmos::tx::signing::v1beta1::SignMode;
use sealdesk_protocol::wire::cosmos::tx::v1beta1 as tx;
use sealdesk_protocol::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, WrappedKeyEntry};
use sha2::{Digest as _, Sha256};

use super::chain_id;
use super::people::Person;

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
    let mut readers = readers.to_vec();
    readers.sort();
    readers.dedup();
    let noise = |label: &str, length: usize| -> Vec<u8> {
        let blocks = (0u32..).flat_map(|n| Sha256::digest(format!("{label}/{seed}/{n}")).to_vec());
        blocks.take(length).collect()
    };
    MultiRecipientEnvelope {
        version: WIRE_VERSION,
        algorithm_id: ALGORITHM_ID.to_owned(),
        algorithm_version: ALGORITHM_VERSION,
        recipient_mode: 3,
        payload_ciphertext: noise("ciphertext", 304),
        payload_nonce: noise("nonce", 24),
        wrapped_keys: readers.iter().map(|reader| entry(reader, seed)).collect(),
        client_signature: vec![0; 64],
        client_id: "test".to_owned(),
        user_signature: Vec::new(),
        user_pub_key: Vec::new(),
        metadata: Default::default(),
        committee_epoch: 0,
    }
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
    n: u32,
    place: &Place,
) -> MultiRecipientEnvelope {
    signed_for(&context(&chain_id(), person, place), wire, person, n)
}

/// The same for any context.
pub fn signed_for(
    at: &Context,
    wire: MultiRecipientEnvelope,
    person: &Person,
    n: u32,
) -> MultiRecipientEnvelope {
    let Ok(envelope) = Envelope::from_wire(&wire, EnvelopeLimits::WIDEST) else { return wire };
    let digest = envelope.digests(at).envelope;
    MultiRecipientEnvelope { client_signature: person.sign(n, &client_message(&digest)).to_vec(), ..wire }
}

/// A grant's entry and its signature for a stored envelope.
pub fn grant(
    stored: &MultiRecipientEnvelope,
    stored_at: &Context,
    granter: &Person,
    n: u32,
    reader: &str,
) -> (WrappedKeyEntry, Vec<u8>) {
    let envelope = Envelope::from_wire(stored, EnvelopeLimits::WIDEST).unwrap();
    let wire = entry(reader, 7);
    let wrapped = WrappedKey::from_wire(&wire, 0).unwrap();
    let content = envelope.content_digest(stored_at);
    let message = grant_message(&content, granter.address.as_str(), &wrapped);
    (wire, granter.sign(n, &message).to_vec())
}

/// One signer's part of a transaction.
#[derive(Clone)]
pub struct SignedBy<'p> {
    pub person: &'p Person,
    pub sequence: u64,
}

/// What can be wrong with a transaction that is otherwise well made.
#[derive(Clone, Default)]
pub struct Options {
    pub memo: String,
    pub timeout_height: u64,
    pub chain: Option<ChainId>,
    pub fee: Option<tx::Fee>,
}

pub fn body(messages: Vec<Any>, options: &Options) -> Vec<u8> {
    tx::TxBody { messages, memo: options.memo.clone(), timeout_height: options.timeout_height }
        .encode_to_vec()
}

pub fn signer_info(person: &Person, sequence: u64) -> tx::SignerInfo {
    let single = tx::mode_info::Single { mode: SignMode::Direct as i32 };
    tx::SignerInfo {
        public_key: Some(to_any(&PubKey { key: person.public_key.to_vec() })),
        mode_info: Some(tx::ModeInfo { sum: Some(tx::mode_info::Sum::Single(single)) }),
        sequence,
    }
}

pub fn auth_info(signers: &[SignedBy<'_>], options: &Options) -> Vec<u8> {
    let signer_infos = signers.iter().map(|by| signer_info(by.person, by.sequence)).collect();
    let fee = Some(options.fee.clone().unwrap_or_default());
    tx::AuthInfo { signer_infos, fee }.encode_to_vec()
}

/// Signs body and auth info for everyone named.
pub fn sealed_tx(body: Vec<u8>, auth_info: Vec<u8>, signers: &[SignedBy<'_>], options: &Options) -> Vec<u8> {
    let chain = options.chain.clone().unwrap_or_else(chain_id);
    let digest = sign_digest(&body, &auth_info, &chain);
    let signatures = signers.iter().map(|by| by.person.sign_account(&digest).to_vec()).collect();
    tx::TxRaw { body_bytes: body, auth_info_bytes: auth_info, signatures }.encode_to_vec()
}

/// A transaction of these messages.
pub fn transaction(messages: Vec<Any>, signers: &[SignedBy<'_>], options: &Options) -> Vec<u8> {
    sealed_tx(body(messages, options), auth_info(signers, options), signers, options)
}
