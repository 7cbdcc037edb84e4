//! A ledger in memory: the machine over a store, block by block.

use std::collections::BTreeMap;

use sealdesk_machine::{BlockContext, Executed, Machine, ValidatorUpdate};
use sealdesk_protocol::events::Emitted;
use sealdesk_protocol::genesis::{Genesis, GenesisValidator};
use sealdesk_protocol::ids::{Address, ChainId};
use sealdesk_store::{Durability, KeyRange, Snapshot, State, Store};

use super::people::prefix;

pub const CHAIN_ID: &str = "desk-00112233aabbccdd";

pub struct Ledger {
    pub store: Store,
    pub machine: Machine,
    pub height: u64,
}

/// A block in the making.
pub struct Block<'a> {
    ledger: &'a mut Ledger,
    state: State,
    context: BlockContext,
    index: u32,
}

pub fn genesis_of(time: i64, administrators: &[&Address]) -> Genesis {
    let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes();
    let validator = GenesisValidator::new(&key, 1, "one");
    let administrators: Vec<Address> = administrators.iter().map(|address| (*address).clone()).collect();
    Genesis::new(&ChainId::parse(CHAIN_ID).unwrap(), &prefix(), time, &administrators, validator).unwrap()
}

impl Ledger {
    pub fn new(genesis: &Genesis) -> Self {
        let store = Store::in_memory();
        let mut state = State::new(store.latest());
        let machine = Machine::genesis(&mut state, genesis).unwrap();
        // The first version is the genesis; blocks follow it.
        let staged = store.prepare(1, state.into_changes()).unwrap();
        store.commit(staged, Durability::Deferred).unwrap();
        Self { store, machine, height: 0 }
    }

    pub fn snapshot(&self) -> Snapshot {
        self.store.latest()
    }

    /// Every leaf of the tree.
    pub fn leaves(&self) -> BTreeMap<Vec<u8>, Vec<u8>> {
        self.snapshot().scan(&KeyRange::all()).unwrap().map(Result::unwrap).collect()
    }

    /// Every side value under a prefix.
    pub fn side(&self, prefix: &[u8]) -> BTreeMap<Vec<u8>, Vec<u8>> {
        self.snapshot().scan_side(&KeyRange::prefix(prefix)).unwrap().map(Result::unwrap).collect()
    }

    /// Begins the next block; what falls due happens at once.
    pub fn begin(&mut self, time: i64) -> (Block<'_>, Vec<Emitted>) {
        let context = BlockContext { height: self.height + 1, time };
        let mut state = State::new(self.store.latest());
        let events = self.machine.begin(&mut state, &context).unwrap();
        (Block { ledger: self, state, context, index: 0 }, events)
    }

    /// One block of these transactions.
    pub fn block(&mut self, time: i64, txs: &[Vec<u8>]) -> Vec<Executed> {
        let (mut block, _) = self.begin(time);
        let results = txs.iter().map(|tx| block.execute(tx)).collect();
        block.finish();
        results
    }
}

impl Block<'_> {
    pub fn execute(&mut self, tx: &[u8]) -> Executed {
        let executed = self.ledger.machine.execute(&mut self.state, &self.context, tx, self.index).unwrap();
        self.index += 1;
        executed
    }

    pub fn height(&self) -> u64 {
        self.context.height
    }

    /// Ends and commits it; gives the validators that it changed.
    pub fn finish(mut self) -> Vec<ValidatorUpdate> {
        let updates = self.ledger.machine.finish(&mut self.state, &self.context).unwrap();
        let store = &self.ledger.store;
        let staged = store.prepare(self.context.height + 1, self.state.into_changes()).unwrap();
        store.commit(staged, Durability::Deferred).unwrap();
        self.ledger.height = self.context.height;
        updates
    }
}
