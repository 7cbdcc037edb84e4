//! A backup of an embedded ledger: one file, written beside the ledger's work and read back with every check that its bytes allow.
//! docs/backup.md fixes the form.
//!
//! [`write()`] gives what the ledger has as of one height: the state's rows, which a signed header proves, the blocks up to that header, and
//! the pieces of attached files that the state names. [`socket`] is how a command reaches the node that has the ledger open. The program
//! puts the files of the home behind it. [`read()`] goes through a whole file, and leaves a state whose root is the proven one.
//!
//! Nothing here begins a ledger. The validator's key is in no backup: what is restored becomes another ledger, which continues the old one
//! (docs/spec/trust.md, section 6), so that no restored copy signs a second block at a height that was signed before.

mod frames;
mod read;
pub mod socket;
mod state;
mod write;

use sealdesk_machine::RestoreError;
use sealdesk_store::StoreError;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use frames::{FRAME_BYTES_MAX, Frame, FrameReader, FrameWriter, MAGIC, Part};
pub use read::{HomeFile, ReadBackup, read};
pub use write::write;

pub use crate::blobs::keep_piece;

/// Why there is no backup, or why one is refused.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The bytes are something else.
    #[error("this is not a backup of a desk")]
    NotABackup,
    /// They were changed, or are of a backup that was not finished.
    #[error("the backup is damaged: {0}")]
    Damaged(String),
    /// They end before the backup does.
    #[error("the backup is not whole: it ends early")]
    EndsEarly,
    /// The file or the connection could not be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The place where it is read into failed.
    #[error(transparent)]
    Storage(#[from] StoreError),
    /// The ledger cannot give one.
    #[error("the node cannot make a backup: {0}")]
    Node(String),
}

impl From<RestoreError> for BackupError {
    fn from(error: RestoreError) -> Self {
        match error {
            RestoreError::Store(error) => Self::Storage(error),
            RestoreError::Refused(what) => Self::Damaged(what),
        }
    }
}

fn damaged(what: impl ToString) -> BackupError {
    BackupError::Damaged(what.to_string())
}

/// What the node says of a backup, before it gives one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// When it was begun, in Unix seconds by the node's clock.
    pub made: i64,
    /// The version of the program.
    pub program: String,
}

/// What is in a backup of the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Rows of the state: records, envelopes, grants, and what stands in documents.
    pub rows: u64,
    /// Whole blocks.
    pub blocks: u64,
    /// Blocks of which only the signed header was left.
    pub headers: u64,
    /// Pieces of attached files.
    pub pieces: u64,
    /// Pieces that tickets name and this node did not have.
    pub missing_pieces: u64,
}
