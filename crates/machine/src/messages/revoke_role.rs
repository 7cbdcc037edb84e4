//! `MsgRevokeRole`: an administrator takes a role back.

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::codes::RolesError;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::messages::{AssignableRole, RevokeRole};
use sealdesk_protocol::wire::virtengine::roles::v1 as wire;

use super::{actor, permit_roles};
use crate::access::Act;
use crate::call::Call;
use crate::errors::Stop;
use crate::state::Member;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &RevokeRole,
) -> Result<wire::MsgRevokeRoleResponse, Stop> {
    permit_roles(call, actor(call)?, Act::ManageRoles)?;
    let member = call.view.member(&message.address)?;
    if member.role != Some(message.role) {
        let (address, role) = (message.address.clone(), message.role.name().to_owned());
        return Err(RolesError::NoSuchRole { address, role }.into());
    }
    if message.role == AssignableRole::Administrator && member.is_active() {
        check_another_remains(call)?;
    }

    let revoked = Member { state: member.state, ..Member::NOBODY };
    call.view.put_member(&message.address, &revoked)?;
    let event = wire::EventRoleRevoked {
        address: message.address.to_string(),
        role: message.role.name().to_owned(),
        revoked_by: message.sender.to_string(),
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::RoleRevoked(event));
    Ok(wire::MsgRevokeRoleResponse {})
}

/// The last active administrator stays.
pub(super) fn check_another_remains(call: &Call<'_, '_>) -> Result<(), Stop> {
    let administrators = call.view.administrators()?;
    let active = administrators.iter().filter(|(_, state)| *state == AccountState::Active).count();
    if active > 1 { Ok(()) } else { Err(RolesError::LastAdministrator.into()) }
}
