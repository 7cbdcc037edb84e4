//! A real CometBFT, run by this node: it is killed at each of its own crash points, and what was acknowledged stands.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sealdesk_node::home::{Home, HomeError};
use sealdesk_node::ledger::Ledger;
use sealdesk_node::{NodeConfig, NodeError, run};
use sealdesk_testkit::people::Person;
use sealdesk_testkit::waiting::Logs;
use sealdesk_testkit::{chain_id, prefix};
use tempfile::TempDir;

use super::network::{cometbft, execute, script, start, turn};
use crate::desk::waiting::within;

/// A program that runs CometBFT, the first time with a crash point in it.
fn with_crash_point(dir: &Path, index: u32) -> PathBuf {
    let once = dir.join("crashed");
    let before = format!(
        "if [ ! -e {once} ]; then touch {once}; export FAIL_TEST_INDEX={index}; fi",
        once = once.display()
    );
    script(&dir.join("cometbft-once"), &before, "")
}

fn desk() -> (TempDir, Home) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::new(dir.path().join("home"));
    home.init_desk(&chain_id(), &prefix(), crate::desk::BEGIN, &[Person::number(0).address]).unwrap();
    (dir, home)
}

/// Waits for the block whose header names the newest state, and compares.
async fn agrees(ledger: &Arc<dyn Ledger>) {
    let tip = ledger.tip();
    let mut heights = ledger.heights();
    let next = tip.height + 1;
    let reached = heights.wait_for(|height| *height >= next);
    within("the block that proves the newest state", reached).await.unwrap();
    let next = ledger.tips().at(next).expect("kept");
    let signed = ledger.signed(&next).await.unwrap();
    assert_eq!(signed.header.header().app_hash.as_bytes(), tip.root(), "CometBFT's header names our state");
    assert_eq!(signed.header.header().height.value(), next.height);
}

async fn crash_at(index: u32) {
    let (dir, home) = desk();
    let _logs = Logs(dir.path().to_owned());
    let node = start(&home, with_crash_point(dir.path(), index)).await.unwrap();
    let ledger = node.ledger();
    let admin = Person::number(0);
    let mut heights = Vec::new();
    for n in 0..4u16 {
        let tx = admin.appoint(n.into(), &Person::number(n + 1));
        heights.push(execute(&ledger, &tx).await);
    }
    assert!(heights.is_sorted(), "{heights:?}");
    agrees(&ledger).await;
    let log = std::fs::read_to_string(home.path().join("comet/cometbft.log")).unwrap();
    let crashed = log.contains(&format!("*** fail-test {index} ***"));
    assert!(crashed, "crash point {index} was never reached");
    let sequence = ledger.machine().account_sequence(&ledger.tip().snapshot, &admin.address).unwrap();
    assert_eq!(sequence, 4, "each once");
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn after_each_crash_point_of_cometbft_the_node_comes_back_and_agrees() {
    let _turn = turn().await;
    // Each block passes ten: the first ten are those of an empty block, the others those of a block with a transaction.
    let all: Vec<u32> = (0..20).collect();
    for some in all.chunks(5) {
        let running: Vec<_> = some.iter().map(|index| tokio::spawn(crash_at(*index))).collect();
        for (index, running) in some.iter().zip(running) {
            running.await.unwrap_or_else(|error| panic!("crash point {index}: {error}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_dies_again_and_again_stops_the_node_with_its_last_words() {
    let (dir, home) = desk();
    let program = dir.path().join("broken");
    std::fs::write(&program, "#!/bin/sh\necho the disk is on fire >&2\nexit 3\n").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let node = start(&home, program).await.unwrap();
    let reason = within("the node to end", node.ended()).await;
    assert!(reason.contains("exit code 3") && reason.contains("the disk is on fire"), "{reason}");
    assert!(node.stop().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_goes_on_with_the_engine_that_it_was_begun_with() {
    let listen = Some("127.0.0.1:0".parse().unwrap());
    let (_dir, home) = desk();
    let config = NodeConfig { home: home.path().to_owned(), listen, ..NodeConfig::default() };
    run(config.clone()).await.unwrap().stop().await.unwrap();
    let error = start(&home, cometbft()).await.unwrap_err();
    assert!(error.to_string().contains("sealdesk export"), "{error}");

    let (_dir, home) = desk();
    let config = NodeConfig { home: home.path().to_owned(), listen, ..NodeConfig::default() };
    start(&home, cometbft()).await.unwrap().stop().await.unwrap();
    let error = run(config).await.unwrap_err();
    assert!(matches!(error, NodeError::MadeByComet(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_what_the_validator_has_signed_is_not_continued() {
    let (_dir, home) = desk();
    let signed = home.path().join("comet/data/priv_validator_state.json");
    let node = start(&home, cometbft()).await.unwrap();
    execute(&node.ledger(), &Person::number(0).appoint(0, &Person::number(1))).await;
    let older = std::fs::read(&signed).unwrap();
    execute(&node.ledger(), &Person::number(0).appoint(1, &Person::number(2))).await;
    agrees(&node.ledger()).await;
    node.stop().await.unwrap();
    std::fs::write(&signed, older).unwrap();
    let error = start(&home, cometbft()).await.unwrap_err();
    assert!(error.to_string().contains("older copy"), "{error}");
    assert!(!matches!(error, NodeError::Home(HomeError::Missing(_))));
}
