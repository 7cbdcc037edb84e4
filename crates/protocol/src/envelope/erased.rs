//! What stays of an envelope whose ciphertext was destroyed: enough that its digests are those that were signed and proven, and
//! nothing that anybody could open.

use sha2::{Digest as _, Sha256};

use super::context::Context;
use super::digests::{Digests, content_digest};
use super::shape::{
    CLIENT_ID_BYTES_MAX, Envelope, EnvelopeError, NONCE_BYTES, UserSignature, checked_ciphertext_length,
    checked_user, exactly,
};
use super::signatures::{AccountKey, Signed, verify_signed};
use crate::keys::{SIGNATURE_BYTES, VerifyKey};
use crate::wire::sealdesk::ledger::v1 as wire;

/// The header, digests and signatures of an envelope, without the ciphertext and the keys that were wrapped for its readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedEnvelope {
    payload_nonce: [u8; NONCE_BYTES],
    ciphertext_bytes: u64,
    ciphertext_sha256: [u8; 32],
    recipients_root: [u8; 32],
    client_id: String,
    client_signature: [u8; SIGNATURE_BYTES],
    user: Option<UserSignature>,
}

impl ErasedEnvelope {
    /// What stays of an envelope.
    pub fn of(envelope: &Envelope) -> Self {
        let ciphertext = envelope.payload_ciphertext();
        Self {
            payload_nonce: *envelope.payload_nonce(),
            ciphertext_bytes: u64::try_from(ciphertext.len()).unwrap_or(u64::MAX),
            ciphertext_sha256: Sha256::digest(ciphertext).into(),
            recipients_root: envelope.recipients_root(),
            client_id: envelope.client_id().to_owned(),
            client_signature: *envelope.client_signature(),
            user: envelope.user().cloned(),
        }
    }

    /// Accepts the stored form.
    ///
    /// # Errors
    /// [`EnvelopeError`] for what no envelope leaves.
    pub fn from_wire(wire: &wire::ErasedEnvelope) -> Result<Self, EnvelopeError> {
        let actual = wire.client_id.len();
        if actual > CLIENT_ID_BYTES_MAX {
            return Err(EnvelopeError::ClientIdTooLong { actual });
        }
        let length = usize::try_from(wire.ciphertext_bytes).unwrap_or(usize::MAX);
        checked_ciphertext_length(length)?;
        Ok(Self {
            payload_nonce: exactly("payload_nonce", &wire.payload_nonce)?,
            ciphertext_bytes: wire.ciphertext_bytes,
            ciphertext_sha256: exactly("ciphertext_sha256", &wire.ciphertext_sha256)?,
            recipients_root: exactly("recipients_root", &wire.recipients_root)?,
            client_id: wire.client_id.clone(),
            client_signature: exactly("client_signature", &wire.client_signature)?,
            user: checked_user(&wire.user_pub_key, &wire.user_signature)?,
        })
    }

    /// The stored form.
    pub fn to_wire(&self) -> wire::ErasedEnvelope {
        let (user_pub_key, user_signature) = match &self.user {
            Some(user) => (user.public_key.to_vec(), user.signature.to_vec()),
            None => (Vec::new(), Vec::new()),
        };
        wire::ErasedEnvelope {
            payload_nonce: self.payload_nonce.to_vec(),
            ciphertext_bytes: self.ciphertext_bytes,
            ciphertext_sha256: self.ciphertext_sha256.to_vec(),
            recipients_root: self.recipients_root.to_vec(),
            client_id: self.client_id.clone(),
            client_signature: self.client_signature.to_vec(),
            user_pub_key,
            user_signature,
        }
    }

    /// The digests that the whole envelope had at the place where it is expected.
    pub fn digests(&self, context: &Context) -> Digests {
        let content =
            content_digest(context, &self.payload_nonce, self.ciphertext_bytes, &self.ciphertext_sha256);
        let user_key: &[u8] = self.user.as_ref().map_or(&[], |user| &user.public_key);
        Digests::of(content, self.recipients_root, &self.client_id, user_key)
    }

    /// As [`super::verify_signatures`] of the whole envelope.
    ///
    /// # Errors
    /// [`EnvelopeError`]: somebody else's signature, or another place.
    pub fn verify_signatures(
        &self,
        context: &Context,
        client: &VerifyKey,
        account: AccountKey<'_>,
    ) -> Result<Digests, EnvelopeError> {
        let digests = self.digests(context);
        let signed = Signed { digests, client_signature: &self.client_signature, user: self.user.as_ref() };
        verify_signed(&signed, context, client, account)?;
        Ok(digests)
    }
}
