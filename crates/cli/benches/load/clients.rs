//! The client that people have, at the other end: it reads whom to seal for by proof, seals, sends, and asks for the proof of what it sent.
//!
//! Senders have threads of their own, as programs of their own have, and share the machine with the node that they write to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk as ClientDesk;
use sealdesk_client::messages::NewTicket;
use sealdesk_client::node::Node;
use sealdesk_client::trust::Trust;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::wire::sealdesk::ledger::v1::FollowRequest;
use sealdesk_testkit::figures::Times;
use tokio::task::LocalSet;
use tonic::transport::Channel;

use crate::crowd::{Crowd, newcomer, prefix};
use crate::ledger::Desk;
use crate::server::Server;

/// Threads among which senders are divided.
const THREADS: usize = 4;
/// How long senders write beside readers, at least, before these are measured.
const HEAD_START: Duration = Duration::from_millis(500);
/// Readings of each kind.
const READS: u64 = 200;
const INBOXES: usize = 30;
/// Fsyncs of the disk that are measured before and after.
const FSYNCS: usize = 100;

type Client = ClientDesk<Channel>;

/// What senders came to.
pub struct Sealed {
    pub senders: usize,
    pub tickets: u64,
    pub took: Duration,
    pub answered: Times,
    /// Blocks that were made meanwhile.
    pub blocks: u64,
    /// Bytes by which the block log grew.
    pub log_bytes: u64,
    /// One fsync of the same disk before and after.
    pub fsync: Times,
}

/// What a reader waited, without and with writers.
pub struct Reading {
    pub idle: [Times; 2],
    pub beside: [Times; 2],
    /// Tickets that the writers wrote a second meanwhile.
    pub written: f64,
}

/// The past that was read again.
pub struct Replay {
    pub events: u64,
    pub took: Duration,
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

async fn open(url: &str) -> Client {
    Client::open(Node::connect(url).await.unwrap(), Trust::FirstUse).await.unwrap()
}

async fn write(desk: &Client, who: &Actor) {
    let ticket = NewTicket::new("technical", "Every second request fails", "Since this morning, with 502.");
    let outcome = desk.create_ticket(who, &ticket).await.unwrap();
    assert!(outcome.code == 0 && outcome.proven, "{outcome:?}");
}

/// Whether a sender who has written so many tickets writes another.
type GoOn = Arc<dyn Fn(usize) -> bool + Send + Sync>;

/// One sender: registers a key with a first ticket, then writes as long as it is told to.
async fn sender(url: String, number: u64, go_on: GoOn) -> (Vec<Duration>, Instant) {
    let (desk, who) = (open(&url).await, newcomer(number));
    write(&desk, &who).await;
    let (begun, mut times) = (Instant::now(), Vec::new());
    while go_on(times.len()) {
        let start = Instant::now();
        write(&desk, &who).await;
        times.push(start.elapsed());
    }
    (times, begun)
}

/// Senders on one thread.
fn send_together(url: &str, numbers: &[u64], go_on: &GoOn) -> Vec<(Vec<Duration>, Instant)> {
    let set = LocalSet::new();
    let senders: Vec<_> = numbers
        .iter()
        .map(|number| set.spawn_local(sender(url.to_owned(), *number, go_on.clone())))
        .collect();
    runtime().block_on(set.run_until(async {
        let mut all = Vec::new();
        for sender in senders {
            all.push(sender.await.unwrap());
        }
        all
    }))
}

/// Runs senders on their threads until all have done what `go_on` asks. Their times, and how long they wrote.
fn send(url: &str, first: u64, senders: usize, go_on: &GoOn) -> (Vec<Duration>, Duration) {
    let numbers: Vec<u64> = (first..).take(senders).collect();
    let all: Vec<_> = thread::scope(|scope| {
        let shares = numbers.chunks(senders.div_ceil(THREADS.min(senders)));
        let threads: Vec<_> =
            shares.map(|numbers| scope.spawn(move || send_together(url, numbers, go_on))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let written_from = all.iter().map(|(_, begun)| *begun).min().unwrap();
    (all.into_iter().flat_map(|(times, _)| times).collect(), written_from.elapsed())
}

/// Lets senders with the real client write `each` tickets, each awaited until it is proven.
pub async fn write_sealed(desk: &mut Desk, server: &Server, senders: usize, each: usize) -> Sealed {
    let node = server.connect().await;
    let mut fsync = Times::default();
    (0..FSYNCS).for_each(|_| fsync.add(desk.fsync()));
    let first = desk.newcomers(senders);
    let (height, bytes) = (node.status().await.unwrap().height, desk.log_bytes());
    let url = server.url().to_owned();
    let go_on: GoOn = Arc::new(move |written| written < each);
    let sending = tokio::task::spawn_blocking(move || send(&url, first, senders, &go_on));
    let (answered, took) = sending.await.unwrap();
    let blocks = (node.status().await.unwrap().height - height).unsigned_abs();
    let log_bytes = desk.log_bytes().saturating_sub(bytes);
    (0..FSYNCS).for_each(|_| fsync.add(desk.fsync()));
    let (tickets, answered) = ((senders * each) as u64, answered.into_iter().collect());
    Sealed { senders, tickets, took, answered, blocks, log_bytes, fsync }
}

async fn read(client: &Client, who: &Actor, tickets: u64) -> [Times; 2] {
    let mut times = [Times::default(), Times::default()];
    for n in 0..READS {
        let far = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11;
        let start = Instant::now();
        client.read(who, TicketId::new(1 + far % tickets).unwrap()).await.unwrap();
        times[0].add(start.elapsed());
    }
    for _ in 0..INBOXES {
        let start = Instant::now();
        client.inbox(&who.address(&prefix())).await.unwrap();
        times[1].add(start.elapsed());
    }
    times
}

/// An administrator reads tickets and their inbox, alone and beside writers.
pub async fn read_beside(desk: &mut Desk, server: &Server, writers: usize) -> Reading {
    let (first, tickets, url) = (desk.newcomers(writers), desk.next, server.url().to_owned());
    let reading = tokio::task::spawn_blocking(move || read_alone_and_beside(url, tickets, (first, writers)));
    reading.await.unwrap()
}

fn read_alone_and_beside(url: String, tickets: u64, (first, writers): (u64, usize)) -> Reading {
    let who = Crowd::administrator();
    let reader =
        |url: String, who: &Actor| runtime().block_on(async { read(&open(&url).await, who, tickets).await });
    let idle = reader(url.clone(), &who);
    let over = Arc::new(AtomicBool::new(false));
    let writing = {
        let (url, over) = (url.clone(), over.clone());
        thread::spawn(move || {
            let go_on: GoOn = Arc::new(move |_| !over.load(Ordering::Relaxed));
            send(&url, first, writers, &go_on)
        })
    };
    thread::sleep(HEAD_START);
    let beside = reader(url, &who);
    over.store(true, Ordering::Relaxed);
    let (answered, took) = writing.join().unwrap();
    Reading { idle, beside, written: answered.len() as f64 / took.as_secs_f64() }
}

/// Reads every event from the ledger's first on.
pub async fn replay(node: &Node<Channel>) -> Replay {
    let request = FollowRequest { from_start: true, stop_at_end: true, ..FollowRequest::default() };
    let start = Instant::now();
    let mut stream = node.follow(request).await.unwrap();
    let mut events = 0;
    while let Some(event) = stream.message().await.unwrap() {
        assert!(event.height > 0);
        events += 1;
    }
    Replay { events, took: start.elapsed() }
}
