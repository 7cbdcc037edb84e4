//! A ledger in memory that takes blocks.

use std::collections::BTreeMap;

use prost::Message as _;
use prost_types::Any;
use sealdesk_machine::{BlockContext, Executed, Machine, ValidatorUpdate};
use sealdesk_protocol::circle::Circle;
use sealdesk_protocol::events::Emitted;
use sealdesk_protocol::genesis::{Genesis, GenesisValidator};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{AccountRecord, Counter};
use sealdesk_store::{Durability, KeyRange, Snapshot, State, Store};

use crate::people::Person;
use crate::transaction::{Options, transaction};
use crate::trust::{self, Ledger};
use crate::{chain_id, prefix};

/// The time of the tests' genesis: 2026-11-21T09:00:00Z.
pub const GENESIS_TIME: i64 = 1_795_251_600;

pub struct Desk {
    pub store: Store,
    pub machine: Machine,
    pub height: u64,
    pub time: i64,
    /// Every block so far: its height, its time and its transactions.
    pub blocks: Vec<(u64, i64, Vec<Vec<u8>>)>,
    open: Option<Open>,
}

/// The block in the making.
struct Open {
    state: State,
    /// How many transactions it has.
    executed: u32,
}

/// A genesis with these administrators.
pub fn genesis_of(administrators: &[&Person]) -> Genesis {
    let validator = Person::new("validator").verify_key(0);
    let validator = GenesisValidator::new(validator.as_bytes(), 1, "node");
    genesis_at(GENESIS_TIME, administrators, validator)
}

/// The validator of a ledger whose key says nothing.
pub fn first_validator() -> GenesisValidator {
    let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes();
    GenesisValidator::new(&key, 1, "one")
}

/// The same with another beginning and another validator.
pub fn genesis_at(time: i64, administrators: &[&Person], validator: GenesisValidator) -> Genesis {
    let addresses: Vec<Address> = administrators.iter().map(|person| person.address.clone()).collect();
    Genesis::new(&chain_id(), &prefix(), time, &addresses, validator).unwrap()
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

    /// Every leaf of the committed tree.
    pub fn leaves(&self) -> BTreeMap<Vec<u8>, Vec<u8>> {
        self.snapshot().scan(&KeyRange::all()).unwrap().map(Result::unwrap).collect()
    }

    /// Every committed side value under a prefix.
    pub fn side(&self, prefix: &[u8]) -> BTreeMap<Vec<u8>, Vec<u8>> {
        self.snapshot().scan_side(&KeyRange::prefix(prefix)).unwrap().map(Result::unwrap).collect()
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
        self.open = Some(Open { state, executed: 0 });
        events
    }

    pub fn execute(&mut self, tx: &[u8]) -> Executed {
        let block = self.context();
        if let Some((.., txs)) = self.blocks.last_mut() {
            txs.push(tx.to_vec());
        }
        let open = self.open.as_mut().unwrap();
        let executed = self.machine.execute(&mut open.state, &block, tx, open.executed).unwrap();
        open.executed += 1;
        executed
    }

    /// Ends and commits the block; gives the validators that it changed.
    pub fn end(&mut self) -> Vec<ValidatorUpdate> {
        let block = self.context();
        let mut state = self.open.take().unwrap().state;
        let updates = self.machine.finish(&mut state, &block).unwrap();
        let staged = self.store.prepare(self.height + 1, state.into_changes()).unwrap();
        self.store.commit(staged, Durability::Deferred).unwrap();
        updates
    }

    /// The open block's state, or a state over the last one.
    pub fn state(&self) -> State {
        let open = self.open.as_ref().map(|open| open.state.clone());
        open.unwrap_or_else(|| State::new(self.store.latest()))
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
        let record = self.state().get(&tree::account(&person.address)).unwrap();
        record.map_or(0, |bytes| AccountRecord::decode(bytes.as_slice()).unwrap().sequence)
    }

    /// How many tickets there are.
    pub fn ticket_count(&self) -> u64 {
        let bytes = self.snapshot().get(tree::TICKET_COUNT).unwrap().unwrap();
        Counter::decode(bytes.as_slice()).unwrap().value
    }

    /// A transaction of one signer with the sequence that comes next.
    pub fn tx(&self, person: &Person, messages: Vec<Any>) -> Vec<u8> {
        let messages = messages.into_iter().map(|message| self.complete(person, message)).collect();
        let chain = Some(self.machine.chain_id().clone());
        transaction(messages, &[(person, self.sequence(person))], &Options { chain, ..Options::default() })
    }

    /// Signs what the sender of a registration or a vote has to sign for this ledger, unless it is signed already.
    pub fn complete(&self, person: &Person, message: Any) -> Any {
        trust::complete(&self.ledger(), person, message)
    }

    /// What owners and members sign for, as of now.
    pub fn ledger(&self) -> Ledger {
        Ledger {
            chain_id: self.machine.chain_id().clone(),
            identity: *self.machine.identity(),
            circle: self.circle(),
            now: self.time,
        }
    }

    /// The administrators, as of the open block or the last one.
    pub fn circle(&self) -> Circle {
        let bytes = self.state().get(tree::ADMINISTRATORS).unwrap().unwrap();
        Circle::decode(&prefix(), &bytes).unwrap()
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
