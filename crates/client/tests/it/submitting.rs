//! Whatever the network loses and whoever comes first: one inclusion.

use std::collections::VecDeque;
use std::time::Duration;

use proptest::prelude::*;
use sealdesk_client::Error;
use sealdesk_client::desk::Desk;
use sealdesk_client::messages::{NewResponse, NewTicket};
use sealdesk_client::node::PATIENCE_SECONDS_DEFAULT;
use sealdesk_client::outcome::Outcome;
use sealdesk_client::receipt::TicketReceipt;
use sealdesk_client::trust::Trust;
use sealdesk_client::verify::VerifyError;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::receipt;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;

use crate::world::{Fault, Lie, Shared, people, prefix, read};

fn ticket() -> NewTicket {
    NewTicket::new("technical", "It does not start", "Since this morning.")
}

/// Creates a ticket over a network that fails as told, on a clock that jumps.
fn create_over(script: &[Fault], lost_lookups: u32) -> (Shared, Result<Outcome, Error>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let shared = Shared::new();
    let result = runtime.unwrap().block_on(async {
        let desk = shared.desk().await;
        shared.lock().script = VecDeque::from(script.to_vec());
        shared.lock().lost_lookups = lost_lookups;
        desk.create_ticket(&people().customer, &ticket()).await
    });
    (shared, result)
}

fn assert_once(script: &[Fault], lost_lookups: u32) {
    let (shared, result) = create_over(script, lost_lookups);
    let outcome = result.unwrap_or_else(|error| panic!("{script:?}: {error}"));
    // What is still on its way may arrive now: it must change nothing any more.
    let mut world = shared.lock();
    for (_, late) in std::mem::take(&mut world.pending) {
        world.deliver(&late);
    }
    assert_eq!(world.tickets(), 1, "{script:?}");
    assert_eq!(outcome.code, 0, "{script:?}");
    assert_eq!(world.txs[&outcome.txhash].code, 0, "{script:?}");
    assert_eq!(outcome.ticket_id.unwrap().to_string(), "TKT-00000001", "{script:?}");
    let keys: ledger::KeyList = read(world.state(), &tree::keys(&people().customer.address(&prefix())));
    assert_eq!(keys.keys.len(), 1, "the key is registered once: {script:?}");
}

#[test]
fn a_retry_after_an_unknown_outcome_never_submits_twice() {
    for first in Fault::ALL {
        for second in Fault::ALL {
            for third in Fault::ALL {
                assert_once(&[first, second, third], 0);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn long_runs_of_bad_luck_end_in_one_inclusion(
        script in prop::collection::vec(prop::sample::select(Fault::ALL.to_vec()), 3..9),
        lost_lookups in 0_u32..4,
    ) {
        assert_once(&script, lost_lookups);
    }
}

/// A program ends while it sends a ticket; the next one sends the ticket again at once, over a network that fails as told.
async fn send_again_over(script: &[Fault], arrives_first: bool) {
    let (customer, written) = (&people().customer, ticket());
    let shared = Shared::new();
    let desk = shared.desk().await;
    shared.lock().script = VecDeque::from([Fault::Silence]);
    let ended = tokio::time::timeout(Duration::from_secs(1), desk.create_ticket(customer, &written)).await;
    assert!(ended.is_err(), "{script:?}");
    let late = shared.lock().sent[0].clone();
    let next = shared.desk().await;
    let sequence = next.sequence(&customer.address(&prefix())).await.unwrap();
    if arrives_first {
        shared.lock().deliver(&late);
    }
    shared.lock().script = VecDeque::from(script.to_vec());
    let again = next.only_at(sequence).create_ticket(customer, &written).await;
    let mut world = shared.lock();
    for (_, other) in std::mem::take(&mut world.pending) {
        world.deliver(&other);
    }
    world.deliver(&late);
    assert_eq!(world.tickets(), u64::from(arrives_first || again.is_ok()), "{script:?} {arrives_first}");
    let Err(error) = again else { return };
    // Whoever hears this looks again, and reads the sequence anew.
    let passed = error.refusal().is_some_and(|refusal| refusal.codespace == "sdk" && refusal.code == 32);
    assert!(passed, "{script:?} {arrives_first}: {error}");
    let uses_it = |fault: &Fault| matches!(fault, Fault::Rival | Fault::NewReader);
    assert!(arrives_first || script.iter().any(uses_it), "{script:?}: {error}");
}

#[test]
fn what_is_sent_again_with_its_sequence_never_stands_beside_what_arrives_late() {
    for first in Fault::ALL {
        for second in Fault::ALL {
            for arrives_first in [false, true] {
                let runtime =
                    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
                runtime.unwrap().block_on(send_again_over(&[first, second], arrives_first));
            }
        }
    }
}

#[test]
fn ten_seconds_without_an_answer_end_with_the_hash_and_the_sequence() {
    for script in [[Fault::LostRequest; 3], [Fault::Silence; 3], [Fault::LostAnswer; 3]] {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let shared = Shared::new();
            let desk = shared.desk().await;
            shared.lock().script = VecDeque::from(script.to_vec());
            shared.lock().lost_lookups = u32::MAX;
            let before = tokio::time::Instant::now();
            let error = desk.create_ticket(&people().customer, &ticket()).await.unwrap_err();
            let waited = before.elapsed().as_secs();
            let Error::Unanswered { txhash, sequence, node, seconds } = error else { panic!("{error}") };
            assert_eq!((sequence, node.as_str(), seconds), (0, "http://fake:1", PATIENCE_SECONDS_DEFAULT));
            assert_eq!(waited, PATIENCE_SECONDS_DEFAULT, "{script:?}");
            // What the error says is enough to find out what became of it.
            shared.lock().lost_lookups = 0;
            let found = desk.node().get_tx(txhash).await.unwrap();
            assert_eq!(found.is_some(), script[0] == Fault::LostAnswer);
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_looks_up_and_never_takes_anything_is_waited_for_three_times_as_long() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    shared.lock().script = VecDeque::from(vec![Fault::Silence; 60]);
    let before = tokio::time::Instant::now();
    let error = desk.create_ticket(&people().customer, &ticket()).await.unwrap_err();
    let Error::Unanswered { seconds, .. } = error else { panic!("{error}") };
    let waited = before.elapsed().as_secs();
    assert_eq!(seconds, 3 * PATIENCE_SECONDS_DEFAULT);
    // The first broadcast, which brought the doubt, took a half of the patience.
    assert!((seconds..=4 * PATIENCE_SECONDS_DEFAULT).contains(&waited), "{waited}");
}

#[tokio::test(start_paused = true)]
async fn a_node_that_denies_what_it_took_cannot_make_the_client_send_it_again() {
    // Refused for its sequence, waiting already, or no room: each time the ledger itself is asked.
    for code in [32, 19, 20] {
        let shared = Shared::new();
        let desk = shared.desk().await;
        shared.lock().lie = Some(Lie::DeniedTx(code));
        let customer = &people().customer;
        let outcome = desk.create_ticket(customer, &ticket()).await.unwrap();
        let id = outcome.ticket_id.unwrap();
        assert_eq!((shared.lock().tickets(), outcome.code, id.number()), (1, 0, 1), "{code}");
        assert!(shared.lock().txs.contains_key(&outcome.txhash));
        for index in 0..2 {
            let outcome = desk.respond(customer, id, &NewResponse::new("Still.")).await.unwrap();
            assert_eq!(outcome.response_index, Some(index), "{code}");
        }
        shared.lock().lie = None;
        assert_eq!(desk.ticket(id).await.unwrap().response_count, 2, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_forgot_what_happened_cannot_make_the_client_send_it_again() {
    // It happens, the answer is lost, and who is asked then joined by state sync later: it knows of no such transaction.
    let shared = Shared::new();
    let desk = shared.desk().await;
    let (customer, admin) = (&people().customer, &people().admin);
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    let agent = people().agent.address(&prefix());
    let sent = shared.lock().txs.len();
    shared.lock().history_from = 1_000;
    for attempt in 1..=2 {
        shared.lock().script = VecDeque::from([Fault::LostAnswer]);
        let error = match attempt {
            1 => desk.create_ticket(customer, &ticket()).await.unwrap_err(),
            _ => desk.assign(admin, id, &agent).await.map(drop).unwrap_err(),
        };
        assert!(matches!(error, Error::Unanswered { .. }), "{error}");
        assert_eq!(shared.lock().txs.len(), sent + attempt, "once and not twice");
    }
    assert_eq!(shared.lock().tickets(), 2);
    // What never reached it is sent again, since its sequence shows that it was not used.
    shared.lock().script = VecDeque::from([Fault::LostRequest, Fault::LostRequest]);
    assert!(desk.create_ticket(customer, &ticket()).await.is_ok());
    // A history that begins no later than the facts were read tells as much as a whole one.
    let known = shared.lock().height();
    shared.lock().history_from = known;
    shared.lock().script = VecDeque::from([Fault::LostAnswer, Fault::Rival]);
    assert!(desk.create_ticket(customer, &ticket()).await.is_ok());
    assert_eq!(shared.lock().tickets(), 4);
}

#[tokio::test(start_paused = true)]
async fn two_transactions_in_flight_land_once_each_on_their_own_sequence() {
    let shared = Shared::new();
    let (one, other) = (shared.desk().await, shared.desk().await);
    let (customer, ticket) = (&people().customer, ticket());
    let (a, b) = tokio::join!(one.create_ticket(customer, &ticket), other.create_ticket(customer, &ticket));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_ne!(a.ticket_id, b.ticket_id);
    let world = shared.lock();
    assert_eq!(world.tickets(), 2);
    let account: ledger::AccountRecord = read(world.state(), &tree::account(&customer.address(&prefix())));
    assert_eq!(account.sequence, u64::try_from(world.txs.len()).unwrap(), "every sequence in one block");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_no_retry_heals_is_told_at_once() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let id = sealdesk_protocol::ids::TicketId::new(9).unwrap();
    let agent = people().agent.address(&prefix());
    let error = desk.assign(&people().admin, id, &agent).await.unwrap_err();
    assert!(matches!(error, Error::NoSuchTicket(missing) if missing == id), "{error}");
    assert_eq!(shared.lock().txs.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn without_an_administrator_who_can_read_nothing_is_sent() {
    let shared = Shared::new();
    let admin = people().admin.address(&prefix());
    shared.lock().change(|state| {
        state.remove(&tree::keys(&admin));
    });
    let desk = shared.desk().await;
    let error = desk.create_ticket(&people().customer, &ticket()).await.unwrap_err();
    assert!(error.to_string().contains("no active administrator"), "{error}");
    assert_eq!(shared.lock().txs.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_changed_validator_set_is_shown_with_old_and_new() {
    let shared = Shared::new();
    let pin = shared.desk().await.pin();
    shared.lock().usurped = true;
    let trust = Trust::Pinned(Box::new(pin.clone()));
    let error = sealdesk_client::desk::Desk::open(shared.node(), trust).await.err().unwrap();
    let Error::Verify(sealdesk_client::verify::VerifyError::ValidatorsChanged { chain_id, pinned, found }) =
        &error
    else {
        panic!("{error}")
    };
    assert_eq!(
        (chain_id, pinned.as_str()),
        (pin.chain_id(), hex::encode_upper(pin.validators_hash).as_str())
    );
    assert_ne!(pinned, found);
    assert!(error.to_string().contains(pinned.as_str()) && error.to_string().contains(found.as_str()));
    let trusting = sealdesk_client::desk::Desk::open(shared.node(), Trust::NodeTrusted).await;
    assert!(trusting.is_ok());
}

#[tokio::test(start_paused = true)]
async fn validators_who_were_handed_the_ledger_are_believed_and_the_pin_moves_on_to_them() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let before = desk.pin();
    // While a desk is open, and all of it at once.
    shared.lock().hand_over(11);
    desk.create_ticket(&people().customer, &ticket()).await.unwrap();
    let between = desk.pin();
    assert_ne!(between.validators_hash, before.validators_hash);
    // And twice while nobody looked.
    shared.lock().hand_over(12);
    shared.lock().hand_over(13);
    for trust in [before, between] {
        let desk = Desk::open(shared.node(), Trust::Pinned(Box::new(trust.clone()))).await.unwrap();
        assert!(desk.pin().height >= trust.height);
        assert_ne!(desk.pin().validators_hash, trust.validators_hash);
        let receipt = desk.receipt(TicketId::new(1).unwrap()).await.unwrap();
        let genesis = receipt::Trust::Pinned { validators_hash: trust.validators_hash, chain_id: None };
        let receipt = TicketReceipt::verify(&receipt, &genesis).unwrap();
        assert!(
            receipt
                .proves(&|at| at.to_string())
                .iter()
                .any(|sentence| sentence.contains("handed the ledger over"))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn validators_of_whom_no_handover_is_shown_are_not_believed() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    shared.lock().hand_over(11);
    shared.lock().silent_on_handovers = true;
    let error = desk.params().await.err().unwrap();
    assert!(matches!(error, Error::Verify(VerifyError::ValidatorsChanged { .. })), "{error}");
    // Nor those whom others name than were pinned.
    shared.lock().silent_on_handovers = false;
    shared.lock().usurped = true;
    let error = desk.params().await.err().unwrap();
    assert!(matches!(error, Error::Verify(VerifyError::ValidatorsChanged { .. })), "{error}");
}

#[tokio::test(start_paused = true)]
async fn validators_who_gave_the_ledger_back_before_it_was_pinned_are_not_believed_again() {
    let shared = Shared::new();
    shared.lock().hand_over(11);
    shared.lock().hand_over(7);
    let desk = shared.desk().await;
    let pin = desk.pin();
    // Whoever has the keys of those between shows how they got the ledger, and not how they lost it.
    shared.lock().successors.pop();
    shared.lock().change(|_| {});
    let opened = Desk::open(shared.node(), Trust::Pinned(Box::new(pin.clone()))).await.err().unwrap();
    for error in [opened, desk.params().await.err().unwrap()] {
        assert!(matches!(error, Error::Verify(VerifyError::ValidatorsChanged { .. })), "{error}");
    }
    assert_eq!(desk.pin(), pin);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_was_set_back_is_not_believed() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    desk.create_ticket(&people().customer, &ticket()).await.unwrap();
    desk.params().await.unwrap();
    let pin = desk.pin();
    assert!(shared.lock().states.pop().is_some());
    let error =
        sealdesk_client::desk::Desk::open(shared.node(), Trust::Pinned(Box::new(pin))).await.err().unwrap();
    assert!(matches!(error, Error::Verify(sealdesk_client::verify::VerifyError::Stale { .. })), "{error}");
    assert!(desk.params().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_height_that_only_the_node_names_spoils_no_pin() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    shared.lock().boast = 1 << 40;
    let outcome = desk.create_ticket(&people().customer, &ticket()).await.unwrap();
    assert!(outcome.height > 1 << 40);
    assert!(desk.params().await.is_ok());
    assert_eq!(desk.pin().height, shared.lock().height());
}

#[tokio::test(start_paused = true)]
async fn every_call_can_be_made_from_a_spawned_task() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let task = tokio::spawn(async move {
        let (admin, agent) = (&people().admin, people().agent.address(&prefix()));
        let id = desk.create_ticket(&people().customer, &ticket()).await.unwrap().ticket_id.unwrap();
        desk.assign(admin, id, &agent).await.unwrap();
        desk.close(admin, id, "").await.unwrap();
        desk.grant_all(admin, &admin.address(&prefix()), None, &mut |_| {}).await.unwrap();
        (desk.read(admin, id).await.unwrap().messages.len(), desk.receipt(id).await.unwrap().len())
    });
    let (messages, bytes) = task.await.unwrap();
    assert!(messages == 1 && bytes > 500);
}

#[tokio::test(start_paused = true)]
async fn a_proof_that_is_not_made_yet_is_waited_for_as_long_as_the_patience() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    // The block that proves the newest state comes late, and the node does not wait for it as long.
    shared.lock().unproven = 5;
    assert!(desk.params().await.is_ok());
    for seconds in [1, PATIENCE_SECONDS_DEFAULT, 100] {
        shared.lock().unproven = u32::MAX;
        let node = shared.node().with_patience(Duration::from_secs(seconds));
        let begun = tokio::time::Instant::now();
        let error = Desk::open(node, Trust::FirstUse).await.err().unwrap();
        assert!(error.to_string().contains("is not made yet"), "{error}");
        assert_eq!(begun.elapsed().as_secs(), seconds);
    }
}
