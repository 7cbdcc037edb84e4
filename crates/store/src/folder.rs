//! The seam for whole files: a directory of disks, in which one can take another's place.

use std::fmt::Debug;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, openat};

use crate::disk::{AnyDisk, FileDisk, give_to_owner_of};
use crate::error::{Result, StoreError};

/// A directory of disks, named by one word each.
pub trait Folder: Debug + Send + Sync + 'static {
    /// Opens or creates a disk, locked against every other handle.
    ///
    /// # Errors
    /// [`StoreError`], also for a symbolic link.
    fn open(&self, name: &str) -> Result<AnyDisk>;

    /// The names of all files.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn names(&self) -> Result<Vec<String>>;

    /// Gives a file another name, in the place of whatever had that. It is so, for good, when this returns; a crash leaves the
    /// one or the other, whole. Handles follow their file.
    ///
    /// # Errors
    /// [`StoreError::Io`]; the file may have the one name or the other then.
    fn rename(&self, from: &str, to: &str) -> Result<()>;

    /// Removes a file, if it is there.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn remove(&self, name: &str) -> Result<()>;

    /// Bytes that can still be written.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn free_bytes(&self) -> Result<u64>;
}

/// A directory on the host.
#[derive(Clone, Debug)]
pub struct FileFolder(PathBuf);

impl FileFolder {
    /// The directory at a path, made for its owner alone if it is not there. A link is not followed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(path: &Path) -> Result<Self> {
        match fs::symlink_metadata(path) {
            Ok(meta) if meta.is_dir() => {}
            Ok(meta) if meta.is_symlink() => {
                return Err(StoreError::Symlink { path: path.display().to_string() });
            }
            Ok(_) => return Err(io::Error::from(io::ErrorKind::NotADirectory).into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                DirBuilder::new().recursive(true).mode(0o700).create(path)?;
                let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
                let parent = File::open(parent.unwrap_or(Path::new(".")))?;
                if let Some(name) = path.file_name() {
                    let made = openat(
                        &parent,
                        name,
                        OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC,
                        Mode::empty(),
                    );
                    give_to_owner_of(&parent.metadata()?, &made.map_err(io::Error::from)?.into());
                }
                // A power cut could else take away the directory's name together with all that was synced in it.
                parent.sync_all()?;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(Self(path.to_owned()))
    }

    fn sync(&self) -> Result<()> {
        Ok(File::open(&self.0)?.sync_all()?)
    }
}

impl Folder for FileFolder {
    fn open(&self, name: &str) -> Result<AnyDisk> {
        Ok(AnyDisk::new(FileDisk::open(&self.0, name)?))
    }

    fn names(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            // Nothing of ours has a name that is no text.
            names.extend(entry?.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))?;
        self.sync()
    }

    fn remove(&self, name: &str) -> Result<()> {
        match fs::remove_file(self.0.join(name)) {
            Ok(()) => self.sync(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn free_bytes(&self) -> Result<u64> {
        let stat = rustix::fs::statvfs(&self.0).map_err(io::Error::from)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }
}
