//! A store made of another node's chunks, beside the live one.

use std::collections::BTreeSet;

use sealdesk_machine::{RestoreError, Restoring, Row};
use sealdesk_protocol::genesis::Genesis;
use sealdesk_store::{AnyDisk, Building, Disk as _, State, Store, StoreError};
use thiserror::Error;

use super::format::{CHUNK_BYTES_MAX, ChunkMark, Counts, Metadata, rows_of};
use super::{EARLY_FILE, RESTORE_FILE, SPARE_BYTES, SnapshotSetup};
use crate::block::version_of;
use crate::comet::error::CometError;
use crate::comet::head::Head;

/// Rows that are written at a time: what bounds memory where a chunk is of nothing but tiny rows.
const BATCH_ROWS: usize = 20_000;

/// A snapshot on its way into a store.
#[derive(Debug)]
pub(in crate::comet) struct Restoration {
    metadata: Metadata,
    building: Building,
    restoring: Restoring,
    counts: Counts,
    /// The chunk that comes next.
    next: usize,
    /// Chunks that came before their turn, and where they wait.
    early: BTreeSet<usize>,
    early_file: Option<AnyDisk>,
}

/// What a chunk has led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::comet) enum Progress {
    /// More are needed.
    More,
    /// It was the last one.
    Whole,
}

/// A state that may take the place of the live one.
#[derive(Debug)]
pub(in crate::comet) struct Restored {
    pub(in crate::comet) store: Store,
    pub(in crate::comet) head: Head,
}

/// Why a chunk is not taken.
#[derive(Debug, Error)]
pub(in crate::comet) enum NotTaken {
    /// These are not its bytes: another node may have them.
    #[error("its hash is not the one in the metadata")]
    OtherBytes,
    /// The whole snapshot is wrong.
    #[error("{0}")]
    Snapshot(String),
    /// This node's own storage failed.
    #[error(transparent)]
    Storage(#[from] StoreError),
}

impl From<RestoreError> for NotTaken {
    fn from(error: RestoreError) -> Self {
        match error {
            RestoreError::Store(error) => Self::Storage(error),
            RestoreError::Refused(what) => Self::Snapshot(what),
        }
    }
}

impl From<std::io::Error> for NotTaken {
    fn from(error: std::io::Error) -> Self {
        Self::Storage(error.into())
    }
}

impl Restoration {
    /// Begins with nothing, whatever an earlier attempt has left.
    pub(in crate::comet) fn begin(
        setup: &SnapshotSetup,
        genesis: &Genesis,
        metadata: Metadata,
    ) -> Result<Self, CometError> {
        setup.clean()?;
        let restoring = Restoring::new(genesis)?;
        let building = Building::begin(setup.data.open(RESTORE_FILE)?)?;
        let (counts, early) = (Counts::default(), BTreeSet::new());
        Ok(Self { metadata, building, restoring, counts, next: 0, early, early_file: None })
    }

    /// Takes a chunk whenever it comes; one that is taken already changes nothing.
    pub(in crate::comet) fn take(
        &mut self,
        setup: &SnapshotSetup,
        index: usize,
        chunk: &[u8],
    ) -> Result<Progress, NotTaken> {
        if self.metadata.chunks.get(index) != Some(&ChunkMark::of(chunk)) {
            return Err(NotTaken::OtherBytes);
        }
        if index > self.next {
            self.put_aside(setup, index, chunk)?;
        } else if index == self.next {
            self.add(setup, chunk)?;
            while self.early.remove(&self.next) {
                let chunk = self.fetch_aside(self.next)?;
                self.add(setup, &chunk)?;
            }
        }
        Ok(if self.next == self.metadata.chunks.len() { Progress::Whole } else { Progress::More })
    }

    fn put_aside(&mut self, setup: &SnapshotSetup, index: usize, chunk: &[u8]) -> Result<(), NotTaken> {
        let file = match self.early_file.take() {
            Some(file) => file,
            None => setup.data.open(EARLY_FILE)?,
        };
        let file = self.early_file.insert(file);
        file.write(place_of(index), chunk)?;
        self.early.insert(index);
        Ok(())
    }

    fn fetch_aside(&self, index: usize) -> Result<Vec<u8>, NotTaken> {
        let damaged = || StoreError::Corrupt { what: "a chunk that waited for its turn".to_owned() };
        let mark = self.metadata.chunks.get(index).ok_or_else(damaged)?;
        let mut chunk = vec![0; usize::try_from(mark.size).unwrap_or(0)];
        self.early_file.as_ref().ok_or_else(damaged)?.read(place_of(index), &mut chunk)?;
        if ChunkMark::of(&chunk) == *mark { Ok(chunk) } else { Err(damaged().into()) }
    }

    fn add(&mut self, setup: &SnapshotSetup, chunk: &[u8]) -> Result<(), NotTaken> {
        let rows = rows_of(chunk).map_err(|error| NotTaken::Snapshot(error.to_string()))?;
        for batch in rows.chunks(BATCH_ROWS) {
            // A liar's rows may be so small that the tree above them takes fifty times as much.
            if setup.data.free_bytes()? < SPARE_BYTES {
                return Err(NotTaken::Snapshot("it takes more room than there is".to_owned()));
            }
            let mut state = State::new(self.building.view());
            batch.iter().try_for_each(|row| self.add_row(&mut state, row))?;
            self.building.add(state.into_changes()).map_err(|error| match error {
                // No honest ledger has such a row, so this node's storage is not at fault.
                StoreError::TooLarge { .. } => NotTaken::Snapshot(error.to_string()),
                other => other.into(),
            })?;
        }
        self.next = self.next.saturating_add(1);
        Ok(())
    }

    fn add_row(&mut self, state: &mut State, row: &Row) -> Result<(), NotTaken> {
        self.counts.add(row.kind);
        if !self.counts.within(&self.metadata.counts) {
            return Err(NotTaken::Snapshot("it has more rows than its metadata says".to_owned()));
        }
        Ok(self.restoring.take(state, row.clone())?)
    }

    /// Compares the root with the one that the light client has verified, and finishes the store.
    pub(in crate::comet) fn finish(self) -> Result<Restored, NotTaken> {
        let Self { metadata, building, restoring, counts, .. } = self;
        if building.view().root() != metadata.app_hash {
            return Err(NotTaken::Snapshot(
                "its records do not have the root that the network has".to_owned(),
            ));
        }
        if counts != metadata.counts {
            return Err(NotTaken::Snapshot("it has fewer rows than its metadata says".to_owned()));
        }
        let mut state = State::new(building.view());
        let time = restoring.finish(&mut state, metadata.height)?;
        let head = Head::restored(metadata.height, time)
            .ok_or_else(|| NotTaken::Snapshot("its time is not one".to_owned()))?;
        head.put(&mut state);
        let store = building.finish(version_of(metadata.height), state.into_changes())?;
        Ok(Restored { store, head })
    }
}

/// Where a chunk waits.
fn place_of(index: usize) -> u64 {
    let place = index.saturating_mul(CHUNK_BYTES_MAX);
    u64::try_from(place).unwrap_or(u64::MAX)
}
