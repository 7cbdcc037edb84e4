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
    use std::os::unix::fs::DirBuilderExt as _;
    if let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty() && !parent.exists()) {
        make_private_dir(parent)?;
    }
    match std::fs::DirBuilder::new().mode(0o700).create(dir) {
        // Another command was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && dir.is_dir() => return Ok(()),
        made => made?,
    }
    give_to_owner_of_place(&File::open(dir)?, dir);
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
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "it is not a plain file"));
    }
    only_owner(&found)?;
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
    // A link is made only where nothing stands, which a rename does not promise.
    let linked = std::fs::hard_link(&draft, path);
    let removed = std::fs::remove_file(&draft);
    match linked {
        Err(error) if is_without_links(&error) => create_in_place(path, bytes)?,
        linked => linked?,
    }
    removed?;
    sync_parent(path)
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
    let _held = lock(path)?;
    let found = match read_bounded(path, max) {
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
    let mut options = OpenOptions::new();
    let file = never_through_links(options.write(true).create(true).truncate(false)).open(&place)?;
    give_to_owner_of_place(&file, &place);
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

/// Whether the disk makes no links.
fn is_without_links(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied | ErrorKind::TooManyLinks)
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

/// Gives what was just made to whoever owns the folder, where that is somebody else: only root can, and only root needs to.
#[cfg(unix)]
fn give_to_owner_of_place(file: &File, path: &Path) {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(owner) = std::fs::metadata(parent) {
        give_to(file, &owner);
    }
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

/// Gives a draft the owner and mode of the file whose place it takes.
#[cfg(unix)]
fn be_like(file: &File, path: &Path, earlier: Option<&std::fs::Metadata>) -> Result<()> {
    match earlier {
        None => give_to_owner_of_place(file, path),
        Some(earlier) => {
            give_to(file, earlier);
            file.set_permissions(earlier.permissions())?;
        }
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
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => File::open(parent)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}
