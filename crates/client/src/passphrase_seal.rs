//! What a passphrase opens: Argon2id makes a key of it, and XChaCha20-Poly1305 seals under that. Key files, backups and the vaults of browsers do
//! so, each in a form of its own.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

/// Length of a key, in bytes.
pub(crate) const KEY_BYTES: usize = 32;
/// Length of a new salt, in bytes.
pub(crate) const SALT_BYTES: usize = 16;
/// Length of a nonce, in bytes: random ones never meet.
pub(crate) const NONCE_BYTES: usize = 24;

/// How much a guess at a passphrase costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Effort {
    pub(crate) memory_kib: u32,
    pub(crate) passes: u32,
}

impl Effort {
    /// That of whatever is sealed anew: 64 MiB, three passes, one lane (RFC 9106's second recommendation, at one lane).
    pub(crate) const NEW: Self = Self { memory_kib: 65_536, passes: 3 };
    /// The most that existing files may ask for: 1 GiB. A browser has no such files.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) const MOST: Self = Self { memory_kib: 1_048_576, passes: 32 };

    /// Whether it is no more than this in either.
    pub(crate) fn is_within(self, most: Self) -> bool {
        self.memory_kib <= most.memory_kib && self.passes <= most.passes
    }

    /// Makes the key of a passphrase; `None` where the numbers are out of Argon2's range.
    pub(crate) fn stretched(self, passphrase: &[u8], salt: &[u8]) -> Option<Key> {
        let params = Params::new(self.memory_kib, self.passes, 1, Some(KEY_BYTES)).ok()?;
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into(passphrase, salt, key.as_mut_slice()).ok()?;
        Some(key)
    }
}

/// A key, made of a passphrase or otherwise. It is wiped.
pub(crate) type Key = Zeroizing<[u8; KEY_BYTES]>;

/// Seals, bound to what stands beside it; `None` where it is too long.
pub(crate) fn seal(
    key: &[u8; KEY_BYTES],
    nonce: [u8; NONCE_BYTES],
    plain: &[u8],
    beside: &[u8],
) -> Option<Vec<u8>> {
    let payload = Payload { msg: plain, aad: beside };
    XChaCha20Poly1305::new(key.into()).encrypt(&XNonce::from(nonce), payload).ok()
}

/// Opens; `None` for another key, other bytes, or something else beside them: which, nobody can tell.
pub(crate) fn open(
    key: &[u8; KEY_BYTES],
    nonce: [u8; NONCE_BYTES],
    sealed: &[u8],
    beside: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let payload = Payload { msg: sealed, aad: beside };
    XChaCha20Poly1305::new(key.into()).decrypt(&XNonce::from(nonce), payload).ok().map(Zeroizing::new)
}

/// Random bytes, as for a salt or a nonce; `None` where the system gives none.
pub(crate) fn random<const N: usize>(rng: &mut (impl TryCryptoRng + ?Sized)) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    rng.try_fill_bytes(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_once_opens_for_ever() {
        // By libsodium, through PyNaCl: files and backups of earlier programs are of these bytes.
        let effort = Effort { memory_kib: 64, passes: 1 };
        let key = effort.stretched(b"a passphrase", &[7; SALT_BYTES]).unwrap();
        let sealed = seal(&key, [9; NONCE_BYTES], b"words", b"beside").unwrap();
        assert_eq!((hex::encode(*key), hex::encode(&sealed)), (KEY.to_owned(), SEALED.to_owned()));
        assert_eq!(open(&key, [9; NONCE_BYTES], &sealed, b"beside").unwrap().as_slice(), b"words");
        assert!(open(&key, [9; NONCE_BYTES], &sealed, b"besides").is_none());
        assert!(open(&key, [8; NONCE_BYTES], &sealed, b"beside").is_none());
        assert!(Effort { passes: 0, ..effort }.stretched(b"", &[7; SALT_BYTES]).is_none());
        assert!(
            effort.is_within(Effort::MOST)
                && !Effort { memory_kib: u32::MAX, passes: 1 }.is_within(Effort::MOST)
        );
    }

    const KEY: &str = "c5427a14c98b1dd1f14bad7f977b39371d15903c1d9b93bda8e0459c729bcb8a";
    const SEALED: &str = "3c8580dcc4ef12bcbf096f9dcedffe16c10bc36e2e";
}
