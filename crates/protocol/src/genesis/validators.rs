//! Who signs the blocks of a new ledger.

use super::Genesis;
use crate::block::{ValidatorError, ValidatorSet, validator_set};

/// The validators that sign a new ledger's blocks. A client that has the genesis pins the hash of this set.
///
/// # Errors
/// [`ValidatorError`] if there is no validator, or a key or a power is malformed.
pub fn validators_of(genesis: &Genesis) -> Result<ValidatorSet, ValidatorError> {
    if genesis.validators.is_empty() {
        return Err(ValidatorError::None);
    }
    let validators = genesis.validators.iter().map(|validator| {
        let key = validator.pub_key.value.as_slice().try_into().map_err(|_| ValidatorError::Key)?;
        let power = validator.power.parse().ok().filter(|power| *power > 0);
        Ok((key, power.ok_or_else(|| ValidatorError::Power(validator.power.clone()))?))
    });
    validator_set(&validators.collect::<Result<Vec<_>, _>>()?)
}
