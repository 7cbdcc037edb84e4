//! What opens key files: a passphrase, or the keyring key that was made of one.
//!
//! A keyring key is made of the passphrase by Argon2id with a salt. Files that were written together have one salt, and so one
//! keyring key: whoever holds it can open them without making it again, which takes half a second each time.

use rand_core::TryCryptoRng;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::KeyringError;
use crate::passphrase_seal::{self, Effort, NONCE_BYTES, SALT_BYTES};

/// Shortest passphrase, in bytes.
const PASSPHRASE_BYTES_MIN: usize = 8;
/// Length of a keyring key, in bytes.
pub const KEYRING_KEY_BYTES: usize = passphrase_seal::KEY_BYTES;

/// Where a keyring key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Made of a passphrase.
    Argon2id,
    /// Random, and kept by the keyring of the computer. Memory and passes are 0.
    Kept,
}

impl Source {
    /// As key files call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Argon2id => "argon2id",
            Self::Kept => "os-keyring",
        }
    }
}

/// How a keyring key comes to be. It stands in the key file, and is no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kdf {
    pub(super) source: Source,
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) salt: Vec<u8>,
}

impl Kdf {
    /// That of a new keyring key.
    fn generate<R: TryCryptoRng + ?Sized>(source: Source, rng: &mut R) -> Result<Self, KeyringError> {
        let salt = passphrase_seal::random::<SALT_BYTES>(rng).ok_or(KeyringError::Random)?.to_vec();
        let effort = match source {
            Source::Argon2id => Effort::NEW,
            Source::Kept => Effort { memory_kib: 0, passes: 0 },
        };
        Ok(Self { source, memory_kib: effort.memory_kib, passes: effort.passes, salt })
    }

    /// Whether a file asks for no more than this program gives.
    pub(super) fn is_affordable(&self) -> bool {
        self.effort().is_within(Effort::MOST)
    }

    fn effort(&self) -> Effort {
        Effort { memory_kib: self.memory_kib, passes: self.passes }
    }

    /// Makes the key; `None` where the numbers are out of Argon2's range, as those of a kept one are.
    pub(super) fn derive(&self, passphrase: &[u8]) -> Option<KeyringKey> {
        let bytes = self.effort().stretched(passphrase, &self.salt)?;
        Some(KeyringKey { kdf: self.clone(), bytes })
    }

    /// The name of the key that this makes.
    pub(super) fn id(&self) -> KeyringKeyId {
        let mut hash = Sha256::new();
        hash.update(match self.source {
            Source::Argon2id => "sealdesk/keyring-key/1\n",
            Source::Kept => "sealdesk/kept-keyring-key/1\n",
        });
        hash.update(self.memory_kib.to_be_bytes());
        hash.update(self.passes.to_be_bytes());
        hash.update(&self.salt);
        KeyringKeyId(hash.finalize().into())
    }
}

/// Which keyring key opens a file: a digest of how it is made, which tells nothing of the passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyringKeyId(pub [u8; 32]);

/// A keyring key. Neither printable nor cloneable:
///
/// ```compile_fail
/// fn print(key: &sealdesk_client::keyring::KeyringKey) { format!("{key:?}"); }
/// ```
/// ```compile_fail
/// fn copy(key: sealdesk_client::keyring::KeyringKey) { let _ = (key.clone(), key); }
/// ```
pub struct KeyringKey {
    pub(super) kdf: Kdf,
    bytes: Zeroizing<[u8; KEYRING_KEY_BYTES]>,
}

impl KeyringKey {
    /// The key of a passphrase under which nothing was sealed yet.
    ///
    /// # Errors
    /// [`KeyringError::PassphraseTooShort`], [`KeyringError::Random`].
    pub fn generate<R: TryCryptoRng + ?Sized>(passphrase: &[u8], rng: &mut R) -> Result<Self, KeyringError> {
        if passphrase.len() < PASSPHRASE_BYTES_MIN {
            return Err(KeyringError::PassphraseTooShort);
        }
        Kdf::generate(Source::Argon2id, rng)?.derive(passphrase).ok_or(KeyringError::Random)
    }

    /// A random key, for whoever keeps it: no passphrase makes it again.
    ///
    /// # Errors
    /// [`KeyringError::Random`].
    pub fn generate_kept<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<Self, KeyringError> {
        let mut bytes = Zeroizing::new([0; KEYRING_KEY_BYTES]);
        rng.try_fill_bytes(bytes.as_mut_slice()).map_err(|_| KeyringError::Random)?;
        Ok(Self { kdf: Kdf::generate(Source::Kept, rng)?, bytes })
    }

    pub(super) fn of_bytes(kdf: Kdf, bytes: Zeroizing<[u8; KEYRING_KEY_BYTES]>) -> Self {
        Self { kdf, bytes }
    }

    /// Which one it is.
    pub fn id(&self) -> KeyringKeyId {
        self.kdf.id()
    }

    /// The key itself, for whoever keeps it for later: every file under it opens by it.
    pub fn reveal(&self) -> &[u8; KEYRING_KEY_BYTES] {
        &self.bytes
    }

    /// Seals what stands in a file, bound to the rest of it.
    pub(super) fn seal(&self, nonce: [u8; NONCE_BYTES], plain: &[u8], header: &[u8]) -> Option<Vec<u8>> {
        passphrase_seal::seal(&self.bytes, nonce, plain, header)
    }

    /// Opens what was sealed under this key.
    pub(super) fn open(
        &self,
        nonce: [u8; NONCE_BYTES],
        sealed: &[u8],
        header: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        passphrase_seal::open(&self.bytes, nonce, sealed, header)
    }
}

/// What opens a key file. The test backend needs neither, and takes an empty passphrase.
#[derive(Clone, Copy)]
pub enum Opener<'a> {
    /// The passphrase itself. The keyring key is made of it each time.
    Passphrase(&'a [u8]),
    /// The keyring key; it opens the files that were sealed under it, and no other.
    Key(&'a KeyringKey),
}

impl<'a> From<&'a [u8]> for Opener<'a> {
    fn from(passphrase: &'a [u8]) -> Self {
        Self::Passphrase(passphrase)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Opener<'a> {
    fn from(passphrase: &'a [u8; N]) -> Self {
        Self::Passphrase(passphrase)
    }
}

impl<'a> From<&'a KeyringKey> for Opener<'a> {
    fn from(key: &'a KeyringKey) -> Self {
        Self::Key(key)
    }
}

/// Without a key: the opener of a keyring that needs none.
impl<'a> From<Option<&'a KeyringKey>> for Opener<'a> {
    fn from(key: Option<&'a KeyringKey>) -> Self {
        key.map_or(Self::Passphrase(b""), Self::Key)
    }
}
