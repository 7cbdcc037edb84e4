//! A whole desk in front of a page: lists in pages, tickets by their numbers, and who may list what.

use std::collections::BTreeSet;

use sealdesk_client::inbox::PagedList;
use sealdesk_client::node::{QueueOf, TicketsBy};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::ticket::Status;

use crate::adversary::{address, ticket};
use crate::world::{Shared, people};

#[tokio::test(start_paused = true)]
async fn a_page_has_what_is_proven_to_be_on_its_list() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let id = desk.create_ticket(&people().customer, &ticket()).await.unwrap().ticket_id.unwrap();
    let page = desk.tickets_page(&PagedList::Unfinished(QueueOf::All), &[]).await.unwrap();
    assert_eq!(page.tickets.iter().map(|ticket| ticket.id).collect::<Vec<_>>(), [id]);
    assert!(page.about.contains_key(&id), "who spoke last, and what is due");
    assert!(page.next.is_empty());
    // The node names it on a list on which the ledger does not have it.
    let closed = PagedList::Newest(TicketsBy::Status(Status::Closed));
    assert!(desk.tickets_page(&closed, &[]).await.unwrap().tickets.is_empty());
    let found = desk.tickets_by_number(&BTreeSet::from([id])).await.unwrap();
    assert_eq!(found.tickets.iter().map(|ticket| ticket.id).collect::<Vec<_>>(), [id]);
    assert!(desk.tickets_by_number(&BTreeSet::new()).await.unwrap().tickets.is_empty());
}

#[tokio::test(start_paused = true)]
async fn who_may_list_what_is_the_ledgers_word_by_proof() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let role = desk.queue_role(&address(&people().admin)).await.unwrap();
    assert_eq!((role.role, role.is_active, role.takes), (AssignableRole::Administrator, true, false));
    let role = desk.queue_role(&address(&people().customer)).await.unwrap();
    assert_eq!((role.role, role.takes), (AssignableRole::Customer, false));
}
