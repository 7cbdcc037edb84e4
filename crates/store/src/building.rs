//! A store in the making: filled batch by batch beside the live one.

use crate::changes::Changes;
use crate::disk::Disk;
use crate::error::{Result, StoreError};
use crate::snapshot::Snapshot;
use crate::store::{Durability, Store, stage};

/// A store that is being filled from elsewhere. Until [`Building::finish`] it has version 0, whatever it holds, so that nothing
/// takes a half-filled one for a state.
#[derive(Debug)]
pub struct Building(Store);

impl Building {
    /// Begins on a disk that holds nothing.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if there is a state already, and whatever opening says.
    pub fn begin(disk: impl Disk) -> Result<Self> {
        if disk.len()? > 0 {
            return Err(StoreError::corrupt("the file to restore into is not empty"));
        }
        Ok(Self(Store::open(disk)?))
    }

    /// What has been added so far; its root is that of the records so far.
    pub fn view(&self) -> Snapshot {
        self.0.latest()
    }

    /// Adds a batch, synced: everything of it, or nothing.
    ///
    /// # Errors
    /// [`StoreError`]; the building is of no more use then.
    pub fn add(&self, changes: Changes) -> Result<()> {
        self.put(0, changes)
    }

    /// Adds the last batch, and gives the finished store its version.
    ///
    /// # Errors
    /// [`StoreError`]; the building is of no more use then.
    pub fn finish(self, version: u64, changes: Changes) -> Result<Store> {
        self.put(version, changes)?;
        Ok(self.0)
    }

    fn put(&self, version: u64, changes: Changes) -> Result<()> {
        let staged = stage(&self.0.latest(), version, changes)?;
        self.0.commit(staged, Durability::Synced)
    }
}
