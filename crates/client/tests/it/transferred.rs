//! A customer to whom the ledger says that a ticket was transferred: a reader by a member's grant alone, and of no note.

use std::collections::BTreeSet;

use sealdesk_client::Error;
use sealdesk_client::compose::ComposeError;
use sealdesk_client::messages::{NewCustomer, NewResponse};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::virtengine::support::v1::TicketHead;

use crate::adversary::{address, key_of, readers, ticket};
use crate::world::people::{copied_record, key_record};
use crate::world::{Shared, add_key, add_member, people, read, write};

/// The ledger says that a ticket is another one's now.
pub(crate) fn give_to_friend(shared: &Shared, id: TicketId) {
    let friend = &people().others[3];
    shared.lock().change(|state| {
        add_key(state, &address(friend), key_record(friend, 0));
        let mut head: TicketHead = read(state, &tree::ticket(id));
        let ticket = head.ticket.as_mut().unwrap();
        let before = std::mem::replace(&mut ticket.customer_address, address(friend).to_string());
        ticket.previous_customers.push(before);
        write(state, &tree::ticket(id), &head);
    });
}

#[tokio::test(start_paused = true)]
async fn nobody_becomes_a_reader_because_the_ledger_calls_them_the_new_customer() {
    let (admin, customer) = (&people().admin, &people().customer);
    let shared = Shared::new();
    let desk = shared.desk().await;
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    desk.respond(admin, id, &NewResponse::new("Since when?")).await.unwrap();
    give_to_friend(&shared, id);
    let answer = desk.respond(admin, id, &NewResponse::new("Still?")).await.unwrap();
    assert_eq!(answer.response_index, Some(1));
    assert_eq!(readers(&shared, id, 2), BTreeSet::from([key_of(admin, 0)]));
    let ended = desk.memory().take_ended_grants();
    assert_eq!(ended.len(), 1, "an administrator is told that the new customer reads nothing: {ended:?}");
    assert_eq!(desk.ended_grants().await.unwrap(), ended, "and finds it, too, who looks for such tickets");
}

#[tokio::test(start_paused = true)]
async fn who_is_let_in_by_an_administrator_reads_what_comes_later_and_no_note() {
    let (admin, customer, friend) = (&people().admin, &people().customer, &people().others[3]);
    let shared = Shared::new();
    let desk = shared.desk().await;
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    desk.respond(admin, id, &NewResponse::note("A note.")).await.unwrap();
    give_to_friend(&shared, id);
    let granted = desk.grant_access(admin, id, &address(friend)).await.unwrap();
    assert_eq!((granted.granted, granted.access.unwrap().is_whole()), (1, true), "all but the note");
    desk.respond(admin, id, &NewResponse::new("Still?")).await.unwrap();
    assert_eq!(readers(&shared, id, 2), BTreeSet::from([key_of(admin, 0), key_of(friend, 0)]));
    desk.respond(admin, id, &NewResponse::note("Another.")).await.unwrap();
    assert_eq!(readers(&shared, id, 3), BTreeSet::from([key_of(admin, 0)]));
    let read = desk.read(friend, id).await.unwrap();
    let texts: Vec<_> = read.messages.iter().map(|message| message.text().is_some()).collect();
    assert_eq!(texts, [true, false, true, false]);
    let author = &read.messages[0].author;
    assert_eq!(*author, address(customer).to_string(), "who wrote it stays who wrote it");
}

#[tokio::test(start_paused = true)]
async fn no_note_is_sealed_for_an_assignee_by_a_key_that_the_new_customer_has() {
    let (admin, customer) = (&people().admin, &people().customer);
    let (friend, agent) = (&people().others[3], &people().others[5]);
    let shared = Shared::new();
    let desk = shared.desk().await;
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    give_to_friend(&shared, id);
    desk.grant_access(admin, id, &address(friend)).await.unwrap();
    // The grant names a key, and not whose: the validators find it at an agent who has the ticket.
    shared.lock().change(|state| {
        add_member(state, &address(agent), AssignableRole::SupportAgent);
        add_key(state, &address(agent), copied_record(agent, friend, 0));
        let mut head: TicketHead = read(state, &tree::ticket(id));
        head.ticket.as_mut().unwrap().assigned_to = address(agent).to_string();
        write(state, &tree::ticket(id), &head);
    });
    let before = shared.lock().sent.len();
    let refused = desk.respond(admin, id, &NewResponse::note("A note.")).await;
    assert!(matches!(refused, Err(Error::Compose(ComposeError::NoteForOutsider(_)))));
    let (key, sent) = (key_of(friend, 0), shared.lock().sent.split_off(before));
    let names = |tx: &Vec<u8>| tx.windows(key.len()).any(|window| window == key.as_bytes());
    assert!(!sent.iter().any(names), "the note names the customer's key");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_the_new_customer_is_shown_to_have_beside_their_own_reads_no_note() {
    let (admin, customer) = (&people().admin, &people().customer);
    let (friend, agent) = (&people().others[3], &people().agent);
    let shared = Shared::new();
    let desk = shared.desk().await;
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    desk.assign(admin, id, &address(agent)).await.unwrap();
    give_to_friend(&shared, id);
    desk.grant_access(admin, id, &address(friend)).await.unwrap();
    desk.respond(admin, id, &NewResponse::note("A note.")).await.unwrap();
    assert_eq!(readers(&shared, id, 1), BTreeSet::from([key_of(admin, 0), key_of(agent, 0)]));
    shared.lock().change(|state| add_key(state, &address(friend), copied_record(friend, agent, 0)));
    let refused = desk.respond(admin, id, &NewResponse::note("Another.")).await;
    assert!(matches!(refused, Err(Error::Compose(ComposeError::NoteForOutsider(_)))));
}

#[tokio::test(start_paused = true)]
async fn who_becomes_the_customer_or_was_it_is_granted_no_note() {
    let (admin, customer, friend) = (&people().admin, &people().customer, &people().others[3]);
    let shared = Shared::new();
    let desk = shared.desk().await;
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    desk.respond(admin, id, &NewResponse::note("A note.")).await.unwrap();
    shared.lock().change(|state| add_key(state, &address(friend), key_record(friend, 0)));
    // By the transaction that gives them the ticket.
    let to = NewCustomer { address: &address(friend), reason: "the phrase is lost" };
    desk.transfer(admin, id, &to, &mut |_| {}).await.unwrap();
    let of = |target| {
        let grants = shared.lock().grants.get(&(id.number(), target)).cloned().unwrap_or_default();
        grants.into_iter().filter_map(|grant| Some(grant.entry?.recipient_id)).collect::<Vec<_>>()
    };
    assert_eq!((of(0), of(1)), (vec![key_of(friend, 0)], Vec::new()));
    // And one who had it, and is an agent now.
    give_to_friend(&shared, id);
    shared.lock().change(|state| {
        add_member(state, &address(customer), AssignableRole::SupportAgent);
    });
    let granted = desk.grant_access(admin, id, &address(customer)).await.unwrap();
    assert_eq!(granted.granted, 0, "they read all but the note already");
    assert_eq!(of(1), Vec::<String>::new());
}
