//! Who signed an envelope or a grant: the same judgement for the ledger and for every reader.

use super::context::Context;
use super::digests::{Digests, grant_digest};
use super::shape::{Envelope, EnvelopeError, UserSignature, WrappedKey};
use super::transcript::{Transcript, signed_message};
use crate::keys::{
    ACCOUNT_KEY_BYTES, SIGNATURE_BYTES, VerifyKey, account_hash, is_account_key_of, verify_secp256k1,
};

/// Which account key a `user_pub_key`, where there is one, must be.
#[derive(Debug, Clone, Copy)]
pub enum AccountKey<'a> {
    /// This one: for the ledger, the key that signed the transaction.
    Is(&'a [u8; ACCOUNT_KEY_BYTES]),
    /// The one that the context's sender address is the hash of: for a reader of a stored record.
    OfSender,
    /// The one with this hash, ripemd160(sha256(key)): where senders have addresses that are not bech32.
    HasHash(&'a [u8; 20]),
}

/// The bytes under `client_signature`, from the envelope's digest.
pub fn client_message(envelope_digest: &[u8; 32]) -> Vec<u8> {
    signed_message("client-signature", envelope_digest)
}

/// The digest under `user_signature`: it covers the client's signature too.
pub fn user_digest(envelope_digest: &[u8; 32], client_signature: &[u8; SIGNATURE_BYTES]) -> [u8; 32] {
    Transcript::new("user-signature").raw(envelope_digest).field(client_signature).finish()
}

/// The bytes under `grant_signature`, from the envelope's `content` digest.
pub fn grant_message(content: &[u8; 32], granter: &str, entry: &WrappedKey) -> Vec<u8> {
    signed_message("grant-signature", &grant_digest(content, granter, entry))
}

/// Verifies an envelope's signatures in the context where it is expected: the client's under one signing key of the
/// sender and, where present, the account's own. Returns the digests, which are what was signed.
pub fn verify_signatures(
    envelope: &Envelope,
    context: &Context,
    client: &VerifyKey,
    account: AccountKey<'_>,
) -> Result<Digests, EnvelopeError> {
    let digests = envelope.digests(context);
    let signed = Signed { digests, client_signature: envelope.client_signature(), user: envelope.user() };
    verify_signed(&signed, context, client, account)?;
    Ok(digests)
}

/// What was signed, and the signatures.
pub(super) struct Signed<'a> {
    pub(super) digests: Digests,
    pub(super) client_signature: &'a [u8; SIGNATURE_BYTES],
    pub(super) user: Option<&'a UserSignature>,
}

/// [`verify_signatures`], whether the ciphertext is there or not.
pub(super) fn verify_signed(
    signed: &Signed<'_>,
    context: &Context,
    client: &VerifyKey,
    account: AccountKey<'_>,
) -> Result<(), EnvelopeError> {
    let digest = &signed.digests.envelope;
    client
        .verify(&client_message(digest), signed.client_signature)
        .map_err(|_| EnvelopeError::ClientSignature)?;
    if let Some(user) = signed.user {
        let expected = match account {
            AccountKey::Is(key) => &user.public_key == key,
            AccountKey::OfSender => is_account_key_of(&user.public_key, &context.sender),
            AccountKey::HasHash(hash) => &account_hash(&user.public_key) == hash,
        };
        if !expected {
            return Err(EnvelopeError::UserKeyNotSenders);
        }
        let digest = user_digest(digest, signed.client_signature);
        verify_secp256k1(&user.public_key, &digest, &user.signature)
            .map_err(|_| EnvelopeError::UserSignature)?;
    }
    Ok(())
}

/// Verifies a grant: that `granter`, by one of its signing keys, wrapped this entry for the envelope of this
/// `content` digest. Whether the entry opens is for its reader to see.
pub fn verify_grant(
    content: &[u8; 32],
    granter: &str,
    entry: &WrappedKey,
    key: &VerifyKey,
    signature: &[u8],
) -> Result<(), EnvelopeError> {
    let signature: &[u8; SIGNATURE_BYTES] =
        signature.try_into().map_err(|_| EnvelopeError::GrantSignature)?;
    key.verify(&grant_message(content, granter, entry), signature).map_err(|_| EnvelopeError::GrantSignature)
}
