//! Who signed a transaction, with which key or keys, and in which mode.

use prost::Name as _;

use crate::codes::{Refusal, SdkError};
use crate::gas::Signing;
use crate::ids::{Address, Prefix};
use crate::keys::BadSignature;
use crate::messages::Message;
use crate::multisig::{MultisigKey, SubSignatures};
use crate::signer::{KeySignature, SignerKey};
use crate::wire::cosmos::crypto::multisig::LegacyAminoPubKey;
use crate::wire::cosmos::crypto::multisig::v1beta1::CompactBitArray;
use crate::wire::cosmos::tx::signing::v1beta1::SignMode;
use crate::wire::cosmos::tx::v1beta1 as wire;

/// How much dearer a byte of a transaction is in its JSON than as it came: it is decoded by descriptors, written as text, and hashed.
const AMINO_BYTES_FACTOR: usize = 4;

/// One signer: the key fits the address; whether the signature fits is what [`super::Tx::verify`] finds out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// Whose signature it is.
    pub address: Address,
    /// Their key, or keys.
    pub public_key: SignerKey,
    /// The sequence that was signed.
    pub sequence: u64,
    pub(super) mode: Mode,
    signature: Vec<u8>,
}

impl Signer {
    /// The signature as received; empty where nobody has signed yet.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    pub(super) fn verify(&self, digest: &[u8; 32]) -> Result<(), BadSignature> {
        let signature = match &self.mode {
            Mode::Direct | Mode::Amino => {
                self.signature.as_slice().try_into().map(KeySignature::Single).map_err(|_| BadSignature)?
            }
            Mode::Multisig(bits) => {
                let signed = SubSignatures::decode(bits, &self.signature);
                signed.map(KeySignature::Multisig).map_err(|_| BadSignature)?
            }
        };
        self.public_key.verify(digest, &signature)
    }
}

/// What of a transaction a signer signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mode {
    /// Its bytes.
    Direct,
    /// Its JSON.
    Amino,
    /// Its JSON, by those of several keys whose bits are set.
    Multisig(CompactBitArray),
}

/// How many signatures are to be verified, one of each signer, and of each of several keys; and how many keys accounts of several have.
pub(super) fn signing(messages: &[Message], auth_info: &wire::AuthInfo) -> Signing {
    let of_one = |info: &wire::SignerInfo| match info.mode_info.as_ref().and_then(|info| info.sum.as_ref()) {
        Some(wire::mode_info::Sum::Multi(multi)) => multi.mode_infos.len(),
        _ => 1,
    };
    let told = auth_info.signer_infos.iter().map(of_one).fold(0, usize::saturating_add);
    let several = auth_info.signer_infos.iter().filter_map(|info| info.public_key.as_ref());
    let several = several.filter(|key| key.type_url == LegacyAminoPubKey::type_url());
    let keys = several.map(|key| MultisigKey::keys_told(&key.value)).fold(0, usize::saturating_add);
    Signing { signatures: told.max(signer_addresses(messages).len()), keys }
}

/// How many bytes are worked through: those that came, and for each signer of the JSON what it takes to write it.
pub(super) fn bytes_worked(bytes: &[u8], auth_info: &wire::AuthInfo) -> usize {
    let signs_json = |info: &&wire::SignerInfo| {
        matches!(check_mode(info.mode_info.as_ref()), Ok(Mode::Amino | Mode::Multisig(_)))
    };
    let documents = auth_info.signer_infos.iter().filter(signs_json).count();
    bytes.len().saturating_mul(1 + AMINO_BYTES_FACTOR * documents)
}

/// The distinct signers of messages in the order that the messages name them, whoever has signed by then.
///
/// # Errors
/// The code of the first message that is not one of this ledger's, or breaks a check that needs no state.
pub fn signers_of(messages: &[prost_types::Any], prefix: &Prefix) -> Result<Vec<Address>, Refusal> {
    let messages = messages.iter().map(|any| Message::decode(any, prefix)).collect::<Result<Vec<_>, _>>()?;
    Ok(signer_addresses(&messages).into_iter().cloned().collect())
}

/// How the signers of messages are read from what a transaction says of them.
pub(super) type ReadSigners =
    fn(&[Message], Vec<wire::SignerInfo>, Vec<Vec<u8>>, &Prefix) -> Result<Vec<Signer>, Refusal>;

/// The distinct signers in the order that the messages name them.
fn signer_addresses(messages: &[Message]) -> Vec<&Address> {
    let mut addresses: Vec<&Address> = Vec::new();
    for message in messages {
        if !addresses.contains(&message.signer()) {
            addresses.push(message.signer());
        }
    }
    addresses
}

/// The signers with an empty signature each, which no key has made.
pub(super) fn unsigned_signers(
    messages: &[Message],
    infos: Vec<wire::SignerInfo>,
    _: Vec<Vec<u8>>,
    prefix: &Prefix,
) -> Result<Vec<Signer>, Refusal> {
    let addresses = signer_addresses(messages);
    if infos.len() != addresses.len() {
        let text = format!("expected {} signers, got {}", addresses.len(), infos.len());
        return Err(SdkError::Unauthorized(text).into());
    }
    let signer = |(address, info): (&Address, wire::SignerInfo)| {
        let key = info.public_key.and_then(|key| SignerKey::from_any(&key).ok());
        let key = key.filter(|key| key.address(prefix) == *address);
        Signer {
            address: address.clone(),
            public_key: key.unwrap_or(SignerKey::Single([0; 33])),
            sequence: info.sequence,
            mode: Mode::Direct,
            signature: Vec::new(),
        }
    };
    Ok(addresses.into_iter().zip(infos).map(signer).collect())
}

pub(super) fn check_signers(
    messages: &[Message],
    infos: Vec<wire::SignerInfo>,
    signatures: Vec<Vec<u8>>,
    prefix: &Prefix,
) -> Result<Vec<Signer>, Refusal> {
    let addresses = signer_addresses(messages);
    let expected = addresses.len();
    if infos.len() != expected || signatures.len() != expected {
        let text =
            format!("expected {expected} signers, got {} and {} signatures", infos.len(), signatures.len());
        return Err(SdkError::Unauthorized(text).into());
    }
    let given = infos.into_iter().zip(signatures);
    addresses
        .into_iter()
        .zip(given)
        .map(|(address, (info, signature))| check_signer(address, info, signature, prefix))
        .collect()
}

fn check_signer(
    address: &Address,
    info: wire::SignerInfo,
    signature: Vec<u8>,
    prefix: &Prefix,
) -> Result<Signer, Refusal> {
    let mode = check_mode(info.mode_info.as_ref())?;
    let key = info
        .public_key
        .ok_or_else(|| SdkError::InvalidPubKey("the signer's public key is absent".to_owned()))?;
    let public_key = SignerKey::from_any(&key)?;
    if public_key.address(prefix) != *address {
        return Err(SdkError::InvalidPubKey(format!("the public key is not that of {address}")).into());
    }
    check_kind(&public_key, &mode, &signature)?;
    Ok(Signer { address: address.clone(), public_key, sequence: info.sequence, mode, signature })
}

/// An account of several keys signs with just as many of them as it asks for, and says which; any other with its one.
fn check_kind(key: &SignerKey, mode: &Mode, signature: &[u8]) -> Result<(), SdkError> {
    match (key, mode) {
        (SignerKey::Single(_), Mode::Direct | Mode::Amino) => Ok(()),
        (SignerKey::Multisig(key), Mode::Multisig(bits)) => {
            let signed = SubSignatures::decode(bits, signature).and_then(|signed| key.check(&signed));
            signed.map_err(|error| SdkError::Unauthorized(error.to_string()))
        }
        (SignerKey::Single(_), Mode::Multisig(_)) => {
            Err(SdkError::Unauthorized("an account of one key signs in a single mode".to_owned()))
        }
        (SignerKey::Multisig(_), Mode::Direct | Mode::Amino) => {
            Err(SdkError::Unauthorized("an account of several keys signs in the mode `multi`".to_owned()))
        }
    }
}

fn check_mode(info: Option<&wire::ModeInfo>) -> Result<Mode, SdkError> {
    use wire::mode_info::{Multi, Single, Sum};
    match info.and_then(|info| info.sum.as_ref()) {
        Some(Sum::Single(Single { mode })) => match SignMode::try_from(*mode) {
            Ok(SignMode::Direct) => Ok(Mode::Direct),
            Ok(SignMode::LegacyAminoJson) => Ok(Mode::Amino),
            _ => Err(other_mode()),
        },
        Some(Sum::Multi(Multi { bitarray, mode_infos })) => {
            let json =
                wire::ModeInfo { sum: Some(Sum::Single(Single { mode: SignMode::LegacyAminoJson.into() })) };
            if mode_infos.iter().any(|info| *info != json) {
                let text =
                    "the keys of an account of several sign in SIGN_MODE_LEGACY_AMINO_JSON, each by itself";
                return Err(SdkError::Unauthorized(text.to_owned()));
            }
            let bits = bitarray.clone().unwrap_or_default();
            // A bit for each mode; that there is a signature for each bit is judged with the key.
            let set: u32 = bits.elems.iter().map(|byte| byte.count_ones()).sum();
            if usize::try_from(set) != Ok(mode_infos.len()) {
                let text = format!("{set} bits and {} modes", mode_infos.len());
                return Err(SdkError::Unauthorized(text));
            }
            Ok(Mode::Multisig(bits))
        }
        None => Err(other_mode()),
    }
}

fn other_mode() -> SdkError {
    SdkError::Unauthorized("this ledger takes SIGN_MODE_DIRECT and SIGN_MODE_LEGACY_AMINO_JSON".to_owned())
}
