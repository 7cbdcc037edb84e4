//! `MsgUpdateParams`: an administrator sets all parameters at once, valid from the next block.

use sealdesk_protocol::codes::SupportError;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::messages::UpdateParams;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::{actor, permit};
use crate::access::Act;
use crate::call::Call;
use crate::errors::Stop;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &UpdateParams,
) -> Result<wire::MsgUpdateParamsResponse, Stop> {
    permit(call, actor(call)?, Act::UpdateParams)?;
    let active = call.view.circle()?.members().len();
    if active > message.params.max_active_administrators() {
        let least = active.saturating_add(2);
        let text = format!(
            "max_recipients is {}, but {active} active administrators need {least}",
            message.params.max_recipients
        );
        return Err(SupportError::InvalidParams(text).into());
    }

    call.view.put_pending_params(&message.params);
    let event = wire::EventParamsUpdated {
        authority: message.authority.to_string(),
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::ParamsUpdated(event));
    Ok(wire::MsgUpdateParamsResponse {})
}
