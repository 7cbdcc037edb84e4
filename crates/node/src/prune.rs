//! Pruning a stopped home: old blocks go, the files become as short as what they hold, and what is left is read through.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sealdesk_store::{FileDisk, STATE_FILE, compact};

use crate::clock::SystemClock;
use crate::comet;
use crate::home::{Home, HomeError};
use crate::run::NodeError;
use crate::solo::{Inspected, Setup, Solo, SoloError, file_disks};

/// What the system counts a file's room in, in bytes.
const BYTES_OF_A_BLOCK: u64 = 512;

/// What became of a home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pruned {
    /// Height of the newest block.
    pub height: u64,
    /// Blocks whose bodies and history went.
    pub dropped: u64,
    /// The first block that is whole.
    pub history_from: u64,
    /// Bytes of the disk that the data took before.
    pub bytes_before: u64,
    /// Bytes of the disk that it takes now.
    pub bytes_after: u64,
    /// What was found to be whole afterwards.
    pub inspected: Inspected,
}

/// Drops all but the newest blocks of a home whose ledger is an embedded one, `keep` of them and at least one, and reads through what is
/// left. Records, root and height stay what they are.
///
/// # Errors
/// [`NodeError`] if the home has no such ledger, or while that runs, or where its data is damaged. A crash on the way leaves a home that
/// starts, with the blocks or without them.
pub fn prune(home: &Home, keep: u64) -> Result<Pruned, NodeError> {
    home.expect_begun()?;
    if comet::is_replicated(home) {
        return Err(NodeError::KeepBlocks);
    }
    let bytes_before = bytes_on_disk(home)?;
    let mut solo = open(home)?;
    let dropped = solo.prune(keep)?;
    drop(solo);
    let state = FileDisk::open(&home.data_dir(), STATE_FILE).map_err(SoloError::from)?;
    compact(state).map_err(SoloError::from)?;
    let solo = open(home)?;
    let inspected = solo.inspect()?;
    let (height, history_from) = (solo.height(), solo.pruned().saturating_add(1));
    drop(solo);
    Ok(Pruned { height, dropped, history_from, bytes_before, bytes_after: bytes_on_disk(home)?, inspected })
}

fn open(home: &Home) -> Result<Solo, NodeError> {
    let (disks, genesis, key) = (file_disks(home)?, home.genesis()?, home.key()?);
    Ok(Solo::open(Setup { disks, genesis, key, clock: Arc::new(SystemClock::default()) })?)
}

/// What a home's data takes of the disk: files have zeros allocated ahead, which take nothing.
fn bytes_on_disk(home: &Home) -> Result<u64, HomeError> {
    let mut bytes = 0;
    let mut waiting: Vec<PathBuf> = vec![home.data_dir()];
    while let Some(dir) = waiting.pop() {
        for (path, meta) in entries(&dir).map_err(|error| HomeError::Io { path: dir.clone(), error })? {
            if meta.is_dir() {
                waiting.push(path);
            } else {
                bytes += meta.blocks().saturating_mul(BYTES_OF_A_BLOCK);
            }
        }
    }
    Ok(bytes)
}

fn entries(dir: &Path) -> std::io::Result<Vec<(PathBuf, fs::Metadata)>> {
    fs::read_dir(dir)?.map(|entry| entry.and_then(|entry| Ok((entry.path(), entry.metadata()?)))).collect()
}
