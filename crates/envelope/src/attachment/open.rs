//! Opening a file: each piece by its hash, its box and its padding, and the end only where every piece was there.

use std::fmt;

use sealdesk_protocol::attachment::{Attachment, BlobHash, Layout};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

use super::{FileKey, own_bytes, padding_byte};
use crate::backend;
use crate::secret::Secret;

/// The file cannot be opened. As with envelopes, whoever asks learns no more; the reason is for this crate's tests.
#[derive(Clone, Copy, Error)]
#[error("the file cannot be opened")]
pub struct CannotOpenFile(pub(crate) Reason);

/// All are equal, since comparing is a way to ask.
impl PartialEq for CannotOpenFile {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for CannotOpenFile {}

impl fmt::Debug for CannotOpenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CannotOpenFile")
    }
}

/// The precise reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The record names another file than the sealed content.
    Root,
    /// A file of that size is padded to another one.
    Size,
    /// It is not the next piece.
    Piece,
    /// Its box does not open.
    Box,
    /// Behind the file's end stands something else than padding.
    Padding,
    /// There are more pieces.
    Truncated,
}

impl From<Reason> for CannotOpenFile {
    fn from(reason: Reason) -> Self {
        Self(reason)
    }
}

/// Opens the pieces of one file, in order.
pub struct Opener {
    pieces: Secret<32>,
    attachment: Attachment,
    size: u64,
    next: u32,
}

impl Opener {
    /// Begins with what the sealed content says of the file (its key, its size and its root), and what the ledger's record says.
    ///
    /// # Errors
    /// [`CannotOpenFile`] where they are not of one file.
    pub fn new(
        key: &FileKey,
        size: u64,
        root: &[u8; 32],
        attachment: Attachment,
    ) -> Result<Self, CannotOpenFile> {
        if attachment.root() != root {
            return Err(Reason::Root.into());
        }
        if Layout::of_file(size) != Some(attachment.layout()) {
            return Err(Reason::Size.into());
        }
        let pieces = key.pieces(attachment.layout());
        Ok(Self { pieces, attachment, size, next: 0 })
    }

    /// What names the next piece; `None` once all are open.
    pub fn next_piece(&self) -> Option<BlobHash> {
        let place = usize::try_from(self.next).ok()?;
        self.attachment.blobs().get(place).copied()
    }

    /// Opens the next piece, and gives the file's own bytes in it: none where it is padding alone.
    ///
    /// They are a part of the file only once [`Opener::finish`] has agreed.
    ///
    /// # Errors
    /// [`CannotOpenFile`], and the opener still waits for the same piece.
    pub fn open(&mut self, blob: &[u8]) -> Result<Zeroizing<Vec<u8>>, CannotOpenFile> {
        let expected = self.next_piece().ok_or(Reason::Piece)?;
        if <[u8; 32]>::from(Sha256::digest(blob)) != expected {
            return Err(Reason::Piece.into());
        }
        let layout = self.attachment.layout();
        let mut opened =
            backend::secretbox_open(&self.pieces, &layout.nonce(self.next), blob).map_err(|_| Reason::Box)?;
        let own = own_bytes(layout, self.size, self.next);
        let own = usize::try_from(own).map_err(|_| Reason::Padding)?;
        self.check_padding(&opened, own)?;
        opened.truncate(own);
        self.next = self.next.saturating_add(1);
        Ok(opened)
    }

    /// The piece's length, and what stands behind the file's own bytes. In variable time, which is safe once the box has opened.
    fn check_padding(&self, opened: &[u8], own: usize) -> Result<(), Reason> {
        let layout = self.attachment.layout();
        if u32::try_from(opened.len()) != Ok(layout.chunk_bytes(self.next)) {
            return Err(Reason::Padding);
        }
        let first = layout.chunk_start(self.next).saturating_add(u64::try_from(own).unwrap_or(u64::MAX));
        let padding = opened.get(own..).unwrap_or_default();
        let mut places = first..;
        let is_padding = padding
            .iter()
            .all(|byte| places.next().is_some_and(|place| *byte == padding_byte(self.size, place)));
        if is_padding { Ok(()) } else { Err(Reason::Padding) }
    }

    /// Agrees that the file is whole.
    ///
    /// # Errors
    /// [`CannotOpenFile`] where a piece was not opened.
    pub fn finish(self) -> Result<(), CannotOpenFile> {
        if self.next_piece().is_some() { Err(Reason::Truncated.into()) } else { Ok(()) }
    }
}
