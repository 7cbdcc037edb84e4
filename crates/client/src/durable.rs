//! Small files of one owner alone: mode 0600, never through a link, whole or not at all, on disk before a call returns.
//!
//! The owner is whoever owns the place, not whoever runs the program: what one command makes under sudo, the next one without it can
//! still use. Nothing here needs hard links, which some disks do not have.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Read as _, Result, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a lock that somebody else holds is tried, and how long apart: five seconds together.
const LOCK_TRIES: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// Makes a directory for its owner alone, or accepts one that is there and is.
///
/// # Errors
/// Also where it is a link, or open to others.
pub fn private_dir(dir: &Path) -> Result<()> {
    match std::fs::symlink_metadata(dir) {
        Ok(found) if !found.is_dir() => {
            Err(Error::new(ErrorKind::NotADirectory, "it is a link or a file, and has to be a directory"))
        }
        Ok(found) => only_owner(&found),
        Err(error) if error.kind() == ErrorKind::NotFound => make_private_dir(dir),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn make_private_dir(dir: &Path) -> Result<()> {
    use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
    use std::os::unix::fs::MetadataExt as _;
    let name = dir.file_name().ok_or(ErrorKind::InvalidInput)?;
    let parent = place_of(dir);
    if !parent.exists() {
        make_private_dir(parent)?;
    }
    // Under sudo the folder is given to whoever owns the place. Both are held open, so that nobody can put another one, or a link to
    // one, under the same name in between.
    let folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let place = File::from(openat(CWD, parent, folder, Mode::empty())?);
    match mkdirat(&place, name, Mode::RWXU).map_err(Error::from) {
        // Another command was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && dir.is_dir() => return Ok(()),
        made => made?,
    }
    let made = File::from(openat(&place, name, folder | OFlags::NOFOLLOW, Mode::empty())?);
    if made.metadata()?.uid() == rustix::process::geteuid().as_raw() {
        give_to_owner_of(&place.metadata()?, &made);
    }
    Ok(())
}

#[cfg(not(unix))]
fn make_private_dir(dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir)
}

#[cfg(unix)]
fn only_owner(found: &std::fs::Metadata) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if found.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(Error::new(ErrorKind::PermissionDenied, "others may read it; run chmod go-rwx on it"))
}

#[cfg(not(unix))]
fn only_owner(_found: &std::fs::Metadata) -> Result<()> {
    Ok(())
}

#[cfg(unix)]
fn never_through_links(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600).custom_flags(libc::O_NOFOLLOW)
}

#[cfg(not(unix))]
fn never_through_links(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Reads a file of at most `max` bytes.
///
/// # Errors
/// Also for a link, for what is not a plain file, for one open to others, and for a longer one.
pub fn read_bounded(path: &Path, max: u64) -> Result<Vec<u8>> {
    let file = never_through_links(OpenOptions::new().read(true)).open(path)?;
    only_owner(&file.metadata()?)?;
    read_plain(file, max)
}

/// The same of a file that its owner may keep as open or as linked as they like: one with settings, which they write by hand.
fn read_open(path: &Path, max: u64) -> Result<Vec<u8>> {
    read_plain(File::open(path)?, max)
}

fn read_plain(file: File, max: u64) -> Result<Vec<u8>> {
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "it is not a plain file"));
    }
    if found.len() > max {
        return Err(Error::new(ErrorKind::FileTooLarge, format!("it has more than {max} bytes")));
    }
    let mut bytes = Vec::new();
    file.take(max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a file that must not be there yet.
///
/// # Errors
/// [`ErrorKind::AlreadyExists`] where it is; nothing is changed then.
pub fn create_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let draft = write_draft(path, bytes, None)?;
    let named = match rename_to_free(&draft, path) {
        Err(error) if is_without(&error) => link_and_remove(&draft, path),
        named => named,
    };
    match named {
        Err(error) if is_without(&error) => {
            let _ = std::fs::remove_file(&draft);
            create_in_place(path, bytes)?;
        }
        Err(error) => {
            // The draft holds what could not be kept; what removing it says adds nothing.
            let _ = std::fs::remove_file(&draft);
            return Err(error);
        }
        Ok(()) => {}
    }
    sync_parent(path)
}

/// Gives the draft its name where nothing stands. It never has two names, so that no crash leaves a second copy of a secret.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_to_free(draft: &Path, path: &Path) -> Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, draft, CWD, path, RenameFlags::NOREPLACE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_to_free(_draft: &Path, _path: &Path) -> Result<()> {
    Err(ErrorKind::Unsupported.into())
}

/// The same where the disk knows no such rename: a link, too, is made only where nothing stands.
fn link_and_remove(draft: &Path, path: &Path) -> Result<()> {
    std::fs::hard_link(draft, path)?;
    std::fs::remove_file(draft)
}

/// Writes a file in place of what is there, and leaves its owner and mode as they were.
///
/// # Errors
/// Whatever the system says; the old file stays whole then.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let earlier = std::fs::symlink_metadata(path).ok().filter(std::fs::Metadata::is_file);
    let draft = write_draft(path, bytes, earlier.as_ref())?;
    if let Err(error) = std::fs::rename(&draft, path) {
        // What removing the draft says adds nothing.
        let _ = std::fs::remove_file(&draft);
        return Err(error);
    }
    sync_parent(path)
}

/// Changes a file that several programs change: what is there is read, changed and written while nobody else does the same. `change`
/// gets the bytes, or `None` without a file, and gives those to write, or `None` to leave it as it is. What would be more than `max`
/// bytes is not written: nobody could read it again.
///
/// # Errors
/// Whatever the system says, also where somebody holds the lock for five seconds; what `change` says. The old file stays whole then.
pub fn update<E: From<Error>>(
    path: &Path,
    max: u64,
    change: impl FnOnce(Option<Vec<u8>>) -> std::result::Result<Option<Vec<u8>>, E>,
) -> std::result::Result<(), E> {
    changed(path, max, read_bounded, change)
}

/// As [`update`], of a file that may be open to others: its mode stays.
///
/// # Errors
/// As there, but for the mode. A link is followed where it is read, and what it leads to is written.
pub fn update_open<E: From<Error>>(
    path: &Path,
    max: u64,
    change: impl FnOnce(Option<Vec<u8>>) -> std::result::Result<Option<Vec<u8>>, E>,
) -> std::result::Result<(), E> {
    let behind_links = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    changed(&behind_links, max, read_open, change)
}

fn changed<E: From<Error>>(
    path: &Path,
    max: u64,
    read: fn(&Path, u64) -> Result<Vec<u8>>,
    change: impl FnOnce(Option<Vec<u8>>) -> std::result::Result<Option<Vec<u8>>, E>,
) -> std::result::Result<(), E> {
    let _held = lock(path)?;
    let found = match read(path, max) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    if let Some(bytes) = change(found)? {
        if u64::try_from(bytes.len()).is_ok_and(|length| length > max) {
            return Err(
                Error::new(ErrorKind::FileTooLarge, format!("it would have more than {max} bytes")).into()
            );
        }
        write_private(path, &bytes)?;
    }
    Ok(())
}

/// Holds the lock beside a file until it is dropped. It is a file of its own, since the file itself is replaced.
fn lock(path: &Path) -> Result<File> {
    let name = path.file_name().ok_or(ErrorKind::InvalidInput)?.to_string_lossy().into_owned();
    let place = path.with_file_name(format!(".{name}.lock"));
    let file = open_lock(&place)?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            // A disk without locks: the change itself is still whole or not there.
            Err(std::fs::TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                return Ok(file);
            }
            Err(std::fs::TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(Error::new(ErrorKind::ResourceBusy, "another program holds its lock"))
}

/// Opens the file of a lock, or makes it. Only one that was made here is given to the owner of the place: what was there already can be
/// another name of a file of somebody else.
fn open_lock(place: &Path) -> Result<File> {
    match never_through_links(OpenOptions::new().write(true).create_new(true)).open(place) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            never_through_links(OpenOptions::new().write(true)).open(place)
        }
        made => {
            let made = made?;
            give_to_owner_of_place(&made, place);
            Ok(made)
        }
    }
}

/// Whether the disk has no such way to give a file its name.
fn is_without(error: &Error) -> bool {
    use ErrorKind::{InvalidInput, PermissionDenied, TooManyLinks, Unsupported};
    matches!(error.kind(), Unsupported | InvalidInput | PermissionDenied | TooManyLinks)
}

/// Writes the file where it is to stand. After a power cut it may be there in part, which its reader finds out.
fn create_in_place(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = never_through_links(OpenOptions::new().write(true).create_new(true)).open(path)?;
    give_to_owner_of_place(&file, path);
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = std::fs::remove_file(path);
    }
    written
}

#[cfg(unix)]
fn give_to_owner_of_place(file: &File, path: &Path) {
    if let Ok(place) = std::fs::metadata(place_of(path)) {
        give_to_owner_of(&place, file);
    }
}

/// Gives what was just made to whoever owns the folder, where that is somebody else: only root can, and only root needs to; and nothing
/// is given to those who share a place with everyone.
#[cfg(unix)]
fn give_to_owner_of(place: &std::fs::Metadata, file: &File) {
    use std::os::unix::fs::MetadataExt as _;
    if rustix::process::geteuid().is_root() && place.uid() != 0 && !is_shared(place) {
        give_to(file, place);
    }
}

/// Whether others may write there: then what stands in it can be anybody's.
#[cfg(unix)]
fn is_shared(place: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    place.mode() & 0o002 != 0
}

#[cfg(unix)]
fn give_to(file: &File, owner: &std::fs::Metadata) {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let is_other = file.metadata().is_ok_and(|own| (own.uid(), own.gid()) != (owner.uid(), owner.gid()));
    if is_other {
        // Who may not give a file away keeps it: it is written, and nobody is locked out by it.
        let _ = fchown(file, Some(owner.uid()), Some(owner.gid()));
    }
}

#[cfg(not(unix))]
fn give_to_owner_of_place(_file: &File, _path: &Path) {}

/// Gives a draft the owner and mode of the file whose place it takes; but nothing that somebody else chose who may write there, too.
#[cfg(unix)]
fn be_like(file: &File, path: &Path, earlier: Option<&std::fs::Metadata>) -> Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let Some(earlier) = earlier else {
        give_to_owner_of_place(file, path);
        return Ok(());
    };
    if !is_shared(&std::fs::metadata(place_of(path))?) {
        give_to(file, earlier);
        file.set_permissions(earlier.permissions())?;
    } else if earlier.uid() == file.metadata()?.uid() {
        file.set_permissions(earlier.permissions())?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn be_like(_file: &File, _path: &Path, _earlier: Option<&std::fs::Metadata>) -> Result<()> {
    Ok(())
}

/// Removes a file or a link, not what it leads to.
///
/// # Errors
/// Whatever the system says.
pub fn remove(path: &Path) -> Result<()> {
    std::fs::remove_file(path)?;
    sync_parent(path)
}

/// A whole, synced file beside the one to make.
fn write_draft(path: &Path, bytes: &[u8], earlier: Option<&std::fs::Metadata>) -> Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(Error::other)?;
    let name = path.file_name().ok_or(ErrorKind::InvalidInput)?.to_string_lossy().into_owned();
    let draft = path.with_file_name(format!(".{name}.{}.draft", hex::encode(random)));
    let mut file = never_through_links(OpenOptions::new().write(true).create_new(true)).open(&draft)?;
    let written =
        file.write_all(bytes).and_then(|()| be_like(&file, path, earlier)).and_then(|()| file.sync_all());
    if let Err(error) = written {
        // The draft holds what could not be kept; what removing it says adds nothing.
        let _ = std::fs::remove_file(&draft);
        return Err(error);
    }
    Ok(draft)
}

/// Makes the file's name itself durable.
fn sync_parent(path: &Path) -> Result<()> {
    File::open(place_of(path))?.sync_all()
}

/// The folder that a file or folder is in.
fn place_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{Permissions, create_dir, metadata, set_permissions, write};
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};

    use super::*;

    #[test]
    fn what_root_makes_belongs_to_the_owner_of_a_place_that_is_theirs_alone() {
        // Nobody else can give anything away.
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let somebody = 54_321;
        let dir = tempfile::tempdir().unwrap();
        for (mode, owner) in [(0o755, somebody), (0o777, 0), (0o1777, 0)] {
            let place = dir.path().join(format!("{mode:o}"));
            create_dir(&place).unwrap();
            write(place.join("planted"), "").unwrap();
            set_permissions(place.join("planted"), Permissions::from_mode(0o666)).unwrap();
            for theirs in [place.clone(), place.join("planted")] {
                chown(theirs, Some(somebody), Some(somebody)).unwrap();
            }
            set_permissions(&place, Permissions::from_mode(mode)).unwrap();
            private_dir(&place.join("deep/folder")).unwrap();
            create_private(&place.join("key"), b"secret").unwrap();
            write_private(&place.join("written"), b"secret").unwrap();
            write_private(&place.join("planted"), b"secret").unwrap();
            update(&place.join("kept"), 64, |_| Ok::<_, Error>(Some(b"secret".to_vec()))).unwrap();
            for made in ["deep", "deep/folder", "key", "written", "planted", "kept", ".kept.lock"] {
                let found = metadata(place.join(made)).unwrap();
                assert_eq!((found.uid(), found.gid()), (owner, owner), "{made} in a place of mode {mode:o}");
                // Whoever owns the place may have opened their own file to others.
                let is_theirs = made == "planted" && owner == somebody;
                assert_eq!(found.mode() & 0o066, if is_theirs { 0o066 } else { 0 }, "{made} in {mode:o}");
            }
        }
    }
}
