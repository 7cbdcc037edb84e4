//! What somebody holds: whatever is finished, and however much of it, hides nothing that waits.

use prost::Message as _;
use sealdesk_client::actor::Actor;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::{Priority, Status};
use sealdesk_protocol::wire::sealdesk::ledger::v1::Counter;
use sealdesk_protocol::wire::virtengine::support::v1::{SupportTicket, TicketHead};

use crate::adversary::address;
use crate::world::{NOW, Records, Shared, people, write};

/// More finished tickets than one list of an inbox takes.
const FINISHED: u64 = 1_001;

/// A ticket of somebody's, without anything sealed in it.
fn put(state: &mut Records, number: u64, agent: &Actor, status: Status) {
    let id = TicketId::new(number).unwrap();
    let ticket = SupportTicket {
        ticket_id: id.to_string(),
        customer_address: address(&people().customer).to_string(),
        assigned_to: address(agent).to_string(),
        status: status.to_wire(),
        priority: Priority::Normal.to_wire(),
        category: "technical".to_owned(),
        created_at: NOW,
        ..SupportTicket::default()
    };
    write(state, &tree::ticket(id), &TicketHead { ticket: Some(ticket), ..TicketHead::default() });
    let count = Counter { value: number };
    state.insert(tree::TICKET_COUNT.to_vec(), count.encode_to_vec());
}

#[tokio::test]
async fn a_thousand_finished_tickets_hide_none_that_is_in_work() {
    let (shared, agent) = (Shared::new(), &people().agent);
    shared.lock().change(|state| {
        for number in 1..=FINISHED {
            put(state, number, agent, Status::Resolved);
        }
        put(state, FINISHED + 1, agent, Status::InProgress);
        put(state, FINISHED + 2, &people().others[1], Status::InProgress);
    });
    let desk = shared.desk().await;
    let held = desk.held(&address(agent)).await.unwrap();
    assert_eq!(held.assigned.iter().map(|ticket| ticket.id.number()).collect::<Vec<_>>(), [FINISHED + 1]);
    assert!(held.helps.is_empty());
    assert_eq!(held.in_state(Status::InProgress).count(), 1);
    assert_eq!(u64::try_from(held.resolved.len()).unwrap(), FINISHED, "and all that may come back");
    assert!(!held.is_nothing() && !held.is_last_administrator && held.votes.is_empty());
}

#[tokio::test]
async fn the_only_administrator_is_told_to_be_and_of_two_neither_is() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let admin = address(&people().admin);
    assert!(desk.held(&admin).await.unwrap().is_last_administrator);
    crate::adversary::with_second(&shared);
    assert!(!desk.held(&admin).await.unwrap().is_last_administrator);
    assert!(desk.held(&address(&people().customer)).await.unwrap().is_nothing());
}
