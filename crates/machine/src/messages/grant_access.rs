//! `MsgGrantAccess`: lets a later reader open a ticket and its responses.

use std::collections::{BTreeMap, BTreeSet};

use sealdesk_protocol::codes::SupportError;
use sealdesk_protocol::envelope::{EnvelopeError, WrappedKey, verify_grant};
use sealdesk_protocol::events::Event;
use sealdesk_protocol::keys::VerifyKey;
use sealdesk_protocol::limits::{GRANTS_PER_TARGET_MAX, GRANTS_RESERVED_FOR_ADMINISTRATORS};
use sealdesk_protocol::messages::{Grant, GrantAccess, GrantTarget};
use sealdesk_protocol::ticket::{Action, Ticket};
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::{existing, judge};
use crate::access::{Actor, actor_on_ticket};
use crate::call::Call;
use crate::errors::{Fatal, Stop};
use crate::readers::{Audience, GrantBasis, Readers};
use crate::sealed::{invalid, signing_keys};
use crate::state::{ResponseEntry, TicketEntry};

/// One target of the message, loaded once however many grants name it.
struct Target {
    /// `None` for the ticket itself.
    response: Option<ResponseEntry>,
    content: [u8; 32],
    grants: Vec<wire::AccessGrant>,
    /// How many of them are to administrators.
    to_administrators: usize,
}

/// What every grant of the message is judged by.
struct Rules {
    keys: Vec<(u32, VerifyKey)>,
    readers: Readers,
    readers_of_notes: Readers,
    administrators_keys: BTreeSet<String>,
}

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &GrantAccess,
) -> Result<wire::MsgGrantAccessResponse, Stop> {
    let old = existing(call, message.ticket)?;
    judge(call, &old.ticket, Action::Grant)?;
    let mut targets = load_targets(call, message, &old.ticket)?;
    let rules = rules(call, &old.ticket)?;
    targets.values_mut().for_each(|target| target.count(&rules.administrators_keys));
    for (place, grant) in message.grants.iter().enumerate() {
        let target = targets.get_mut(&grant.target).ok_or_else(missing)?;
        add(call, target, grant, place, &rules)?;
    }
    store(call, &old, targets)?;
    message.grants.iter().try_for_each(|grant| emit(call, message, grant))?;
    Ok(wire::MsgGrantAccessResponse {})
}

fn missing() -> Fatal {
    Fatal::Broken("every target of a message was loaded".to_owned())
}

/// Loads every target named, once, and refuses notes to a granter who is only the ticket's customer.
fn load_targets(
    call: &Call<'_, '_>,
    message: &GrantAccess,
    ticket: &Ticket,
) -> Result<BTreeMap<GrantTarget, Target>, Stop> {
    let actor = actor_on_ticket(&call.view, &message.sender, ticket)?;
    let administrator = matches!(actor, Actor::Administrator | Actor::TicketCustomerNowAdministrator);
    let mut targets = BTreeMap::new();
    for grant in &message.grants {
        if targets.contains_key(&grant.target) {
            continue;
        }
        let response = match grant.target {
            GrantTarget::Ticket => None,
            GrantTarget::Response(index) => {
                let entry = call.view.response(ticket.id, index)?;
                Some(entry.ok_or(SupportError::ResponseNotFound { ticket: ticket.id, index })?)
            }
        };
        let internal = response.as_ref().is_some_and(|entry| entry.response.internal);
        if internal && !administrator {
            let text = format!("{} may not grant access to a note", message.sender);
            return Err(SupportError::Unauthorized(text).into());
        }
        let content = call.view.content(ticket.id, grant.target)?;
        let grants = call.view.grants(ticket.id, grant.target)?;
        targets.insert(grant.target, Target { response, content, grants, to_administrators: 0 });
    }
    Ok(targets)
}

fn rules(call: &Call<'_, '_>, ticket: &Ticket) -> Result<Rules, Stop> {
    let audience = Audience {
        customer: &ticket.customer,
        provider: ticket.provider.as_ref(),
        assignee: ticket.assignee.as_ref(),
        internal: false,
        grants: &[],
    };
    let readers = Readers::of(&call.view, audience)?;
    Ok(Rules {
        keys: signing_keys(call)?,
        administrators_keys: readers.administrators_keys(),
        readers,
        readers_of_notes: Readers::of(&call.view, Audience { internal: true, ..audience })?,
    })
}

/// Judges one grant, its number before its form and its signature, and puts it into its place.
fn add(
    call: &Call<'_, '_>,
    target: &mut Target,
    grant: &Grant,
    place: usize,
    rules: &Rules,
) -> Result<(), Stop> {
    let granter = call.signer.address.to_string();
    let internal = target.response.as_ref().is_some_and(|entry| entry.response.internal);
    let readers = if internal { &rules.readers_of_notes } else { &rules.readers };
    let accepted = readers.accepts_grant(&grant.entry.recipient_id);
    let order = (grant.entry.recipient_id.as_str(), granter.as_str());
    let found = target.grants.binary_search_by(|other| order_of(other).cmp(&order));
    let to_administrator = rules.administrators_keys.contains(&grant.entry.recipient_id);
    if found.is_err() {
        target.check_room(to_administrator, accepted)?;
    }
    let entry = WrappedKey::from_wire(&grant.entry, place).map_err(invalid)?;
    if accepted.is_none() {
        return Err(SupportError::ReaderNotAllowed(entry.recipient.to_string()).into());
    }
    let verifies = |key: &VerifyKey| verify_grant(&target.content, &granter, &entry, key, &grant.signature);
    let version = rules.keys.iter().find(|(_, key)| verifies(key).is_ok()).map(|(version, _)| *version);
    let granter_key_version = version.ok_or_else(|| invalid(EnvelopeError::GrantSignature))?;
    let stored = wire::AccessGrant {
        entry: Some(entry.to_wire()),
        granter: granter.clone(),
        grant_signature: grant.signature.clone(),
        height: call.height()?,
        created_at: call.block.time,
        granter_key_version,
    };
    match found {
        Ok(same) => target.grants[same] = stored,
        Err(free) => {
            target.grants.insert(free, stored);
            target.to_administrators += usize::from(to_administrator);
        }
    }
    Ok(())
}

/// Grants stand ascending by reader and granter.
fn order_of(grant: &wire::AccessGrant) -> (&str, &str) {
    (grant.entry.as_ref().map_or("", |entry| &entry.recipient_id), &grant.granter)
}

impl Target {
    fn count(&mut self, administrators_keys: &BTreeSet<String>) {
        let to_administrator = |grant: &&wire::AccessGrant| {
            grant.entry.as_ref().is_some_and(|entry| administrators_keys.contains(&entry.recipient_id))
        };
        self.to_administrators = self.grants.iter().filter(to_administrator).count();
    }

    /// Administrators have a half of the room for themselves, and everyone else the other half, so that neither can keep the
    /// next administrator or the next assignee out. A reader who is both may take a place of either.
    fn check_room(&self, to_administrator: bool, accepted: Option<GrantBasis>) -> Result<(), SupportError> {
        let (value, reserved) = (GRANTS_PER_TARGET_MAX, GRANTS_RESERVED_FOR_ADMINISTRATORS);
        let taken = self.grants.len();
        let to_others = taken.saturating_sub(self.to_administrators);
        let is_party = !to_administrator || accepted.is_some_and(|basis| basis.party);
        let of_administrators = to_administrator && self.to_administrators < reserved;
        let of_others = is_party && to_others < value.saturating_sub(reserved);
        if taken < value && (of_administrators || of_others) {
            return Ok(());
        }
        Err(SupportError::TooManyGrants { value, reserved })
    }
}

fn store(
    call: &mut Call<'_, '_>,
    old: &TicketEntry,
    targets: BTreeMap<GrantTarget, Target>,
) -> Result<(), Fatal> {
    let id = old.ticket.id;
    let mut of_ticket = old.grants_hash;
    for (place, target) in targets {
        let grants_hash = call.view.put_grants(id, place, target.grants);
        match target.response {
            None => of_ticket = grants_hash,
            Some(response) => call.view.put_response(id, &ResponseEntry { grants_hash, ..response }),
        }
    }
    call.change_ticket(old, |entry| entry.grants_hash = of_ticket)
}

fn emit(call: &mut Call<'_, '_>, message: &GrantAccess, grant: &Grant) -> Result<(), Stop> {
    let event = wire::EventAccessGranted {
        ticket_id: message.ticket.to_string(),
        granted_by: message.sender.to_string(),
        recipient_id: grant.entry.recipient_id.clone(),
        target: grant.target.to_wire(),
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::AccessGranted(event));
    Ok(())
}
