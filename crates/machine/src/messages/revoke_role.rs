//! `MsgRevokeRole`: an administrator takes a role back, or votes against an administrator.

use sealdesk_protocol::circle::Change;
use sealdesk_protocol::codes::RolesError;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::messages::RevokeRole;
use sealdesk_protocol::wire::virtengine::roles::v1 as wire;

use super::{actor, permit_roles};
use crate::access::Act;
use crate::ballot;
use crate::call::Call;
use crate::errors::Stop;
use crate::state::Member;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &RevokeRole,
) -> Result<wire::MsgRevokeRoleResponse, Stop> {
    permit_roles(call, actor(call)?, Act::of_role(message.role))?;
    if let Some(signed) = &message.vote {
        let applied = ballot::vote(call, &Change::Remove(message.address.clone()), signed)?;
        return Ok(wire::MsgRevokeRoleResponse { applied });
    }
    let member = call.view.member(&message.address)?;
    if member.role != Some(message.role) {
        let (address, role) = (message.address.clone(), message.role.name().to_owned());
        return Err(RolesError::NoSuchRole { address, role }.into());
    }

    let revoked = Member { state: member.state, suspended_at: member.suspended_at, ..Member::NOBODY };
    call.view.put_member(&message.address, &revoked)?;
    let event = wire::EventRoleRevoked {
        address: message.address.to_string(),
        role: message.role.name().to_owned(),
        revoked_by: message.sender.to_string(),
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::RoleRevoked(event));
    Ok(wire::MsgRevokeRoleResponse { applied: true })
}
