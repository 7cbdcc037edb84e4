//! Secret bytes, and the secrets that people hold.

use ed25519_dalek::Signer as _;
use k256::ecdsa::signature::hazmat::PrehashSigner as _;
use sealdesk_protocol::keys::{
    ACCOUNT_KEY_BYTES, EncryptionKey, Fingerprint, KeyError, SIGNATURE_BYTES, VerifyKey, key_proof_message,
};
use zeroize::{Zeroize as _, Zeroizing};

use crate::backend;

/// Secret bytes: on the heap, so that moving the value leaves no copy behind, and wiped when dropped.
/// Neither printable nor cloneable nor comparable.
pub(crate) struct Secret<const N: usize>(Box<[u8; N]>);

impl<const N: usize> Secret<N> {
    /// Makes a secret by filling zeroes in place.
    pub(crate) fn filled<E>(fill: impl FnOnce(&mut [u8; N]) -> Result<(), E>) -> Result<Self, E> {
        let mut secret = Self(Box::new([0; N]));
        fill(&mut secret.0)?;
        Ok(secret)
    }

    /// Takes bytes over and wipes where they came from.
    pub(crate) fn take(bytes: &mut [u8; N]) -> Self {
        let secret = Self(Box::new(*bytes));
        bytes.zeroize();
        secret
    }

    /// The bytes, for the cryptography of this crate alone.
    pub(crate) fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The X25519 secret of a reader. It can neither be printed nor cloned:
///
/// ```compile_fail
/// fn print(secret: &sealdesk_envelope::EncryptionSecret) { format!("{secret:?}"); }
/// ```
/// ```compile_fail
/// fn copy(secret: sealdesk_envelope::EncryptionSecret) { let _ = (secret.clone(), secret); }
/// ```
pub struct EncryptionSecret {
    secret: Secret<32>,
    public: EncryptionKey,
    fingerprint: Fingerprint,
}

impl EncryptionSecret {
    /// Takes 32 secret bytes over, wiping them at their old place. X25519 clamps them itself.
    pub fn take(bytes: &mut [u8; 32]) -> Result<Self, KeyError> {
        Self::new(Secret::take(bytes))
    }

    pub(crate) fn new(secret: Secret<32>) -> Result<Self, KeyError> {
        let public = EncryptionKey::parse(&backend::x25519_base(&secret))?;
        Ok(Self { secret, public, fingerprint: public.fingerprint() })
    }

    /// The key that others seal to.
    pub fn public(&self) -> &EncryptionKey {
        &self.public
    }

    /// The public key's fingerprint.
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    pub(crate) fn secret(&self) -> &Secret<32> {
        &self.secret
    }
}

/// The Ed25519 secret with which an account's envelopes and grants are signed. Not printable, not cloneable:
///
/// ```compile_fail
/// fn print(secret: &sealdesk_envelope::SigningSecret) { format!("{secret:?}"); }
/// ```
/// ```compile_fail
/// fn copy(secret: sealdesk_envelope::SigningSecret) { let _ = (secret.clone(), secret); }
/// ```
pub struct SigningSecret {
    key: Box<ed25519_dalek::SigningKey>,
    public: VerifyKey,
}

impl SigningSecret {
    /// Takes a 32-byte seed over, wiping it at its old place.
    pub fn take(seed: &mut [u8; 32]) -> Result<Self, KeyError> {
        Self::new(&Secret::take(seed))
    }

    pub(crate) fn new(seed: &Secret<32>) -> Result<Self, KeyError> {
        let key = Box::new(ed25519_dalek::SigningKey::from_bytes(seed.expose()));
        let public = VerifyKey::parse(key.verifying_key().as_bytes())?;
        Ok(Self { key, public })
    }

    /// The key under which others verify.
    pub fn public(&self) -> &VerifyKey {
        &self.public
    }

    /// The proof of a directory registration: ties this key and an encryption key to an address of a chain.
    pub fn key_proof(
        &self,
        chain_id: &str,
        address: &str,
        encryption: &EncryptionKey,
    ) -> [u8; SIGNATURE_BYTES] {
        self.sign(&key_proof_message(chain_id, address, encryption, &self.public))
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.key.sign(message).to_bytes()
    }
}

/// The secp256k1 secret of an account: signs transactions, and envelopes beside the client. Not printable, not
/// cloneable:
///
/// ```compile_fail
/// fn print(secret: &sealdesk_envelope::AccountSecret) { format!("{secret:?}"); }
/// ```
/// ```compile_fail
/// fn copy(secret: sealdesk_envelope::AccountSecret) { let _ = (secret.clone(), secret); }
/// ```
pub struct AccountSecret(Box<k256::ecdsa::SigningKey>);

impl AccountSecret {
    /// Takes 32 secret bytes over, wiping them at their old place. Zero and numbers not below the group's order are
    /// refused.
    pub fn take(bytes: &mut [u8; 32]) -> Result<Self, KeyError> {
        let secret = Secret::take(bytes);
        k256::ecdsa::SigningKey::from_slice(secret.expose())
            .map(|key| Self(Box::new(key)))
            .map_err(|_| KeyError::NotOnCurve)
    }

    /// The compressed public key.
    pub fn public_key(&self) -> [u8; ACCOUNT_KEY_BYTES] {
        let mut bytes = [0; ACCOUNT_KEY_BYTES];
        bytes.copy_from_slice(self.0.verifying_key().to_sec1_point(true).as_bytes());
        bytes
    }

    /// Signs a 32-byte digest: compact, low S, nonce of RFC 6979.
    pub fn sign_digest(&self, digest: &[u8; 32]) -> Result<[u8; SIGNATURE_BYTES], SigningFailed> {
        let signature: k256::ecdsa::Signature = self.0.sign_prehash(digest).map_err(|_| SigningFailed)?;
        Ok(signature.normalize_s().to_bytes().into())
    }

    pub(crate) fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes().into())
    }
}

/// The signer of the account could not sign. RFC 6979 leaves no digest for which that is known to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the account key could not sign")]
pub struct SigningFailed;
