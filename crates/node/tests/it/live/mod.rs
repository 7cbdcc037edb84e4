//! Live streams of a whole node over real connections, on both engines: whoever comes back a thousand times, cut off at random moments, has
//! every event once.

mod streams;

use sealdesk_node::Node;
use sealdesk_node::ledger::Ledger;
use sealdesk_protocol::tx::TxHash;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::random::Random;
use sealdesk_testkit::transaction::appointment;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::comet::network::{Network, execute, turn};
use crate::wallets::solo;
use streams::{Event, Reader, Sse, Web};

/// How often each reader comes back.
const RECONNECTS: usize = 1_000;
/// Transactions before anybody comes, and meanwhile.
const BEFORE: usize = 13;
const MEANWHILE: usize = 13;
/// Events of a transaction: as many as its gas has room for.
const A_TRANSACTION: usize = 12;

/// Makes so many transactions of events, from a sequence on.
async fn happen(ledger: &Arc<dyn Ledger>, from: usize, (transactions, made): (usize, &AtomicUsize)) {
    let admin = Person::number(0);
    for n in from..from + transactions {
        let person = |message| Person::number(u16::try_from(1 + n * A_TRANSACTION + message).unwrap());
        let messages: Vec<_> =
            (0..A_TRANSACTION).map(|message| appointment(&admin, &person(message))).collect();
        let tx = admin.sign(n as u64, &messages, 0);
        execute(ledger, &tx).await;
        let record = ledger.committed(TxHash::of(&tx)).unwrap().unwrap();
        assert_eq!(record.code, 0, "{}", record.log);
        made.fetch_add(A_TRANSACTION, Ordering::SeqCst);
    }
}

/// What a reader has who is cut off a thousand times: at most a few events a time, and often in the middle of one.
async fn read<R: Reader>(node: &Node, made: &AtomicUsize, mut random: Random) -> Vec<Event> {
    let (mut reader, mut got) = (R::new(node.listening()), Vec::<Event>::new());
    let all = (BEFORE + MEANWHILE) * A_TRANSACTION;
    for round in 0.. {
        let wanted = match round {
            // The last one stays until it has everything.
            RECONNECTS => all - got.len(),
            // So that about as many are read as happen, and some visits see none.
            _ => (random.below(3) / 2).min(made.load(Ordering::SeqCst).saturating_sub(got.len())),
        };
        let cut = if round == RECONNECTS { 0 } else { random.below(300) };
        got.extend(reader.visit(wanted, cut).await);
        if round == RECONNECTS {
            return got;
        }
    }
    unreachable!()
}

/// Two kinds of readers beside somebody who writes.
async fn everyone_reads(node: &Node) {
    let ledger = node.ledger();
    let made = AtomicUsize::new(0);
    happen(&ledger, 0, (BEFORE, &made)).await;
    let (sse, web, ()) = tokio::join!(
        read::<Sse>(node, &made, Random::new(1)),
        read::<Web>(node, &made, Random::new(2)),
        happen(&ledger, BEFORE, (MEANWHILE, &made)),
    );
    let all = streams::all(node.listening()).await;
    assert_eq!(all.len(), (BEFORE + MEANWHILE) * A_TRANSACTION);
    for (name, got) in [("server-sent events", sse), ("gRPC-web", web)] {
        let first = got.iter().zip(&all).position(|(one, other)| one != other);
        assert!(got == all, "{name}: {} of {} events, other from {first:?}", got.len(), all.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_reconnects_to_an_embedded_ledger_lose_and_double_nothing() {
    let (node, _dir) = solo().await;
    everyone_reads(&node).await;
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_reconnects_to_a_replicated_ledger_lose_and_double_nothing() {
    let _turn = turn().await;
    let mut network = Network::prepare(&[10]);
    network.start_all().await;
    network.reaches(0, 1).await;
    everyone_reads(network.node(0)).await;
    network.stop_all().await;
}
