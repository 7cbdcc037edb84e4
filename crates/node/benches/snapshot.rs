//! How long a snapshot takes to make and to restore, on files, at `TICKETS` tickets (100,000 unless named), each with its sealed
//! envelope. Prints the times, and how many blocks of the same work they stand for.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark is a test: it may fail loudly and prints its table"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sealdesk_node::comet::snapshots::SnapshotSetup;
use sealdesk_node::comet::{App, Setup};
use sealdesk_protocol::genesis::Genesis;
use sealdesk_store::{FileDisk, FileFolder, STATE_FILE};
use sealdesk_testkit::many::{People, genesis};
use tendermint_proto::google::protobuf::Timestamp;
use tendermint_proto::v0_38::abci::response_apply_snapshot_chunk::Result as Applied;
use tendermint_proto::v0_38::abci::response_offer_snapshot::Result as Offered;
use tendermint_proto::v0_38::abci::{
    Request, RequestApplySnapshotChunk, RequestCommit, RequestFinalizeBlock, RequestListSnapshots,
    RequestLoadSnapshotChunk, RequestOfferSnapshot, request, response,
};

fn open(dir: &Path, genesis: &Genesis, interval: u64) -> App {
    let data = FileFolder::open(&dir.join("data")).unwrap();
    let shelf = FileFolder::open(&dir.join("snapshots")).unwrap();
    let disk = FileDisk::open(&dir.join("data"), STATE_FILE).unwrap();
    let snapshots =
        SnapshotSetup { data: Arc::new(data), archive: Arc::new(shelf), interval, unrecorded_key: None };
    let genesis = genesis.clone();
    App::open(Setup { disk, genesis, rpc: None, retain_blocks: None, snapshots: Some(snapshots) }).unwrap()
}

fn ask(app: &App, value: request::Value) -> response::Value {
    app.answer(Request { value: Some(value) }).value.unwrap()
}

/// Makes the next block, an empty one.
fn block(app: &App, genesis: &Genesis) -> Duration {
    let height = i64::try_from(app.height()).unwrap() + 1;
    let time = Some(Timestamp { seconds: genesis.time().unwrap() + height, nanos: 0 });
    let begun = Instant::now();
    ask(app, request::Value::FinalizeBlock(RequestFinalizeBlock { height, time, ..Default::default() }));
    ask(app, request::Value::Commit(RequestCommit {}));
    begun.elapsed()
}

fn main() {
    let tickets: u64 = std::env::var("TICKETS").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let dir = tempfile::tempdir().unwrap();
    let genesis = genesis(&People::default(), tickets, &["open", "in_progress", "closed"]);
    let maker = open(&dir.path().join("maker"), &genesis, 2);
    let quiet = block(&maker, &genesis);
    let begun = Instant::now();
    let with = block(&maker, &genesis);
    maker.finish_snapshot();
    let making = begun.elapsed();
    let response::Value::ListSnapshots(list) =
        ask(&maker, request::Value::ListSnapshots(RequestListSnapshots {}))
    else {
        panic!("no list")
    };
    let snapshot = list.snapshots[0].clone();
    let joiner = open(&dir.path().join("joiner"), &genesis, 0);
    let (restoring, bytes) = restore(&maker, &joiner, snapshot);
    assert_eq!((joiner.height(), joiner.root()), (2, maker.root()));
    println!("{tickets} tickets, a snapshot of {:.1} MB", bytes as f64 / 1e6);
    println!("  made in     {:6.2} s, beside the ledger", making.as_secs_f64());
    println!(
        "  restored in {:6.2} s, {:.0} microseconds a ticket",
        restoring.as_secs_f64(),
        restoring.as_secs_f64() * 1e6 / tickets as f64
    );
    println!(
        "  a block that begins one to a block that does not: {:.1} ({:.1} ms)",
        with.as_secs_f64() / quiet.as_secs_f64(),
        with.as_secs_f64() * 1e3
    );
}

fn restore(
    maker: &App,
    joiner: &App,
    snapshot: tendermint_proto::v0_38::abci::Snapshot,
) -> (Duration, usize) {
    let (height, format, chunks) = (snapshot.height, snapshot.format, snapshot.chunks);
    let app_hash = maker.root().to_vec().into();
    let mut took = Duration::ZERO;
    let begun = Instant::now();
    let offer = RequestOfferSnapshot { snapshot: Some(snapshot), app_hash };
    let response::Value::OfferSnapshot(answer) = ask(joiner, request::Value::OfferSnapshot(offer)) else {
        panic!("no answer")
    };
    assert_eq!(answer.result(), Offered::Accept);
    took += begun.elapsed();
    let mut bytes = 0;
    for index in 0..chunks {
        let load = RequestLoadSnapshotChunk { height, format, chunk: index };
        let response::Value::LoadSnapshotChunk(loaded) = ask(maker, request::Value::LoadSnapshotChunk(load))
        else {
            panic!("no chunk")
        };
        bytes += loaded.chunk.len();
        let apply = RequestApplySnapshotChunk { index, chunk: loaded.chunk, sender: "maker".to_owned() };
        let begun = Instant::now();
        let response::Value::ApplySnapshotChunk(answer) =
            ask(joiner, request::Value::ApplySnapshotChunk(apply))
        else {
            panic!("no answer")
        };
        took += begun.elapsed();
        assert_eq!(answer.result(), Applied::Accept);
    }
    (took, bytes)
}
