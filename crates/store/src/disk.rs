//! The storage seam: one file-like byte device, for the database and the block log alike.

use std::fs::{File, Metadata, TryLockError};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

pub use redb::StorageBackend as Disk;
use rustix::fs::{Gid, Mode, OFlags, Uid, fchown, openat};
use rustix::io::Errno;
use rustix::process::geteuid;

use crate::error::{Result, StoreError};

/// A file on the host, locked against every other handle for as long as it is open.
#[derive(Debug)]
pub struct FileDisk {
    file: File,
}

impl FileDisk {
    /// Opens or creates `dir/name`. The directory is synced after a creation, since without it a power cut could take
    /// away the file's name together with everything synced into the file. What root creates belongs to the owner of the directory: a
    /// ledger that ran once under sudo runs without it, too.
    pub fn open(dir: &Path, name: &str) -> Result<Self> {
        let path = dir.join(name);
        let dir = File::open(dir)?;
        let (file, fresh) = match open_in(&dir, name, OFlags::CREATE | OFlags::EXCL) {
            Ok(file) => (file, true),
            Err(Errno::EXIST) => (open_there(&dir, &path, name)?, false),
            Err(error) => return Err(io::Error::from(error).into()),
        };
        if fresh {
            give_to_owner_of(&dir.metadata()?, &file);
        }
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Locked),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        if fresh {
            file.sync_all()?;
            dir.sync_all()?;
        }
        Ok(Self { file })
    }

    /// A file without a name on the disk that `dir` is on, for what is needed for as long as it is open: however the process ends, nothing
    /// stays of it. On the few file systems that make no such file it has a name for a moment.
    pub fn unnamed(dir: &Path) -> Result<Self> {
        Ok(Self { file: tempfile::tempfile_in(dir)? })
    }
}

/// Any disk, behind a pointer.
#[derive(Debug)]
pub struct AnyDisk(Box<dyn Disk>);

impl AnyDisk {
    /// Wraps a disk.
    pub fn new(disk: impl Disk) -> Self {
        Self(Box::new(disk))
    }
}

impl Disk for AnyDisk {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.0.close()
    }
}

/// A link could point the node at a file of another chain or of another owner, so none is followed.
fn open_in(dir: &File, name: &str, how: OFlags) -> rustix::io::Result<File> {
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC | how;
    openat(dir, name, flags, Mode::RUSR | Mode::WUSR).map(File::from)
}

fn open_there(dir: &File, path: &Path, name: &str) -> Result<File> {
    match open_in(dir, name, OFlags::empty()) {
        Err(Errno::LOOP) => Err(StoreError::Symlink { path: path.display().to_string() }),
        other => Ok(other.map_err(io::Error::from)?),
    }
}

/// Only root can give a file away, and only root needs to; and nothing is given to those who share a place with everyone.
pub(crate) fn give_to_owner_of(dir: &Metadata, file: &File) {
    if geteuid().is_root() && dir.uid() != 0 && dir.mode() & 0o002 == 0 {
        // Where that fails it stays root's: the ledger runs, and its owner can still be told to take it over.
        let _ = fchown(file, Some(Uid::from_raw(dir.uid())), Some(Gid::from_raw(dir.gid())));
    }
}

impl Disk for FileDisk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(out, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write_all_at(data, offset)
    }
}

#[cfg(test)]
mod tests {
    use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
    use rustix::fs::{Mode, OFlags, open};

    use super::*;

    #[test]
    fn a_disk_without_a_name_never_had_one_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        // What a process leaves that is killed at any moment is what had a name at that moment.
        let watch = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).unwrap();
        inotify::add_watch(&watch, dir.path(), WatchFlags::CREATE).unwrap();
        let disk = FileDisk::unnamed(dir.path()).unwrap();
        disk.write(0, b"state").unwrap();
        assert_eq!(disk.len().unwrap(), 5);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        let can_be_unnamed =
            open(dir.path(), OFlags::TMPFILE | OFlags::RDWR, Mode::RUSR | Mode::WUSR).is_ok();
        let had_a_name = rustix::io::read(&watch, &mut [0_u8; 4096]).is_ok();
        assert_eq!(had_a_name, !can_be_unnamed);
    }
}
