//! Who signs blocks.

use tendermint::PublicKey;
use tendermint::validator::{Info, Set};
use tendermint::vote::Power;
use thiserror::Error;

use super::ValidatorAddress;

/// Why a key cannot be a validator's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ValidatorError {
    /// The bytes are no ed25519 public key.
    #[error("these 32 bytes are no ed25519 public key")]
    Key,
}

/// The set of a ledger that one node keeps: one validator with power 1.
///
/// # Errors
/// [`ValidatorError::Key`] if the bytes are no public key.
pub fn single_validator(public_key: &[u8; 32]) -> Result<Set, ValidatorError> {
    let key = PublicKey::from_raw_ed25519(public_key).ok_or(ValidatorError::Key)?;
    Ok(Set::without_proposer(vec![Info::new(key, Power::from(1u8))]))
}

/// The address under which a validator's key stands in headers and commits.
///
/// # Errors
/// [`ValidatorError::Key`] if the bytes are no public key.
pub fn validator_address(public_key: &[u8; 32]) -> Result<ValidatorAddress, ValidatorError> {
    let key = PublicKey::from_raw_ed25519(public_key).ok_or(ValidatorError::Key)?;
    Ok(ValidatorAddress::from(key))
}
