//! What a new desk begins with.

use sealdesk_envelope::IdentityError;
use sealdesk_protocol::genesis::{Genesis, GenesisError, GenesisValidator, Key, Keys};
use sealdesk_protocol::ids::{ChainId, Prefix};
use thiserror::Error;

use crate::actor::Actor;

/// Why a new desk has no genesis.
#[derive(Debug, Error)]
pub enum NewDeskError {
    /// The administrator's phrase gives no key.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The genesis is not one that a ledger could begin with.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
}

/// A new desk with one administrator, whose key is in the directory from the start, so that customers can write at once. `time`
/// is in Unix seconds. The validator in it stands for one that the home puts in its place.
///
/// # Errors
/// [`NewDeskError`] for a time outside the years 1970 to 9999, or a phrase that gives no key.
pub fn new_desk(
    chain_id: &ChainId,
    prefix: &Prefix,
    administrator: &Actor,
    time: i64,
) -> Result<Genesis, NewDeskError> {
    let address = administrator.address(prefix);
    let pair = administrator.pair(0)?;
    let placeholder = GenesisValidator::new(pair.signing.public().as_bytes(), 1, "");
    let mut genesis = Genesis::new(chain_id, prefix, time, std::slice::from_ref(&address), placeholder)?;
    let key = Key {
        version: 1,
        public_key: pair.encryption.public().as_bytes().to_vec(),
        signing_key: pair.signing.public().as_bytes().to_vec(),
        fingerprint: pair.encryption.fingerprint().to_string(),
        label: String::new(),
        registered_at: time,
        revoked_at: 0,
        account_pub_key: Vec::new(),
        account_signature: Vec::new(),
        registered_on: String::new(),
    };
    genesis.app_state.keys = vec![Keys { address: address.to_string(), keys: vec![key] }];
    Ok(genesis)
}
