//! Identity: one recovery phrase restores every secret of a person.

use bip32::{DerivationPath, XPrv};
use bip39::{Language, Mnemonic};
use hkdf::Hkdf;
use rand_core::TryCryptoRng;
use sealdesk_protocol::keys::KeyError;
use sha2::Sha256;
use thiserror::Error;
use zeroize::{Zeroize as _, Zeroizing};

use crate::secret::{AccountSecret, EncryptionSecret, Secret, SigningSecret};

/// The BIP-32 path of the account key: the one of Cosmos, so that wallets import the phrase.
pub const ACCOUNT_PATH: &str = "m/44'/118'/0'/0/0";
/// The BIP-32 path of the Stacks account key: the one of Stacks' wallets and of Clarinet.
pub const STACKS_ACCOUNT_PATH: &str = "m/44'/5757'/0'/0/0";
const SALT: &[u8] = b"sealdesk/identity/1";

/// Why a text is no recovery phrase. Says where, never which word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PhraseError {
    /// Not 12 or 24 words.
    #[error("a recovery phrase has 12 or 24 words, not {actual}")]
    WordCount {
        /// How many there are.
        actual: usize,
    },
    /// A word is not in the English list.
    #[error("word {position} is not in the English list of BIP-39")]
    UnknownWord {
        /// Its place, from 1.
        position: usize,
    },
    /// The last word does not fit the others: one was misread, or two changed places.
    #[error("the words do not fit together: one of them is wrong, or two changed places")]
    Checksum,
    /// The caller's random number generator failed.
    #[error("the random number generator failed")]
    Random,
}

/// Why a phrase gives no key. It has never been seen to happen: the chance is below 2⁻¹²⁰.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IdentityError {
    /// BIP-32 has no key at this path for this seed.
    #[error("the phrase has no account key at {0}")]
    Account(&'static str),
    /// A derived key is not one that the directory accepts.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// How long a new phrase is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhraseLength {
    /// 12 words: 128 bits.
    Twelve,
    /// 24 words: 256 bits.
    TwentyFour,
}

/// A recovery phrase: 12 or 24 English words of BIP-39. Not printable by accident, not cloneable:
///
/// ```compile_fail
/// fn print(phrase: &sealdesk_envelope::Phrase) { format!("{phrase:?}"); }
/// ```
/// ```compile_fail
/// fn copy(phrase: sealdesk_envelope::Phrase) { let _ = (phrase.clone(), phrase); }
/// ```
pub struct Phrase(Mnemonic);

impl Phrase {
    /// A new phrase from the caller's generator (16 or 32 bytes).
    pub fn generate<R: TryCryptoRng + ?Sized>(
        length: PhraseLength,
        rng: &mut R,
    ) -> Result<Self, PhraseError> {
        let mut entropy = Zeroizing::new([0; 32]);
        let used = match length {
            PhraseLength::Twelve => &mut entropy[..16],
            PhraseLength::TwentyFour => &mut entropy[..],
        };
        rng.try_fill_bytes(used).map_err(|_| PhraseError::Random)?;
        Mnemonic::from_entropy_in(Language::English, used).map(Self).map_err(|_| PhraseError::Checksum)
    }

    /// Reads a phrase as people type it: any white space between the words, any case.
    pub fn parse(text: &str) -> Result<Self, PhraseError> {
        let mut normal = Zeroizing::new(String::with_capacity(text.len()));
        for word in text.split_whitespace() {
            if !normal.is_empty() {
                normal.push(' ');
            }
            normal.push_str(word);
        }
        normal.make_ascii_lowercase();
        let actual = text.split_whitespace().count();
        if actual != 12 && actual != 24 {
            return Err(PhraseError::WordCount { actual });
        }
        Mnemonic::parse_in_normalized(Language::English, &normal).map(Self).map_err(|error| match error {
            bip39::Error::UnknownWord(index) => PhraseError::UnknownWord { position: index + 1 },
            _ => PhraseError::Checksum,
        })
    }

    /// The words, one space between them: for showing once, and for a keyring that encrypts.
    pub fn reveal(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(24 * 9));
        for word in self.0.words() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
        }
        text
    }
}

/// All the secrets of one phrase. Not printable, not cloneable.
///
/// ```compile_fail
/// fn print(identity: &sealdesk_envelope::Identity) { format!("{identity:?}"); }
/// ```
pub struct Identity(Secret<64>);

impl Identity {
    /// The identity of a phrase; the passphrase of BIP-39 is empty. Takes 2,048 rounds of PBKDF2.
    pub fn of(phrase: &Phrase) -> Self {
        let mut seed = phrase.0.to_seed_normalized("");
        Self(Secret::take(&mut seed))
    }

    /// The account key, which signs transactions of a ledger of one's own.
    pub fn account(&self) -> Result<AccountSecret, IdentityError> {
        self.account_at(ACCOUNT_PATH)
    }

    /// The account key on Stacks.
    pub fn stacks_account(&self) -> Result<AccountSecret, IdentityError> {
        self.account_at(STACKS_ACCOUNT_PATH)
    }

    fn account_at(&self, path: &'static str) -> Result<AccountSecret, IdentityError> {
        let refuse = || IdentityError::Account(path);
        let parsed: DerivationPath = path.parse().map_err(|_| refuse())?;
        let key = XPrv::derive_from_path(self.0.expose(), &parsed).map_err(|_| refuse())?;
        let mut bytes: [u8; 32] = key.private_key().to_bytes().into();
        Ok(AccountSecret::take(&mut bytes)?)
    }

    /// The `n`-th encryption key; `n` counts rotations from 0.
    pub fn encryption(&self, n: u32) -> Result<EncryptionSecret, IdentityError> {
        Ok(EncryptionSecret::new(self.derive("x25519/", n)?)?)
    }

    /// The `n`-th signing key; `n` counts rotations from 0.
    pub fn signing(&self, n: u32) -> Result<SigningSecret, IdentityError> {
        Ok(SigningSecret::new(&self.derive("ed25519/", n)?)?)
    }

    /// A key for what a program keeps for this person on their own disk. It seals nothing that leaves it, and no other key follows from it.
    ///
    /// # Errors
    /// As [`Identity::encryption`].
    pub fn cache_key(&self) -> Result<Zeroizing<[u8; 32]>, IdentityError> {
        Ok(Zeroizing::new(*self.derive("cache/", 0)?.expose()))
    }

    pub(crate) fn seed(&self) -> &[u8; 64] {
        self.0.expose()
    }

    pub(crate) fn derive(&self, purpose: &str, n: u32) -> Result<Secret<32>, IdentityError> {
        let info = format!("{purpose}{n}");
        let (mut extracted, hkdf) = Hkdf::<Sha256>::extract(Some(SALT), self.0.expose());
        extracted.as_mut_slice().zeroize();
        Secret::filled(|bytes| {
            hkdf.expand(info.as_bytes(), bytes).map_err(|_| IdentityError::Key(KeyError::NotOnCurve))
        })
    }
}
