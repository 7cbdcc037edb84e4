//! `MsgRegisterRecipientKey`: an account publishes the keys that others seal to and that it signs envelopes with.

use super::{Checked, encryption_address};
use crate::adr36;
use crate::codes::{EncryptionError, Refusal};
use crate::ids::{Address, Prefix};
use crate::keys::{ACCOUNT_KEY_BYTES, SIGNATURE_BYTES};
use crate::text::check_public;
use crate::wire::virtengine::encryption::v1 as wire;

/// A new key pair of the directory. The proof and the owner's signature are verified by the machine, which
/// knows the chain id and the ledger's identity.
#[derive(Debug, Clone, PartialEq)]
pub struct RegisterKey {
    /// Whose keys they are; signs.
    pub sender: Address,
    /// X25519, 32 bytes.
    pub public_key: [u8; 32],
    /// Ed25519, 32 bytes.
    pub signing_key: [u8; 32],
    /// Ed25519 signature over chain id, address and both keys.
    pub proof: [u8; 64],
    /// The account's key, compressed secp256k1.
    pub account_pub_key: [u8; ACCOUNT_KEY_BYTES],
    /// ADR-36 signature of the account over both keys ([`crate::ownership`]), compact.
    pub account_signature: [u8; SIGNATURE_BYTES],
    /// The owner's name for it; public.
    pub label: String,
}

/// The one algorithm of this directory, as docs/spec/envelope.md names it.
pub(crate) const ALGORITHM_ID: &str = "X25519-XSALSA20-POLY1305";

impl Checked for RegisterKey {
    type Wire = wire::MsgRegisterRecipientKey;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let sender = encryption_address(prefix, &wire.sender)?;
        check_public("label", &wire.label)?;
        if wire.algorithm_id != ALGORITHM_ID {
            let shown: String = wire.algorithm_id.chars().take(40).flat_map(char::escape_debug).collect();
            return Err(EncryptionError::UnsupportedAlgorithm(shown).into());
        }
        let wrong = |what: &str| EncryptionError::InvalidKey(format!("{what} has the wrong length"));
        let public_key = wire.public_key.try_into().map_err(|_| wrong("public_key"))?;
        let signing_key = wire.signing_key.try_into().map_err(|_| wrong("signing_key"))?;
        let proof = wire.proof.try_into().map_err(|_| EncryptionError::InvalidProof(sender.clone()))?;
        let owner = || EncryptionError::InvalidOwner(sender.clone());
        let (account_pub_key, account_signature) =
            adr36::parts(&wire.account_pub_key, &wire.account_signature).ok_or_else(owner)?;
        Ok(Self {
            account_pub_key,
            account_signature,
            public_key,
            signing_key,
            proof,
            sender,
            label: wire.label,
        })
    }
}
