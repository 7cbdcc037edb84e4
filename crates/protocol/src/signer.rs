//! The key of an account, one or several, and what it signed.

use prost::Name as _;
use prost_types::Any;

use crate::adr36;
use crate::canonical;
use crate::codes::SdkError;
use crate::ids::{Address, Prefix};
use crate::keys::{
    ACCOUNT_KEY_BYTES, BadSignature, SIGNATURE_BYTES, account_hash, is_account_key, is_address_of,
    verify_secp256k1,
};
use crate::multisig::{MultisigKey, SubSignatures, any};
use crate::wire::cosmos::crypto::multisig::LegacyAminoPubKey;
use crate::wire::cosmos::crypto::secp256k1::PubKey;

/// The key of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignerKey {
    /// Compressed secp256k1.
    Single([u8; ACCOUNT_KEY_BYTES]),
    /// Several of these, of which so many must sign.
    Multisig(MultisigKey),
}

impl SignerKey {
    /// Reads a key as transactions carry it.
    ///
    /// # Errors
    /// Code 8 of `sdk` for another kind of key or one of wrong form, 2 for another encoding than the canonical one.
    pub fn from_any(any: &Any) -> Result<Self, SdkError> {
        if any.type_url == LegacyAminoPubKey::type_url() {
            let key = MultisigKey::decode(&any.value);
            return key.map(Self::Multisig).map_err(|error| SdkError::InvalidPubKey(error.to_string()));
        }
        if any.type_url != PubKey::type_url() {
            let text =
                format!("a signer's key is a {} or a {}", PubKey::type_url(), LegacyAminoPubKey::type_url());
            return Err(SdkError::InvalidPubKey(text));
        }
        let key: PubKey = canonical::decode(&any.value, "PubKey").map_err(SdkError::TxDecode)?;
        let length = |_| SdkError::InvalidPubKey(format!("a public key has {ACCOUNT_KEY_BYTES} bytes"));
        key.key.try_into().map(Self::Single).map_err(length)
    }

    /// Reads a key as records and messages keep it; `None` of anything else than what [`Self::to_vec`] writes. Whether it is on the curve is for
    /// [`Self::is_on_curve`] to say.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        match <[u8; ACCOUNT_KEY_BYTES]>::try_from(bytes) {
            Ok(key) => Some(Self::Single(key)),
            Err(_) => MultisigKey::read_amino(bytes).map(Self::Multisig),
        }
    }

    /// What records and messages keep: the 33 bytes, or amino's encoding of a key of several.
    pub fn to_vec(&self) -> Vec<u8> {
        match self {
            Self::Single(key) => key.to_vec(),
            Self::Multisig(key) => key.to_amino(),
        }
    }

    /// The key as transactions and queries carry it.
    pub fn to_any(&self) -> Any {
        match self {
            Self::Single(key) => any(&PubKey { key: key.to_vec() }),
            Self::Multisig(key) => key.to_any(),
        }
    }

    /// The key of an account of one key.
    pub fn single(&self) -> Option<&[u8; ACCOUNT_KEY_BYTES]> {
        match self {
            Self::Single(key) => Some(key),
            Self::Multisig(_) => None,
        }
    }

    /// Whether every key of it is a point of the curve.
    pub fn is_on_curve(&self) -> bool {
        match self {
            Self::Single(key) => is_account_key(key),
            Self::Multisig(key) => key.is_on_curve(),
        }
    }

    /// The account's address.
    pub fn address(&self, prefix: &Prefix) -> Address {
        Address::of_hash(prefix, self.hash())
    }

    /// True if `address` is a lower-case bech32 address, of any prefix, of the account of this key.
    pub fn is_of(&self, address: &str) -> bool {
        is_address_of(&self.hash(), address)
    }

    fn hash(&self) -> [u8; 20] {
        match self {
            Self::Single(key) => account_hash(key),
            Self::Multisig(key) => key.hash(),
        }
    }

    /// Verifies signatures over what everyone signs alike.
    ///
    /// # Errors
    /// [`BadSignature`], whatever is wrong.
    pub fn verify(&self, digest: &[u8; 32], signature: &KeySignature) -> Result<(), BadSignature> {
        match (self, signature) {
            (Self::Single(key), KeySignature::Single(signature)) => verify_secp256k1(key, digest, signature),
            (Self::Multisig(key), KeySignature::Multisig(signatures)) => key.verify(signatures, |_| *digest),
            _ => Err(BadSignature),
        }
    }

    /// Verifies that the account `signer` signed a text, as ADR-36 has it. Of an account of several keys each key signs by itself, as the
    /// account that it is: wallets sign texts for no other. The text's last line says for whom: [`text_for`].
    ///
    /// # Errors
    /// [`BadSignature`], whatever is wrong.
    pub fn verify_text(
        &self,
        signer: &Address,
        text: &str,
        signature: &KeySignature,
    ) -> Result<(), BadSignature> {
        match (self, signature) {
            (Self::Single(key), KeySignature::Single(signature)) => {
                adr36::verify(key, signer, text, signature)
            }
            (Self::Multisig(key), KeySignature::Multisig(signatures)) if self.is_of(signer.as_str()) => {
                let (prefix, text) = (signer.prefix(), text_for(text, signer));
                key.verify(signatures, |key| adr36::digest(&Address::of_public_key(&prefix, key), &text))
            }
            _ => Err(BadSignature),
        }
    }
}

impl From<[u8; ACCOUNT_KEY_BYTES]> for SignerKey {
    fn from(key: [u8; ACCOUNT_KEY_BYTES]) -> Self {
        Self::Single(key)
    }
}

/// The text that a key of the account `multisig` signs for it. Without the last line it would be that key's own word as well.
pub fn text_for(text: &str, multisig: &Address) -> String {
    format!("{text}\nfor: {multisig}")
}

/// What an account signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySignature {
    /// By its one key: compact, low S.
    Single([u8; SIGNATURE_BYTES]),
    /// By some of its keys.
    Multisig(SubSignatures),
}

impl KeySignature {
    /// Reads a signature as records and messages keep it; `None` of anything else than what [`Self::to_vec`] writes.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        match <[u8; SIGNATURE_BYTES]>::try_from(bytes) {
            Ok(signature) => Some(Self::Single(signature)),
            Err(_) => SubSignatures::read(bytes).map(Self::Multisig),
        }
    }

    /// What records and messages keep.
    pub fn to_vec(&self) -> Vec<u8> {
        match self {
            Self::Single(signature) => signature.to_vec(),
            Self::Multisig(signatures) => signatures.to_vec(),
        }
    }

    /// How many signatures there are to verify.
    pub fn count(&self) -> usize {
        match self {
            Self::Single(_) => 1,
            Self::Multisig(signatures) => signatures.count(),
        }
    }
}

impl From<[u8; SIGNATURE_BYTES]> for KeySignature {
    fn from(signature: [u8; SIGNATURE_BYTES]) -> Self {
        Self::Single(signature)
    }
}

/// A key and its signature as messages and records carry them; `None` where either has another form, or they are not of one kind.
pub fn parts(public_key: &[u8], signature: &[u8]) -> Option<(SignerKey, KeySignature)> {
    let parts = (SignerKey::read(public_key)?, KeySignature::read(signature)?);
    match &parts {
        (SignerKey::Single(_), KeySignature::Single(_)) => Some(parts),
        (SignerKey::Multisig(key), KeySignature::Multisig(signed)) => key.check(signed).ok().map(|()| parts),
        _ => None,
    }
}
