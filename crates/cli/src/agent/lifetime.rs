//! What an agent's life hangs on: its time, its session, its keyring, and its socket's place.

use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::Stat;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, clock_gettime, timerfd_create,
    timerfd_settime,
};
use sealdesk_client::keyring::{Keyring, KeyringKeyId};
use signal_hook::consts::signal::{SIGHUP, SIGINT, SIGTERM};

use super::ask::folder_of;
use super::error::AgentError;
use super::vault::Vault;
use super::wire::Folder;

/// Where the system tells of this process.
const OWN_STAT: &str = "/proc/self/stat";

/// The seconds since the computer was started, by the clock that runs on while it sleeps.
pub(super) fn boot_seconds() -> u64 {
    u64::try_from(clock_gettime(ClockId::Boottime).tv_sec).unwrap_or(u64::MAX)
}

/// The process whose end is the end of this session: the shell of a terminal, for example.
///
/// # Errors
/// [`AgentError::NoSession`] where it is not of this container.
pub(super) fn session_leader() -> Result<Pid, AgentError> {
    // Not by `getsid` of rustix: it takes the answer for a number that is never zero.
    let told =
        std::fs::read_to_string(OWN_STAT).map_err(|error| AgentError::at(Path::new(OWN_STAT), error))?;
    leader_of(&told).ok_or(AgentError::NoSession)
}

/// The session of a process, by what the system tells of it (proc(5)): behind the name, which may hold anything, come state, parent, group
/// and session.
fn leader_of(stat: &str) -> Option<Pid> {
    let (_, behind) = stat.rsplit_once(')')?;
    Pid::from_raw(behind.split_whitespace().nth(3)?.parse().ok()?)
}

/// What an agent's life hangs on.
pub(super) struct Lifetime {
    keyring: Keyring,
    folder: Folder,
    /// When the keyring's folder was changed last, as the agent has seen it.
    seen: Option<[i64; 4]>,
    /// By [`boot_seconds`].
    until: u64,
    timer: OwnedFd,
    session: OwnedFd,
    is_told: Arc<AtomicBool>,
}

impl Lifetime {
    /// Binds the process to the end of its session, to a second of [`boot_seconds`], and to a keyring as it is now.
    pub(super) fn new(keyring: Keyring, until: u64) -> Result<Self, AgentError> {
        let begin = |error: Errno| AgentError::Begin(error.to_string());
        let session =
            pidfd_open(session_leader()?, PidfdFlags::empty()).map_err(|_| AgentError::NoSession)?;
        let timer = timerfd_create(TimerfdClockId::Boottime, TimerfdFlags::CLOEXEC).map_err(begin)?;
        let at = Timespec { tv_sec: i64::try_from(until).unwrap_or(i64::MAX), tv_nsec: 0 };
        let once = Itimerspec { it_interval: Timespec::default(), it_value: at };
        timerfd_settime(&timer, TimerfdTimerFlags::ABSTIME, &once).map_err(begin)?;
        let is_told = Arc::new(AtomicBool::new(false));
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            let registered = signal_hook::flag::register(signal, Arc::clone(&is_told));
            registered.map_err(|error| AgentError::Begin(error.to_string()))?;
        }
        let folder = folder_of(&keyring)?;
        Ok(Self { keyring, folder, seen: None, until, timer, session, is_told })
    }

    /// Which folder its keyring is.
    pub(super) fn folder(&self) -> Folder {
        self.folder
    }

    /// What wakes whoever waits, since it can end the agent.
    pub(super) fn wakes(&self) -> [PollFd<'_>; 2] {
        [&self.timer, &self.session].map(|fd| PollFd::new(fd, PollFlags::IN))
    }

    /// How many seconds are left.
    pub(super) fn seconds_left(&self) -> u32 {
        u32::try_from(self.until.saturating_sub(boot_seconds())).unwrap_or(u32::MAX)
    }

    /// Whether it is over. Keyring keys that open nothing any more are forgotten; it is over with the last.
    pub(super) fn is_over(&mut self, vault: &mut Vault) -> bool {
        self.is_told.load(Ordering::SeqCst)
            || self.seconds_left() == 0
            || self.has_session_ended()
            || !self.has_keyring(vault)
    }

    fn has_session_ended(&self) -> bool {
        let mut session = [PollFd::new(&self.session, PollFlags::IN)];
        let found = poll(&mut session, Some(&Timespec::default()));
        found.is_ok_and(|ready| ready > 0)
    }

    fn has_keyring(&mut self, vault: &mut Vault) -> bool {
        let Ok(found) = rustix::fs::stat(self.keyring.dir()) else { return false };
        if (Folder { device: found.st_dev, inode: found.st_ino }) != self.folder {
            return false;
        }
        let changed = changed(&found);
        if self.seen != changed {
            vault.keep(&wanted(&self.keyring));
            self.seen = changed;
        }
        vault.len() > 0
    }
}

/// When a folder was changed; files in it are only ever replaced, which changes it.
fn changed(found: &Stat) -> Option<[i64; 4]> {
    let nanoseconds = |number: u64| i64::try_from(number).ok();
    Some([
        found.st_mtime,
        nanoseconds(found.st_mtime_nsec)?,
        found.st_ctime,
        nanoseconds(found.st_ctime_nsec)?,
    ])
}

/// The keyring keys that open something of a keyring.
fn wanted(keyring: &Keyring) -> BTreeSet<KeyringKeyId> {
    let listed = keyring.list().unwrap_or_default().into_iter();
    listed.filter_map(|listed| keyring.key_id(listed.name.as_str()).ok().flatten()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_without_a_leader_here_is_none() {
        assert_eq!(leader_of("31256 (cat) R 31252 31251 30408 0 -1"), Pid::from_raw(30_408));
        assert_eq!(leader_of("7 (a) b (c) S 1 7 99 0 -1"), Pid::from_raw(99));
        for none in ["1 (init) S 0 0 0 0 -1", "", "1 (init", "1 (init) S 0 0", "1 (init) S 0 0 x"] {
            assert_eq!(leader_of(none), None, "{none}");
        }
    }
}
