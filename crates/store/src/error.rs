//! What can go wrong in the store, typed by what the caller should do about it.

use std::io;

/// The result of every fallible call of this crate.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why the store refused. Only [`StoreError::NoSpace`] and [`StoreError::Locked`] are worth a second try, after a
/// person has changed something, and then with the store opened anew.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The device failed.
    #[error("storage failed: {0}")]
    Io(#[source] io::Error),
    /// Stored bytes are not the bytes that were written; none of them was handed out.
    #[error("stored data is corrupt: {what}")]
    Corrupt {
        /// Which part, in words for the operator.
        what: String,
    },
    /// Another process (or another handle of this one) has the files open.
    #[error("the data directory is in use by another process")]
    Locked,
    /// The path of a data file is a symbolic link, which is never followed.
    #[error("data file {path} is a symbolic link")]
    Symlink {
        /// The offending path.
        path: String,
    },
    /// The file was written by a newer program.
    #[error("the store has schema {found}, this program supports up to {supported}")]
    NewerSchema {
        /// Schema version of the file.
        found: u32,
        /// Newest schema version this program can open.
        supported: u32,
    },
    /// The file was written by an older program, and lacks what this one reads.
    #[error(
        "the store has schema {found}, this program reads {supported}: export the ledger with the program that wrote it, and import it with this one"
    )]
    OlderSchema {
        /// Schema version of the file.
        found: u32,
        /// The schema version that this program opens.
        supported: u32,
    },
    /// The device is full.
    #[error("no space left on the device")]
    NoSpace,
    /// An earlier write or sync failed, so what is on the device is unknown: open the store anew.
    #[error("the store stopped after an earlier failure")]
    Failed,
    /// A commit was staged against a state that is no longer the latest, or its version does not grow.
    #[error("version {version} cannot follow version {latest}")]
    Version {
        /// The version asked for.
        version: u64,
        /// The latest committed version.
        latest: u64,
    },
    /// ICS-23 has no proof of absence in a tree without leaves.
    #[error("nothing can be proven in an empty state")]
    EmptyTree,
    /// A transaction was begun inside another, or committed without one.
    #[error("transactions of a working state neither nest nor end twice")]
    Transaction,
    /// A key or a value is longer than the store's bound.
    #[error("{what} of {bytes} bytes is over the limit of {max}")]
    TooLarge {
        /// What was too large.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
}

impl StoreError {
    /// A corruption described in words.
    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        StoreError::Corrupt { what: what.into() }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::NoSpace,
            _ => StoreError::Io(error),
        }
    }
}

impl From<redb::StorageError> for StoreError {
    fn from(error: redb::StorageError) -> Self {
        match error {
            redb::StorageError::Io(error) => error.into(),
            redb::StorageError::Corrupted(what) => StoreError::Corrupt { what },
            redb::StorageError::PreviousIo | redb::StorageError::DatabaseClosed => StoreError::Failed,
            other => StoreError::corrupt(other.to_string()),
        }
    }
}

impl From<redb::TransactionError> for StoreError {
    fn from(error: redb::TransactionError) -> Self {
        match error {
            redb::TransactionError::Storage(error) => error.into(),
            other => StoreError::corrupt(other.to_string()),
        }
    }
}

impl From<redb::TableError> for StoreError {
    fn from(error: redb::TableError) -> Self {
        match error {
            redb::TableError::Storage(error) => error.into(),
            other => StoreError::corrupt(other.to_string()),
        }
    }
}

impl From<redb::CommitError> for StoreError {
    fn from(error: redb::CommitError) -> Self {
        match error {
            redb::CommitError::Storage(error) => error.into(),
            _ => StoreError::Failed,
        }
    }
}

impl From<redb::DatabaseError> for StoreError {
    fn from(error: redb::DatabaseError) -> Self {
        match error {
            redb::DatabaseError::DatabaseAlreadyOpen => StoreError::Locked,
            redb::DatabaseError::Storage(error) => error.into(),
            other => StoreError::corrupt(other.to_string()),
        }
    }
}
