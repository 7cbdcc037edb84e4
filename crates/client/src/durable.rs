//! Files of one owner alone: mode 0600, never through a link, whole or not at all, on disk before a call returns.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Read as _, Result, Write as _};
use std::path::{Path, PathBuf};

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
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
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
    let draft = write_draft(path, bytes)?;
    // A link is made only where nothing stands, which a rename does not promise.
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    linked?;
    sync_parent(path)
}

/// Writes a file in place of what is there.
///
/// # Errors
/// Whatever the system says; the old file stays whole then.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let draft = write_draft(path, bytes)?;
    std::fs::rename(&draft, path)?;
    sync_parent(path)
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
fn write_draft(path: &Path, bytes: &[u8]) -> Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(Error::other)?;
    let name = path.file_name().ok_or(ErrorKind::InvalidInput)?.to_string_lossy().into_owned();
    let draft = path.with_file_name(format!(".{name}.{}.draft", hex::encode(random)));
    let mut file = never_through_links(OpenOptions::new().write(true).create_new(true)).open(&draft)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
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
