//! Files that are there whole or not at all, also after a power cut.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Result, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Who may read a file. Only its owner may write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Its owner: for secrets, and for what only this program needs.
    Owner,
    /// Every account of this machine.
    Everyone,
}

impl Readers {
    fn mode(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::Everyone => 0o644,
        }
    }
}

/// Writes a file in the place of the one that may be there. Until it is whole on the device, the earlier one stays.
///
/// # Errors
/// What the system says.
pub(crate) fn replace(path: &Path, bytes: &[u8], readers: Readers) -> Result<()> {
    let half = path.with_extension("new");
    let mut options = OpenOptions::new();
    write(options.create(true).truncate(true).mode(readers.mode()), &half, bytes)?;
    fs::rename(&half, path)?;
    sync_dir_of(path)
}

/// Writes a file where none is.
///
/// # Errors
/// What the system says; [`std::io::ErrorKind::AlreadyExists`] where there is one.
pub(crate) fn create(path: &Path, bytes: &[u8], readers: Readers) -> Result<()> {
    write(OpenOptions::new().create_new(true).mode(readers.mode()), path, bytes)?;
    sync_dir_of(path)
}

/// Makes a directory that only its owner can enter, and those above it, where they are missing.
///
/// # Errors
/// What the system says.
pub(crate) fn create_dir(path: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn write(options: &mut OpenOptions, path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = options.write(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A name is on the device once its directory is.
fn sync_dir_of(path: &Path) -> Result<()> {
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_file_is_replaced_whole_and_created_only_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file.json");
        create(&path, b"first", Readers::Owner).unwrap();
        let again = create(&path, b"second", Readers::Owner).unwrap_err();
        assert_eq!(again.kind(), std::io::ErrorKind::AlreadyExists);
        assert_eq!((fs::read(&path).unwrap(), mode(&path)), (b"first".to_vec(), 0o600));
        // What an attempt that ended half-way has left is not in the way.
        fs::write(path.with_extension("new"), "half of a longer file").unwrap();
        replace(&path, b"third", Readers::Owner).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"third");
        assert!(!path.with_extension("new").exists());
    }
}
