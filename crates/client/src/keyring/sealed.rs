//! The form of a key file: the phrase in clear, or sealed under a passphrase together with everything beside it.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand_core::TryCryptoRng;
use sealdesk_protocol::keys::Fingerprint;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::key::{Kdf, Source};
use super::{Backend, KeyInfo, KeyName, KeyringError, KeyringKey, Opener};
use crate::passphrase_seal::{NONCE_BYTES, random};

/// The only version of the form.
const VERSION: u32 = 1;
/// The phrase is padded with spaces to this length, so that a file does not tell 12 words from 24. The longest of 24
/// words has 215 bytes.
const PADDED_BYTES: usize = 256;

/// What a key file holds. Never printed: the test backend's phrase stands in it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    name: String,
    public_key: String,
    fingerprint: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stacks_public_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phrase_in_clear: Option<Zeroizing<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed: Option<Sealed>,
}

/// The phrase under a passphrase, and how to get at it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    kdf: String,
    memory_kib: u32,
    passes: u32,
    salt: String,
    cipher: String,
    nonce: String,
    ciphertext: String,
}

/// A key file that was read.
pub(super) struct Entry {
    name: KeyName,
    path: PathBuf,
    stored: Stored,
}

impl Entry {
    /// Reads a file of the backend.
    pub(super) fn parse(
        name: KeyName,
        path: PathBuf,
        bytes: &[u8],
        backend: Backend,
    ) -> Result<Self, KeyringError> {
        let malformed = |why: &str| KeyringError::Form { path: path.clone(), why: why.to_owned() };
        // serde's own words may repeat a value, which is a secret here.
        let stored: Stored = serde_json::from_slice(bytes).map_err(|_| malformed("it is not of the form"))?;
        let is_from = |source: Source| stored.sealed.as_ref().is_some_and(|s| s.kdf == source.name());
        let fits = match backend {
            Backend::File => is_from(Source::Argon2id) && stored.phrase_in_clear.is_none(),
            Backend::Os => is_from(Source::Kept) && stored.phrase_in_clear.is_none(),
            Backend::Test => stored.sealed.is_none() && stored.phrase_in_clear.is_some(),
        };
        if stored.version != VERSION || !fits {
            return Err(malformed("it is of another version or backend"));
        }
        if stored.name != name.as_str() {
            return Err(malformed("it is of a key of another name"));
        }
        Ok(Self { name, path, stored })
    }

    /// What needs no passphrase.
    pub(super) fn info(&self) -> Result<KeyInfo, KeyringError> {
        let key = |text: &String| {
            let mut key = [0; 33];
            let read = hex::decode_to_slice(text, &mut key);
            read.map(|()| key).map_err(|_| self.malformed("its public key is not a key"))
        };
        let public_key = key(&self.stored.public_key)?;
        let stacks_public_key = self.stored.stacks_public_key.as_ref().map(key).transpose()?;
        let fingerprint = Fingerprint::parse(&self.stored.fingerprint)
            .map_err(|_| self.malformed("its fingerprint is not one"))?;
        Ok(KeyInfo { name: self.name.clone(), public_key, fingerprint, stacks_public_key })
    }

    /// How the keyring key of this file is made; `None` where the phrase stands in clear.
    pub(super) fn kdf(&self) -> Result<Option<Kdf>, KeyringError> {
        let Some(sealed) = &self.stored.sealed else { return Ok(None) };
        let source = if sealed.kdf == Source::Kept.name() { Source::Kept } else { Source::Argon2id };
        let kdf = Kdf {
            source,
            memory_kib: sealed.memory_kib,
            passes: sealed.passes,
            salt: self.decode(&sealed.salt)?,
        };
        if kdf.is_affordable() {
            Ok(Some(kdf))
        } else {
            Err(self.malformed("it asks for more memory or time than this program gives"))
        }
    }

    /// The keyring key that a passphrase makes for this file. Whether it opens it is not known yet.
    pub(super) fn derive(&self, passphrase: &[u8]) -> Result<KeyringKey, KeyringError> {
        let kdf = self.kdf()?.ok_or_else(|| self.malformed("it is not sealed under a passphrase"))?;
        kdf.derive(passphrase).ok_or_else(|| self.malformed("its Argon2 parameters are out of range"))
    }

    /// The phrase.
    pub(super) fn open(&self, opener: Opener<'_>) -> Result<Zeroizing<String>, KeyringError> {
        if let Some(phrase) = &self.stored.phrase_in_clear {
            return Ok(phrase.clone());
        }
        let plain = match opener {
            Opener::Passphrase(passphrase) => self.open_by(&self.derive(passphrase)?)?,
            Opener::Key(key) if Some(&key.kdf) == self.kdf()?.as_ref() => self.open_by(key)?,
            Opener::Key(_) => return Err(KeyringError::WrongPassphrase(self.name.clone())),
        };
        let text = std::str::from_utf8(&plain).map_err(|_| self.malformed("it holds no words"))?;
        Ok(Zeroizing::new(text.trim_end().to_owned()))
    }

    fn open_by(&self, key: &KeyringKey) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
        let Some(sealed) = &self.stored.sealed else { return Err(self.malformed("it holds no phrase")) };
        let ciphertext = self.decode(&sealed.ciphertext)?;
        let nonce: [u8; NONCE_BYTES] =
            self.decode(&sealed.nonce)?.try_into().map_err(|_| self.malformed("its nonce is not one"))?;
        let header = header(&self.info()?, sealed);
        let plain = key.open(nonce, &ciphertext, &header);
        plain.ok_or_else(|| KeyringError::WrongPassphrase(self.name.clone()))
    }

    fn decode(&self, text: &str) -> Result<Vec<u8>, KeyringError> {
        STANDARD.decode(text).map_err(|_| self.malformed("it is not base64"))
    }

    pub(super) fn malformed(&self, why: &str) -> KeyringError {
        KeyringError::Form { path: self.path.clone(), why: why.to_owned() }
    }
}

/// A file of the test backend.
pub(super) fn in_clear(info: &KeyInfo, phrase: &Zeroizing<String>) -> Zeroizing<Vec<u8>> {
    encode(&stored(info, Some(phrase.clone()), None))
}

/// A file of the file backend. A passphrase makes a keyring key of its own for it.
pub(super) fn seal<R: TryCryptoRng + ?Sized>(
    info: &KeyInfo,
    phrase: &str,
    opener: Opener<'_>,
    rng: &mut R,
) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
    let own;
    let key = match opener {
        Opener::Key(key) => key,
        Opener::Passphrase(passphrase) => {
            own = KeyringKey::generate(passphrase, rng)?;
            &own
        }
    };
    // Files under one key never share a nonce: it is random.
    let nonce = random::<NONCE_BYTES>(rng).ok_or(KeyringError::Random)?;
    let mut sealed = Sealed {
        kdf: key.kdf.source.name().to_owned(),
        memory_kib: key.kdf.memory_kib,
        passes: key.kdf.passes,
        salt: STANDARD.encode(&key.kdf.salt),
        cipher: "xchacha20-poly1305".to_owned(),
        nonce: STANDARD.encode(nonce),
        ciphertext: String::new(),
    };
    let padded = Zeroizing::new(format!("{phrase:<PADDED_BYTES$}"));
    let header = header(info, &sealed);
    let ciphertext = key.seal(nonce, padded.as_bytes(), &header);
    sealed.ciphertext = STANDARD.encode(ciphertext.ok_or(KeyringError::Random)?);
    Ok(encode(&stored(info, None, Some(sealed))))
}

fn stored(info: &KeyInfo, clear: Option<Zeroizing<String>>, sealed: Option<Sealed>) -> Stored {
    Stored {
        version: VERSION,
        name: info.name.to_string(),
        public_key: hex::encode(info.public_key),
        fingerprint: info.fingerprint.to_string(),
        stacks_public_key: info.stacks_public_key.map(hex::encode),
        phrase_in_clear: clear,
        sealed,
    }
}

/// Strings and numbers always serialize.
fn encode(stored: &Stored) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(serde_json::to_vec_pretty(stored).unwrap_or_default())
}

/// Everything beside the ciphertext: changed, it no longer opens. So nobody can put one key's file in another's place.
fn header(info: &KeyInfo, sealed: &Sealed) -> Vec<u8> {
    let parts = [
        "sealdesk/keyring/1",
        info.name.as_str(),
        &hex::encode(info.public_key),
        &info.fingerprint.to_string(),
        &sealed.kdf,
        &sealed.memory_kib.to_string(),
        &sealed.passes.to_string(),
        &sealed.salt,
        &sealed.cipher,
    ];
    // None of them holds a line feed, so that the joined text has one reading.
    let text = parts.join("\n");
    match info.stacks_public_key {
        Some(key) => format!("{text}\n{}", hex::encode(key)).into_bytes(),
        None => text.into_bytes(),
    }
}
