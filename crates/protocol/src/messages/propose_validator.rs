//! `MsgProposeValidator`: administrators decide by majority who makes blocks (replicated engine only).

use super::{Checked, roles_address};
use crate::codes::{Refusal, SdkError};
use crate::ids::{Address, Prefix};
use crate::text::check_public;
use crate::wire::sealdesk::ledger::v1 as wire;

/// Most power one validator may have; the sum over all stays far below CometBFT's bound of 2^60.
const VALIDATOR_POWER_MAX: i64 = 1_000_000_000;

/// A vote for a validator's power.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposeValidator {
    /// An administrator; signs.
    pub sender: Address,
    /// Ed25519, 32 bytes.
    pub pub_key: [u8; 32],
    /// 0 removes.
    pub power: i64,
    /// Its operator's name; public.
    pub moniker: String,
}

impl Checked for ProposeValidator {
    type Wire = wire::MsgProposeValidator;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let sender = roles_address(prefix, &wire.sender)?;
        check_public("moniker", &wire.moniker)?;
        let refuse = |text: &str| SdkError::InvalidRequest(text.to_owned());
        let pub_key = wire.pub_key.try_into().map_err(|_| refuse("pub_key is not 32 bytes"))?;
        if !(0..=VALIDATOR_POWER_MAX).contains(&wire.power) {
            return Err(refuse("power is not 0 to 1,000,000,000").into());
        }
        Ok(Self { sender, pub_key, power: wire.power, moniker: wire.moniker })
    }
}
