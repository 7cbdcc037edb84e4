//! A replicated desk at night: blocks come by themselves, cost next to nothing, and old ones go where the operator says so.

use std::sync::Arc;
use std::time::Duration;

use sealdesk_node::comet::{Supervision, find_program};
use sealdesk_node::home::Home;
use sealdesk_node::ledger::{Ledger, Tip};
use sealdesk_node::{Engine as AnyEngine, Node, NodeConfig, run_engine};
use sealdesk_testkit::people::Person;
use sealdesk_testkit::{chain_id, prefix};

use super::network::execute;
use crate::desk::BEGIN;
use crate::desk::waiting::within;

async fn start(config: &str) -> (tempfile::TempDir, Node) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::new(dir.path().join("home"));
    home.init_desk(&chain_id(), &prefix(), BEGIN, &[Person::number(0).address]).unwrap();
    std::fs::write(home.config_file(), config).unwrap();
    let listen = Some("127.0.0.1:0".parse().unwrap());
    let config = NodeConfig { home: home.path().to_owned(), listen, ..NodeConfig::default() };
    let program = find_program(None).expect("`make test` installs cometbft");
    let engine = Supervision::Supervised { program: Some(program) };
    (dir, run_engine(config, AnyEngine::Comet(engine)).await.unwrap())
}

async fn block(ledger: &Arc<dyn Ledger>, height: u64) -> Arc<Tip> {
    let mut heights = ledger.heights();
    let reached = heights.wait_for(|newest| *newest >= height);
    within(&format!("block {height}, which comes by itself"), reached).await.unwrap();
    ledger.tips().at(height).expect("kept")
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_come_through_a_quiet_night_with_new_times_and_no_work_in_the_tree() {
    let (_dir, node) = start("").await;
    let ledger = node.ledger();
    let appointed = execute(&ledger, &Person::number(0).appoint(0, &Person::number(1))).await;
    // The block after it proves it at once; then there is nothing to say until the interval has passed.
    let proof = block(&ledger, appointed + 1).await;
    let (first, second) = (block(&ledger, appointed + 2).await, block(&ledger, appointed + 3).await);
    assert!(proof.proves_itself() && first.proves_itself() && second.proves_itself());
    assert_eq!(second.root(), proof.root(), "an empty block changes nothing");
    // A block's time is that of the votes for the one before, so the second shows how long the first was waited for: longer on a
    // slow machine, never less.
    let waited = second.time.duration_since(first.time).unwrap();
    assert!(waited >= Duration::from_secs(8), "{waited:?} between two empty blocks");
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn old_blocks_go_where_the_operator_keeps_a_few_and_the_state_stays_whole() {
    let (_dir, node) = start("[comet]\nretain_blocks = 3\ntimeout_commit_millis = 1\n").await;
    let ledger = node.ledger();
    let mut heights = Vec::new();
    for n in 0..5u16 {
        heights.push(execute(&ledger, &Person::number(0).appoint(n.into(), &Person::number(n + 1))).await);
    }
    let newest = block(&ledger, heights[4] + 1).await;
    let old = ledger.tips().at(heights[0]).expect("this node still knows it");
    // CometBFT prunes before it begins the next block, so block 5's word has been followed.
    let gone = ledger.signed(&old).await.unwrap_err();
    assert!(gone.reason.contains("lowest height"), "{}", gone.reason);
    assert!(ledger.signed(&newest).await.is_ok());
    for n in 0..5u16 {
        let hash =
            sealdesk_protocol::tx::TxHash::of(&Person::number(0).appoint(n.into(), &Person::number(n + 1)));
        assert!(ledger.committed(hash).unwrap().is_some(), "what was in a pruned block is in the state");
    }
    node.stop().await.unwrap();
}
