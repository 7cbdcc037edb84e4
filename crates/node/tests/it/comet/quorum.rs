//! Too few validators, and one that is older than it knows.

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sealdesk_node::ledger::TxOutcome;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{BroadcastMode, BroadcastTxRequest, BroadcastTxResponse};
use sealdesk_testkit::people::Person;
use tonic::client::Grpc;
use tonic::transport::Endpoint;
use tonic::{Code, Request, Status};

use super::network::{Network, execute, hand_in, turn};
use crate::desk::waiting::{until, within};

/// Broadcasts through the API, and waits as long as that does.
async fn broadcast(network: &Network, n: usize, tx: &[u8]) -> Result<BroadcastTxResponse, Status> {
    let address = network.node(n).addresses()["grpc"].clone();
    let channel = Endpoint::from_shared(address).unwrap().connect().await.unwrap();
    let mut grpc = Grpc::new(channel);
    grpc.ready().await.unwrap();
    let request = BroadcastTxRequest { tx_bytes: tx.to_vec(), mode: BroadcastMode::Block.into() };
    let codec = tonic_prost::ProstCodec::<BroadcastTxRequest, BroadcastTxResponse>::default();
    let path = "/cosmos.tx.v1beta1.Service/BroadcastTx".parse().unwrap();
    grpc.unary(Request::new(request), path, codec).await.map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn with_two_of_four_away_nothing_moves_and_then_all_of_it_happens_once() {
    let _turn = turn().await;
    let mut network = Network::prepare(&[10; 4]);
    network.start_all().await;
    let admin = Person::number(0);
    let txs: Vec<Vec<u8>> = (0..4u16).map(|n| admin.appoint(n.into(), &Person::number(n + 1))).collect();
    let height = execute(&network.ledger(0), &txs[0]).await;
    network.all_reach(height).await;
    network.stop(2).await;
    network.stop(3).await;
    // One block may have been decided while they were there. Another would be one without a quorum.
    let most = network.height(0).max(network.height(1)) + 1;

    let mut waiting = Vec::new();
    for tx in &txs[1..3] {
        waiting.push(hand_in(&network.ledger(0), tx).await.expect("the mempool takes it"));
    }
    let told = broadcast(&network, 0, &txs[3]).await.unwrap_err();
    assert_eq!(told.code(), Code::DeadlineExceeded, "{told}");
    assert!(told.message().contains("unknown") && told.message().contains(&TxHash::of(&txs[3]).to_string()));
    let heights = (network.height(0), network.height(1));
    assert!(heights.0.max(heights.1) <= most, "blocks are made without a quorum: {heights:?} after {most}");
    for waiting in &mut waiting {
        assert!(waiting.try_recv().is_err(), "somebody is told of a block that is not there");
    }
    for n in [0, 1] {
        let ledger = network.ledger(n);
        assert!(txs[1..].iter().all(|tx| ledger.committed(TxHash::of(tx)).unwrap().is_none()));
        // What was there is still proven: by a header that more than two thirds signed when they were there.
        let tip = ledger.tip();
        let signed = ledger.signed(&tip).await.unwrap();
        assert_eq!(signed.header.header().app_hash.as_bytes(), tip.header_root);
    }

    network.start(2).await;
    network.start(3).await;
    for waiting in waiting {
        let outcome = within("what became of a transaction", waiting).await.unwrap();
        assert!(matches!(outcome, TxOutcome::Committed(_)), "{outcome:?}");
    }
    execute(&network.ledger(3), &txs[3]).await;
    network.all_reach(network.height(3)).await;
    let height = network.agrees().await;
    let all: Vec<String> = txs.iter().map(|tx| BASE64.encode(tx)).collect();
    assert!(network.transactions(0, height).await == all, "each once, and in order");
    network.stop_all().await;
}

/// The heights that a validator has signed something for, as its file shows them while somebody looks.
fn signed_heights(home: &Path, heights: &mut Vec<u64>) {
    let file = home.join("comet/data/priv_validator_state.json");
    let state: Option<serde_json::Value> =
        std::fs::read(file).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let height = state.and_then(|state| state["height"].as_str()?.parse().ok());
    if height.is_some() && heights.last() != height.as_ref() {
        heights.extend(height);
    }
}

/// Waits until it has signed for a later height.
async fn signs_after(home: &Path, height: u64) {
    until(&format!("a signature after height {height}"), async || {
        let mut now = Vec::new();
        signed_heights(home, &mut now);
        if now.first().is_some_and(|now| *now > height) { Ok(()) } else { Err(now) }
    })
    .await;
}

fn copy(from: &Path, to: &Path) {
    let done = std::process::Command::new("cp").arg("-a").args([from, to]).status().unwrap();
    assert!(done.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_a_validator_never_signs_again_for_a_height() {
    let _turn = turn().await;
    let mut network = Network::prepare(&[10; 4]);
    network.start_all().await;
    let (admin, home) = (Person::number(0), network.homes[3].path().to_owned());
    let tx = |n: u16| admin.appoint(n.into(), &Person::number(n + 1));
    execute(&network.ledger(3), &tx(0)).await;
    network.stop(3).await;
    let older = network.dir.path().join("older");
    copy(&home, &older);
    network.start(3).await;
    for n in 1..4 {
        execute(&network.ledger(3), &tx(n)).await;
    }
    network.stop(3).await;
    let mut heights = Vec::new();
    signed_heights(&home, &mut heights);
    let signed = heights[0];

    // The newest blocks are those that it has signed itself: nothing has happened since.
    std::fs::remove_dir_all(&home).unwrap();
    copy(&older, &home);
    let (watched, stop) = (home.clone(), Arc::new(AtomicBool::new(false)));
    let stopped = stop.clone();
    let watching = std::thread::spawn(move || {
        let mut heights = Vec::new();
        while !stopped.load(Ordering::SeqCst) {
            signed_heights(&watched, &mut heights);
            std::thread::sleep(Duration::from_micros(300));
        }
        heights
    });
    // It waits for a later block than there is: those come once it has all that there is, until it has begun.
    let (ledger, own, begun) = (network.ledger(0), network.rpc(3), Cell::new(false));
    let others = async {
        until("the copy to follow", async || match own.heights().await {
            Ok((_, newest)) if newest >= ledger.tip().height => Ok(()),
            other => Err(other),
        })
        .await;
        let mut next = 4;
        while !begun.get() {
            execute(&ledger, &tx(next)).await;
            next += 1;
        }
        next
    };
    let beginning = async {
        network.start(3).await;
        begun.set(true);
    };
    let (next, ()) = tokio::join!(others, beginning);
    execute(&network.ledger(0), &tx(next)).await;
    network.reaches(3, network.height(0)).await;
    signs_after(&home, signed).await;
    stop.store(true, Ordering::SeqCst);
    let heights = watching.join().unwrap();
    // The first is what the copy says of itself.
    let again: Vec<u64> = heights[1..].iter().copied().filter(|height| *height <= signed).collect();
    assert!(again.is_empty(), "signed up to {signed} before, and again for {again:?} of {heights:?}");
    network.agrees().await;
    network.stop_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_begun_anew_but_for_what_it_signed_comes_back_by_the_others_blocks() {
    let _turn = turn().await;
    let mut network = Network::prepare(&[10; 4]);
    network.start_all().await;
    let (admin, home) = (Person::number(0), network.homes[3].path().to_owned());
    for n in 0..2u16 {
        execute(&network.ledger(3), &admin.appoint(n.into(), &Person::number(n + 1))).await;
    }
    network.stop(3).await;
    let (data, signed) = (home.join("comet/data"), "priv_validator_state.json");
    std::fs::rename(data.join(signed), home.join(signed)).unwrap();
    for dir in [&data, &home.join("data")] {
        std::fs::remove_dir_all(dir).unwrap();
        std::fs::create_dir(dir).unwrap();
    }
    std::fs::rename(home.join(signed), data.join(signed)).unwrap();
    let mut before = Vec::new();
    signed_heights(&home, &mut before);
    network.start(3).await;
    let height = execute(&network.ledger(0), &admin.appoint(2, &Person::number(3))).await;
    network.reaches(3, height).await;
    signs_after(&home, before[0]).await;
    network.agrees().await;
    network.stop_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_without_proof_of_what_it_signed_is_refused_unless_it_is_alone() {
    let _turn = turn().await;
    for (powers, refused) in [(&[10, 10][..], true), (&[10], false)] {
        let mut network = Network::prepare(powers);
        network.start(0).await;
        network.stop(0).await;
        let (home, away) = (network.homes[0].path().to_owned(), network.dir.path().join("away"));
        std::fs::rename(&home, &away).unwrap();
        copy(&away, &home);
        let started = super::network::start(&network.homes[0], network.programs[0].clone()).await;
        match started {
            Ok(node) => {
                assert!(!refused, "half of the power may have signed anything since");
                node.stop().await.unwrap();
            }
            Err(error) => assert!(refused && error.to_string().contains("is a copy"), "{error}"),
        }
        // What was moved away and back is no copy.
        std::fs::remove_dir_all(&home).unwrap();
        std::fs::rename(&away, &home).unwrap();
        network.start(0).await;
        network.stop_all().await;
    }
}
