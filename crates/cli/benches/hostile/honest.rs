//! The client that means well: a customer who writes tickets and reads one, as the program does it, with every proof.

use std::net::Ipv4Addr;
use std::time::Duration;

use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use sealdesk_client::messages::NewTicket;
use sealdesk_client::node::Node;
use sealdesk_client::trust::Trust;
use sealdesk_protocol::ids::TicketId;
use sealdesk_testkit::figures::Times;
use tokio::time::{Instant, sleep_until, timeout};
use tonic::transport::Channel;

use crate::program::{Program, person};
use crate::wire;

/// A stranger's address too, as far as the node can tell.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 3, 1);
/// How often it reads, and how often it writes if the last writing is over: a client in a hurry, who leaves the processor to others.
const READ_EVERY: Duration = Duration::from_millis(50);
const WRITE_EVERY: Duration = Duration::from_millis(150);
/// When it gives up one act: it counts as one that took so long, and as a failure.
const ACT_MAX: Duration = Duration::from_secs(10);
/// How often it tries to meet the desk, each time as patiently as the program is.
const TRIES: usize = 5;

pub struct Honest {
    url: String,
    customer: Actor,
    /// What it reads, again and again.
    ticket: TicketId,
}

/// How long its acts took.
#[derive(Default)]
pub struct Waited {
    pub writes: Times,
    pub reads: Times,
    pub failed: usize,
    /// How long it took until it had met the desk twice, once to write and once to read.
    pub connected: Duration,
}

impl Waited {
    /// Both together.
    pub fn and(&self, other: &Self) -> Self {
        let both = |one: &Times, other: &Times| one.all().chain(other.all()).collect();
        Self {
            writes: both(&self.writes, &other.writes),
            reads: both(&self.reads, &other.reads),
            failed: self.failed + other.failed,
            connected: self.connected.max(other.connected),
        }
    }
}

fn ticket() -> NewTicket {
    NewTicket::new(
        "technical",
        "Every second request fails",
        "Since this morning, and redeploying does not help.",
    )
}

impl Honest {
    /// A customer who has written once, and so is known.
    pub async fn new(program: &Program) -> Self {
        let (url, customer) = (program.url.clone(), person());
        let desk = connect(&url).await;
        let written = desk.create_ticket(&customer, &ticket()).await.unwrap();
        Self { url, customer, ticket: written.ticket_id.unwrap() }
    }

    /// Connects, and writes and reads beside each other for so long. An act that has begun ends.
    pub async fn work(&self, time: Duration) -> Waited {
        let begun = Instant::now();
        let (writer, reader) = (connect(&self.url).await, connect(&self.url).await);
        let connected = begun.elapsed();
        let end = Instant::now() + time;
        let (new, address) = (ticket(), &self.customer);
        let writing = acts(end, WRITE_EVERY, async || {
            writer.create_ticket(address, &new).await.map(drop).map_err(|error| error.to_string())
        });
        let reading = acts(end, READ_EVERY, async || {
            let read = reader.read(address, self.ticket).await.map_err(|error| error.to_string())?;
            if read.messages[0].text().is_some() { Ok(()) } else { Err("it cannot be opened".to_owned()) }
        });
        let ((writes, unwritten), (reads, unread)) = tokio::join!(writing, reading);
        Waited { writes, reads, failed: unwritten + unread, connected }
    }
}

/// Acts until the end, at most one in so long.
async fn acts(end: Instant, every: Duration, act: impl AsyncFn() -> Result<(), String>) -> (Times, usize) {
    let (mut times, mut failed) = (Times::default(), 0);
    while Instant::now() < end {
        let begun = Instant::now();
        let done = timeout(ACT_MAX, act()).await.unwrap_or_else(|_| Err("it took too long".to_owned()));
        let took = match done {
            Ok(()) => begun.elapsed(),
            Err(why) => {
                eprintln!("    failed: {why}");
                failed += 1;
                ACT_MAX
            }
        };
        times.add(took);
        sleep_until(begun + every).await;
    }
    (times, failed)
}

/// Meets the desk, as a program does that is started; again, where the node is too busy for it.
async fn connect(url: &str) -> Desk<Channel> {
    for _ in 0..TRIES {
        let node = Node::over(wire::connect(url, ADDRESS).await, url);
        match Desk::open(node, Trust::FirstUse).await {
            Ok(desk) => return desk,
            Err(error) => eprintln!("    not met: {error}"),
        }
    }
    panic!("the desk could not be met")
}
