//! A log in several files, so that its beginning can be dropped: the block log of the embedded ledger, and the headers it leaves behind.
//!
//! ```text
//!   directory = FIRST.log …        FIRST is the index of the file's first record, in 20 digits
//!               rewritten.part     a file in the making; of no use once it is found at opening
//! ```
//!
//! Only the last file is written to. The next one is begun once everything before it is synced, so the files before the last are whole,
//! or the log is corrupt. Where a file has records that the next one has too, the next one's count: that is what a crash leaves
//! between the two steps of [`SegmentedLog::trim_before`], the new file taking its name and the old one going.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Result, StoreError};
use crate::folder::Folder;
use crate::health::Health;
use crate::log::Log;

/// Size from which a file is followed by another, in bytes.
pub const SEGMENT_BYTES: u64 = 16 * 1024 * 1024;

const SUFFIX: &str = ".log";
/// Digits of the largest index.
const DIGITS: usize = 20;
/// A file that is being written in the place of another.
const REWRITTEN: &str = "rewritten.part";

/// An open log of several files. Cheap to clone; clones share them.
#[derive(Clone)]
pub struct SegmentedLog(Arc<Shared>);

struct Shared {
    folder: Box<dyn Folder>,
    health: Health,
    segment_bytes: u64,
    segments: Mutex<Segments>,
}

/// The files, of which only the last is open, and the one that was read last.
#[derive(Default)]
struct Segments {
    /// The files before the last one, in order.
    old: Vec<Segment>,
    /// The last one; `None` before the first append.
    last: Option<Log>,
    /// An old one that was read, by the index of its first record.
    opened: Option<(u64, Log)>,
}

/// A file that nothing is appended to any more.
#[derive(Clone, Debug)]
struct Segment {
    records: Range<u64>,
    /// Its size, without what may lie behind its records.
    bytes: u64,
}

impl Segments {
    /// Index of the next record.
    fn next(&self) -> u64 {
        self.last.as_ref().map_or(0, Log::len)
    }

    /// Index of the first record.
    fn first(&self) -> u64 {
        let last = || self.last.as_ref().map_or(0, |log| log.indexes().start);
        self.old.first().map_or_else(last, |segment| segment.records.start)
    }

    /// How many of the old files hold nothing but records before `index`.
    fn below(&self, index: u64) -> usize {
        self.old.iter().take_while(|segment| segment.records.end <= index).count()
    }
}

impl SegmentedLog {
    /// Opens the log in a directory, which may be empty. What a crash has torn is cut off, as [`Log::open`] does it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where a record that was synced is missing or damaged, and whatever the directory says.
    pub fn open(folder: impl Folder) -> Result<Self> {
        Self::open_with(Box::new(folder), SEGMENT_BYTES)
    }

    /// As [`SegmentedLog::open`], with files of another size.
    ///
    /// # Errors
    /// As [`SegmentedLog::open`].
    pub fn open_with(folder: Box<dyn Folder>, segment_bytes: u64) -> Result<Self> {
        let health = Health::default();
        let shared = Shared { folder, health, segment_bytes, segments: Mutex::default() };
        let log = Self(Arc::new(shared));
        log.0.health.writing(|| log.find())?;
        Ok(log)
    }

    /// Appends a record and gives its index. It is on the device after the next [`SegmentedLog::sync`].
    ///
    /// # Errors
    /// As [`Log::append`].
    pub fn append(&self, record: &[u8]) -> Result<u64> {
        let mut segments = self.lock();
        let log = self.0.health.writing(|| self.room(&mut segments))?;
        log.append(record)
    }

    /// Makes every appended record durable. After a failure the log refuses everything.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn sync(&self) -> Result<()> {
        self.0.health.check()?;
        self.lock().last.as_ref().map_or(Ok(()), Log::sync)
    }

    /// The record with this index; `None` before the first and behind the last.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where it is not what was written.
    pub fn read(&self, index: u64) -> Result<Option<Vec<u8>>> {
        self.0.health.check()?;
        let mut segments = self.lock();
        match self.holding(&mut segments, index)? {
            Some(log) => log.read(index),
            None => Ok(None),
        }
    }

    /// Index of the next record: how many were ever appended.
    pub fn len(&self) -> u64 {
        self.lock().next()
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.indexes().is_empty()
    }

    /// The indexes of the records that are here.
    pub fn indexes(&self) -> Range<u64> {
        let segments = self.lock();
        segments.first()..segments.next()
    }

    /// How many bytes [`SegmentedLog::drop_before`] would free.
    pub fn droppable_before(&self, index: u64) -> u64 {
        let segments = self.lock();
        segments.old.iter().take(segments.below(index)).map(|segment| segment.bytes).sum()
    }

    /// Removes the files that hold nothing but records before `index`, oldest first, and says how many bytes that were. Each is gone for
    /// good, or still there whole, wherever a crash comes.
    ///
    /// # Errors
    /// [`StoreError`]; the log refuses everything then.
    pub fn drop_before(&self, index: u64) -> Result<u64> {
        let mut segments = self.lock();
        self.0.health.writing(|| {
            let mut freed = 0;
            for _ in 0..segments.below(index) {
                freed += self.remove_oldest(&mut segments)?;
            }
            Ok(freed)
        })
    }

    /// As [`SegmentedLog::drop_before`], and writes the file that holds `index` anew without what comes before that. This copies up to a
    /// file's size, so it is for when nobody waits.
    ///
    /// # Errors
    /// [`StoreError`]; the log refuses everything then.
    pub fn trim_before(&self, index: u64) -> Result<u64> {
        let mut freed = self.drop_before(index)?;
        let mut segments = self.lock();
        if segments.first() < index && index < segments.next() {
            freed += self.0.health.writing(|| self.rewrite_first(&mut segments, index))?;
        }
        Ok(freed)
    }

    /// Finds the files, and checks that they are one log.
    fn find(&self) -> Result<()> {
        let folder = &self.0.folder;
        folder.remove(REWRITTEN)?;
        let mut firsts: Vec<u64> = folder.names()?.iter().filter_map(|name| index_of(name)).collect();
        firsts.sort_unstable();
        let mut segments = self.lock();
        for pair in firsts.windows(2) {
            let [first, end] = pair else { continue };
            let log = self.open_old(*first..*end)?;
            segments.old.push(Segment { records: *first..*end, bytes: log.bytes() });
        }
        if let Some(first) = firsts.last() {
            segments.last = Some(self.open_last(*first)?);
        }
        Ok(())
    }

    fn open_old(&self, records: Range<u64>) -> Result<Log> {
        let disk = self.0.folder.open(&name_of(records.start))?;
        Log::open_whole(disk, records, self.0.health.clone())
    }

    fn open_last(&self, first: u64) -> Result<Log> {
        Log::open_from(self.0.folder.open(&name_of(first))?, first, self.0.health.clone())
    }

    /// The file to append to: the next one where the last has its size.
    fn room<'s>(&self, segments: &'s mut Segments) -> Result<&'s Log> {
        let (next, full) = match &segments.last {
            None => (0, true),
            Some(log) => (log.len(), !log.is_empty() && log.bytes() >= self.0.segment_bytes),
        };
        if full {
            if let Some(log) = &segments.last {
                // What stands before another file has to be whole there.
                log.sync()?;
                let (records, bytes) = (log.indexes(), log.bytes());
                segments.old.push(Segment { records, bytes });
            }
            segments.last = Some(self.open_last(next)?);
        }
        segments.last.as_ref().ok_or(StoreError::Failed)
    }

    /// The file that holds a record.
    fn holding<'s>(&self, segments: &'s mut Segments, index: u64) -> Result<Option<&'s Log>> {
        if segments.last.as_ref().is_some_and(|log| log.indexes().contains(&index)) {
            return Ok(segments.last.as_ref());
        }
        let Some(segment) = segments.old.iter().find(|segment| segment.records.contains(&index)) else {
            return Ok(None);
        };
        let records = segment.records.clone();
        if segments.opened.as_ref().is_none_or(|(first, _)| *first != records.start) {
            segments.opened = None;
            segments.opened = Some((records.start, self.open_old(records)?));
        }
        Ok(segments.opened.as_ref().map(|(_, log)| log))
    }

    fn remove_oldest(&self, segments: &mut Segments) -> Result<u64> {
        let Some(oldest) = segments.old.first().cloned() else { return Ok(0) };
        segments.opened = None;
        self.0.folder.remove(&name_of(oldest.records.start))?;
        segments.old.remove(0);
        Ok(oldest.bytes)
    }

    /// Writes the first file anew, without its records before `index`.
    fn rewrite_first(&self, segments: &mut Segments, index: u64) -> Result<u64> {
        let first = segments.first();
        let is_last = segments.old.is_empty();
        segments.opened = None;
        let Some(source) = self.holding(segments, index)?.cloned() else { return Ok(0) };
        // Of the file that is written to, what comes before the sync is not known to be there for good.
        if is_last {
            source.sync()?;
        }
        let disk = self.0.folder.open(REWRITTEN)?;
        let rewritten = Log::open_from(disk, index, self.0.health.clone())?;
        for at in index..source.len() {
            let record = source.read(at)?.ok_or_else(|| StoreError::corrupt(format!("log record {at}")))?;
            rewritten.append(&record)?;
        }
        rewritten.sync()?;
        let freed = source.bytes().saturating_sub(rewritten.bytes());
        self.0.folder.rename(REWRITTEN, &name_of(index))?;
        segments.opened = None;
        drop(source);
        match segments.old.first_mut() {
            None => segments.last = Some(rewritten),
            Some(oldest) => {
                *oldest = Segment { records: index..oldest.records.end, bytes: rewritten.bytes() };
            }
        }
        self.0.folder.remove(&name_of(first))?;
        Ok(freed)
    }

    /// No code panics while it holds this lock with the files half-changed: every change follows the last fallible call.
    fn lock(&self) -> MutexGuard<'_, Segments> {
        self.0.segments.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SegmentedLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SegmentedLog").field("records", &self.indexes()).finish_non_exhaustive()
    }
}

fn name_of(first: u64) -> String {
    format!("{first:020}{SUFFIX}")
}

/// The index in a file's name; `None` for what is no file of a log.
fn index_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(SUFFIX)?;
    let plain = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}
