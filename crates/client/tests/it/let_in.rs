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
