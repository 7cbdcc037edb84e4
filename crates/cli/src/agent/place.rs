//! Where an agent's socket is: in a folder of one user alone, which is held open, so that nobody can put another in its place meanwhile.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, fstat, openat, statat, unlinkat};
use rustix::io::Errno;
use rustix::process::geteuid;
use sealdesk_client::durable;
use sha2::{Digest as _, Sha256};

use super::error::AgentError;
use crate::variables;

/// How long an agent that was told to end is waited for, and how long apart it is looked for.
const END_WAIT: Duration = Duration::from_secs(5);
const END_PAUSE: Duration = Duration::from_millis(20);

/// The folder of agents below a runtime folder, and below a home.
const IN_RUNTIME: &str = "sealdesk";
const IN_HOME: &str = "agent";

/// A folder that agents listen in, and the name of one keyring's socket there.
pub(super) struct Place {
    folder: OwnedFd,
    path: PathBuf,
    name: String,
}

/// Where a new agent of a home can listen: in the folder that the system clears when the user's last session ends, else in the home.
fn new_folders(home: &Path, runtime: Option<PathBuf>) -> Vec<PathBuf> {
    let runtime = runtime.filter(|path| path.is_absolute()).map(|path| path.join(IN_RUNTIME));
    runtime.into_iter().chain([home.join(IN_HOME)]).collect()
}

/// Where an agent of a home can be: also where systems have a user's folder that this command was not told of, as in another session, under `cron`
/// or `su`.
pub(super) fn folders(home: &Path) -> Vec<PathBuf> {
    folders_of(home, runtime(), geteuid().as_raw())
}

fn folders_of(home: &Path, runtime: Option<PathBuf>, user: u32) -> Vec<PathBuf> {
    let mut folders = new_folders(home, runtime);
    let usual = Path::new("/run/user").join(user.to_string()).join(IN_RUNTIME);
    if !folders.contains(&usual) {
        folders.push(usual);
    }
    folders
}

fn runtime() -> Option<PathBuf> {
    variables::get("XDG_RUNTIME_DIR").map(PathBuf::from)
}

/// The folder for a new agent, made where it is not there.
pub(super) fn make_folder(home: &Path) -> Result<PathBuf, AgentError> {
    let is_own = |path: &Path| {
        let found = std::fs::metadata(path);
        found.is_ok_and(|found| found.uid() == geteuid().as_raw() && found.mode() & 0o077 == 0)
    };
    let mut folders = new_folders(home, runtime()).into_iter();
    // A runtime folder that is not there, or not this user's alone (as under sudo), is passed over.
    let chosen = folders.find(|path| path.parent().is_some_and(|above| above == home || is_own(above)));
    let chosen = chosen.unwrap_or_else(|| home.join(IN_HOME));
    durable::private_dir(&chosen).map_err(|error| AgentError::at(&chosen, error))?;
    Ok(chosen)
}

/// The name of a keyring's agent.
fn name(keyring: &Path) -> Result<String, AgentError> {
    let whole = keyring.canonicalize().map_err(|error| AgentError::at(keyring, error))?;
    let digest = Sha256::digest(whole.as_os_str().as_bytes());
    Ok(hex::encode(&digest[..8]))
}

impl Place {
    /// The place of a keyring's agent in a folder; `None` where the folder is not there.
    pub(super) fn open(folder: &Path, keyring: &Path) -> Result<Option<Self>, AgentError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = match openat(CWD, folder, flags, Mode::empty()) {
            Ok(opened) => opened,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP | Errno::NOTDIR) => return Err(AgentError::Folder(folder.to_owned())),
            Err(error) => return Err(AgentError::at(folder, error)),
        };
        let found = fstat(&opened).map_err(|error| AgentError::at(folder, error))?;
        if found.st_uid != geteuid().as_raw() || found.st_mode & 0o077 != 0 {
            return Err(AgentError::Folder(folder.to_owned()));
        }
        Ok(Some(Self { folder: opened, path: folder.to_owned(), name: name(keyring)? }))
    }

    /// The folder, as people write it.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn socket_name(&self) -> String {
        format!("{}.sock", self.name)
    }

    /// What leads to the socket through the folder that is held open. It is short, whatever the folder's path is: a socket's path has
    /// at most 107 bytes.
    pub(super) fn socket(&self) -> String {
        format!("/proc/self/fd/{}/{}", self.folder.as_raw_fd(), self.socket_name())
    }

    /// Listens. What an agent that was killed has left is removed; whoever calls holds the place.
    pub(super) fn listen(&self) -> Result<UnixListener, AgentError> {
        self.clear();
        let listener = UnixListener::bind(self.socket()).and_then(|listener| {
            listener.set_nonblocking(true)?;
            Ok(listener)
        });
        listener.map_err(|error| AgentError::at(&self.path.join(self.socket_name()), error))
    }

    /// The number of the socket's file; `None` where it is not there any more.
    pub(super) fn inode(&self) -> Option<u64> {
        Some(statat(&self.folder, self.socket_name(), AtFlags::SYMLINK_NOFOLLOW).ok()?.st_ino)
    }

    /// Removes the socket.
    pub(super) fn clear(&self) {
        // What is not there needs no removing; what cannot be removed is found out by whoever listens.
        let _ = unlinkat(&self.folder, self.socket_name(), AtFlags::empty());
    }

    /// Holds the place until what is returned is dropped or the process ends, however it ends. Waits for whoever holds it to end.
    pub(super) fn hold(&self) -> Result<File, AgentError> {
        let name = format!("{}.lock", self.name);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = openat(&self.folder, &name, flags, Mode::RUSR | Mode::WUSR);
        let failed = |error| AgentError::at(&self.path.join(&name), error);
        let file = File::from(opened.map_err(|error| failed(error.into()))?);
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if begun.elapsed() < END_WAIT => {
                    std::thread::sleep(END_PAUSE);
                }
                Err(TryLockError::WouldBlock) => return Err(AgentError::Silent),
                // A disk without locks has none to wait for.
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => return Ok(file),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_looked_for_where_another_session_would_have_put_it() {
        let home = Path::new("/home/alice/.sealdesk");
        let usual = Path::new("/run/user/1000/sealdesk").to_owned();
        let in_home = home.join("agent");
        let of = |runtime: Option<&str>| folders_of(home, runtime.map(PathBuf::from), 1_000);
        assert_eq!(of(None), [in_home.clone(), usual.clone()]);
        assert_eq!(of(Some("/run/user/1000")), [usual.clone(), in_home.clone()]);
        assert_eq!(
            of(Some("/tmp/mine")),
            [Path::new("/tmp/mine/sealdesk").to_owned(), in_home.clone(), usual.clone()]
        );
        assert_eq!(of(Some("relative")), [in_home.clone(), usual]);
        // A new one is put where this session says, or else into the home.
        assert_eq!(new_folders(home, None), [in_home]);
    }
}
