//! `kill -9`, again and again, while people write. Nothing acknowledged may be lost, nothing may be there twice.
//!
//! 200 rounds by default; `SEALDESK_CRASH_ROUNDS` sets another number (`make crash`).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::desk::session::Session;
use crate::desk::{free_addresses, wait_until};
use sealdesk_client::Error;
use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use sealdesk_client::keyring::Keyring;
use sealdesk_client::messages::NewResponse;
use sealdesk_client::node::Node;
use sealdesk_client::trust::Trust;
use sealdesk_protocol::ids::TicketId;

/// How often the node is killed unless the environment says otherwise.
const ROUNDS: u64 = 200;
/// People who write at the same time.
const WRITERS: u64 = 12;

/// What one writer was told: the texts that were acknowledged, and all that were sent.
#[derive(Default)]
struct Told {
    acknowledged: Vec<(String, u32)>,
    sent: u64,
    /// Nobody could say whether these happened.
    unanswered: u64,
}

/// What all writers share.
#[derive(Default)]
struct All {
    stop: AtomicBool,
    acknowledged: AtomicU64,
}

fn rounds() -> u64 {
    std::env::var("SEALDESK_CRASH_ROUNDS").map_or(ROUNDS, |text| text.parse().expect("a number of rounds"))
}

/// A small generator, so that a failing run can be told by its seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Writes until told to stop. Every text is sent once: the client alone decides what to send again.
async fn write(url: String, me: Actor, ticket: TicketId, (name, all): (u64, Arc<All>)) -> Told {
    let mut told = Told::default();
    let mut desk = None;
    while !all.stop.load(Ordering::SeqCst) {
        if desk.is_none() {
            let Ok(node) = Node::connect(&url).await else { continue };
            desk = Desk::open(node, Trust::FirstUse).await.ok();
        }
        let Some(open) = &desk else { continue };
        let text = format!("writer {name} message {}", told.sent);
        told.sent += 1;
        match open.respond(&me, ticket, &NewResponse::new(&text)).await {
            Ok(outcome) => {
                told.acknowledged.push((text, outcome.response_index.unwrap()));
                all.acknowledged.fetch_add(1, Ordering::SeqCst);
            }
            Err(error) if error.refusal().is_some() => panic!("{text} was refused: {error}"),
            Err(Error::Unanswered { .. }) => told.unanswered += 1,
            // The node was away before anything was sent.
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
    told
}

/// A desk whose limits do not get in the way, with one ticket for each writer.
fn desk_with_tickets(listen: &str) -> Session {
    let mut desk = Session::idle();
    desk.start_node(listen);
    desk.ask(&[
        "tx",
        "support",
        "update-params",
        "--from",
        "admin",
        "--ticket-cooldown-seconds",
        "0",
        "--max-responses-per-ticket",
        "10000",
    ]);
    for writer in 0..WRITERS {
        let name = format!("writer{writer}");
        desk.key(&name);
        desk.ask(&[
            "tx",
            "support",
            "create-ticket",
            "--from",
            &name,
            "--category",
            "other",
            "--subject",
            "load",
            "--message",
            "load",
        ]);
    }
    desk
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_by_kill_9() {
    let rounds = rounds();
    // The desk keeps it over all its lives.
    let listen = free_addresses().next().unwrap().to_string();
    let url = format!("http://{listen}");
    let mut desk = desk_with_tickets(&listen);
    let all = Arc::new(All::default());
    let keyring =
        Keyring::open(&desk.home().join(".sealdesk"), sealdesk_client::keyring::Backend::Test).unwrap();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let me = keyring.unlock(&format!("writer{writer}"), b"").unwrap();
            let ticket = TicketId::new(writer + 1).unwrap();
            let (url, all) = (url.clone(), all.clone());
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(write(url, me, ticket, (writer, all)))
            })
        })
        .collect();

    let seed = u64::from(std::process::id());
    let mut dice = Dice(seed);
    for round in 0..rounds {
        // Any moment is as good as another. Where the machine is slow, the load has to be real all the same.
        std::thread::sleep(Duration::from_millis(20 + dice.roll(180)));
        wait_until("one message a round to be acknowledged", || {
            all.acknowledged.load(Ordering::SeqCst) > round
        });
        desk.kill_node();
        desk.start_node(&listen);
    }
    all.stop.store(true, Ordering::SeqCst);
    let told: Vec<Told> = writers.into_iter().map(|writer| writer.join().unwrap()).collect();
    let acknowledged: usize = told.iter().map(|told| told.acknowledged.len()).sum();
    let unanswered: u64 = told.iter().map(|told| told.unanswered).sum();
    println!("{rounds} rounds, seed {seed}: {acknowledged} acknowledged, {unanswered} unanswered");
    assert!(acknowledged as u64 >= rounds, "the load was real");

    for (writer, told) in told.iter().enumerate() {
        check(&desk, writer, told);
    }
    desk.ask(&["doctor"]);
    desk.stop_node();
    desk.ask(&["doctor"]);
}

/// What one writer was told, against what he reads.
fn check(desk: &Session, writer: usize, told: &Told) {
    let read = desk.ask(&["read", &format!("{}", writer + 1), "--from", &format!("writer{writer}")]);
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    for message in read["messages"].as_array().unwrap().iter().skip(1) {
        let earlier =
            seen.insert(message["text"].as_str().unwrap(), message["response_index"].as_u64().unwrap());
        assert_eq!(earlier, None, "{} stands twice", message["text"]);
    }
    for (text, index) in &told.acknowledged {
        assert_eq!(seen.get(text.as_str()), Some(&u64::from(*index)), "{text} was acknowledged");
    }
    assert!(seen.len() as u64 <= told.sent, "nothing is there that was not sent");
    assert_eq!(read["ticket"]["response_count"].as_u64().unwrap(), seen.len() as u64);
}
