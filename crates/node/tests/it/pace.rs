//! When the embedded ledger makes blocks while it runs: the sync of the disk sets the pace, and who waits meanwhile shares the next one.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use sealdesk_node::ledger::Ledger as _;
use sealdesk_node::solo::driver::Driver;
use sealdesk_node::solo::{Disks, LedgerHandle, STALE_SECONDS, Solo, SubmitError, TxOutcome};
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::sealdesk::ledger::v1::TxRecord;
use sealdesk_store::testing::{Fault, Faults};
use sealdesk_store::{AnyDisk, Disk, Folder, StoreError};
use sealdesk_testkit::people::Person;
use sealdesk_testkit::waiting::PATIENCE;

use super::desk::{self, Memory, Told, clock, faulty_disks, open, settle, submit};

/// A gate before every sync of a block log.
#[derive(Clone, Debug, Default)]
struct Gate(Arc<(Mutex<Inside>, Condvar)>);

#[derive(Debug, Default)]
struct Inside {
    closed: bool,
    waiting: usize,
}

impl Gate {
    fn close(&self) {
        self.0.0.lock().unwrap().closed = true;
    }

    fn open(&self) {
        self.0.0.lock().unwrap().closed = false;
        self.0.1.notify_all();
    }

    /// Waits until a sync stands before the gate.
    fn reached(&self) {
        let none = |inside: &mut Inside| inside.waiting == 0;
        let inside = self.0.1.wait_timeout_while(self.0.0.lock().unwrap(), PATIENCE, none).unwrap();
        assert!(!inside.1.timed_out(), "no block is synced");
    }

    fn pass(&self) {
        let mut inside = self.0.0.lock().unwrap();
        inside.waiting += 1;
        self.0.1.notify_all();
        inside = self.0.1.wait_while(inside, |inside| inside.closed).unwrap();
        inside.waiting -= 1;
    }
}

#[derive(Debug)]
struct Gated<D> {
    inner: D,
    gate: Gate,
}

impl Disk for Gated<AnyDisk> {
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.inner.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.inner.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.gate.pass();
        self.inner.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.inner.write(offset, data)
    }
}

impl Folder for Gated<Box<dyn Folder>> {
    fn open(&self, name: &str) -> Result<AnyDisk, StoreError> {
        let (inner, gate) = (self.inner.open(name)?, self.gate.clone());
        Ok(AnyDisk::new(Gated { inner, gate }))
    }

    fn names(&self) -> Result<Vec<String>, StoreError> {
        self.inner.names()
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), StoreError> {
        self.inner.rename(from, to)
    }

    fn remove(&self, name: &str) -> Result<(), StoreError> {
        self.inner.remove(name)
    }

    fn free_bytes(&self) -> Result<u64, StoreError> {
        self.inner.free_bytes()
    }
}

/// Waits until a ledger that runs is at a height.
fn reach(handle: &LedgerHandle, height: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut heights = handle.heights();
    let reached =
        async { tokio::time::timeout(PATIENCE, heights.wait_for(|at| *at >= height)).await.is_ok() };
    assert!(runtime.block_on(reached), "at {} instead of {height}", handle.tip().height);
}

fn submit_to(handle: &LedgerHandle, tx: &[u8]) -> Told {
    let told = Told::default();
    handle.submit(tx, told.waiter()).unwrap();
    told
}

#[test]
fn what_comes_while_a_block_is_synced_is_in_the_next_one_together() {
    let gate = Gate::default();
    let disks = Memory::default().disks();
    let blocks = Box::new(Gated { inner: disks.blocks, gate: gate.clone() });
    let clock = clock();
    let mut solo = open(Disks { blocks, ..disks }, &clock).unwrap();
    // Who is new would have a part of a block only.
    for n in 1..40 {
        desk::execute(&mut solo, &clock, &Person::number(n).attempt(0, &Person::number(0)));
    }
    let height = i64::try_from(solo.height()).unwrap();
    let driver = Driver::start(solo, |_| {}).unwrap();
    gate.close();
    let first = submit_to(driver.handle(), &Person::number(0).appoint(0, &Person::number(1)));
    gate.reached();
    let others: Vec<Told> = (1..40)
        .map(|n| submit_to(driver.handle(), &Person::number(n).attempt(1, &Person::number(0))))
        .collect();
    assert!(first.all().is_empty(), "nothing is acknowledged before its block is synced");
    gate.open();
    reach(driver.handle(), u64::try_from(height).unwrap() + 2);
    assert_eq!(first.record().height, height + 1);
    assert!(others.iter().all(|told| told.record().height == height + 2), "one sync for all who waited");
    driver.stop().unwrap();
}

#[test]
fn who_waits_for_an_answer_waits_for_no_pause() {
    let clock = clock();
    let mut solo = open(Memory::default().disks(), &clock).unwrap();
    for n in 0..20 {
        let told = submit(&solo, &Person::number(n + 1).attempt(0, &Person::number(0))).unwrap();
        assert_eq!(solo.next_block_in(), Some(0), "the clock stands still");
        let made = solo.make_block().unwrap().unwrap();
        assert_eq!((made.txs, told.record().height.unsigned_abs()), (1, solo.height()));
        let delay = solo.next_block_in().expect("the block that proves it is made in the end");
        assert!(delay > 0, "it waits for transactions that could go into it");
        solo.handle().want_header(solo.height() + 1);
        assert_eq!(solo.next_block_in(), Some(0), "but for nothing where somebody waits for it");
        assert_eq!(solo.make_block().unwrap().unwrap().txs, 0);
        assert!(solo.handle().view().tip().proves_itself());
        assert_eq!(solo.next_block_in(), None);
    }
}

#[test]
fn a_quiet_desk_makes_no_block_whoever_asks_until_its_header_is_old() {
    let clock = clock();
    let mut solo = open(Memory::default().disks(), &clock).unwrap();
    desk::execute(&mut solo, &clock, &Person::number(0).appoint(0, &Person::number(1)));
    let (height, begun) = (solo.height(), solo.handle().view().tip().time);
    let ask = |solo: &Solo| (0..4).for_each(|ahead| solo.handle().want_header(height + ahead));
    for _ in 0..STALE_SECONDS - 2 {
        clock.advance(1_000);
        ask(&solo);
        assert_eq!((solo.next_block_in(), solo.make_block().unwrap()), (None, None));
    }
    clock.advance(10_000);
    assert_eq!((solo.next_block_in(), solo.height()), (None, height), "nobody asked, whatever its age");
    let root = desk::root(&solo);
    ask(&solo);
    assert_eq!(settle(&mut solo, &clock), 1, "whoever asks now gets a header of now");
    assert_eq!(desk::root(&solo), root);
    assert!(solo.handle().view().tip().time > begun);
    clock.advance(-7_200_000);
    ask(&solo);
    assert_eq!(solo.next_block_in(), None, "a clock that was set back makes no header old");
}

/// Sends one person's transactions, each when the one before is answered, until the ledger stops. What was acknowledged.
fn send(handle: &LedgerHandle, person: u16) -> BTreeMap<TxHash, TxRecord> {
    let mut acknowledged = BTreeMap::new();
    for sequence in 0..6 {
        let tx = Person::number(person).attempt(sequence, &Person::number(0));
        let (notify, outcome) = std::sync::mpsc::channel();
        let waiter = Box::new(move |outcome| drop(notify.send(outcome)));
        match handle.submit(&tx, Some(waiter)) {
            Ok(_) => match outcome.recv_timeout(PATIENCE).expect("everyone who waits is told") {
                TxOutcome::Committed(record) => drop(acknowledged.insert(TxHash::of(&tx), *record)),
                TxOutcome::Unknown(_) => break,
                TxOutcome::Dropped(refusal) => panic!("dropped: {refusal}"),
            },
            Err(SubmitError::Refused(refusal)) => panic!("refused: {refusal}"),
            Err(_) => break,
        }
    }
    acknowledged
}

/// A ledger that runs with four senders at once, on a disk that fails at a call; and the next life, which has to have all that was
/// acknowledged.
fn live_with(fault: Option<(u64, Fault)>) -> u64 {
    let (faults, clock) = (Faults::new(fault.map_or(0, |(call, _)| call)), clock());
    if let Some((call, fault)) = fault {
        faults.inject(call, fault);
    }
    let mut acknowledged = BTreeMap::new();
    if let Ok(solo) = open(faulty_disks(&faults), &clock) {
        let driver = Driver::start(solo, |_| {}).unwrap();
        let handle = driver.handle().clone();
        thread::scope(|scope| {
            let senders: Vec<_> = (1..5)
                .map(|person| {
                    let handle = handle.clone();
                    scope.spawn(move || send(&handle, person))
                })
                .collect();
            senders.into_iter().for_each(|sender| acknowledged.extend(sender.join().unwrap()));
        });
        drop(handle);
        let _ = driver.stop();
    }
    let calls = faults.calls();
    faults.restart_after_power_cut();
    // How many calls a life makes depends on who came first: where the fault comes only now, there is one start more.
    let again = |_| {
        faults.restart_after_power_cut();
        open(faulty_disks(&faults), &clock)
    };
    let solo = open(faulty_disks(&faults), &clock).or_else(again).unwrap();
    for (hash, record) in acknowledged {
        let found = solo.handle().view().committed(hash).unwrap();
        assert_eq!(found, Some(record), "acknowledged, and lost after {fault:?}");
    }
    calls
}

#[test]
fn nothing_acknowledged_to_senders_at_once_is_lost_by_a_failing_disk() {
    let calls = live_with(None);
    let kinds = [Fault::ErrorBefore, Fault::ErrorAfter, Fault::Torn, Fault::PowerCut];
    for (fault, call) in kinds.into_iter().cycle().zip((1..calls).step_by(7)) {
        live_with(Some((call, fault)));
    }
}
