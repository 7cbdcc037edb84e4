//! Tickets through a network of real CometBFTs, beside pairs of the same size through CometBFT's own `kvstore`: same configuration,
//! same driver, same run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sealdesk_node::comet::{Broadcast, Rpc};
use sealdesk_protocol::genesis::{Genesis, GenesisValidator};
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::virtengine::support::v1::MsgCreateTicket;
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::figures::{Times, millis};
use sealdesk_testkit::people::Person;
use sealdesk_testkit::random::Random;
use sealdesk_testkit::sealing::{sign, ticket_context, unsigned};
use sealdesk_testkit::transaction::Draft;
use sealdesk_testkit::trust::registered;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::desk::{self, BEGIN};
use crate::network::{Network, script};

/// Validators of each network.
const SIZES: [usize; 2] = [1, 4];
/// Who writes at the same time.
const CUSTOMERS: usize = 64;
/// Tickets of each.
const TICKETS: u64 = 40;
/// Tickets that are written one at a time.
const SINGLES: u64 = 40;
/// Commitment, tag and 1 KiB.
const CIPHERTEXT_BYTES: usize = 48 + 1_024;
/// Pause of a sender whom the mempool has no room for, and between two looks for a new block.
const PAUSE: Duration = Duration::from_millis(5);

/// What a network came to.
struct Figures {
    a_second: f64,
    loaded: Times,
    single: Times,
}

/// Everything that is sent, made before anything is measured: who sends what, in order.
struct Work {
    first: Vec<Vec<Vec<u8>>>,
    singles: Vec<Vec<u8>>,
    rest: Vec<Vec<Vec<u8>>>,
}

/// Tickets of real form and with real signatures, around random bytes.
fn tickets() -> (Genesis, Work) {
    let admin = Person::new("admin");
    let validator = GenesisValidator::new(&desk::validator().public_key(), 10, "bench");
    let chain = sealdesk_testkit::chain_id();
    let administrators = std::slice::from_ref(&admin.address);
    let mut genesis =
        Genesis::new(&chain, &sealdesk_testkit::prefix(), BEGIN, administrators, validator).unwrap();
    let identity = genesis.identity().unwrap();
    let params = &mut genesis.app_state.params;
    (params.max_tickets_per_customer_per_day, params.max_open_tickets_per_customer) = (10_000, 10_000);
    params.ticket_cooldown_seconds = 0;
    let customers: Vec<Person> = (0..=CUSTOMERS).map(|n| Person::new(&format!("customer-{n}"))).collect();
    let mut random = Random::new(1);
    let register = |person: &Person| {
        let any = registered(&chain, &identity, person, &person.key(0));
        vec![Draft::new(CHAIN_ID, vec![any], &[(person, 0)]).sign(&[person])]
    };
    let mut ticket = |person: &Person, sequence: u64| {
        let place = ticket_context(CHAIN_ID, &person.text, sequence);
        let readers = [person.key(0).fingerprint, admin.key(0).fingerprint];
        let sealed = unsigned(&readers, CIPHERTEXT_BYTES, &mut random);
        let any = to_any(&MsgCreateTicket {
            customer: person.text.clone(),
            category: "technical".to_owned(),
            encrypted_payload: Some(sign(sealed, &place, &person.key(0), None)),
            ..Default::default()
        });
        Draft::new(CHAIN_ID, vec![any], &[(person, sequence)]).sign(&[person])
    };
    let first = std::iter::once(&admin).chain(&customers).map(register).collect();
    let singles = (1..=SINGLES).map(|n| ticket(&customers[CUSTOMERS], n)).collect();
    let rest = customers[..CUSTOMERS].iter().map(|one| (1..=TICKETS).map(|n| ticket(one, n)).collect());
    let rest = rest.collect();
    (genesis, Work { first, singles, rest })
}

/// As many pairs of the same sizes.
fn pairs(like: &Work) -> Work {
    let mut n = 0;
    let mut pair = |tx: &Vec<u8>| {
        n += 1;
        let key = format!("k{n}=");
        let value = "v".repeat(tx.len().saturating_sub(key.len()));
        format!("{key}{value}").into_bytes()
    };
    Work {
        first: Vec::new(),
        singles: like.singles.iter().map(&mut pair).collect(),
        rest: like.rest.iter().map(|all| all.iter().map(&mut pair).collect()).collect(),
    }
}

/// Sends everyone's transactions, each sender's in order, and gives for each when it was sent.
async fn send_all(rpcs: &[Rpc], work: &[Vec<Vec<u8>>]) -> BTreeMap<String, Instant> {
    let mut senders = JoinSet::new();
    for (n, txs) in work.iter().enumerate() {
        let (rpc, txs) = (rpcs[n % rpcs.len()].clone(), txs.clone());
        senders.spawn(async move {
            let mut sent = Vec::new();
            for tx in txs {
                let begun = Instant::now();
                loop {
                    match rpc.broadcast(&tx).await {
                        Broadcast::Taken | Broadcast::Known => break,
                        _ => sleep(PAUSE).await,
                    }
                }
                sent.push((BASE64.encode(&tx), begun));
            }
            sent
        });
    }
    let mut all = BTreeMap::new();
    while let Some(sent) = senders.join_next().await {
        all.extend(sent.unwrap());
    }
    all
}

/// Notes when each transaction is seen in a block, until there are so many.
async fn watch(rpc: Rpc, mut height: u64, count: usize) -> BTreeMap<String, Instant> {
    let mut seen = BTreeMap::new();
    while seen.len() < count {
        if rpc.heights().await.unwrap().1 <= height {
            sleep(PAUSE).await;
            continue;
        }
        let now = Instant::now();
        height += 1;
        let block = rpc.ask("block", json!({ "height": height.to_string() })).await.unwrap();
        for tx in block["block"]["data"]["txs"].as_array().into_iter().flatten() {
            seen.insert(tx.as_str().unwrap().to_owned(), now);
        }
    }
    seen
}

async fn write(rpcs: &[Rpc], work: &[Vec<Vec<u8>>]) -> (Duration, Times) {
    let height = rpcs[0].heights().await.unwrap().1;
    let begun = Instant::now();
    let watching = tokio::spawn(watch(rpcs[0].clone(), height, work.iter().map(Vec::len).sum()));
    let sent = send_all(rpcs, work).await;
    let seen = watching.await.unwrap();
    let took = seen.values().max().map_or(Duration::ZERO, |last| *last - begun);
    let times = sent.iter().map(|(tx, sent)| seen[tx].saturating_duration_since(*sent)).collect();
    (took, times)
}

async fn run(validators: usize, genesis: &Genesis, work: &Work, kvstore: bool) -> Figures {
    let mut network = Network::prepare_with(genesis.clone(), &vec![10; validators]);
    if kvstore {
        let program = script(&network.dir.path().join("kvstore"), "", "--proxy_app kvstore");
        network.programs = vec![program; validators];
    }
    network.start_all().await;
    let rpcs: Vec<Rpc> = (0..validators).map(|n| network.rpc(n)).collect();
    while rpcs[0].heights().await.map_or(0, |(_, last)| last) == 0 {
        sleep(PAUSE).await;
    }
    // A tracked transaction of each sender comes first, so that nothing that is measured is anyone's first.
    if !work.first.is_empty() {
        write(&rpcs, &work.first).await;
    }
    let mut single = Times::default();
    for tx in &work.singles {
        let (_, times) = write(&rpcs[..1], &[vec![tx.clone()]]).await;
        single.add(times.p50());
    }
    let (took, loaded) = write(&rpcs, &work.rest).await;
    network.stop_all().await;
    let count: usize = work.rest.iter().map(Vec::len).sum();
    Figures { a_second: f64::from(u32::try_from(count).unwrap()) / took.as_secs_f64(), loaded, single }
}

pub async fn measure() {
    let (genesis, tickets) = tickets();
    let pairs = pairs(&tickets);
    let bytes = tickets.rest[0][0].len();
    println!("\ntickets of {bytes} B through CometBFT, beside pairs of the same size in its own kvstore");
    let genesis = Arc::new(genesis);
    for validators in SIZES {
        eprintln!("  {validators} validators …");
        let ours = run(validators, &genesis, &tickets, false).await;
        let theirs = run(validators, &genesis, &pairs, true).await;
        let (one, other) = (ours.single.p50().as_secs_f64(), theirs.single.p50().as_secs_f64());
        println!(
            "  {validators} validators: x{:.2} of the kvstore's rate (aim: at least 0.5), x{:.2} of its time for one alone (aim: at most 1.5)",
            ours.a_second / theirs.a_second,
            one / other
        );
        for (name, figures) in [("tickets", ours), ("kvstore", theirs)] {
            println!(
                "    {name}: {:.0} a second, under that load p50 {} and p99 {}; one alone p50 {}, p99 {}",
                figures.a_second,
                millis(figures.loaded.p50()),
                millis(figures.loaded.p99()),
                millis(figures.single.p50()),
                millis(figures.single.p99())
            );
        }
    }
}
