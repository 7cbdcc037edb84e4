//! The queue of unfinished tickets: its order, its pages, and that what is finished is not in it.

use sealdesk_machine::QueryError;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::side;
use sealdesk_protocol::ticket::Status;
use sealdesk_protocol::wire::virtengine::support::v1 as support;
use sealdesk_store::{Durability, State};
use sealdesk_testkit::desk::Desk;
use sealdesk_testkit::many::grown;
use sealdesk_testkit::scenario::{
    Cast, assign, cast, close, create, priority, reopen, resolve, respond, snooze, status, ticket_id,
    update_params,
};
use sealdesk_testkit::walking::Walk;

/// What the keys of all queues begin with.
const QUEUES: &[u8] = b"tickets/queue/";

fn asked(of: &str, address: &str, turn: &str) -> support::QueryTicketQueueRequest {
    let (of, address, turn) = (of.to_owned(), address.to_owned(), turn.to_owned());
    support::QueryTicketQueueRequest { of, address, turn, texts: false, page: None }
}

fn page(
    desk: &Desk,
    asked: &support::QueryTicketQueueRequest,
    cursor: Vec<u8>,
    limit: u32,
    reverse: bool,
) -> Result<support::QueryTicketQueueResponse, QueryError> {
    let page = Some(support::PageRequest { cursor, limit, reverse });
    let request = support::QueryTicketQueueRequest { page, ..asked.clone() };
    desk.machine.ticket_queue(&desk.snapshot(), &request)
}

/// Every ticket of a queue, in pages of so many.
fn whole(desk: &Desk, asked: &support::QueryTicketQueueRequest, limit: u32, reverse: bool) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), Vec::new());
    loop {
        let page = page(desk, asked, cursor, limit, reverse).unwrap();
        assert!(page.tickets.len() <= limit as usize);
        assert!(page.tickets.iter().all(|ticket| ticket.encrypted_payload.is_none()));
        assert_eq!(page.more == 0, page.next_cursor.is_empty(), "more is said where there is more");
        all.extend(page.tickets.into_iter().map(|ticket| ticket.ticket_id));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            return all;
        }
    }
}

fn ids(numbers: &[u64]) -> Vec<String> {
    numbers.iter().map(|number| ticket_id(*number)).collect()
}

fn holders(desk: &Desk, limit: u32) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), Vec::new());
    loop {
        let page = Some(support::PageRequest { cursor, limit, reverse: false });
        let request = support::QueryTicketHoldersRequest { page };
        let answer = desk.machine.ticket_holders(&desk.snapshot(), &request).unwrap();
        all.extend(answer.addresses);
        cursor = answer.next_cursor;
        if cursor.is_empty() {
            return all;
        }
    }
}

#[test]
fn a_new_ticket_is_found_behind_a_thousand_finished_ones_that_no_page_sees() {
    let (mut desk, people) = grown(1_001, &["resolved", "closed"]);
    assert!(desk.side(QUEUES).is_empty(), "what is finished stands in no queue");
    let message = create(&desk, &people.writer, &[&people.admin, &people.writer]);
    desk.must(&people.writer, vec![message]);
    for queue in
        [asked("all", "", ""), asked("unassigned", "", "desk"), asked("customer", &people.writer.text, "")]
    {
        assert_eq!(whole(&desk, &queue, 50, false), ids(&[1_002]));
    }
    assert_eq!(desk.side(QUEUES).len(), 2, "a page walks these keys and no others");
    assert_eq!(holders(&desk, 1), Vec::<String>::new());
}

#[test]
fn fifty_assigned_tickets_are_one_page_beside_1050_resolved_ones() {
    let statuses: Vec<&str> = std::iter::repeat_n("resolved", 21).chain(["assigned"]).collect();
    let (desk, people) = grown(1_100, &statuses);
    let mine = asked("agent", &people.agent.text, "");
    let first = page(&desk, &mine, Vec::new(), 50, false).unwrap();
    assert_eq!((first.tickets.len(), first.more, first.next_cursor.len()), (50, 0, 0));
    let expected: Vec<u64> = (1..=50).map(|n| n * 22).collect();
    assert_eq!(whole(&desk, &mine, 7, false), ids(&expected));
    let first = page(&desk, &mine, Vec::new(), 20, false).unwrap();
    assert_eq!((first.tickets.len(), first.more), (20, 30));
    assert_eq!(holders(&desk, 1), std::slice::from_ref(&people.agent.text));
}

#[test]
fn how_many_follow_is_counted_up_to_a_thousand() {
    let (desk, _) = grown(1_500, &["open"]);
    assert_eq!(page(&desk, &asked("all", "", ""), Vec::new(), 1, false).unwrap().more, 1_000);
    assert_eq!(page(&desk, &asked("all", "", ""), Vec::new(), 100, true).unwrap().more, 1_000);
}

/// A desk with a ticket for each case of the order.
fn ordered() -> Cast {
    let Cast { mut desk, admin, agent, customer } = cast();
    let params = Params { max_tickets_per_customer_per_day: 20, ..Params::default() };
    desk.must(&admin, vec![update_params(&admin, &params)]);
    for _ in 0..8 {
        let message = create(&desk, &customer, &[&admin, &customer]);
        desk.pass_to(desk.time + 400);
        desk.must(&customer, vec![message]);
    }
    Cast { desk, admin, agent, customer }
}

#[test]
fn the_most_urgent_come_first_then_who_waits_longest() {
    let Cast { mut desk, admin, agent, customer } = ordered();
    let text = agent.text.clone();
    for number in [2, 3, 4, 5, 6] {
        desk.must(&admin, vec![assign(&admin, number, &agent)]);
    }
    // 3 and 4 wait for the customer, 3 came back from there, 5 is put aside, 6 is over, 8 is urgent and 7 low.
    for number in [3, 4] {
        desk.must(&agent, vec![status(&agent, number, "in_progress")]);
        desk.must(&agent, vec![status(&agent, number, "pending_customer")]);
    }
    desk.pass_to(desk.time + 10);
    let answer = respond(&desk, &customer, 3, &[&admin, &customer]);
    desk.must(&customer, vec![answer]);
    desk.must(&agent, vec![snooze(&agent, 5, desk.time + 1_000)]);
    desk.must(&agent, vec![resolve(&agent, 6)]);
    desk.must(&admin, vec![priority(&admin, 7, "low")]);
    desk.must(&admin, vec![priority(&admin, 8, "urgent")]);
    assert_eq!(whole(&desk, &asked("all", "", ""), 3, false), ids(&[8, 1, 2, 3, 7, 4, 5]));
    assert_eq!(whole(&desk, &asked("all", "", ""), 2, true), ids(&[5, 4, 7, 3, 2, 1, 8]));
    assert_eq!(whole(&desk, &asked("unassigned", "", ""), 1, false), ids(&[8, 1, 7]));
    assert_eq!(whole(&desk, &asked("assigned", "", ""), 1, false), ids(&[2, 3, 4, 5]));
    assert_eq!(whole(&desk, &asked("agent", &text, "desk"), 1, false), ids(&[2, 3]));
    assert_eq!(whole(&desk, &asked("agent", &text, "customer"), 1, false), ids(&[4]));
    assert_eq!(whole(&desk, &asked("all", "", "aside"), 9, false), ids(&[5]));
    assert_eq!(whole(&desk, &asked("customer", &customer.text, ""), 100, false).len(), 7);
    // A change of priority is no new turn; to be opened again is one.
    desk.must(&admin, vec![priority(&admin, 2, "urgent")]);
    desk.must(&customer, vec![close(&customer, 1)]);
    desk.pass_to(desk.time + 700);
    desk.must(&customer, vec![reopen(&customer, 1)]);
    assert_eq!(whole(&desk, &asked("all", "", "desk"), 100, false), ids(&[2, 8, 3, 1, 7]));
}

#[test]
fn what_is_no_queue_is_refused_with_what_to_ask() {
    let Cast { mut desk, admin, customer, .. } = cast();
    desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
    for wrong in [
        asked("", "", ""),
        asked("mine", "", ""),
        asked("all", &customer.text, ""),
        asked("agent", "", ""),
        asked("agent", "nobody", ""),
        asked("all", "", "mine"),
    ] {
        assert!(
            matches!(page(&desk, &wrong, Vec::new(), 10, false), Err(QueryError::Invalid(_))),
            "{wrong:?}"
        );
    }
    let right = asked("all", "", "");
    assert!(page(&desk, &right, Vec::new(), 101, false).is_err());
    assert!(page(&desk, &right, vec![1; 17], 10, false).is_err(), "the cursor of one turn");
    assert!(page(&desk, &asked("all", "", "desk"), vec![1; 18], 10, false).is_err(), "the cursor of all");
    let reverse = Some(support::PageRequest { reverse: true, ..Default::default() });
    let request = support::QueryTicketHoldersRequest { page: reverse };
    assert!(desk.machine.ticket_holders(&desk.snapshot(), &request).is_err());
    let texts = support::QueryTicketQueueRequest { texts: true, ..right };
    assert!(page(&desk, &texts, Vec::new(), 1, false).unwrap().tickets[0].encrypted_payload.is_some());
}

#[test]
fn a_ledger_older_than_its_queues_says_so_rather_than_that_nothing_waits() {
    let Cast { mut desk, admin, customer, .. } = cast();
    desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
    let mut state = desk.state();
    state.delete_side(side::QUEUES_BEGUN);
    desk.side(QUEUES).into_keys().for_each(|key| state.delete_side(key));
    let commit = |desk: &mut Desk, state: State| {
        desk.height += 1;
        let staged = desk.store.prepare(desk.height + 1, state.into_changes()).unwrap();
        desk.store.commit(staged, Durability::Deferred).unwrap();
    };
    commit(&mut desk, state);
    let told = page(&desk, &asked("all", "", ""), Vec::new(), 10, false).unwrap_err();
    assert!(matches!(&told, QueryError::NotListed(why) if why.contains("--rebuild-indexes")), "{told}");
    let mut state = State::new(desk.snapshot());
    sealdesk_machine::rebuild_indexes(&mut state, desk.machine.prefix()).unwrap();
    commit(&mut desk, state);
    assert_eq!(whole(&desk, &asked("all", "", ""), 10, false), ids(&[1]));
}

/// The order by hand: what the ledger holds of each ticket, sorted.
fn expected(desk: &Desk, is_in: impl Fn(&support::SupportTicket) -> bool) -> Vec<String> {
    let ticket = |number| {
        let request = support::QueryTicketRequest { ticket_id: ticket_id(number) };
        desk.machine.ticket(&desk.snapshot(), &request).unwrap().ticket.unwrap()
    };
    let finished = [Status::Resolved.to_wire(), Status::Closed.to_wire()];
    let pending = Status::PendingCustomer.to_wire();
    let place = |ticket: &support::SupportTicket| {
        if ticket.snoozed_until != 0 {
            return (3, 0, ticket.snoozed_until, ticket.ticket_id.clone());
        }
        let waits = |status: i32| (finished.contains(&status), status == pending);
        let mut since = ticket.created_at;
        for pair in ticket.steps.windows(2) {
            if waits(pair[0].status) != waits(pair[1].status) {
                since = pair[1].at;
            }
        }
        let turn = if ticket.status == pending { 2 } else { 1 };
        (turn, -ticket.priority, since, ticket.ticket_id.clone())
    };
    let mut tickets: Vec<_> = (1..=desk.ticket_count()).map(ticket).collect();
    tickets.retain(|ticket| !finished.contains(&ticket.status) && is_in(ticket));
    tickets.sort_by_key(place);
    tickets.into_iter().map(|ticket| ticket.ticket_id).collect()
}

#[test]
fn on_a_walk_every_queue_has_all_that_is_unfinished_in_its_order() {
    let mut walk = Walk::new(11);
    for step in 1..=400 {
        walk.step();
        if step % 80 != 0 {
            continue;
        }
        let desk = &walk.desk;
        assert_eq!(whole(desk, &asked("all", "", ""), 7, false), expected(desk, |_| true));
        let free = |ticket: &support::SupportTicket| ticket.assigned_to.is_empty();
        assert_eq!(whole(desk, &asked("unassigned", "", ""), 100, false), expected(desk, free));
        let mut reversed = expected(desk, |ticket| !free(ticket));
        reversed.reverse();
        assert_eq!(whole(desk, &asked("assigned", "", ""), 5, true), reversed);
        let of_all: Vec<String> = holders(desk, 2);
        assert!(of_all.is_sorted());
        for holder in &of_all {
            let has = |ticket: &support::SupportTicket| {
                ticket.assigned_to == *holder || ticket.collaborators.contains(holder)
            };
            let queue = whole(desk, &asked("agent", holder, ""), 3, false);
            assert!(!queue.is_empty());
            assert_eq!(queue, expected(desk, has));
        }
        let assigned =
            expected(desk, |ticket| !ticket.assigned_to.is_empty() && !of_all.contains(&ticket.assigned_to));
        assert_eq!(assigned, Vec::<String>::new(), "everyone who has a ticket is a holder");
    }
}
