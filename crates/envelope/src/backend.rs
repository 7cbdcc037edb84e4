//! The primitives, and the one place where their implementations are chosen.
//!
//! X25519 comes from `graviola` (formally verified assembly) where the processor has what that needs, else from
//! `curve25519-dalek`; the tests hold both to the same bytes, and to libsodium's. Everything else comes from the
//! RustCrypto crates on every machine.

use hmac::{Hmac, KeyInit as _, Mac as _};
use poly1305::Poly1305;
use salsa20::XSalsa20;
use salsa20::cipher::typenum::U10;
use salsa20::cipher::{KeyIvInit as _, StreamCipher as _};
use sealdesk_protocol::envelope::{LABEL_PREFIX, NONCE_BYTES, TAG_BYTES};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, Zeroizing};

use crate::secret::Secret;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(crate) mod native;
pub(crate) mod portable;

/// The other key contributed nothing to the shared secret: the result is all zero, for every secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoContribution;

/// The box does not open under this key and nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadBox;

/// True where `graviola` runs, which asserts at every call what it needs of the processor: for whoever else uses that crate.
pub fn runs_graviola() -> bool {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    return native::is_available();
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    false
}

/// The public key of an X25519 secret.
pub(crate) fn x25519_base(secret: &Secret<32>) -> [u8; 32] {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    if native::is_available() {
        return native::x25519_base(secret);
    }
    portable::x25519_base(secret)
}

/// The X25519 shared secret, never all zero. The all-zero check stands here, whatever a backend may check itself:
/// some crates return the zeroes without a word.
pub(crate) fn x25519(secret: &Secret<32>, public: &[u8; 32]) -> Result<Secret<32>, NoContribution> {
    let shared = raw_x25519(secret, public)?;
    if bool::from(shared.expose().ct_eq(&[0; 32])) { Err(NoContribution) } else { Ok(shared) }
}

fn raw_x25519(secret: &Secret<32>, public: &[u8; 32]) -> Result<Secret<32>, NoContribution> {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    if native::is_available() {
        return native::x25519(secret, public);
    }
    Ok(portable::x25519(secret, public))
}

/// `M(k, l, …)` of docs/spec/envelope.md: HMAC-SHA-256 of a label, given without its prefix, and of what follows.
pub(crate) fn mac(key: &Secret<32>, label: &str, data: &[u8]) -> Secret<32> {
    mac_of(key, LABEL_PREFIX, label, data)
}

/// The same with a label of another page, which its own prefix names.
pub(crate) fn mac_of(key: &Secret<32>, prefix: &str, label: &str, data: &[u8]) -> Secret<32> {
    let length = u8::try_from(prefix.len() + label.len()).unwrap_or(u8::MAX);
    let mut mac = keyed(key);
    mac.update(&[length]);
    mac.update(prefix.as_bytes());
    mac.update(label.as_bytes());
    mac.update(data);
    let mut bytes: [u8; 32] = mac.finalize().into_bytes().into();
    Secret::take(&mut bytes)
}

fn keyed(key: &Secret<32>) -> Hmac<Sha256> {
    // A key of one block: HMAC's own padding of a 32-byte key, in a type that cannot have another length.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key.expose());
    let mac = Hmac::new(&block.into());
    block.zeroize();
    mac
}

/// NaCl's `crypto_box_beforenm` after X25519: HSalsa20 of the shared secret.
pub(crate) fn box_key(shared: &Secret<32>) -> Secret<32> {
    let mut key = salsa20::hsalsa::<U10>(shared.expose().into(), &[0; 16].into()).into();
    Secret::take(&mut key)
}

/// NaCl's `crypto_secretbox`: the tag, then the ciphertext.
pub(crate) fn secretbox_seal(key: &Secret<32>, nonce: &[u8; NONCE_BYTES], message: &[u8]) -> Vec<u8> {
    let (mut cipher, authenticator) = secretbox_keys(key, nonce);
    let mut sealed = Vec::with_capacity(TAG_BYTES + message.len());
    sealed.resize(TAG_BYTES, 0);
    sealed.extend_from_slice(message);
    cipher.apply_keystream(&mut sealed[TAG_BYTES..]);
    let tag = authenticator.compute_unpadded(&sealed[TAG_BYTES..]);
    sealed[..TAG_BYTES].copy_from_slice(&tag);
    sealed
}

/// Opens what [`secretbox_seal`] made. Nothing is decrypted before the tag has been found equal, in constant time.
pub(crate) fn secretbox_open(
    key: &Secret<32>,
    nonce: &[u8; NONCE_BYTES],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, BadBox> {
    let (tag, ciphertext) = sealed.split_at_checked(TAG_BYTES).ok_or(BadBox)?;
    let (mut cipher, authenticator) = secretbox_keys(key, nonce);
    let expected = authenticator.compute_unpadded(ciphertext);
    if !bool::from(expected.as_slice().ct_eq(tag)) {
        return Err(BadBox);
    }
    let mut message = Zeroizing::new(ciphertext.to_vec());
    cipher.apply_keystream(&mut message);
    Ok(message)
}

/// The stream, from its 33rd byte, and the authenticator whose key its first 32 bytes are.
fn secretbox_keys(key: &Secret<32>, nonce: &[u8; NONCE_BYTES]) -> (XSalsa20, Poly1305) {
    let mut cipher = XSalsa20::new(key.expose().into(), nonce.into());
    let mut one_time = [0; 32];
    cipher.apply_keystream(&mut one_time);
    let authenticator = Poly1305::new(&one_time.into());
    one_time.zeroize();
    (cipher, authenticator)
}
