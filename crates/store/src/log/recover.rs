//! Opening a log: finding its records, cutting off what a crash has torn, refusing what is damaged otherwise.

use std::ops::Range;

use super::frame::{
    FILE_HEADER_BYTES, FRAME_HEADER_BYTES, FrameHeader, check_file_header, file_header, read_record,
};
use super::{ALLOCATE_BYTES, FIRST_FRAME, Tail};
use crate::disk::Disk;
use crate::error::{Result, StoreError};
use crate::health::Guarded;

/// Bytes fetched at a time while headers are followed through small records.
const WINDOW_BYTES: u64 = 64 * 1024;
/// The same where records are longer than that window.
const NARROW_WINDOW_BYTES: u64 = 4 * 1024;

/// Finds the records, leaves behind a file that holds nothing else, and syncs it.
pub(super) fn open(disk: &Guarded, first: u64) -> Result<Tail> {
    let bytes = disk.len()?;
    if bytes < FIRST_FRAME || is_blank(disk, bytes)? {
        return create(disk, first);
    }
    let mut frames = Frames::begin(disk, bytes, first)?;
    while frames.follow()? {}
    let survivors = frames.whole_records()?;
    let damaged_at = first + survivors as u64;
    if damaged_at < frames.synced || frames.synced_beyond(damaged_at)? {
        return Err(damaged(damaged_at));
    }
    frames.cut(survivors)
}

/// Finds the records of a log that nothing is appended to any more: all of them were synced, so none may be missing. Records behind the
/// range are left out.
pub(super) fn whole(disk: &Guarded, records: Range<u64>) -> Result<Tail> {
    let bytes = disk.len()?;
    if bytes < FIRST_FRAME {
        return Err(damaged(records.start));
    }
    let mut frames = Frames::begin(disk, bytes, records.start)?;
    while frames.next() < records.end && frames.follow()? {}
    if frames.next() != records.end {
        return Err(damaged(frames.next()));
    }
    let offsets = frames.found.iter().map(|(offset, _)| *offset).collect();
    Ok(Tail {
        first: records.start,
        offsets,
        end: frames.end,
        allocated: bytes,
        zeroed: 0,
        synced: records.end,
    })
}

fn damaged(record: u64) -> StoreError {
    StoreError::corrupt(format!("log record {record}, which was synced once, is damaged"))
}

/// A log is created in one synced step, so one without a header was never in use.
fn create(disk: &Guarded, first: u64) -> Result<Tail> {
    disk.set_len(0)?;
    disk.set_len(ALLOCATE_BYTES)?;
    disk.write(0, &file_header())?;
    disk.sync_data()?;
    Ok(Tail {
        first,
        offsets: Vec::new(),
        end: FIRST_FRAME,
        allocated: ALLOCATE_BYTES,
        zeroed: 0,
        synced: first,
    })
}

/// Whether the first window of the file is all zeros.
fn is_blank(disk: &Guarded, bytes: u64) -> Result<bool> {
    Ok(is_zero(&read_window(disk, 0, bytes.min(WINDOW_BYTES))?))
}

/// Compares blocks, since that is quick even in a build without optimisation.
fn is_zero(bytes: &[u8]) -> bool {
    const ZEROS: [u8; 4096] = [0; 4096];
    bytes.chunks(ZEROS.len()).all(|block| ZEROS.starts_with(block))
}

fn read_window(disk: &Guarded, offset: u64, bytes: u64) -> Result<Vec<u8>> {
    let mut window = vec![0; usize::try_from(bytes).map_err(|_| StoreError::corrupt("log window"))?];
    disk.read(offset, &mut window)?;
    Ok(window)
}

/// The frames of a log as far as they can be followed.
struct Frames<'d> {
    disk: &'d Guarded,
    bytes: u64,
    /// Index of the first record.
    first: u64,
    window: Vec<u8>,
    window_start: u64,
    found: Vec<(u64, FrameHeader)>,
    end: u64,
    /// The highest count of synced records that any header tells of.
    synced: u64,
}

impl<'d> Frames<'d> {
    /// Begins with the file's header.
    fn begin(disk: &'d Guarded, bytes: u64, first: u64) -> Result<Self> {
        let mut header = [0; FILE_HEADER_BYTES];
        disk.read(0, &mut header)?;
        check_file_header(&header)?;
        Ok(Self {
            disk,
            bytes,
            first,
            window: Vec::new(),
            window_start: 0,
            found: Vec::new(),
            end: FIRST_FRAME,
            synced: first,
        })
    }

    /// Index of the record after those found.
    fn next(&self) -> u64 {
        self.first + self.found.len() as u64
    }

    /// Takes up the next frame, if a header is where it should be.
    fn follow(&mut self) -> Result<bool> {
        let Some(header) = self.header_at(self.end)? else { return Ok(false) };
        let whole = self.bytes - self.end >= header.frame_bytes();
        if header.index != self.next() || !whole {
            return Ok(false);
        }
        self.synced = self.synced.max(header.synced);
        if !header.is_seal() {
            self.found.push((self.end, header));
            self.end += header.frame_bytes();
        }
        Ok(!header.is_seal())
    }

    fn header_at(&mut self, offset: u64) -> Result<Option<FrameHeader>> {
        if self.bytes.saturating_sub(offset) < FRAME_HEADER_BYTES as u64 {
            return Ok(None);
        }
        if self.in_window(offset).is_none() {
            let long = self.found.last().is_some_and(|(_, header)| header.frame_bytes() > WINDOW_BYTES / 4);
            let wanted = if long { NARROW_WINDOW_BYTES } else { WINDOW_BYTES };
            self.window = read_window(self.disk, offset, wanted.min(self.bytes - offset))?;
            self.window_start = offset;
        }
        Ok(self.in_window(offset).and_then(|bytes| FrameHeader::decode(bytes, offset)))
    }

    fn in_window(&self, offset: u64) -> Option<&[u8; FRAME_HEADER_BYTES]> {
        let start = usize::try_from(offset.checked_sub(self.window_start)?).ok()?;
        self.window.get(start..)?.first_chunk()
    }

    /// How many records stand before the first damaged one. Records that are known to be synced are taken on trust here
    /// and checked when they are read, so that opening a long log need not read it.
    fn whole_records(&self) -> Result<usize> {
        let trusted = usize::try_from(self.synced - self.first).unwrap_or(usize::MAX);
        for (nth, (offset, header)) in self.found.iter().enumerate().skip(trusted) {
            match read_record(self.disk, *offset, header) {
                Ok(_) => {}
                Err(StoreError::Corrupt { .. }) => return Ok(nth),
                Err(error) => return Err(error),
            }
        }
        Ok(self.found.len())
    }

    /// Whether any later header tells that record `index` was synced, which would make its damage no crash's work.
    fn synced_beyond(&mut self, index: u64) -> Result<bool> {
        let mut offset = self.end;
        while self.bytes.saturating_sub(offset) >= FRAME_HEADER_BYTES as u64 {
            let window = read_window(self.disk, offset, WINDOW_BYTES.min(self.bytes - offset))?;
            // Behind the tail lie megabytes of zeros, in which no header is.
            if !is_zero(&window) && window_tells_of(&window, offset, index) {
                return Ok(true);
            }
            // Windows overlap by less than a header, so that none is missed at a seam.
            offset += (window.len() - FRAME_HEADER_BYTES + 1) as u64;
        }
        Ok(false)
    }

    /// Cuts the file behind the first `keep` records. What is cut must not stay behind as bytes: under a later record of
    /// the same length it would count as the next one.
    fn cut(self, keep: usize) -> Result<Tail> {
        let end = self.found.get(keep).map_or(self.end, |(offset, _)| *offset);
        let next = self.first + keep as u64;
        let rest = self.bytes - end;
        let clean = rest >= FRAME_HEADER_BYTES as u64 && rest < 2 * ALLOCATE_BYTES && {
            let rest = read_window(self.disk, end, rest)?;
            let seal = FrameHeader::seal(next).encode(end);
            is_zero(rest.strip_prefix(&seal).unwrap_or(&rest))
        };
        let mut allocated = self.bytes;
        if !clean {
            self.disk.set_len(end)?;
            self.disk.sync_data()?;
            allocated = (end + 1).next_multiple_of(ALLOCATE_BYTES);
            self.disk.set_len(allocated)?;
        }
        // The process before may have died between a write and its sync.
        self.disk.sync_data()?;
        let offsets = self.found.iter().take(keep).map(|(offset, _)| *offset).collect();
        Ok(Tail { first: self.first, offsets, end, allocated, zeroed: 0, synced: next })
    }
}

/// Whether a header anywhere in these bytes tells that record `index` was synced.
fn window_tells_of(window: &[u8], offset: u64, index: u64) -> bool {
    (offset..).zip(window.windows(FRAME_HEADER_BYTES)).any(|(at, bytes)| {
        let header = bytes.first_chunk().filter(|bytes| may_tell_of(bytes, index));
        header.and_then(|bytes| FrameHeader::decode(bytes, at)).is_some_and(|header| header.synced > index)
    })
}

/// A cheap look before a header is decoded: the count of synced records must lie above `index`, and none is as high as
/// 2^40.
fn may_tell_of(bytes: &[u8; FRAME_HEADER_BYTES], index: u64) -> bool {
    bytes[12..]
        .first_chunk()
        .is_some_and(|synced| (index + 1..1 << 40).contains(&u64::from_be_bytes(*synced)))
}
