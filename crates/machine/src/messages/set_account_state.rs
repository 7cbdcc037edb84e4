//! `MsgSetAccountState`: an administrator suspends, restores or terminates an account.

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::codes::RolesError;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::messages::{AssignableRole, SetAccountState};
use sealdesk_protocol::wire::virtengine::roles::v1 as wire;

use super::assign_role::check_active_administrators;
use super::revoke_role::check_another_remains;
use super::{actor, permit_roles};
use crate::access::Act;
use crate::call::Call;
use crate::errors::Stop;
use crate::state::Member;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &SetAccountState,
) -> Result<wire::MsgSetAccountStateResponse, Stop> {
    permit_roles(call, actor(call)?, Act::SetAccountState)?;
    if message.address == message.sender {
        return Err(RolesError::OwnState.into());
    }
    let member = call.view.member(&message.address)?;
    check_change(call, &member, message)?;

    let previous_state = member.state.name().to_owned();
    call.view.put_member(&message.address, &Member { state: message.state, ..member })?;
    let event = wire::EventAccountStateChanged {
        address: message.address.to_string(),
        previous_state,
        state: message.state.name().to_owned(),
        changed_by: message.sender.to_string(),
        reason: message.reason.clone(),
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::AccountStateChanged(event));
    Ok(wire::MsgSetAccountStateResponse {})
}

fn check_change(call: &Call<'_, '_>, member: &Member, message: &SetAccountState) -> Result<(), Stop> {
    let address = message.address.clone();
    if member.state == AccountState::Terminated {
        return Err(RolesError::Terminated(address).into());
    }
    if member.state == message.state {
        return Err(RolesError::SameState(address).into());
    }
    if member.role != Some(AssignableRole::Administrator) {
        return Ok(());
    }
    match (member.state, message.state) {
        (_, AccountState::Active) => check_active_administrators(call),
        // The sender is another active administrator, so this never fails; it is checked all the same.
        (AccountState::Active, _) => check_another_remains(call),
        _ => Ok(()),
    }
}
