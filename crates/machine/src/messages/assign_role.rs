//! `MsgAssignRole`: an administrator gives an account its role, or votes for another administrator.

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::circle::Change;
use sealdesk_protocol::codes::RolesError;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::limits::AGENTS_MAX;
use sealdesk_protocol::messages::{AssignRole, AssignableRole};
use sealdesk_protocol::wire::virtengine::roles::v1 as wire;

use super::{actor, permit_roles};
use crate::access::Act;
use crate::ballot;
use crate::call::Call;
use crate::errors::Stop;
use crate::state::Member;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &AssignRole,
) -> Result<wire::MsgAssignRoleResponse, Stop> {
    permit_roles(call, actor(call)?, Act::ManageRoles)?;
    if let Some(signed) = &message.vote {
        let applied = ballot::vote(call, &Change::Add(message.address.clone()), signed)?;
        return Ok(wire::MsgAssignRoleResponse { applied });
    }
    let member = call.view.member(&message.address)?;
    check_member(&member, message)?;
    if message.role == AssignableRole::SupportAgent && call.view.agents()?.len() >= AGENTS_MAX {
        return Err(RolesError::TooManyAgents(AGENTS_MAX).into());
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
    Ok(wire::MsgAssignRoleResponse { applied: true })
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
