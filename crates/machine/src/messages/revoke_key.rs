//! `MsgRevokeRecipientKey`: an account withdraws a key, or an administrator that of somebody who is or was staff. Only members of the
//! circle revoke their own.

use sealdesk_protocol::codes::EncryptionError;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::messages::RevokeKey;
use sealdesk_protocol::state::side;
use sealdesk_protocol::wire::virtengine::encryption::v1 as wire;
use sealdesk_store::KeyRange;

use super::actor;
use crate::access::{Act, may};
use crate::call::Call;
use crate::errors::{Fatal, Stop};
use crate::state::is_active;

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &RevokeKey,
) -> Result<wire::MsgRevokeRecipientKeyResponse, Stop> {
    let actor = actor(call)?;
    let fingerprint = &message.fingerprint;
    let is_own = message.owner.as_ref().is_none_or(|owner| *owner == message.sender);
    let mut revoked = is_own && may(actor, Act::RevokeOwnKey) && revoke(call, &message.sender, fingerprint)?;
    // A fingerprint is not a name: a stranger may have registered a colleague's key too, and theirs stays.
    if !revoked && may(actor, Act::RevokeStaffKey) {
        let owners = match &message.owner {
            Some(owner) => Vec::from_iter(is_or_was_staff(call, owner)?.then(|| owner.clone())),
            None => agents_with(call, fingerprint)?,
        };
        for address in owners {
            revoked |= revoke(call, &address, fingerprint)?;
        }
    }
    if !revoked {
        return Err(EncryptionError::KeyNotFound(fingerprint.clone()).into());
    }
    Ok(wire::MsgRevokeRecipientKeyResponse {})
}

/// Whether administrators may revoke somebody's keys: they are or were staff, and not in the circle.
fn is_or_was_staff(call: &Call<'_, '_>, address: &Address) -> Result<bool, Fatal> {
    let member = call.view.member(address)?;
    let staff = member.was_staff || member.staff_role().is_some();
    Ok(staff && !call.view.circle()?.contains(address))
}

/// Every support agent whose account is not terminated and who has registered this key. Agents are bounded, and their other keys are not
/// read; who else registered a copy, which anyone can, costs nothing here.
fn agents_with(call: &Call<'_, '_>, fingerprint: &str) -> Result<Vec<Address>, Fatal> {
    let mut found = Vec::new();
    for address in call.view.agents()? {
        let owns = KeyRange::prefix(&side::fingerprint_owner(fingerprint, &address));
        if call.view.state.scan_side(&owns)?.next().transpose()?.is_some() {
            found.push(address);
        }
    }
    Ok(found)
}

/// Revokes the address's active key of this fingerprint, if it has one.
fn revoke(call: &mut Call<'_, '_>, address: &Address, fingerprint: &str) -> Result<bool, Fatal> {
    let old = call.view.keys(address)?;
    let mut keys = old.clone();
    let found = keys.iter_mut().find(|key| is_active(key) && key.key_fingerprint == fingerprint);
    let Some(key) = found else { return Ok(false) };
    key.revoked_at = call.block.time;
    call.view.put_keys(address, &old, keys)?;
    let event = wire::EventRecipientKeyRevoked {
        address: address.to_string(),
        key_fingerprint: fingerprint.to_owned(),
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::RecipientKeyRevoked(event));
    Ok(true)
}
