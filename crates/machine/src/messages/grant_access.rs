//! `MsgGrantAccess`: lets a later reader open a ticket and its responses.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use sealdesk_protocol::codes::SupportError;
use sealdesk_protocol::envelope::{KnownSignatures, SignedGrant, WrappedKey};
use sealdesk_protocol::events::Event;
use sealdesk_protocol::keys::VerifyKey;
use sealdesk_protocol::limits::{
    GRANTS_BY_CUSTOMER_MAX, GRANTS_PER_TARGET_MAX, GRANTS_RESERVED_FOR_ADMINISTRATORS,
};
use sealdesk_protocol::messages::{Grant, GrantAccess, GrantTarget};
use sealdesk_protocol::ticket::{Action, Ticket};
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::{existing, judge};
use crate::access::{Act, actor_on_ticket, may};
use crate::call::Call;
use crate::errors::{Fatal, Stop};
use crate::readers::{AdministratorsKeys, Audience, GrantBasis, Readers};
use crate::sealed::{invalid, signing_keys};
use crate::state::{ResponseEntry, StateView, TicketEntry, is_active};

/// One target of the message, loaded once however many grants name it.
struct Target {
    /// `None` for the ticket itself.
    response: Option<ResponseEntry>,
    content: [u8; 32],
    grants: Vec<wire::AccessGrant>,
    to_administrators: Half,
    to_others: Half,
}

/// One half of a target's room.
#[derive(Clone, Copy, Default)]
struct Half {
    taken: usize,
    /// By grants of the ticket's customer, while they are no member of the circle.
    by_customer: usize,
}

impl Half {
    fn add(&mut self, by_customer: bool) {
        self.taken = self.taken.saturating_add(1);
        self.by_customer = self.by_customer.saturating_add(by_customer.into());
    }

    /// Whether one more grant fits. A customer who rotates their keys could fill all of it, and no assignee would get a counting grant.
    fn has_room(self, max: usize, by_customer: bool) -> bool {
        self.taken < max && (!by_customer || self.by_customer < GRANTS_BY_CUSTOMER_MAX)
    }
}

/// What every grant of the message is judged by.
struct Rules {
    /// The granter's active signing keys that the message names.
    keys: BTreeMap<u32, VerifyKey>,
    readers: Readers,
    /// `None` where no target is a note.
    readers_of_notes: Option<Readers>,
    administrators_keys: AdministratorsKeys,
    /// The ticket's customer, while they are no member of the circle: former administrators' grants are not theirs.
    customer: Option<String>,
}

impl Rules {
    fn is_customer(&self, granter: &str) -> bool {
        self.customer.as_deref() == Some(granter)
    }
}

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &GrantAccess,
) -> Result<wire::MsgGrantAccessResponse, Stop> {
    let old = existing(call, message.ticket)?;
    judge(call, &old.ticket, Action::Grant)?;
    let mut targets = load_targets(call, message, &old.ticket)?;
    let some_note = targets.values().any(Target::is_note);
    let rules = rules(call, message, &old.ticket, some_note)?;
    targets.values_mut().for_each(|target| target.count(&rules));
    for (place, grant) in message.grants.iter().enumerate() {
        let target = targets.get_mut(&grant.target).ok_or_else(missing)?;
        add(call, target, grant, place, &rules)?;
    }
    store(call, &old, targets)?;
    message.grants.iter().try_for_each(|grant| emit(call, message, grant))?;
    Ok(wire::MsgGrantAccessResponse {})
}

/// Verifies ahead what [`add`] will most likely ask: nothing of it decides anything.
pub(crate) fn foresee(
    view: &StateView<'_>,
    message: &GrantAccess,
    known: &mut KnownSignatures,
) -> Result<(), Fatal> {
    let Some(TicketEntry { ticket, .. }) = view.ticket(message.ticket)? else { return Ok(()) };
    if !may(actor_on_ticket(view, &message.sender, &ticket)?, Act::On(Action::Grant)) {
        return Ok(());
    }
    let granter = message.sender.to_string();
    let keys = view.keys_in_use(&message.sender)?;
    let keys = keys.iter().filter(|key| is_active(key));
    let keys: BTreeMap<u32, VerifyKey> =
        keys.filter_map(|key| Some((key.key_version, VerifyKey::parse(&key.signing_key).ok()?))).collect();
    let mut contents = BTreeMap::new();
    for (place, grant) in message.grants.iter().enumerate() {
        let Ok(entry) = WrappedKey::from_wire(&grant.entry, place) else { continue };
        let Some(key) = keys.get(&grant.granter_key_version) else { continue };
        if matches!(grant.target, GrantTarget::Response(index) if index >= ticket.response_count) {
            continue;
        }
        let content = match contents.entry(grant.target) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(free) => *free.insert(view.content(ticket.id, grant.target)?),
        };
        // Execution judges what is not good, and says why.
        let signed =
            SignedGrant { content: &content, granter: &granter, entry: &entry, signature: &grant.signature };
        let _ = known.learn_grant(&signed, key);
    }
    Ok(())
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
    let administrator = actor.is_administrator();
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
        let (to_administrators, to_others) = (Half::default(), Half::default());
        targets.insert(grant.target, Target { response, content, grants, to_administrators, to_others });
    }
    Ok(targets)
}

/// A message names which of the granter's keys signed each grant, so that a grant costs one check and not one for each key.
fn named_keys(call: &Call<'_, '_>, message: &GrantAccess) -> Result<BTreeMap<u32, VerifyKey>, Fatal> {
    let named: BTreeSet<u32> = message.grants.iter().map(|grant| grant.granter_key_version).collect();
    Ok(signing_keys(call)?.into_iter().filter(|(version, _)| named.contains(version)).collect())
}

fn rules(
    call: &Call<'_, '_>,
    message: &GrantAccess,
    ticket: &Ticket,
    some_note: bool,
) -> Result<Rules, Stop> {
    let audience = Audience::of(ticket);
    let readers_of = |audience: Audience<'_>| -> Result<Readers, Fatal> {
        let mut readers = Readers::of(&call.view, audience)?;
        message.agent.iter().try_for_each(|agent| readers.add_agent(&call.view, audience, agent))?;
        Ok(readers)
    };
    let of_notes = || readers_of(Audience { internal: true, ..audience });
    let readers = readers_of(audience)?;
    let circle = call.view.circle()?;
    let customer = Some(&ticket.customer).filter(|customer| !circle.contains(customer));
    Ok(Rules {
        customer: customer.map(ToString::to_string),
        keys: named_keys(call, message)?,
        administrators_keys: AdministratorsKeys::of(&call.view, &circle)?,
        readers,
        readers_of_notes: if some_note { Some(of_notes()?) } else { None },
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
    let readers = rules.readers_of_notes.as_ref().filter(|_| target.is_note()).unwrap_or(&rules.readers);
    let accepted = readers.accepts_grant(&grant.entry.recipient_id);
    let order = (grant.entry.recipient_id.as_str(), granter.as_str());
    let found = target.grants.binary_search_by(|other| order_of(other).cmp(&order));
    let to_administrator = rules.administrators_keys.contains(&grant.entry.recipient_id);
    let by_customer = rules.is_customer(&granter);
    if found.is_err() {
        target.check_room(to_administrator, by_customer, accepted)?;
    }
    let entry = WrappedKey::from_wire(&grant.entry, place).map_err(invalid)?;
    if accepted.is_none() {
        return Err(SupportError::ReaderNotAllowed(entry.recipient.to_string()).into());
    }
    let granter_key_version = grant.granter_key_version;
    let key =
        rules.keys.get(&granter_key_version).ok_or_else(|| unknown_key(&granter, granter_key_version))?;
    let signed = SignedGrant {
        content: &target.content,
        granter: &granter,
        entry: &entry,
        signature: &grant.signature,
    };
    call.known.verify_grant(&signed, key).map_err(invalid)?;
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
            target.half(to_administrator).add(by_customer);
        }
    }
    Ok(())
}

fn unknown_key(granter: &str, version: u32) -> SupportError {
    SupportError::InvalidEnvelope(format!(
        "the grant names key {version} of {granter}, who has no active key of that version: sign it by an active key and name that"
    ))
}

/// Grants stand ascending by reader and granter.
fn order_of(grant: &wire::AccessGrant) -> (&str, &str) {
    (grant.entry.as_ref().map_or("", |entry| &entry.recipient_id), &grant.granter)
}

impl Target {
    fn is_note(&self) -> bool {
        self.response.as_ref().is_some_and(|entry| entry.response.internal)
    }

    fn count(&mut self, rules: &Rules) {
        let of = |grant: &wire::AccessGrant| {
            let entry = grant.entry.as_ref();
            let to = entry.is_some_and(|entry| rules.administrators_keys.contains(&entry.recipient_id));
            (to, rules.is_customer(&grant.granter))
        };
        let found: Vec<(bool, bool)> = self.grants.iter().map(of).collect();
        found
            .into_iter()
            .for_each(|(to_administrator, by_customer)| self.half(to_administrator).add(by_customer));
    }

    fn half(&mut self, to_administrator: bool) -> &mut Half {
        if to_administrator { &mut self.to_administrators } else { &mut self.to_others }
    }

    /// Administrators have a half of the room for themselves, and everyone else the other half, so that neither can keep the
    /// next administrator or the next assignee out, and of each half a customer's own grants take no more than a part. A reader who is
    /// both may take a place of either.
    fn check_room(
        &self,
        to_administrator: bool,
        by_customer: bool,
        accepted: Option<GrantBasis>,
    ) -> Result<(), SupportError> {
        let (value, reserved) = (GRANTS_PER_TARGET_MAX, GRANTS_RESERVED_FOR_ADMINISTRATORS);
        let is_party = !to_administrator || accepted.is_some_and(|basis| basis.party);
        let of_administrators = to_administrator && self.to_administrators.has_room(reserved, by_customer);
        let of_others = is_party && self.to_others.has_room(value.saturating_sub(reserved), by_customer);
        if self.grants.len() < value && (of_administrators || of_others) {
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
    call.view.put_grants_hash(old, of_ticket)
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
