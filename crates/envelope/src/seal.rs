//! Sealing: a message, its readers and 56 random bytes become an envelope.

use rand_core::TryCryptoRng;
use sealdesk_protocol::envelope::{
    ALGORITHM_ID, ALGORITHM_VERSION, Context, Envelope, EnvelopeError, EnvelopeLimits, NONCE_BYTES,
    WIRE_VERSION, WrappedKey, client_message, user_digest,
};
use sealdesk_protocol::keys::{EncryptionKey, SIGNATURE_BYTES};
use sealdesk_protocol::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, RecipientMode};
use thiserror::Error;

use crate::schedule::{self, DataKey};
use crate::secret::{AccountSecret, Secret, SigningFailed, SigningSecret};
use crate::wrap::{Binding, Wrapper};
use crate::{backend, padding};

/// Why nothing was sealed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SealError {
    /// The caller's random number generator failed.
    #[error("the random number generator failed")]
    Random,
    /// One key is named twice among the readers.
    #[error("two readers have one key")]
    DuplicateReader,
    /// X25519 with a reader's key gave zeroes: the key is of low order.
    #[error("a reader's key is of low order")]
    LowOrderReader,
    /// The message is too long for this machine.
    #[error("the message is too long")]
    MessageTooLong,
    /// The result would not be an envelope that the ledger accepts: too large, no readers, or too many.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The account key could not sign.
    #[error(transparent)]
    Account(#[from] SigningFailed),
}

/// What is sealed, for whom and to which place.
///
/// `plaintext` is any bytes; what the desk puts there is [`crate::content`]. The readers may stand in any order.
pub struct Message<'a> {
    /// The place in a transaction for which it is sealed; it opens nowhere else.
    pub context: &'a Context,
    /// The bytes to seal.
    pub plaintext: &'a [u8],
    /// The keys of everyone who shall read it, the sender's own among them.
    pub readers: &'a [EncryptionKey],
    /// The program that seals, at most 64 bytes; may be empty. Public.
    pub client_id: &'a str,
    /// The ledger's limits at present.
    pub limits: EnvelopeLimits,
}

/// Who signs.
pub struct Signers<'a> {
    /// One of the sender's active signing keys.
    pub signing: &'a SigningSecret,
    /// The sender's account key, where the envelope shall carry its signature too.
    pub account: Option<&'a AccountSecret>,
}

/// Seals and signs. Takes 32 bytes from the generator for the data key, then 24 for the nonce.
pub fn seal<R: TryCryptoRng + ?Sized>(
    message: &Message<'_>,
    signers: &Signers<'_>,
    rng: &mut R,
) -> Result<Envelope, SealError> {
    let key = random_secret(rng)?;
    let mut nonce = [0; NONCE_BYTES];
    rng.try_fill_bytes(&mut nonce).map_err(|_| SealError::Random)?;
    seal_with(message, signers, &key, nonce)
}

pub(crate) fn random_secret<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<Secret<32>, SealError> {
    Secret::filled(|bytes| rng.try_fill_bytes(bytes).map_err(|_| SealError::Random))
}

/// Sealing without chance. Private to the crate: a data key that is used twice breaks both envelopes.
pub(crate) fn seal_with(
    message: &Message<'_>,
    signers: &Signers<'_>,
    key: &DataKey,
    nonce: [u8; NONCE_BYTES],
) -> Result<Envelope, SealError> {
    let header = message.context.header(&nonce);
    let payload_ciphertext = seal_payload(message.plaintext, key, &header, &nonce)?;
    let commitment = schedule::commitment(key, &header);
    let binding = Binding { header: &header, commitment: &commitment };
    let wrapped_keys = wrap_for_all(message.readers, key, binding, schedule::ephemeral_secret(key, &header))?;
    let unsigned = MultiRecipientEnvelope {
        version: WIRE_VERSION,
        algorithm_id: ALGORITHM_ID.to_owned(),
        algorithm_version: ALGORITHM_VERSION,
        recipient_mode: RecipientMode::Specific.into(),
        payload_ciphertext,
        payload_nonce: nonce.to_vec(),
        wrapped_keys: wrapped_keys.iter().map(WrappedKey::to_wire).collect(),
        client_id: message.client_id.to_owned(),
        // Signatures of the right length stand in until the digest is known; they are no part of it.
        client_signature: vec![0; SIGNATURE_BYTES],
        user_signature: signers.account.map_or(Vec::new(), |_| vec![0; SIGNATURE_BYTES]),
        user_pub_key: signers.account.map_or(Vec::new(), |account| account.public_key().to_vec()),
        metadata: Default::default(),
        committee_epoch: 0,
    };
    sign(Envelope::from_wire(&unsigned, message.limits)?, message.context, signers)
}

/// `COM ‖ secretbox(P, payload_nonce, K)`.
pub(crate) fn seal_payload(
    plaintext: &[u8],
    key: &DataKey,
    header: &[u8],
    nonce: &[u8; NONCE_BYTES],
) -> Result<Vec<u8>, SealError> {
    let padded = padding::pad(plaintext).ok_or(SealError::MessageTooLong)?;
    let sealed = backend::secretbox_seal(&schedule::payload_key(key, header), nonce, &padded);
    let mut ciphertext = schedule::commitment(key, header).to_vec();
    ciphertext.extend_from_slice(&sealed);
    Ok(ciphertext)
}

fn wrap_for_all(
    readers: &[EncryptionKey],
    key: &DataKey,
    binding: Binding<'_>,
    ephemeral: Secret<32>,
) -> Result<Vec<WrappedKey>, SealError> {
    let wrapper = Wrapper::new(binding, ephemeral);
    let mut entries = Vec::with_capacity(readers.len());
    for reader in readers {
        entries.push(wrapper.wrap(key, reader).map_err(|_| SealError::LowOrderReader)?);
    }
    entries.sort_unstable_by_key(|entry: &WrappedKey| entry.recipient);
    if entries.windows(2).any(|pair| pair[0].recipient == pair[1].recipient) {
        return Err(SealError::DuplicateReader);
    }
    Ok(entries)
}

/// Puts both signatures in: the client's over the digest, then the account's over the digest and the client's.
pub(crate) fn sign(
    envelope: Envelope,
    context: &Context,
    signers: &Signers<'_>,
) -> Result<Envelope, SealError> {
    let digest = envelope.digests(context).envelope;
    let client = signers.signing.sign(&client_message(&digest));
    let envelope = envelope.with_client_signature(client);
    match signers.account {
        None => Ok(envelope),
        Some(account) => {
            let user = account.sign_digest(&user_digest(&digest, &client))?;
            Ok(envelope.with_user_signature(user))
        }
    }
}
