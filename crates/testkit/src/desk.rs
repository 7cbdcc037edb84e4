//! A ledger in memory that takes blocks.

use prost_types::Any;
use sealdesk_machine::{BlockContext, Executed, Machine, ValidatorUpdate};
use sealdesk_protocol::events::Emitted;
use sealdesk_protocol::genesis::{Genesis, GenesisValidator};
use sealdesk_protocol::ids::Address;
use sealdesk_store::{Durability, Snapshot, State, Store};

use super::forge::{Options, SignedBy, transaction};
use super::people::Person;
use super::{chain_id, prefix};

/// The time of the tests' genesis: 2026-11-21T09:00:00Z.
pub const GENESIS_TIME: i64 = 1_795_251_600;

pub struct Desk {
    pub store: Store,
    pub machine: Machine,
    pub height: u64,
    pub time: i64,
    /// Every block so far: its height, its time and its transactions.
    pub blocks: Vec<(u64, i64, Vec<Vec<u8>>)>,
    open: Option<State>,
}

/// A genesis with these administrators.
pub fn genesis_of(administrators: &[&Person]) -> Genesis {
    let addresses: Vec<Address> = administrators.iter().map(|person| person.address.clone()).collect();
    let validator = Person::new("validator").verify_key(0);
    let validator = GenesisValidator::new(validator.as_bytes(), 1, "node");
    Genesis::new(&chain_id(), &prefix(), GENESIS_TIME, &addresses, validator).unwrap()
}

impl Desk {
    pub fn new(administrators: &[&Person]) -> Self {
        Self::from_genesis(&genesis_of(administrators))
    }

    pub fn from_genesis(genesis: &Genesis) -> Self {
        let store = Store::in_memory();
        let mut state = State::new(store.latest());
        let machine = Machine::genesis(&mut state, genesis).unwrap();
        let staged = store.prepare(1, state.into_changes()).unwrap();
        store.commit(staged, Durability::Deferred).unwrap();
        let time = genesis.time().unwrap();
        Self { store, machine, height: 0, time, blocks: Vec::new(), open: None }
    }

    /// A ledger that is there already.
    pub fn over(store: Store, height: u64, time: i64) -> Self {
        let machine = Machine::load(&store.latest()).unwrap();
        Self { store, machine, height, time, blocks: Vec::new(), open: None }
    }

    pub fn snapshot(&self) -> Snapshot {
        self.store.latest()
    }

    /// The root of the committed state.
    pub fn root(&self) -> [u8; 32] {
        self.store.latest().root()
    }

    pub fn context(&self) -> BlockContext {
        BlockContext { height: self.height, time: self.time }
    }

    /// Begins the next block at a time.
    pub fn begin(&mut self, time: i64) -> Vec<Emitted> {
        assert!(self.open.is_none(), "the block before has not ended");
        self.height += 1;
        self.time = time;
        self.blocks.push((self.height, time, Vec::new()));
        let mut state = State::new(self.store.latest());
        let events = self.machine.begin(&mut state, &self.context()).unwrap();
        self.open = Some(state);
        events
    }

    pub fn execute(&mut self, tx: &[u8]) -> Executed {
        let block = self.context();
        if let Some((.., txs)) = self.blocks.last_mut() {
            txs.push(tx.to_vec());
        }
        self.machine.execute(self.open.as_mut().unwrap(), &block, tx, 0).unwrap()
    }

    /// Ends and commits the block; gives the validators that it changed.
    pub fn end(&mut self) -> Vec<ValidatorUpdate> {
        let block = self.context();
        let mut state = self.open.take().unwrap();
        let updates = self.machine.finish(&mut state, &block).unwrap();
        let staged = self.store.prepare(self.height + 1, state.into_changes()).unwrap();
        self.store.commit(staged, Durability::Deferred).unwrap();
        updates
    }

    /// The open block's state, or a state over the last one.
    pub fn state(&self) -> State {
        self.open.clone().unwrap_or_else(|| State::new(self.store.latest()))
    }

    /// A block of one transaction, a second after the last.
    pub fn block(&mut self, tx: &[u8]) -> Executed {
        self.block_at(self.time + 1, tx)
    }

    pub fn block_at(&mut self, time: i64, tx: &[u8]) -> Executed {
        self.begin(time);
        let executed = self.execute(tx);
        self.end();
        executed
    }

    /// An empty block at a time.
    pub fn pass_to(&mut self, time: i64) -> Vec<Emitted> {
        let events = self.begin(time);
        self.end();
        events
    }

    pub fn sequence(&self, person: &Person) -> u64 {
        use prost::Message as _;
        let key = sealdesk_protocol::state::tree::account(&person.address);
        let record = self.state().get(&key).unwrap();
        record.map_or(0, |bytes| {
            sealdesk_protocol::wire::sealdesk::ledger::v1::AccountRecord::decode(bytes.as_slice())
                .unwrap()
                .sequence
        })
    }

    /// A transaction of one signer with the sequence that comes next.
    pub fn tx(&self, person: &Person, messages: Vec<Any>) -> Vec<u8> {
        let by = SignedBy { person, sequence: self.sequence(person) };
        transaction(messages, &[by], &Options::default())
    }

    /// Sends messages in a block of their own.
    pub fn send(&mut self, person: &Person, messages: Vec<Any>) -> Executed {
        let tx = self.tx(person, messages);
        self.block(&tx)
    }

    /// The same, and it must succeed.
    pub fn must(&mut self, person: &Person, messages: Vec<Any>) -> Executed {
        let executed = self.send(person, messages);
        assert_eq!(executed.code, 0, "{}: {}", executed.codespace, executed.log);
        executed
    }

    /// The same, and it must be refused with this code.
    #[track_caller]
    pub fn refuse(&mut self, person: &Person, messages: Vec<Any>, codespace: &str, code: u32) {
        let executed = self.send(person, messages);
        assert_eq!((executed.codespace.as_str(), executed.code), (codespace, code), "{}", executed.log);
    }
}
