//! A small desk to test with: people, their transactions, and a ledger on disks that a test controls.
#![allow(dead_code, reason = "every test file uses another part")]
#![allow(clippy::print_stderr, reason = "a test that fails shows the logs")]

pub mod waiting;

use std::sync::{Arc, Mutex};

use k256::ecdsa::signature::hazmat::PrehashSigner;
use k256::ecdsa::{Signature, SigningKey};
use prost::{Message as _, Name};
use sealdesk_node::clock::ManualClock;
use sealdesk_node::solo::{Disks, Setup, Solo, SoloError, SubmitError, Submitted, TxOutcome, Waiter};
use sealdesk_node::validator::ValidatorKey;
use sealdesk_protocol::genesis::{Genesis, GenesisValidator};
use sealdesk_protocol::ids::{Address, ChainId, Prefix};
use sealdesk_protocol::tx::sign_digest;
use sealdesk_protocol::wire::cosmos::crypto::secp256k1::PubKey;
use sealdesk_protocol::wire::cosmos::tx::signing::v1beta1::SignMode;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{
    AuthInfo, Fee, ModeInfo, SignerInfo, TxBody, TxRaw, mode_info,
};
use sealdesk_protocol::wire::sealdesk::ledger::v1::TxRecord;
use sealdesk_protocol::wire::virtengine::roles::v1::{MsgAssignRole, MsgSetAccountState};
use sealdesk_store::Disk;
use sealdesk_store::testing::{Faults, MemoryDisk};

pub const CHAIN_ID: &str = "desk-0123456789abcdef";
/// When the test desk begins, in Unix seconds.
pub const BEGIN: i64 = 1_700_000_000;
const VALIDATOR_SEED: [u8; 32] = [42; 32];

/// Someone with an account key.
pub struct Person {
    key: SigningKey,
    pub address: Address,
}

impl Person {
    /// Number 0 administrates the test desk.
    pub fn number(n: u16) -> Self {
        let mut seed = [7; 32];
        seed[..2].copy_from_slice(&n.to_be_bytes());
        let key = SigningKey::from_slice(&seed).unwrap();
        let address = Address::of_public_key(&prefix(), &public_key(&key));
        Self { key, address }
    }

    /// Signs messages as a transaction with this sequence.
    pub fn sign(&self, sequence: u64, messages: &[prost_types::Any], timeout_height: u64) -> Vec<u8> {
        let body = TxBody { messages: messages.to_vec(), memo: String::new(), timeout_height };
        Self::sign_body(&[(self, sequence)], &body)
    }

    /// Signs messages with a note beside them.
    pub fn sign_with_memo(&self, sequence: u64, messages: &[prost_types::Any], memo: &str) -> Vec<u8> {
        let body = TxBody { messages: messages.to_vec(), memo: memo.to_owned(), ..TxBody::default() };
        Self::sign_body(&[(self, sequence)], &body)
    }

    /// Signs messages of several senders as one transaction, each with a sequence of his own.
    pub fn sign_together(signers: &[(&Self, u64)], messages: &[prost_types::Any]) -> Vec<u8> {
        let body = TxBody { messages: messages.to_vec(), ..TxBody::default() };
        Self::sign_body(signers, &body)
    }

    fn sign_body(signers: &[(&Self, u64)], body: &TxBody) -> Vec<u8> {
        let signer_infos = signers.iter().map(|(person, sequence)| {
            let single = mode_info::Single { mode: SignMode::Direct.into() };
            SignerInfo {
                public_key: Some(any(&PubKey { key: public_key(&person.key).to_vec() })),
                mode_info: Some(ModeInfo { sum: Some(mode_info::Sum::Single(single)) }),
                sequence: *sequence,
            }
        });
        let signer_infos = signer_infos.collect();
        let fee = Fee { amount: vec![], gas_limit: 200_000, ..Fee::default() };
        let (body_bytes, auth_info_bytes) =
            (body.encode_to_vec(), AuthInfo { signer_infos, fee: Some(fee) }.encode_to_vec());
        let digest = sign_digest(&body_bytes, &auth_info_bytes, &chain_id());
        let signatures = signers.iter().map(|(person, _)| {
            let signature: Signature = person.key.sign_prehash(&digest).unwrap();
            signature.normalize_s().to_bytes().to_vec()
        });
        let signatures = signatures.collect();
        TxRaw { body_bytes, auth_info_bytes, signatures }.encode_to_vec()
    }

    /// A transaction that makes someone a support agent, if an administrator signs it.
    pub fn appoint(&self, sequence: u64, agent: &Person) -> Vec<u8> {
        self.sign(sequence, &[appointment(self, agent)], 0)
    }

    /// A transaction that suspends someone, if an administrator signs it.
    pub fn suspend(&self, sequence: u64, whom: &Person) -> Vec<u8> {
        let message = MsgSetAccountState {
            sender: self.address.to_string(),
            address: whom.address.to_string(),
            state: "suspended".to_owned(),
            ..Default::default()
        };
        self.sign(sequence, &[any(&message)], 0)
    }
}

/// The message that makes someone a support agent.
pub fn appointment(sender: &Person, agent: &Person) -> prost_types::Any {
    any(&MsgAssignRole {
        sender: sender.address.to_string(),
        address: agent.address.to_string(),
        role: "support_agent".to_owned(),
    })
}

fn public_key(key: &SigningKey) -> [u8; 33] {
    key.verifying_key().to_sec1_point(true).as_bytes().try_into().unwrap()
}

fn any<M: Name>(message: &M) -> prost_types::Any {
    prost_types::Any { type_url: M::type_url(), value: message.encode_to_vec() }
}

pub fn prefix() -> Prefix {
    Prefix::parse(Prefix::DEFAULT).unwrap()
}

pub fn chain_id() -> ChainId {
    ChainId::parse(CHAIN_ID).unwrap()
}

pub fn validator() -> ValidatorKey {
    ValidatorKey::from_seed(&VALIDATOR_SEED)
}

/// A genesis whose one administrator is person 0.
pub fn genesis() -> Genesis {
    let validator = GenesisValidator::new(&validator().public_key(), 10, "test");
    Genesis::new(&chain_id(), &prefix(), BEGIN, &[Person::number(0).address], validator).unwrap()
}

/// The clock of a desk that has just begun.
pub fn clock() -> ManualClock {
    ManualClock::at(BEGIN * 1_000)
}

/// Disks in memory that keep their bytes over a reopening.
#[derive(Clone, Default)]
pub struct Memory {
    state: MemoryDisk,
    log: MemoryDisk,
    signed: MemoryDisk,
}

impl Memory {
    pub fn disks(&self) -> Disks<MemoryDisk> {
        Disks { state: self.state.clone(), log: self.log.clone(), signed: self.signed.clone() }
    }

    /// Puts the blocks and the state back to what they were in another copy, but not the note of what was signed.
    pub fn restore_blocks_from(&self, older: &Memory) -> Memory {
        Memory {
            state: MemoryDisk::with_bytes(older.state.bytes()),
            log: MemoryDisk::with_bytes(older.log.bytes()),
            signed: self.signed.clone(),
        }
    }

    /// A copy that later writes do not touch.
    pub fn copy(&self) -> Memory {
        Memory {
            state: MemoryDisk::with_bytes(self.state.bytes()),
            log: MemoryDisk::with_bytes(self.log.bytes()),
            signed: MemoryDisk::with_bytes(self.signed.bytes()),
        }
    }

    /// These bytes of state, log and note.
    pub fn with_bytes(state: Vec<u8>, log: Vec<u8>, signed: Vec<u8>) -> Memory {
        let [state, log, signed] = [state, log, signed].map(MemoryDisk::with_bytes);
        Memory { state, log, signed }
    }

    /// The bytes of state, log and note.
    pub fn bytes(&self) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
        (self.state.bytes(), self.log.bytes(), self.signed.bytes())
    }

    /// This state with the log of another copy, and no note.
    pub fn with_log_of(&self, other: &Memory) -> Memory {
        let (state, _, _) = self.bytes();
        Memory::with_bytes(state, other.log.bytes(), Vec::new())
    }

    /// The same without the state, as if only the log had been synced.
    pub fn without_state(&self) -> Memory {
        Memory { state: MemoryDisk::new(), ..self.copy() }
    }
}

/// The disks of a workbench of faults.
pub fn faulty_disks(faults: &Faults) -> Disks<sealdesk_store::testing::FaultyDisk> {
    Disks { state: faults.disk("state"), log: faults.disk("log"), signed: faults.disk("signed") }
}

/// Opens the test desk's ledger.
pub fn open<D: Disk>(disks: Disks<D>, clock: &ManualClock) -> Result<Solo, SoloError> {
    Solo::open(Setup { disks, genesis: genesis(), key: validator(), clock: Arc::new(clock.clone()) })
}

/// Outcomes of transactions, as they are told.
#[derive(Clone, Default)]
pub struct Told(Arc<Mutex<Vec<TxOutcome>>>);

impl Told {
    pub fn waiter(&self) -> Option<Waiter> {
        let told = self.0.clone();
        Some(Box::new(move |outcome| told.lock().unwrap().push(outcome)))
    }

    pub fn all(&self) -> Vec<TxOutcome> {
        self.0.lock().unwrap().clone()
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
    let told = Told::default();
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
