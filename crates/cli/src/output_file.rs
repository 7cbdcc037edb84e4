//! The file that a person names for an answer. What stood there under that name stays until the new one is whole and on the device.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{ErrorKind, Result, Write as _};
use std::os::unix::fs::{MetadataExt as _, fchown};
use std::path::{Path, PathBuf};

use crate::backup_file::folder_of;

/// Writes a file as open as other programs make theirs, in the place of one of that name, whose owner and mode it keeps. Where a link stands,
/// what it leads to is written; a device or a pipe takes the bytes, and is replaced by nothing.
///
/// # Errors
/// What the system says; the earlier file is as it was then.
pub(crate) fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let earlier = fs::metadata(&place).ok();
    if earlier.as_ref().is_some_and(|found| !found.is_file()) {
        return fs::write(&place, bytes);
    }
    let draft = draft_of(&place)?;
    let put = write(&draft, bytes, earlier.as_ref()).and_then(|()| fs::rename(&draft, &place));
    if put.is_err() {
        // What is not whole is not left behind.
        let _ = fs::remove_file(&draft);
    }
    put?;
    File::open(folder_of(&place))?.sync_all()
}

/// A name beside the file's own that nobody uses.
fn draft_of(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().ok_or(ErrorKind::InvalidInput)?.to_string_lossy().into_owned();
    Ok(path.with_file_name(format!(".{name}.{}.draft", std::process::id())))
}

fn write(draft: &Path, bytes: &[u8], earlier: Option<&Metadata>) -> Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(draft)?;
    file.write_all(bytes)?;
    if let Some(earlier) = earlier {
        file.set_permissions(earlier.permissions())?;
        // Only root writes over a file of somebody else, and may give it back.
        let _ = fchown(&file, Some(earlier.uid()), Some(earlier.gid()));
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn an_earlier_file_stays_until_the_new_one_is_whole_and_keeps_its_mode() {
        let dir = tempfile::tempdir().unwrap();
        let (path, link) = (dir.path().join("desk.json"), dir.path().join("link"));
        put(&path, b"first").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("desk.json", &link).unwrap();
        let open = File::open(&path).unwrap();
        put(&link, b"second, and longer").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second, and longer");
        assert_eq!(open.metadata().unwrap().len(), 5, "whoever reads the earlier one has it whole");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_device_takes_what_is_written_and_a_folder_does_not() {
        put(Path::new("/dev/null"), b"gone").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
        let dir = tempfile::tempdir().unwrap();
        assert!(put(dir.path(), b"no").is_err() && put(&dir.path().join("absent/file"), b"no").is_err());
    }
}
