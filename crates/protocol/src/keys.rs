//! Public keys of the directory and the one rule by which every signature is judged.
//!
//! A value of a type of this module has passed its checks: an [`EncryptionKey`] is a canonical X25519 key that is
//! not of low order, a [`VerifyKey`] a canonical Ed25519 point that is not of small order. The ledger and every
//! client verify through this module, so that no record is good for one of them and bad for another.

use core::fmt;

use curve25519_dalek::edwards::CompressedEdwardsY;
use ed25519_dalek::VerifyingKey;
use k256::ecdsa::signature::hazmat::PrehashVerifier as _;
use ripemd::Ripemd160;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::envelope::{Transcript, signed_message};

/// Length of an X25519 or Ed25519 public key, in bytes.
pub const PUBLIC_KEY_BYTES: usize = 32;
/// Length of an Ed25519 or compact secp256k1 signature, in bytes.
pub const SIGNATURE_BYTES: usize = 64;
/// Length of a compressed secp256k1 public key, in bytes.
pub const ACCOUNT_KEY_BYTES: usize = 33;
/// Length of a fingerprint, in bytes; its text has twice as many characters.
pub const FINGERPRINT_BYTES: usize = 20;

/// Why bytes are not a key that the directory accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The key has another length.
    #[error("a key of {expected} bytes was expected, not of {actual}")]
    Length {
        /// The length of this kind of key, in bytes.
        expected: usize,
        /// The length that was given, in bytes.
        actual: usize,
    },
    /// The key is one of several encodings of a point, and not the canonical one.
    #[error("the key is not canonically encoded")]
    NonCanonical,
    /// The key generates a subgroup of at most eight elements: everyone knows every secret shared with it.
    #[error("the key is of low order")]
    LowOrder,
    /// The bytes encode no point of the curve.
    #[error("the key is not a point of the curve")]
    NotOnCurve,
    /// A fingerprint is not 40 lower-case hexadecimal digits.
    #[error("a fingerprint is 40 lower-case hexadecimal digits")]
    Fingerprint,
}

/// A signature that does not verify. There is deliberately no more to say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the signature does not verify")]
pub struct BadSignature;

/// The first 20 bytes of SHA-256 of an X25519 public key: its `recipient_id`, written as 40 lower-case hex digits.
///
/// Order of values is the order of their texts. A fingerprint is not a name: two addresses may register one key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; FINGERPRINT_BYTES]);

impl Fingerprint {
    /// The fingerprint of a public key.
    pub fn of(key: &EncryptionKey) -> Self {
        let hash: [u8; 32] = Sha256::digest(key.as_bytes()).into();
        let mut first = [0; FINGERPRINT_BYTES];
        first.copy_from_slice(&hash[..FINGERPRINT_BYTES]);
        Self(first)
    }

    /// Reads 40 lower-case hex digits. Upper case is refused, lest one key have two ids.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(KeyError::Fingerprint);
        }
        let mut bytes = [0; FINGERPRINT_BYTES];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| KeyError::Fingerprint)?;
        Ok(Self(bytes))
    }

    /// The 20 bytes.
    pub fn as_bytes(&self) -> &[u8; FINGERPRINT_BYTES] {
        &self.0
    }

    /// Takes back the bytes of [`Self::as_bytes`], as a state key holds them.
    pub fn from_bytes(bytes: [u8; FINGERPRINT_BYTES]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// The canonical u-coordinates whose order divides eight, on the curve or its twist (RFC 7748, section 6.1 and
/// the list of `cr.yp.to/ecdh.html`; the other entries of that list are not canonical).
const LOW_ORDER_U: [[u8; PUBLIC_KEY_BYTES]; 5] = {
    let mut one = [0; 32];
    one[0] = 1;
    let mut minus_one = [0xff; 32];
    minus_one[0] = 0xec;
    minus_one[31] = 0x7f;
    [[0; 32], one, ORDER_EIGHT_A, ORDER_EIGHT_B, minus_one]
};
/// 325606250916557431795983626356110631294008115727848805560023387167927233504
const ORDER_EIGHT_A: [u8; 32] = [
    0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda,
    0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
];
/// 39382357235489614581723060781553021112529911719440698176882885853963445705823
const ORDER_EIGHT_B: [u8; 32] = [
    0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04,
    0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
];

/// The X25519 public key to which something can be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EncryptionKey([u8; PUBLIC_KEY_BYTES]);

impl EncryptionKey {
    /// Accepts 32 bytes that are a canonical u-coordinate (below 2²⁵⁵ − 19) and not of low order.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyError> {
        let key: [u8; PUBLIC_KEY_BYTES] = exactly(bytes)?;
        if !is_canonical_field_element(&key) {
            return Err(KeyError::NonCanonical);
        }
        if LOW_ORDER_U.contains(&key) {
            return Err(KeyError::LowOrder);
        }
        Ok(Self(key))
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; PUBLIC_KEY_BYTES] {
        &self.0
    }

    /// This key's fingerprint, which is its `recipient_id`.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self)
    }
}

/// The Ed25519 public key under which an account's envelopes and grants are signed.
#[derive(Clone, Copy)]
pub struct VerifyKey(VerifyingKey);

impl VerifyKey {
    /// Accepts 32 bytes that are the canonical encoding of a point which is not of small order.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyError> {
        let key: [u8; PUBLIC_KEY_BYTES] = exactly(bytes)?;
        let point = CompressedEdwardsY(key).decompress().ok_or(KeyError::NotOnCurve)?;
        if point.compress().to_bytes() != key {
            return Err(KeyError::NonCanonical);
        }
        if point.is_small_order() {
            return Err(KeyError::LowOrder);
        }
        VerifyingKey::from_bytes(&key).map(Self).map_err(|_| KeyError::NotOnCurve)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; PUBLIC_KEY_BYTES] {
        self.0.as_bytes()
    }

    /// The one rule of docs/spec/envelope.md: canonical A and R, S < L, neither point of small order, no cofactor in the
    /// equation, no batch. A being canonical is this type's invariant; R is compared as bytes with the encoding
    /// of the computed point, which is canonical.
    pub fn verify(&self, message: &[u8], signature: &[u8; SIGNATURE_BYTES]) -> Result<(), BadSignature> {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        self.0.verify_strict(message, &signature).map_err(|_| BadSignature)
    }
}

impl PartialEq for VerifyKey {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for VerifyKey {}

impl fmt::Debug for VerifyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyKey({})", hex::encode(self.as_bytes()))
    }
}

/// Verifies a compact secp256k1 signature over a 32-byte digest: the signatures of transactions and the
/// `user_signature` of envelopes.
///
/// The key is 33 bytes, compressed; r and s are below the group's order, and s is in its lower half: the other
/// half would be a second signature of the same content.
pub fn verify_secp256k1(public_key: &[u8], digest: &[u8; 32], signature: &[u8]) -> Result<(), BadSignature> {
    let key = account_point(public_key).ok_or(BadSignature)?;
    let signature = k256::ecdsa::Signature::from_slice(signature).map_err(|_| BadSignature)?;
    if bool::from(k256::elliptic_curve::scalar::IsHigh::is_high(&*signature.s())) {
        return Err(BadSignature);
    }
    key.verify_prehash(digest, &signature).map_err(|_| BadSignature)
}

/// True if the bytes are a compressed secp256k1 public key: a point of the curve with tag 2 or 3.
pub fn is_account_key(public_key: &[u8]) -> bool {
    account_point(public_key).is_some()
}

/// ripemd160(sha256(key)): the 20 bytes inside an account's bech32 address.
pub fn account_hash(public_key: &[u8; ACCOUNT_KEY_BYTES]) -> [u8; 20] {
    Ripemd160::digest(Sha256::digest(public_key)).into()
}

/// True if `address` is a lower-case bech32 address, of any prefix, of the account of this public key.
pub fn is_account_key_of(public_key: &[u8; ACCOUNT_KEY_BYTES], address: &str) -> bool {
    is_address_of(&account_hash(public_key), address)
}

/// True if `address` is a lower-case bech32 address, of any prefix, of these 20 bytes.
pub(crate) fn is_address_of(hash: &[u8; 20], address: &str) -> bool {
    use bech32::primitives::decode::CheckedHrpstring;
    if address.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return false;
    }
    CheckedHrpstring::new::<bech32::Bech32>(address)
        .is_ok_and(|parsed| parsed.byte_iter().eq(hash.iter().copied()))
}

/// The digest that a directory registration's proof signs.
pub fn key_proof_digest(
    chain_id: &str,
    address: &str,
    encryption: &EncryptionKey,
    signing: &VerifyKey,
) -> [u8; 32] {
    Transcript::new("key-proof")
        .field(chain_id.as_bytes())
        .field(address.as_bytes())
        .field(encryption.as_bytes())
        .field(signing.as_bytes())
        .finish()
}

/// The bytes under the Ed25519 signature of a registration's proof.
pub fn key_proof_message(
    chain_id: &str,
    address: &str,
    encryption: &EncryptionKey,
    signing: &VerifyKey,
) -> Vec<u8> {
    signed_message("key-proof-signature", &key_proof_digest(chain_id, address, encryption, signing))
}

/// Verifies the proof of `MsgRegisterRecipientKey`: whoever holds the Ed25519 secret tied this pair of keys to
/// this address of this chain. It shows no possession of the X25519 secret.
pub fn verify_key_proof(
    chain_id: &str,
    address: &str,
    encryption: &EncryptionKey,
    signing: &VerifyKey,
    proof: &[u8],
) -> Result<(), BadSignature> {
    let proof = <&[u8; SIGNATURE_BYTES]>::try_from(proof).map_err(|_| BadSignature)?;
    signing.verify(&key_proof_message(chain_id, address, encryption, signing), proof)
}

fn account_point(public_key: &[u8]) -> Option<k256::ecdsa::VerifyingKey> {
    // SEC1 has uncompressed and compact forms too; only the compressed form names an account.
    if public_key.len() != ACCOUNT_KEY_BYTES || !matches!(public_key.first(), Some(2 | 3)) {
        return None;
    }
    k256::ecdsa::VerifyingKey::from_sec1_bytes(public_key).ok()
}

fn exactly<const N: usize>(bytes: &[u8]) -> Result<[u8; N], KeyError> {
    bytes.try_into().map_err(|_| KeyError::Length { expected: N, actual: bytes.len() })
}

/// True for the little-endian bytes of a number below 2²⁵⁵ − 19.
fn is_canonical_field_element(bytes: &[u8; 32]) -> bool {
    let (first, rest) = (bytes[0], &bytes[1..31]);
    let all_ones = bytes[31] == 0x7f && rest.iter().all(|byte| *byte == 0xff);
    bytes[31] <= 0x7f && !(all_ones && first >= 0xed)
}

#[cfg(test)]
mod tests;
