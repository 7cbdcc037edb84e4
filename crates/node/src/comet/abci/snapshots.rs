//! The snapshot connection: this node's snapshots for others, and another node's for this one.

use std::sync::{MutexGuard, PoisonError};

use bytes::Bytes;
use sealdesk_machine::Machine;
use tendermint_proto::v0_38::abci::{
    self, response_apply_snapshot_chunk::Result as Applied, response_offer_snapshot::Result as Offered,
};

use crate::comet::app::{App, StateSync};
use crate::comet::error::CometError;
use crate::comet::snapshots::format::{FORMAT, Metadata, sha256};
use crate::comet::snapshots::restore::{NotTaken, Progress, Restoration, Restored};
use crate::comet::snapshots::{SPARE_BYTES, SnapshotSetup};
use crate::comet::validators::sets::may_sign;
use crate::ledger::{Ledger as _, Tip};

/// What a restored byte takes on the device at most: row, checksum, index and tree.
const RESTORED_BYTES: u64 = 4;

impl App {
    /// The snapshots that this node has made, newest first.
    pub(super) fn list_snapshots(&self) -> abci::ResponseListSnapshots {
        let kept = self.sync.as_ref().map(|sync| sync.archive.list()).unwrap_or_default();
        let snapshots = kept.iter().map(|kept| {
            let metadata = kept.metadata.encode();
            abci::Snapshot {
                height: kept.metadata.height,
                format: FORMAT,
                chunks: u32::try_from(kept.metadata.chunks.len()).unwrap_or(u32::MAX),
                hash: Bytes::copy_from_slice(&sha256(&metadata)),
                metadata: metadata.into(),
            }
        });
        abci::ResponseListSnapshots { snapshots: snapshots.collect() }
    }

    /// A chunk for another node; empty if it is not here.
    pub(super) fn load_chunk(
        &self,
        request: &abci::RequestLoadSnapshotChunk,
    ) -> abci::ResponseLoadSnapshotChunk {
        let index = usize::try_from(request.chunk).unwrap_or(usize::MAX);
        let sync = self.sync.as_ref().filter(|_| request.format == FORMAT);
        let chunk = sync.and_then(|sync| sync.archive.chunk(request.height, index));
        abci::ResponseLoadSnapshotChunk { chunk: chunk.unwrap_or_default().into() }
    }

    /// Looks at a snapshot that another node offers, and begins with it.
    pub(super) fn offer_snapshot(
        &self,
        request: &abci::RequestOfferSnapshot,
    ) -> Result<abci::ResponseOfferSnapshot, CometError> {
        let Some(sync) = self.sync.as_ref() else { return Ok(offered(Offered::RejectFormat)) };
        if !self.is_untouched()? {
            tracing::error!("a snapshot is refused: this ledger is at height {} already", self.height());
            return Ok(offered(Offered::Abort));
        }
        let metadata = match self.judge_offer(sync, request) {
            Ok(metadata) => metadata,
            Err((answer, why)) => {
                tracing::warn!("a snapshot is refused: {why}");
                return Ok(offered(answer));
            }
        };
        let mut place = sync.restoration();
        // The file of an earlier attempt is let go before it is removed.
        *place = None;
        match Restoration::begin(&sync.setup, &self.genesis, metadata) {
            Ok(begun) => {
                *place = Some(begun);
                Ok(offered(Offered::Accept))
            }
            Err(error) => {
                tracing::error!("a snapshot cannot be restored here: {error}");
                Ok(offered(Offered::Abort))
            }
        }
    }

    fn judge_offer(
        &self,
        sync: &StateSync,
        request: &abci::RequestOfferSnapshot,
    ) -> Result<Metadata, (Offered, String)> {
        let reject = |why: &str| (Offered::Reject, why.to_owned());
        let snapshot = request.snapshot.as_ref().ok_or_else(|| reject("no snapshot is named"))?;
        if snapshot.format != FORMAT {
            return Err((Offered::RejectFormat, format!("format {} is not known", snapshot.format)));
        }
        if snapshot.hash != sha256(&snapshot.metadata).as_slice() {
            return Err((Offered::RejectSender, "its hash is not that of its metadata".to_owned()));
        }
        let metadata = Metadata::decode(&snapshot.metadata);
        let metadata = metadata.map_err(|error| (Offered::RejectSender, error.to_string()))?;
        if metadata.height != snapshot.height || usize::try_from(snapshot.chunks) != Ok(metadata.chunks.len())
        {
            return Err((Offered::RejectSender, "it is offered as another one".to_owned()));
        }
        if metadata.chain_id != self.genesis.chain_id {
            return Err(reject("it is of another ledger"));
        }
        if request.app_hash != metadata.app_hash.as_slice() {
            return Err(reject("its root is not the one that the network has"));
        }
        check_room(&sync.setup, &metadata).map_err(|why| reject(&why))?;
        Ok(metadata)
    }

    /// Whether no block was executed here: only such a ledger is replaced. One that was restored a moment ago is, because CometBFT
    /// begins again where it was interrupted before it had noted the restored height.
    pub(in crate::comet) fn is_untouched(&self) -> Result<bool, CometError> {
        let height = self.height();
        let start = self.machine.history_start(&self.store.latest())?;
        Ok(height == 0 || start.is_some_and(|start| start.from == height.saturating_add(1)))
    }

    /// Takes a chunk; with the last one, the restored state takes the place of the live one.
    pub(super) fn apply_chunk(
        &self,
        request: &abci::RequestApplySnapshotChunk,
    ) -> Result<abci::ResponseApplySnapshotChunk, CometError> {
        let Some(sync) = self.sync.as_ref() else { return Ok(applied(Applied::Abort)) };
        let mut place = sync.restoration();
        let Some(restoration) = place.as_mut() else { return Ok(applied(Applied::RetrySnapshot)) };
        let index = usize::try_from(request.index).unwrap_or(usize::MAX);
        let taken = match restoration.take(&sync.setup, index, &request.chunk) {
            Ok(Progress::More) => return Ok(applied(Applied::Accept)),
            Err(NotTaken::OtherBytes) => {
                tracing::warn!("chunk {index} of {} is refused: {}", request.sender, NotTaken::OtherBytes);
                return Ok(abci::ResponseApplySnapshotChunk {
                    result: Applied::Retry.into(),
                    refetch_chunks: vec![request.index],
                    reject_senders: vec![request.sender.clone()],
                });
            }
            Ok(Progress::Whole) => place
                .take()
                .map_or_else(|| Err(NotTaken::Snapshot("it was taken away".to_owned())), Restoration::finish),
            Err(other) => Err(other),
        };
        *place = None;
        let counts = self.handle.metrics().snapshots.iter();
        let answer = match taken {
            Ok(restored) => {
                self.switch_to(&sync.setup, &restored)?;
                Applied::Accept
            }
            Err(NotTaken::Storage(error)) => {
                tracing::error!("the snapshot cannot be restored here: {error}. The state of before stays");
                Applied::Abort
            }
            Err(other) => {
                tracing::warn!("the snapshot is refused, the state of before stays: {other}");
                Applied::RejectSnapshot
            }
        };
        counts.for_each(|counts| counts.taken(answer == Applied::Accept));
        if let Err(error) = sync.setup.clean() {
            tracing::warn!("what was left of the snapshot is not removed: {error}");
        }
        Ok(applied(answer))
    }

    /// Everything is synced: the file gets its place, and everyone sees the state. Not where this home's key votes in it and may
    /// have signed already what it would sign next. Where the renaming fails it is not known which file has the place, so nothing may go
    /// on.
    fn switch_to(&self, setup: &SnapshotSetup, restored: &Restored) -> Result<(), CometError> {
        let snapshot = restored.store.latest();
        if Machine::load(&snapshot)? != self.machine {
            return Err(CometError::broken("a restored state is of another ledger"));
        }
        if let Some(key) = &setup.unrecorded_key
            && may_sign(&self.machine, &snapshot, restored.head.height, key)?
        {
            return Err(CometError::NoSigningRecord);
        }
        setup.switch()?;
        self.store.adopt(&restored.store);
        *self.staged() = None;
        self.pool().clear();
        let head = restored.head;
        tracing::info!("the state of block {} is restored from a snapshot", head.height);
        self.handle.begin_anew(Tip::unsigned(head.height, head.time, head.header_root, snapshot))
    }
}

impl StateSync {
    fn restoration(&self) -> MutexGuard<'_, Option<Restoration>> {
        self.restoration.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a stranger announces must fit beside the ledger.
fn check_room(setup: &SnapshotSetup, metadata: &Metadata) -> Result<(), String> {
    let needed = metadata.chunk_bytes().saturating_mul(RESTORED_BYTES).saturating_add(SPARE_BYTES);
    match setup.data.free_bytes() {
        Ok(free) if free >= needed => Ok(()),
        Ok(free) => Err(format!("it may take {needed} bytes, and {free} are free")),
        Err(error) => Err(error.to_string()),
    }
}

fn offered(result: Offered) -> abci::ResponseOfferSnapshot {
    abci::ResponseOfferSnapshot { result: result.into() }
}

fn applied(result: Applied) -> abci::ResponseApplySnapshotChunk {
    abci::ResponseApplySnapshotChunk { result: result.into(), ..Default::default() }
}
