//! The snapshots that this node has made: the newest are kept, offered, and served chunk by chunk.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use sealdesk_store::{AnyDisk, Disk as _, Folder, StoreError};

use super::SNAPSHOTS_KEPT;
use super::format::{ChunkMark, FORMAT, METADATA_BYTES_MAX, Metadata};
use super::writer::{MAGIC, PART_FILE, Subject, make};
use crate::metrics::{Metrics, Snapshots};

/// What the names of finished snapshots end with.
const SUFFIX: &str = ".snapshot";
/// Bytes behind the metadata.
const TRAILER_BYTES: u64 = 4 + 8;

/// A snapshot that can be served.
#[derive(Debug)]
pub(in crate::comet) struct Kept {
    pub(in crate::comet) metadata: Metadata,
    name: String,
    disk: AnyDisk,
}

/// See the module.
#[derive(Debug)]
pub(in crate::comet) struct Archive {
    shared: Arc<Shared>,
    interval: u64,
    at_work: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    folder: Arc<dyn Folder>,
    /// Ascending by height.
    kept: Mutex<Vec<Arc<Kept>>>,
    stopped: AtomicBool,
    metrics: Arc<Metrics>,
}

/// The file of a height's snapshot.
fn name_of(height: u64) -> String {
    format!("{height}-{FORMAT}{SUFFIX}")
}

/// The height of a file's name; `None` for a file that is not a snapshot.
fn height_in(name: &str) -> Option<u64> {
    let height = name.strip_suffix(SUFFIX)?.split_once('-')?.0.parse().ok()?;
    (name_of(height) == name).then_some(height)
}

/// No code panics while it holds one of these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Archive {
    /// Opens what is there: leftovers are removed, and so is what is damaged, old, or in front of the ledger.
    pub(in crate::comet) fn open(
        folder: Arc<dyn Folder>,
        interval: u64,
        height: u64,
        metrics: Arc<Metrics>,
    ) -> Result<Self, StoreError> {
        let mut kept = Vec::new();
        for name in folder.names()? {
            if name == PART_FILE {
                folder.remove(&name)?;
            }
            let Some(made_at) = height_in(&name) else { continue };
            match Kept::open(folder.as_ref(), &name) {
                Ok(found) if found.metadata.height == made_at && made_at <= height => {
                    kept.push(Arc::new(found))
                }
                Ok(_) => folder.remove(&name)?,
                Err(error) => {
                    tracing::warn!("the snapshot {name} is damaged and removed: {error}");
                    folder.remove(&name)?;
                }
            }
        }
        kept.sort_by_key(|kept| kept.metadata.height);
        let (kept, stopped) = (Mutex::new(kept), AtomicBool::new(false));
        let shared = Arc::new(Shared { folder, kept, stopped, metrics });
        shared.drop_old();
        shared.show_newest();
        Ok(Self { shared, interval, at_work: Mutex::default() })
    }

    /// Whether the state after this block is to be kept.
    pub(in crate::comet) fn wants(&self, height: u64) -> bool {
        self.interval > 0 && height > 0 && height.is_multiple_of(self.interval)
    }

    /// Makes a snapshot on a thread of its own. One that is still at work is not disturbed: then this height has none.
    pub(in crate::comet) fn begin(&self, chain_id: String, height: u64, state: sealdesk_store::Snapshot) {
        if lock(&self.shared.kept).iter().any(|kept| kept.metadata.height == height) {
            return;
        }
        let mut at_work = lock(&self.at_work);
        if at_work.as_ref().is_some_and(|thread| !thread.is_finished()) {
            tracing::warn!("no snapshot of block {height}: the one before is not finished");
            return;
        }
        let (shared, subject) = (self.shared.clone(), Subject { chain_id, height, state });
        let thread = std::thread::Builder::new().name("snapshot".to_owned());
        match thread.spawn(move || shared.make(&subject)) {
            Ok(thread) => *at_work = Some(thread),
            Err(error) => tracing::warn!("no snapshot of block {height}: {error}"),
        }
    }

    /// The newest snapshots, newest first.
    pub(in crate::comet) fn list(&self) -> Vec<Arc<Kept>> {
        lock(&self.shared.kept).iter().rev().cloned().collect()
    }

    /// The height of the oldest one: a node that takes it needs every block since.
    pub(in crate::comet) fn oldest(&self) -> Option<u64> {
        lock(&self.shared.kept).first().map(|kept| kept.metadata.height)
    }

    /// A chunk, if it is there and still what was written.
    pub(in crate::comet) fn chunk(&self, height: u64, index: usize) -> Option<Vec<u8>> {
        let kept = lock(&self.shared.kept).iter().find(|kept| kept.metadata.height == height).cloned()?;
        match kept.chunk(index) {
            Ok(chunk) => {
                self.shared.counts().filter(|_| chunk.is_some()).iter().for_each(|counts| counts.served());
                chunk
            }
            Err(error) => {
                tracing::error!("the snapshot of block {height} is damaged and removed: {error}");
                self.shared.forget(&kept);
                None
            }
        }
    }

    /// Waits for the one that is being made.
    pub(in crate::comet) fn finish(&self) {
        let thread = lock(&self.at_work).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("making a snapshot has panicked");
        }
    }
}

impl Drop for Archive {
    /// The one that is being made is given up: it reads from a database that someone may want to open again.
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        if let Some(thread) = lock(&self.at_work).take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn make(&self, subject: &Subject) {
        let begun = std::time::Instant::now();
        let (name, height) = (name_of(subject.height), subject.height);
        let stopped = || self.stopped.load(Ordering::SeqCst);
        // Room is made first, so that there is never one more than is kept.
        self.drop_to(SNAPSHOTS_KEPT.saturating_sub(1));
        let made = make(self.folder.as_ref(), &name, subject, &stopped);
        let opened = made.map_err(|error| error.to_string()).and_then(|metadata| {
            let kept = Kept::open(self.folder.as_ref(), &name).map_err(|error| error.to_string())?;
            Ok((metadata.chunk_bytes(), kept))
        });
        match opened {
            Ok((bytes, kept)) => {
                let seconds = begun.elapsed().as_secs_f64();
                tracing::info!("a snapshot of block {height}: {bytes} bytes in {seconds:.1} s");
                lock(&self.kept).push(Arc::new(kept));
                self.counts().iter().for_each(|counts| counts.made(seconds));
            }
            Err(error) => {
                tracing::warn!("no snapshot of block {height}: {error}");
                self.counts().iter().for_each(|counts| counts.failed());
            }
        }
        self.show_newest();
    }

    fn counts(&self) -> Option<&Snapshots> {
        self.metrics.snapshots.as_ref()
    }

    fn show_newest(&self) {
        let newest = lock(&self.kept).last().map_or(0, |kept| kept.metadata.height);
        self.counts().iter().for_each(|counts| counts.newest(newest));
    }

    fn drop_old(&self) {
        self.drop_to(SNAPSHOTS_KEPT);
    }

    fn drop_to(&self, most: usize) {
        let mut kept = lock(&self.kept);
        while kept.len() > most {
            let old = kept.remove(0);
            if let Err(error) = self.folder.remove(&old.name) {
                tracing::warn!("the old snapshot {} is not removed: {error}", old.name);
            }
        }
    }

    fn forget(&self, damaged: &Arc<Kept>) {
        lock(&self.kept).retain(|kept| !Arc::ptr_eq(kept, damaged));
        if let Err(error) = self.folder.remove(&damaged.name) {
            tracing::warn!("the damaged snapshot {} is not removed: {error}", damaged.name);
        }
        self.show_newest();
    }
}

impl Kept {
    fn open(folder: &dyn Folder, name: &str) -> Result<Self, StoreError> {
        let disk = folder.open(name)?;
        let metadata = read_metadata(&disk)?.ok_or_else(|| damaged("it does not end as a snapshot does"))?;
        Ok(Self { metadata, name: name.to_owned(), disk })
    }

    /// The bytes of a chunk; `None` for a number that it has not.
    fn chunk(&self, index: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(mark) = self.metadata.chunks.get(index) else { return Ok(None) };
        let before = self.metadata.chunks.iter().take(index);
        let offset = before.map(|mark| u64::from(mark.size)).sum();
        let mut chunk = vec![0; usize::try_from(mark.size).unwrap_or(0)];
        self.disk.read(offset, &mut chunk)?;
        if ChunkMark::of(&chunk) != *mark {
            return Err(damaged("a chunk fails its hash"));
        }
        Ok(Some(chunk))
    }
}

fn damaged(what: &str) -> StoreError {
    StoreError::Corrupt { what: what.to_owned() }
}

/// The metadata at the end of a file, if that is as long as it says.
fn read_metadata(disk: &AnyDisk) -> Result<Option<Metadata>, StoreError> {
    let length = disk.len()?;
    let Some(end) = length.checked_sub(TRAILER_BYTES) else { return Ok(None) };
    let mut trailer = [0; 12];
    disk.read(end, &mut trailer)?;
    let Some((bytes, magic)) = trailer.split_first_chunk::<4>() else { return Ok(None) };
    let bytes = u32::from_be_bytes(*bytes);
    let size = usize::try_from(bytes).unwrap_or(usize::MAX);
    let begin = end.checked_sub(u64::from(bytes));
    let Some(begin) = begin.filter(|_| magic == MAGIC && size <= METADATA_BYTES_MAX) else { return Ok(None) };
    let mut bytes = vec![0; size];
    disk.read(begin, &mut bytes)?;
    Ok(Metadata::decode(&bytes).ok().filter(|metadata| metadata.chunk_bytes() == begin))
}
