//! What an inbox of a thousand tickets and a conversation of a hundred messages cost beside the opening of their envelopes.
//!
//! `cargo bench -p sealdesk-cli --bench inbox`. A node of this process, one customer, an administrator who reads. Ratios, since the absolute
//! times are those of the machine; how often the node is asked; and by how much the memory of client and node together grows meanwhile.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement that fails says what it saw"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use sealdesk_client::inbox::InboxAsk;
use sealdesk_client::messages::{NewResponse, NewTicket};
use sealdesk_client::node::Node;
use sealdesk_client::overview::{Opener, Subjects};
use sealdesk_client::trust::Trust;
use sealdesk_envelope::{Expected, Phrase, PhraseLength, Received};
use sealdesk_node::home::{Home, new_chain_id};
use sealdesk_node::{NodeConfig, run};
use sealdesk_protocol::envelope::{AccountKey, Context, Envelope, EnvelopeLimits, Kind};
use sealdesk_protocol::ids::{Prefix, TicketId};
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Status};

const TICKETS: u64 = 1_000;
const MESSAGES: u64 = 100;
/// How often each figure is taken; the median counts.
const TIMES: usize = 5;

/// Counts what the node is asked.
#[derive(Clone, Default)]
struct Calls(Arc<AtomicU64>);

impl Interceptor for Calls {
    fn call(&mut self, request: Request<()>) -> Result<Request<()>, Status> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(request)
    }
}

type Counted = InterceptedService<Channel, Calls>;

/// What something took: time, calls, and the most that this process held beyond what it held before, in KiB.
struct Cost {
    time: Duration,
    calls: u64,
    grown: u64,
}

/// Measures what is done with a node.
async fn cost<T>(calls: &Calls, work: impl Future<Output = T>) -> (T, Cost) {
    // The peak begins anew at what is held now.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let (held, asked, began) = (memory("VmRSS:"), calls.0.load(Ordering::Relaxed), Instant::now());
    let done = work.await;
    let time = began.elapsed();
    let grown = memory("VmHWM:").saturating_sub(held);
    (done, Cost { time, calls: calls.0.load(Ordering::Relaxed) - asked, grown })
}

/// A line of what the system says of this process, in KiB.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// One line of each kind: the median of the times beside another time, and of the rest the most.
fn tell(what: &str, costs: &[Cost], beside: Duration) {
    let time = median(costs.iter().map(|cost| cost.time).collect());
    let calls = costs.iter().map(|cost| cost.calls).max().unwrap();
    let grown = costs.iter().map(|cost| cost.grown).max().unwrap();
    let ratio = time.as_secs_f64() / beside.as_secs_f64();
    println!(
        "{what}: {time:?}, {ratio:.1} times opening them; {calls} calls; {:.1} MiB more",
        grown as f64 / 1_024.0
    );
}

fn person() -> Actor {
    Actor::of(&Phrase::generate(PhraseLength::Twelve, &mut getrandom::SysRng).unwrap()).unwrap()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Checks and opens each ticket's envelope, and nothing else.
fn open_all(chain_id: &str, reader: &Actor, writer: &Actor, tickets: &[SupportTicket]) -> Duration {
    let (pair, writers) = (reader.pair(0).unwrap(), writer.pair(0).unwrap());
    let signing = writers.signing.public();
    let began = Instant::now();
    for ticket in tickets {
        let place = ticket.payload_context.clone().unwrap();
        let context = Context {
            chain_id: chain_id.to_owned(),
            ticket_id: String::new(),
            kind: Kind::Ticket,
            sender: ticket.customer_address.clone(),
            sequence: place.sequence,
            index: place.index,
        };
        let wire = ticket.encrypted_payload.as_ref().unwrap();
        let envelope = Envelope::from_wire(wire, EnvelopeLimits::WIDEST).unwrap();
        let expected = Expected { context: &context, signing_key: signing, account: AccountKey::OfSender };
        let received = Received::verify_shaped(envelope, &expected).unwrap();
        let opened = received.open(&pair.encryption, &[]).unwrap();
        assert!(!opened.plaintext().is_empty());
    }
    began.elapsed()
}

/// An inbox of all tickets, with what was opened before.
async fn inbox(desk: &Desk<Counted>, admin: &Actor, subjects: &mut Subjects, calls: &Calls) -> Cost {
    let ask = InboxAsk { most: usize::try_from(TICKETS).unwrap(), ..InboxAsk::default() };
    let (me, opener) = (desk.address_of(admin), Opener { actor: admin, subjects });
    let (inbox, cost) = cost(calls, desk.inbox_for(&me, &ask, Some(opener))).await;
    let inbox = inbox.unwrap();
    assert_eq!(inbox.open.len(), ask.most);
    assert!(inbox.about.values().all(|about| about.subject.text().is_some()));
    cost
}

async fn fill(desk: &Desk<Counted>, admin: &Actor, customer: &Actor) {
    desk.register_key(admin, "").await.unwrap();
    let mut params = desk.params().await.unwrap();
    params.ticket_cooldown_seconds = 0;
    params.max_open_tickets_per_customer = 10_000;
    params.max_tickets_per_customer_per_day = 10_000;
    // Some of them are kept for staff.
    params.max_responses_per_ticket = 2 * u32::try_from(MESSAGES).unwrap();
    desk.update_params(admin, &params).await.unwrap();
    for number in 0..TICKETS {
        let subject = format!("The boiler number {number} does not heat");
        desk.create_ticket(customer, &NewTicket::new("technical", &subject, "Cold.")).await.unwrap();
    }
    let first = TicketId::new(1).unwrap();
    for _ in 1..MESSAGES {
        desk.respond(customer, first, &NewResponse::new("Still cold.")).await.unwrap();
    }
}

async fn measure() {
    let directory = tempfile::tempdir().unwrap();
    let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
    let (admin, customer) = (person(), person());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let home = Home::new(directory.path().join("node"));
    let chain_id = new_chain_id("bench").unwrap();
    home.init_desk(&chain_id, &prefix, i64::try_from(now).unwrap(), &[admin.address(&prefix)]).unwrap();
    let listen = Some("127.0.0.1:0".parse().unwrap());
    let config = NodeConfig { home: home.path().to_owned(), listen, ..NodeConfig::default() };
    let node = run(config).await.unwrap();
    let client = Node::connect(&format!("http://{}", node.listening())).await.unwrap();
    let calls = Calls::default();
    let transport = InterceptedService::new(client.transport().clone(), calls.clone());
    let desk = Desk::open(Node::over(transport, client.address()), Trust::FirstUse).await.unwrap();
    fill(&desk, &admin, &customer).await;

    let mut tickets = Vec::new();
    for number in 1..=TICKETS {
        tickets.push(desk.node().ticket(TicketId::new(number).unwrap()).await.unwrap());
    }
    let (mut opened, mut cold, mut warm, mut read) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TIMES {
        opened.push(open_all(chain_id.as_str(), &admin, &customer, &tickets));
        let mut subjects = Subjects::default();
        cold.push(inbox(&desk, &admin, &mut subjects, &calls).await);
        warm.push(inbox(&desk, &admin, &mut subjects, &calls).await);
        let (conversation, taken) = cost(&calls, desk.read(&admin, TicketId::new(1).unwrap())).await;
        conversation.unwrap();
        read.push(taken);
    }
    let opened = median(opened);
    println!("opening {TICKETS} envelopes: {opened:?}");
    tell(&format!("inbox of {TICKETS}, nothing opened before"), &cold, opened);
    tell(&format!("inbox of {TICKETS}, all opened before"), &warm, opened);
    tell(&format!("read of {MESSAGES} messages"), &read, opened.mul_f64(MESSAGES as f64 / TICKETS as f64));
    node.stop().await.unwrap();
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(measure());
}
