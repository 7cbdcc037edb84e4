//! Whom a grant lets in, and whom it does not, against validators who lie about who has the ticket and a node that is behind.

use std::collections::BTreeSet;

use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use sealdesk_client::messages::{NewResponse, NewTicket};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::support::v1::TicketHead;

use crate::adversary::{address, key_of, readers, ticket};
use crate::world::people::{copied_record, key_record};
use crate::world::{FakeNode, NOW, Shared, add_key, add_member, people, read, write};

/// The validators write that somebody is an active agent and has the ticket, and that it concerns no provider.
fn give_to(shared: &Shared, id: TicketId, agent: &Address) {
    shared.lock().change(|state| {
        add_member(state, agent, AssignableRole::SupportAgent);
        let mut head: TicketHead = read(state, &tree::ticket(id));
        let ticket = head.ticket.as_mut().unwrap();
        (ticket.assigned_to, ticket.provider_address) = (agent.to_string(), String::new());
        write(state, &tree::ticket(id), &head);
    });
}

/// Nobody but the administrator can open a note that is written now, if one can be.
async fn note_is_for_staff_alone(shared: &Shared, desk: &Desk<FakeNode>, id: TicketId) {
    let (admin, before) = (&people().admin, shared.lock().txs.len());
    match desk.respond(admin, id, &NewResponse::note("They never pay.")).await {
        Ok(outcome) => {
            let place = outcome.response_index.unwrap() + 1;
            assert_eq!(readers(shared, id, place), BTreeSet::from([key_of(admin, 0)]));
        }
        Err(error) => {
            assert!(error.to_string().contains("no note is sealed"), "{error}");
            assert_eq!(shared.lock().txs.len(), before, "nothing was sent");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_note_is_not_for_a_customer_whom_the_validators_call_assignee() {
    let (admin, customer, friend) = (&people().admin, &people().customer, &people().others[3]);
    for is_friend in [false, true] {
        let shared = Shared::new();
        let desk = shared.desk().await;
        let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
        // The customer has a new key, and an administrator opens the ticket to it.
        shared.lock().change(|state| add_key(state, &address(customer), key_record(customer, 1)));
        assert_eq!(desk.grant_access(admin, id, &address(customer)).await.unwrap().granted, 1);
        // A friend's address with a copy of that key is no better than the customer's own.
        shared.lock().change(|state| {
            add_key(state, &address(friend), copied_record(friend, customer, 1));
        });
        give_to(&shared, id, &address(if is_friend { friend } else { customer }));
        note_is_for_staff_alone(&shared, &desk, id).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_note_is_not_for_a_provider_whom_the_validators_call_assignee() {
    let (admin, customer, provider) = (&people().admin, &people().customer, &people().others[2]);
    let friend = &people().others[3];
    for is_friend in [false, true] {
        let shared = Shared::new();
        let desk = shared.desk().await;
        shared.lock().change(|state| {
            add_key(state, &address(provider), key_record(provider, 0));
            add_key(state, &address(friend), copied_record(friend, provider, 1));
        });
        let concerns = NewTicket { provider: Some(address(provider)), provider_reads: true, ..ticket() };
        let id = desk.create_ticket(customer, &concerns).await.unwrap().ticket_id.unwrap();
        shared.lock().change(|state| add_key(state, &address(provider), key_record(provider, 1)));
        assert_eq!(desk.grant_access(admin, id, &address(provider)).await.unwrap().granted, 1);
        give_to(&shared, id, &address(if is_friend { friend } else { provider }));
        note_is_for_staff_alone(&shared, &desk, id).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_grant_opens_no_note_to_a_provider_whom_the_validators_call_assignee() {
    let (admin, customer, provider) = (&people().admin, &people().customer, &people().others[2]);
    let shared = Shared::new();
    let desk = shared.desk().await;
    shared.lock().change(|state| add_key(state, &address(provider), key_record(provider, 0)));
    let concerns = NewTicket { provider: Some(address(provider)), provider_reads: true, ..ticket() };
    let id = desk.create_ticket(customer, &concerns).await.unwrap().ticket_id.unwrap();
    desk.respond(admin, id, &NewResponse::new("Is it plugged in?")).await.unwrap();
    desk.respond(admin, id, &NewResponse::note("They never pay.")).await.unwrap();
    give_to(&shared, id, &address(provider));
    desk.grant_access(admin, id, &address(provider)).await.unwrap();
    let world = shared.lock();
    let opened: Vec<u32> = world.grants.keys().map(|(_, target)| *target).collect();
    assert_eq!(opened, [0, 1], "the ticket and the reply, and not the note");
}

#[tokio::test(start_paused = true)]
async fn an_agent_whose_key_the_customer_copies_gets_notes_by_their_next_key() {
    let (admin, customer, agent) = (&people().admin, &people().customer, &people().agent);
    let shared = Shared::new();
    let desk = shared.desk().await;
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    desk.assign(admin, id, &address(agent)).await.unwrap();
    desk.respond(admin, id, &NewResponse::note("They never pay.")).await.unwrap();
    shared.lock().change(|state| {
        add_key(state, &address(customer), copied_record(customer, agent, 0));
        add_key(state, &address(agent), key_record(agent, 1));
    });
    assert!(desk.respond(admin, id, &NewResponse::note("Or late.")).await.is_err());
    // The agent's own notes are for their own keys, whatever others say of them.
    desk.grant_access(admin, id, &address(agent)).await.unwrap();
    let note = desk.respond(admin, id, &NewResponse::note("Or late.")).await.unwrap();
    let named = readers(&shared, id, note.response_index.unwrap() + 1);
    assert_eq!(named, BTreeSet::from([key_of(admin, 0), key_of(agent, 1)]));
}

/// Revokes somebody's first key, and registers their next one, in one block.
fn rotate(shared: &Shared, who: &Actor) {
    shared.lock().change(|state| {
        let mut list: ledger::KeyList = read(state, &tree::keys(&address(who)));
        list.keys[0].revoked_at = NOW;
        write(state, &tree::keys(&address(who)), &list);
        add_key(state, &address(who), key_record(who, 1));
    });
}

#[tokio::test(start_paused = true)]
async fn no_grant_is_for_a_key_that_only_one_old_proof_shows_as_active() {
    let (admin, customer, agent) = (&people().admin, &people().customer, &people().agent);
    let stolen = key_of(agent, 0);
    for assigns in [false, true] {
        for place in 0..16 {
            let shared = Shared::new();
            let desk = shared.desk().await;
            let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
            if !assigns {
                give_to(&shared, id, &address(agent));
            }
            drop(desk);
            // This home looked last before the key was revoked, and then for a while not.
            let desk = shared.desk().await;
            rotate(&shared, agent);
            let newest = i64::try_from(shared.lock().height()).unwrap();
            shared.pass(newest + 300);
            // One question of the command is answered by the state before the revocation, every other one by the newest.
            shared.lock().old_proof_after = Some(place);
            if assigns {
                let _ = desk.assign(admin, id, &address(agent)).await;
            } else {
                let _ = desk.grant_access(admin, id, &address(agent)).await;
            }
            let world = shared.lock();
            let entries = world.grants.values().flatten().filter_map(|grant| grant.entry.as_ref());
            let mut named = entries.map(|entry| &entry.recipient_id);
            assert!(!named.any(|key| *key == stolen), "assigns: {assigns}, question {place}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_new_assignee_is_called_what_is_proven_of_them() {
    let (admin, customer, agent) = (&people().admin, &people().customer, &people().agent);
    let shared = Shared::new();
    let desk = shared.desk().await;
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    desk.assign(admin, id, &address(agent)).await.unwrap();
    let desk = shared.desk().await;
    desk.respond(customer, id, &NewResponse::new("Still.")).await.unwrap();
    let expected = format!(
        "new reader: {}, whom the ledger calls the assignee of {id}, by a key that an administrator granted",
        address(agent)
    );
    assert!(desk.memory().take_notes().contains(&expected));
}
