//! Envelopes, grants and registrations of the right form and signature around random bytes.

use sealdesk_protocol::envelope::{
    ALGORITHM_ID, ALGORITHM_VERSION, Context, Envelope, EnvelopeLimits, Kind, WIRE_VERSION, WrappedKey,
    client_message, grant_message, user_digest,
};
use sealdesk_protocol::keys::{EncryptionKey, VerifyKey, key_proof_message};
use sealdesk_protocol::wire::virtengine::encryption::v1::{
    MsgRegisterRecipientKey, MultiRecipientEnvelope, RecipientMode, WrappedKeyEntry,
};
use sealdesk_protocol::wire::virtengine::support::v1::TargetedGrant;

use crate::people::{KeyPair, Person};
use crate::random::Random;

/// Commitment, tag and the shortest padded plaintext.
pub const CIPHERTEXT_BYTES_MIN: usize = 304;

/// Where a new ticket's envelope belongs.
pub fn ticket_context(chain_id: &str, sender: &str, sequence: u64) -> Context {
    Context {
        chain_id: chain_id.to_owned(),
        ticket_id: String::new(),
        kind: Kind::Ticket,
        sender: sender.to_owned(),
        sequence,
        index: 0,
    }
}

pub fn entry(fingerprint: &str, random: &mut Random) -> WrappedKeyEntry {
    WrappedKeyEntry {
        recipient_id: fingerprint.to_owned(),
        wrapped_key: random.fill(48),
        algorithm: ALGORITHM_ID.to_owned(),
        ephemeral_pub_key: random.fill(32),
    }
}

/// An envelope for these readers with an empty client signature.
pub fn unsigned(readers: &[String], ciphertext_bytes: usize, random: &mut Random) -> MultiRecipientEnvelope {
    let (ciphertext, nonce) = (random.fill(ciphertext_bytes), random.fill(24));
    let entries = in_order(readers).iter().map(|reader| entry(reader, random)).collect();
    around("model/1", ciphertext, nonce, entries)
}

/// Readers as an envelope lists them: ascending, each once.
pub(crate) fn in_order(readers: &[String]) -> Vec<String> {
    let mut readers = readers.to_vec();
    readers.sort();
    readers.dedup();
    readers
}

pub(crate) fn around(
    client_id: &str,
    payload_ciphertext: Vec<u8>,
    payload_nonce: Vec<u8>,
    wrapped_keys: Vec<WrappedKeyEntry>,
) -> MultiRecipientEnvelope {
    MultiRecipientEnvelope {
        version: WIRE_VERSION,
        algorithm_id: ALGORITHM_ID.to_owned(),
        algorithm_version: ALGORITHM_VERSION,
        recipient_mode: RecipientMode::Specific.into(),
        payload_ciphertext,
        payload_nonce,
        wrapped_keys,
        client_signature: vec![0; 64],
        client_id: client_id.to_owned(),
        user_signature: Vec::new(),
        user_pub_key: Vec::new(),
        metadata: Default::default(),
        committee_epoch: 0,
    }
}

/// Signs by the client's key, and by the account where `account` is given. What is no envelope stays as it is.
pub fn sign(
    mut wire: MultiRecipientEnvelope,
    context: &Context,
    key: &KeyPair,
    account: Option<&Person>,
) -> MultiRecipientEnvelope {
    if let Some(person) = account {
        wire.user_pub_key = person.public.to_vec();
        wire.user_signature = vec![0; 64];
    }
    let Ok(parsed) = Envelope::from_wire(&wire, limits(context)) else { return wire };
    let digest = parsed.digests(context).envelope;
    wire.client_signature = key.sign(&client_message(&digest));
    if let Some(person) = account {
        let signature = wire.client_signature.as_slice().try_into().unwrap();
        wire.user_signature = person.sign_digest(&user_digest(&digest, &signature));
    }
    wire
}

fn limits(context: &Context) -> EnvelopeLimits {
    if context.kind == Kind::Document { EnvelopeLimits::WIDEST_DOCUMENT } else { EnvelopeLimits::WIDEST }
}

/// What a stored head says of an envelope: its own digest, and the one that grants refer to.
pub fn digests(wire: &MultiRecipientEnvelope, context: &Context) -> ([u8; 32], [u8; 32]) {
    let digests = Envelope::from_wire(wire, limits(context)).unwrap().digests(context);
    (digests.envelope, digests.content)
}

/// A grant that names its granter's first key.
pub fn grant(
    content: &[u8; 32],
    granter: &str,
    target: u32,
    entry: WrappedKeyEntry,
    key: &KeyPair,
) -> TargetedGrant {
    let signature = WrappedKey::from_wire(&entry, 0)
        .map(|wrapped| key.sign(&grant_message(content, granter, &wrapped)))
        .unwrap_or_else(|_| vec![0; 64]);
    TargetedGrant { target, entry: Some(entry), grant_signature: signature, granter_key_version: 1 }
}

/// A registration that its owner has not signed: [`crate::trust::complete`] does that, once the ledger is known.
pub fn registration(chain_id: &str, person: &Person, key: &KeyPair, label: &str) -> MsgRegisterRecipientKey {
    let parsed = (EncryptionKey::parse(&key.public), VerifyKey::parse(&key.signing_public()));
    let proof = match parsed {
        (Ok(encryption), Ok(signing)) => {
            key.sign(&key_proof_message(chain_id, &person.text, &encryption, &signing))
        }
        _ => vec![0; 64],
    };
    MsgRegisterRecipientKey {
        sender: person.text.clone(),
        public_key: key.public.to_vec(),
        algorithm_id: ALGORITHM_ID.to_owned(),
        label: label.to_owned(),
        signing_key: key.signing_public().to_vec(),
        proof,
        account_pub_key: person.public.to_vec(),
        account_signature: Vec::new(),
    }
}
