//! Files that could not be read or written: the hint is chosen by what the system said and by whose the file is.

use std::io::{Error, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use sealdesk_client::overview::SubjectsError;

use super::{Failure, Hint};

/// Permissions of everybody but the owner.
const OTHERS: u32 = 0o077;

/// Says which file of a person's it was that could not be read or written.
pub(crate) fn at(path: &Path, error: &Error) -> Failure {
    said(path, error, hint(error).or_else(|| is_denied(error).then(|| listing(path).into())))
}

/// Says which file of this home it was that could not be read or written, and what mends it.
pub(crate) fn at_home(path: &Path, error: &Error) -> Failure {
    said(path, error, hint_at_home(path, error))
}

impl From<SubjectsError> for Failure {
    fn from(error: SubjectsError) -> Self {
        match error {
            SubjectsError::File { path, source } => at_home(&path, &source),
            SubjectsError::Seal => Self::new(error.to_string()),
        }
    }
}

fn said(path: &Path, error: &Error, hint: Option<Hint>) -> Failure {
    let message = format!("{}: {error}", path.display());
    match hint {
        Some(hint) => Failure::hinted(message, hint),
        None => Failure::new(message),
    }
}

/// What mends a file of this home; a command in it can be typed as it stands.
pub(super) fn hint_at_home(path: &Path, error: &Error) -> Option<Hint> {
    if is_denied(error) { Some(denied(path).into()) } else { hint(error) }
}

fn is_denied(error: &Error) -> bool {
    error.kind() == ErrorKind::PermissionDenied
}

/// What mends it, whosever file it is.
fn hint(error: &Error) -> Option<Hint> {
    let hint = match error.kind() {
        ErrorKind::NotFound => "check the path; it begins in the folder that you are in, or with /",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            return Some(Hint::then_again("the disk is full: make room on it"));
        }
        ErrorKind::ReadOnlyFilesystem => {
            "that disk can only be read: name a home on another one with --home DIR, or make it writable"
        }
        ErrorKind::ResourceBusy => {
            return Some(Hint::then_again("something else uses it: wait a moment"));
        }
        ErrorKind::NotADirectory => {
            "a folder has to be there: move away what is in its place, or name another home with --home DIR"
        }
        _ => return None,
    };
    Some(hint.into())
}

/// What opens a file of this home: it, or the folder that it stands in, belongs to somebody else, is closed to its owner, or is open to
/// others. Nothing outside is ever proposed to be changed.
fn denied(path: &Path) -> String {
    let own = rustix::process::geteuid().as_raw();
    // The folder is judged first: what is below a closed one cannot be looked at.
    for (place, needed) in [(path.parent().unwrap_or(path), 0o700), (path, 0o600)] {
        let Ok(found) = std::fs::symlink_metadata(place) else { continue };
        let needed = if found.is_dir() { 0o700 } else { needed };
        let shown = quoted(place);
        if found.uid() != own {
            let (uid, gid) = (own, rustix::process::getegid().as_raw());
            return format!(
                "it belongs to another user: run the command as them, with sudo -u '#{}' before it; or make it yours with `sudo chown -R {uid}:{gid} {shown}`",
                found.uid()
            );
        }
        if found.mode() & needed != needed {
            return format!("`chmod u+rwX {shown}` opens it to you");
        }
        if place == path && found.mode() & OTHERS != 0 {
            return format!("`chmod go-rwx {shown}` closes it to others");
        }
    }
    listing(path)
}

fn listing(path: &Path) -> String {
    format!("`ls -ld {}` shows who may use it; another user may own it, or a folder above it", quoted(path))
}

/// A path as a shell takes it.
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | ',' | '@');
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
