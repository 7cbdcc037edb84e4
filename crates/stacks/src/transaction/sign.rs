//! What is signed, and who signed it.
//!
//! The secret stays with its owner: [`Unsigned::digest`] is what it signs, [`Unsigned::signed`] takes the signature.

use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use sha2::{Digest as _, Sha512_256};
use thiserror::Error;

use super::decode::parse_signature;
use super::{AUTH_STANDARD, Payload, RECOVERABLE_BYTES, Terms, TermsError, Transaction, encode};
use crate::address::Address;
use crate::limits::{CONTRACT_SOURCE_BYTES_MAX, TX_BYTES_MAX};

/// Bytes of a compact signature: `r` and `s`.
pub const SIGNATURE_BYTES: usize = 64;

/// Why a transaction is not its origin's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// The signature gives no key, or the key of another account.
    #[error("the signature is not that of {0}")]
    NotOrigins(Address),
    /// `s` is in the upper half: whoever sees the transaction could make a second one of it.
    #[error("the signature is not of low s")]
    HighS,
}

/// Terms that make a transaction once they are signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    terms: Terms,
    bytes: usize,
}

impl Unsigned {
    /// Checks terms.
    ///
    /// # Errors
    /// [`TermsError`] where no signature could make a transaction of them.
    pub fn new(terms: Terms) -> Result<Self, TermsError> {
        if terms.origin.version != terms.network.single_version() {
            return Err(TermsError::Origin(terms.origin));
        }
        if let Payload::Deploy(deploy) = &terms.payload {
            let bytes = deploy.source.len();
            if bytes > CONTRACT_SOURCE_BYTES_MAX {
                return Err(TermsError::SourceTooLong { bytes });
            }
        }
        let bytes = encode(&terms, &[0; RECOVERABLE_BYTES]).len();
        if bytes > TX_BYTES_MAX {
            return Err(TermsError::TooLong { bytes });
        }
        Ok(Self { terms, bytes })
    }

    /// What it says.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// How long the signed transaction will be, whatever fee and nonce it gets.
    pub fn signed_len(&self) -> usize {
        self.bytes
    }

    /// The same with another fee (in micro-STX) and nonce.
    pub fn with(mut self, fee: u64, nonce: u64) -> Self {
        (self.terms.fee, self.terms.nonce) = (fee, nonce);
        self
    }

    /// What the origin's key signs.
    pub fn digest(&self) -> [u8; 32] {
        presign_hash(&self.terms)
    }

    /// Joins the origin's signature (`r`, `s` low) of [`Unsigned::digest`].
    ///
    /// # Errors
    /// [`VerifyError`] unless that very key signed that very digest.
    pub fn signed(self, signature: &[u8; SIGNATURE_BYTES]) -> Result<VerifiedTransaction, VerifyError> {
        let mut recoverable = [0; RECOVERABLE_BYTES];
        recoverable[1..].copy_from_slice(signature);
        for id in 0..=RecoveryId::MAX {
            recoverable[0] = id;
            let bytes = encode(&self.terms, &recoverable);
            let tried = Transaction { bytes, terms: self.terms.clone(), signature: recoverable };
            match tried.verify() {
                Err(VerifyError::NotOrigins(_)) => {}
                decided => return decided,
            }
        }
        Err(VerifyError::NotOrigins(self.terms.origin))
    }
}

/// A transaction that its origin signed. Made by [`Transaction::verify`] and [`Unsigned::signed`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedTransaction {
    transaction: Transaction,
    public_key: [u8; 33],
}

impl VerifiedTransaction {
    /// The compressed public key that signed.
    pub fn public_key(&self) -> &[u8; 33] {
        &self.public_key
    }
}

impl std::ops::Deref for VerifiedTransaction {
    type Target = Transaction;

    fn deref(&self) -> &Transaction {
        &self.transaction
    }
}

impl Transaction {
    /// Recovers the key that signed and compares its address with the origin.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn verify(self) -> Result<VerifiedTransaction, VerifyError> {
        let not_origins = || VerifyError::NotOrigins(self.terms.origin);
        let (recovery, signature) = parse_signature(&self.signature).map_err(|error| match error {
            crate::DecodeError::HighS => VerifyError::HighS,
            _ => not_origins(),
        })?;
        let public_key = recover(&presign_hash(&self.terms), recovery, &signature).ok_or_else(not_origins)?;
        if Address::of_public_key(self.terms.origin.version, &public_key) != self.terms.origin {
            return Err(not_origins());
        }
        Ok(VerifiedTransaction { transaction: self, public_key })
    }
}

fn recover(digest: &[u8; 32], recovery: RecoveryId, signature: &Signature) -> Option<[u8; 33]> {
    let key = VerifyingKey::recover_from_prehash(digest, signature, recovery).ok()?;
    key.to_sec1_point(true).as_bytes().try_into().ok()
}

/// SHA-512/256 over the hash of the transaction without fee, nonce and signature, then the kind of authorization, fee and nonce.
fn presign_hash(terms: &Terms) -> [u8; 32] {
    let bare = Terms { nonce: 0, fee: 0, ..terms.clone() };
    let initial = Sha512_256::digest(encode(&bare, &[0; RECOVERABLE_BYTES]));
    let mut hash = Sha512_256::new();
    hash.update(initial);
    hash.update([AUTH_STANDARD]);
    hash.update(terms.fee.to_be_bytes());
    hash.update(terms.nonce.to_be_bytes());
    hash.finalize().into()
}
