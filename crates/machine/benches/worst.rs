//! What the dearest transactions cost, by gas (`sealdesk_protocol::gas`), and what a block of them would cost. Prints one line each.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark is a test: it may fail loudly and prints its table"
)]

use std::time::{Duration, Instant};

use prost_types::Any;
use sealdesk_machine::BlockContext;
use sealdesk_protocol::gas::{BLOCK_GAS_MAX, ED25519_GAS, SECP256K1_GAS, TX_GAS_MAX};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::messages::{GrantTarget, to_any};
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::side;
use sealdesk_protocol::tx::Tx;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;
use sealdesk_store::State;
use sealdesk_testkit::desk::Desk;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{assign_role, cast, create, register, respond, ticket_id, update_params};
use sealdesk_testkit::transaction::{Options, transaction};
use sealdesk_testkit::{forge, sealing};

/// Responses of the ticket whose grants are the dearest.
const RESPONSES: u32 = 300;
/// Administrators, each with five keys.
const ADMINISTRATORS: usize = 6;

fn signed(desk: &Desk, who: &Person, messages: Vec<Any>) -> Vec<u8> {
    let options = Options { chain: Some(desk.machine.chain_id().clone()), ..Options::default() };
    transaction(messages, &[(who, desk.sequence(who))], &options)
}

/// The fastest of several rounds: what is slower was something else on the machine.
fn fastest(mut work: impl FnMut()) -> Duration {
    let round = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..7).map(|_| round(&mut work)).min().unwrap()
}

/// Decodes, verifies and executes.
fn measure(name: &str, desk: &Desk, tx: &[u8], expected: u32) {
    let block = BlockContext { height: desk.height + 1, time: desk.time + 100 };
    let gas = Tx::decode(tx, desk.machine.prefix()).unwrap().gas();
    let took = fastest(|| {
        let mut state = State::new(desk.snapshot());
        let executed = desk.machine.execute(&mut state, &block, tx, 0).unwrap();
        assert_eq!(executed.code, expected, "{}", executed.log);
    });
    let micros = took.as_secs_f64() * 1e6;
    let per_gas = micros / gas as f64;
    let block_millis = per_gas * BLOCK_GAS_MAX as f64 / 1e3;
    println!(
        "{name:44} {gas:>6} gas  {took:>9.1?}  {per_gas:.2} µs a gas  a block of them {block_millis:.0} ms"
    );
}

fn signatures(person: &Person) {
    let key = person.key(0);
    let (message, digest) = ([7; 80], [7; 32]);
    let signature: [u8; 64] = key.sign(&message).try_into().unwrap();
    let ed25519 = fastest(|| {
        for _ in 0..200 {
            let verify = sealdesk_protocol::keys::VerifyKey::parse(&key.signing_public()).unwrap();
            verify.verify(&message, &signature).unwrap();
        }
    });
    let by_account = person.sign_digest(&digest);
    let secp256k1 = fastest(|| {
        for _ in 0..200 {
            sealdesk_protocol::keys::verify_secp256k1(&person.public, &digest, &by_account).unwrap();
        }
    });
    println!("one Ed25519 check {:?} ({ED25519_GAS} gas)", ed25519 / 200);
    println!("one secp256k1 check {:?} ({SECP256K1_GAS} gas)", secp256k1 / 200);
}

fn grant(desk: &Desk, granter: &Person, target: u32, reader: &str) -> wire::TargetedGrant {
    let (ticket, target) = (TicketId::new(1).unwrap(), GrantTarget::from_wire(target));
    let content = desk.snapshot().get_side(&side::content(ticket, target)).unwrap().unwrap();
    let (content, entry) = (content.as_slice().try_into().unwrap(), forge::entry(reader, 7));
    sealing::grant(&content, &granter.text, target.to_wire(), entry, &granter.key(0))
}

fn granting(granter: &Person, grants: &[wire::TargetedGrant]) -> Vec<Any> {
    let message = |grants: &[wire::TargetedGrant]| {
        let sender = granter.address.to_string();
        to_any(&wire::MsgGrantAccess { sender, ticket_id: ticket_id(1), grants: grants.to_vec() })
    };
    grants.chunks(100).map(message).collect()
}

fn main() {
    let mut cast = cast();
    let (admin, customer) = (cast.admin.clone(), cast.customer.clone());
    let desk = &mut cast.desk;
    signatures(&admin);
    let params = Params {
        max_responses_per_ticket: 2_000,
        max_tickets_per_customer_per_day: 10_000,
        max_open_tickets_per_customer: 10_000,
        ticket_cooldown_seconds: 0,
        ..Params::default()
    };
    desk.must(&admin, vec![update_params(&admin, &params)]);
    let more: Vec<Person> = (1..ADMINISTRATORS).map(|n| Person::new(&format!("admin {n}"))).collect();
    for person in &more {
        desk.must(&admin, vec![assign_role(&admin, person, "administrator")]);
    }
    desk.must(&customer, vec![create(desk, &customer, &[&admin, &customer])]);
    for _ in 0..RESPONSES {
        let message = respond(desk, &customer, 1, &[&admin, &customer]);
        desk.must(&customer, vec![message]);
    }
    for person in &more {
        desk.must(person, (0..4).map(|n| register(person, n)).collect());
    }
    // The administrators' half of each target's room is full.
    let readers: Vec<String> =
        more.iter().flat_map(|person| (0..4).map(|n| person.fingerprint(n))).take(16).collect();
    for granter in [&admin, &customer] {
        for target in 1..=RESPONSES {
            let grants: Vec<_> = readers.iter().map(|reader| grant(desk, granter, target, reader)).collect();
            desk.must(granter, granting(granter, &grants));
        }
    }
    let grants: Vec<_> = (1..=RESPONSES).map(|target| grant(desk, &customer, target, &readers[0])).collect();
    let tx = signed(desk, &customer, granting(&customer, &grants));
    measure("300 grants on 300 targets with 32 grants each", desk, &tx, 0);
    let mut last_is_bad = grants.clone();
    last_is_bad.last_mut().unwrap().grant_signature[3] ^= 1;
    let tx = signed(desk, &customer, granting(&customer, &last_is_bad));
    measure("the same, and the last signature is bad", desk, &tx, 11);
    let writer = Person::new("writer");
    desk.must(&writer, (0..5).rev().map(|n| register(&writer, n)).collect());
    desk.pass_to(desk.time + 100);
    let everyone: Vec<&Person> = more.iter().chain([&admin, &writer]).collect();
    let plain = create(desk, &writer, &everyone);
    // Key 0 signs it, which is the newest of five here: the other order tries them all.
    measure("a ticket for seven people", desk, &signed(desk, &writer, vec![plain]), 0);
    let rotated = Person::new("rotated");
    desk.must(&rotated, (0..5).map(|n| register(&rotated, n)).collect());
    desk.pass_to(desk.time + 100);
    let everyone: Vec<&Person> = more.iter().chain([&admin, &rotated]).collect();
    let plain = create(desk, &rotated, &everyone);
    measure("the same, signed by the oldest of five keys", desk, &signed(desk, &rotated, vec![plain]), 0);
    println!("a transaction may have {TX_GAS_MAX} gas, a block {BLOCK_GAS_MAX}");
}
