//! What a person at the other end of gRPC waits for: queries, proofs, one ticket at a time, many senders at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sealdesk_client::node::{Node, Page, TicketsBy};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::ticket::Status;
use sealdesk_protocol::wire::sealdesk::ledger::v1::ProofRequest;
use sealdesk_testkit::figures::Times;
use tonic::transport::Channel;

use crate::ledger::Desk;
use crate::server::Server;

/// Calls of each kind of query.
const CALLS: u64 = 1_000;
/// Tickets that are written one at a time.
const SINGLE_TICKETS: u64 = 100;
/// Longer than the delay of the ledger's proof block, so that each ticket finds it idle.
const IDLE: Duration = Duration::from_millis(120);
/// Records a page.
const PAGE: u32 = 20;
/// Calls that one connection carries at a time.
const CALLS_A_CONNECTION: usize = 64;

/// The queries of one desk, each with its times.
pub struct Queries {
    /// The shortest call there is: what gRPC and the machine take for any.
    pub floor: Times,
    pub kinds: Vec<(&'static str, Times)>,
}

/// Asks everything, in turns, about tickets and customers all over the desk.
pub async fn ask(desk: &Desk, node: &Node<Channel>) -> Queries {
    let names = ["ticket", "tickets-by-customer", "tickets-by-status", "open-tickets, high", "proof"];
    let mut kinds = names.map(|name| (name, Times::default()));
    let mut floor = Times::default();
    let page = Page { limit: PAGE, reverse: true, ..Page::default() };
    for n in 0..CALLS {
        let far = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11;
        let id = TicketId::new(1 + far % desk.next).unwrap();
        let customer = TicketsBy::Customer(desk.crowd.address(far), None);
        let start = Instant::now();
        node.params().await.unwrap();
        floor.add(start.elapsed());
        let start = Instant::now();
        assert_eq!(node.ticket(id).await.unwrap().ticket_id, id.to_string());
        kinds[0].1.add(start.elapsed());
        let high = Some(sealdesk_protocol::ticket::Priority::High);
        for (place, by) in
            [customer, TicketsBy::Status(Status::Open), TicketsBy::Open(high)].into_iter().enumerate()
        {
            let start = Instant::now();
            assert!(!node.tickets(&by, &page).await.unwrap().tickets.is_empty());
            kinds[1 + place].1.add(start.elapsed());
        }
        let request = ProofRequest { ticket_id: id.to_string(), ..ProofRequest::default() };
        let start = Instant::now();
        assert!(!node.proof(request).await.unwrap().is_empty());
        kinds[4].1.add(start.elapsed());
    }
    Queries { floor, kinds: kinds.into() }
}

/// One ticket at a time, with one fsync of the same disk before and after each.
#[derive(Default)]
pub struct Single {
    pub ticket: Times,
    pub fsync: Times,
}

/// Writes tickets one at a time to an idle desk.
pub async fn write_singly(desk: &mut Desk, node: &Node<Channel>) -> Single {
    let mut single = Single::default();
    for tx in desk.take(SINGLE_TICKETS) {
        tokio::time::sleep(IDLE).await;
        single.fsync.add(desk.fsync());
        let start = Instant::now();
        let result = node.broadcast(&tx).await.unwrap();
        single.ticket.add(start.elapsed());
        single.fsync.add(desk.fsync());
        assert_eq!(result.code, 0, "{}", result.log);
    }
    single
}

/// What many senders at once came to.
pub struct Throughput {
    pub senders: usize,
    pub txs: u64,
    pub took: Duration,
    pub server_cpu: Duration,
    pub answered: Times,
}

/// Lets senders write `txs` tickets, each his customers' tickets one after the other, each awaited until it is durable.
pub async fn write_together(desk: &mut Desk, server: &Server, senders: usize, txs: u64) -> Throughput {
    let customers = desk.crowd.len();
    let first = desk.next;
    let mut shares = vec![Vec::new(); senders];
    for (t, tx) in (first..).zip(desk.take(txs)) {
        shares[usize::try_from(t % customers).unwrap() % senders].push(tx);
    }
    let mut nodes = Vec::new();
    for _ in 0..senders.div_ceil(CALLS_A_CONNECTION) {
        nodes.push(Arc::new(server.connect().await));
    }
    let (start, cpu) = (Instant::now(), server.cpu_time());
    let tasks: Vec<_> = shares
        .into_iter()
        .enumerate()
        .map(|(sender, share)| tokio::spawn(send(nodes[sender % nodes.len()].clone(), share)))
        .collect();
    let mut answered = Vec::new();
    for task in tasks {
        answered.extend(task.await.unwrap());
    }
    let (took, server_cpu) = (start.elapsed(), server.cpu_time() - cpu);
    Throughput { senders, txs, took, server_cpu, answered: answered.into_iter().collect() }
}

async fn send(node: Arc<Node<Channel>>, txs: Vec<Vec<u8>>) -> Vec<Duration> {
    let mut times = Vec::with_capacity(txs.len());
    for tx in txs {
        let start = Instant::now();
        let result = node.broadcast(&tx).await.unwrap();
        times.push(start.elapsed());
        assert_eq!(result.code, 0, "{}", result.log);
    }
    times
}
