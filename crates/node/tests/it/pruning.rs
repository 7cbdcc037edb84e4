//! Old blocks are dropped: what a receipt, a ticket or the next block needs stays, and a crash on the way leaves a ledger that starts.

use std::sync::Arc;

use super::desk::waiting::until;
use super::desk::{self, Memory, clock, execute, faulty_disks, root, settle, submit};
use super::tickets::with_resolved_ticket;
use sealdesk_node::clock::ManualClock;
use sealdesk_node::comet::Supervision;
use sealdesk_node::home::Home;
use sealdesk_node::solo::{LedgerHandle, PRUNE_BLOCKS, Setup, Solo, SoloError, file_disks};
use sealdesk_node::{Engine, NodeConfig, NodeError, prune, run, run_engine};
use sealdesk_protocol::block::Hash;
use sealdesk_protocol::ids::{ChainId, TicketId};
use sealdesk_protocol::receipt::{Evidence, Trust, VerifiedReceipt};
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::wire::sealdesk::ledger::v1::ProvenRecord;
use sealdesk_protocol::wire::virtengine::support::v1::{QueryTicketRequest, QueryTicketResponse};
use sealdesk_store::testing::{CallKind, Fault, Faults};
use sealdesk_store::{KeyRange, Snapshot};
use sealdesk_testkit::people::Person;

const FAULTS: [Fault; 4] = [Fault::ErrorBefore, Fault::ErrorAfter, Fault::Torn, Fault::PowerCut];

/// Blocks of a customer who tries what is refused, from a sequence on.
fn pass(solo: &mut Solo, clock: &ManualClock, sequences: std::ops::Range<u64>) {
    let (stranger, admin) = (Person::number(77), Person::number(0));
    for sequence in sequences {
        execute(solo, clock, &stranger.attempt(sequence, &admin));
    }
}

fn ticket_of(solo: &Solo) -> QueryTicketResponse {
    let view = solo.handle().view();
    let request = QueryTicketRequest { ticket_id: "TKT-00000001".to_owned() };
    view.machine().ticket(&view.tip().snapshot, &request).unwrap()
}

fn receipt(solo: &Solo) -> Vec<u8> {
    let tip = solo.handle().view().tip();
    assert!(tip.proves_itself());
    let ticket = TicketId::new(1).unwrap();
    let proof = tip.snapshot.prove(&tree::ticket(ticket)).unwrap();
    let record = ProvenRecord {
        state_key: tree::ticket(ticket),
        absent: false,
        record: proof.record.unwrap(),
        proof: proof.proof,
    };
    let evidence = Evidence {
        signed_header: tip.signed_header().unwrap(),
        validators: solo.validators(),
        handovers: &[],
        ticket: Some(ticket),
        records: vec![record],
    };
    evidence.encode()
}

fn verifies(solo: &Solo, receipt: &[u8]) -> u64 {
    let Hash::Sha256(validators_hash) = solo.validators().hash() else { panic!("no validators") };
    let chain_id = Some(sealdesk_testkit::chain_id());
    VerifiedReceipt::verify(receipt, &Trust::Pinned { validators_hash, chain_id }).unwrap().height()
}

fn envelopes(snapshot: &Snapshot) -> Vec<(Vec<u8>, Vec<u8>)> {
    let found = snapshot.scan_side(&KeyRange::prefix(side::ENVELOPES)).unwrap();
    found.map(Result::unwrap).collect()
}

fn export(solo: &Solo) -> String {
    let view = solo.handle().view();
    let id = ChainId::parse("desk-0123456789abcdef").unwrap();
    let genesis = view.machine().export(&view.tip().snapshot, Some(&id)).unwrap();
    String::from_utf8(genesis.to_json().unwrap()).unwrap()
}

#[test]
fn tickets_receipts_and_exports_are_whole_after_the_blocks_they_came_from_are_gone() {
    let (memory, clock) = (Memory::default(), clock());
    let (mut solo, admin) = with_resolved_ticket(&memory, &clock);
    let before = receipt(&solo);
    let made_at = verifies(&solo, &before);
    pass(&mut solo, &clock, 0..30);
    let (ticket, sealed, exported) =
        (ticket_of(&solo), envelopes(&solo.handle().view().tip().snapshot), export(&solo));
    let (root_before, height, bytes) = (root(&solo), solo.height(), memory.bytes().1.len());
    assert_eq!(solo.prune(6).unwrap(), height - 6);
    assert_eq!((solo.prune(6).unwrap(), solo.pruned()), (0, height - 6), "there is nothing more to drop");
    drop(solo);

    let mut solo = super::tickets::open(&memory, &admin, &clock);
    assert_eq!((root(&solo), solo.height(), solo.pruned()), (root_before, height, height - 6));
    let inspected = solo.inspect().unwrap();
    assert_eq!((inspected.blocks, inspected.headers), (height, height - 6));
    assert_eq!((ticket_of(&solo), export(&solo)), (ticket, exported));
    let snapshot = solo.handle().view().tip().snapshot.clone();
    assert_eq!(envelopes(&snapshot), sealed);
    assert!(!sealed.is_empty() && bytes > 0);
    assert!(made_at < solo.pruned(), "the receipt is of a block that is gone");
    assert_eq!(verifies(&solo, &before), made_at);
    verifies(&solo, &receipt(&solo));

    // The ledger goes on, and refuses what it has done already.
    let replayed = submit(&solo, &Person::number(77).attempt(3, &Person::number(0)));
    assert!(replayed.is_err(), "the sequence is used up");
    pass(&mut solo, &clock, 30..34);
    let more = solo.height() - 1 - solo.pruned();
    assert!(more > 6 && solo.prune(1).unwrap() == more);
    assert_eq!(solo.inspect().unwrap().headers, solo.height() - 1);
}

#[test]
fn a_running_ledger_drops_blocks_in_steps_and_keeps_what_it_was_told_to() {
    let (memory, clock) = (Memory::default(), clock());
    let mut solo = desk::open(memory.disks(), &clock).unwrap();
    pass(&mut solo, &clock, 0..90);
    assert!(!solo.prune_some().unwrap(), "all blocks are kept unless it is said otherwise");
    solo.keep_blocks(10);
    assert!(solo.prune_some().unwrap());
    assert_eq!(solo.pruned(), PRUNE_BLOCKS, "one step takes so many");
    while solo.prune_some().unwrap() {}
    let left = solo.height() - solo.pruned();
    assert!((10..10 + PRUNE_BLOCKS).contains(&left), "{left}");
    pass(&mut solo, &clock, 90..100);
    drop(solo);
    assert!(desk::open(memory.disks(), &clock).unwrap().inspect().is_ok());
}

#[test]
fn a_state_or_headers_of_another_time_than_the_log_stop_the_start() {
    let (memory, clock) = (Memory::default(), clock());
    let mut solo = desk::open(memory.disks(), &clock).unwrap();
    pass(&mut solo, &clock, 0..10);
    solo.sync().unwrap();
    let older = memory.copy();
    let height = solo.height();
    solo.prune(4).unwrap();
    drop(solo);
    let error = desk::open(memory.without_state().disks(), &clock).unwrap_err();
    assert!(matches!(error, SoloError::BlocksMissing { from: 1, to } if to == height - 4), "{error}");
    let error = desk::open(memory.with_state_of(&older).disks(), &clock).unwrap_err();
    assert!(matches!(error, SoloError::BlocksMissing { .. }), "{error}");
    let error = desk::open(memory.without_headers().disks(), &clock).unwrap_err();
    assert!(matches!(error, SoloError::HeadersMissing { headers: 0, .. }), "{error}");
    assert!(desk::open(memory.disks(), &clock).unwrap().inspect().is_ok());
}

/// A life with two prunes. Gives the root and the height it ends with.
fn live(faults: &Faults, clock: &ManualClock) -> Result<(String, u64), String> {
    let text = |error: SoloError| error.to_string();
    let mut solo = desk::open(faulty_disks(faults), clock).map_err(text)?;
    let (stranger, admin) = (Person::number(77), Person::number(0));
    for sequence in 0..8 {
        // What an earlier life has done is refused now.
        drop(LedgerHandle::submit(solo.handle(), &stranger.attempt(sequence, &admin), None));
        clock.advance(100);
        while solo.make_block().map_err(text)?.is_some() {
            clock.advance(60);
        }
        if sequence % 4 == 3 {
            solo.prune(3).map_err(text)?;
        }
    }
    Ok((root(&solo), solo.height()))
}

#[test]
fn wherever_one_call_of_a_prune_fails_the_ledger_starts_and_goes_on() {
    let faults = Faults::new(1);
    let (expected, _) = live(&faults, &clock()).unwrap();
    let calls = (0u64..).zip(faults.trace());
    let calls: Vec<u64> = calls
        .filter(|(nth, call)| match call.kind {
            CallKind::Read | CallKind::Len => false,
            CallKind::Rename | CallKind::Remove => true,
            _ => call.disk.starts_with("headers/") || call.disk.ends_with(".part") || nth % 5 == 0,
        })
        .map(|(nth, _)| nth)
        .collect();
    assert!(faults.trace().iter().any(|call| call.kind == CallKind::Rename));
    for &nth in &calls {
        let fault = FAULTS[usize::try_from(nth).unwrap() % FAULTS.len()];
        let what = format!("{fault:?} at call {nth}");
        let (faults, clock) = (Faults::new(nth), clock());
        faults.inject(nth, fault);
        let _ = live(&faults, &clock);
        faults.restart_after_power_cut();
        let (found, height) = live(&faults, &clock).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(found, expected, "{what}");
        faults.restart_after_power_cut();
        let solo =
            desk::open(faulty_disks(&faults), &clock).unwrap_or_else(|error| panic!("{what}: {error}"));
        let inspected = solo.inspect().unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!((inspected.blocks, inspected.headers), (height, height - 3), "{what}");
    }
}

/// A home with so many blocks and more, whose ledger is stopped.
fn home_with_blocks(dir: &std::path::Path, txs: u64) -> (Home, u64) {
    let home = Home::new(dir);
    let genesis = home.init(desk::genesis()).unwrap();
    let clock = clock();
    let (disks, key) = (file_disks(&home).unwrap(), home.key().unwrap());
    let mut solo = Solo::open(Setup { disks, genesis, key, clock: Arc::new(clock.clone()) }).unwrap();
    pass(&mut solo, &clock, 0..txs);
    settle(&mut solo, &clock);
    solo.sync().unwrap();
    let height = solo.height();
    (home, height)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_home_is_pruned_to_fewer_bytes_and_a_running_one_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (home, height) = home_with_blocks(dir.path(), 150);
    let pruned = prune(&home, 20).unwrap();
    assert_eq!((pruned.height, pruned.dropped, pruned.history_from), (height, height - 20, height - 19));
    assert!(pruned.bytes_after < pruned.bytes_before, "{pruned:?}");
    assert_eq!((pruned.inspected.blocks, pruned.inspected.headers), (height, height - 20));

    let listen = Some("127.0.0.1:0".parse().unwrap());
    let config =
        NodeConfig { home: dir.path().to_owned(), listen, keep_blocks: Some(8), ..NodeConfig::default() };
    let refused = run_engine(config.clone(), Engine::Comet(Supervision::Supervised { program: None })).await;
    assert!(matches!(refused, Err(NodeError::KeepBlocks)));
    let node = run(config).await.unwrap();
    let error = prune(&home, 20).unwrap_err();
    assert!(matches!(&error, NodeError::Ledger(error) if error.is_in_use()), "{error}");
    node.stop().await.unwrap();
    assert!(matches!(prune(&Home::new(dir.path().join("none")), 20), Err(NodeError::Home(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_runs_drops_old_blocks_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let (_, height) = home_with_blocks(dir.path(), 100);
    let config = NodeConfig {
        home: dir.path().to_owned(),
        listen: Some("127.0.0.1:0".parse().unwrap()),
        keep_blocks: Some(8),
        ..NodeConfig::default()
    };
    let node = run(config).await.unwrap();
    let ledger = node.ledger();
    let from = || {
        let start = ledger.machine().history_start(&ledger.tip().snapshot).unwrap();
        start.map_or(1, |start| start.from)
    };
    let admin = Person::number(0);
    // A block shows what was dropped before it.
    let mut sequence = 0;
    let dropped = async || {
        let tx = admin.appoint(sequence, &Person::number(1 + u16::try_from(sequence).unwrap()));
        sequence += 1;
        let (notify, outcome) = tokio::sync::oneshot::channel();
        let waiter = Box::new(move |outcome| drop(notify.send(outcome)));
        ledger.clone().submit(tx, Some(waiter), Box::new(())).await.unwrap();
        outcome.await.unwrap();
        (from() > height - 8 - PRUNE_BLOCKS).then_some(()).ok_or(())
    };
    until("old blocks to go", dropped).await;
    assert!(ledger.tip().height > height);
    node.stop().await.unwrap();
    drop(ledger);
    let key = Home::new(dir.path()).key().unwrap();
    let disks = file_disks(&Home::new(dir.path())).unwrap();
    let genesis = Home::new(dir.path()).genesis().unwrap();
    let solo = Solo::open(Setup { disks, genesis, key, clock: Arc::new(clock()) }).unwrap();
    solo.inspect().unwrap();
}
