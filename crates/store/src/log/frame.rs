//! The bytes of the log: the file's header, frame headers, and the sums over them.

use sha2::{Digest, Sha256};

use super::{LOG_SCHEMA_VERSION, RECORD_BYTES_MAX};
use crate::disk::Disk;
use crate::error::{Result, StoreError};
use crate::health::Guarded;

const MAGIC: [u8; 8] = *b"SDESKLOG";
/// Stands in place of a length in a seal.
const SEAL: u32 = u32::MAX;
const SUM_BYTES: usize = 8;

pub(super) const FILE_HEADER_BYTES: usize = 8 + 4 + SUM_BYTES;
pub(super) const FRAME_HEADER_BYTES: usize = 4 + 8 + 8 + SUM_BYTES + SUM_BYTES;

/// What precedes a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameHeader {
    length: u32,
    /// Index of the record; of a seal, the number of records before it.
    pub(super) index: u64,
    /// Records known to be on the device when this was written.
    pub(super) synced: u64,
    sum: [u8; SUM_BYTES],
}

impl FrameHeader {
    pub(super) fn of_record(index: u64, synced: u64, record: &[u8]) -> Result<Self> {
        let length = u32::try_from(record.len()).map_err(|_| StoreError::TooLarge {
            what: "a log record",
            bytes: record.len(),
            max: RECORD_BYTES_MAX,
        })?;
        Ok(Self { length, index, synced, sum: record_sum(index, record) })
    }

    pub(super) fn seal(records: u64) -> Self {
        Self { length: SEAL, index: records, synced: records, sum: [0; SUM_BYTES] }
    }

    pub(super) fn is_seal(&self) -> bool {
        self.length == SEAL
    }

    /// Size of the frame, header included.
    pub(super) fn frame_bytes(&self) -> u64 {
        FRAME_HEADER_BYTES as u64 + if self.is_seal() { 0 } else { u64::from(self.length) }
    }

    /// The header's bytes. The sum covers the place in the file, so that bytes which a client put into a record are not
    /// taken for a header when a damaged log is searched.
    pub(super) fn encode(&self, offset: u64) -> [u8; FRAME_HEADER_BYTES] {
        let mut bytes = [0; FRAME_HEADER_BYTES];
        let (body, sum) = bytes.split_at_mut(FRAME_HEADER_BYTES - SUM_BYTES);
        body[..4].copy_from_slice(&self.length.to_be_bytes());
        body[4..12].copy_from_slice(&self.index.to_be_bytes());
        body[12..20].copy_from_slice(&self.synced.to_be_bytes());
        body[20..].copy_from_slice(&self.sum);
        sum.copy_from_slice(&header_sum(offset, body));
        bytes
    }

    /// The header at `offset`, if that is what these bytes are.
    pub(super) fn decode(bytes: &[u8; FRAME_HEADER_BYTES], offset: u64) -> Option<Self> {
        let (body, sum) = bytes.split_at(FRAME_HEADER_BYTES - SUM_BYTES);
        let (length, rest) = body.split_first_chunk()?;
        let (index, rest) = rest.split_first_chunk()?;
        let (synced, rest) = rest.split_first_chunk()?;
        let header = Self {
            length: u32::from_be_bytes(*length),
            index: u64::from_be_bytes(*index),
            synced: u64::from_be_bytes(*synced),
            sum: rest.try_into().ok()?,
        };
        let plausible = header.is_seal() || header.length as usize <= RECORD_BYTES_MAX;
        (plausible && header.synced <= header.index && sum == header_sum(offset, body)).then_some(header)
    }
}

/// Reads the header at `offset`; `None` if there is none.
pub(super) fn read_header(disk: &Guarded, offset: u64) -> Result<Option<FrameHeader>> {
    let mut bytes = [0; FRAME_HEADER_BYTES];
    disk.read(offset, &mut bytes)?;
    Ok(FrameHeader::decode(&bytes, offset))
}

/// Reads the record of the frame at `offset` and checks its sum.
pub(super) fn read_record(disk: &Guarded, offset: u64, header: &FrameHeader) -> Result<Vec<u8>> {
    let mut record = vec![0; header.length as usize];
    disk.read(offset + FRAME_HEADER_BYTES as u64, &mut record)?;
    if record_sum(header.index, &record) == header.sum {
        Ok(record)
    } else {
        Err(StoreError::corrupt(format!("log record {} fails its checksum", header.index)))
    }
}

/// The first bytes of every log.
pub(super) fn file_header() -> [u8; FILE_HEADER_BYTES] {
    file_header_of(LOG_SCHEMA_VERSION)
}

/// Checks the first bytes of a log.
pub(super) fn check_file_header(bytes: &[u8; FILE_HEADER_BYTES]) -> Result<()> {
    let found = bytes[8..].first_chunk().map_or(0, |schema| u32::from_be_bytes(*schema));
    if *bytes != file_header_of(found) {
        return Err(StoreError::corrupt("the header of the log"));
    }
    if found > LOG_SCHEMA_VERSION {
        return Err(StoreError::NewerSchema { found, supported: LOG_SCHEMA_VERSION });
    }
    Ok(())
}

fn file_header_of(schema: u32) -> [u8; FILE_HEADER_BYTES] {
    let mut bytes = [0; FILE_HEADER_BYTES];
    let (body, sum) = bytes.split_at_mut(FILE_HEADER_BYTES - SUM_BYTES);
    body[..8].copy_from_slice(&MAGIC);
    body[8..].copy_from_slice(&schema.to_be_bytes());
    sum.copy_from_slice(&header_sum(0, body));
    bytes
}

fn record_sum(index: u64, record: &[u8]) -> [u8; SUM_BYTES] {
    sum(&[b"record", &index.to_be_bytes(), record])
}

fn header_sum(offset: u64, body: &[u8]) -> [u8; SUM_BYTES] {
    sum(&[b"header", &offset.to_be_bytes(), body])
}

/// The head of SHA-256.
fn sum(parts: &[&[u8]]) -> [u8; SUM_BYTES] {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    let digest: [u8; 32] = hash.finalize().into();
    let mut sum = [0; SUM_BYTES];
    sum.copy_from_slice(&digest[..SUM_BYTES]);
    sum
}
