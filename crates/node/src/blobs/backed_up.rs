//! The pieces of a home as a backup takes and brings them.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Result};

use sealdesk_protocol::attachment::BlobHash;

use super::BLOBS_DIR;
use super::folder::Folder;
use crate::home::Home;

/// The pieces of a home, to read from beside the node that keeps them.
#[derive(Debug)]
pub(crate) struct HomePieces {
    folder: Folder,
    /// Who brought what waits to be named: the newest messages may name it.
    waiting: BTreeMap<BlobHash, String>,
}

impl HomePieces {
    /// Those of a home.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn of(home: &Home) -> Result<Self> {
        let folder = folder(home);
        let waiting = folder.pending()?.into_iter().map(|one| (one.hash, one.account)).collect();
        Ok(Self { folder, waiting })
    }

    /// A piece; `None` where it is not here, or not what its name says.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn read(&self, hash: &BlobHash) -> Result<Option<Vec<u8>>> {
        let whole = |read: Result<Option<Vec<u8>>>| match read {
            Err(error) if error.kind() == ErrorKind::InvalidData => Ok(None),
            read => read,
        };
        let account = self.waiting.get(hash).map(String::as_str);
        match whole(self.folder.read(hash, account))? {
            // It may have been named between the two looks at the folder.
            None if account.is_some() => whole(self.folder.read(hash, None)),
            found => Ok(found),
        }
    }
}

/// Keeps a piece in a home where no node runs.
///
/// # Errors
/// What the system says.
pub fn keep_piece(home: &Home, hash: &BlobHash, bytes: &[u8]) -> Result<()> {
    folder(home).keep(hash, bytes)
}

fn folder(home: &Home) -> Folder {
    Folder::new(home.data_dir().join(BLOBS_DIR))
}
