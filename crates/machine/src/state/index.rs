//! The lists that queries page through, as pure functions of the records that they list.
//!
//! A write applies the difference between the lists of the old record and those of the new; [`rebuild`] makes all of
//! them from the tree.

use std::collections::BTreeSet;

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::attachment::Attachment;
use sealdesk_protocol::ids::{Address, Prefix, TicketId};
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::state::side::{Queue, TicketList};
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::ticket::{Status, Ticket};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{DueRecord, KeyList, MemberRecord};
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;
use sealdesk_protocol::wire::virtengine::support::v1::TicketResponse;
use sealdesk_store::{Entry, KeyRange, State};

use super::keys::put_derived;
use super::{Member, StateView, decode, is_active, response_of_head, ticket_of_head};
use crate::errors::Fatal;
use crate::tx_index;

/// Keys of side tables whose values are empty.
pub(crate) type Keys = BTreeSet<Vec<u8>>;

/// The lists that a ticket stands on.
pub(crate) fn of_ticket(ticket: &Ticket) -> Keys {
    let status = Some(ticket.status);
    let mut lists = vec![
        TicketList::Customer(&ticket.customer, None),
        TicketList::Customer(&ticket.customer, status),
        TicketList::Status(ticket.status),
    ];
    if let Some(provider) = &ticket.provider {
        lists.extend([TicketList::Provider(provider, None), TicketList::Provider(provider, status)]);
    }
    for agent in ticket.assignee.iter().chain(&ticket.collaborators) {
        lists.extend([TicketList::Agent(agent, None), TicketList::Agent(agent, status)]);
    }
    if ticket.status == Status::Open {
        lists.push(TicketList::Open(ticket.priority));
    }
    let lists = lists.into_iter().map(|list| list.key(ticket.id));
    lists.chain(queues_of_ticket(ticket)).chain(blobs_of_ticket(ticket)).collect()
}

/// The queues that a ticket stands in until it is resolved or closed.
fn queues_of_ticket(ticket: &Ticket) -> Keys {
    let Some(place) = ticket.queue_place() else { return Keys::new() };
    let of_desk = if ticket.assignee.is_some() { Queue::Assigned } else { Queue::Unassigned };
    let of_agents = ticket.assignee.iter().chain(&ticket.collaborators).map(Queue::Agent);
    let queues = of_agents.chain([of_desk, Queue::Customer(&ticket.customer)]);
    queues.map(|queue| queue.key(place, ticket.id)).collect()
}

/// The pieces of files that a ticket's first message names.
pub(crate) fn blobs_of_ticket(ticket: &Ticket) -> Keys {
    let blobs = ticket.attachments.iter().flat_map(Attachment::blobs);
    blobs.map(|blob| side::blob(blob, ticket.id, GrantTarget::Ticket)).collect()
}

/// The pieces of files that a response names.
pub(crate) fn of_response(id: TicketId, response: &TicketResponse) -> Result<Keys, Fatal> {
    let target = GrantTarget::Response(response.response_index);
    let blobs = response.attachments.iter().flat_map(|file| &file.blobs);
    let key = |blob: &Vec<u8>| {
        let hash = blob.as_slice().try_into().map_err(|_| {
            Fatal::damaged(&tree::response(id, response.response_index), "not the name of a piece of a file")
        })?;
        Ok(side::blob(hash, id, target))
    };
    blobs.map(key).collect()
}

/// The lists that a member stands on: that of their role, until their account is terminated, and as an active agent whom the circle appointed,
/// and who can read, that of these.
pub(crate) fn of_member(address: &Address, member: &Member, is_listed: bool) -> Keys {
    let role = member.role.filter(|_| member.state != AccountState::Terminated);
    let of_role = role.map(|role| side::role_member(role.name(), address));
    of_role.into_iter().chain(of_appointment(address, member).filter(|_| is_listed)).collect()
}

/// The place of an agent among those who were appointed.
fn of_appointment(address: &Address, member: &Member) -> Option<Vec<u8>> {
    let (by, position) = (member.appointer_of_agent()?, member.appointment.as_ref()?.position);
    Some(side::appointed_agent(address, by, position))
}

/// The lists that follow from an address's keys: the owners of fingerprints, and of agents whom the circle appointed those who can read.
pub(crate) fn of_reader(
    address: &Address,
    member: &Member,
    counts: bool,
    keys: &[RecipientKeyRecord],
) -> Keys {
    let mut lists = of_keys(address, keys);
    lists.extend(of_appointment(address, member).filter(|_| counts && keys.iter().any(is_active)));
    lists
}

/// The fingerprints of an address's keys.
fn of_keys(address: &Address, keys: &[RecipientKeyRecord]) -> Keys {
    keys.iter().map(|key| side::fingerprint(&key.key_fingerprint, address, key.key_version)).collect()
}

/// Makes the lists of a record's old form into those of its new form.
pub(crate) fn apply(state: &mut State, old: &Keys, new: &Keys) {
    for key in old.difference(new) {
        state.delete_side(key.as_slice());
    }
    for key in new.difference(old) {
        state.put_side(key.as_slice(), Vec::new());
    }
}

/// The side tables that follow from the tree alone.
const DERIVED: [&[u8]; 8] = [
    side::BLOBS,
    side::TICKET_LISTS,
    side::ROLES,
    side::APPOINTED,
    side::FINGERPRINTS,
    side::KEYS_IN_USE,
    side::KEY_IDS,
    side::AUTO_CLOSE_TIMES,
];

/// Rebuilds every list from the records of the tree, and the index of transactions from their results, for a store whose lists are in doubt.
///
/// # Errors
/// [`Fatal`] where the store fails or a record is damaged.
pub fn rebuild(state: &mut State, prefix: &Prefix) -> Result<(), Fatal> {
    for list in DERIVED {
        let keys: Vec<Vec<u8>> = state
            .scan_side(&KeyRange::prefix(list))?
            .map(|entry| entry.map(|(key, _)| key))
            .collect::<Result<_, _>>()?;
        keys.into_iter().for_each(|key| state.delete_side(key));
    }
    StateView::new(state, prefix).begin_ticket_lists();
    for below in [tree::TICKETS, tree::RESPONSES, tree::MEMBERS, tree::KEYS, tree::AUTO_CLOSE] {
        for (key, record) in scan(state, below)? {
            derive(state, &key, &record, prefix)?;
        }
    }
    forget_erased(state, prefix)?;
    tx_index::rebuild(state)
}

/// Of what was erased no piece of a file is kept, whatever its record names.
fn forget_erased(state: &mut State, prefix: &Prefix) -> Result<(), Fatal> {
    let keys = state.scan_side(&KeyRange::prefix(side::ERASED))?.map(|entry| entry.map(|(key, _)| key));
    for key in keys.collect::<Result<Vec<_>, _>>()? {
        let place = side::erased_place(&key).ok_or_else(|| Fatal::damaged(&key, "it names no message"))?;
        StateView::new(state, prefix).forget_blobs(place.0, place.1)?;
    }
    Ok(())
}

/// Writes the side values that follow from a record: its lists, of a ticket its count, and of one that closes by itself the way back.
pub(crate) fn derive(state: &mut State, key: &[u8], record: &[u8], prefix: &Prefix) -> Result<(), Fatal> {
    let lists = if key.starts_with(tree::TICKETS) {
        let ticket = ticket_of_head(key, decode(key, record)?, prefix)?.ticket;
        StateView::new(state, prefix).count_ticket(None, ticket.status)?;
        of_ticket(&ticket)
    } else if key.starts_with(tree::RESPONSES) {
        let response = response_of_head(key, decode(key, record)?)?.response;
        let id = TicketId::parse(&response.ticket_id).map_err(|error| Fatal::damaged(key, error))?;
        of_response(id, &response)?
    } else if key.starts_with(tree::MEMBERS) {
        let member = Member::from_record(decode::<MemberRecord>(key, record)?);
        let member = member.ok_or_else(|| Fatal::damaged(key, "no member of this ledger"))?;
        let address = address_in(key, tree::MEMBERS, prefix)?;
        // Of the keys and the member's record, whichever comes later finds the other.
        let view = StateView::new(state, prefix);
        let can_read = view.keys_in_use(&address)?.iter().any(is_active);
        of_member(&address, &member, can_read && view.counts_as_agent(&member)?)
    } else if key.starts_with(tree::KEYS) {
        let (address, keys) = (address_in(key, tree::KEYS, prefix)?, decode::<KeyList>(key, record)?.keys);
        put_derived(state, &address, &keys);
        let view = StateView::new(state, prefix);
        let member = view.member(&address)?;
        let counts = view.counts_as_agent(&member)?;
        of_reader(&address, &member, counts, &keys)
    } else if key.starts_with(tree::AUTO_CLOSE) {
        let due: DueRecord = decode(key, record)?;
        let id = TicketId::parse(&due.ticket_id).map_err(|error| Fatal::damaged(key, error))?;
        state.put_side(side::auto_close_time(id), due.due_at.to_be_bytes());
        Keys::new()
    } else {
        Keys::new()
    };
    apply(state, &Keys::new(), &lists);
    Ok(())
}

/// The records below a key. Rebuilding is the one place, beside export, that reads all of them.
pub(crate) fn scan(state: &State, below: &[u8]) -> Result<Vec<Entry>, Fatal> {
    Ok(state.scan(&KeyRange::prefix(below))?.collect::<Result<_, _>>()?)
}

/// The address that ends a state key.
pub(crate) fn address_in(key: &[u8], below: &[u8], prefix: &Prefix) -> Result<Address, Fatal> {
    let text = key.strip_prefix(below).and_then(|rest| std::str::from_utf8(rest).ok());
    text.and_then(|text| Address::parse(prefix, text).ok())
        .ok_or_else(|| Fatal::damaged(key, "the key does not end in an address"))
}
