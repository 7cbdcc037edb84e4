//! Many readers of events with nothing to read, as pages that people leave open: how many are let in, what the node holds for each, and what
//! somebody's ticket takes while all of them are told of it, beside the same without them.
//!
//! Each reader has an address of its own. They share the machine with the node, and come after it on its processors: elsewhere they have
//! their own.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sealdesk_testkit::figures::{Times, micros, millis, ratio};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::clients::{self, LATER};
use crate::ledger::Desk;
use crate::server::Server;

/// Readers who come, unless `SEALDESK_BENCH_READERS` says how many.
const READERS: usize = 10_000;
/// Those who come at the same time.
const COMING: usize = 64;
/// Open files beside one for each reader, here and in the node.
const FILES_BESIDE: usize = 1_024;
/// Tickets that are written without them and beside them, and how often one is.
const TICKETS: usize = 60;
const WRITE_EVERY: Duration = Duration::from_millis(250);
/// How long it may take until the last one is told of a ticket.
const TOLD_WAIT: Duration = Duration::from_secs(60);
/// Where nobody was told of anything for so long, everyone was told of all.
const QUIET: Duration = Duration::from_secs(1);
/// How long the node may take to let go of all of them.
const GONE_WAIT: Duration = Duration::from_secs(10);
/// Where the writer comes from.
const WRITER: Ipv4Addr = Ipv4Addr::new(127, 2, 0, 2);
/// What stands in a stream before the first event, and before each event's text.
const OPENING: &[u8] = b"\nretry:";
const EVENT: &[u8] = b"\ndata:";

/// What they came to.
pub struct Readers {
    wanted: usize,
    let_in: usize,
    came_in: Duration,
    resident_bytes: u64,
    without: Written,
    beside: Written,
    /// From a ticket's being sent to the last reader's being told of all that it made happen.
    told: Times,
    events: u64,
}

/// Tickets, each until it is proven.
#[derive(Default)]
struct Written {
    times: Times,
    cpu: Duration,
}

/// Readers on a thread of their own, until this is dropped.
struct Listening {
    let_in: usize,
    /// Events that all of them together have been told of.
    told: Arc<AtomicU64>,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Finds a text that begins with a line's end, and has no other, in what comes piece by piece.
struct Finder {
    text: &'static [u8],
    matched: usize,
}

impl Finder {
    fn new(text: &'static [u8]) -> Self {
        Self { text, matched: 0 }
    }

    fn count(&mut self, bytes: &[u8]) -> u64 {
        let mut found = 0;
        for byte in bytes {
            self.matched = match *byte {
                b'\n' => 1,
                byte if self.matched > 0 && byte == self.text[self.matched] => self.matched + 1,
                _ => 0,
            };
            if self.matched == self.text.len() {
                (found, self.matched) = (found + 1, 0);
            }
        }
        found
    }
}

/// The address of a reader: a stranger's to the node, and nobody else's.
fn address(number: usize) -> Ipv4Addr {
    let [.., third, fourth] = (u32::try_from(number).unwrap() + 1).to_be_bytes();
    Ipv4Addr::new(127, 4, third, fourth)
}

/// One stream that was let in, at its first event.
async fn come(at: SocketAddr, from: Ipv4Addr) -> io::Result<Option<TcpStream>> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddrV4::new(from, 0).into())?;
    let mut stream = socket.connect(at).await?;
    stream.write_all(format!("GET /api/v1/events HTTP/1.1\r\nhost: {at}\r\n\r\n").as_bytes()).await?;
    let (mut bytes, mut opening, mut came) = ([0; 1_024], Finder::new(OPENING), Vec::new());
    loop {
        let count = stream.read(&mut bytes).await?;
        came.extend(&bytes[..count]);
        if count == 0 || (came.len() > 12 && !came.starts_with(b"HTTP/1.1 200")) {
            return Ok(None);
        }
        if opening.count(&bytes[..count]) > 0 {
            return Ok(Some(stream));
        }
    }
}

/// Counts what one stream tells of until it ends.
async fn listen(mut stream: TcpStream, told: Arc<AtomicU64>) {
    let (mut bytes, mut events) = ([0; 4_096], Finder::new(EVENT));
    while let Ok(count @ 1..) = stream.read(&mut bytes).await {
        told.fetch_add(events.count(&bytes[..count]), Ordering::Relaxed);
    }
}

impl Listening {
    fn begin(at: SocketAddr, readers: usize) -> Self {
        let (told, (end, ended), (tell, let_in)) = (Arc::default(), oneshot::channel(), mpsc::channel());
        let counting: Arc<AtomicU64> = Arc::clone(&told);
        let thread = thread::spawn(move || {
            // On Linux a priority is a thread's.
            let _ = rustix::process::setpriority_process(None, LATER);
            clients::runtime().block_on(async {
                let (mut coming, mut listening) = (JoinSet::new(), JoinSet::new());
                for number in 0..readers {
                    if coming.len() >= COMING {
                        take_in(&mut coming, &mut listening, &counting).await;
                    }
                    coming.spawn(come(at, address(number)));
                }
                while !coming.is_empty() {
                    take_in(&mut coming, &mut listening, &counting).await;
                }
                tell.send(listening.len()).unwrap();
                let _ = ended.await;
            });
        });
        let let_in = let_in.recv().unwrap();
        Self { let_in, told, end: Some(end), thread: Some(thread) }
    }

    fn told(&self) -> u64 {
        self.told.load(Ordering::Relaxed)
    }
}

/// The next one who has come listens, if they were let in.
async fn take_in(
    coming: &mut JoinSet<io::Result<Option<TcpStream>>>,
    listening: &mut JoinSet<()>,
    told: &Arc<AtomicU64>,
) {
    if let Some(Ok(Ok(Some(stream)))) = coming.join_next().await {
        listening.spawn(listen(stream, told.clone()));
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// This process may open as many files as the system lets it, and so may the node that it starts. How many readers that is enough for.
fn room(wanted: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    let files = getrlimit(Resource::Nofile).current.and_then(|files| usize::try_from(files).ok());
    wanted.min(files.map_or(wanted, |files| files.saturating_sub(FILES_BESIDE)))
}

/// Writes tickets; where somebody listens, each until all of them are told. How many events each of them was told of, too.
async fn write(server: &Server, number: u64, listening: Option<&Listening>) -> (Written, Times, u64) {
    let (desk, who) = (clients::open(server.url(), WRITER).await, crate::crowd::newcomer(number));
    clients::write(&desk, &who).await;
    sleep_until((Instant::now() + WRITE_EVERY).into()).await;
    if let Some(listening) = listening {
        all_told(listening).await;
    }
    let (mut written, mut told) = (Written::default(), Times::default());
    let begun = listening.map_or(0, Listening::told);
    let cpu = server.cpu_time();
    for _ in 0..TICKETS {
        let start = Instant::now();
        let before = listening.map_or(0, Listening::told);
        clients::write(&desk, &who).await;
        written.times.add(start.elapsed());
        if let Some(listening) = listening {
            // A ticket is one event.
            until(start, || listening.told() >= before + listening.let_in as u64).await;
            told.add(start.elapsed());
        }
        sleep_until((start + WRITE_EVERY).into()).await;
    }
    written.cpu = server.cpu_time().saturating_sub(cpu);
    (written, told, listening.map_or(0, Listening::told) - begun)
}

/// Waits until everyone is told of what was first: a key and a ticket.
async fn all_told(listening: &Listening) {
    let (start, mut last) = (Instant::now(), 0);
    let is_whole = |told: u64| told > 0 && told.is_multiple_of(listening.let_in.max(1) as u64);
    while listening.let_in > 0 && !(last == listening.told() && is_whole(last)) {
        assert!(start.elapsed() < TOLD_WAIT, "a reader was not told");
        last = listening.told();
        tokio::time::sleep(QUIET).await;
    }
}

async fn until(start: Instant, mut enough: impl FnMut() -> bool) {
    while !enough() {
        assert!(start.elapsed() < TOLD_WAIT, "a reader was not told");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Serves a desk with room for so many, and lets them come.
pub fn measure(desk: &mut Desk) -> Readers {
    let wanted = std::env::var("SEALDESK_BENCH_READERS").ok().and_then(|text| text.parse().ok());
    let wanted = wanted.unwrap_or(READERS);
    let readers = room(wanted);
    eprintln!("{readers} readers of events");
    // The writer has a connection too.
    let (connections, subscribers) = ((readers + 16).to_string(), readers.to_string());
    let server =
        Server::start_with(&desk.home, &["--connections", &connections, "--subscribers", &subscribers]);
    let first = desk.newcomers(2);
    let runtime = clients::runtime();
    let (without, ..) = runtime.block_on(write(&server, first, None));
    let (before, start) = (server.resident_bytes(), Instant::now());
    let at: SocketAddr = server.url().trim_start_matches("http://").parse().unwrap();
    let listening = Listening::begin(at, readers);
    let (let_in, came_in) = (listening.let_in, start.elapsed());
    let resident_bytes = server.resident_bytes().saturating_sub(before) / (let_in.max(1) as u64);
    eprintln!("  {let_in} are let in; a ticket beside them");
    let (beside, told, events) = runtime.block_on(write(&server, first + 1, Some(&listening)));
    assert_eq!(events, (let_in * TICKETS) as u64, "everyone is told of each ticket once");
    drop(listening);
    let start = Instant::now();
    server.stop();
    assert!(start.elapsed() < GONE_WAIT, "the node ends with its readers");
    Readers { wanted, let_in, came_in, resident_bytes, without, beside, told, events }
}

pub fn print(readers: &Readers) {
    let Readers { wanted, let_in, came_in, resident_bytes, without, beside, told, events } = readers;
    println!("\nidle readers of events, each from an address of its own, on a node with places for {let_in}");
    println!(
        "  {let_in} of {wanted} were let in within {}, {resident_bytes} B resident each",
        millis(*came_in)
    );
    println!(
        "  a ticket beside them, with the real client, to one without them: p50 x{:.2}, p99 x{:.2}   ({} and {}, without {} and {})",
        ratio(beside.times.p50(), without.times.p50()),
        ratio(beside.times.p99(), without.times.p99()),
        millis(beside.times.p50()),
        millis(beside.times.p99()),
        millis(without.times.p50()),
        millis(without.times.p99()),
    );
    let tickets = u32::try_from(TICKETS).unwrap();
    let more = beside.cpu.saturating_sub(without.cpu) / tickets;
    println!(
        "  the last of them is told of it after {} (p99 {}); {} cpu of the node for each ticket, {} without them: {} for each reader; \
         {events} events in all",
        millis(told.p50()),
        millis(told.p99()),
        millis(beside.cpu / tickets),
        millis(without.cpu / tickets),
        micros(more / u32::try_from((*let_in).max(1)).unwrap()),
    );
}
