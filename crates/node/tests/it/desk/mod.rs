//! A small desk to test with: an embedded ledger on disks that a test controls. Person 0 administrates it.
#![allow(dead_code, reason = "every test file uses another part")]

pub mod slow;
pub mod waiting;

use std::sync::{Arc, Mutex};

use sealdesk_node::clock::ManualClock;
use sealdesk_node::solo::{Disks, Setup, Solo, SoloError, SubmitError, Submitted, TxOutcome, Waiter};
use sealdesk_node::validator::ValidatorKey;
use sealdesk_protocol::genesis::{Genesis, GenesisValidator};
use sealdesk_protocol::wire::sealdesk::ledger::v1::TxRecord;
use sealdesk_store::Disk;
use sealdesk_store::testing::{Faults, MemoryDisk, MemoryFolder};
use sealdesk_testkit::desk::genesis_at;
use sealdesk_testkit::people::Person;

/// When the test desk begins, in Unix seconds.
pub const BEGIN: i64 = 1_700_000_000;
const VALIDATOR_SEED: [u8; 32] = [42; 32];

pub fn validator() -> ValidatorKey {
    ValidatorKey::from_seed(&VALIDATOR_SEED)
}

/// A genesis whose one administrator is person 0.
pub fn genesis() -> Genesis {
    let validator = GenesisValidator::new(&validator().public_key(), 10, "test");
    genesis_at(BEGIN, &[&Person::number(0)], validator)
}

/// The clock of a desk that has just begun.
pub fn clock() -> ManualClock {
    ManualClock::at(BEGIN * 1_000)
}

/// Disks in memory that keep their bytes over a reopening.
#[derive(Clone, Default)]
pub struct Memory {
    state: MemoryDisk,
    blocks: MemoryFolder,
    headers: MemoryFolder,
    signed: MemoryDisk,
}

/// The first file of a block log.
pub const FIRST_BLOCKS: &str = "00000000000000000000.log";

impl Memory {
    pub fn disks(&self) -> Disks<MemoryDisk> {
        let (blocks, headers) = (Box::new(self.blocks.clone()), Box::new(self.headers.clone()));
        Disks { state: self.state.clone(), blocks, headers, signed: self.signed.clone() }
    }

    /// Puts the blocks and the state back to what they were in another copy, but not the note of what was signed.
    pub fn restore_blocks_from(&self, older: &Memory) -> Memory {
        Memory {
            state: MemoryDisk::with_bytes(older.state.bytes()),
            blocks: older.blocks.copy(),
            headers: older.headers.copy(),
            signed: self.signed.clone(),
        }
    }

    /// A copy that later writes do not touch.
    pub fn copy(&self) -> Memory {
        Memory {
            state: MemoryDisk::with_bytes(self.state.bytes()),
            blocks: self.blocks.copy(),
            headers: self.headers.copy(),
            signed: MemoryDisk::with_bytes(self.signed.bytes()),
        }
    }

    /// These bytes of state, log and note.
    pub fn with_bytes(state: Vec<u8>, log: Vec<u8>, signed: Vec<u8>) -> Memory {
        let [state, signed] = [state, signed].map(MemoryDisk::with_bytes);
        Memory {
            state,
            blocks: MemoryFolder::with_file(FIRST_BLOCKS, log),
            headers: MemoryFolder::new(),
            signed,
        }
    }

    /// The bytes of state, log and note.
    pub fn bytes(&self) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
        (self.state.bytes(), self.blocks.bytes(FIRST_BLOCKS), self.signed.bytes())
    }

    /// This state with the log of another copy, and no note.
    pub fn with_log_of(&self, other: &Memory) -> Memory {
        let (state, _, _) = self.bytes();
        Memory::with_bytes(state, other.blocks.bytes(FIRST_BLOCKS), Vec::new())
    }

    /// The same without the headers of dropped blocks.
    pub fn without_headers(&self) -> Memory {
        Memory { headers: MemoryFolder::new(), ..self.copy() }
    }

    /// The same with the state of another copy.
    pub fn with_state_of(&self, other: &Memory) -> Memory {
        Memory { state: MemoryDisk::with_bytes(other.state.bytes()), ..self.copy() }
    }

    /// The same without the state, as if only the log had been synced.
    pub fn without_state(&self) -> Memory {
        Memory { state: MemoryDisk::new(), ..self.copy() }
    }
}

/// The disks of a workbench of faults.
pub fn faulty_disks(faults: &Faults) -> Disks<sealdesk_store::testing::FaultyDisk> {
    let (blocks, headers) = (Box::new(faults.folder("blocks/")), Box::new(faults.folder("headers/")));
    Disks { state: faults.disk("state"), blocks, headers, signed: faults.disk("signed") }
}

/// Opens the test desk's ledger.
pub fn open<D: Disk>(disks: Disks<D>, clock: &ManualClock) -> Result<Solo, SoloError> {
    Solo::open(Setup { disks, genesis: genesis(), key: validator(), clock: Arc::new(clock.clone()) })
}

/// Outcomes of transactions, as they are told, and the bytes of the one that was submitted with them.
#[derive(Clone, Default)]
pub struct Told(Arc<Mutex<Vec<TxOutcome>>>, Vec<u8>);

impl Told {
    pub fn waiter(&self) -> Option<Waiter> {
        let told = self.0.clone();
        Some(Box::new(move |outcome| told.lock().unwrap().push(outcome)))
    }

    pub fn all(&self) -> Vec<TxOutcome> {
        self.0.lock().unwrap().clone()
    }

    /// What was submitted.
    pub fn tx(&self) -> Vec<u8> {
        self.1.clone()
    }

    /// The one outcome, which must be a place on the ledger.
    pub fn record(&self) -> TxRecord {
        match self.all().as_slice() {
            [TxOutcome::Committed(record)] => (**record).clone(),
            other => panic!("not one place on the ledger: {other:?}"),
        }
    }
}

/// Submits and gives what will be told.
pub fn submit(solo: &Solo, tx: &[u8]) -> Result<Told, SubmitError> {
    let told = Told(Arc::default(), tx.to_vec());
    solo.handle().submit(tx, told.waiter()).map(|_: Submitted| told)
}

/// Lets time pass until nothing is left to do at once. Returns how many blocks that made.
pub fn settle(solo: &mut Solo, clock: &ManualClock) -> u64 {
    let before = solo.height();
    for _ in 0..10_000 {
        clock.advance(60);
        match solo.next_block_in() {
            Some(0) => {
                solo.make_block().unwrap();
            }
            Some(millis) if millis <= 200 => {}
            _ => return solo.height() - before,
        }
    }
    panic!("the ledger never comes to rest");
}

/// Submits, makes blocks until all is proven, and gives the record.
pub fn execute(solo: &mut Solo, clock: &ManualClock, tx: &[u8]) -> TxRecord {
    let told = submit(solo, tx).unwrap();
    settle(solo, clock);
    told.record()
}

/// Root of the state, in hex.
pub fn root(solo: &Solo) -> String {
    hex::encode(solo.handle().view().tip().root())
}
