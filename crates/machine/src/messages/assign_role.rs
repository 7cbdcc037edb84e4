//! `MsgAssignRole`: an administrator gives an account its role, or votes for another administrator.

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::appointment::{Appointee, Appointment};
use sealdesk_protocol::circle::{Change, Circle};
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
    permit_roles(call, actor(call)?, Act::of_role(message.role))?;
    if let Some(signed) = &message.vote {
        let applied = ballot::vote(call, &Change::Add(message.address.clone()), signed)?;
        return Ok(wire::MsgAssignRoleResponse { applied });
    }
    let member = call.view.member(&message.address)?;
    let circle = call.view.circle()?;
    check_member(&member, &circle, message)?;
    let joins = message.role == AssignableRole::SupportAgent && member.role.is_none();
    if joins && call.view.agents()?.len() >= AGENTS_MAX {
        return Err(RolesError::TooManyAgents(AGENTS_MAX).into());
    }
    let appointment = appointment(call, &circle, message, member.last_appointed_at)?;

    let assigned = Member {
        role: Some(message.role),
        assigned_by: message.sender.to_string(),
        assigned_at: call.block.time,
        appointment,
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

/// What the record keeps of a member's signature, where the message has one. It is for this circle, not old, and made later than the last
/// one that this person had: whoever saw that one end could not tell an earlier one from it, and would refuse the ledger.
fn appointment(
    call: &Call<'_, '_>,
    circle: &Circle,
    message: &AssignRole,
    last: i64,
) -> Result<Option<Appointment>, RolesError> {
    let Some(signed) = &message.appointment else { return Ok(None) };
    ballot::check_time(call, signed)?;
    if signed.made <= last {
        let address = message.address.clone();
        return Err(RolesError::AppointedLater { address, made: signed.made, last });
    }
    let appointment = Appointment {
        made: signed.made,
        position: circle.position(),
        account_pub_key: signed.account_pub_key.clone(),
        signature: signed.signature.clone(),
        appointed_on: None,
    };
    let fingerprint = circle.fingerprint(call.machine.identity());
    let appointee = Appointee { role: message.role, account: &message.address };
    let fits = "it has to name this ledger, the administrators as they are now, and whom they appoint";
    let bad = |_| RolesError::BadVote { voter: message.sender.clone(), what: "appointment", fits };
    appointment.verify(&message.sender, appointee, call.machine.chain_id(), &fingerprint).map_err(bad)?;
    Ok(Some(appointment))
}

/// One role an account, and only for accounts that can act. An appointment that does not count any more is made anew.
fn check_member(member: &Member, circle: &Circle, message: &AssignRole) -> Result<(), RolesError> {
    let address = message.address.clone();
    match (member.state, member.role) {
        (AccountState::Terminated, _) => Err(RolesError::Terminated(address)),
        (AccountState::Suspended, _) => Err(RolesError::NotActive(address)),
        (AccountState::Active, Some(role)) if role == message.role => {
            let ended = role.is_appointed() && !member.is_appointed_by(circle);
            if ended { Ok(()) } else { Err(RolesError::SameRole(address)) }
        }
        (AccountState::Active, Some(_)) => Err(RolesError::OtherRole(address)),
        (AccountState::Active, None) => Ok(()),
    }
}
