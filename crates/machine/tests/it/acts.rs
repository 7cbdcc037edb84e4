//! The acts that a working day added to a ticket: transferring, rating, linking and putting aside, each at the edges of its bounds.

use sealdesk_protocol::limits::{LINKS_PER_TICKET_MAX, RATINGS_PER_TICKET_MAX, TRANSFERS_PER_TICKET_MAX};
use sealdesk_protocol::params::Params;
use sealdesk_protocol::ticket::LinkKind;
use sealdesk_protocol::wire::virtengine::support::v1 as support;
use sealdesk_testkit::desk::Desk;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{
    Cast, assign, cast, close, create, link, note, rate, register, resolve, respond, snooze, ticket_id,
    transfer, update_params,
};

const DAY: i64 = 86_400;

fn ticket(desk: &Desk, number: u64) -> support::SupportTicket {
    let request = support::QueryTicketRequest { ticket_id: ticket_id(number) };
    desk.machine.ticket(&desk.snapshot(), &request).unwrap().ticket.unwrap()
}

/// How often each score was given, from 1 on: of all, or of somebody's tickets.
fn scores(desk: &Desk, agent: Option<&Person>) -> Vec<u64> {
    let agent_address = agent.map(|agent| agent.text.clone()).unwrap_or_default();
    let request = support::QueryRatingsRequest { agent_address };
    desk.machine.ratings(&desk.snapshot(), &request).unwrap().counts.unwrap().counts
}

#[test]
fn a_ticket_is_transferred_so_often_and_no_more() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, customer, .. } = cast;
    let heir = Person::new("heir");
    desk.must(&heir, vec![register(&heir, 0)]);
    let pair = [&heir, &customer];
    for n in 0..TRANSFERS_PER_TICKET_MAX {
        desk.must(&admin, vec![transfer(&admin, number, pair[n % 2])]);
    }
    desk.refuse(&admin, vec![transfer(&admin, number, &heir)], "support", 53);
    assert_eq!(ticket(&desk, number).previous_customers.len(), TRANSFERS_PER_TICKET_MAX);
}

#[test]
fn each_resolution_is_rated_once_and_so_many_of_one_ticket() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, agent, customer } = cast;
    desk.must(&admin, vec![assign(&admin, number, &agent)]);
    let all = [&admin, &customer];
    for n in 0..RATINGS_PER_TICKET_MAX {
        desk.must(&agent, vec![resolve(&agent, number)]);
        desk.must(&customer, vec![rate(&customer, number, 4)]);
        desk.refuse(&customer, vec![rate(&customer, number, 5)], "support", 54);
        let again = respond(&desk, &customer, number, &all);
        desk.must(&customer, vec![again]);
        desk.refuse(&customer, vec![rate(&customer, number, 5)], "support", 20);
        assert_eq!(scores(&desk, None), [0, 0, 0, u64::try_from(n).unwrap() + 1, 0]);
    }
    // What an agent's customers said is counted as theirs, and nobody else's.
    assert_eq!(scores(&desk, Some(&agent)), scores(&desk, None));
    assert_eq!(scores(&desk, Some(&admin)), [0; 5]);
    desk.must(&agent, vec![resolve(&agent, number)]);
    desk.refuse(&customer, vec![rate(&customer, number, 4)], "support", 54);
}

#[test]
fn a_resolution_is_rated_until_the_last_second_in_which_it_could_be_reopened() {
    let params = Params::default();
    let window = i64::from(params.reopen_window_days) * DAY;
    for (late, code) in [(0, 0), (1, 54)] {
        let mut cast = cast();
        let number = cast.ticket();
        let Cast { mut desk, admin, agent, customer } = cast;
        desk.must(&admin, vec![assign(&admin, number, &agent)]);
        desk.must(&agent, vec![resolve(&agent, number)]);
        desk.must(&customer, vec![close(&customer, number)]);
        let closed_at = ticket(&desk, number).closed_at;
        // What is sent next stands in a block a second later.
        desk.pass_to(closed_at + window + late - 1);
        let executed = desk.send(&customer, vec![rate(&customer, number, 5)]);
        assert_eq!(desk.time, closed_at + window + late);
        assert_eq!(executed.code, code, "{}", executed.log);
    }
}

#[test]
fn a_link_is_said_the_other_way_round_by_the_other_ticket_and_taken_back() {
    let mut cast = cast();
    cast.ticket();
    let Cast { mut desk, admin, customer, .. } = cast;
    desk.must(
        &admin,
        vec![update_params(&admin, &Params { ticket_cooldown_seconds: 0, ..Params::default() })],
    );
    let second = create(&desk, &customer, &[&admin, &customer]);
    desk.must(&customer, vec![second]);
    let said = [("related", "related"), ("duplicate_of", "duplicated_by"), ("follows_up", "followed_up_by")];
    for (kind, inverse) in said {
        desk.must(&admin, vec![link(&admin, 1, kind, 2, false)]);
        let stands = [1, 2].map(|number| {
            let links = ticket(&desk, number).links;
            links.iter().map(|link| LinkKind::from_wire(link.kind).unwrap().name()).collect::<Vec<_>>()
        });
        assert_eq!(stands, [[kind], [inverse]]);
        for (wrong, _) in said.into_iter().filter(|(wrong, _)| *wrong != kind) {
            desk.refuse(&admin, vec![link(&admin, 1, wrong, 2, true)], "support", 58);
        }
        desk.must(&admin, vec![link(&admin, 1, kind, 2, true)]);
        assert!([1, 2].into_iter().all(|number| ticket(&desk, number).links.is_empty()));
    }
}

#[test]
fn a_ticket_has_so_many_links_on_whichever_side_they_were_made() {
    let Cast { mut desk, admin, customer, .. } = cast();
    let many = u32::try_from(LINKS_PER_TICKET_MAX).unwrap() + 2;
    let params = Params {
        ticket_cooldown_seconds: 0,
        max_tickets_per_customer_per_day: many,
        max_open_tickets_per_customer: many,
        ..Params::default()
    };
    desk.must(&admin, vec![update_params(&admin, &params)]);
    for _ in 0..many {
        let message = create(&desk, &customer, &[&admin, &customer]);
        desk.must(&customer, vec![message]);
    }
    for other in 2..u64::from(many) {
        let (one, other) = if other % 2 == 0 { (1, other) } else { (other, 1) };
        desk.must(&admin, vec![link(&admin, one, "related", other, false)]);
    }
    assert_eq!(ticket(&desk, 1).links.len(), LINKS_PER_TICKET_MAX);
    for (one, other) in [(1, u64::from(many)), (u64::from(many), 1)] {
        desk.refuse(&admin, vec![link(&admin, one, "related", other, false)], "support", 59);
    }
}

#[test]
fn a_ticket_is_put_aside_from_a_second_to_a_year_and_comes_back_in_that_second() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, agent, customer } = cast;
    desk.must(&admin, vec![assign(&admin, number, &agent)]);
    // The message stands in a block a second later.
    let now = desk.time + 1;
    desk.refuse(&agent, vec![snooze(&agent, number, now)], "support", 50);
    let most = desk.time + 1 + 366 * DAY;
    desk.refuse(&agent, vec![snooze(&agent, number, most + 1)], "support", 50);
    let most = desk.time + 1 + 366 * DAY;
    desk.must(&agent, vec![snooze(&agent, number, most)]);
    let until = desk.time + 100;
    desk.must(&agent, vec![snooze(&agent, number, until)]);
    // A note leaves it aside, an answer of anybody's brings it back.
    let message = note(&desk, &agent, number, &[&admin]);
    desk.must(&agent, vec![message]);
    assert_eq!(ticket(&desk, number).snoozed_until, until);
    assert_eq!(desk.begin(until - 1).len(), 0);
    desk.end();
    let events = desk.begin(until);
    desk.end();
    assert_eq!(events.len(), 1, "it is back in the second that was named");
    assert_eq!(ticket(&desk, number).snoozed_until, until, "and since when stays to be seen");
    desk.must(&agent, vec![snooze(&agent, number, desk.time + 100)]);
    let message = respond(&desk, &customer, number, &[&admin, &customer]);
    desk.must(&customer, vec![message]);
    assert_eq!(ticket(&desk, number).snoozed_until, 0);
    // What is closed waits for nothing, and is not aside when it is opened again.
    desk.must(&agent, vec![snooze(&agent, number, desk.time + 1_000)]);
    desk.must(&customer, vec![close(&customer, number)]);
    assert_eq!(ticket(&desk, number).snoozed_until, 0);
    assert_eq!(desk.pass_to(desk.time + 2_000).len(), 0, "it comes back to nobody");
}
