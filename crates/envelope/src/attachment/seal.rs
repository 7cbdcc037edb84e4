//! Sealing a file: one pass, one piece in memory.

use sealdesk_protocol::attachment::{Attachment, BlobHash, Layout};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

use super::{FileKey, own_bytes, padding_byte};
use crate::backend;
use crate::secret::Secret;

/// Why a file was not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealFileError {
    /// It would have more than 2^30 bytes with its padding.
    #[error("the file is too large: at most a little less than 1 GiB can be sealed")]
    TooLarge,
    /// Another number of bytes was given than the next piece takes: the file has changed while it was read.
    #[error("the file has another size than it had: it changed while it was read; attach it again")]
    Changed,
    /// Pieces are missing, or there are more than the file has.
    #[error("the file was not sealed to its end")]
    Unfinished,
}

/// Seals the pieces of one file, in order.
pub struct Sealer {
    key: FileKey,
    pieces: Secret<32>,
    layout: Layout,
    size: u64,
    next: u32,
    blobs: Vec<BlobHash>,
}

/// One sealed piece, and the hash that names it.
pub struct SealedPiece {
    /// SHA-256 of `bytes`.
    pub name: BlobHash,
    /// What a node keeps.
    pub bytes: Vec<u8>,
}

/// A file of which every piece is sealed.
pub struct SealedFile {
    /// The key, for the sealed content.
    pub key: FileKey,
    /// Bytes of the file itself.
    pub size: u64,
    /// What the message says of it to everyone.
    pub attachment: Attachment,
}

impl Sealer {
    /// Begins with a file of `size` bytes. The key must be fresh: it is the caller's generator's, and no other file's.
    ///
    /// # Errors
    /// [`SealFileError::TooLarge`].
    pub fn new(key: FileKey, size: u64) -> Result<Self, SealFileError> {
        let layout = Layout::of_file(size).ok_or(SealFileError::TooLarge)?;
        let pieces = key.pieces(layout);
        Ok(Self { key, pieces, layout, size, next: 0, blobs: Vec::new() })
    }

    /// How the file is cut.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// How many bytes of the file the next piece takes, which may be none at the end; `None` once all are sealed.
    pub fn takes(&self) -> Option<u32> {
        (self.next < self.layout.chunks()).then(|| own_bytes(self.layout, self.size, self.next))
    }

    /// Seals the next piece of exactly the bytes that it [takes](Self::takes).
    ///
    /// # Errors
    /// [`SealFileError::Changed`] for another number of bytes, [`SealFileError::Unfinished`] where there is no next piece.
    pub fn seal(&mut self, part: &[u8]) -> Result<SealedPiece, SealFileError> {
        let takes = self.takes().ok_or(SealFileError::Unfinished)?;
        if u32::try_from(part.len()) != Ok(takes) {
            return Err(SealFileError::Changed);
        }
        let start = self.layout.chunk_start(self.next);
        let length = usize::try_from(self.layout.chunk_bytes(self.next)).unwrap_or(usize::MAX);
        // Reserved at once, so that growing leaves no copy of the file behind.
        let mut padded = Zeroizing::new(Vec::with_capacity(length));
        padded.extend_from_slice(part);
        let padding = start.saturating_add(u64::from(takes))..start.saturating_add(self.chunk_bytes());
        padded.extend(padding.map(|place| padding_byte(self.size, place)));
        let bytes = backend::secretbox_seal(&self.pieces, &self.layout.nonce(self.next), &padded);
        let name = Sha256::digest(&bytes).into();
        self.blobs.push(name);
        self.next = self.next.saturating_add(1);
        Ok(SealedPiece { name, bytes })
    }

    fn chunk_bytes(&self) -> u64 {
        self.layout.chunk_bytes(self.next).into()
    }

    /// What the message says of the file.
    ///
    /// # Errors
    /// [`SealFileError::Unfinished`].
    pub fn finish(self) -> Result<SealedFile, SealFileError> {
        let attachment = Attachment::new(self.layout, self.blobs).map_err(|_| SealFileError::Unfinished)?;
        Ok(SealedFile { key: self.key, size: self.size, attachment })
    }
}
