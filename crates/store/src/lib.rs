//! An authenticated, versioned, embedded key-value store.

mod changes;
mod disk;
mod engine;
mod error;
mod head;
mod health;
mod integrity;
mod log;
mod merge;
mod range;
mod snapshot;
mod state;
mod store;
mod tables;
pub mod testing;
mod tree;

pub use changes::{Changes, Writes};
pub use disk::{Disk, FileDisk};
pub use error::{Result, StoreError};
pub use head::SCHEMA_VERSION;
pub use integrity::Integrity;
pub use log::{LOG_FILE, LOG_SCHEMA_VERSION, Log, RECORD_BYTES_MAX};
pub use range::KeyRange;
pub use snapshot::{Entry, Proof, Scan, Snapshot};
pub use state::State;
pub use store::{Durability, KEY_BYTES_MAX, RETAINED_VERSIONS, STATE_FILE, Staged, Store, VALUE_BYTES_MAX};
