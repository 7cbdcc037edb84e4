//! What somebody holds: whatever is finished, and however much of it, hides nothing that waits.

use prost::Message as _;
use sealdesk_client::actor::Actor;
use sealdesk_client::roster::StaffMember;
use sealdesk_client::view::Idle;
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::circle::Change;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::{Priority, Status};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{Counter, KeyList, MemberRecord};
use sealdesk_protocol::wire::virtengine::support::v1::{SupportTicket, TicketHead};

use crate::adversary::address;
use crate::world::{NOW, Records, Shared, change_circle, people, read, write};

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

#[tokio::test]
async fn who_left_by_whosever_doing_is_listed_until_keys_and_tickets_are_passed_on() {
    let (shared, agent) = (Shared::new(), &people().agent);
    let desk = shared.desk().await;
    let second = crate::adversary::with_second(&shared);
    let of = |address: &Address, roster: &[StaffMember]| {
        roster.iter().find(|one| one.address == *address).cloned()
    };
    let before = desk.roster().await.unwrap();
    assert!(before.iter().all(|member| !member.is_former), "{before:?}");
    // Others decide: an administrator goes, and an agent who has a ticket.
    shared.lock().change(|state| {
        change_circle(state, &[&people().admin, second], &Change::Remove(address(second)));
        let none = AccountState::Active.to_wire();
        for gone in [address(second), address(agent)] {
            write(state, &tree::member(&gone), &MemberRecord { state: none, ..MemberRecord::default() });
        }
        put(state, 1, agent, Status::InProgress);
    });
    let roster = desk.roster().await.unwrap();
    let found = of(&address(second), &roster).unwrap();
    assert!(found.is_former && found.standing.active_keys == 1 && found.tickets == 0, "{found:?}");
    assert_eq!((found.role, found.standing.idle()), (AssignableRole::Administrator, Some(Idle::NotStaff)));
    let found = of(&address(agent), &roster).unwrap();
    assert!(found.is_former && found.tickets == 1 && !found.counts, "{found:?}");
    assert_eq!(found.role, AssignableRole::SupportAgent);
    // Their keys are revoked, and the ticket is somebody else's: nothing is left of them.
    shared.lock().change(|state| {
        for gone in [address(second), address(agent)] {
            let mut list: KeyList = read(state, &tree::keys(&gone));
            list.keys.iter_mut().for_each(|key| key.revoked_at = NOW);
            write(state, &tree::keys(&gone), &list);
        }
        put(state, 1, &people().admin, Status::InProgress);
    });
    let roster = desk.roster().await.unwrap();
    assert!(roster.iter().all(|member| !member.is_former), "{roster:?}");
}
