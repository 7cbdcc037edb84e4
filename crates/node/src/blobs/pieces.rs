//! Where the pieces are: those that wait in the home's folder; those that messages name there too, or in a bucket where the operator names
//! one. What was kept in the folder before moves into the bucket in the sweeps.

use std::io::{Error, Result};

use sealdesk_protocol::attachment::BlobHash;
use tonic::Status;

use super::bucket::{Bucket, is_away};
use super::folder::Folder;

/// See the module.
pub(super) struct Pieces {
    folder: Folder,
    bucket: Option<Bucket>,
}

impl Pieces {
    pub(super) fn new(folder: Folder, bucket: Option<Bucket>) -> Self {
        Self { folder, bucket }
    }

    /// The folder of this home.
    pub(super) fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The bucket, if there is one.
    pub(super) fn bucket(&self) -> Option<&Bucket> {
        self.bucket.as_ref()
    }

    /// Whether a piece is kept for good, as far as that is known.
    pub(super) fn has(&self, hash: &BlobHash) -> bool {
        self.folder.has(hash) || self.bucket().is_some_and(|bucket| bucket.has(hash))
    }

    /// A piece's bytes, kept or waiting for an account; `None` where there is none.
    ///
    /// # Errors
    /// As [`Folder::read`] and [`Bucket::read`].
    pub(super) fn read(&self, hash: &BlobHash, account: Option<&str>) -> Result<Option<Vec<u8>>> {
        match (self.folder.read(hash, account)?, self.bucket()) {
            (None, Some(bucket)) => bucket.read(hash),
            (found, _) => Ok(found),
        }
    }

    /// A piece's length, kept or waiting; `None` where there is none.
    pub(super) fn length(&self, hash: &BlobHash, account: Option<&str>) -> Option<u64> {
        self.folder.length(hash, account).or_else(|| self.bucket()?.length(hash))
    }

    /// Keeps a piece for good; how many bytes were there before under its name. One that is there and damaged is replaced.
    ///
    /// # Errors
    /// As [`Folder::keep`] and [`Bucket::keep`]: then it is not kept.
    pub(super) fn keep(&self, hash: &BlobHash, bytes: &[u8]) -> Result<u64> {
        let before = self.folder.length(hash, None).unwrap_or_default();
        match self.bucket() {
            None => self.folder.keep(hash, bytes).map(|()| before),
            Some(bucket) => {
                let replaced = bucket.keep(hash, bytes)?;
                self.folder.remove(hash)?;
                Ok(before.saturating_add(replaced))
            }
        }
    }

    /// Keeps for good what waited: how many bytes are kept now, and were before under its name; `None` where it waited no more.
    ///
    /// # Errors
    /// As [`Pieces::keep`]: then it waits on.
    pub(super) fn name(&self, account: &str, hash: &BlobHash) -> Result<Option<(u64, u64)>> {
        if self.bucket.is_none() {
            let before = self.folder.length(hash, None).unwrap_or_default();
            let is_moved = self.folder.name(account, hash)?;
            return Ok(is_moved.then(|| (self.folder.length(hash, None).unwrap_or_default(), before)));
        }
        let Some(bytes) = self.folder.read_waiting(account, hash)? else { return Ok(None) };
        let before = self.keep(hash, &bytes)?;
        self.folder.forget(account, hash)?;
        Ok(Some((u64::try_from(bytes.len()).unwrap_or(u64::MAX), before)))
    }

    /// Moves a piece that the folder keeps into the bucket.
    ///
    /// # Errors
    /// As [`Pieces::keep`]: then it stays.
    pub(super) fn move_out(&self, hash: &BlobHash) -> Result<()> {
        if let (Some(bytes), Some(_)) = (self.folder.read(hash, None)?, self.bucket()) {
            self.keep(hash, &bytes)?;
        }
        Ok(())
    }

    /// Removes what was kept, wherever; whether there was something.
    ///
    /// # Errors
    /// What the system says, or the store. Asked again, it goes on.
    pub(super) fn remove(&self, hash: &BlobHash) -> Result<bool> {
        let was_there = self.bucket().map_or(Ok(false), |bucket| bucket.remove(hash))?;
        Ok(self.folder.remove(hash)? || was_there)
    }

    /// Whether it is known how much is kept, so that more can be let in.
    ///
    /// # Errors
    /// What to tell whoever brings more.
    pub(super) fn check_counted(&self) -> std::result::Result<(), Status> {
        match self.bucket() {
            Some(bucket) if !bucket.is_listed() => Err(Status::unavailable(
                "the node does not know yet what its bucket of files holds, and takes no more: come back in a minute",
            )),
            _ => Ok(()),
        }
    }
}

/// Why a piece cannot be read, for whoever asks for it.
pub(super) fn unread(error: &Error) -> Status {
    tracing::error!("a piece of a file cannot be read: {error}");
    match is_away(error) {
        true => Status::unavailable("the node's bucket of files does not answer: try again later"),
        false => Status::data_loss("this node's copy cannot be read; its log says why; ask another node"),
    }
}

/// Why a piece is not kept, for whoever brings it.
pub(super) fn unwritten(error: &Error) -> Status {
    tracing::error!("a piece of a file cannot be written: {error}");
    match is_away(error) {
        true => Status::unavailable(
            "the node's bucket of files does not answer, and the piece is not kept: bring it again later",
        ),
        false => Status::unavailable("the piece cannot be written; the node's log says why"),
    }
}
