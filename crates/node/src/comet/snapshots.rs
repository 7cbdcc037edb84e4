//! State sync: snapshots of the state for other nodes, and a state made of another node's snapshot. docs/snapshots.md fixes the
//! bytes and says what travels.
//!
//! [`format`] is the bytes; [`writer`] writes a snapshot beside the ledger's work; [`archive`] keeps the newest and serves their
//! chunks; [`restore`] builds a store of chunks beside the live one and puts it into its place. What CometBFT asks of all that is
//! answered in `comet/abci/snapshots.rs`.

mod archive;
pub mod format;
pub(super) mod restore;
mod writer;

use std::sync::Arc;

use sealdesk_store::{FileFolder, Folder, STATE_FILE, StoreError};

pub(super) use archive::Archive;
pub(super) use restore::Restoration;

use crate::home::Home;

/// Blocks between two snapshots, where the configuration names no number.
pub const INTERVAL_BLOCKS_DEFAULT: u64 = 1_000;
/// Snapshots that are kept: while one is fetched, the next may come.
pub const SNAPSHOTS_KEPT: usize = 2;
/// Room that snapshots leave on the device, in bytes: the ledger's own writes come first.
pub const SPARE_BYTES: u64 = 256 * 1024 * 1024;
/// The store that a restored state is built in.
const RESTORE_FILE: &str = "restore.redb";
/// Chunks that came before their turn.
const EARLY_FILE: &str = "restore.chunks";

/// Where snapshots are made and restored.
#[derive(Clone, Debug)]
pub struct SnapshotSetup {
    /// The directory of the state's own file, called [`STATE_FILE`].
    pub data: Arc<dyn Folder>,
    /// The directory of the snapshots that this node has made.
    pub archive: Arc<dyn Folder>,
    /// Blocks between two snapshots; 0 = none are made.
    pub interval: u64,
    /// The public half of this home's validator key, where it is not known what it has signed: no state in which it votes is restored
    /// then. `None` where there is a record, where the operator says that it never signed, and where there is no key.
    pub unrecorded_key: Option<[u8; 32]>,
}

impl SnapshotSetup {
    /// The directories of a home.
    ///
    /// # Errors
    /// [`StoreError`] if they cannot be made, or are links.
    pub fn of_home(
        home: &Home,
        interval: Option<u64>,
        unrecorded_key: Option<[u8; 32]>,
    ) -> Result<Self, StoreError> {
        let archive = super::driver::marker(home.path()).join("snapshots");
        Ok(Self {
            data: Arc::new(FileFolder::open(&home.data_dir())?),
            archive: Arc::new(FileFolder::open(&archive)?),
            interval: interval.unwrap_or(INTERVAL_BLOCKS_DEFAULT),
            unrecorded_key,
        })
    }

    /// Removes what a restoration that ended half-way has left.
    pub(super) fn clean(&self) -> Result<(), StoreError> {
        for name in self.data.names()? {
            if name == RESTORE_FILE || name == EARLY_FILE {
                self.data.remove(&name)?;
            }
        }
        Ok(())
    }

    /// Puts the restored store's file into the place of the state's.
    pub(super) fn switch(&self) -> Result<(), StoreError> {
        self.data.rename(RESTORE_FILE, STATE_FILE)
    }
}
