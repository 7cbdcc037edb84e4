//! An append-only log of records: the block log of the embedded ledger.
//!
//! ```text
//! file   = magic ‖ schema ‖ sum, then frames, then zeros up to a multiple of ALLOCATE_BYTES
//! frame  = length u32 ‖ index u64 ‖ synced u64 ‖ sum of the record ‖ sum of this header ‖ record
//! ```
//!
//! `synced` counts the records known to be on the device when the frame was written. It tells two kinds of damage apart
//! when the log is opened: a record that was synced once must be whole, else the log is corrupt and stays shut; whatever
//! came after may have been torn by a crash, and is cut off from the first damaged record. So that the last record is
//! covered too, each sync is followed by a seal: a header without a record, which the next append overwrites.
//!
//! Space is allocated ahead, so that the sync of an append has no file size to write, and zeros are written into it ahead, so that it has
//! no block of the file to allocate either: a sync that has waits for the file system's journal, and so for what others write.
//!
//! The first record of a file need not be record 0: [`crate::SegmentedLog`] makes one log of several such files.

mod frame;
mod recover;

use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use frame::{FILE_HEADER_BYTES, FRAME_HEADER_BYTES, FrameHeader};

use crate::disk::{Disk, FileDisk};
use crate::error::{Result, StoreError};
use crate::health::{Guarded, Health};

/// Longest record.
pub const RECORD_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Name of a log's file in its directory, where it is one file.
pub const LOG_FILE: &str = "blocks.log";
/// The form of the file this program writes.
pub const LOG_SCHEMA_VERSION: u32 = 1;

/// Where the first frame stands.
const FIRST_FRAME: u64 = FILE_HEADER_BYTES as u64;
/// The file grows in steps of this size.
const ALLOCATE_BYTES: u64 = 4 * 1024 * 1024;
/// Zeros are written ahead in steps of this size: so that few appends pay for it, and a log of a few records stays small on its device.
const ZEROS_BYTES: u64 = 512 * 1024;

/// An open log. Cheap to clone; clones share the file.
#[derive(Clone, Debug)]
pub struct Log(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    disk: Guarded,
    health: Health,
    tail: Mutex<Tail>,
}

/// Where the records are and where the next one goes.
#[derive(Debug)]
struct Tail {
    /// Index of the first record.
    first: u64,
    /// Offset of each record's frame.
    offsets: Vec<u64>,
    /// End of the last frame.
    end: u64,
    /// Size of the file.
    allocated: u64,
    /// Where the zeros end that were written ahead; 0 before the first append.
    zeroed: u64,
    /// Index of the first record that is not known to be on the device.
    synced: u64,
}

impl Tail {
    /// Index of the next record.
    fn next(&self) -> u64 {
        self.first + self.offsets.len() as u64
    }
}

impl Log {
    /// Opens or creates the log in a directory that exists, and locks it against every other handle.
    pub fn open_dir(dir: &Path) -> Result<Log> {
        Log::open(FileDisk::open(dir, LOG_FILE)?)
    }

    /// Opens or creates the log on a disk. A tail that was never synced and is damaged is cut off; damage to a record that
    /// was synced is [`StoreError::Corrupt`]. What is left is synced before this returns.
    pub fn open(disk: impl Disk) -> Result<Log> {
        Log::open_from(disk, 0, Health::default())
    }

    /// As [`Log::open`], where `first` is the index of the first record, and others share the latch.
    pub(crate) fn open_from(disk: impl Disk, first: u64, health: Health) -> Result<Log> {
        let disk = Guarded::new(disk, health.clone());
        let tail = health.writing(|| recover::open(&disk, first))?;
        let log = Log(Arc::new(Shared { disk, health, tail: Mutex::new(tail) }));
        log.0.health.writing(|| log.seal(&mut log.tail()))?;
        Ok(log)
    }

    /// Opens a log that nothing is appended to any more, and shows its records in a range of indexes, which must begin with its first.
    /// Writes nothing; a record of these that is missing is [`StoreError::Corrupt`].
    pub(crate) fn open_whole(disk: impl Disk, records: Range<u64>, health: Health) -> Result<Log> {
        let disk = Guarded::new(disk, health.clone());
        let tail = health.reading(|| recover::whole(&disk, records))?;
        Ok(Log(Arc::new(Shared { disk, health, tail: Mutex::new(tail) })))
    }

    /// Size of what is in the file, in bytes, without the zeros behind it.
    pub(crate) fn bytes(&self) -> u64 {
        self.tail().end
    }

    /// Appends a record and gives its index. It is on the device after the next [`Log::sync`].
    pub fn append(&self, record: &[u8]) -> Result<u64> {
        if record.len() > RECORD_BYTES_MAX {
            return Err(StoreError::TooLarge {
                what: "a log record",
                bytes: record.len(),
                max: RECORD_BYTES_MAX,
            });
        }
        self.0.health.writing(|| {
            let mut tail = self.tail();
            let index = tail.next();
            let header = FrameHeader::of_record(index, tail.synced, record)?;
            let mut frame = header.encode(tail.end).to_vec();
            frame.extend_from_slice(record);
            self.allocate(&mut tail, frame.len() as u64)?;
            self.write_zeros(&mut tail, frame.len() as u64)?;
            self.0.disk.write(tail.end, &frame)?;
            let start = tail.end;
            tail.offsets.push(start);
            tail.end += frame.len() as u64;
            Ok(index)
        })
    }

    /// Makes every appended record durable. After a failure the log refuses everything.
    pub fn sync(&self) -> Result<()> {
        self.0.health.writing(|| {
            let mut tail = self.tail();
            if tail.synced < tail.next() {
                self.0.disk.sync_data()?;
                tail.synced = tail.next();
                self.seal(&mut tail)?;
            }
            Ok(())
        })
    }

    /// The record with this index, if there is one.
    pub fn read(&self, index: u64) -> Result<Option<Vec<u8>>> {
        self.0.health.check()?;
        let offset = {
            let tail = self.tail();
            let position = index.checked_sub(tail.first).and_then(|position| usize::try_from(position).ok());
            position.and_then(|position| tail.offsets.get(position).copied())
        };
        let Some(offset) = offset else { return Ok(None) };
        let header = frame::read_header(&self.0.disk, offset)?.filter(|header| header.index == index);
        let header = header.ok_or_else(|| StoreError::corrupt(format!("header of log record {index}")))?;
        frame::read_record(&self.0.disk, offset, &header).map(Some)
    }

    /// The records from `index` on, with their indexes.
    pub fn iter(&self, index: u64) -> impl Iterator<Item = Result<(u64, Vec<u8>)>> + use<> {
        let log = self.clone();
        (index..).map_while(move |index| {
            log.read(index).transpose().map(|read| read.map(|record| (index, record)))
        })
    }

    /// Index of the next record: the number of records where the first one is record 0.
    pub fn len(&self) -> u64 {
        self.tail().next()
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.indexes().is_empty()
    }

    /// The indexes of all records.
    pub fn indexes(&self) -> Range<u64> {
        let tail = self.tail();
        tail.first..tail.next()
    }

    fn allocate(&self, tail: &mut Tail, bytes: u64) -> Result<()> {
        let needed = tail.end + bytes + FRAME_HEADER_BYTES as u64;
        if needed > tail.allocated {
            let size = needed.next_multiple_of(ALLOCATE_BYTES);
            self.0.disk.set_len(size)?;
            tail.allocated = size;
        }
        Ok(())
    }

    /// Writes zeros behind the place of the next frame and of the seal behind it, where there are not enough of them any more.
    fn write_zeros(&self, tail: &mut Tail, bytes: u64) -> Result<()> {
        let from = tail.end + bytes + FRAME_HEADER_BYTES as u64;
        let until = from.next_multiple_of(ZEROS_BYTES).min(tail.allocated);
        if from > tail.zeroed && from < until {
            let zeros = usize::try_from(until - from).map_err(|_| StoreError::corrupt("a log's size"))?;
            self.0.disk.write(from, &vec![0; zeros])?;
            tail.zeroed = until;
        }
        Ok(())
    }

    /// Notes at the end of the log that everything before it is on the device. The note itself needs no sync: without it
    /// the last record merely counts as one that a crash may have torn.
    fn seal(&self, tail: &mut Tail) -> Result<()> {
        self.allocate(tail, 0)?;
        Ok(self.0.disk.write(tail.end, &FrameHeader::seal(tail.next()).encode(tail.end))?)
    }

    /// No code panics while it holds this lock with the tail half-changed: every change follows the last fallible call.
    fn tail(&self) -> MutexGuard<'_, Tail> {
        self.0.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
