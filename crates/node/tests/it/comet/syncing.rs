//! The kit of the snapshot tests: a ledger that makes snapshots, and one that takes them.

use std::sync::Arc;

use bytes::Bytes;
use prost_types::Any;
use sealdesk_machine::Row;
use sealdesk_node::comet::snapshots::SnapshotSetup;
use sealdesk_node::comet::snapshots::format::{ChunkMark, FORMAT, Metadata, push_row, rows_of, sha256};
use sealdesk_node::comet::{App, Setup};
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::sealdesk::ledger::v1::MsgProposeValidator;
use sealdesk_store::STATE_FILE;
use sealdesk_store::testing::Faults;
use sealdesk_testkit::desk::genesis_of;
use sealdesk_testkit::walking::Walk;
use tendermint_proto::v0_38::abci::response_apply_snapshot_chunk::Result as Applied;
use tendermint_proto::v0_38::abci::response_offer_snapshot::Result as Offered;
use tendermint_proto::v0_38::abci::{
    Request, RequestApplySnapshotChunk, RequestCommit, RequestFinalizeBlock, RequestInfo,
    RequestListSnapshots, RequestLoadSnapshotChunk, RequestOfferSnapshot, ResponseApplySnapshotChunk,
    ResponseFinalizeBlock, ResponseInfo, Snapshot, request, response,
};

use super::abci::block;

/// Where the live state lies on the disks of a node.
pub const STATE: &str = "data/state.redb";

/// An application on these disks.
pub fn open(faults: &Faults, genesis: &Genesis, interval: u64) -> Result<App, String> {
    open_on(faults, faults, genesis, interval)
}

/// An application whose snapshots have disks of their own.
pub fn open_on(disks: &Faults, shelf: &Faults, genesis: &Genesis, interval: u64) -> Result<App, String> {
    let setup = SnapshotSetup {
        data: Arc::new(disks.folder("data/")),
        archive: Arc::new(shelf.folder("shelf/")),
        interval,
        unrecorded_key: None,
    };
    open_with(disks, genesis, setup)
}

/// An application whose snapshots are set up so.
pub fn open_with(disks: &Faults, genesis: &Genesis, setup: SnapshotSetup) -> Result<App, String> {
    assert_eq!(STATE, format!("data/{STATE_FILE}"));
    let (disk, genesis) = (disks.disk(STATE), genesis.clone());
    let setup = Setup { disk, genesis, rpc: None, retain_blocks: Some(1), snapshots: Some(setup) };
    App::open(setup).map_err(|error| error.to_string())
}

pub fn ask(app: &App, value: request::Value) -> response::Value {
    app.answer(Request { value: Some(value) }).value.unwrap()
}

pub fn info(app: &App) -> ResponseInfo {
    match ask(app, request::Value::Info(RequestInfo::default())) {
        response::Value::Info(info) => info,
        other => panic!("{other:?}"),
    }
}

pub fn listed(app: &App) -> Vec<Snapshot> {
    match ask(app, request::Value::ListSnapshots(RequestListSnapshots {})) {
        response::Value::ListSnapshots(list) => list.snapshots,
        other => panic!("{other:?}"),
    }
}

pub fn load(app: &App, height: u64, chunk: u32) -> Bytes {
    let request = RequestLoadSnapshotChunk { height, format: FORMAT, chunk };
    match ask(app, request::Value::LoadSnapshotChunk(request)) {
        response::Value::LoadSnapshotChunk(loaded) => loaded.chunk,
        other => panic!("{other:?}"),
    }
}

/// Executes and commits a block, and waits for its snapshot; the second is up to where CometBFT may forget.
pub fn decide(app: &App, block: &RequestFinalizeBlock) -> (ResponseFinalizeBlock, i64) {
    let finalized = match ask(app, request::Value::FinalizeBlock(block.clone())) {
        response::Value::FinalizeBlock(finalized) => finalized,
        other => panic!("{other:?}"),
    };
    match ask(app, request::Value::Commit(RequestCommit {})) {
        response::Value::Commit(committed) => {
            app.finish_snapshot();
            (finalized, committed.retain_height)
        }
        other => panic!("{other:?}"),
    }
}

pub fn offer(app: &App, offered: &Offer) -> Offered {
    let request =
        RequestOfferSnapshot { snapshot: Some(offered.snapshot.clone()), app_hash: offered.app_hash.clone() };
    match ask(app, request::Value::OfferSnapshot(request)) {
        response::Value::OfferSnapshot(answer) => answer.result(),
        other => panic!("{other:?}"),
    }
}

/// `None` where the application answers with an exception, as it does when nothing may go on.
pub fn apply(app: &App, index: usize, chunk: &[u8]) -> Option<ResponseApplySnapshotChunk> {
    let request = RequestApplySnapshotChunk {
        index: u32::try_from(index).unwrap(),
        chunk: Bytes::copy_from_slice(chunk),
        sender: "a peer".to_owned(),
    };
    match ask(app, request::Value::ApplySnapshotChunk(request)) {
        response::Value::ApplySnapshotChunk(answer) => Some(answer),
        response::Value::Exception(_) => None,
        other => panic!("{other:?}"),
    }
}

/// Offers and applies all chunks in their order, until one is not accepted.
pub fn sync(app: &App, offered: &Offer) -> Result<(), Option<Applied>> {
    let begun = offer(app, offered);
    if begun != Offered::Accept {
        return Err(None);
    }
    for (index, chunk) in offered.chunks.iter().enumerate() {
        match apply(app, index, chunk).map(|answer| answer.result()) {
            Some(Applied::Accept) => {}
            other => return Err(other),
        }
    }
    Ok(())
}

/// A snapshot as a peer has it, and what the light client says of its height.
#[derive(Clone)]
pub struct Offer {
    pub snapshot: Snapshot,
    pub chunks: Vec<Bytes>,
    pub app_hash: Bytes,
}

impl Offer {
    pub fn metadata(&self) -> Metadata {
        Metadata::decode(&self.snapshot.metadata).unwrap()
    }

    pub fn rows(&self) -> Vec<Row> {
        self.chunks.iter().flat_map(|chunk| rows_of(chunk).unwrap()).collect()
    }

    /// The same metadata bytes and a hash that fits: what a liar would send.
    pub fn with_metadata(&self, metadata: Vec<u8>) -> Self {
        let mut lie = self.clone();
        lie.snapshot.hash = Bytes::copy_from_slice(&sha256(&metadata));
        lie.snapshot.metadata = metadata.into();
        lie
    }

    /// Other chunks, with metadata that fits them.
    pub fn with_chunks(&self, chunks: Vec<Vec<u8>>) -> Self {
        let mut metadata = self.metadata();
        metadata.chunks = chunks.iter().map(|chunk| ChunkMark::of(chunk)).collect();
        let mut lie = self.with_metadata(metadata.encode());
        lie.snapshot.chunks = u32::try_from(chunks.len()).unwrap();
        lie.chunks = chunks.into_iter().map(Bytes::from).collect();
        lie
    }

    /// The same rows in so many chunks: a small desk fits one, and where chunks end is nobody's business.
    pub fn split(&self, into: usize) -> Self {
        let rows = self.rows();
        let chunk = |rows: &[Row]| {
            let mut chunk = Vec::new();
            rows.iter().for_each(|row| assert!(push_row(&mut chunk, row).unwrap()));
            chunk
        };
        self.with_chunks(rows.chunks(rows.len().div_ceil(into)).map(chunk).collect())
    }
}

/// A ledger that makes snapshots, and its people.
pub struct Maker {
    pub app: App,
    pub faults: Faults,
    pub walk: Walk,
    pub genesis: Genesis,
}

impl Maker {
    /// A ledger on which people have walked about for so many blocks.
    pub fn new(seed: u64, interval: u64, blocks: usize) -> Self {
        let faults = Faults::new(0);
        Self::over((&faults, &faults), seed, interval, blocks)
    }

    /// The same, on disks of its state and disks of its snapshots.
    pub fn over((disks, shelf): (&Faults, &Faults), seed: u64, interval: u64, blocks: usize) -> Self {
        let walk = Walk::new(seed);
        let genesis = genesis_of(&[&walk.people[0]]);
        let app = open_on(disks, shelf, &genesis, interval).unwrap();
        for (height, time, txs) in &walk.desk.blocks {
            decide(&app, &block(*height, time * 1_000, txs));
        }
        let mut maker = Self { app, faults: shelf.clone(), walk, genesis };
        for _ in 0..blocks {
            maker.step();
        }
        maker
    }

    /// The next block of someone's transaction, as CometBFT would hand it in.
    pub fn step(&mut self) -> (RequestFinalizeBlock, ResponseFinalizeBlock) {
        let (time, tx) = self.walk.plan();
        self.decide(time, tx)
    }

    /// The next block, in which the administrator gives a key so much power.
    pub fn propose(&mut self, key: [u8; 32], power: i64) {
        let admin = &self.walk.people[0];
        let message = MsgProposeValidator {
            sender: admin.address.to_string(),
            pub_key: key.to_vec(),
            power,
            moniker: "proposed".to_owned(),
        };
        let tx = self.walk.desk.tx(admin, vec![to_any(&message)]);
        let (_, finalized) = self.decide(self.walk.desk.time, tx);
        assert_eq!(finalized.validator_updates.len(), 1);
    }

    /// The next block, of one message of one of the people, which is done.
    pub fn send(&mut self, who: usize, message: Any) {
        let tx = self.walk.desk.tx(&self.walk.people[who].clone(), vec![message]);
        let (_, finalized) = self.decide(self.walk.desk.time, tx);
        assert_eq!(finalized.tx_results[0].code, 0, "{}", finalized.tx_results[0].log);
    }

    fn decide(&mut self, time: i64, tx: Vec<u8>) -> (RequestFinalizeBlock, ResponseFinalizeBlock) {
        self.walk.desk.block_at(time, &tx);
        let block = block(self.walk.desk.height, time * 1_000, &[tx]);
        let (finalized, _) = decide(&self.app, &block);
        assert_eq!(finalized.app_hash, self.walk.desk.root().as_slice());
        (block, finalized)
    }

    /// The snapshot of a height.
    pub fn snapshot(&self, height: u64) -> Offer {
        let snapshot = listed(&self.app).into_iter().find(|snapshot| snapshot.height == height).unwrap();
        let chunks = (0..snapshot.chunks).map(|chunk| load(&self.app, height, chunk)).collect();
        let app_hash = Metadata::decode(&snapshot.metadata).unwrap().app_hash;
        Offer { snapshot, chunks, app_hash: Bytes::copy_from_slice(&app_hash) }
    }

    /// A snapshot of the state as it is: goes on to the next height that has one.
    pub fn next_snapshot(&mut self, interval: u64) -> Offer {
        while !self.walk.desk.height.is_multiple_of(interval) {
            self.step();
        }
        self.snapshot(self.walk.desk.height)
    }
}
