//! `MsgUpdateParams`: an administrator sets all parameters at once, valid from the next block.

use super::{Checked, support_address};
use crate::codes::{Refusal, SupportError};
use crate::ids::{Address, Prefix};
use crate::params::Params;
use crate::wire::virtengine::support::v1 as wire;

/// New parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateParams {
    /// An administrator; signs.
    pub authority: Address,
    /// All of them.
    pub params: Params,
}

impl Checked for UpdateParams {
    type Wire = wire::MsgUpdateParams;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let authority = support_address(prefix, &wire.authority)?;
        let params = wire.params.ok_or(SupportError::InvalidParams("params are absent".to_owned()))?;
        Ok(Self { authority, params: Params::from_wire(params)? })
    }
}
