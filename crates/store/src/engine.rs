//! Opening the database: the part of a store that snapshots keep alive.

use std::panic::{AssertUnwindSafe, catch_unwind};

use redb::{Builder, Database, ReadableDatabase};

use crate::disk::Disk;
use crate::error::{Result, StoreError};
use crate::head::{Head, SCHEMA_VERSION, write_schema};
use crate::health::{Guarded, Health};
use crate::tables::Table;

/// Most memory that pages of the database take unless the opener says otherwise, in bytes. The pages that a busy desk works on fit;
/// with more, memory grows with the file and answers become no faster that anyone could measure (docs/benchmarks.md).
pub const PAGE_CACHE_BYTES: usize = 128 * 1024 * 1024;

/// Files up to this size are verified page by page whenever they are opened, at about a second a gigabyte. Of larger ones
/// the values and the state tree are verified as they are read; the rest is `check_integrity`'s to find.
const VERIFY_AT_OPEN_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// Length of the magic number that begins a finished database.
const MAGIC_BYTES: usize = 9;
/// Length of the database's header, before its first page.
const DATABASE_HEADER_BYTES: usize = 512;

/// The open database and its latch.
#[derive(Debug)]
pub(crate) struct Engine {
    /// Taken only when the engine is dropped.
    db: Option<Database>,
    pub(crate) health: Health,
}

impl Engine {
    pub(crate) fn open(disk: impl Disk, page_cache_bytes: usize) -> Result<Self> {
        let health = Health::default();
        let disk = Guarded::new(disk, health.clone());
        let db = health.writing(|| {
            if is_unfinished(&disk)? {
                disk.set_len(0)?;
            }
            let bytes = disk.len()?;
            let mut db = Builder::new().set_cache_size(page_cache_bytes).create_with_backend(disk)?;
            if bytes > 0 && bytes <= VERIFY_AT_OPEN_BYTES_MAX && !db.check_integrity()? {
                return Err(StoreError::corrupt("the database fails its page checksums"));
            }
            prepare_tables(&db)?;
            Ok(db)
        })?;
        Ok(Self { db: Some(db), health })
    }

    pub(crate) fn db(&self) -> Result<&Database> {
        self.db.as_ref().ok_or(StoreError::Failed)
    }

    pub(crate) fn db_mut(&mut self) -> Result<&mut Database> {
        self.db.as_mut().ok_or(StoreError::Failed)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let db = self.db.take();
        // Closing reads and writes a few pages, and what a damaged one makes of it helps nobody any more.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(db)));
    }
}

/// Whether a crash interrupted the creation of the file. The database writes its magic number last, over zeros, and
/// nothing behind its header before that; a file that ever held a commit has pages there, and is never given up.
fn is_unfinished(disk: &Guarded) -> Result<bool> {
    let bytes = disk.len()?;
    let mut chunk = vec![0; 64 * 1024];
    let mut offset = 0;
    while offset < bytes {
        let step = (chunk.len() as u64).min(bytes - offset);
        let part = chunk.get_mut(..usize::try_from(step).unwrap_or(0)).unwrap_or_default();
        disk.read(offset, part)?;
        let header = if offset == 0 { MAGIC_BYTES..DATABASE_HEADER_BYTES } else { 0..0 };
        let zeros = part.iter().enumerate().all(|(at, byte)| *byte == 0 || header.contains(&at));
        if !zeros {
            return Ok(false);
        }
        offset += step;
    }
    Ok(bytes > 0)
}

/// Gives a new file its tables. They are made in one synced commit, so a file has either all of them or none.
fn prepare_tables(db: &Database) -> Result<()> {
    let read = db.begin_read()?;
    if read.list_tables()?.next().is_some() {
        return Head::read(&read).map(drop);
    }
    drop(read);
    let write = db.begin_write()?;
    for table in Table::ALL {
        write.open_table(table.rows())?;
    }
    write_schema(&write, SCHEMA_VERSION)?;
    Head::EMPTY.write(&write)?;
    Ok(write.commit()?)
}
