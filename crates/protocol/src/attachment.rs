//! Attached files as everyone sees them (docs/spec/workday.md): how a file of a size is cut, and the root that names its sealed pieces.
//!
//! Sealing and opening live in the crate `sealdesk-envelope`. Here is what needs no secret: the layout, the header under every key and
//! nonce, and the public [`Attachment`] of a message, whose existence proves that its root is that of its blobs.

use thiserror::Error;

use crate::envelope::{ALGORITHM_ID, NONCE_BYTES, TAG_BYTES, Transcript, padded_len};
use crate::limits::{ATTACHED_BYTES_PER_MESSAGE_MAX, ATTACHMENT_BYTES_MAX, ATTACHMENTS_PER_MESSAGE_MAX};
use crate::wire::virtengine::support::v1 as wire;

/// Stands before every label of attachments.
pub const ATTACHMENT_LABEL_PREFIX: &str = "sealdesk/attachment/1/";
/// The version of the form, which every header begins with.
pub const ATTACHMENT_VERSION: u32 = 1;
/// Bytes of a padded file in one piece; the last piece may be shorter.
pub const CHUNK_BYTES: u32 = 1 << 20;
/// Bytes of the largest sealed piece.
pub const BLOB_BYTES_MAX: usize = (1 << 20) + TAG_BYTES;
/// Bytes that the smallest file is padded to.
pub const PADDED_FILE_BYTES_MIN: u64 = 4_096;
/// Bytes of a hash.
pub const BLOB_HASH_BYTES: usize = 32;

/// What names a sealed piece: SHA-256 of its bytes.
pub type BlobHash = [u8; BLOB_HASH_BYTES];

/// Why what a message says of a file is not what a file can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AttachmentError {
    /// No file is padded to that size.
    #[error("no file is padded to {bytes} bytes")]
    Size {
        /// The size given.
        bytes: u64,
    },
    /// A file of that size has another number of pieces.
    #[error("a file of {bytes} bytes has {expected} blobs, not {found}")]
    BlobCount {
        /// The size given.
        bytes: u64,
        /// How many it has.
        expected: u32,
        /// How many are named.
        found: usize,
    },
    /// A root or a blob's name does not have 32 bytes.
    #[error("a root and a blob's name have {BLOB_HASH_BYTES} bytes")]
    HashLength,
    /// The root is that of other blobs.
    #[error("the root is not that of its blobs")]
    Root,
    /// Two files of one message have one root.
    #[error("one file is named twice")]
    Twice,
}

/// How a file is padded and cut, which follows from its size alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    padded: u64,
    chunks: u32,
}

impl Layout {
    /// The layout of a file of `size` bytes; `None` where its padded size is over [`ATTACHMENT_BYTES_MAX`].
    pub fn of_file(size: u64) -> Option<Self> {
        let length = size.checked_add(1)?.max(PADDED_FILE_BYTES_MIN);
        Self::of_length(u64::try_from(padded_len(usize::try_from(length).ok()?)?).ok()?)
    }

    /// The layout of a padded size; `None` where no file has it.
    pub fn of_padded(bytes: u64) -> Option<Self> {
        let fits = bytes >= PADDED_FILE_BYTES_MIN && padded_u64(bytes) == Some(bytes);
        if fits { Self::of_length(bytes) } else { None }
    }

    fn of_length(padded: u64) -> Option<Self> {
        if padded > ATTACHMENT_BYTES_MAX {
            return None;
        }
        let chunks = u32::try_from(padded.div_ceil(u64::from(CHUNK_BYTES))).ok()?;
        Some(Self { padded, chunks })
    }

    /// Bytes with the padding: what everyone sees of the size.
    pub fn padded_bytes(self) -> u64 {
        self.padded
    }

    /// How many pieces: at least one.
    pub fn chunks(self) -> u32 {
        self.chunks
    }

    /// Where piece `index` begins in the padded file.
    pub fn chunk_start(self, index: u32) -> u64 {
        u64::from(index) * u64::from(CHUNK_BYTES)
    }

    /// Bytes of piece `index` before sealing; 0 where there is none.
    pub fn chunk_bytes(self, index: u32) -> u32 {
        let left = self.padded.saturating_sub(self.chunk_start(index));
        u32::try_from(left).map_or(CHUNK_BYTES, |left| left.min(CHUNK_BYTES))
    }

    /// `ahdr`.
    pub fn header(self) -> Vec<u8> {
        let algorithm = ALGORITHM_ID.as_bytes();
        let length = u32::try_from(algorithm.len()).unwrap_or(u32::MAX);
        let mut header = ATTACHMENT_VERSION.to_be_bytes().to_vec();
        header.extend_from_slice(&length.to_be_bytes());
        header.extend_from_slice(algorithm);
        header.extend_from_slice(&self.padded.to_be_bytes());
        header.extend_from_slice(&CHUNK_BYTES.to_be_bytes());
        header
    }

    /// `n_i`: says which piece it is, and whether it is the last.
    pub fn nonce(self, index: u32) -> [u8; NONCE_BYTES] {
        let last = u8::from(index.saturating_add(1) == self.chunks);
        let digest = transcript("nonce").raw(&self.header()).u64(index.into()).u8(last).finish();
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&digest[..NONCE_BYTES]);
        nonce
    }

    /// `root` of the sealed pieces' hashes, in order.
    pub fn root(self, blobs: &[BlobHash]) -> [u8; 32] {
        let count = u32::try_from(blobs.len()).unwrap_or(u32::MAX);
        let start = transcript("blobs").raw(&self.header()).u32(count);
        blobs.iter().fold(start, |transcript, blob| transcript.raw(blob)).finish()
    }
}

fn padded_u64(bytes: u64) -> Option<u64> {
    u64::try_from(padded_len(usize::try_from(bytes).ok()?)?).ok()
}

fn transcript(label: &str) -> Transcript {
    Transcript::of(ATTACHMENT_LABEL_PREFIX, label)
}

/// A file of a message, as it stands in the ledger. Its root is that of its blobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    root: [u8; 32],
    layout: Layout,
    blobs: Vec<BlobHash>,
}

impl Attachment {
    /// Of sealed pieces, in order.
    ///
    /// # Errors
    /// [`AttachmentError::BlobCount`] where a file of that size has another number of them.
    pub fn new(layout: Layout, blobs: Vec<BlobHash>) -> Result<Self, AttachmentError> {
        check_count(layout, blobs.len())?;
        Ok(Self { root: layout.root(&blobs), layout, blobs })
    }

    /// Reads the wire form.
    ///
    /// # Errors
    /// [`AttachmentError`]. Nothing is hashed before the number of blobs fits the size.
    pub fn from_wire(wire: &wire::Attachment) -> Result<Self, AttachmentError> {
        let bytes = wire.bytes;
        let layout = Layout::of_padded(bytes).ok_or(AttachmentError::Size { bytes })?;
        check_count(layout, wire.blobs.len())?;
        let hash = |bytes: &Vec<u8>| bytes.as_slice().try_into().map_err(|_| AttachmentError::HashLength);
        let root: [u8; 32] = hash(&wire.root)?;
        let blobs = wire.blobs.iter().map(hash).collect::<Result<Vec<BlobHash>, _>>()?;
        let attachment = Self::new(layout, blobs)?;
        if attachment.root == root { Ok(attachment) } else { Err(AttachmentError::Root) }
    }

    /// The wire form.
    pub fn to_wire(&self) -> wire::Attachment {
        wire::Attachment {
            root: self.root.to_vec(),
            bytes: self.layout.padded_bytes(),
            blobs: self.blobs.iter().map(|blob| blob.to_vec()).collect(),
        }
    }

    /// What names the file.
    pub fn root(&self) -> &[u8; 32] {
        &self.root
    }

    /// How it is cut.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Bytes with the padding.
    pub fn bytes(&self) -> u64 {
        self.layout.padded_bytes()
    }

    /// What names its sealed pieces, in order.
    pub fn blobs(&self) -> &[BlobHash] {
        &self.blobs
    }
}

fn check_count(layout: Layout, found: usize) -> Result<(), AttachmentError> {
    let (bytes, expected) = (layout.padded_bytes(), layout.chunks());
    if usize::try_from(expected) == Ok(found) {
        Ok(())
    } else {
        Err(AttachmentError::BlobCount { bytes, expected, found })
    }
}

/// Why a message's files are refused, by what they are together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AttachmentsError {
    /// More than [`ATTACHMENTS_PER_MESSAGE_MAX`].
    #[error("{0} files")]
    TooMany(usize),
    /// Together more than [`ATTACHED_BYTES_PER_MESSAGE_MAX`].
    #[error("{0} bytes")]
    TooLarge(u64),
    /// One of them is not a file.
    #[error("file {number}: {error}")]
    File {
        /// Which one, counted from 1.
        number: usize,
        /// What is wrong with it.
        error: AttachmentError,
    },
}

/// Reads a message's files: their number and size first, so that a hostile list costs little.
///
/// # Errors
/// [`AttachmentsError`].
pub fn attachments_from_wire(wire: &[wire::Attachment]) -> Result<Vec<Attachment>, AttachmentsError> {
    if wire.len() > ATTACHMENTS_PER_MESSAGE_MAX {
        return Err(AttachmentsError::TooMany(wire.len()));
    }
    let together = wire.iter().fold(0, |sum: u64, file| sum.saturating_add(file.bytes));
    if together > ATTACHED_BYTES_PER_MESSAGE_MAX {
        return Err(AttachmentsError::TooLarge(together));
    }
    let mut files: Vec<Attachment> = Vec::with_capacity(wire.len());
    for (place, file) in wire.iter().enumerate() {
        let refuse = |error| AttachmentsError::File { number: place + 1, error };
        let file = Attachment::from_wire(file).map_err(refuse)?;
        if files.iter().any(|earlier| earlier.root == file.root) {
            return Err(refuse(AttachmentError::Twice));
        }
        files.push(file);
    }
    Ok(files)
}

/// Bytes of files together, with their padding.
pub fn attached_bytes(files: &[Attachment]) -> u64 {
    files.iter().fold(0, |sum: u64, file| sum.saturating_add(file.bytes()))
}

/// The padded size of each of a message's files, in bytes.
pub fn sizes_of(files: &[Attachment]) -> Vec<u64> {
    files.iter().map(Attachment::bytes).collect()
}

/// The wire form of a message's files.
pub fn attachments_to_wire(files: &[Attachment]) -> Vec<wire::Attachment> {
    files.iter().map(Attachment::to_wire).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(size: u64) -> Attachment {
        let layout = Layout::of_file(size).unwrap();
        let blobs = (0..layout.chunks()).map(|i| [u8::try_from(i % 251).unwrap(); 32]).collect();
        Attachment::new(layout, blobs).unwrap()
    }

    #[test]
    fn sizes_at_the_edges_have_the_pieces_that_they_should() {
        let of = |size| Layout::of_file(size).map(|layout| (layout.padded_bytes(), layout.chunks()));
        assert_eq!(of(0), Some((4_096, 1)));
        assert_eq!(of(4_095), Some((4_096, 1)));
        assert_eq!(of(4_096), Some((4_352, 1)));
        assert_eq!(of((1 << 20) - 1), Some((1 << 20, 1)));
        assert_eq!(of(1 << 20), Some(((1 << 20) + (1 << 15), 2)));
        assert_eq!(of((1 << 30) - 1), Some((1 << 30, 1_024)));
        assert_eq!(of(1 << 30), None);
        assert_eq!(of(u64::MAX), None);
        let layout = Layout::of_file(1 << 20).unwrap();
        assert_eq!(
            (layout.chunk_bytes(0), layout.chunk_bytes(1), layout.chunk_bytes(2)),
            (1 << 20, 1 << 15, 0)
        );
        for bytes in [0, 4_095, 4_097, (1 << 20) + 1, (1 << 30) + (1 << 24), u64::MAX] {
            assert_eq!(Layout::of_padded(bytes), None, "{bytes}");
        }
    }

    #[test]
    fn what_no_file_can_be_is_refused_by_its_reason() {
        let good = file(3 << 20).to_wire();
        let judge = |change: &dyn Fn(&mut wire::Attachment)| {
            let mut wire = good.clone();
            change(&mut wire);
            Attachment::from_wire(&wire).err()
        };
        assert_eq!(judge(&|_| {}), None);
        assert_eq!(judge(&|wire| wire.bytes += 1), Some(AttachmentError::Size { bytes: good.bytes + 1 }));
        let count = |found| Some(AttachmentError::BlobCount { bytes: good.bytes, expected: 4, found });
        assert_eq!(judge(&|wire| drop(wire.blobs.pop())), count(3));
        assert_eq!(judge(&|wire| wire.blobs.push(vec![0; 32])), count(5));
        assert_eq!(judge(&|wire| wire.blobs[1] = vec![0; 31]), Some(AttachmentError::HashLength));
        assert_eq!(judge(&|wire| wire.root.truncate(31)), Some(AttachmentError::HashLength));
        assert_eq!(judge(&|wire| wire.blobs.swap(0, 1)), Some(AttachmentError::Root));
        assert_eq!(judge(&|wire| wire.root[0] ^= 1), Some(AttachmentError::Root));
    }

    #[test]
    fn a_message_is_bounded_by_number_and_by_size_before_anything_is_hashed() {
        let small = |n: usize| (0..n).map(|i| file(4_096 + 256 * i as u64).to_wire()).collect::<Vec<_>>();
        assert_eq!(attachments_from_wire(&small(16)).unwrap().len(), 16);
        assert_eq!(attachments_from_wire(&small(17)), Err(AttachmentsError::TooMany(17)));
        let whole = file((64 << 20) - 1).to_wire();
        assert!(attachments_from_wire(std::slice::from_ref(&whole)).is_ok());
        let together = [whole.clone(), file(0).to_wire()];
        assert_eq!(attachments_from_wire(&together), Err(AttachmentsError::TooLarge((64 << 20) + 4_096)));
        let twice = [file(0).to_wire(), file(0).to_wire()];
        let error = AttachmentError::Twice;
        assert_eq!(attachments_from_wire(&twice), Err(AttachmentsError::File { number: 2, error }));
    }

    proptest! {
        #[test]
        fn every_size_is_cut_without_gap_and_costs_at_most_an_eighth_more(size in 0u64..(1 << 30)) {
            let layout = Layout::of_file(size).unwrap();
            let sum: u64 = (0..layout.chunks()).map(|i| u64::from(layout.chunk_bytes(i))).sum();
            prop_assert_eq!(sum, layout.padded_bytes());
            prop_assert!(layout.padded_bytes() > size);
            prop_assert!(layout.padded_bytes() <= (size + 1).max(PADDED_FILE_BYTES_MIN) / 8 * 9 + 9);
            prop_assert_eq!(Layout::of_padded(layout.padded_bytes()), Some(layout));
        }
    }
}
