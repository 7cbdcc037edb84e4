//! Writing a snapshot: a walk over a state that nothing changes any more, beside the ledger's own work.
//!
//! A snapshot is one file: its chunks, its metadata, then the metadata's length (u32) and [`MAGIC`]. It is written under another
//! name, synced, and renamed, so that one which is there is whole.

use sealdesk_machine::{Row, snapshot_rows};
use sealdesk_store::{AnyDisk, Disk as _, Folder, Snapshot, StoreError};
use thiserror::Error;

use super::SPARE_BYTES;
use super::format::{CHUNK_BYTES_MAX, CHUNKS_MAX, ChunkMark, Counts, FormatError, Metadata, push_row};

/// What a snapshot's file ends with.
pub(super) const MAGIC: [u8; 8] = *b"sdsnap\0\x01";
/// The name of one that is not finished.
pub(super) const PART_FILE: &str = "making.part";

/// Why no snapshot was made. The ledger goes on.
#[derive(Debug, Error)]
pub(super) enum MakeError {
    /// The state cannot be read, or the file not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The state does not fit the format.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The state has more chunks than a snapshot.
    #[error("the state is larger than a snapshot can be")]
    TooLarge,
    /// What is left belongs to the ledger.
    #[error("less than {SPARE_BYTES} bytes would be left on the device")]
    NoRoom,
    /// The node stops.
    #[error("the node is shutting down")]
    Stopped,
}

impl From<std::io::Error> for MakeError {
    fn from(error: std::io::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What the snapshot is of.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) chain_id: String,
    pub(super) height: u64,
    pub(super) state: Snapshot,
}

/// Writes the snapshot of a state under `name`. Memory holds one chunk; `stopped` is asked before each.
pub(super) fn make(
    folder: &dyn Folder,
    name: &str,
    subject: &Subject,
    stopped: &dyn Fn() -> bool,
) -> Result<Metadata, MakeError> {
    let made = write(folder, subject, stopped);
    let renamed = made.and_then(|metadata| {
        folder.rename(PART_FILE, name)?;
        Ok(metadata)
    });
    if renamed.is_err() {
        // If this fails too, the next start removes it.
        let _ = folder.remove(PART_FILE);
    }
    renamed
}

fn write(folder: &dyn Folder, subject: &Subject, stopped: &dyn Fn() -> bool) -> Result<Metadata, MakeError> {
    let disk = folder.open(PART_FILE)?;
    disk.set_len(0)?;
    let mut file = File { disk, folder, end: 0, marks: Vec::new(), stopped };
    let mut counts = Counts::default();
    let mut chunk = Vec::with_capacity(CHUNK_BYTES_MAX);
    for row in snapshot_rows(&subject.state)? {
        let row: Row = row?;
        counts.add(row.kind);
        if !push_row(&mut chunk, &row)? {
            file.chunk(&chunk)?;
            chunk.clear();
            push_row(&mut chunk, &row)?;
        }
    }
    file.chunk(&chunk)?;
    let metadata = Metadata {
        chain_id: subject.chain_id.clone(),
        height: subject.height,
        app_hash: subject.state.root(),
        counts,
        chunks: std::mem::take(&mut file.marks),
    };
    file.finish(&metadata)?;
    Ok(metadata)
}

/// The file in the making.
struct File<'a> {
    disk: AnyDisk,
    folder: &'a dyn Folder,
    end: u64,
    marks: Vec<ChunkMark>,
    stopped: &'a dyn Fn() -> bool,
}

impl File<'_> {
    fn chunk(&mut self, chunk: &[u8]) -> Result<(), MakeError> {
        if (self.stopped)() {
            return Err(MakeError::Stopped);
        }
        if self.marks.len() >= CHUNKS_MAX {
            return Err(MakeError::TooLarge);
        }
        self.append(chunk)?;
        self.marks.push(ChunkMark::of(chunk));
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), MakeError> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if self.folder.free_bytes()? < SPARE_BYTES.saturating_add(length) {
            return Err(MakeError::NoRoom);
        }
        self.disk.write(self.end, bytes)?;
        self.end = self.end.saturating_add(length);
        Ok(())
    }

    fn finish(mut self, metadata: &Metadata) -> Result<(), MakeError> {
        let bytes = metadata.encode();
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.append(&[bytes.as_slice(), &length.to_be_bytes(), &MAGIC].concat())?;
        Ok(self.disk.sync_data()?)
    }
}
