//! The bytes of a snapshot. docs/snapshots.md is the same in words.

use prost::Message as _;
use sealdesk_machine::{Row, RowKind};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{SnapshotChunk, SnapshotMetadata};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// The one format there is so far.
pub const FORMAT: u32 = 1;
/// Longest chunk, in bytes: CometBFT takes 16,000,000.
pub const CHUNK_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most chunks: a snapshot has at most 64 GiB.
pub const CHUNKS_MAX: usize = 16_384;
/// Longest metadata, in bytes: CometBFT takes 4,000,000.
pub const METADATA_BYTES_MAX: usize = 1_000_000;
/// Bytes before a row's key: kind, length of the key, length of the value.
const ROW_HEADER_BYTES: usize = 1 + 2 + 4;

/// Why bytes are not a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormatError {
    /// The metadata is not in its one form.
    #[error("the metadata is malformed: {0}")]
    Metadata(&'static str),
    /// A chunk is not in its one form.
    #[error("a chunk is malformed: {0}")]
    Chunk(&'static str),
    /// A row is longer than a chunk.
    #[error("a row of {0} bytes does not fit a chunk")]
    RowTooLong(usize),
}

/// A chunk as the metadata names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkMark {
    /// SHA-256 of its bytes.
    pub hash: [u8; 32],
    /// How many bytes; 1 to [`CHUNK_BYTES_MAX`].
    pub size: u32,
}

/// How many rows of each kind there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records.
    pub records: u64,
    /// Envelopes.
    pub envelopes: u64,
    /// Lists of grants.
    pub grants: u64,
    /// What stands in documents.
    pub documents: u64,
    /// What stays of erased envelopes.
    pub erased: u64,
}

/// What a snapshot says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// The ledger.
    pub chain_id: String,
    /// The block whose state it is; from 1.
    pub height: u64,
    /// Root of the records.
    pub app_hash: [u8; 32],
    /// How many rows.
    pub counts: Counts,
    /// The chunks in order.
    pub chunks: Vec<ChunkMark>,
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

impl Counts {
    /// Counts one more row.
    pub fn add(&mut self, kind: RowKind) {
        let count = match kind {
            RowKind::Record => &mut self.records,
            RowKind::Envelope => &mut self.envelopes,
            RowKind::Grants => &mut self.grants,
            RowKind::Document => &mut self.documents,
            RowKind::Erased => &mut self.erased,
        };
        *count = count.saturating_add(1);
    }

    /// Whether none of the numbers is above the other's.
    pub fn within(&self, most: &Self) -> bool {
        self.records <= most.records
            && self.envelopes <= most.envelopes
            && self.grants <= most.grants
            && self.documents <= most.documents
            && self.erased <= most.erased
    }
}

impl ChunkMark {
    /// How a chunk is named.
    pub fn of(chunk: &[u8]) -> Self {
        Self { hash: sha256(chunk), size: u32::try_from(chunk.len()).unwrap_or(u32::MAX) }
    }
}

impl Metadata {
    /// The one encoding.
    pub fn encode(&self) -> Vec<u8> {
        let chunk = |mark: &ChunkMark| SnapshotChunk { hash: mark.hash.to_vec(), size: mark.size };
        let wire = SnapshotMetadata {
            format: FORMAT,
            chain_id: self.chain_id.clone(),
            height: i64::try_from(self.height).unwrap_or(i64::MAX),
            app_hash: self.app_hash.to_vec(),
            records: self.counts.records,
            envelopes: self.counts.envelopes,
            grants: self.counts.grants,
            chunks: self.chunks.iter().map(chunk).collect(),
            documents: self.counts.documents,
            erased: self.counts.erased,
        };
        wire.encode_to_vec()
    }

    /// Reads the one encoding, and nothing else.
    ///
    /// # Errors
    /// [`FormatError::Metadata`].
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let wrong = FormatError::Metadata;
        if bytes.len() > METADATA_BYTES_MAX {
            return Err(wrong("too long"));
        }
        let wire = SnapshotMetadata::decode(bytes).map_err(|_| wrong("no metadata"))?;
        let height = u64::try_from(wire.height).ok().filter(|height| *height > 0);
        let mark = |chunk: SnapshotChunk| {
            let size = usize::try_from(chunk.size).ok();
            size.filter(|size| (1..=CHUNK_BYTES_MAX).contains(size)).ok_or(wrong("the size of a chunk"))?;
            let hash = chunk.hash.try_into().map_err(|_| wrong("the hash of a chunk"))?;
            Ok(ChunkMark { hash, size: chunk.size })
        };
        if wire.format != FORMAT {
            return Err(wrong("another format"));
        }
        if wire.chunks.is_empty() || wire.chunks.len() > CHUNKS_MAX {
            return Err(wrong("the number of chunks"));
        }
        let metadata = Self {
            chain_id: wire.chain_id,
            height: height.ok_or(wrong("no height"))?,
            app_hash: wire.app_hash.try_into().map_err(|_| wrong("the app hash"))?,
            counts: Counts {
                records: wire.records,
                envelopes: wire.envelopes,
                grants: wire.grants,
                documents: wire.documents,
                erased: wire.erased,
            },
            chunks: wire.chunks.into_iter().map(mark).collect::<Result<_, _>>()?,
        };
        if metadata.encode() == bytes { Ok(metadata) } else { Err(wrong("not in its canonical form")) }
    }

    /// Bytes of all chunks.
    pub fn chunk_bytes(&self) -> u64 {
        self.chunks.iter().map(|mark| u64::from(mark.size)).sum()
    }
}

fn kind_number(kind: RowKind) -> u8 {
    match kind {
        RowKind::Record => 1,
        RowKind::Envelope => 2,
        RowKind::Grants => 3,
        RowKind::Document => 4,
        RowKind::Erased => 5,
    }
}

fn kind_of(number: u8) -> Option<RowKind> {
    [RowKind::Record, RowKind::Envelope, RowKind::Grants, RowKind::Document, RowKind::Erased]
        .into_iter()
        .find(|kind| kind_number(*kind) == number)
}

/// Adds a row to a chunk if it fits: `kind u8 ‖ key length u16 ‖ value length u32 ‖ key ‖ value`. False if a new chunk must begin.
///
/// # Errors
/// [`FormatError::RowTooLong`] if it fits none.
pub fn push_row(chunk: &mut Vec<u8>, row: &Row) -> Result<bool, FormatError> {
    let bytes = ROW_HEADER_BYTES.saturating_add(row.key.len()).saturating_add(row.value.len());
    let lengths = (u16::try_from(row.key.len()), u32::try_from(row.value.len()));
    let (Ok(key), Ok(value), true) = (lengths.0, lengths.1, bytes <= CHUNK_BYTES_MAX) else {
        return Err(FormatError::RowTooLong(bytes));
    };
    if chunk.len().saturating_add(bytes) > CHUNK_BYTES_MAX {
        return Ok(false);
    }
    chunk.push(kind_number(row.kind));
    chunk.extend_from_slice(&key.to_be_bytes());
    chunk.extend_from_slice(&value.to_be_bytes());
    chunk.extend_from_slice(&row.key);
    chunk.extend_from_slice(&row.value);
    Ok(true)
}

/// Reads the rows of a chunk.
///
/// # Errors
/// [`FormatError::Chunk`].
pub fn rows_of(chunk: &[u8]) -> Result<Vec<Row>, FormatError> {
    let wrong = FormatError::Chunk;
    if chunk.is_empty() || chunk.len() > CHUNK_BYTES_MAX {
        return Err(wrong("its size"));
    }
    let (mut rows, mut rest) = (Vec::new(), chunk);
    while let Some((&number, tail)) = rest.split_first() {
        let kind = kind_of(number).ok_or(wrong("a row of no kind"))?;
        let (key, tail) = tail.split_first_chunk().ok_or(wrong("it ends early"))?;
        let (value, tail) = tail.split_first_chunk().ok_or(wrong("it ends early"))?;
        let key = usize::from(u16::from_be_bytes(*key));
        let value = usize::try_from(u32::from_be_bytes(*value)).map_err(|_| wrong("a value's length"))?;
        let (key, tail) = tail.split_at_checked(key).ok_or(wrong("it ends early"))?;
        let (value, tail) = tail.split_at_checked(value).ok_or(wrong("it ends early"))?;
        rows.push(Row { kind, key: key.to_vec(), value: value.to_vec() });
        rest = tail;
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> Metadata {
        Metadata {
            chain_id: "desk-1".to_owned(),
            height: 7,
            app_hash: [9; 32],
            counts: Counts { records: 3, envelopes: 1, grants: 0, documents: 2, erased: 1 },
            chunks: vec![ChunkMark::of(b"one"), ChunkMark::of(b"two")],
        }
    }

    #[test]
    fn metadata_has_one_form() {
        let bytes = metadata().encode();
        assert_eq!(Metadata::decode(&bytes), Ok(metadata()));
        for end in 0..bytes.len() {
            // Cut between two chunks it is the metadata of fewer.
            assert_ne!(Metadata::decode(&bytes[..end]), Ok(metadata()), "cut at {end}");
        }
        assert!(Metadata::decode(&[bytes.clone(), vec![0x58, 1]].concat()).is_err(), "an unknown field");
        assert!(Metadata::decode(&[vec![0x08, 1], bytes].concat()).is_err(), "a field twice");
    }

    #[test]
    fn what_is_larger_than_any_snapshot_is_refused_before_anything_is_fetched() {
        let with = |change: fn(&mut Metadata)| {
            let mut changed = metadata();
            change(&mut changed);
            Metadata::decode(&changed.encode())
        };
        let refused = |change| assert!(matches!(with(change), Err(FormatError::Metadata(_))));
        refused(|metadata| metadata.chunks[0].size = u32::try_from(CHUNK_BYTES_MAX).unwrap() + 1);
        refused(|metadata| metadata.chunks[0].size = 0);
        refused(|metadata| metadata.chunks = Vec::new());
        refused(|metadata| metadata.chunks = vec![ChunkMark::of(b"x"); CHUNKS_MAX + 1]);
        refused(|metadata| metadata.height = 0);
        refused(|metadata| metadata.chain_id = "x".repeat(METADATA_BYTES_MAX));
        assert!(with(|metadata| metadata.chunks = vec![ChunkMark::of(b"x"); CHUNKS_MAX]).is_ok());
    }

    #[test]
    fn rows_come_out_of_chunks_as_they_went_in() {
        let row = |kind, n: usize| Row { kind, key: vec![7; n % 50], value: vec![1; n * 1_000] };
        let kinds = [RowKind::Record, RowKind::Envelope, RowKind::Grants, RowKind::Document];
        let rows: Vec<Row> = (0..120).map(|n| row(kinds[n / 30], n)).collect();
        let (mut chunks, mut chunk) = (Vec::new(), Vec::new());
        for row in &rows {
            if !push_row(&mut chunk, row).unwrap() {
                chunks.push(std::mem::take(&mut chunk));
                assert!(push_row(&mut chunk, row).unwrap());
            }
        }
        chunks.push(chunk);
        assert!(chunks.len() > 1 && chunks.iter().all(|chunk| chunk.len() <= CHUNK_BYTES_MAX));
        let read: Vec<Row> = chunks.iter().flat_map(|chunk| rows_of(chunk).unwrap()).collect();
        assert!(read == rows);
        for chunk in &chunks {
            assert!(matches!(rows_of(&chunk[..chunk.len() - 1]), Err(FormatError::Chunk(_))));
        }
        let long = Row { kind: RowKind::Record, key: vec![], value: vec![0; CHUNK_BYTES_MAX] };
        assert!(matches!(push_row(&mut Vec::new(), &long), Err(FormatError::RowTooLong(_))));
    }
}
