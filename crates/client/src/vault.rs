//! Where a browser keeps a person's recovery phrase and what it remembers: one random key, and a slot for each way to it.
//!
//! A vault is a document that may lie anywhere: in a browser's storage, in a file. Its key is in no place in clear. Each slot wraps the
//! key once more, under a passphrase, under what a passkey computes, or under a key of which no single place holds more than a share.
//! The passphrase's slot is always there, so that a lost passkey loses nothing. What is sealed with the vault's key says what it is, and
//! opens as nothing else.

mod slot;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand_core::TryCryptoRng;
use sealdesk_envelope::{IdentityError, Phrase, PhraseError};
use sealdesk_protocol::keys::{ACCOUNT_KEY_BYTES, Fingerprint, is_account_key};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::actor::{Actor, first_fingerprint};
use crate::passphrase_seal::{self, Effort, KEY_BYTES, Key, NONCE_BYTES, SALT_BYTES};
use slot::{derived, passphrase_slot};

/// The only version of the form.
const VERSION: u32 = 1;
/// Shortest passphrase, in characters: what people choose is guessed on a stolen disk, without anybody who counts the guesses.
pub const PASSPHRASE_CHARACTERS_MIN: usize = 8;
/// The most that an existing slot may ask for: the memory is what a browser gives a page.
const EFFORT_MAX: Effort = Effort { memory_kib: 262_144, passes: 32 };
/// Largest document that is parsed, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 16_384;
/// Most slots of one vault.
const SLOTS_MAX: usize = 8;
/// The phrase is padded with spaces to this length, so that a vault does not tell 12 words from 24.
const PADDED_BYTES: usize = 256;
/// The same beside the key of a wallet's account.
const PADDED_WITH_WALLET_BYTES: usize = 320;
/// What is sealed and is not a record of the page.
const PHRASE: &str = "phrase";
const KEY: &str = "key";

/// Why a vault is not made or not opened. None of them repeats a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VaultError {
    /// The passphrase is too short to protect anything.
    #[error("a passphrase has at least {PASSPHRASE_CHARACTERS_MIN} characters")]
    PassphraseTooShort,
    /// The passphrase is wrong, or the vault was changed: the two cannot be told apart.
    #[error("the passphrase does not open it")]
    WrongPassphrase,
    /// The passkey is not the one of a slot, or the slot was changed.
    #[error("this passkey does not open it")]
    WrongPasskey,
    /// The two shares do not belong together, or are not of this vault.
    #[error("it is locked: unlock it again")]
    Ended,
    /// The document is not a vault.
    #[error("what this browser kept is damaged: {0}. Restore from the recovery phrase")]
    Form(&'static str),
    /// A sealed record was changed, or is of another kind or vault.
    #[error("a record that this browser kept is damaged")]
    Record,
    /// Every slot is taken.
    #[error("a vault has at most {SLOTS_MAX} ways to unlock it: remove one first")]
    Full,
    /// What was kept is not a recovery phrase.
    #[error(transparent)]
    Phrase(#[from] PhraseError),
    /// The phrase gives no key.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The system gave no randomness.
    #[error("this computer gives no random numbers")]
    Random,
}

/// The document, as it is kept.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    /// Whose vault it is: the fingerprint of the phrase's first key, which is public.
    fingerprint: String,
    slots: Vec<Slot>,
    phrase: String,
}

/// One way to the vault's key.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Slot {
    Passphrase { kdf: String, memory_kib: u32, passes: u32, salt: String, key: String },
    Passkey { credential: String, salt: String, key: String },
}

/// An open vault. Not printable and not cloned; dropping it wipes its key.
pub struct Vault {
    key: Key,
    document: Document,
}

impl Vault {
    /// Makes the vault of a phrase, under a passphrase.
    ///
    /// # Errors
    /// [`VaultError::PassphraseTooShort`], [`VaultError::Identity`] or [`VaultError::Random`].
    pub fn make<R: TryCryptoRng + ?Sized>(
        phrase: &Phrase,
        passphrase: &str,
        rng: &mut R,
    ) -> Result<Self, VaultError> {
        let words = Zeroizing::new(format!("{:<PADDED_BYTES$}", phrase.reveal().as_str()));
        Self::of_words(phrase, &words, passphrase, rng)
    }

    /// Makes the vault of a phrase whose account is in a wallet: the account's key is kept beside the words, so that nothing changes whose
    /// they are.
    ///
    /// # Errors
    /// As [`Vault::make`].
    pub fn make_with_wallet<R: TryCryptoRng + ?Sized>(
        phrase: &Phrase,
        account: &[u8; ACCOUNT_KEY_BYTES],
        passphrase: &str,
        rng: &mut R,
    ) -> Result<Self, VaultError> {
        let words = Zeroizing::new(format!("{}\n{}", phrase.reveal().as_str(), hex::encode(account)));
        let words = Zeroizing::new(format!("{:<PADDED_WITH_WALLET_BYTES$}", words.as_str()));
        Self::of_words(phrase, &words, passphrase, rng)
    }

    fn of_words<R: TryCryptoRng + ?Sized>(
        phrase: &Phrase,
        words: &str,
        passphrase: &str,
        rng: &mut R,
    ) -> Result<Self, VaultError> {
        let key = Zeroizing::new(random::<KEY_BYTES, R>(rng)?);
        let fingerprint = first_fingerprint(&Actor::of(phrase)?)?.to_string();
        let sealed = sealed(&key, &label(&fingerprint, PHRASE), words.as_bytes(), rng)?;
        let slots = vec![passphrase_slot(&key, &fingerprint, passphrase, rng)?];
        Ok(Self { key, document: Document { version: VERSION, fingerprint, slots, phrase: sealed } })
    }

    /// Opens a vault with its passphrase.
    ///
    /// # Errors
    /// [`VaultError::WrongPassphrase`] or [`VaultError::Form`].
    pub fn unlock(document: &str, passphrase: &str) -> Result<Self, VaultError> {
        let document = Document::parse(document)?;
        for slot in &document.slots {
            let Slot::Passphrase { kdf, memory_kib, passes, salt, key } = slot else { continue };
            let effort = Effort { memory_kib: *memory_kib, passes: *passes };
            if kdf != "argon2id" || !effort.is_within(EFFORT_MAX) {
                return Err(VaultError::Form("its passphrase is stretched in a way that is unknown here"));
            }
            let wrapping = slot::stretched(passphrase, &decoded(salt)?, effort)?;
            let label = slot_label(&document.fingerprint, "passphrase", salt);
            return document.clone().opened(&wrapping, &label, key).ok_or(VaultError::WrongPassphrase);
        }
        Err(VaultError::Form("it has no passphrase"))
    }

    /// Opens a vault with what its passkey computed (WebAuthn's PRF), 32 bytes.
    ///
    /// # Errors
    /// [`VaultError::WrongPasskey`] or [`VaultError::Form`].
    pub fn unlock_with_passkey(
        document: &str,
        credential: &str,
        computed: &[u8; KEY_BYTES],
    ) -> Result<Self, VaultError> {
        let document = Document::parse(document)?;
        for slot in &document.slots {
            let Slot::Passkey { credential: of, salt, key } = slot else { continue };
            if of == credential {
                let wrapping = derived(computed, &decoded(salt)?)?;
                let label = slot_label(&document.fingerprint, "passkey", salt);
                return document.clone().opened(&wrapping, &label, key).ok_or(VaultError::WrongPasskey);
            }
        }
        Err(VaultError::WrongPasskey)
    }

    /// Opens a vault with the two shares that [`Vault::split`] gave.
    ///
    /// # Errors
    /// [`VaultError::Ended`] or [`VaultError::Form`].
    pub fn resume(
        document: &str,
        here: &[u8; KEY_BYTES],
        there: &[u8; KEY_BYTES],
    ) -> Result<Self, VaultError> {
        let document = Document::parse(document)?;
        let key = Zeroizing::new(std::array::from_fn(|n| here[n] ^ there[n]));
        let vault = Self { key, document };
        // Shares of another vault give a key that opens nothing.
        vault.phrase().map_err(|_| VaultError::Ended)?;
        Ok(vault)
    }

    /// Two shares of the key, of which one alone says nothing: for as long as a person stays unlocked over a reload.
    ///
    /// # Errors
    /// [`VaultError::Random`].
    pub fn split<R: TryCryptoRng + ?Sized>(&self, rng: &mut R) -> Result<[Key; 2], VaultError> {
        let here = Zeroizing::new(random::<KEY_BYTES, R>(rng)?);
        let there = Zeroizing::new(std::array::from_fn(|n| here[n] ^ self.key[n]));
        Ok([here, there])
    }

    /// What is kept.
    #[must_use]
    pub fn document(&self) -> String {
        // Strings and numbers always serialize.
        serde_json::to_string(&self.document).unwrap_or_default()
    }

    /// The fingerprint of the phrase's first key.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.document.fingerprint
    }

    /// The credentials of the passkeys that open it, as the browser names them.
    #[must_use]
    pub fn passkeys(document: &str) -> Vec<String> {
        let slots = Document::parse(document).map(|document| document.slots).unwrap_or_default();
        let credentials = slots.into_iter().filter_map(|slot| match slot {
            Slot::Passkey { credential, .. } => Some(credential),
            Slot::Passphrase { .. } => None,
        });
        credentials.collect()
    }

    /// The recovery phrase.
    ///
    /// # Errors
    /// [`VaultError::Form`] or [`VaultError::Phrase`].
    pub fn phrase(&self) -> Result<Phrase, VaultError> {
        let words = self.words()?;
        let words = words.split_once('\n').map_or(words.as_str(), |(words, _)| words);
        Ok(Phrase::parse(words.trim_end())?)
    }

    /// The key of the account where that is in a wallet, compressed.
    ///
    /// # Errors
    /// [`VaultError::Form`].
    pub fn wallet(&self) -> Result<Option<[u8; ACCOUNT_KEY_BYTES]>, VaultError> {
        let words = self.words()?;
        let Some((_, account)) = words.split_once('\n') else { return Ok(None) };
        let mut key = [0; ACCOUNT_KEY_BYTES];
        match hex::decode_to_slice(account.trim_end(), &mut key) {
            Ok(()) if is_account_key(&key) => Ok(Some(key)),
            Ok(()) | Err(_) => Err(VaultError::Form("its wallet's key is not one")),
        }
    }

    /// What is sealed as the phrase.
    fn words(&self) -> Result<Zeroizing<String>, VaultError> {
        let label = label(&self.document.fingerprint, PHRASE);
        let words = opened(&self.key, &label, &self.document.phrase)
            .ok_or(VaultError::Form("its phrase was changed"))?;
        let words = std::str::from_utf8(&words).map_err(|_| VaultError::Form("its phrase is not words"))?;
        Ok(Zeroizing::new(words.to_owned()))
    }

    /// Changes the passphrase. The passkeys stay.
    ///
    /// # Errors
    /// [`VaultError::PassphraseTooShort`] or [`VaultError::Random`].
    pub fn change_passphrase<R: TryCryptoRng + ?Sized>(
        &mut self,
        passphrase: &str,
        rng: &mut R,
    ) -> Result<(), VaultError> {
        let slot = passphrase_slot(&self.key, &self.document.fingerprint, passphrase, rng)?;
        self.document.slots.retain(|slot| matches!(slot, Slot::Passkey { .. }));
        self.document.slots.insert(0, slot);
        Ok(())
    }

    /// Lets a passkey open it too.
    ///
    /// # Errors
    /// [`VaultError::Full`] or [`VaultError::Random`].
    pub fn add_passkey<R: TryCryptoRng + ?Sized>(
        &mut self,
        credential: &str,
        computed: &[u8; KEY_BYTES],
        rng: &mut R,
    ) -> Result<(), VaultError> {
        self.remove_passkey(credential);
        if self.document.slots.len() >= SLOTS_MAX {
            return Err(VaultError::Full);
        }
        let salt = random::<SALT_BYTES, R>(rng)?;
        let wrapping = derived(computed, &salt)?;
        let salt = STANDARD.encode(salt);
        let label = slot_label(&self.document.fingerprint, "passkey", &salt);
        let key = sealed(&wrapping, &label, self.key.as_slice(), rng)?;
        self.document.slots.push(Slot::Passkey { credential: credential.to_owned(), salt, key });
        Ok(())
    }

    /// No longer lets a passkey open it. The passphrase's slot cannot be removed.
    pub fn remove_passkey(&mut self, credential: &str) {
        self.document
            .slots
            .retain(|slot| !matches!(slot, Slot::Passkey { credential: of, .. } if of == credential));
    }

    /// Seals a record of the page under a name; it opens under that name alone.
    ///
    /// # Errors
    /// [`VaultError::Random`].
    pub fn seal<R: TryCryptoRng + ?Sized>(
        &self,
        name: &str,
        record: &[u8],
        rng: &mut R,
    ) -> Result<String, VaultError> {
        sealed(&self.key, &label(&self.document.fingerprint, &format!("record/{name}")), record, rng)
    }

    /// Opens a record.
    ///
    /// # Errors
    /// [`VaultError::Record`].
    pub fn open(&self, name: &str, record: &str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let label = label(&self.document.fingerprint, &format!("record/{name}"));
        opened(&self.key, &label, record).ok_or(VaultError::Record)
    }
}

impl Document {
    fn parse(text: &str) -> Result<Self, VaultError> {
        if text.len() > DOCUMENT_BYTES_MAX {
            return Err(VaultError::Form("it is too long"));
        }
        let document: Self =
            serde_json::from_str(text).map_err(|_| VaultError::Form("it is not of the form"))?;
        if document.version != VERSION || document.slots.len() > SLOTS_MAX {
            return Err(VaultError::Form("it is of another version"));
        }
        Fingerprint::parse(&document.fingerprint)
            .map_err(|_| VaultError::Form("it does not say whose it is"))?;
        Ok(document)
    }

    fn opened(self, wrapping: &[u8; KEY_BYTES], label: &str, key: &str) -> Option<Vault> {
        let key: [u8; KEY_BYTES] = opened(wrapping, label, key)?.as_slice().try_into().ok()?;
        Some(Vault { key: Zeroizing::new(key), document: self })
    }
}

fn label(fingerprint: &str, what: &str) -> String {
    format!("sealdesk/vault/{VERSION}\n{fingerprint}\n{what}")
}

fn slot_label(fingerprint: &str, kind: &str, salt: &str) -> String {
    label(fingerprint, &format!("{KEY}/{kind}/{salt}"))
}

/// Nonce and ciphertext, as base64.
fn sealed<R: TryCryptoRng + ?Sized>(
    key: &[u8; KEY_BYTES],
    label: &str,
    plain: &[u8],
    rng: &mut R,
) -> Result<String, VaultError> {
    let nonce = random::<NONCE_BYTES, R>(rng)?;
    let ciphertext = passphrase_seal::seal(key, nonce, plain, label.as_bytes()).ok_or(VaultError::Random)?;
    Ok(STANDARD.encode([&nonce[..], &ciphertext].concat()))
}

fn opened(key: &[u8; KEY_BYTES], label: &str, text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = STANDARD.decode(text).ok()?;
    let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE_BYTES>()?;
    passphrase_seal::open(key, *nonce, ciphertext, label.as_bytes())
}

fn decoded(text: &str) -> Result<Vec<u8>, VaultError> {
    STANDARD.decode(text).map_err(|_| VaultError::Form("it is not base64"))
}

fn random<const N: usize, R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<[u8; N], VaultError> {
    passphrase_seal::random(rng).ok_or(VaultError::Random)
}

#[cfg(test)]
mod tests;
