//! Sealing a file piece by piece, and the signature with which a node takes a piece. No node and no file is touched here.

use rand_core::TryRng as _;
use sealdesk_envelope::attachment::{FileKey, SealedPiece, Sealer};
use sealdesk_envelope::content::FileEntry;
use sealdesk_protocol::attachment::{Attachment, BlobHash};
use sealdesk_protocol::upload::Upload;
use serde_json::Value;
use zeroize::Zeroizing;

use super::FileError;
use crate::actor::Actor;
use crate::desk::Desk;
use crate::error::Result;
use crate::node::Transport;

/// A file that is sealed piece by piece, under a key of its own.
pub struct FileToSeal {
    sealer: Sealer,
    name: String,
    media_type: String,
}

/// A file of which every piece is sealed: what its readers are told of it, and what the message says of it to everyone.
#[derive(Clone)]
pub struct Attached {
    pub(crate) entry: Value,
    pub(crate) attachment: Attachment,
}

impl FileToSeal {
    /// Begins with a file of `size` bytes, by the name that its readers see, and its media type, which may be empty.
    ///
    /// # Errors
    /// [`FileError::Seal`] where it is too large, [`FileError::Io`] where there is no randomness.
    pub fn new(name: &str, media_type: &str, size: u64) -> std::result::Result<Self, FileError> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::SysRng
            .try_fill_bytes(&mut *key)
            .map_err(|error| FileError::Io(std::io::Error::other(error.to_string())))?;
        let sealer = Sealer::new(FileKey::take(&mut key), size)?;
        Ok(Self { sealer, name: name.to_owned(), media_type: media_type.to_owned() })
    }

    /// How many pieces it has: at least one.
    pub fn pieces(&self) -> u32 {
        self.sealer.layout().chunks()
    }

    /// How many bytes of the file the next piece takes, which may be none at the end; `None` once all are sealed.
    pub fn takes(&self) -> Option<u32> {
        self.sealer.takes()
    }

    /// Seals the next piece of exactly the bytes that it [takes](Self::takes).
    ///
    /// # Errors
    /// [`FileError::Seal`] for another number of bytes, or where there is no next piece.
    pub fn seal(&mut self, part: &[u8]) -> std::result::Result<SealedPiece, FileError> {
        Ok(self.sealer.seal(part)?)
    }

    /// What goes into the message, once every piece is sealed and the node has all of them.
    ///
    /// # Errors
    /// [`FileError::Seal`] where pieces are missing, [`FileError::Description`] for a name or a type that no reader would be shown as it is.
    pub fn finish(self) -> std::result::Result<Attached, FileError> {
        let sealed = self.sealer.finish()?;
        let entry = FileEntry::describe(&sealed, &self.name, &self.media_type)?;
        Ok(Attached { entry, attachment: sealed.attachment })
    }
}

impl<T: Transport> Desk<T> {
    /// What a node asks for beside a sealed piece of so many bytes: the header `authorization` of its `PUT`. It is good for an hour.
    ///
    /// # Errors
    /// [`crate::Error::Compose`] where the account cannot sign.
    pub async fn sign_upload(&self, actor: &Actor, blob: &BlobHash, bytes: usize) -> Result<String> {
        let chain = self.chain();
        let identity = chain.ancestry.identity();
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.sign_request(actor, &Upload { ledger: &chain.chain_id, identity: &identity, blob, bytes }).await
    }
}
