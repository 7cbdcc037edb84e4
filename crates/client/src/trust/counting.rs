//! Which grants on a ticket make its assignee a reader of what comes later.

use std::collections::BTreeSet;

use sealdesk_protocol::envelope::{WrappedKey, verify_grant};
use sealdesk_protocol::in_order::InOrder as _;
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::wire::virtengine::support::v1::AccessGrant;

use super::Person;

/// The keys that counting grants name: a grant of a member of the circle, signed over the ticket's own envelope by a key of that
/// member that is active still. `content` is the digest of that envelope which grants sign.
pub(crate) fn counting(
    members: &[Person],
    content: &[u8; 32],
    grants: &[AccessGrant],
) -> BTreeSet<Fingerprint> {
    grants.iter().filter_map(|grant| counts(members, content, grant)).into_set()
}

/// The key that this grant names, if it counts.
fn counts(members: &[Person], content: &[u8; 32], grant: &AccessGrant) -> Option<Fingerprint> {
    let granter = members.iter().find(|member| member.address.as_str() == grant.granter)?;
    granter.key_of_version(grant.granter_key_version).filter(|key| key.active)?;
    made_by(granter, content, grant)
}

/// The key that this grant names, if `granter` made it: by a key of theirs, which may be revoked since. Who was let in stays in; a
/// record that only says so has let in nobody.
pub(crate) fn made_by(granter: &Person, content: &[u8; 32], grant: &AccessGrant) -> Option<Fingerprint> {
    if granter.address.as_str() != grant.granter {
        return None;
    }
    let key = granter.key_of_version(grant.granter_key_version)?;
    let entry = WrappedKey::from_wire(grant.entry.as_ref()?, 0).ok()?;
    verify_grant(content, &grant.granter, &entry, &key.signing()?, &grant.grant_signature).ok()?;
    Some(entry.recipient)
}
