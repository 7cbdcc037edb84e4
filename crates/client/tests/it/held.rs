//! What somebody holds: whatever is finished, and however much of it, hides nothing that waits.

use prost::Message as _;
use sealdesk_client::actor::Actor;
use sealdesk_client::offboarding::{CastVote, Held};
use sealdesk_client::roster::StaffMember;
use sealdesk_client::view::Idle;
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::circle::Change;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::limits::CIRCLE_VOTE_SECONDS_MAX;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::{Priority, Status};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{
    CircleProposal, CircleVotes, Counter, KeyList, MemberRecord,
};
use sealdesk_protocol::wire::virtengine::support::v1::{SupportTicket, TicketHead};

use crate::adversary::{address, with_second};
use crate::queue::appoint;
use crate::world::people::vote;
use crate::world::{NOW, Records, Shared, change_circle, circle, people, read, write};

/// More finished tickets than one list of an inbox takes.
const FINISHED: u64 = 1_001;

/// Whether nothing changes hands or ends when they leave.
pub fn is_nothing(held: &Held) -> bool {
    let Held { standing: _, assigned, snoozed: _, helps, resolved, is_last_administrator, votes, appointed } =
        held;
    let tickets = assigned.is_empty() && helps.is_empty() && resolved.is_empty();
    tickets && !is_last_administrator && votes.is_empty() && appointed.is_empty()
}

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
    assert!(!held.is_last_administrator && held.votes.is_empty());
}

#[tokio::test]
async fn the_only_administrator_is_told_to_be_and_of_two_neither_is() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let admin = address(&people().admin);
    assert!(desk.held(&admin).await.unwrap().is_last_administrator);
    with_second(&shared);
    assert!(!desk.held(&admin).await.unwrap().is_last_administrator);
    assert!(is_nothing(&desk.held(&address(&people().customer)).await.unwrap()));
}

#[tokio::test]
async fn who_left_by_whosever_doing_is_listed_until_keys_and_tickets_are_passed_on() {
    let (shared, agent) = (Shared::new(), &people().agent);
    let desk = shared.desk().await;
    let second = with_second(&shared);
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

fn change(state: &mut Records, number: u64, change: impl FnOnce(&mut SupportTicket)) {
    let key = tree::ticket(TicketId::new(number).unwrap());
    let mut head: TicketHead = read(state, &key);
    change(head.ticket.as_mut().unwrap());
    write(state, &key, &head);
}

// This world's node lists every ticket, whoever is asked for and in whatever state.
#[tokio::test]
async fn what_somebody_holds_is_what_the_records_say_and_not_what_a_node_lists() {
    let (shared, agent, other) = (Shared::new(), &people().agent, &people().others[1]);
    shared.lock().change(|state| {
        put(state, 1, agent, Status::InProgress);
        put(state, 2, other, Status::InProgress);
        change(state, 2, |ticket| ticket.collaborators = vec![address(agent).to_string()]);
        put(state, 3, other, Status::InProgress);
        put(state, 4, agent, Status::Assigned);
        change(state, 4, |ticket| ticket.snoozed_until = NOW + 1);
        put(state, 5, agent, Status::PendingCustomer);
        change(state, 5, |ticket| ticket.snoozed_until = NOW);
        put(state, 6, agent, Status::Closed);
        put(state, 7, agent, Status::Resolved);
        put(state, 8, other, Status::Resolved);
        change(state, 8, |ticket| ticket.collaborators = vec![address(agent).to_string()]);
    });
    let held = shared.desk().await.held(&address(agent)).await.unwrap();
    let numbers = |ids: &[TicketId]| ids.iter().map(|id| id.number()).collect::<Vec<_>>();
    let assigned: Vec<TicketId> = held.assigned.iter().map(|ticket| ticket.id).collect();
    assert_eq!(numbers(&assigned), [1, 4, 5], "neither another's, nor what is over");
    assert_eq!(numbers(&held.helps), [2]);
    assert_eq!(numbers(&held.snoozed), [4], "what is back is aside no more");
    assert_eq!(numbers(&held.resolved), [7], "what a customer's answer would bring back to them");
}

#[tokio::test]
async fn a_member_holds_their_own_open_votes_and_whom_they_appointed() {
    let (shared, admin) = (Shared::new(), &people().admin);
    let second = with_second(&shared);
    let [mine, theirs, third, fourth] = [1, 2, 3, 4].map(|number| &people().others[number]);
    shared.lock().change(|state| {
        appoint(state, second, mine);
        appoint(state, admin, theirs);
        let circle = circle(state);
        let open = |of: &Actor, by: &Actor, ago: i64| {
            let change = Change::Add(address(of));
            let mut vote = vote(by, &circle, &change);
            vote.made = NOW - ago;
            CircleProposal { address: address(of).to_string(), removes: false, votes: vec![vote] }
        };
        // Of those that ended the ledger rids itself with the next one.
        let ended = open(fourth, second, CIRCLE_VOTE_SECONDS_MAX + 1);
        let proposals = vec![open(third, second, 0), open(theirs, admin, 0), ended];
        write(state, tree::CIRCLE_VOTES, &CircleVotes { proposals, ..CircleVotes::default() });
    });
    shared.lock().agents = vec![address(mine), address(theirs)];
    let held = shared.desk().await.held(&address(second)).await.unwrap();
    assert_eq!(held.votes, [CastVote { address: address(third).to_string(), removes: false }]);
    assert_eq!(held.appointed, [address(mine)]);
    assert!(!is_nothing(&held));
    // Once they have left the circle, what they signed counts no more, and is named until somebody signs it anew.
    shared.lock().change(|state| {
        change_circle(state, &[admin, second], &Change::Remove(address(second)));
        state.remove(&tree::member(&address(second)));
    });
    let desk = shared.desk().await;
    assert_eq!(desk.held(&address(second)).await.unwrap().appointed, [address(mine)]);
    assert!(!desk.held(&address(second)).await.unwrap().is_last_administrator, "that is another one");
    assert!(desk.held(&address(admin)).await.unwrap().is_last_administrator);
}
