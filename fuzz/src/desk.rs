//! A small desk: three accounts with keys, one ticket in progress with a response, one resolved.

use std::sync::OnceLock;

use chacha20::{ChaCha20Rng, rand_core::SeedableRng as _};
use prost::Name;
use sealdesk_envelope::{Expected, Received};
use sealdesk_machine::BlockContext;
use sealdesk_protocol::envelope::{AccountKey, Context, Kind};
use sealdesk_protocol::genesis::{Genesis, GenesisValidator};
use sealdesk_protocol::keys::EncryptionKey;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::virtengine::{roles::v1 as roles, support::v1 as support};
use sealdesk_store::Snapshot;
use sealdesk_testkit::desk::{Desk as Ledger, genesis_at};

use crate::people::{CHAIN_ID, Person, administrator, agent, customer, registration, sealed, ticket_context};

/// Unix seconds of the genesis.
const BEGAN: i64 = 1_700_000_000;

/// The ticket in progress, and the resolved one.
pub const TICKETS: [&str; 2] = ["TKT-00000001", "TKT-00000002"];

/// The sequence with which the customer created the first ticket: after that of the registered key.
const FIRST_TICKET_SEQUENCE: u64 = 1;

/// A ledger between two blocks, to which nobody commits any more.
pub struct Desk {
    /// Its machine and its store.
    pub ledger: Ledger,
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
        self.ledger.snapshot()
    }

    /// The sequence that a person's next transaction names.
    pub fn sequence(&self, person: &Person) -> u64 {
        self.ledger.sequence(&person.person)
    }
}

/// Sends a message in a block of its own, so many seconds after the last.
fn send<M: Name>(desk: &mut Ledger, seconds: i64, sender: &Person, message: &M) {
    let tx = desk.tx(&sender.person, vec![to_any(message)]);
    let executed = desk.block_at(desk.time + seconds, &tx);
    assert_eq!(executed.code, 0, "{}", executed.log);
}

/// What the desk began with.
pub fn genesis() -> Genesis {
    let validator = GenesisValidator::new(administrator().signing.public().as_bytes(), 1, "node");
    genesis_at(BEGAN, &[&administrator().person], validator)
}

fn open() -> Desk {
    let mut desk = Ledger::from_genesis(&genesis());
    for person in [administrator(), customer(), agent()] {
        send(&mut desk, 10, person, &registration(person));
    }
    let role = roles::MsgAssignRole {
        sender: administrator().address().to_string(),
        address: agent().address().to_string(),
        role: "support_agent".into(),
        ..Default::default()
    };
    send(&mut desk, 10, administrator(), &role);
    for ticket in TICKETS {
        let create = create_ticket(desk.sequence(&customer().person));
        send(&mut desk, 100, customer(), &create);
        send(&mut desk, 10, administrator(), &assign(ticket, 0));
    }
    let respond = respond(desk.sequence(&agent().person), false);
    send(&mut desk, 10, agent(), &respond);
    let resolve = support::MsgResolveTicket {
        sender: agent().address().to_string(),
        ticket_id: TICKETS[1].into(),
        resolution_ref: "kb-1".into(),
    };
    send(&mut desk, 10, agent(), &resolve);
    let next = BlockContext { height: desk.height + 1, time: desk.time + 1_000 };
    Desk { ledger: desk, next }
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
        attachments: Vec::new(),
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
        collaborators: Vec::new(),
    }
}

/// The agent's response or note to the ticket in progress, sealed for this sequence.
pub fn respond(sequence: u64, internal: bool) -> support::MsgRespondToTicket {
    let context = Context {
        chain_id: CHAIN_ID.to_owned(),
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
        attachments: Vec::new(),
    }
}

/// The customer's own document, sealed for this sequence.
pub fn put_document(sequence: u64) -> support::MsgPutDocument {
    let (owner, name) = (customer().address().to_string(), "read-marks");
    let context = Context {
        chain_id: CHAIN_ID.to_owned(),
        ticket_id: format!("own/{owner}/{name}"),
        kind: Kind::Document,
        sender: owner.clone(),
        sequence,
        index: 0,
    };
    support::MsgPutDocument {
        sender: owner,
        shelf: "own".into(),
        name: name.into(),
        base_version: 0,
        envelope: Some(sealed(&context, customer(), &[key(customer())], b"{\"v\":1,\"entries\":{}}")),
        body: Vec::new(),
        remove: false,
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
        granter_key_version: 1,
    };
    support::MsgGrantAccess {
        sender: address,
        ticket_id: TICKETS[0].into(),
        grants: vec![grant],
        agent: String::new(),
    }
}
