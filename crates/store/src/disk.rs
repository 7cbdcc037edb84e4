//! The storage seam: one file-like byte device, for the database and the block log alike.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

pub use redb::StorageBackend as Disk;

use crate::error::{Result, StoreError};

/// A file on the host, locked against every other handle for as long as it is open.
#[derive(Debug)]
pub struct FileDisk {
    file: File,
}

impl FileDisk {
    /// Opens or creates `dir/name`. The directory is synced after a creation, since without it a power cut could take
    /// away the file's name together with everything synced into the file.
    pub fn open(dir: &Path, name: &str) -> Result<Self> {
        let path = dir.join(name);
        let fresh = !path.try_exists()?;
        let file = open_no_follow(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Locked),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        if fresh {
            file.sync_all()?;
            File::open(dir)?.sync_all()?;
        }
        Ok(Self { file })
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
fn open_no_follow(path: &Path) -> Result<File> {
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW)
        .open(path);
    match opened {
        Err(error) if error.raw_os_error() == Some(libc::ELOOP) => {
            Err(StoreError::Symlink { path: path.display().to_string() })
        }
        other => Ok(other?),
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
