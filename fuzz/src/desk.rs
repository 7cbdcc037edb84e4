//! A small desk: three accounts with keys, one ticket in progress with a response, one resolved.

use std::sync::OnceLock;

use chacha20::{ChaCha20Rng, rand_core::SeedableRng as _};
use prost::Message as _;
use sealdesk_envelope::{Expected, Received};
use sealdesk_machine::{BlockContext, Executed, Machine};
use sealdesk_protocol::envelope::{AccountKey, Context, Kind};
use sealdesk_protocol::genesis::{Genesis, GenesisValidator};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::keys::EncryptionKey;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::TxBody;
use sealdesk_protocol::wire::virtengine::{roles::v1 as roles, support::v1 as support};
use sealdesk_store::{Durability, Snapshot, State, Store};

use crate::people::{
    Person, administrator, agent, chain_id, customer, prefix, registration, sealed, sign, ticket_context,
};

/// Unix seconds of the genesis.
const BEGAN: i64 = 1_700_000_000;

/// The ticket in progress, and the resolved one.
pub const TICKETS: [&str; 2] = ["TKT-00000001", "TKT-00000002"];

/// The sequence with which the customer created the first ticket: after that of the registered key.
const FIRST_TICKET_SEQUENCE: u64 = 1;

/// A ledger between two blocks.
pub struct Desk {
    /// Its machine.
    pub machine: Machine,
    /// Its store, which nobody commits to any more.
    pub store: Store,
    /// The next block.
    pub next: BlockContext,
}

impl Desk {
    /// The desk that every input finds.
    pub fn get() -> &'static Desk {
        static DESK: OnceLock<Desk> = OnceLock::new();
        DESK.get_or_init(open)
    }

    /// Its state.
    pub fn snapshot(&self) -> Snapshot {
        self.store.latest()
    }

    /// The sequence that an account's next transaction names.
    pub fn sequence(&self, address: &Address) -> u64 {
        self.machine.account_sequence(&self.snapshot(), address).expect("the state can be read")
    }

    /// A transaction of one message, with the sequence that comes next.
    pub fn signed(&self, person: &Person, message: prost_types::Any) -> Vec<u8> {
        let body = TxBody { messages: vec![message], ..TxBody::default() };
        sign(&body.encode_to_vec(), &[(person, self.sequence(&person.address()))])
    }

    /// A block with one transaction, ten seconds or more after the last.
    fn block(&mut self, seconds: i64, tx: &[u8]) {
        self.next.time += seconds;
        let mut state = State::new(self.snapshot());
        self.machine.begin(&mut state, &self.next).expect("the block follows");
        let executed: Executed = self.machine.execute(&mut state, &self.next, tx, 0).expect("it is judged");
        assert_eq!(executed.code, 0, "{}", executed.log);
        self.machine.finish(&mut state, &self.next).expect("the block ends");
        commit(&self.store, state);
        self.next.height += 1;
    }
}

fn commit(store: &Store, state: State) {
    let version = store.latest().version() + 1;
    let staged = store.prepare(version, state.into_changes()).expect("a staged block");
    store.commit(staged, Durability::Synced).expect("a committed block");
}

/// What the desk began with.
pub fn genesis() -> Genesis {
    let validator = GenesisValidator::new(administrator().signing.public().as_bytes(), 1, "node");
    let genesis = Genesis::new(&chain_id(), &prefix(), BEGAN, &[administrator().address()], validator);
    genesis.expect("a new desk")
}

fn open() -> Desk {
    let store = Store::in_memory();
    let mut state = State::new(store.latest());
    let machine = Machine::genesis(&mut state, &genesis()).expect("it is written");
    commit(&store, state);
    let mut desk = Desk { machine, store, next: BlockContext { height: 1, time: BEGAN } };
    for person in [administrator(), customer(), agent()] {
        let tx = desk.signed(person, to_any(&registration(person)));
        desk.block(10, &tx);
    }
    let role = roles::MsgAssignRole {
        sender: administrator().address().to_string(),
        address: agent().address().to_string(),
        role: "support_agent".into(),
    };
    let tx = desk.signed(administrator(), to_any(&role));
    desk.block(10, &tx);
    for ticket in TICKETS {
        let create = create_ticket(desk.sequence(&customer().address()));
        let tx = desk.signed(customer(), to_any(&create));
        desk.block(100, &tx);
        let tx = desk.signed(administrator(), to_any(&assign(ticket, 0)));
        desk.block(10, &tx);
    }
    let respond = respond(desk.sequence(&agent().address()), false);
    let tx = desk.signed(agent(), to_any(&respond));
    desk.block(10, &tx);
    let resolve = support::MsgResolveTicket {
        sender: agent().address().to_string(),
        ticket_id: TICKETS[1].into(),
        resolution_ref: "kb-1".into(),
    };
    let tx = desk.signed(agent(), to_any(&resolve));
    desk.block(10, &tx);
    desk.next.time += 1_000;
    desk
}

fn key(person: &Person) -> EncryptionKey {
    *person.encryption.public()
}

/// The customer's ticket, sealed for this sequence.
pub fn create_ticket(sequence: u64) -> support::MsgCreateTicket {
    let readers = [key(administrator()), key(customer())];
    support::MsgCreateTicket {
        customer: customer().address().to_string(),
        category: "technical".into(),
        priority: "high".into(),
        provider_address: String::new(),
        resource_ref: Some(support::ResourceReference {
            r#type: "lease".into(),
            id: format!("{}/7/1/1", customer().address()),
            owner: customer().address().to_string(),
        }),
        encrypted_payload: Some(sealed(&ticket_context(sequence), customer(), &readers, b"It is on fire")),
    }
}

/// Gives a ticket to the agent.
pub fn assign(ticket: &str, response_count: u32) -> support::MsgAssignTicket {
    support::MsgAssignTicket {
        sender: administrator().address().to_string(),
        ticket_id: ticket.into(),
        assign_to: agent().address().to_string(),
        response_count,
        check_count: true,
    }
}

/// The agent's response or note to the ticket in progress, sealed for this sequence.
pub fn respond(sequence: u64, internal: bool) -> support::MsgRespondToTicket {
    let context = Context {
        chain_id: chain_id().as_str().to_owned(),
        ticket_id: TICKETS[0].to_owned(),
        kind: if internal { Kind::Note } else { Kind::Response },
        sender: agent().address().to_string(),
        sequence,
        index: 0,
    };
    let readers = [key(administrator()), key(agent()), key(customer())];
    let readers = if internal { &readers[..2] } else { &readers };
    support::MsgRespondToTicket {
        responder: agent().address().to_string(),
        ticket_id: TICKETS[0].into(),
        encrypted_payload: Some(sealed(&context, agent(), readers, b"Have you tried water?")),
        internal,
    }
}

/// The administrator lets the agent read what the customer wrote first.
pub fn grant() -> support::MsgGrantAccess {
    let (granter, context) = (administrator(), ticket_context(FIRST_TICKET_SEQUENCE));
    let wire = create_ticket(FIRST_TICKET_SEQUENCE).encrypted_payload.unwrap_or_default();
    let signing_key = customer().signing.public();
    let expected = Expected { context: &context, signing_key, account: AccountKey::OfSender };
    let received = Received::verify(&wire, &expected).expect("the customer signed it");
    let opened = received.open(&granter.encryption, &[]).expect("it is sealed for the administrator");
    let address = granter.address().to_string();
    let mut rng = ChaCha20Rng::from_seed([6; 32]);
    let grant = opened.grant(&key(agent()), &address, &granter.signing, &mut rng).expect("a good key");
    let grant = support::TargetedGrant {
        target: 0,
        entry: Some(grant.entry.to_wire()),
        grant_signature: grant.signature.to_vec(),
    };
    support::MsgGrantAccess { sender: address, ticket_id: TICKETS[0].into(), grants: vec![grant] }
}
