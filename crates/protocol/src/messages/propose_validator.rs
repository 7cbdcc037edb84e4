//! `MsgProposeValidator`: administrators decide by majority which validators make blocks (replicated engine only).

use super::{Checked, roles_address};
use crate::codes::{Refusal, SdkError};
use crate::ids::{Address, Prefix};
use crate::keys::VerifyKey;
use crate::limits::VALIDATOR_POWER_MAX;
use crate::text::check_public;
use crate::wire::sealdesk::ledger::v1 as wire;

/// A vote for a validator's power.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposeValidator {
    /// An administrator; signs.
    pub sender: Address,
    /// Ed25519: canonical, and not of small order.
    pub pub_key: VerifyKey,
    /// 0 removes; at most [`VALIDATOR_POWER_MAX`].
    pub power: u32,
    /// Its operator's name; public.
    pub moniker: String,
}

impl Checked for ProposeValidator {
    type Wire = wire::MsgProposeValidator;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let sender = roles_address(prefix, &wire.sender)?;
        check_public("moniker", &wire.moniker)?;
        let refuse = |text: String| SdkError::InvalidRequest(text);
        // A key that CometBFT cannot read stops every node that is told of it.
        let pub_key = VerifyKey::parse(&wire.pub_key).map_err(|error| refuse(format!("pub_key: {error}")))?;
        let power = u32::try_from(wire.power).ok().filter(|power| *power <= VALIDATOR_POWER_MAX);
        let power = power.ok_or_else(|| refuse(format!("power is not 0 to {VALIDATOR_POWER_MAX}")))?;
        Ok(Self { sender, pub_key, power, moniker: wire.moniker })
    }
}
