//! The embedded ledger, driven without threads: when it makes blocks, what they prove, and whose transactions are in them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::desk::{self, BEGIN, Memory, Told, clock, execute, open, root, settle, submit};
use proptest::prelude::*;
use sealdesk_node::clock::Clock;
use sealdesk_node::ledger::NEWCOMER_TXS_MAX;
use sealdesk_node::solo::driver::Driver;
use sealdesk_node::solo::{SENDER_TXS_MAX, Setup, Solo, SubmitError, Submitted, TxOutcome};
use sealdesk_protocol::tx::TxHash;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::transaction::appointment;
use sealdesk_testkit::waiting::PATIENCE;

fn code(error: SubmitError) -> (String, u32) {
    match error {
        SubmitError::Refused(refusal) => (refusal.codespace().to_owned(), refusal.code()),
        other => panic!("not a refusal: {other}"),
    }
}

#[test]
fn block_1_stands_before_anyone_asks_and_proves_the_genesis() {
    let solo = open(Memory::default().disks(), &clock()).unwrap();
    assert_eq!(solo.height(), 1);
    assert!(solo.handle().view().tip().proves_itself());
    assert_eq!(solo.next_block_in(), None);
}

#[test]
fn a_transaction_is_on_the_ledger_when_its_sender_is_told() {
    let clock = clock();
    let mut solo = open(Memory::default().disks(), &clock).unwrap();
    let told = submit(&solo, &Person::number(0).appoint(0, &Person::number(1))).unwrap();
    assert_eq!(solo.next_block_in(), Some(0), "an idle ledger makes a block at once");
    assert!(told.all().is_empty());
    solo.make_block().unwrap();
    let record = told.record();
    assert_eq!((record.code, record.height, record.log.as_str()), (0, 2, ""));
}

#[test]
fn a_change_is_followed_by_one_block_that_proves_it_and_no_empty_one() {
    let clock = clock();
    let mut solo = open(Memory::default().disks(), &clock).unwrap();
    let before = root(&solo);
    execute(&mut solo, &clock, &Person::number(0).appoint(0, &Person::number(1)));
    assert_ne!(root(&solo), before);
    assert_eq!(solo.height(), 3, "one block for the transaction, one that proves it");
    assert!(solo.handle().view().tip().proves_itself());
    clock.advance(3_600_000);
    assert_eq!(solo.next_block_in(), None);
    assert_eq!(solo.make_block().unwrap(), None);
    assert_eq!(solo.height(), 3);
}

#[test]
fn two_transactions_of_one_sender_in_flight_both_land() {
    let clock = clock();
    let mut solo = open(Memory::default().disks(), &clock).unwrap();
    let admin = Person::number(0);
    let told = [1, 2, 3]
        .map(|n| submit(&solo, &admin.appoint(n - 1, &Person::number(n.try_into().unwrap()))).unwrap());
    settle(&mut solo, &clock);
    assert_eq!(told.map(|told| told.record().code), [0, 0, 0]);
}

#[test]
fn a_sequence_that_is_used_or_skipped_is_refused() {
    let clock = clock();
    let mut solo = open(Memory::default().disks(), &clock).unwrap();
    let (admin, agent) = (Person::number(0), Person::number(1));
    let sequence_code = ("sdk".to_owned(), 32);
    assert_eq!(code(submit(&solo, &admin.appoint(1, &agent)).err().unwrap()), sequence_code);
    assert_eq!(code(submit(&solo, &admin.appoint(u64::MAX, &agent)).err().unwrap()), sequence_code);
    submit(&solo, &admin.appoint(0, &agent)).unwrap();
    assert_eq!(code(submit(&solo, &admin.suspend(0, &agent)).err().unwrap()), sequence_code);
    settle(&mut solo, &clock);
    assert_eq!(code(submit(&solo, &admin.suspend(0, &agent)).err().unwrap()), sequence_code);
    assert_eq!(execute(&mut solo, &clock, &admin.suspend(1, &agent)).code, 0);
}

#[test]
fn the_same_transaction_sent_twice_has_one_outcome_for_both() {
    let clock = clock();
    let mut solo = open(Memory::default().disks(), &clock).unwrap();
    let tx = Person::number(0).appoint(0, &Person::number(1));
    let (first, second, third) = (Told::default(), Told::default(), Told::default());
    let hash = TxHash::of(&tx);
    assert_eq!(solo.handle().submit(&tx, first.waiter()).unwrap(), Submitted::New(hash));
    assert_eq!(solo.handle().submit(&tx, second.waiter()).unwrap(), Submitted::Waiting(hash));
    settle(&mut solo, &clock);
    let height = solo.height();
    let committed = Submitted::Committed { hash, height: first.record().height.try_into().unwrap() };
    assert_eq!(solo.handle().submit(&tx, third.waiter()).unwrap(), committed);
    settle(&mut solo, &clock);
    assert_eq!(solo.height(), height, "nothing is executed twice");
    assert_eq!(first.record(), second.record());
    assert_eq!(first.record(), third.record());
}

#[test]
fn who_submits_one_transaction_again_and_again_fills_no_memory() {
    let clock = clock();
    let mut solo = open(Memory::default().disks(), &clock).unwrap();
    let tx = Person::number(0).appoint(0, &Person::number(1));
    let told: Vec<Told> = (0..40).map(|_| submit(&solo, &tx).unwrap()).collect();
    let sent_away = told.iter().take_while(|told| matches!(told.all()[..], [TxOutcome::Unknown(_)])).count();
    assert_eq!(sent_away, 40 - 16, "who has waited longest looks it up");
    settle(&mut solo, &clock);
    assert!(told[sent_away..].iter().all(|told| told.record().code == 0));
}

#[test]
fn a_flood_of_one_sender_does_not_keep_another_waiting() {
    let clock = clock();
    let mut solo = open(Memory::default().disks(), &clock).unwrap();
    let (flooder, honest) = (Person::number(5), Person::number(6));
    let mut taken = 0;
    for sequence in 0..200 {
        taken += usize::from(submit(&solo, &flooder.attempt(sequence, &honest)).is_ok());
    }
    assert_eq!(taken, NEWCOMER_TXS_MAX, "an account that is new to the ledger has few");
    assert_eq!(code(submit(&solo, &flooder.attempt(8, &honest)).err().unwrap()), ("sdk".to_owned(), 20));
    let known = Person::number(0);
    let attempts = (0..200).filter(|sequence| submit(&solo, &known.attempt(*sequence, &honest)).is_ok());
    assert_eq!(attempts.count(), SENDER_TXS_MAX);
    let told = submit(&solo, &honest.attempt(0, &honest)).unwrap();
    solo.make_block().unwrap();
    let record = told.record();
    assert_eq!((record.height, record.index), (2, 2), "third in the next block");
    assert_ne!(record.code, 0, "there is no such ticket, but the transaction is on the ledger");
}

#[test]
fn many_transactions_with_one_sequence_cost_one_place() {
    let clock = clock();
    let mut solo = open(Memory::default().disks(), &clock).unwrap();
    let (flooder, honest) = (Person::number(5), Person::number(6));
    let taken = (0..300).filter(|n| submit(&solo, &flooder.attempt(0, &Person::number(*n))).is_ok()).count();
    assert_eq!(taken, 1);
    let told = submit(&solo, &honest.attempt(0, &honest)).unwrap();
    solo.make_block().unwrap();
    assert_eq!(told.record().index, 1);
}

#[test]
fn checking_transactions_changes_no_state() {
    let clock = clock();
    let mut solo = open(Memory::default().disks(), &clock).unwrap();
    let before = root(&solo);
    for n in 0..50 {
        let _ = submit(&solo, &Person::number(n).attempt(u64::from(n % 3), &Person::number(9)));
        let _ = submit(&solo, &vec![0; usize::from(n)]);
    }
    assert_eq!((root(&solo), solo.height()), (before, 1));
    settle(&mut solo, &clock);
}

#[test]
fn a_transaction_whose_time_is_over_is_dropped_and_so_is_what_follows_it() {
    let clock = clock();
    let mut solo = open(Memory::default().disks(), &clock).unwrap();
    let (admin, other) = (Person::number(0), Person::number(3));
    let late = admin.sign(0, &[appointment(&admin, &other)], 2);
    let told = [late, admin.appoint(1, &other)].map(|tx| submit(&solo, &tx).unwrap());
    // Block 2 is made by someone else's transaction before these two are picked: here the pool is emptied by a later height.
    let first = solo.make_block().unwrap().unwrap();
    assert_eq!(first.txs, 2);
    assert_eq!(told.map(|told| told.record().height), [2, 2]);
    let late = admin.sign(2, &[appointment(&admin, &other)], 2);
    assert_eq!(code(submit(&solo, &late).err().unwrap()), ("sdk".to_owned(), 30));
}

#[test]
fn block_time_never_stands_still_or_runs_back_whatever_the_clock_does() {
    let clock = clock();
    let mut solo = open(Memory::default().disks(), &clock).unwrap();
    let admin = Person::number(0);
    let mut last = solo.handle().view().tip().time;
    let steps = [0, -3_600_000, i64::MIN / 2, 0, BEGIN * 1_000, i64::MAX, 253_402_300_799_000];
    for (sequence, now) in (0..).zip(steps) {
        clock.set(now);
        execute(&mut solo, &clock, &admin.appoint(sequence, &Person::number(1)));
        let time = solo.handle().view().tip().time;
        assert!(time > last, "clock at {now}");
        last = time;
    }
}

#[test]
fn a_closed_ledger_takes_nothing_and_tells_who_waits() {
    let clock = clock();
    let solo = open(Memory::default().disks(), &clock).unwrap();
    let told = submit(&solo, &Person::number(0).appoint(0, &Person::number(1))).unwrap();
    solo.handle().close();
    assert!(matches!(told.all().as_slice(), [TxOutcome::Unknown(_)]));
    let refused = submit(&solo, &Person::number(0).appoint(0, &Person::number(1)));
    assert!(matches!(refused.err(), Some(SubmitError::Stopped(_))));
}

/// A defect: asking for the time panics once it is broken.
#[derive(Clone, Default)]
struct BrokenClock(Arc<AtomicBool>);

impl Clock for BrokenClock {
    fn now(&self) -> i64 {
        assert!(!self.0.load(Ordering::SeqCst), "the clock is broken");
        BEGIN * 1_000
    }

    fn uptime(&self) -> i64 {
        0
    }
}

#[test]
fn a_ledger_whose_thread_panics_takes_nothing_more_and_tells_everyone() {
    let clock = BrokenClock::default();
    let (disks, broken) = (Memory::default().disks(), clock.0.clone());
    let setup = Setup { disks, genesis: desk::genesis(), key: desk::validator(), clock: Arc::new(clock) };
    let solo = Solo::open(setup).unwrap();
    broken.store(true, Ordering::SeqCst);
    let told = submit(&solo, &Person::number(0).appoint(0, &Person::number(1))).unwrap();
    let (ended, reason) = std::sync::mpsc::channel();
    let driver = Driver::start(solo, move |reason| ended.send(reason).unwrap()).unwrap();
    let reason = reason.recv_timeout(PATIENCE).expect("the driver ends").unwrap();
    assert!(reason.contains("panicked"), "{reason}");
    assert!(matches!(told.all().as_slice(), [TxOutcome::Unknown(_)]));
    assert!(driver.handle().stopped().is_some());
    assert!(driver.stop().is_err());
}

/// What someone tries: to sign with the next sequence, or one off.
#[derive(Debug, Clone, Copy)]
struct Try {
    person: u16,
    off_by: i64,
    agent: u16,
    block_after: bool,
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let off_by = prop_oneof![6 => Just(0i64), 1 => Just(-1i64), 1 => 1i64..4];
    let one = (1u16..6, off_by, 10u16..40, prop::bool::weighted(0.2));
    let one = one.prop_map(|(person, off_by, agent, block_after)| Try { person, off_by, agent, block_after });
    proptest::collection::vec(one, 1..80)
}

/// Whether one more transaction of somebody may wait beside what waits and was told about: of those who are new here, few may.
fn has_room(theirs: &[&Told]) -> bool {
    let waiting = theirs.iter().filter(|told| told.all().is_empty()).count();
    let most = if waiting == theirs.len() { NEWCOMER_TXS_MAX } else { SENDER_TXS_MAX };
    waiting < most
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_a_crowd_sends_each_sequence_is_used_once_and_everyone_is_told(tries in tries()) {
        let clock = clock();
        let mut solo = open(Memory::default().disks(), &clock).unwrap();
        let mut next = BTreeMap::<u16, u64>::new();
        let mut waiting = BTreeMap::<_, (u16, Vec<Told>)>::new();
        for attempt in tries {
            let (person, agent) = (Person::number(attempt.person), Person::number(attempt.agent));
            let expected = *next.get(&attempt.person).unwrap_or(&0);
            let Some(sequence) = expected.checked_add_signed(attempt.off_by) else { continue };
            let tx = person.attempt(sequence, &agent);
            let known = waiting.contains_key(&tx);
            let theirs = waiting.values().filter(|(of, _)| *of == attempt.person).map(|(_, told)| &told[0]);
            let has_room = has_room(&theirs.collect::<Vec<_>>());
            let told = submit(&solo, &tx);
            prop_assert_eq!(told.is_ok(), known || attempt.off_by == 0 && has_room, "{:?}", attempt);
            if let Ok(told) = told {
                waiting.entry(tx).or_insert_with(|| (attempt.person, Vec::new())).1.push(told);
                next.insert(attempt.person, if known { expected } else { expected + 1 });
            }
            if attempt.block_after {
                solo.make_block().unwrap();
            }
        }
        settle(&mut solo, &clock);
        let mut places = BTreeSet::new();
        for (_, told) in waiting.values() {
            let record = told[0].record();
            prop_assert!(told.iter().all(|told| told.record() == record));
            prop_assert!(places.insert((record.height, record.index)), "two transactions at one place");
        }
        for (person, sequence) in next {
            let (tip, address) = (solo.handle().view().tip(), Person::number(person).address);
            let machine = solo.handle().view().machine();
            prop_assert_eq!(machine.account_sequence(&tip.snapshot, &address).unwrap(), sequence);
        }
    }
}
