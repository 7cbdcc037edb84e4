//! A file in the making, beside the one that it will be: what stands there under that name stays until the new one is whole.

use std::fs::File;
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, fchmod, open};
use rustix::process::geteuid;

/// A file in the making. Dropped before it is whole, it goes.
#[derive(Debug)]
pub(crate) struct Draft {
    file: File,
    draft: PathBuf,
    to: PathBuf,
    /// Whether it has its name: what has the draft's name from then on is another's.
    is_finished: bool,
}

impl Draft {
    /// Begins beside the file that it will be, open to its owner alone. It has one name, so that what a killed attempt left is written over by
    /// the next.
    ///
    /// # Errors
    /// What the system says; also where another program is writing there.
    pub(crate) fn begin(to: &Path) -> Result<Self> {
        let name = to.file_name().ok_or(ErrorKind::InvalidInput)?.to_string_lossy().into_owned();
        let draft = to.with_file_name(format!(".{name}.draft"));
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = File::from(open(&draft, flags, Mode::RUSR | Mode::WUSR)?);
        let found = file.metadata()?;
        // In a folder where others may write, somebody else can have put a file of theirs there.
        if !found.is_file() || found.uid() != geteuid().as_raw() || found.nlink() != 1 {
            return Err(Error::new(ErrorKind::PermissionDenied, "someone else's file is in the way"));
        }
        match file.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(Error::new(ErrorKind::ResourceBusy, "another program is writing there"));
            }
            Err(std::fs::TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
            Err(std::fs::TryLockError::Error(error)) => return Err(error),
        }
        // Another attempt may have ended between opening and locking: then the file that is locked has this name no more.
        let named = std::fs::symlink_metadata(&draft);
        if !named.is_ok_and(|named| (named.dev(), named.ino()) == (found.dev(), found.ino())) {
            return Err(Error::new(ErrorKind::ResourceBusy, "another program is writing there"));
        }
        fchmod(&file, Mode::RUSR | Mode::WUSR)?;
        file.set_len(0)?;
        Ok(Self { file, draft, to: to.to_owned(), is_finished: false })
    }

    /// The file to write to.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// The file as it is on the device, from its beginning.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn read_back(&self) -> Result<File> {
        self.file.sync_all()?;
        File::open(&self.draft)
    }

    /// Gives the file its name, in the place of an earlier one.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn finish(mut self) -> Result<()> {
        std::fs::rename(&self.draft, &self.to)?;
        self.is_finished = true;
        File::open(folder_of(&self.to))?.sync_all()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.is_finished {
            let _ = std::fs::remove_file(&self.draft);
        }
    }
}

/// The folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_draft_takes_its_name_when_it_is_whole_and_goes_when_it_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let to = dir.path().join("desk.json");
        let draft = Draft::begin(&to).unwrap();
        assert_eq!(Draft::begin(&to).unwrap_err().kind(), ErrorKind::ResourceBusy);
        drop(draft);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        for round in 0..2 {
            let draft = Draft::begin(&to).unwrap();
            draft.file().write_all(b"whole").unwrap();
            draft.finish().unwrap();
            assert_eq!(std::fs::read(&to).unwrap(), b"whole", "round {round}");
        }
        assert_eq!(std::fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_killed_attempt_left_is_written_over_and_nothing_else_is() {
        let dir = tempfile::tempdir().unwrap();
        let (to, left) = (dir.path().join("desk.json"), dir.path().join(".desk.json.draft"));
        std::fs::write(&left, "of before, and longer").unwrap();
        let draft = Draft::begin(&to).unwrap();
        draft.file().write_all(b"now").unwrap();
        draft.finish().unwrap();
        assert_eq!(std::fs::read(&to).unwrap(), b"now");
        let other = dir.path().join("other");
        std::fs::write(&other, "theirs").unwrap();
        symlink(&other, &left).unwrap();
        assert!(Draft::begin(&to).is_err());
        std::fs::remove_file(&left).unwrap();
        std::fs::hard_link(&other, &left).unwrap();
        assert_eq!(Draft::begin(&to).unwrap_err().kind(), ErrorKind::PermissionDenied);
        assert_eq!(std::fs::read(&other).unwrap(), b"theirs");
    }
}
