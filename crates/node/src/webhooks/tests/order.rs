//! What arrives: every event, in order, at least once.

use std::time::Duration;

use sealdesk_protocol::json as views;
use sealdesk_protocol::wire::sealdesk::ledger::v1::LedgerEvent;
use serde_json::Value;

use super::super::{Became, Begin, Condition, Endpoint, GoOn, Message, RetryPolicy, State};
use super::kit::{Desk, NOW, Receiver, Rule, quick};
use crate::desk::waiting::until;
use crate::feed::Cursor;
use crate::ledger::Ledger as _;

/// The events that a receiver has taken, as the feed has them.
fn data(receiver: &Receiver) -> Vec<Value> {
    receiver.taken().iter().map(|got| got.json()["data"].clone()).collect()
}

fn all(desk: &Desk) -> Vec<Value> {
    desk.feed(Cursor::start()).iter().map(|event| views::ledger_event(event).unwrap()).collect()
}

async fn takes_all(desk: &Desk, receiver: &Receiver) {
    until("all events", async || {
        let (taken, all) = (data(receiver), all(desk));
        if taken == all { Ok(()) } else { Err((taken.len(), all.len())) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_is_posted_in_order_signed_and_in_the_json_of_rest() {
    let (mut desk, receiver) = (Desk::new(quick()), Receiver::start().await);
    desk.happen(3);
    let id = desk.add(&receiver).await;
    desk.happen(4);
    takes_all(&desk, &receiver).await;
    let taken = receiver.taken();
    assert_eq!(taken.len(), receiver.got().len(), "nothing comes twice where nothing goes wrong");
    for got in &taken {
        assert!(receiver.believes(got), "{got:?}");
        assert_eq!((got.path.as_str(), got.header("content-type")), ("/hooks?key=1", "application/json"));
        let body = got.json();
        assert_eq!(
            (&body["type"], &body["chain_id"]),
            (&body["data"]["type"], &sealdesk_testkit::CHAIN_ID.into())
        );
        assert_eq!(body["timestamp"], views::time(body["data"]["timestamp"].as_i64().unwrap()).unwrap());
        assert!(got.id().starts_with("msg_") && !got.id().contains('.'), "{}", got.id());
    }
    assert!(receiver.connections() < taken.len(), "a connection serves again");
    let state = desk.comes_to(&id, |state| state.delivered == taken.len() as u64).await;
    assert_eq!((state.condition, state.failures), (Condition::Delivering, 0));
    let log = desk.log(&id);
    assert!(log.iter().all(|line| line.became == Became::Delivered && line.status == Some(204)), "{log:?}");
    assert_eq!(log.len(), taken.len());
    assert_eq!(desk.metric("sealdesk_webhook_attempts_total", "delivered"), taken.len().to_string());
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_gets_what_it_names_and_begins_where_it_says() {
    let (mut desk, receiver) = (Desk::new(quick()), Receiver::start().await);
    desk.happen(2);
    let of_all = Receiver::start().await;
    desk.add_with(&receiver, |endpoint| {
        endpoint.types = vec!["virtengine.roles.v1.EventRoleAssigned".to_owned()];
        endpoint.begin = Begin::Now;
    })
    .await;
    desk.add(&of_all).await;
    let of_nothing = Receiver::start().await;
    let of_tickets = vec!["virtengine.support.v1.EventTicketCreated".to_owned()];
    desk.add_with(&of_nothing, |endpoint| endpoint.types = of_tickets).await;
    desk.happen(2);
    takes_all(&desk, &of_all).await;
    receiver.gets(2).await;
    let kinds: Vec<Value> = receiver.got().iter().map(|got| got.json()["type"].clone()).collect();
    assert_eq!(kinds, vec![Value::from("virtengine.roles.v1.EventRoleAssigned"); 2]);
    assert!(of_nothing.got().is_empty(), "nobody wrote a ticket");
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_right_after_a_command_is_posted_though_the_node_looks_later() {
    let look = Duration::from_secs(1);
    let (mut desk, receiver, other) =
        (Desk::new(RetryPolicy { look, ..quick() }), Receiver::start().await, Receiver::start().await);
    let answers = desk.answers_commands();
    desk.happen(2);
    // The node has just looked, when it has begun with this one.
    desk.add(&other).await;
    let now = Endpoint { begin: Begin::Now, ..receiver.endpoint() };
    let before = desk.feed(Cursor::start()).len();
    let (id, _) = desk.webhooks.add(&now, None, NOW).unwrap();
    desk.happen(2);
    let wanted = all(&desk).split_off(before);
    assert_eq!(wanted.len(), 2);
    let got = receiver.gets(2).await;
    assert_eq!(got.iter().map(|got| got.json()["data"].clone()).collect::<Vec<_>>(), wanted);
    // Likewise one that begins anew with what happens from now on, and leaves out what it could not take.
    receiver.answers(Rule::Status(500));
    desk.happen(1);
    desk.comes_to(&id, |state| state.condition == Condition::Failing).await;
    receiver.answers(Rule::Status(204));
    desk.webhooks.enable(&id, GoOn::Now).unwrap();
    desk.happen(1);
    takes_all(&desk, &other).await;
    let last = all(&desk).pop().unwrap();
    until("the last event", async || {
        let taken = data(&receiver);
        if taken.last() == Some(&last) { Ok(()) } else { Err(taken.len()) }
    })
    .await;
    answers.stop();
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_added_while_no_node_runs_begins_where_the_next_one_opens_the_ledger() {
    let (mut desk, receiver) = (Desk::new(quick()), Receiver::start().await);
    desk.happen(2);
    desk.stop().await;
    let id = desk.add_with(&receiver, |endpoint| endpoint.begin = Begin::Now).await;
    assert_eq!(desk.listed(&id).state, None);
    desk.webhooks.settle(desk.solo.height());
    let settled = desk.state(&id);
    assert_eq!(settled.cursor, Cursor::after_block(desk.solo.height()));
    // What comes between that and the first look at the files is not lost, nor does a later start move the place.
    desk.happen(1);
    desk.webhooks.settle(desk.solo.height());
    assert_eq!(desk.state(&id), settled);
    desk.start();
    receiver.gets(1).await;
    assert_eq!(data(&receiver), all(&desk).split_off(2));
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_arrive_is_tried_again_and_nothing_overtakes_it() {
    let (mut desk, receiver) = (Desk::new(quick()), Receiver::start().await);
    let fails = [500, 503, 404, 429].map(Rule::Status).to_vec();
    receiver.answers(Rule::InTurn([fails, vec![Rule::Status(200)]].concat()));
    desk.happen(3);
    let id = desk.add(&receiver).await;
    takes_all(&desk, &receiver).await;
    let got = receiver.got();
    assert!(got[..5].windows(2).all(|pair| pair[0].id() == pair[1].id() && pair[0].body == pair[1].body));
    assert!(got.iter().all(|got| receiver.believes(got)), "each attempt is signed with its own time");
    desk.comes_to(&id, |state| state.condition == Condition::Delivering && state.failures == 0).await;
    let log = desk.log(&id);
    let attempts: Vec<_> = log[..5].iter().map(|line| (line.attempt, line.became, line.status)).collect();
    let failed = |n: u32, status| (n, Became::Failed, Some(status));
    assert_eq!(
        attempts,
        [failed(1, 500), failed(2, 503), failed(3, 404), failed(4, 429), (5, Became::Delivered, Some(200))]
    );
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_says_when_it_wants_to_be_asked_again() {
    let (mut desk, receiver) = (Desk::new(quick()), Receiver::start().await);
    let later = Rule::With(503, "retry-after", "2".to_owned());
    receiver.answers(Rule::InTurn(vec![later, Rule::Status(200)]));
    desk.happen(1);
    desk.add(&receiver).await;
    takes_all(&desk, &receiver).await;
    let got = receiver.got();
    let pause = got[1].at - got[0].at;
    assert!(pause >= Duration::from_millis(1_900), "{pause:?}");
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_hangs_holds_up_nobody_else() {
    let (mut desk, hanging, other) = (
        Desk::new(RetryPolicy { wait: Duration::from_secs(30), ..quick() }),
        Receiver::start().await,
        Receiver::start().await,
    );
    hanging.answers(Rule::Hang);
    desk.happen(2);
    desk.add(&hanging).await;
    desk.add(&other).await;
    hanging.gets(1).await;
    desk.happen(5);
    takes_all(&desk, &other).await;
    assert_eq!(hanging.got().len(), 1, "one at a time");
    // A node that stops does not wait for it either.
    crate::desk::waiting::within("the end", desk.stop()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_is_given_up_and_tried_again() {
    let policy = RetryPolicy { wait: Duration::from_millis(200), ..quick() };
    let (mut desk, receiver) = (Desk::new(policy), Receiver::start().await);
    receiver.answers(Rule::InTurn(vec![Rule::Hang, Rule::Hang, Rule::Status(200)]));
    desk.happen(1);
    let id = desk.add(&receiver).await;
    takes_all(&desk, &receiver).await;
    assert!(desk.log(&id)[0].detail.contains("no answer within"), "{:?}", desk.log(&id));
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_ends_at_any_moment_loses_nothing() {
    let (mut desk, receiver) = (Desk::new(quick()), Receiver::start().await);
    desk.add(&receiver).await;
    for round in 0..8_u16 {
        desk.happen(3);
        receiver.gets(usize::from(round)).await;
        if round % 2 == 0 {
            // As after a power cut: nothing more is kept.
            desk.halt();
        } else {
            desk.stop().await;
        }
        desk.happen(1);
        desk.start();
    }
    takes_all(&desk, &receiver).await;
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_away_for_long_gets_everything_from_the_ledger() {
    let (mut desk, receiver) = (Desk::new(quick()), Receiver::start().await);
    receiver.answers(Rule::Status(500));
    let id = desk.add(&receiver).await;
    desk.happen(400);
    let state = desk.comes_to(&id, |state| state.condition == Condition::Failing).await;
    until("how far behind it is", async || {
        let behind = desk.metric("sealdesk_webhook_blocks_behind", "");
        if behind.parse::<u64>().unwrap() > 100 { Ok(()) } else { Err(behind) }
    })
    .await;
    assert!(state.next_try.is_some() && state.failing_since.is_some());
    receiver.answers(Rule::Status(200));
    takes_all(&desk, &receiver).await;
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_dropped_meanwhile_is_passed_over_and_the_log_says_so() {
    let (mut desk, receiver) = (Desk::new(quick()), Receiver::start().await);
    desk.happen(20);
    let dropped = desk.solo.prune(5).unwrap();
    desk.happen(1);
    let id = desk.add(&receiver).await;
    let rest = desk.feed(Cursor::after_block(dropped));
    receiver.gets(rest.len()).await;
    assert_eq!(data(&receiver).len(), rest.len());
    let log = desk.log(&id);
    assert_eq!(log[0].became, Became::PassedOver);
    assert!(log[0].detail.contains(&format!("before block {}", dropped + 1)), "{log:?}");
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_ahead_of_a_restored_ledger_goes_back_to_its_end_and_the_log_says_so() {
    let (mut desk, receiver, named) = (Desk::new(quick()), Receiver::start().await, Receiver::start().await);
    desk.happen(3);
    let id = desk.add(&receiver).await;
    let state = desk.comes_to(&id, |state| state.delivered == 3).await;
    desk.stop().await;
    // What it would be after the ledger went on by 30 blocks, and the home got its data folder from before them.
    let end = desk.solo.height();
    let ahead = State { cursor: Cursor::after_block(end + 30), ..state };
    desk.webhooks.save(&id, &ahead).unwrap();
    desk.start();
    // An operator may name such a place, too.
    let later = desk.add_with(&named, |endpoint| endpoint.begin = Begin::After(ahead.cursor)).await;
    for id in [&id, &later] {
        until("a line of it", async || {
            let log = desk.log(id);
            if log.iter().any(|line| line.became == Became::SetBack) { Ok(()) } else { Err(log) }
        })
        .await;
    }
    desk.happen(2);
    takes_all(&desk, &receiver).await;
    named.gets(2).await;
    assert_eq!(desk.state(&id).revision, ahead.revision);
    let log = desk.log(&id);
    let set_back: Vec<_> = log.iter().filter(|line| line.became == Became::SetBack).collect();
    let [line] = set_back.as_slice() else { panic!("{log:?}") };
    for height in [end, end + 1, end + 30] {
        assert!(line.detail.contains(&height.to_string()), "{line:?}");
    }
    desk.stop().await;
}

#[tokio::test]
async fn another_event_at_the_same_place_has_another_name() {
    let mut desk = Desk::new(quick());
    desk.happen(1);
    desk.stop().await;
    let chain = desk.solo.handle().machine().chain_id().clone();
    let event = desk.feed(Cursor::start()).remove(0);
    let name = |event: &LedgerEvent| Message::of_event(&chain, event).unwrap().id;
    let first = name(&event);
    assert_eq!(first, name(&event.clone()));
    // After an earlier backup was restored, the block may be made again with something else, or at another time.
    let later = LedgerEvent { timestamp: event.timestamp + 1, ..event.clone() };
    let by_another = LedgerEvent { tx_hash: "0".repeat(64), ..event.clone() };
    for other in [later, by_another] {
        assert_ne!(first, name(&other), "a receiver who drops what came twice would drop it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gone_disables_an_endpoint_until_the_operator_has_it_go_on() {
    let (mut desk, receiver) = (Desk::new(quick()), Receiver::start().await);
    receiver.answers(Rule::InTurn(vec![Rule::Status(200), Rule::Status(410)]));
    desk.happen(4);
    let id = desk.add(&receiver).await;
    let state = desk.comes_to(&id, |state| state.condition == Condition::Disabled).await;
    assert!(state.why.contains("410"), "{state:?}");
    desk.happen(1);
    desk.stop().await;
    desk.start();
    until("the count", async || {
        let disabled = desk.metric("sealdesk_webhook_endpoints", "disabled");
        if disabled == "1" { Ok(()) } else { Err(disabled) }
    })
    .await;
    assert_eq!(receiver.got().len(), 2, "a start of the node changes nothing");
    receiver.answers(Rule::Status(200));
    desk.webhooks.enable(&id, GoOn::Where).unwrap();
    takes_all(&desk, &receiver).await;
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_in_which_the_node_stood_still_is_none_of_failures() {
    let (mut desk, receiver) = (Desk::new(quick()), Receiver::start().await);
    receiver.answers(Rule::Status(500));
    let id = desk.add(&receiver).await;
    desk.happen(1);
    desk.comes_to(&id, |state| state.failures > 1).await;
    desk.stop().await;
    // It is a week later.
    let (week, mut state) = (7 * 86_400_000, desk.state(&id));
    state.failing_since = state.failing_since.map(|since| since - week);
    state.next_try = state.next_try.map(|at| at - week);
    desk.webhooks.save(&id, &state).unwrap();
    desk.start();
    let later = desk.comes_to(&id, |now| now.failures > state.failures + 2).await;
    assert_eq!(
        (later.condition, later.failing_since),
        (Condition::Failing, state.failing_since),
        "{later:?}"
    );
    receiver.answers(Rule::Status(200));
    takes_all(&desk, &receiver).await;
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_alone_end_some_day_and_one_event_can_be_skipped() {
    let policy = RetryPolicy { give_up: Duration::from_millis(300), ..quick() };
    let (mut desk, receiver) = (Desk::new(policy), Receiver::start().await);
    receiver.answers(Rule::Status(400));
    desk.happen(2);
    let id = desk.add(&receiver).await;
    let state = desk.comes_to(&id, |state| state.condition == Condition::Disabled).await;
    assert!(state.failures > 2 && state.why.contains("400"), "{state:?}");
    let poison = receiver.got()[0].id().to_owned();
    receiver.answers(Rule::Status(200));
    desk.webhooks.enable(&id, GoOn::AfterTried).unwrap();
    let count = all(&desk).len();
    until("the rest", async || {
        let taken = receiver.taken().len();
        if taken == count - 1 { Ok(()) } else { Err(taken) }
    })
    .await;
    assert!(receiver.taken().iter().all(|got| got.id() != poison));
    assert!(desk.webhooks.enable(&id, GoOn::AfterTried).is_err(), "nothing is tried any more");
    desk.stop().await;
}
