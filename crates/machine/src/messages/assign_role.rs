//! `MsgAssignRole`: an administrator gives an account its role.

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::codes::RolesError;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::limits::ADMINISTRATORS_LISTED_MAX;
use sealdesk_protocol::messages::{AssignRole, AssignableRole};
use sealdesk_protocol::wire::virtengine::roles::v1 as wire;

use super::{actor, permit_roles};
use crate::access::Act;
use crate::call::Call;
use crate::errors::Stop;
use crate::state::Member;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &AssignRole,
) -> Result<wire::MsgAssignRoleResponse, Stop> {
    permit_roles(call, actor(call)?, Act::ManageRoles)?;
    let member = call.view.member(&message.address)?;
    check_member(&member, message)?;
    if message.role == AssignableRole::Administrator {
        check_administrators(call)?;
    }

    let assigned = Member {
        role: Some(message.role),
        assigned_by: message.sender.to_string(),
        assigned_at: call.block.time,
        ..member
    };
    call.view.put_member(&message.address, &assigned)?;
    let event = wire::EventRoleAssigned {
        address: message.address.to_string(),
        role: message.role.name().to_owned(),
        assigned_by: message.sender.to_string(),
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::RoleAssigned(event));
    Ok(wire::MsgAssignRoleResponse {})
}

/// One role an account, and only for accounts that can act.
fn check_member(member: &Member, message: &AssignRole) -> Result<(), RolesError> {
    let address = message.address.clone();
    match (member.state, member.role) {
        (AccountState::Terminated, _) => Err(RolesError::Terminated(address)),
        (AccountState::Suspended, _) => Err(RolesError::NotActive(address)),
        (AccountState::Active, Some(role)) if role == message.role => Err(RolesError::SameRole(address)),
        (AccountState::Active, Some(_)) => Err(RolesError::OtherRole(address)),
        (AccountState::Active, None) => Ok(()),
    }
}

/// Whether there may be one more active administrator: under the parameters of this block and under those of the next.
pub(super) fn check_administrators(call: &Call<'_, '_>) -> Result<(), Stop> {
    let administrators = call.view.administrators()?;
    if administrators.len() >= ADMINISTRATORS_LISTED_MAX {
        return Err(RolesError::TooManyAdministrators(ADMINISTRATORS_LISTED_MAX).into());
    }
    check_active_administrators(call)
}

/// The same for an administrator who is on the list already, and comes back.
pub(super) fn check_active_administrators(call: &Call<'_, '_>) -> Result<(), Stop> {
    let administrators = call.view.administrators()?;
    let active = administrators.iter().filter(|(_, state)| *state == AccountState::Active).count();
    let now = call.view.params()?.max_active_administrators();
    let next = call.view.pending_params()?.map_or(now, |params| params.max_active_administrators());
    let most = now.min(next);
    if active < most { Ok(()) } else { Err(RolesError::TooManyAdministrators(most).into()) }
}
