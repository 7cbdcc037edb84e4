//! `MsgProposeValidator`: administrators decide by majority who makes blocks. This ledger has one validator, its own.

use sealdesk_protocol::codes::SdkError;
use sealdesk_protocol::messages::ProposeValidator;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as wire;

use super::{actor, permit_or};
use crate::access::Act;
use crate::errors::Stop;
use crate::execute::Call;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &ProposeValidator,
) -> Result<wire::MsgProposeValidatorResponse, Stop> {
    permit_or(call, actor(call)?, Act::ProposeValidator, |text| SdkError::Unauthorized(text).into())?;
    let text = format!("validator '{}': only on the replicated engine", message.moniker);
    Err(SdkError::InvalidRequest(text).into())
}
