//! Crashes between the steps of a block, and what CometBFT does after each: known bugs 7 to 9, without and with a real disk's faults.

use sealdesk_node::comet::{App, CometError, Setup};
use sealdesk_node::ledger::Ledger as _;
use sealdesk_protocol::tx::TxHash;
use sealdesk_store::testing::{CallKind, Fault, Faults, MemoryDisk};
use sealdesk_testkit::people::Person;
use tendermint_proto::v0_38::abci::*;

use super::abci::{Comet, app, block};
use crate::desk::{BEGIN, genesis};

const BEGIN_MILLIS: i64 = BEGIN * 1_000;

fn appointment(n: u16) -> Vec<u8> {
    Person::number(0).appoint(n.into(), &Person::number(n + 1))
}

/// Blocks 1 to `count`, each with one transaction but the first.
fn blocks(count: u16) -> Vec<RequestFinalizeBlock> {
    let txs = |n: u16| n.checked_sub(1).map(appointment).into_iter().collect::<Vec<_>>();
    (0..count).map(|n| block(u64::from(n) + 1, BEGIN_MILLIS + 1_000 * i64::from(n), &txs(n))).collect()
}

fn copy(disk: &MemoryDisk) -> MemoryDisk {
    MemoryDisk::with_bytes(disk.bytes())
}

#[tokio::test]
async fn info_names_what_commit_wrote_before_and_after_a_restart_at_every_height() {
    let disk = MemoryDisk::new();
    let mut comet = Comet::begin(disk.clone(), &genesis()).await;
    for block in blocks(6) {
        let root = comet.decide(&block).await;
        let info = comet.info().await;
        assert_eq!((info.last_block_height, &info.last_block_app_hash), (block.height, &root));
        let mut again = Comet::connect(app(copy(&disk), &genesis())).await;
        assert_eq!(again.info().await, info);
        assert_eq!(again.gate.tip().time, comet.gate.tip().time);
        assert_eq!(again.gate.tip().header_root, comet.gate.tip().header_root);
    }
}

#[tokio::test]
async fn a_crash_before_commit_leaves_nothing_and_the_block_is_answered_the_same_again() {
    let disk = MemoryDisk::new();
    let mut comet = Comet::begin(disk.clone(), &genesis()).await;
    let blocks = blocks(3);
    comet.decide(&blocks[0]).await;
    let before = comet.info().await;
    let first = comet.finalize(&blocks[1]).await;
    let mut again = Comet::connect(app(copy(&disk), &genesis())).await;
    assert_eq!(again.info().await, before);
    assert_eq!(again.finalize(&blocks[1]).await, first, "results, events and root");
    again.commit().await;
    assert_eq!(again.decide(&blocks[2]).await.len(), 32);
}

#[tokio::test]
async fn a_commit_that_cometbft_did_not_hear_of_is_not_executed_again() {
    let disk = MemoryDisk::new();
    let mut comet = Comet::begin(disk.clone(), &genesis()).await;
    let blocks = blocks(3);
    for block in &blocks[..2] {
        comet.decide(block).await;
    }
    // CometBFT finds the ledger at its own height, replays its stored response, and goes on with the next block.
    let mut again = Comet::connect(app(copy(&disk), &genesis())).await;
    assert_eq!(again.info().await.last_block_height, 2);
    assert_eq!(again.decide(&blocks[2]).await, comet.decide(&blocks[2]).await);
    let record = again.gate.committed(TxHash::of(&appointment(0))).unwrap().unwrap();
    assert_eq!((record.height, record.code), (2, 0), "once, where it was");
}

#[tokio::test]
async fn a_block_out_of_turn_stops_the_ledger_instead_of_being_executed() {
    for height in [0, 1, 3] {
        let mut comet = Comet::begin(MemoryDisk::new(), &genesis()).await;
        comet.decide(&blocks(1)[0]).await;
        let before = comet.info().await;
        comet.refused(request::Value::FinalizeBlock(block(height, BEGIN_MILLIS, &[]))).await;
        assert!(comet.gate.is_closed());
        assert_eq!(comet.info().await, before);
    }
}

#[tokio::test]
async fn a_commit_without_a_block_and_a_second_beginning_are_refused() {
    let mut comet = Comet::begin(MemoryDisk::new(), &genesis()).await;
    comet.refused(request::Value::Commit(RequestCommit {})).await;
    let mut comet = Comet::begin(MemoryDisk::new(), &genesis()).await;
    comet.decide(&blocks(1)[0]).await;
    let begin = super::abci::init_chain(&genesis());
    comet.refused(request::Value::InitChain(begin)).await;
}

#[test]
fn the_data_of_another_ledger_is_refused() {
    let disk = MemoryDisk::new();
    drop(app(disk.clone(), &genesis()));
    let mut other = genesis();
    other.chain_id = "desk-ffffffffffffffff".to_owned();
    let opened = App::open(Setup { disk, genesis: other, rpc: None, retain_blocks: None, snapshots: None });
    assert!(matches!(opened, Err(CometError::OtherLedger { .. })), "{opened:?}");
}

#[tokio::test]
async fn a_waiter_is_told_when_its_block_is_committed_and_not_before() {
    let mut comet = Comet::begin(MemoryDisk::new(), &genesis()).await;
    comet.decide(&blocks(1)[0]).await;
    let hash = TxHash::of(&appointment(0));
    comet.finalize(&blocks(2)[1]).await;
    assert_eq!(comet.gate.committed(hash).unwrap(), None);
    comet.commit().await;
    assert_eq!(comet.gate.committed(hash).unwrap().unwrap().height, 2);
}

/// CometBFT's view of a ledger that may fail: the height whose commit was answered.
fn live(faults: &Faults, answered: &mut u64, blocks: &[RequestFinalizeBlock]) -> Result<[u8; 32], String> {
    let setup = Setup {
        disk: faults.disk("state"),
        genesis: genesis(),
        rpc: None,
        retain_blocks: None,
        snapshots: None,
    };
    let app = App::open(setup).map_err(|error| error.to_string())?;
    // A commit whose answer was lost may be there; one that was answered has to be.
    assert!(app.height() == *answered || app.height() == *answered + 1, "{} of {answered}", app.height());
    let ask = |value| match app.answer(Request { value: Some(value) }).value {
        Some(response::Value::Exception(exception)) => Err(exception.error),
        said => Ok(said),
    };
    if app.height() == 0 {
        ask(request::Value::InitChain(super::abci::init_chain(&genesis())))?;
    }
    *answered = app.height();
    for block in blocks.iter().filter(|block| u64::try_from(block.height).unwrap() > app.height()) {
        ask(request::Value::FinalizeBlock(block.clone()))?;
        ask(request::Value::Commit(RequestCommit {}))?;
        *answered = u64::try_from(block.height).unwrap();
    }
    Ok(app.root())
}

#[test]
fn wherever_one_storage_call_fails_the_ledger_comes_back_and_agrees() {
    let blocks = blocks(6);
    let undisturbed = Faults::new(1);
    let root = live(&undisturbed, &mut 0, &blocks).unwrap();
    let changing = |kind: CallKind| !matches!(kind, CallKind::Read | CallKind::Len);
    let trace = (0u64..).zip(undisturbed.trace());
    let calls: Vec<u64> = trace.filter(|(_, call)| changing(call.kind)).map(|(nth, _)| nth).collect();
    assert!(calls.len() > 20, "the workload is worth something: {} calls", calls.len());
    for fault in [Fault::ErrorBefore, Fault::PowerCut] {
        for &nth in &calls {
            let (faults, mut answered) = (Faults::new(nth), 0);
            faults.inject(nth, fault);
            let first = live(&faults, &mut answered, &blocks);
            if first.is_err() || fault == Fault::PowerCut {
                faults.restart_after_power_cut();
            }
            assert_eq!(live(&faults, &mut answered, &blocks).unwrap(), root, "{fault:?} at call {nth}");
            assert_eq!(answered, 6);
        }
    }
}
