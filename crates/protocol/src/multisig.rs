//! Accounts of several keys, of which so many must sign: Cosmos's `LegacyAminoPubKey`, its bitmap and its signatures.
//!
//! A threshold signs with exactly as many keys as it asks for. Cosmos takes more; but which keys signed is not among what they sign, so
//! whoever carries a transaction could leave one out, and with it change the transaction's hash.

use prost::{Message as _, Name as _};
use prost_types::Any;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::canonical;
use crate::in_order::InOrder as _;
use crate::keys::{ACCOUNT_KEY_BYTES, BadSignature, SIGNATURE_BYTES, is_account_key, verify_secp256k1};
use crate::wire::cosmos::crypto::multisig::LegacyAminoPubKey;
use crate::wire::cosmos::crypto::multisig::v1beta1::{CompactBitArray, MultiSignature};
use crate::wire::cosmos::crypto::secp256k1::PubKey;
use crate::wire::sealdesk::ledger::v1::MultisigSignature;

/// How many keys an account has at most: what one signature of it costs is bounded by that.
pub const MULTISIG_KEYS_MAX: usize = 16;

/// Amino's name of a threshold key, and of a secp256k1 key with the length of its bytes.
const THRESHOLD_PREFIX: [u8; 4] = [0x22, 0xc1, 0xf7, 0xe2];
const SECP256K1_PREFIX: [u8; 5] = [0xeb, 0x5a, 0xe9, 0x87, 0x21];
/// A key in amino, with its field's tag and its length.
const AMINO_KEY_BYTES: usize = 2 + SECP256K1_PREFIX.len() + ACCOUNT_KEY_BYTES;
/// A key of the most keys in protobuf is shorter than that; what is longer is refused unread.
const KEY_BYTES_MAX: usize = 2_048;

/// Why bytes are not a key of several keys, or not its signature.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MultisigError {
    /// No key, or more than [`MULTISIG_KEYS_MAX`].
    #[error("a multisig key has {0} keys, allowed are 1 to {MULTISIG_KEYS_MAX}")]
    Keys(usize),
    /// The threshold is 0, or more than there are keys.
    #[error("a threshold of {threshold} among {keys} keys")]
    Threshold {
        /// The threshold.
        threshold: u32,
        /// How many keys there are.
        keys: usize,
    },
    /// A key of another kind, itself of several keys, or not a point of the curve.
    #[error("a multisig key has secp256k1 keys and no others; key {0} is not one")]
    Kind(usize),
    /// One person would sign for two.
    #[error("a multisig key has each key once")]
    Twice,
    /// Not the one encoding of its value.
    #[error("{0}")]
    Encoding(String),
    /// The bitmap is not of this many bits, or has bits beyond them.
    #[error("the bitmap is not one of the multisig key's keys")]
    Bitmap,
    /// Another number of signatures than the threshold, or than the bitmap has.
    #[error(
        "{found} signatures, and the multisig key asks for {expected}: give just as many, and their bits"
    )]
    Signatures {
        /// The threshold, or the bits of the bitmap.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A signature of another length.
    #[error("a signature in a multisig signature has {SIGNATURE_BYTES} bytes")]
    Length,
}

/// A key of several secp256k1 keys, each once, of which so many must sign. Their order is part of the account's address.
///
/// That each is a point of the curve is judged where somebody uses the account: by [`Self::new`] and [`Self::decode`]. Records and votes hold
/// keys of accounts whose address is known, so that [`Self::read_amino`] leaves that work alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MultisigKey {
    threshold: u8,
    keys: Vec<[u8; ACCOUNT_KEY_BYTES]>,
}

impl MultisigKey {
    /// A key of these keys.
    ///
    /// # Errors
    /// [`MultisigError`]: how many there are, the threshold, one that is not a key, one that stands twice.
    pub fn new(threshold: u32, keys: Vec<[u8; ACCOUNT_KEY_BYTES]>) -> Result<Self, MultisigError> {
        let key = Self::of_form(threshold, keys)?;
        key.not_on_curve().map_or(Ok(key), |at| Err(MultisigError::Kind(at)))
    }

    /// All that is asked of a key without work on the curve.
    fn of_form(threshold: u32, keys: Vec<[u8; ACCOUNT_KEY_BYTES]>) -> Result<Self, MultisigError> {
        if keys.is_empty() || keys.len() > MULTISIG_KEYS_MAX {
            return Err(MultisigError::Keys(keys.len()));
        }
        if keys.iter().into_set().len() != keys.len() {
            return Err(MultisigError::Twice);
        }
        let wrong = MultisigError::Threshold { threshold, keys: keys.len() };
        let threshold = u8::try_from(threshold).map_err(|_| wrong.clone())?;
        if threshold == 0 || usize::from(threshold) > keys.len() {
            return Err(wrong);
        }
        Ok(Self { threshold, keys })
    }

    /// Reads a `LegacyAminoPubKey` as transactions carry it.
    ///
    /// # Errors
    /// [`MultisigError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, MultisigError> {
        if bytes.len() > KEY_BYTES_MAX {
            return Err(MultisigError::Encoding(format!("a multisig key of {} bytes", bytes.len())));
        }
        let wire: LegacyAminoPubKey =
            canonical::decode(bytes, "LegacyAminoPubKey").map_err(MultisigError::Encoding)?;
        if wire.public_keys.len() > MULTISIG_KEYS_MAX {
            return Err(MultisigError::Keys(wire.public_keys.len()));
        }
        let keys = wire.public_keys.iter().enumerate().map(|(at, any)| single(at, any));
        Self::new(wire.threshold, keys.collect::<Result<_, _>>()?)
    }

    /// How many keys a `LegacyAminoPubKey` has of which [`Self::decode`] may ask whether they are points of the curve; nothing is judged.
    pub(crate) fn keys_told(bytes: &[u8]) -> usize {
        let read = Some(bytes).filter(|bytes| bytes.len() <= KEY_BYTES_MAX);
        let read = read.and_then(|bytes| LegacyAminoPubKey::decode(bytes).ok());
        read.map_or(0, |key| key.public_keys.len()).min(MULTISIG_KEYS_MAX)
    }

    /// Reads what [`Self::to_amino`] wrote; `None` of anything else. Whether the keys are points of the curve it does not look at.
    pub fn read_amino(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&THRESHOLD_PREFIX)?;
        let (&[_, threshold], rest) = rest.split_first_chunk()?;
        let keys = rest.chunks(AMINO_KEY_BYTES).map(|key| key.last_chunk().copied());
        let key = Self::of_form(threshold.into(), keys.collect::<Option<_>>()?).ok()?;
        (key.to_amino() == bytes).then_some(key)
    }

    /// Amino's encoding, of which the address is made; records keep it.
    pub fn to_amino(&self) -> Vec<u8> {
        let mut bytes = THRESHOLD_PREFIX.to_vec();
        bytes.extend([0x08, self.threshold]);
        for key in &self.keys {
            // The length of a prefix and a key is one byte.
            bytes.extend([0x12, 0x26]);
            bytes.extend(SECP256K1_PREFIX);
            bytes.extend(key);
        }
        bytes
    }

    /// The key as transactions and queries carry it.
    pub fn to_any(&self) -> Any {
        let public_keys = self.keys.iter().map(|key| any(&PubKey { key: key.to_vec() })).collect();
        any(&LegacyAminoPubKey { threshold: self.threshold.into(), public_keys })
    }

    /// The 20 bytes inside the account's address: the beginning of SHA-256 of [`Self::to_amino`].
    pub fn hash(&self) -> [u8; 20] {
        let digest = Sha256::digest(self.to_amino());
        let mut first = [0; 20];
        first.copy_from_slice(&digest[..20]);
        first
    }

    /// The place of the first key that is not a point of the curve.
    fn not_on_curve(&self) -> Option<usize> {
        self.keys.iter().position(|key| !is_account_key(key))
    }

    /// Whether every key is a point of the curve.
    pub fn is_on_curve(&self) -> bool {
        self.not_on_curve().is_none()
    }

    /// How many of the keys must sign.
    pub fn threshold(&self) -> usize {
        self.threshold.into()
    }

    /// The keys, in their order.
    pub fn keys(&self) -> &[[u8; ACCOUNT_KEY_BYTES]] {
        &self.keys
    }

    /// Whether signatures are by exactly as many of these keys as must sign.
    ///
    /// # Errors
    /// [`MultisigError::Bitmap`] where they are of another number of keys, else [`MultisigError::Signatures`].
    pub fn check(&self, signatures: &SubSignatures) -> Result<(), MultisigError> {
        if usize::from(signatures.of) != self.keys.len() {
            return Err(MultisigError::Bitmap);
        }
        let (expected, found) = (self.threshold(), signatures.signed.len());
        if expected == found { Ok(()) } else { Err(MultisigError::Signatures { expected, found }) }
    }

    /// Verifies signatures, each of the digest that its key signs.
    ///
    /// # Errors
    /// [`BadSignature`], whatever is wrong.
    pub fn verify(
        &self,
        signatures: &SubSignatures,
        digest: impl Fn(&[u8; ACCOUNT_KEY_BYTES]) -> [u8; 32],
    ) -> Result<(), BadSignature> {
        self.check(signatures).map_err(|_| BadSignature)?;
        signatures.signed.iter().try_for_each(|(at, signature)| {
            let key = self.keys.get(usize::from(*at)).ok_or(BadSignature)?;
            verify_secp256k1(key, &digest(key), signature)
        })
    }
}

/// Not that of `messages`, which depends on the keys of those who sign them.
pub(crate) fn any<M: prost::Message + prost::Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}

fn single(at: usize, any: &Any) -> Result<[u8; ACCOUNT_KEY_BYTES], MultisigError> {
    if any.type_url != PubKey::type_url() {
        return Err(MultisigError::Kind(at));
    }
    let key: PubKey = canonical::decode(&any.value, "PubKey").map_err(MultisigError::Encoding)?;
    key.key.try_into().map_err(|_| MultisigError::Kind(at))
}

/// Who of so many keys signed, and the signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubSignatures {
    /// How many keys there are.
    of: u8,
    /// Ascending by the key's place.
    signed: Vec<(u8, [u8; SIGNATURE_BYTES])>,
}

impl SubSignatures {
    /// The signatures of those whose bits are set.
    ///
    /// # Errors
    /// [`MultisigError`]: a bitmap that is not canonical or of no possible key, another number of signatures, or their length.
    pub fn new(bits: &CompactBitArray, signatures: &[Vec<u8>]) -> Result<Self, MultisigError> {
        let (of, places) = places(bits)?;
        if places.len() != signatures.len() {
            return Err(MultisigError::Signatures { expected: places.len(), found: signatures.len() });
        }
        let one = |(at, signature): (u8, &Vec<u8>)| {
            let signature = signature.as_slice().try_into().map_err(|_| MultisigError::Length)?;
            Ok((at, signature))
        };
        let signed = places.into_iter().zip(signatures).map(one).collect::<Result<_, _>>()?;
        Ok(Self { of, signed })
    }

    /// Those of a transaction: the bitmap stands in the mode, the signatures in a `MultiSignature`.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn decode(bits: &CompactBitArray, signature: &[u8]) -> Result<Self, MultisigError> {
        let wire: MultiSignature =
            canonical::decode(signature, "MultiSignature").map_err(MultisigError::Encoding)?;
        Self::new(bits, &wire.signatures)
    }

    /// Reads what [`Self::to_vec`] wrote; `None` of anything else.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let wire: MultisigSignature = canonical::decode(bytes, "MultisigSignature").ok()?;
        Self::new(&wire.bitarray?, &wire.signatures).ok()
    }

    /// The bytes that messages and records carry: a `MultisigSignature`.
    pub fn to_vec(&self) -> Vec<u8> {
        let signatures = self.signed.iter().map(|(_, signature)| signature.to_vec()).collect();
        MultisigSignature { bitarray: Some(self.bits()), signatures }.encode_to_vec()
    }

    /// What a transaction carries beside the bitmap: a `MultiSignature`.
    pub fn to_multi_signature(&self) -> Vec<u8> {
        let signatures = self.signed.iter().map(|(_, signature)| signature.to_vec()).collect();
        MultiSignature { signatures }.encode_to_vec()
    }

    /// Which keys signed.
    fn bits(&self) -> CompactBitArray {
        let mut elems = vec![0; usize::from(self.of).div_ceil(8)];
        for (at, _) in &self.signed {
            if let Some(byte) = elems.get_mut(usize::from(at / 8)) {
                *byte |= 0x80 >> (at % 8);
            }
        }
        CompactBitArray { extra_bits_stored: u32::from(self.of % 8), elems }
    }

    /// How many signed.
    pub fn count(&self) -> usize {
        self.signed.len()
    }
}

/// How many bits there are, and the places of those that are set.
fn places(bits: &CompactBitArray) -> Result<(u8, Vec<u8>), MultisigError> {
    let extra = u8::try_from(bits.extra_bits_stored).ok().filter(|extra| *extra < 8);
    let extra = extra.ok_or(MultisigError::Bitmap)?;
    let bytes = u8::try_from(bits.elems.len()).ok().filter(|bytes| (1..=2).contains(bytes));
    let whole = bytes.ok_or(MultisigError::Bitmap)?;
    let of = if extra == 0 { whole * 8 } else { (whole - 1) * 8 + extra };
    let is_set =
        |at: &u8| bits.elems.get(usize::from(at / 8)).is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0);
    // Bits of no key would be a second spelling of the same bitmap.
    if (of..whole * 8).any(|at| is_set(&at)) {
        return Err(MultisigError::Bitmap);
    }
    Ok((of, (0..of).filter(is_set).collect()))
}

#[cfg(test)]
mod tests;
