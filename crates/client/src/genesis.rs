//! What a new desk begins with.

use sealdesk_envelope::IdentityError;
use sealdesk_protocol::genesis::{Genesis, GenesisError, GenesisValidator, Key, Keys};
use sealdesk_protocol::ids::{Address, ChainId, Prefix};
use thiserror::Error;

use crate::actor::Actor;
use crate::compose::{ComposeError, Registration};
use crate::trust::Pin;
use crate::verify::Chain;

/// Why a new desk has no genesis.
#[derive(Debug, Error)]
pub enum NewDeskError {
    /// The administrator's phrase gives no key.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The key's registration cannot be signed.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// The genesis is not one that a ledger could begin with.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
}

/// A new desk of these administrators, made by these validators. `time` is in Unix seconds.
///
/// # Errors
/// [`NewDeskError::Genesis`] for a time outside the years 1970 to 9999, or for nobody to make blocks.
pub fn new_desk(
    chain_id: &ChainId,
    prefix: &Prefix,
    administrators: &[Address],
    validators: Vec<GenesisValidator>,
    time: i64,
) -> Result<Genesis, NewDeskError> {
    let first = validators.first().cloned();
    let first = first.ok_or_else(|| GenesisError::Json("nobody makes its blocks".to_owned()))?;
    let mut genesis = Genesis::new(chain_id, prefix, time, administrators, first)?;
    genesis.validators = validators;
    Ok(genesis)
}

/// Puts an administrator's first key into the directory of a new desk, so that customers can write at once. It is signed for this
/// ledger, whose identity its validators are part of: nothing but parameters may be changed afterwards.
///
/// # Errors
/// [`NewDeskError`].
pub fn list_key(genesis: &mut Genesis, administrator: &Actor) -> Result<(), NewDeskError> {
    let chain = chain_of(genesis)?;
    let (address, pair) = (administrator.address(&chain.prefix), administrator.pair(0)?);
    let registration = Registration { chain: &chain, address: &address, pair: &pair, label: "" };
    let signed = registration.sign(administrator.account().map_err(ComposeError::from)?)?;
    let key = Key {
        version: 1,
        public_key: signed.public_key,
        signing_key: signed.signing_key,
        fingerprint: pair.encryption.fingerprint().to_string(),
        label: String::new(),
        registered_at: genesis.time()?,
        revoked_at: 0,
        account_pub_key: signed.account_pub_key,
        account_signature: signed.account_signature,
        registered_on: String::new(),
    };
    genesis.app_state.keys.retain(|keys| keys.address != address.as_str());
    genesis.app_state.keys.push(Keys { address: address.to_string(), keys: vec![key] });
    genesis.app_state.keys.sort_by(|a, b| a.address.cmp(&b.address));
    Ok(())
}

/// What a genesis fixes.
///
/// # Errors
/// [`GenesisError`] where no ledger could begin so.
pub fn chain_of(genesis: &Genesis) -> Result<Chain, GenesisError> {
    Ok(Chain::of(genesis.check()?.ancestry))
}

/// The pin of whoever has a ledger's genesis: they need not trust the first answer.
///
/// # Errors
/// As [`chain_of`].
pub fn pin_of(genesis: &Genesis) -> Result<Pin, GenesisError> {
    let pin = Pin::of_beginning(&chain_of(genesis)?);
    // Whoever has the genesis knows its administrators.
    let readers = pin.circle.members().iter().map(|member| member.address.clone()).collect();
    Ok(Pin { agreed: true, readers, ..pin })
}
