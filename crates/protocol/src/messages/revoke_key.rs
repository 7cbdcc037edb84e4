//! `MsgRevokeRecipientKey`: an account withdraws a key, or an administrator a staff member's.

use super::{Checked, encryption_address};
use crate::codes::{EncryptionError, Refusal};
use crate::ids::{Address, Prefix};
use crate::wire::virtengine::encryption::v1 as wire;

/// Length of a fingerprint in hex digits.
const FINGERPRINT_DIGITS: usize = 40;

/// A withdrawal.
#[derive(Debug, Clone, PartialEq)]
pub struct RevokeKey {
    /// The owner, or an administrator; signs.
    pub sender: Address,
    /// 40 lower-case hex digits.
    pub fingerprint: String,
    /// Whose key it is, where the sender says so; `None` = their own, or any agent's.
    pub owner: Option<Address>,
}

impl Checked for RevokeKey {
    type Wire = wire::MsgRevokeRecipientKey;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let sender = encryption_address(prefix, &wire.sender)?;
        let fingerprint = wire.key_fingerprint;
        let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if fingerprint.len() != FINGERPRINT_DIGITS || !fingerprint.bytes().all(digit) {
            return Err(
                EncryptionError::InvalidKey("a fingerprint is 40 lower-case hex digits".to_owned()).into()
            );
        }
        let owner = match wire.owner.as_str() {
            "" => None,
            text => Some(encryption_address(prefix, text)?),
        };
        Ok(Self { sender, fingerprint, owner })
    }
}
