//! The client that people have, at the other end: it reads whom to seal for by proof, seals, sends, and asks for the proof of what it sent.
//!
//! Senders have threads of their own, as programs of their own have, and share the machine with the node that they write to. Where they
//! write beside a reader, the node and the reader come before them on its processors.

use std::net::{IpAddr, Ipv4Addr};
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
use tokio::time::sleep_until;
use tonic::transport::{Channel, Endpoint};

use crate::crowd::{Crowd, newcomer, prefix};
use crate::ledger::Desk;
use crate::server::Server;

/// Threads among which senders are divided.
const THREADS: usize = 4;
/// How long senders write beside readers, at least, before these are measured.
const HEAD_START: Duration = Duration::from_millis(500);
/// The priority of senders beside a reader. They have processors of their own elsewhere; on these two, what they do for themselves would be
/// measured as what the reader waits for. Strangers have the same (`hostile`).
pub const LATER: i32 = 5;
/// Where the reader comes from.
const READER: Ipv4Addr = Ipv4Addr::new(127, 2, 0, 1);
/// How often the reader asks: more than anybody reads, and no more than a desk has for one of many.
const READ_EVERY: Duration = Duration::from_millis(50);
/// Readings of each kind.
const READS: u64 = 200;
const INBOXES: usize = 100;
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

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Opens the desk from an address of this machine.
pub async fn open(url: &str, from: Ipv4Addr) -> Client {
    let endpoint = Endpoint::from_shared(url.to_owned()).unwrap();
    let endpoint = endpoint.tcp_nodelay(true).local_address(Some(IpAddr::V4(from)));
    Client::open(Node::over(endpoint.connect().await.unwrap(), url), Trust::FirstUse).await.unwrap()
}

pub async fn write(desk: &Client, who: &Actor) {
    let ticket = NewTicket::new("technical", "Every second request fails", "Since this morning, with 502.");
    let outcome = desk.create_ticket(who, &ticket).await.unwrap();
    assert!(outcome.code == 0 && outcome.proven, "{outcome:?}");
}

/// What senders do.
#[derive(Clone)]
struct Sending {
    url: String,
    /// Where the sender of a number comes from.
    from: fn(u64) -> Ipv4Addr,
    /// Whether a sender who has written so many tickets writes another.
    go_on: Arc<dyn Fn(usize) -> bool + Send + Sync>,
}

/// The operator's own machine, to the node.
fn here(_: u64) -> Ipv4Addr {
    Ipv4Addr::LOCALHOST
}

/// A stranger's machine, to the node: what one of them has of it does not keep another one waiting.
fn elsewhere(number: u64) -> Ipv4Addr {
    let [.., third, fourth] = number.to_be_bytes();
    Ipv4Addr::new(127, 1, third, fourth)
}

/// One sender: registers a key with a first ticket, then writes as long as it is told to.
async fn sender(sending: Sending, number: u64) -> (Vec<Duration>, Instant) {
    let (desk, who) = (open(&sending.url, (sending.from)(number)).await, newcomer(number));
    write(&desk, &who).await;
    let (begun, mut times) = (Instant::now(), Vec::new());
    while (sending.go_on)(times.len()) {
        let start = Instant::now();
        write(&desk, &who).await;
        times.push(start.elapsed());
    }
    (times, begun)
}

/// Senders on one thread.
fn send_together(sending: &Sending, numbers: &[u64]) -> Vec<(Vec<Duration>, Instant)> {
    let set = LocalSet::new();
    let senders: Vec<_> =
        numbers.iter().map(|number| set.spawn_local(sender(sending.clone(), *number))).collect();
    runtime().block_on(set.run_until(async {
        let mut all = Vec::new();
        for sender in senders {
            all.push(sender.await.unwrap());
        }
        all
    }))
}

/// Runs senders on their threads until all have done what they are told to. Their times, and how long they wrote.
fn send(sending: &Sending, first: u64, senders: usize) -> (Vec<Duration>, Duration) {
    let numbers: Vec<u64> = (first..).take(senders).collect();
    let all: Vec<_> = thread::scope(|scope| {
        let shares = numbers.chunks(senders.div_ceil(THREADS.min(senders)));
        let threads: Vec<_> =
            shares.map(|numbers| scope.spawn(move || send_together(sending, numbers))).collect();
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
    let go_on = Arc::new(move |written| written < each);
    let sending = Sending { url: server.url().to_owned(), from: here, go_on };
    let sent = tokio::task::spawn_blocking(move || send(&sending, first, senders));
    let (answered, took) = sent.await.unwrap();
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
        sleep_until((start + READ_EVERY).into()).await;
    }
    for _ in 0..INBOXES {
        let start = Instant::now();
        client.inbox(&who.address(&prefix())).await.unwrap();
        times[1].add(start.elapsed());
        sleep_until((start + READ_EVERY).into()).await;
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
        |who: &Actor| runtime().block_on(async { read(&open(&url, READER).await, who, tickets).await });
    let idle = reader(&who);
    let over = Arc::new(AtomicBool::new(false));
    let writing = {
        let (url, over) = (url.clone(), over.clone());
        thread::spawn(move || {
            // On Linux a priority is a thread's, and of the threads that it begins.
            let _ = rustix::process::setpriority_process(None, LATER);
            let go_on = Arc::new(move |_| !over.load(Ordering::Relaxed));
            send(&Sending { url, from: elsewhere, go_on }, first, writers)
        })
    };
    thread::sleep(HEAD_START);
    let beside = reader(&who);
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
