//! An authenticated, versioned, embedded key-value store, and an append-only log beside it.
//!
//! # Two key spaces, one commit
//!
//! *Records* are what a client can verify: each is a leaf of a Merkle tree, whose root is the state's fingerprint. *Side
//! values* are the rest (ciphertexts, query indexes, results): written by the same commit, never in the root, so they can
//! be erased or rebuilt without changing it.
//!
//! ```text
//!   table      key                 value                      in the root
//!   records    state key           record                     through its leaf
//!   side       key                 value                      no
//!   tree       nibble path         inner node or leaf         is what it hashes
//!   meta       name                schema version, head       no
//! ```
//!
//! A record's leaf has the key SHA-256(state key) and the value SHA-256(record), so a proof, which may show a neighbour,
//! shows nothing of it. The tree is `jmt`'s, its proofs are ICS-23's, and its root depends on the records alone, not on
//! how they came about. The database is `redb`.
//!
//! # A block's way through
//!
//! ```
//! use sealdesk_store::{Durability, KeyRange, State, Store};
//!
//! # fn main() -> sealdesk_store::Result<()> {
//! let store = Store::in_memory();
//! let mut state = State::new(store.latest()); // a working view
//! state.begin_tx()?;
//! state.put("ticket/1", "open");
//! state.put_side("envelope/1", "…");
//! state.commit_tx()?;                         // or rollback_tx: as if it had never been
//! let staged = store.prepare(1, state.into_changes())?; // the new root; nothing is written
//! let root = staged.root();
//! store.commit(staged, Durability::Synced)?;  // everything, or nothing
//!
//! let snapshot = store.latest();              // never changes, whatever is committed later
//! assert_eq!((snapshot.version(), snapshot.root()), (1, root));
//! assert_eq!(snapshot.scan(&KeyRange::prefix(b"ticket/"))?.count(), 1);
//! assert!(snapshot.prove(b"ticket/1")?.record.is_some());
//! # Ok(())
//! # }
//! ```
//!
//! Any number of blocks can be prepared and dropped. [`Store::at`] keeps the last [`RETAINED_VERSIONS`] versions open, so
//! that proofs of one can be made while the next are committed.
//!
//! # What survives
//!
//! - Records, side values, tree, version and root change in one transaction. A crash leaves a version whole or not at all.
//! - [`Durability::Synced`] is on the device when `commit` returns. [`Durability::Deferred`] is visible at once, and on the
//!   device with the next synced commit; whoever uses it keeps the blocks in a [`Log`] and replays them.
//! - After a failed write or sync the store and the log answer [`StoreError::Failed`] for good and touch the device no
//!   more, because what is on it is unknown. Opening them anew finds out.
//! - A row is checked against its checksum at every read, a missing record against the tree, and the pages of files up to
//!   a gigabyte when they are opened; [`Snapshot::check_integrity`] checks everything. Damage is an error, never an answer.
//!   The one gap: in a larger file, a flipped bit in the database's own structure can hide a *side* value until that check.
//! - If the database panics over a damaged page, the panic is caught and becomes [`StoreError::Corrupt`].
//! - One process per directory: the files are locked, links are not followed, a newer schema is refused.
//!
//! # A state from elsewhere
//!
//! [`Building`] makes a store beside the live one, batch by batch, and shows the root that its records have come to. Only when
//! that is the right one, [`Folder::rename`] puts the file into the live one's place, and [`Store::adopt`] shows it.
//!
//! # What goes again
//!
//! [`SegmentedLog`] is a log of several files, whose beginning can be dropped. Values that are removed leave free pages, which later
//! commits use; [`compact`] gives them back to the file system.
//!
//! # What is not here
//!
//! No clock, no randomness, no async, no network, no other crate of this workspace. Tests of every layer above find disks
//! that fail on demand in [`testing`].

mod building;
mod changes;
mod compact;
mod disk;
mod engine;
mod error;
mod folder;
mod head;
mod health;
mod integrity;
mod log;
mod merge;
mod range;
mod segmented;
mod snapshot;
mod state;
mod store;
mod tables;
pub mod testing;
mod tree;

pub use building::Building;
pub use changes::{Changes, Writes};
pub use compact::compact;
pub use disk::{AnyDisk, Disk, FileDisk};
pub use engine::PAGE_CACHE_BYTES;
pub use error::{Result, StoreError};
pub use folder::{FileFolder, Folder};
pub use head::SCHEMA_VERSION;
pub use integrity::Integrity;
pub use log::{LOG_FILE, LOG_SCHEMA_VERSION, Log, RECORD_BYTES_MAX};
pub use range::KeyRange;
pub use segmented::{SEGMENT_BYTES, SegmentedLog};
pub use snapshot::{Entry, Proof, Scan, Snapshot};
pub use state::State;
pub use store::{Durability, KEY_BYTES_MAX, RETAINED_VERSIONS, STATE_FILE, Staged, Store, VALUE_BYTES_MAX};
