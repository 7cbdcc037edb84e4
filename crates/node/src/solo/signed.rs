//! The last block that the validator's key has signed, so that a restored older copy of the blocks is never continued: the key
//! would sign a second block at a height that it has signed before.
//!
//! A signature is made only over a block that the log has synced, and this note is written before it, so on one machine the
//! log is never behind the note. The note needs no sync of its own: the log is, and a lost note only weakens the check.

use std::fmt;

use sealdesk_protocol::block::Block;
use sealdesk_store::Disk;
use sha2::{Digest as _, Sha256};

use super::error::SoloError;
use super::record::sha256;

/// Bytes of the note: it lies in one sector, which a power cut writes whole or not at all.
const NOTE_BYTES: usize = 8 + 32 + 32;

/// A signed block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signed {
    /// Its height.
    pub(super) height: u64,
    /// The hash of its header.
    pub(super) hash: [u8; 32],
}

impl Signed {
    /// The note of a block.
    pub(super) fn of(block: &Block) -> Self {
        Self { height: block.height(), hash: sha256(block.header.hash()) }
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = self.height.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.hash);
        let sum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&sum);
        bytes
    }
}

/// Where the note is kept.
pub(super) struct SignedNote {
    disk: Box<dyn Disk>,
}

impl fmt::Debug for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedNote")
    }
}

impl SignedNote {
    /// A note on a disk of its own.
    pub(super) fn new(disk: Box<dyn Disk>) -> Self {
        Self { disk }
    }

    /// The note, if there is one. A power cut leaves an empty file or one whose only sector never came; what has another length was made by
    /// somebody else, and says nothing of what the key has signed.
    ///
    /// # Errors
    /// [`SoloError::SignedNote`] if the file holds something else.
    pub(super) fn read(&self) -> Result<Option<Signed>, SoloError> {
        let length = self.disk.len().map_err(|error| SoloError::Storage(error.into()))?;
        if length == 0 {
            return Ok(None);
        }
        if length != NOTE_BYTES as u64 {
            return Err(SoloError::SignedNote);
        }
        let mut bytes = [0; NOTE_BYTES];
        self.disk.read(0, &mut bytes).map_err(|error| SoloError::Storage(error.into()))?;
        // A file whose size arrived before its first sector did.
        if bytes == [0; NOTE_BYTES] {
            return Ok(None);
        }
        let (height, rest) = bytes.split_first_chunk().ok_or(SoloError::SignedNote)?;
        let hash = rest.first_chunk().ok_or(SoloError::SignedNote)?;
        let signed = Signed { height: u64::from_be_bytes(*height), hash: *hash };
        if signed.encode() == bytes { Ok(Some(signed)) } else { Err(SoloError::SignedNote) }
    }

    /// Replaces the note.
    ///
    /// # Errors
    /// [`SoloError::Storage`].
    pub(super) fn write(&self, signed: Signed) -> Result<(), SoloError> {
        let write = || {
            if self.disk.len()? < NOTE_BYTES as u64 {
                self.disk.set_len(NOTE_BYTES as u64)?;
            }
            self.disk.write(0, &signed.encode())
        };
        write().map_err(|error: std::io::Error| SoloError::Storage(error.into()))
    }
}
