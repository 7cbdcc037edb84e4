//! Giving free pages of a database back to the file system.

use redb::CompactionError;

use crate::disk::Disk;
use crate::engine::{Engine, PAGE_CACHE_BYTES};
use crate::error::{Result, StoreError};

/// Makes the file of a store that is not open as short as what it holds: removed values leave free pages, which later commits use and no
/// commit gives back. A crash leaves the same state in a file of either length.
///
/// # Errors
/// As [`crate::Store::open`].
pub fn compact(disk: impl Disk) -> Result<()> {
    let mut engine = Engine::open(disk, PAGE_CACHE_BYTES)?;
    let health = engine.health.clone();
    health.writing(|| {
        let db = engine.db_mut()?;
        while db.compact().map_err(of_compaction)? {}
        Ok(())
    })
}

fn of_compaction(error: CompactionError) -> StoreError {
    match error {
        CompactionError::Storage(error) => error.into(),
        other => StoreError::corrupt(other.to_string()),
    }
}
