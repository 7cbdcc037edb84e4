//! Which sealed pieces of files the ledger names: what a node keeps, and what it looks for.

use sealdesk_protocol::attachment::BlobHash;
use sealdesk_protocol::state::side;
use sealdesk_store::{KeyRange, Snapshot};

use crate::errors::{Fatal, QueryError};
use crate::machine::Machine;

/// Behind the hash: a ticket's number and a target.
const MESSAGE_BYTES: usize = 12;

impl Machine {
    /// Whether a message of this ledger names a piece.
    ///
    /// # Errors
    /// [`QueryError::Fatal`] where the store failed.
    pub fn names_blob(&self, snapshot: &Snapshot, hash: &BlobHash) -> Result<bool, QueryError> {
        let first = snapshot.scan_side(&KeyRange::prefix(&side::blob_messages(hash)))?.next();
        Ok(first.transpose()?.is_some())
    }

    /// Up to `limit` pieces that messages name, ascending, those after `after` where it is given. Each stands there once, however
    /// many messages name it.
    ///
    /// # Errors
    /// [`QueryError::Fatal`] where the store failed.
    pub fn blobs(
        &self,
        snapshot: &Snapshot,
        after: Option<BlobHash>,
        limit: usize,
    ) -> Result<Vec<BlobHash>, QueryError> {
        let all = KeyRange::prefix(side::BLOBS);
        let range = match after {
            Some(after) => all.after(&[&side::blob_messages(&after)[..], &[u8::MAX; MESSAGE_BYTES]].concat()),
            None => all,
        };
        let mut hashes: Vec<BlobHash> = Vec::new();
        for entry in snapshot.scan_side(&range)? {
            let (key, _) = entry?;
            let hash = hash_in(&key)?;
            if hashes.last() == Some(&hash) {
                continue;
            }
            if hashes.len() >= limit {
                break;
            }
            hashes.push(hash);
        }
        Ok(hashes)
    }
}

fn hash_in(key: &[u8]) -> Result<BlobHash, Fatal> {
    let hash = key.strip_prefix(side::BLOBS).and_then(|rest| rest.first_chunk());
    hash.copied().ok_or_else(|| Fatal::damaged(key, "the key does not name a piece of a file"))
}
