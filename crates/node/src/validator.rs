//! The key that signs this node's blocks, and its file.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use ed25519_dalek::{Signer as _, SigningKey};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::durable::{self, Readers};

/// Longest key file, in bytes.
const FILE_BYTES_MAX: u64 = 4_096;

/// Why there is no key.
#[derive(Debug, Error)]
pub enum ValidatorKeyError {
    /// The file cannot be read or written.
    #[error("cannot use the validator key file {path}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: std::io::Error,
    },
    /// Others can read the file.
    #[error("others can read the validator key file {0}: run `chmod 600` on it, and consider the key known")]
    Permissions(PathBuf),
    /// The file holds no key.
    #[error("{0} does not hold a validator key")]
    Form(PathBuf),
    /// The system has no randomness to give.
    #[error("the system gives no randomness: {0}")]
    Randomness(getrandom::Error),
}

/// An ed25519 key that signs blocks. It cannot be printed or copied, and is wiped when dropped.
pub struct ValidatorKey(SigningKey);

/// The file's form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    /// For the reader's eyes; must fit the secret.
    public_key: String,
    /// The 32-byte seed, in hex.
    secret_key: String,
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        self.secret_key.zeroize();
    }
}

impl ValidatorKey {
    /// The key of a seed.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// A new key from the system's randomness.
    ///
    /// # Errors
    /// [`ValidatorKeyError::Randomness`].
    pub fn generate() -> Result<Self, ValidatorKeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut()).map_err(ValidatorKeyError::Randomness)?;
        Ok(Self::from_seed(&seed))
    }

    /// The public key.
    pub fn public_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// The seed and the public key behind it, as CometBFT's key files have them.
    pub(crate) fn secret_and_public(&self) -> Zeroizing<[u8; 64]> {
        Zeroizing::new(self.0.to_keypair_bytes())
    }

    /// Signs. Ed25519 has no randomness: the same bytes have the same signature.
    pub(crate) fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(bytes).to_bytes()
    }

    /// Writes the key to a new file that only its owner can read, and syncs it.
    ///
    /// # Errors
    /// [`ValidatorKeyError::Io`], also where the file exists.
    pub fn write(&self, path: &Path) -> Result<(), ValidatorKeyError> {
        let secret = Zeroizing::new(self.0.to_bytes());
        let file =
            KeyFile { public_key: hex::encode(self.public_key()), secret_key: hex::encode(secret.as_ref()) };
        let text = serde_json::to_vec_pretty(&file).map(Zeroizing::new).map_err(std::io::Error::from);
        let created = text.and_then(|text| durable::create(path, &text, Readers::Owner));
        created.map_err(|error| ValidatorKeyError::Io { path: path.to_owned(), error })
    }

    /// Reads the key from its file.
    ///
    /// # Errors
    /// [`ValidatorKeyError::Permissions`] if others can read it, [`ValidatorKeyError::Form`] if it is something else.
    pub fn read(path: &Path) -> Result<Self, ValidatorKeyError> {
        let io = |error| ValidatorKeyError::Io { path: path.to_owned(), error };
        let file = File::open(path).map_err(io)?;
        if file.metadata().map_err(io)?.permissions().mode() & 0o077 != 0 {
            return Err(ValidatorKeyError::Permissions(path.to_owned()));
        }
        let mut text = Zeroizing::new(Vec::new());
        file.take(FILE_BYTES_MAX).read_to_end(&mut text).map_err(io)?;
        let form = || ValidatorKeyError::Form(path.to_owned());
        let file: KeyFile = serde_json::from_slice(&text).map_err(|_| form())?;
        let seed = Zeroizing::new(hex::decode(&file.secret_key).map_err(|_| form())?);
        let key = Self::from_seed(seed.as_slice().try_into().map_err(|_| form())?);
        if hex::encode(key.public_key()) == file.public_key { Ok(key) } else { Err(form()) }
    }
}

impl std::fmt::Debug for ValidatorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ValidatorKey({}, …)", hex::encode(self.public_key()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_from_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("validator_key.json");
        let key = ValidatorKey::generate().unwrap();
        key.write(&path).unwrap();
        assert_eq!(ValidatorKey::read(&path).unwrap().public_key(), key.public_key());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(key.write(&path).is_err(), "a key is never overwritten");
    }

    #[test]
    fn a_key_that_others_can_read_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("validator_key.json");
        ValidatorKey::generate().unwrap().write(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(ValidatorKey::read(&path), Err(ValidatorKeyError::Permissions(_))));
    }

    #[test]
    fn a_key_is_never_printed() {
        let key = ValidatorKey::from_seed(&[0x5a; 32]);
        assert!(!format!("{key:?}").contains("5a5a5a5a"));
    }

    #[test]
    fn a_file_of_something_else_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("validator_key.json");
        for text in ["", "{}", r#"{"public_key":"00","secret_key":"00"}"#, "not json"] {
            durable::replace(&path, text.as_bytes(), Readers::Owner).unwrap();
            assert!(matches!(ValidatorKey::read(&path), Err(ValidatorKeyError::Form(_))), "{text}");
        }
    }
}
