//! The store itself: staging a block's changes and committing them.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use redb::WriteTransaction;

use crate::changes::{Changes, Writes};
use crate::disk::{Disk, FileDisk};
use crate::engine::{Engine, PAGE_CACHE_BYTES};
use crate::error::{Result, StoreError};
use crate::head::Head;
use crate::integrity::Integrity;
use crate::snapshot::Snapshot;
use crate::tables::Table;
use crate::testing::MemoryDisk;
use crate::tree;

/// Committed versions that [`Store::at`] still knows, the latest included.
pub const RETAINED_VERSIONS: usize = 16;
/// Longest key, in bytes.
pub const KEY_BYTES_MAX: usize = 1024;
/// Longest value, in bytes.
pub const VALUE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Name of the database's file in its directory.
pub const STATE_FILE: &str = "state.redb";

/// When a commit is safe from a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Before `commit` returns, together with every deferred commit before it.
    Synced,
    /// At the next synced commit or [`Store::sync`]. A crash before that loses it whole, never in part.
    Deferred,
}

/// A block's changes with the root they lead to: nothing is written yet, and dropping it leaves no trace.
#[derive(Debug)]
pub struct Staged {
    base: Head,
    head: Head,
    rows: [(Table, Writes); 3],
}

impl Staged {
    /// Root of the records once this is committed.
    pub fn root(&self) -> [u8; 32] {
        self.head.root
    }

    /// The version this will be.
    pub fn version(&self) -> u64 {
        self.head.version
    }
}

/// An authenticated, versioned key-value store; see the crate's documentation. Cheap to clone; clones are one store.
#[derive(Clone, Debug)]
pub struct Store(Arc<RwLock<Open>>);

/// The database that a store shows; [`Store::adopt`] puts another in its place.
#[derive(Clone, Debug)]
struct Open {
    engine: Arc<Engine>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Held while a commit is under way; true if commits are waiting for a sync.
    writer: Mutex<bool>,
    /// Views of the latest versions, oldest first, never empty.
    retained: Mutex<VecDeque<Snapshot>>,
}

impl Store {
    /// Opens or creates the store in a directory that exists, and locks it against every other handle.
    pub fn open_dir(dir: &Path) -> Result<Store> {
        Store::open(FileDisk::open(dir, STATE_FILE)?)
    }

    /// Opens or creates the store on a disk.
    pub fn open(disk: impl Disk) -> Result<Store> {
        Store::open_with(disk, PAGE_CACHE_BYTES)
    }

    /// As [`Store::open`], with at most so many bytes of memory for pages of the database.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with(disk: impl Disk, page_cache_bytes: usize) -> Result<Store> {
        let engine = Arc::new(Engine::open(disk, page_cache_bytes)?);
        let latest = engine.health.reading(|| Snapshot::open(&engine))?;
        let shared = Shared { writer: Mutex::new(false), retained: Mutex::new(VecDeque::from([latest])) };
        Ok(Store(Arc::new(RwLock::new(Open { engine, shared: Arc::new(shared) }))))
    }

    /// Shows the state of another store from now on, in every clone of this one. Snapshots of before stay what they are, and
    /// keep their file open as long as they are held.
    pub fn adopt(&self, other: &Store) {
        let other = other.open_now().clone();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = other;
    }

    /// A new store in memory.
    #[allow(
        clippy::expect_used,
        reason = "a new memory disk cannot fail, and every caller is a test or a trial run"
    )]
    pub fn in_memory() -> Store {
        Store::open(MemoryDisk::new()).expect("a store opens on an empty memory disk")
    }

    /// The last committed version.
    pub fn latest(&self) -> Snapshot {
        self.open_now().latest()
    }

    /// One of the last [`RETAINED_VERSIONS`] versions committed by this process. After reopening only the last durable
    /// one is there.
    pub fn at(&self, version: u64) -> Option<Snapshot> {
        lock(&self.open_now().shared.retained).iter().rfind(|view| view.version() == version).cloned()
    }

    /// Computes what `changes` lead to, on top of the latest version. Writes nothing. `version` must be above the latest.
    pub fn prepare(&self, version: u64, changes: Changes) -> Result<Staged> {
        let base = self.latest();
        if version <= base.version() {
            return Err(StoreError::Version { version, latest: base.version() });
        }
        stage(&base, version, changes)
    }

    /// Computes what writing side values anew leads to: the latest version once more, with the same root. For side values that follow
    /// from records and are made again from them. Writes nothing.
    pub fn prepare_side(&self, side: Writes) -> Result<Staged> {
        let base = self.latest();
        stage(&base, base.version(), Changes { records: Writes::new(), side })
    }

    /// Makes staged changes the latest version, all of them or none. After a failure the store refuses everything.
    pub fn commit(&self, staged: Staged, durability: Durability) -> Result<()> {
        self.open_now().commit(&staged, durability)
    }

    /// Makes deferred commits durable.
    pub fn sync(&self) -> Result<()> {
        self.open_now().sync()
    }

    /// Checks everything that the latest version consists of, for an operator who doubts it; reads every row.
    pub fn check_integrity(&self) -> Result<Integrity> {
        self.latest().check_integrity()
    }

    /// Held for a whole commit, so that none goes to a database that has been put aside meanwhile.
    fn open_now(&self) -> RwLockReadGuard<'_, Open> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    #[allow(clippy::expect_used, reason = "the queue is made with one view and never shrinks below one")]
    fn latest(&self) -> Snapshot {
        lock(&self.shared.retained).back().cloned().expect("a store always has a latest version")
    }

    fn commit(&self, staged: &Staged, durability: Durability) -> Result<()> {
        let mut unsynced = lock(&self.shared.writer);
        let latest = self.latest();
        if staged.base != (Head { version: latest.version(), root: latest.root() }) {
            return Err(StoreError::Version { version: staged.version(), latest: latest.version() });
        }
        let view = self.engine.health.writing(|| {
            let write = self.begin(durability)?;
            for (table, rows) in &staged.rows {
                apply(&write, *table, rows)?;
            }
            staged.head.write(&write)?;
            write.commit()?;
            Snapshot::open(&self.engine)
        })?;
        *unsynced = durability == Durability::Deferred;
        self.retain(view);
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        let mut unsynced = lock(&self.shared.writer);
        self.engine.health.check()?;
        if !*unsynced {
            return Ok(());
        }
        let latest = self.latest();
        self.engine.health.writing(|| {
            let write = self.begin(Durability::Synced)?;
            Head { version: latest.version(), root: latest.root() }.write(&write)?;
            Ok(write.commit()?)
        })?;
        *unsynced = false;
        Ok(())
    }

    fn begin(&self, durability: Durability) -> Result<WriteTransaction> {
        let mut write = self.engine.db()?.begin_write()?;
        // With the table of free pages in every synced commit, opening after a crash need not walk the whole file.
        write.set_quick_repair(durability == Durability::Synced);
        let durability = match durability {
            Durability::Synced => redb::Durability::Immediate,
            Durability::Deferred => redb::Durability::None,
        };
        write.set_durability(durability).map_err(|error| StoreError::corrupt(error.to_string()))?;
        Ok(write)
    }

    fn retain(&self, view: Snapshot) {
        let mut retained = lock(&self.shared.retained);
        // Side values alone make no new version: the view takes the place of the one that it is of.
        if retained.back().is_some_and(|latest| latest.version() == view.version()) {
            retained.pop_back();
        }
        retained.push_back(view);
        while retained.len() > RETAINED_VERSIONS {
            retained.pop_front();
        }
    }
}

/// Computes what `changes` lead to over `base`, as `version`.
pub(crate) fn stage(base: &Snapshot, version: u64, changes: Changes) -> Result<Staged> {
    check_sizes(&changes)?;
    let Changes { mut records, side } = changes;
    base.reading(|| {
        drop_unchanged(base, &mut records)?;
        let (root, nodes) = stage_tree(base, &records)?;
        let rows = [
            (Table::Tree, nodes),
            (Table::Records, seal(Table::Records, records)),
            (Table::Side, seal(Table::Side, side)),
        ];
        let base = Head { version: base.version(), root: base.root() };
        Ok(Staged { base, head: Head { version, root }, rows })
    })
}

/// No code of this crate panics while it holds one of these locks, and a view or a flag is never half-written.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn check_sizes(changes: &Changes) -> Result<()> {
    for (key, value) in changes.records.iter().chain(&changes.side) {
        let bytes = key.len();
        if bytes > KEY_BYTES_MAX {
            return Err(StoreError::TooLarge { what: "a key", bytes, max: KEY_BYTES_MAX });
        }
        let bytes = value.as_ref().map_or(0, Vec::len);
        if bytes > VALUE_BYTES_MAX {
            return Err(StoreError::TooLarge { what: "a value", bytes, max: VALUE_BYTES_MAX });
        }
    }
    Ok(())
}

/// Drops writes that say what is already there, so that they cost no work in the tree and no page of the file.
fn drop_unchanged(base: &Snapshot, records: &mut Writes) -> Result<()> {
    let table = base.table(Table::Records);
    let mut failure = Ok(());
    records.retain(|key, record| {
        let changed = || {
            let row = table.get(key.as_slice())?;
            let old = row.as_ref().map(|row| Table::Records.unseal(key, row.value())).transpose()?;
            Ok::<bool, StoreError>(old != record.as_deref())
        };
        failure.is_ok()
            && changed().unwrap_or_else(|error| {
                failure = Err(error);
                false
            })
    });
    failure
}

fn stage_tree(base: &Snapshot, records: &Writes) -> Result<([u8; 32], Writes)> {
    if records.is_empty() {
        return Ok((base.root(), Writes::new()));
    }
    let changes = records.iter().map(|(key, record)| (key.as_slice(), record.as_deref()));
    let update = tree::update(base.table(Table::Tree), base.root(), changes)?;
    let nodes = update.nodes.into_iter().map(|(key, row)| {
        let row = row.map(|row| Table::Tree.seal(&key, &row.encode()));
        (key, row)
    });
    Ok((update.root, nodes.collect()))
}

fn seal(table: Table, mut writes: Writes) -> Writes {
    for (key, value) in &mut writes {
        if let Some(value) = value {
            *value = table.seal(key, value);
        }
    }
    writes
}

fn apply(write: &WriteTransaction, table: Table, rows: &Writes) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut open = write.open_table(table.rows())?;
    for (key, row) in rows {
        match row {
            Some(row) => open.insert(key.as_slice(), row.as_slice())?,
            None => open.remove(key.as_slice())?,
        };
    }
    Ok(())
}
