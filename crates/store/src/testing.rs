//! Disks for tests, here and in the crates above: one in memory, and ones that fail on demand.
//!
//! A crash test runs a workload once over the disks of a [`Faults`] to learn how many calls it makes, then once more for
//! every call with a [`Fault`] injected there, restarts, and opens what is left:
//!
//! ```
//! use sealdesk_store::testing::{Fault, Faults};
//! use sealdesk_store::{Changes, Durability, Store};
//!
//! let faults = Faults::new(1);
//! faults.inject(9, Fault::PowerCut);
//! let run = |faults: &Faults| -> sealdesk_store::Result<()> {
//!     let store = Store::open(faults.disk("state"))?;
//!     store.commit(store.prepare(1, Changes::default())?, Durability::Synced)
//! };
//! assert!(run(&faults).is_err());
//! faults.restart_after_power_cut();
//! assert_eq!(Store::open(faults.disk("state")).unwrap().latest().version(), 0);
//! ```

mod faulty;
mod memory;
mod platter;
mod random;

pub use faulty::{Call, CallKind, Fault, Faults, FaultyDisk, FaultyFolder};
pub use memory::{MemoryDisk, MemoryFolder};

use crate::disk::Disk;
use crate::error::Result;

/// Rewrites the schema version of the store on `disk`, as a newer program would.
pub fn stamp_schema(disk: impl Disk, schema: u32) -> Result<()> {
    let db = redb::Builder::new().create_with_backend(disk)?;
    let write = db.begin_write()?;
    crate::head::write_schema(&write, schema)?;
    Ok(write.commit()?)
}
