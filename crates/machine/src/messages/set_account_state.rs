//! `MsgSetAccountState`: an administrator suspends, restores or terminates an account.

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::codes::RolesError;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::limits::TERMINATION_SECONDS_MIN;
use sealdesk_protocol::messages::SetAccountState;
use sealdesk_protocol::wire::virtengine::roles::v1 as wire;

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
    let suspended_at = if message.state == AccountState::Suspended { call.block.time } else { 0 };
    let changed = Member { state: message.state, suspended_at, ..member };
    call.view.put_member(&message.address, &changed)?;
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
    if call.view.circle()?.contains(&address) {
        return Err(RolesError::CircleMember(address).into());
    }
    if message.state == AccountState::Terminated {
        check_suspended_long(member, address, call.block.time)?;
    }
    Ok(())
}

/// Termination is final, so that a day must have passed in which somebody else could restore the account.
fn check_suspended_long(member: &Member, address: Address, now: i64) -> Result<(), RolesError> {
    let suspended = member.state == AccountState::Suspended;
    let since = if suspended { member.suspended_at } else { now };
    let next = since.saturating_add(TERMINATION_SECONDS_MIN);
    if suspended && now >= next { Ok(()) } else { Err(RolesError::NotSuspendedLong { address, next }) }
}
