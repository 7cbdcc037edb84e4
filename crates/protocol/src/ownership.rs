//! A key of the directory carries its owner's signature: the account says which keys are its own, and on which ledger.

use thiserror::Error;

use crate::adr36;
use crate::identity::Identity;
use crate::ids::{Address, ChainId};
use crate::keys::{ACCOUNT_KEY_BYTES, BadSignature, PUBLIC_KEY_BYTES, SIGNATURE_BYTES};
use crate::wire::virtengine::encryption::v1::RecipientKeyRecord;

/// Which keys an account says are its own.
#[derive(Debug, Clone, Copy)]
pub struct Ownership<'a> {
    /// The name of the ledger where they are registered.
    pub ledger: &'a ChainId,
    /// Its identity.
    pub identity: &'a Identity,
    /// Whose they are.
    pub account: &'a Address,
    /// X25519.
    pub x25519: &'a [u8; PUBLIC_KEY_BYTES],
    /// Ed25519.
    pub ed25519: &'a [u8; PUBLIC_KEY_BYTES],
}

impl Ownership<'_> {
    /// What the wallet shows and the account signs.
    pub fn text(&self) -> String {
        let Self { ledger, identity, account, x25519, ed25519 } = self;
        let (x25519, ed25519) = (hex::encode(x25519), hex::encode(ed25519));
        format!(
            "Sealdesk key\nledger: {ledger}\nidentity: {identity}\naccount: {account}\nx25519: {x25519}\ned25519: {ed25519}"
        )
    }

    /// Verifies the account's signature.
    ///
    /// # Errors
    /// [`BadSignature`] where the key is not the account's, or the signature not this text's.
    pub fn verify(
        &self,
        account_pub_key: &[u8; ACCOUNT_KEY_BYTES],
        signature: &[u8; SIGNATURE_BYTES],
    ) -> Result<(), BadSignature> {
        adr36::verify(account_pub_key, self.account, &self.text(), signature)
    }
}

/// Why a record of the directory does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OwnershipError {
    /// Nobody signed it: it stands there by the ledger's word.
    #[error("the key carries no signature of its owner")]
    Unsigned,
    /// The signature is not the owner's over these keys on this ledger.
    #[error("the key's signature is not its owner's")]
    Signature,
}

/// Verifies a record of the directory: that `owner` signed its keys, on the ledger of this name and identity. A caller picks these
/// by `registered_on`: empty = the ledger at hand, else one that leads to it ([`crate::identity::Ancestry::find`]).
///
/// # Errors
/// [`OwnershipError`].
pub fn verify_record(
    record: &RecipientKeyRecord,
    owner: &Address,
    ledger: &ChainId,
    identity: &Identity,
) -> Result<(), OwnershipError> {
    if record.account_pub_key.is_empty() && record.account_signature.is_empty() {
        return Err(OwnershipError::Unsigned);
    }
    let wrong = || OwnershipError::Signature;
    let (key, signature) =
        adr36::parts(&record.account_pub_key, &record.account_signature).ok_or_else(wrong)?;
    let x25519 = record.public_key.as_slice().try_into().map_err(|_| wrong())?;
    let ed25519 = record.signing_key.as_slice().try_into().map_err(|_| wrong())?;
    if record.address != owner.as_str() {
        return Err(wrong());
    }
    Ownership { ledger, identity, account: owner, x25519, ed25519 }
        .verify(&key, &signature)
        .map_err(|_| wrong())
}

#[cfg(test)]
mod tests;
