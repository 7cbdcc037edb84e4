//! Who signs blocks.

use tendermint::PublicKey;
use tendermint::validator::{Info, Set};
use tendermint::vote::Power;
use thiserror::Error;

use super::ValidatorAddress;

/// Why a key or a power is not a validator's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ValidatorError {
    /// The genesis names none, as an export does.
    #[error("the genesis names no validators, so nobody can make its blocks")]
    None,
    /// The bytes are not an ed25519 public key.
    #[error("a validator's key is not an ed25519 public key")]
    Key,
    /// The power is not a number from 1 to 2^32 − 1.
    #[error("'{0}' is not a voting power")]
    Power(String),
}

/// The set of validators with these keys and powers, in its one order.
///
/// # Errors
/// [`ValidatorError::Key`] if any of the keys is not an ed25519 public key.
pub fn validator_set(validators: &[([u8; 32], u32)]) -> Result<Set, ValidatorError> {
    let infos = validators.iter().map(|(key, power)| {
        let key = PublicKey::from_raw_ed25519(key).ok_or(ValidatorError::Key)?;
        Ok(Info::new(key, Power::from(*power)))
    });
    Ok(Set::without_proposer(infos.collect::<Result<_, _>>()?))
}

/// The address under which a validator's key stands in headers and commits.
///
/// # Errors
/// [`ValidatorError::Key`] if the bytes are not a public key.
pub fn validator_address(public_key: &[u8; 32]) -> Result<ValidatorAddress, ValidatorError> {
    let key = PublicKey::from_raw_ed25519(public_key).ok_or(ValidatorError::Key)?;
    Ok(ValidatorAddress::from(key))
}
