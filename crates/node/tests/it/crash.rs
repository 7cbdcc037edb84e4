//! Every storage call of a ledger's life fails once, in every way, up to three times in a row.
//!
//! A workload runs on disks that fail at one chosen call. Then the power comes back, the ledger is opened again, and whoever got no
//! answer asks again. Nothing acknowledged may be missing, nothing may be done twice, no height may have two signed blocks, and the
//! state must be the one that the block log leads to on fresh disks.

use std::collections::BTreeMap;

use super::desk::{self, FIRST_BLOCKS, Memory, Told, clock, faulty_disks, open};
use sealdesk_node::clock::ManualClock;
use sealdesk_node::solo::{Disks, Solo, SoloError, SubmitError, TxOutcome};
use sealdesk_protocol::block::Hash;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::sealdesk::ledger::v1::TxRecord;
use sealdesk_store::StoreError;
use sealdesk_store::testing::{CallKind, Fault, Faults};
use sealdesk_testkit::people::Person;

const FAULTS: [Fault; 4] = [Fault::ErrorBefore, Fault::ErrorAfter, Fault::Torn, Fault::PowerCut];

/// What the world has seen of the ledger, over all its lives.
#[derive(Default)]
struct World {
    acknowledged: BTreeMap<TxHash, TxRecord>,
    signed: BTreeMap<u64, Hash>,
}

/// What people want done, whoever has to ask how often.
fn wishes() -> Vec<Vec<u8>> {
    let admin = Person::number(0);
    let mut wishes: Vec<Vec<u8>> =
        (0..6u16).map(|n| admin.appoint(n.into(), &Person::number(n + 1))).collect();
    // Refused, but on the ledger: a customer appoints nobody.
    wishes.insert(2, Person::number(20).attempt(0, &admin));
    wishes
}

impl World {
    /// Notes the newest signed block. A height has one for ever.
    fn look(&mut self, solo: &Solo) {
        let tip = solo.handle().view().tip();
        let hash = tip.signed_header().unwrap().header().hash();
        let before = *self.signed.entry(tip.height).or_insert(hash);
        assert_eq!(before, hash, "two signed blocks at height {}", tip.height);
    }

    fn note(&mut self, tx: &[u8], told: &Told) {
        for outcome in told.all() {
            match outcome {
                TxOutcome::Committed(record) => {
                    let before = self.acknowledged.insert(TxHash::of(tx), (*record).clone());
                    assert!(before.is_none_or(|before| before == *record), "an outcome changed");
                }
                TxOutcome::Unknown(_) => {}
                TxOutcome::Dropped(refusal) => panic!("dropped: {refusal}"),
            }
        }
    }

    /// One life: opens the ledger and asks for everything, in twos, until all is acknowledged or the ledger fails.
    fn live<D: sealdesk_store::Disk>(&mut self, disks: Disks<D>, clock: &ManualClock) -> Result<(), String> {
        let mut solo = open(disks, clock).map_err(|error| error.to_string())?;
        self.look(&solo);
        for pair in wishes().chunks(2) {
            let mut asked = Vec::new();
            for tx in pair {
                let told = Told::default();
                match solo.handle().submit(tx, told.waiter()) {
                    Ok(_) => asked.push((tx, told)),
                    Err(SubmitError::Refused(refusal)) => panic!("refused: {refusal}"),
                    Err(stopped) => return Err(stopped.to_string()),
                }
            }
            let result = self.blocks(&mut solo, clock);
            asked.iter().for_each(|(tx, told)| self.note(tx, told));
            result.map_err(|error| error.to_string())?;
        }
        solo.sync().map_err(|error| error.to_string())
    }

    fn blocks(&mut self, solo: &mut Solo, clock: &ManualClock) -> Result<(), SoloError> {
        clock.advance(100);
        while solo.make_block()?.is_some() {
            self.look(solo);
            clock.advance(60);
        }
        Ok(())
    }

    /// Everything asked for is done, once, and the log alone leads to the same state.
    fn check(&self, faults: &Faults, clock: &ManualClock, what: &str) {
        let disks = faulty_disks(faults);
        let solo = open(disks, clock).unwrap_or_else(|error| panic!("{what}: {error}"));
        let root = desk::root(&solo);
        let height = solo.height();
        for tx in wishes() {
            let record = solo.handle().view().committed(TxHash::of(&tx)).unwrap();
            let record = record.unwrap_or_else(|| panic!("{what}: a transaction is missing"));
            assert_eq!(Some(&record), self.acknowledged.get(&TxHash::of(&tx)), "{what}");
        }
        drop(solo);
        let log = faults.bytes(&format!("blocks/{FIRST_BLOCKS}"));
        let fresh = Memory::with_bytes(Vec::new(), log, Vec::new());
        let replayed = open(fresh.disks(), clock).unwrap_or_else(|error| panic!("{what}: replay: {error}"));
        assert_eq!((desk::root(&replayed), replayed.height()), (root, height), "{what}: replay");
    }
}

fn restart(faults: &Faults, fault: Fault, nth: u64) {
    // A process that saw an error may be started again with the page cache as it was, or after a reboot.
    if fault == Fault::PowerCut || nth.is_multiple_of(2) {
        faults.restart_after_power_cut();
    } else {
        faults.restart_process();
    }
}

fn changes_something(kind: CallKind) -> bool {
    !matches!(kind, CallKind::Read | CallKind::Len)
}

/// The calls that change something, of one undisturbed life after `faults` is as it is.
fn calls_of_a_life(faults: &Faults, world: &mut World, clock: &ManualClock) -> Vec<u64> {
    let from = usize::try_from(faults.calls()).unwrap();
    world.live(faulty_disks(faults), clock).unwrap();
    let calls = (0u64..).zip(faults.trace()).skip(from);
    calls.filter(|(_, call)| changes_something(call.kind)).map(|(nth, _)| nth).collect()
}

/// Lives until nothing fails any more.
fn recover(faults: &Faults, world: &mut World, clock: &ManualClock, what: &str) {
    world.live(faulty_disks(faults), clock).unwrap_or_else(|error| panic!("{what}: {error}"));
    faults.restart_after_power_cut();
    world.check(faults, clock, what);
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_wherever_one_call_fails() {
    let calls = calls_of_a_life(&Faults::new(1), &mut World::default(), &clock());
    assert!(calls.len() > 60, "the workload is worth something: {} calls", calls.len());
    for fault in FAULTS {
        for &nth in &calls {
            let what = format!("{fault:?} at call {nth}");
            let (faults, mut world, clock) = (Faults::new(nth), World::default(), clock());
            faults.inject(nth, fault);
            // The last calls are made while the ledger is closed, when nobody is left to see an error.
            if world.live(faulty_disks(&faults), &clock).is_err() || fault == Fault::PowerCut {
                restart(&faults, fault, nth);
            }
            recover(&faults, &mut world, &clock, &what);
        }
    }
}

#[test]
fn a_crash_during_recovery_and_another_during_that_lose_nothing() {
    let calls = calls_of_a_life(&Faults::new(1), &mut World::default(), &clock());
    for (fault, &first) in FAULTS.iter().cycle().zip(calls.iter().step_by(5)) {
        for second in [1, 3, 9] {
            let what = format!("{fault:?} at call {first}, then after {second}, then after 2");
            let (faults, mut world, clock) = (Faults::new(first), World::default(), clock());
            faults.inject(first, *fault);
            for (life, after) in (0..).zip([second, 2, u64::MAX / 8]) {
                // The last calls are made while the ledger is closed, when nobody is left to see an error.
                if world.live(faulty_disks(&faults), &clock).is_err() || *fault == Fault::PowerCut {
                    restart(&faults, *fault, first + life);
                    faults.inject(faults.calls() + after * 4, *fault);
                }
            }
            recover(&faults, &mut world, &clock, &what);
        }
    }
}

#[test]
fn a_full_disk_stops_the_ledger_with_a_clear_error_and_space_lets_it_go_on() {
    let calls = calls_of_a_life(&Faults::new(1), &mut World::default(), &clock());
    for &nth in &calls {
        let (faults, mut world, clock) = (Faults::new(nth), World::default(), clock());
        faults.inject(nth, Fault::NoSpace);
        if let Err(error) = world.live(faulty_disks(&faults), &clock) {
            assert!(error.contains("no space left"), "call {nth}: {error}");
            faults.free_space();
            faults.restart_process();
        } else {
            faults.free_space();
        }
        recover(&faults, &mut world, &clock, &format!("no space at call {nth}"));
    }
}

#[test]
fn after_a_failed_sync_the_ledger_stops_and_never_tries_again() {
    let faults = Faults::new(3);
    let clock = clock();
    let mut solo = open(faulty_disks(&faults), &clock).unwrap();
    let told = desk::submit(&solo, &wishes()[0]).unwrap();
    let trace = faults.calls();
    for call in trace..trace + 40 {
        if call % 2 == 0 {
            faults.inject(call, Fault::ErrorBefore);
        }
    }
    assert!(matches!(solo.make_block(), Err(SoloError::Storage(StoreError::Io(_)))));
    assert!(matches!(told.all().as_slice(), [TxOutcome::Unknown(_)]), "{:?}", told.all());
    let calls = faults.calls();
    assert!(matches!(solo.make_block(), Err(SoloError::Stopped(_))));
    assert!(matches!(desk::submit(&solo, &wishes()[1]), Err(SubmitError::Stopped(_))));
    assert_eq!(faults.calls(), calls, "the disk is left alone");
}

#[test]
fn a_flipped_bit_is_noticed_and_never_served() {
    let (memory, clock) = (Memory::default(), clock());
    let mut world = World::default();
    world.live(memory.disks(), &clock).unwrap();
    let whole = memory.copy();
    let root = desk::root(&open(memory.disks(), &clock).unwrap());
    let (state, log, signed) = whole.bytes();
    for at in (0..log.len()).step_by(61).filter(|at| log[*at] != 0) {
        let mut changed = log.clone();
        changed[at] ^= 1 << (at % 8);
        let damaged = Memory::with_bytes(state.clone(), changed, signed.clone());
        // What is cut off as never synced would be missing a block that the note and the state know.
        if let Ok(solo) = open(damaged.disks(), &clock) {
            assert_eq!(desk::root(&solo), root, "log byte {at}");
        }
    }
    for at in 0..signed.len() {
        let mut changed = signed.clone();
        changed[at] ^= 1 << (at % 8);
        let damaged = Memory::with_bytes(state.clone(), log.clone(), changed);
        assert!(matches!(open(damaged.disks(), &clock), Err(SoloError::SignedNote)), "note byte {at}");
    }
}
