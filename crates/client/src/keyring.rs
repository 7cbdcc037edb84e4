//! Named keys on this machine's disk.
//!
//! Files of the file backend open by a passphrase, or by the keyring key that was made of it (`key`), which an agent can hold.
//!
//! What is kept is the recovery phrase, and beside it in clear the public key and the first fingerprint, so that a list
//! needs no passphrase. Which rotations are in use is not kept: the ledger's key list and the phrase say it, and a copy of
//! the phrase on another machine says the same.

mod key;
mod name;
mod sealed;

use std::path::{Path, PathBuf};

use rand_core::TryCryptoRng;
use sealdesk_envelope::{IdentityError, Phrase, PhraseError, PhraseLength};
use sealdesk_protocol::ids::{Address, Prefix};
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_stacks::address::Address as StacksAddress;
use sealdesk_stacks::transaction::Network;
use thiserror::Error;
use zeroize::Zeroizing;

pub use key::{KEYRING_KEY_BYTES, KeyringKey, KeyringKeyId, Opener};
pub use name::{KeyName, NameError};
use sealed::Entry;

use crate::actor::{Actor, first_fingerprint};
use crate::durable;

/// Largest key file that is read, in bytes.
const ENTRY_BYTES_MAX: u64 = 16_384;
/// How key files end.
const EXTENSION: &str = "json";

/// How phrases are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// Encrypted with a passphrase: Argon2id, then XChaCha20-Poly1305.
    File,
    /// Encrypted with a random key, which the keyring of the computer keeps. Whoever calls asks that.
    Os,
    /// In clear, for scripts and trials. Whoever reads the file has the key.
    Test,
}

impl Backend {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::File, Self::Os, Self::Test];

    /// The short name: `file`, `os` or `test`.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Os => "os",
            Self::Test => "test",
        }
    }

    /// The backend of a short name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|backend| backend.name() == name)
    }
}

/// Why the keyring refuses.
#[derive(Debug, Error)]
pub enum KeyringError {
    /// The text is not a name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// There is no key of that name.
    #[error("this keyring has no key named {0}")]
    NotFound(KeyName),
    /// There is one already, and it is never overwritten.
    #[error("there is a key named {0} already")]
    Exists(KeyName),
    /// The passphrase is wrong, or the file was changed: the two cannot be told apart.
    #[error("the passphrase does not open {0}")]
    WrongPassphrase(KeyName),
    /// An empty passphrase protects nothing.
    #[error("a passphrase has at least 8 bytes")]
    PassphraseTooShort,
    /// The words are not a recovery phrase.
    #[error(transparent)]
    Phrase(#[from] PhraseError),
    /// The phrase gives no key.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The file is not a key file of this backend.
    #[error("{path} is not a key file of this keyring: {why}")]
    Form {
        /// Which file.
        path: PathBuf,
        /// What is wrong; never what stands there.
        why: String,
    },
    /// The file cannot be read or written, is a link, or is open to others.
    #[error("cannot use {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system gave no randomness.
    #[error("the random number generator failed")]
    Random,
}

/// What is known of a key without its passphrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInfo {
    /// Its name.
    pub name: KeyName,
    /// The account's compressed secp256k1 key.
    pub public_key: [u8; 33],
    /// Fingerprint of the first encryption key of the phrase.
    pub fingerprint: Fingerprint,
    /// The compressed key of the account on Stacks; files of before there was one lack it.
    pub stacks_public_key: Option<[u8; 33]>,
}

impl KeyInfo {
    /// The account's address under a ledger's prefix.
    pub fn address(&self, prefix: &Prefix) -> Address {
        Address::of_public_key(prefix, &self.public_key)
    }

    /// The account's address on a network of Stacks, where the file knows it.
    pub fn stacks_address(&self, network: Network) -> Option<StacksAddress> {
        let key = self.stacks_public_key.as_ref()?;
        Some(StacksAddress::of_public_key(network.single_version(), key))
    }
}

/// A file of the keyring: a key, or why it is none.
#[derive(Debug)]
pub struct Listed {
    /// The key's name, by the file's.
    pub name: KeyName,
    /// What is known of the key.
    pub info: Result<KeyInfo, KeyringError>,
}

/// A new key, and its phrase to be shown once.
pub struct Added {
    /// What is known of it from now on.
    pub info: KeyInfo,
    /// The recovery phrase: whoever has it has the key, on every machine.
    pub phrase: Zeroizing<String>,
}

/// A directory of named keys.
#[derive(Debug)]
pub struct Keyring {
    dir: PathBuf,
    backend: Backend,
}

impl Keyring {
    /// Opens the keyring of a backend under a home directory, making its directory (`keyring-file`, `keyring-os`, `keyring-test`; mode 0700).
    ///
    /// # Errors
    /// [`KeyringError::File`]; also where the directory is a link or open to others.
    pub fn open(home: &Path, backend: Backend) -> Result<Self, KeyringError> {
        let dir = home.join(format!("keyring-{}", backend.name()));
        durable::private_dir(&dir).map_err(|source| KeyringError::File { path: dir.clone(), source })?;
        Ok(Self { dir, backend })
    }

    /// The folder that the key files are in.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// How phrases are kept here.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// True where [`Keyring::unlock`] needs a passphrase.
    pub fn needs_passphrase(&self) -> bool {
        self.backend == Backend::File
    }

    /// Which keyring key opens a key; `None` where none is needed.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn key_id(&self, name: &str) -> Result<Option<KeyringKeyId>, KeyringError> {
        Ok(self.entry(KeyName::parse(name)?)?.kdf()?.map(|kdf| kdf.id()))
    }

    /// The keyring key that opens a key, made of the passphrase and tried. It takes half a second.
    ///
    /// # Errors
    /// [`KeyringError::WrongPassphrase`] where it does not open; [`KeyringError::Form`] where the file needs none.
    pub fn derive(&self, name: &str, passphrase: &[u8]) -> Result<KeyringKey, KeyringError> {
        let entry = self.entry(KeyName::parse(name)?)?;
        let key = entry.derive(passphrase)?;
        entry.open(Opener::Key(&key))?;
        Ok(key)
    }

    /// The same key from its bytes, as somebody kept them, and tried.
    ///
    /// # Errors
    /// [`KeyringError::WrongPassphrase`] where they do not open the key.
    pub fn recall(
        &self,
        name: &str,
        bytes: Zeroizing<[u8; KEYRING_KEY_BYTES]>,
    ) -> Result<KeyringKey, KeyringError> {
        let entry = self.entry(KeyName::parse(name)?)?;
        let kdf = entry.kdf()?.ok_or_else(|| entry.malformed("it is not sealed under a passphrase"))?;
        let key = KeyringKey::of_bytes(kdf, bytes);
        entry.open(Opener::Key(&key))?;
        Ok(key)
    }

    /// Makes a key from new words. With the test backend the opener is not used; under a keyring key the file opens with those that
    /// are under it already.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn add<'a, R: TryCryptoRng + ?Sized>(
        &self,
        name: &str,
        opener: impl Into<Opener<'a>>,
        length: PhraseLength,
        rng: &mut R,
    ) -> Result<Added, KeyringError> {
        let phrase = Phrase::generate(length, rng)?;
        let info = self.store(name, opener.into(), &phrase, rng)?;
        Ok(Added { info, phrase: phrase.reveal() })
    }

    /// Takes in a key by its 12 or 24 words.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn import<'a, R: TryCryptoRng + ?Sized>(
        &self,
        name: &str,
        opener: impl Into<Opener<'a>>,
        words: &str,
        rng: &mut R,
    ) -> Result<KeyInfo, KeyringError> {
        self.store(name, opener.into(), &Phrase::parse(words)?, rng)
    }

    /// Every key, by name, and for each file that is not a key of this keyring why it is not: one bad file hides no other.
    ///
    /// # Errors
    /// [`KeyringError::File`] where the keyring itself cannot be read. Files whose names are not names of keys are passed over.
    pub fn list(&self) -> Result<Vec<Listed>, KeyringError> {
        let failed = |source| KeyringError::File { path: self.dir.clone(), source };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.dir).map_err(failed)? {
            let file = PathBuf::from(entry.map_err(failed)?.file_name());
            let stem = file.file_stem().and_then(|stem| stem.to_str()).map(KeyName::parse);
            if let (Some(Ok(name)), Some(EXTENSION)) = (stem, file.extension().and_then(|e| e.to_str())) {
                names.push(name);
            }
        }
        names.sort_unstable();
        let listed = |name: KeyName| {
            let info = self.entry(name.clone()).and_then(|entry| entry.info());
            Listed { name, info }
        };
        Ok(names.into_iter().map(listed).collect())
    }

    /// One key.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn show(&self, name: &str) -> Result<KeyInfo, KeyringError> {
        self.entry(KeyName::parse(name)?)?.info()
    }

    /// The recovery phrase of a key.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn export<'a>(
        &self,
        name: &str,
        opener: impl Into<Opener<'a>>,
    ) -> Result<Zeroizing<String>, KeyringError> {
        self.entry(KeyName::parse(name)?)?.open(opener.into())
    }

    /// Forgets a key on this machine. Its phrase brings it back.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn delete(&self, name: &str) -> Result<(), KeyringError> {
        let name = KeyName::parse(name)?;
        let path = self.path(&name);
        durable::remove(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => KeyringError::NotFound(name),
            _ => KeyringError::File { path, source },
        })
    }

    /// Gives a key another name. The name is sealed with the key, so what opens it is needed. It stays under its keyring key.
    ///
    /// # Errors
    /// [`KeyringError`]; [`KeyringError::Exists`] where the new name is taken. The old file stays until the new one is whole.
    pub fn rename<'a, R: TryCryptoRng + ?Sized>(
        &self,
        name: &str,
        new_name: &str,
        opener: impl Into<Opener<'a>>,
        rng: &mut R,
    ) -> Result<KeyInfo, KeyringError> {
        let opener = opener.into();
        let entry = self.entry(KeyName::parse(name)?)?;
        let (phrase, new_name) = (entry.open(opener)?, KeyName::parse(new_name)?);
        let info = KeyInfo { name: new_name, ..entry.info()? };
        let bytes = self.sealed(&info, &phrase, opener, rng)?;
        self.create(&info.name, &bytes)?;
        self.delete(name)?;
        Ok(info)
    }

    /// Seals every key under another passphrase, all under one keyring key. A key that the new one opens already is left as it is: so
    /// whoever was interrupted among several keys does the same again. Returns how many were sealed anew.
    ///
    /// # Errors
    /// Nothing is begun where a key cannot be read: it would keep the old passphrase, unsaid. [`KeyringError::WrongPassphrase`] at the
    /// first key that neither opens; its old file, and those after it, stay as they are then.
    pub fn change_passphrase<R: TryCryptoRng + ?Sized>(
        &self,
        passphrase: &[u8],
        new_passphrase: &[u8],
        rng: &mut R,
    ) -> Result<usize, KeyringError> {
        let names = self.list()?.into_iter().map(|listed| listed.info.map(|key| key.name));
        let names = names.collect::<Result<Vec<_>, _>>()?;
        let new = KeyringKey::generate(new_passphrase, rng)?;
        let mut changed = 0_usize;
        for name in names {
            let entry = self.entry(name)?;
            let phrase = match entry.open(Opener::Passphrase(passphrase)) {
                Ok(phrase) => phrase,
                Err(wrong @ KeyringError::WrongPassphrase(_)) => {
                    entry.open(Opener::Passphrase(new_passphrase)).map_err(|_| wrong)?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let info = entry.info()?;
            let (bytes, path) = (self.sealed(&info, &phrase, Opener::Key(&new), rng)?, self.path(&info.name));
            durable::write_private(&path, &bytes).map_err(|source| KeyringError::File { path, source })?;
            changed = changed.saturating_add(1);
        }
        Ok(changed)
    }

    /// Unlocks a key for use.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn unlock<'a>(&self, name: &str, opener: impl Into<Opener<'a>>) -> Result<Actor, KeyringError> {
        let entry = self.entry(KeyName::parse(name)?)?;
        let actor = Actor::of(&Phrase::parse(&entry.open(opener.into())?)?)?;
        if *actor.public_key() == entry.info()?.public_key {
            Ok(actor)
        } else {
            Err(entry.malformed("its phrase is of another key"))
        }
    }

    fn store<R: TryCryptoRng + ?Sized>(
        &self,
        name: &str,
        opener: Opener<'_>,
        phrase: &Phrase,
        rng: &mut R,
    ) -> Result<KeyInfo, KeyringError> {
        let name = KeyName::parse(name)?;
        let actor = Actor::of(phrase)?;
        let fingerprint = first_fingerprint(&actor)?;
        let info = KeyInfo {
            name: name.clone(),
            public_key: *actor.public_key(),
            fingerprint,
            stacks_public_key: Some(actor.stacks_account()?.public_key()),
        };
        let bytes = self.sealed(&info, &phrase.reveal(), opener, rng)?;
        self.create(&name, &bytes)?;
        Ok(info)
    }

    /// The bytes of a key file.
    fn sealed<R: TryCryptoRng + ?Sized>(
        &self,
        info: &KeyInfo,
        phrase: &Zeroizing<String>,
        opener: Opener<'_>,
        rng: &mut R,
    ) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
        match self.backend {
            Backend::Test => Ok(sealed::in_clear(info, phrase)),
            Backend::File | Backend::Os => sealed::seal(info, phrase, opener, rng),
        }
    }

    /// Writes the file of a key that is not there yet.
    fn create(&self, name: &KeyName, bytes: &[u8]) -> Result<(), KeyringError> {
        let path = self.path(name);
        durable::create_private(&path, bytes).map_err(|source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => KeyringError::Exists(name.clone()),
            _ => KeyringError::File { path, source },
        })
    }

    /// The words of a recovery phrase, before anything is done with them.
    ///
    /// # Errors
    /// [`KeyringError::Phrase`].
    pub fn check_phrase(words: &str) -> Result<(), KeyringError> {
        Ok(Phrase::parse(words).map(drop)?)
    }

    fn entry(&self, name: KeyName) -> Result<Entry, KeyringError> {
        let path = self.path(&name);
        let bytes = durable::read_bounded(&path, ENTRY_BYTES_MAX).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => KeyringError::NotFound(name.clone()),
            _ => KeyringError::File { path: path.clone(), source },
        })?;
        Entry::parse(name, path, &bytes, self.backend)
    }

    fn path(&self, name: &KeyName) -> PathBuf {
        self.dir.join(format!("{name}.{EXTENSION}"))
    }
}

#[cfg(test)]
mod tests;
