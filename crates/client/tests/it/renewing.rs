//! Grants that end with the key or the office of whoever gave them, and votes that end with a change of the administrators.

use sealdesk_client::Error;
use sealdesk_client::actor::Actor;
use sealdesk_client::compose::ComposeError;
use sealdesk_client::desk::Desk;
use sealdesk_client::messages::{NewResponse, NewTicket};
use sealdesk_client::trust::Trust;
use sealdesk_client::view::{EndedGrant, EndedVote};
use sealdesk_protocol::circle::Change;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::grants_hash;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{CircleVotes, KeyList};
use sealdesk_protocol::wire::virtengine::support::v1::TicketHead;

use crate::queue::appoint;
use crate::world::people::key_record;
use crate::world::{
    FakeNode, Shared, add_administrator, add_key, change_circle, open_vote, people, prefix, read, write,
};

fn address(actor: &Actor) -> Address {
    actor.address(&prefix())
}

/// A ticket that a second administrator gave to the agent, who reads what is new by that grant.
async fn assigned() -> (Shared, Desk<FakeNode>, TicketId) {
    let shared = Shared::new();
    let second = &people().others[0];
    shared.lock().change(|state| {
        add_administrator(state, &address(second));
        add_key(state, &address(second), key_record(second, 0));
    });
    let desk = shared.desk().await;
    let ticket = NewTicket::new("technical", "It does not start", "Since this morning.");
    let id = desk.create_ticket(&people().customer, &ticket).await.unwrap().ticket_id.unwrap();
    desk.assign(second, id, &address(&people().agent)).await.unwrap();
    (shared, desk, id)
}

async fn reads(desk: &Desk<FakeNode>, who: &Actor, id: TicketId) -> Vec<bool> {
    let messages = desk.read(who, id).await.unwrap().messages;
    messages.iter().map(|message| message.text().is_some()).collect()
}

#[tokio::test(start_paused = true)]
async fn where_a_grant_ended_members_are_told_and_make_it_anew() {
    let (admin, second, agent) = (&people().admin, &people().others[0], &people().agent);
    for revoked in [true, false] {
        let (shared, desk, id) = assigned().await;
        let ended = EndedGrant { ticket: id, assignee: address(agent).to_string() };
        assert!(desk.ended_grants().await.unwrap().is_empty());
        desk.respond(admin, id, &NewResponse::new("Is it plugged in?")).await.unwrap();
        assert!(desk.memory().take_ended_grants().is_empty());
        assert_eq!(reads(&desk, agent, id).await, [true, true]);
        // The key that signed the grant is revoked, or whoever gave it is no administrator any more.
        shared.lock().change(|state| match revoked {
            true => {
                let mut list: KeyList = read(state, &tree::keys(&address(second)));
                list.keys[0].revoked_at = 9;
                write(state, &tree::keys(&address(second)), &list);
                add_key(state, &address(second), key_record(second, 1));
            }
            false => change_circle(state, &[admin, second], &Change::Remove(address(second))),
        });
        assert_eq!(desk.ended_grants().await.unwrap(), std::slice::from_ref(&ended));
        assert_eq!(desk.inbox(&address(admin)).await.unwrap().ended_grants, std::slice::from_ref(&ended));
        assert!(desk.inbox(&address(&people().customer)).await.unwrap().ended_grants.is_empty());
        desk.respond(&people().customer, id, &NewResponse::new("It is.")).await.unwrap();
        assert!(desk.memory().take_ended_grants().is_empty(), "a customer can do nothing about it");
        desk.respond(admin, id, &NewResponse::new("And switched on?")).await.unwrap();
        assert_eq!(desk.memory().take_ended_grants(), std::slice::from_ref(&ended));
        assert_eq!(reads(&desk, agent, id).await, [true, true, false, false]);
        let refused = desk.renew_grant(&people().customer, ended.clone()).await.err().unwrap();
        assert!(matches!(refused, Error::Compose(ComposeError::NoMember(_))), "{refused}");
        let renewed = desk.renew_grant(admin, ended.clone()).await.unwrap();
        assert_eq!((renewed.of, renewed.granted.granted), (ended, 3));
        assert!(renewed.granted.outcomes.iter().all(|outcome| outcome.proven));
        assert!(desk.ended_grants().await.unwrap().is_empty());
        desk.respond(&people().customer, id, &NewResponse::new("Oh.")).await.unwrap();
        assert_eq!(reads(&desk, agent, id).await, [true; 5]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_assignee_without_a_key_or_a_grant_of_their_own_needs_no_renewal() {
    let (shared, desk, id) = assigned().await;
    let (second, agent) = (&people().others[0], &people().agent);
    // An administrator who has a ticket reads it as one.
    desk.assign(second, id, &address(&people().admin)).await.unwrap();
    assert!(desk.ended_grants().await.unwrap().is_empty());
    // Also one to whom nobody granted anything, since there was nothing to grant.
    shared.lock().grants.clear();
    shared.lock().change(|state| {
        let mut head: TicketHead = read(state, &tree::ticket(id));
        head.grants_hash = grants_hash(&[]).to_vec();
        write(state, &tree::ticket(id), &head);
    });
    assert!(desk.ended_grants().await.unwrap().is_empty());
    desk.assign(second, id, &address(agent)).await.unwrap();
    shared.lock().change(|state| {
        change_circle(state, &[&people().admin, second], &Change::Remove(address(second)));
        state.remove(&tree::keys(&address(agent)));
    });
    let fresh = shared.desk().await;
    assert!(fresh.ended_grants().await.unwrap().is_empty(), "without a key nothing can be granted to them");
}

#[tokio::test(start_paused = true)]
async fn an_appointed_agent_needs_a_grant_where_the_queue_is_closed() {
    let (shared, desk, id) = assigned().await;
    let (admin, second, agent) = (&people().admin, &people().others[0], &people().agent);
    shared.lock().change(|state| {
        change_circle(state, &[admin, second], &Change::Remove(address(second)));
        state.remove(&tree::member(&address(second)));
        appoint(state, admin, agent);
    });
    let ended = EndedGrant { ticket: id, assignee: address(agent).to_string() };
    assert_eq!(desk.ended_grants().await.unwrap(), [ended]);
    let open = Params { open_queue: true, ..Params::default() };
    shared.lock().change(|state| write(state, tree::PARAMS, &open.to_wire()));
    assert!(desk.ended_grants().await.unwrap().is_empty(), "they read by their appointment");
}

#[tokio::test(start_paused = true)]
async fn a_vote_that_ended_is_named_to_whoever_cast_it_and_cast_anew() {
    let (shared, desk, _) = assigned().await;
    let (admin, second, third) = (&people().admin, &people().others[0], &people().others[1]);
    let fourth = &people().others[2];
    let me = address(admin);
    let ended = EndedVote { address: address(third).to_string(), removes: false, change: 2 };
    desk.assign_role(admin, &address(third), AssignableRole::Administrator).await.unwrap();
    assert!(desk.ended_votes(&me).await.unwrap().is_empty(), "it stands");
    // Another change is decided, and ends it.
    shared.lock().change(|state| {
        change_circle(state, &[admin, second], &Change::Add(address(fourth)));
        write(state, tree::CIRCLE_VOTES, &CircleVotes::default());
    });
    assert_eq!(desk.ended_votes(&me).await.unwrap(), std::slice::from_ref(&ended));
    assert_eq!(desk.inbox(&me).await.unwrap().ended_votes, std::slice::from_ref(&ended));
    assert!(desk.ended_votes(&address(second)).await.unwrap().is_empty(), "they cast none");
    // Another command of the same home knows it; another home does not.
    let remembered = desk.memory().take_remembered().unwrap();
    let later = shared.open(Trust::Pinned(Box::new(desk.pin()))).await.unwrap().with_remembered(remembered);
    assert_eq!(later.ended_votes(&me).await.unwrap(), std::slice::from_ref(&ended));
    assert!(shared.desk().await.ended_votes(&me).await.unwrap().is_empty());
    let outcome = later.renew_vote(admin, &ended).await.unwrap();
    assert_eq!((outcome.vote, outcome.proven), (Some(open_vote(1, 3)), true));
    assert!(later.ended_votes(&me).await.unwrap().is_empty(), "it stands again");
    // Once it is decided, by whomever, nothing is to be cast anew.
    later.assign_role(second, &address(third), AssignableRole::Administrator).await.unwrap();
    shared.lock().change(|state| write(state, tree::CIRCLE_VOTES, &CircleVotes::default()));
    assert!(later.ended_votes(&me).await.unwrap().is_empty());
    assert_eq!(later.remembered().votes().count(), 0);
}
