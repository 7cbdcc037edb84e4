//! The file that a person names for an answer. What stood there under that name stays until the new one is whole and on the device.

use std::fs::{self, Metadata, Permissions};
use std::io::{Result, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
use std::path::Path;

use rustix::io::Errno;

use crate::draft_file::Draft;
use crate::process_status;

/// Writes a file as open as other programs make theirs, in the place of one of that name, whose owner and mode it keeps. Where a link stands,
/// what it leads to is written; a device or a pipe takes the bytes, and is replaced by nothing.
///
/// # Errors
/// What the system says; the earlier file is as it was then, unless its folder takes no other file in its place.
pub(crate) fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    let Ok(place) = fs::canonicalize(path).or_else(|error| match fs::symlink_metadata(path) {
        // A link that leads to nothing yet.
        Ok(_) => Err(error),
        Err(_) => Ok(path.to_owned()),
    }) else {
        return fs::write(path, bytes);
    };
    let earlier = fs::metadata(&place).ok();
    if earlier.as_ref().is_some_and(|found| !found.is_file()) {
        return fs::write(&place, bytes);
    }
    match replace(&place, bytes, earlier.as_ref()) {
        // A file that is mounted by itself, or in a folder of somebody else's, can be written where it is and in no other way.
        Err(error) if earlier.is_some() && is_of_place(&error) => fs::write(&place, bytes),
        replaced => replaced,
    }
}

fn replace(place: &Path, bytes: &[u8], earlier: Option<&Metadata>) -> Result<()> {
    let draft = Draft::begin(place)?;
    let mut file = draft.file();
    file.write_all(bytes)?;
    match earlier {
        Some(earlier) => {
            file.set_permissions(earlier.permissions())?;
            // Only root writes over a file of somebody else, and may give it back.
            let _ = fchown(file, Some(earlier.uid()), Some(earlier.gid()));
        }
        None => file.set_permissions(Permissions::from_mode(0o666 & !umask()))?,
    }
    file.sync_all()?;
    draft.finish()
}

/// Whether the folder, and not the file, is what cannot be written.
fn is_of_place(error: &std::io::Error) -> bool {
    let known = [Errno::ACCESS, Errno::PERM, Errno::BUSY, Errno::ROFS];
    known.into_iter().any(|one| error.raw_os_error() == Some(one.raw_os_error()))
}

/// Which permissions this program gives to nobody; as most have it, where the system does not say.
fn umask() -> u32 {
    process_status::field("Umask").and_then(|octal| u32::from_str_radix(&octal, 8).ok()).unwrap_or(0o022)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::symlink;

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

    #[test]
    fn what_could_be_written_in_place_still_is_and_a_killed_attempt_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("theirs");
        fs::create_dir(&folder).unwrap();
        let (file, link) = (folder.join("desk.json"), dir.path().join("link"));
        symlink("theirs/desk.json", &link).unwrap();
        put(&link, b"first").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink(), "it leads to what was made");
        fs::write(folder.join(".desk.json.draft"), "of a killed attempt, and longer").unwrap();
        put(&file, b"second").unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::set_permissions(&folder, Permissions::from_mode(0o555)).unwrap();
        put(&file, b"third").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"third");
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    }
}
