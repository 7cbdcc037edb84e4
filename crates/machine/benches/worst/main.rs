//! What the dearest transaction of each kind costs, in a state that was made as dear as rules allow, against what
//! `sealdesk_protocol::gas` counts for it, and what a block filled with them takes of the second that a block may take.
//! Times are of this thread's processor, so that what else runs on the machine counts little.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark is a test: it may fail loudly and prints its table"
)]

mod world;

use prost_types::Any;
use sealdesk_machine::BlockContext;
use sealdesk_protocol::gas::{BLOCK_GAS_MAX, ED25519_GAS, SECP256K1_GAS, TX_GAS_MAX};
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::tx::Tx;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;
use sealdesk_store::State;
use sealdesk_testkit::desk::Desk;
use sealdesk_testkit::forge::{self, Place};
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{
    assign, assign_role, create, create_at, priority, propose, readers, register, resolve, respond,
    revoke_key, update_params, vote,
};

use world::{RESPONSES, World, signed, worst};

/// Most transactions and bytes of a block of the embedded engine.
const BLOCK_TXS: u64 = 1_000;
const BLOCK_BYTES: u64 = 3 << 20;
/// What a block may take, in microseconds.
const BLOCK_MICROS: f64 = 1e6;

/// Microseconds that this thread had a processor for, as Linux counts them: it does when the thread offers to let another one run.
fn cpu() -> f64 {
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e3
}

fn micros(work: impl FnOnce()) -> f64 {
    let start = cpu();
    work();
    cpu() - start
}

/// The median of several rounds.
fn median(mut work: impl FnMut() -> f64) -> f64 {
    let mut all: Vec<f64> = (0..9).map(|_| work()).collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Decodes, verifies and executes; prints what a block of them takes.
fn measure(name: &str, desk: &Desk, tx: &[u8], expected: u32) {
    let block = BlockContext { height: desk.height + 1, time: desk.time + 1 };
    let gas = Tx::decode(tx, desk.machine.prefix()).unwrap().gas();
    let mut state = State::new(desk.snapshot());
    let executed = desk.machine.execute(&mut state, &block, tx, 0).unwrap();
    assert_eq!(executed.code, expected, "{name}: {}", executed.log);
    let took = median(|| {
        let mut state = State::new(desk.snapshot());
        micros(|| {
            let executed = desk.machine.execute(&mut state, &block, tx, 0).unwrap();
            assert_eq!(executed.code, expected, "{name}: {}", executed.log);
        })
    });
    let bytes = u64::try_from(tx.len()).unwrap();
    let fit = (BLOCK_GAS_MAX / gas).min(BLOCK_TXS).min(BLOCK_BYTES / bytes);
    let (per_gas, part) = (took / gas as f64, took * fit as f64 / BLOCK_MICROS);
    println!(
        "{name:58} {gas:>6} gas {took:>9.0} µs  {per_gas:>5.2} µs a gas; {fit:>4} a block: {part:.2} of 1 s"
    );
}

fn signatures(person: &Person) {
    let key = person.key(0);
    let (message, digest) = ([7; 80], [7; 32]);
    let signature: [u8; 64] = key.sign(&message).try_into().unwrap();
    let ed25519 = median(|| {
        micros(|| {
            for _ in 0..200 {
                let verify = sealdesk_protocol::keys::VerifyKey::parse(&key.signing_public()).unwrap();
                verify.verify(&message, &signature).unwrap();
            }
        })
    });
    let by_account = person.sign_digest(&digest);
    let secp256k1 = median(|| {
        micros(|| {
            for _ in 0..200 {
                sealdesk_protocol::keys::verify_secp256k1(&person.public, &digest, &by_account).unwrap();
            }
        })
    });
    println!("one Ed25519 check {:.0} µs ({ED25519_GAS} gas)", ed25519 / 200.0);
    println!("one secp256k1 check {:.0} µs ({SECP256K1_GAS} gas)", secp256k1 / 200.0);
}

fn tickets(world: &World) {
    let (desk, customer) = (&world.desk, &world.customer);
    let everyone = world.readers(customer);
    let plain = create(desk, customer, &everyone);
    measure(
        "a ticket for 31 people, by the oldest of five keys",
        desk,
        &signed(desk, customer, vec![plain]),
        0,
    );
    let mut bad = create_at(desk, customer, &everyone, 0);
    bad.encrypted_payload.as_mut().unwrap().client_signature[3] ^= 1;
    measure("the same with a bad signature", desk, &signed(desk, customer, vec![to_any(&bad)]), 11);
    let place = Place {
        ticket_id: String::new(),
        kind: sealdesk_protocol::envelope::Kind::Ticket,
        sequence: desk.sequence(customer),
        index: 0,
    };
    let mut large = forge::unsigned(&readers(&everyone), 1);
    large.payload_ciphertext = vec![7; 98_304 + 48];
    let message = wire::MsgCreateTicket {
        encrypted_payload: Some(forge::signed(large, customer, 0, &place)),
        ..create_at(desk, customer, &everyone, 0)
    };
    measure("a ticket of 96 KiB", desk, &signed(desk, customer, vec![to_any(&message)]), 0);
    let message = respond(desk, customer, 1, &everyone);
    measure("a response on a ticket with 60 grants", desk, &signed(desk, customer, vec![message]), 0);
    let many = (0..16).map(|index| to_any(&create_at(desk, customer, &everyone, index))).collect();
    measure("sixteen tickets", desk, &signed(desk, customer, many), 0);
}

fn grants(world: &World) {
    let (desk, customer) = (&world.desk, &world.customer);
    let admin = &world.administrators[0];
    let key = admin.fingerprint(0);
    let spread = world.grants(std::slice::from_ref(&key), 1..RESPONSES + 1);
    let tx = signed(desk, customer, world.granting(&spread));
    measure("300 grants on 300 targets with 60 grants each", desk, &tx, 0);
    let mut bad = spread.clone();
    bad.last_mut().unwrap().grant_signature[3] ^= 1;
    measure(
        "the same, and the last signature is bad",
        desk,
        &signed(desk, customer, world.granting(&bad)),
        11,
    );
    let notes = world.grants(std::slice::from_ref(&key), 1..RESPONSES + 1);
    let much = signed(desk, customer, world.granting(&[spread.clone(), notes].concat()));
    let refused =
        median(|| micros(|| assert_eq!(Tx::decode(&much, desk.machine.prefix()).unwrap_err().code(), 11)));
    println!("refusing {} bytes with 600 grants, which cost too much: {refused:.0} µs", much.len());
    measure("one grant", desk, &signed(desk, customer, world.granting(&spread[..1])), 0);
    let one_each: Vec<Any> =
        spread[..16].iter().flat_map(|grant| world.granting(std::slice::from_ref(grant))).collect();
    measure("sixteen messages of one grant", desk, &signed(desk, customer, one_each), 0);
    let few = world.grants(&[key.clone(), admin.fingerprint(1)], 1..51);
    measure("100 grants on 50 targets", desk, &signed(desk, customer, world.granting(&few)), 0);
}

fn people(world: &World) {
    let (desk, customer, admin) = (&world.desk, &world.customer, &world.administrators[0]);
    let fresh = Person::new("fresh");
    measure("the first key of somebody", desk, &signed(desk, &fresh, vec![register(&fresh, 0)]), 0);
    let message = revoke_key(customer, customer.fingerprint(0));
    measure("revoking one's own key of 255", desk, &signed(desk, customer, vec![message]), 0);
    let message = revoke_key(admin, "00".repeat(20));
    measure("revoking a key that none of 999 agents has", desk, &signed(desk, admin, vec![message]), 6);
    let agent = Person::new("agent one more");
    let appoint = assign_role(admin, &agent, "support_agent");
    measure("an agent beside 999", desk, &signed(desk, admin, vec![appoint]), 0);
    let tx = signed(desk, admin, vec![vote(desk, admin, &world.administrators[5], true)]);
    measure("a vote against an administrator beside 504 others", desk, &tx, 0);
    let tx = signed(desk, admin, vec![propose(admin, &[9; 32], 5)]);
    measure("a vote for a validator beside 120 others", desk, &tx, 0);
    let change = update_params(admin, &Params::default());
    measure("a change of parameters", desk, &signed(desk, admin, vec![change]), 0);
}

fn small(world: &World) {
    let (desk, customer, admin) = (&world.desk, &world.customer, &world.administrators[0]);
    measure("a priority", desk, &signed(desk, admin, vec![priority(admin, 1, "urgent")]), 0);
    measure("an assignment", desk, &signed(desk, admin, vec![assign(admin, 1, &world.administrators[1])]), 0);
    let both: Vec<Any> =
        (0..8).flat_map(|_| [priority(admin, 1, "urgent"), priority(admin, 1, "low")]).collect();
    measure("sixteen priorities", desk, &signed(desk, admin, both), 0);
    measure("a refused one", desk, &signed(desk, customer, vec![priority(customer, 1, "urgent")]), 7);
}

/// A block of as many tickets as fit, of as many customers, in which a thousand old ones close by themselves: all of it.
fn whole_block(world: &mut World) {
    let people: Vec<Person> = (0..1_000).map(Person::number).collect();
    let desk = &mut world.desk;
    desk.begin(desk.time + 1);
    for person in &people {
        let tx = desk.tx(person, vec![register(person, 0)]);
        assert_eq!(desk.execute(&tx).code, 0);
    }
    desk.end();
    desk.pass_to(desk.time + 100);
    // So many are created, and resolved, with little state around them.
    let everyone = world.administrators.clone();
    let sealed = |desk: &Desk, person: &Person| {
        let readers: Vec<&Person> = everyone.iter().chain([person]).collect();
        signed(desk, person, vec![create(desk, person, &readers)])
    };
    let first = desk.ticket_count() + 1;
    desk.begin(desk.time + 1);
    for person in &people {
        let tx = sealed(desk, person);
        assert_eq!(desk.execute(&tx).code, 0);
    }
    desk.end();
    desk.begin(desk.time + 1);
    for number in first..first + 1_000 {
        let messages = vec![assign(&everyone[0], number, &everyone[1]), resolve(&everyone[0], number)];
        let tx = desk.tx(&everyone[0], messages);
        let executed = desk.execute(&tx);
        assert_eq!(executed.code, 0, "{}", executed.log);
    }
    desk.end();
    let mut txs: Vec<Vec<u8>> = people.iter().map(|person| sealed(desk, person)).collect();
    let gas = Tx::decode(&txs[0], desk.machine.prefix()).unwrap().gas();
    txs.truncate(usize::try_from(BLOCK_GAS_MAX / gas).unwrap());
    let mut state = State::new(desk.snapshot());
    let block = BlockContext { height: desk.height + 1, time: desk.time + 86_500 };
    let closing = micros(|| assert_eq!(desk.machine.begin(&mut state, &block).unwrap().len(), 1_000));
    let executing = micros(|| {
        for (tx, index) in txs.iter().zip(0..) {
            assert_eq!(desk.machine.execute(&mut state, &block, tx, index).unwrap().code, 0);
        }
    });
    let rooting = micros(|| {
        desk.machine.finish(&mut state, &block).unwrap();
        drop(desk.store.prepare(block.height + 1, state.into_changes()).unwrap());
    });
    let (all, count) = ((closing + executing + rooting) / BLOCK_MICROS, txs.len());
    println!("a block of {count} such tickets and 1,000 that close by themselves: {all:.2} of 1 s");
    println!(
        "  closing {closing:.0} µs, the tickets {executing:.0} µs, the end and the tree {rooting:.0} µs"
    );
}

fn main() {
    let mut world = worst();
    signatures(&world.customer);
    tickets(&world);
    grants(&world);
    people(&world);
    small(&world);
    let leaver = world.administrators[20].clone();
    world.almost_out(&leaver);
    let (desk, admin) = (&world.desk, &world.administrators[0]);
    let tx = signed(desk, admin, vec![vote(desk, admin, &leaver, true)]);
    measure("the vote by which whoever appointed 1,000 agents leaves", desk, &tx, 0);
    world.busy_customer();
    let (desk, customer) = (&world.desk, &world.customer);
    let plain = create(desk, customer, &world.readers(customer));
    measure("a ticket after 9,900 of that day", desk, &signed(desk, customer, vec![plain]), 0);
    whole_block(&mut world);
    println!("a transaction may have {TX_GAS_MAX} gas, a block {BLOCK_GAS_MAX}");
}
