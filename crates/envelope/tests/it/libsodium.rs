//! The same envelope by libsodium alone, with no code of this crate: for cross-checking, and to be measured beside.
//! Only the digests of the public contract are shared.

// Used by tests and benches alone, where a panic is the report.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealdesk_protocol::envelope::{
    ALGORITHM_ID, ALGORITHM_VERSION, Context, Envelope, EnvelopeLimits, LABEL_PREFIX, Transcript,
    WIRE_VERSION, client_message, padded_len,
};
use sealdesk_protocol::keys::EncryptionKey;
use sealdesk_protocol::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, WrappedKeyEntry};
use sodiumoxide::crypto::auth::hmacsha256;
use sodiumoxide::crypto::{box_, scalarmult, secretbox, sign};

/// What the sender brings: the randomness, and the Ed25519 key.
pub(crate) struct Sender {
    pub(crate) dek: [u8; 32],
    pub(crate) nonce: [u8; 24],
    pub(crate) signing: sign::SecretKey,
}

pub(crate) fn mac(key: &[u8; 32], label: &str, data: &[u8]) -> [u8; 32] {
    let label = format!("{LABEL_PREFIX}{label}");
    let message = [&[u8::try_from(label.len()).unwrap()], label.as_bytes(), data].concat();
    hmacsha256::authenticate(&message, &hmacsha256::Key(*key)).0
}

pub(crate) fn wrap_nonce(
    header: &[u8],
    commitment: &[u8],
    ephemeral: &[u8],
    reader: &EncryptionKey,
) -> box_::Nonce {
    let digest = Transcript::new("wrap")
        .raw(header)
        .raw(commitment)
        .raw(ephemeral)
        .field(reader.fingerprint().to_string().as_bytes())
        .raw(reader.as_bytes())
        .finish();
    box_::Nonce::from_slice(&digest[..24]).unwrap()
}

/// Seals as docs/spec/envelope.md says, by libsodium's primitives.
pub(crate) fn seal(
    context: &Context,
    plaintext: &[u8],
    readers: &[EncryptionKey],
    sender: &Sender,
) -> Envelope {
    let header = context.header(&sender.nonce);
    let esk = mac(&sender.dek, "ephemeral", &header);
    let epk = scalarmult::scalarmult_base(&scalarmult::Scalar(esk)).0;
    let commitment = mac(&sender.dek, "commit", &header);
    let mut padded = plaintext.to_vec();
    padded.push(0x80);
    padded.resize(padded_len(padded.len()).unwrap(), 0);
    let payload = secretbox::Key(mac(&sender.dek, "payload", &header));
    let sealed = secretbox::seal(&padded, &secretbox::Nonce(sender.nonce), &payload);
    let mut wrapped_keys: Vec<WrappedKeyEntry> = readers
        .iter()
        .map(|reader| WrappedKeyEntry {
            recipient_id: reader.fingerprint().to_string(),
            wrapped_key: box_::seal(
                &sender.dek,
                &wrap_nonce(&header, &commitment, &epk, reader),
                &box_::PublicKey(*reader.as_bytes()),
                &box_::SecretKey(esk),
            ),
            algorithm: ALGORITHM_ID.to_owned(),
            ephemeral_pub_key: epk.to_vec(),
        })
        .collect();
    wrapped_keys.sort_by(|left, right| left.recipient_id.cmp(&right.recipient_id));
    let unsigned = MultiRecipientEnvelope {
        version: WIRE_VERSION,
        algorithm_id: ALGORITHM_ID.to_owned(),
        algorithm_version: ALGORITHM_VERSION,
        recipient_mode: 3,
        payload_ciphertext: [&commitment[..], &sealed].concat(),
        payload_nonce: sender.nonce.to_vec(),
        wrapped_keys,
        client_signature: vec![0; 64],
        ..Default::default()
    };
    let limits = EnvelopeLimits { envelope_bytes_max: 1 << 20, recipients_max: 100 };
    let envelope = Envelope::from_wire(&unsigned, limits).unwrap();
    let digest = envelope.digests(context).envelope;
    let signature = sign::sign_detached(&client_message(&digest), &sender.signing);
    envelope.with_client_signature(signature.to_bytes())
}

/// Verifies the client's signature and opens by the reader's own entry, by libsodium's primitives.
pub(crate) fn open(
    context: &Context,
    envelope: &Envelope,
    sender: &sign::PublicKey,
    reader: (&EncryptionKey, &[u8; 32]),
) -> Option<Vec<u8>> {
    let digest = envelope.digests(context).envelope;
    let signature = sign::Signature::from_bytes(envelope.client_signature()).ok()?;
    if !sign::verify_detached(&signature, &client_message(&digest), sender) {
        return None;
    }
    let header = context.header(envelope.payload_nonce());
    let (public, secret) = reader;
    let entry = envelope.entry(&public.fingerprint())?;
    let nonce = wrap_nonce(&header, envelope.commitment(), &entry.ephemeral_key, public);
    let ephemeral = box_::PublicKey(entry.ephemeral_key);
    let dek = box_::open(&entry.wrapped_key, &nonce, &ephemeral, &box_::SecretKey(*secret)).ok()?;
    let dek: [u8; 32] = dek.try_into().ok()?;
    if mac(&dek, "commit", &header) != envelope.commitment() {
        return None;
    }
    let payload = secretbox::Key(mac(&dek, "payload", &header));
    let nonce = secretbox::Nonce(*envelope.payload_nonce());
    let mut padded = secretbox::open(&envelope.payload_ciphertext()[32..], &nonce, &payload).ok()?;
    let length = padded.iter().rposition(|byte| *byte != 0)?;
    padded.truncate(length);
    Some(padded)
}
