//! What a command says to the agent of a home. Nothing is said before the system has told who listens.

use std::io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout, socket_peercred};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
use rustix::process::geteuid;
use sealdesk_client::keyring::{KEYRING_KEY_BYTES, Keyring, KeyringKeyId};
use zeroize::Zeroizing;

use super::error::AgentError;
use super::place::{Place, folders};
use super::wire::{ANSWER_BYTES, Act, Answer, Folder, Request, Verdict};

/// How long an agent has for each step of its answer. It needs microseconds, unless it was stopped.
const WAIT: Duration = Duration::from_secs(3);

/// For how long an agent holds keys, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct State {
    pub(crate) seconds_left: u32,
    /// Whether the system keeps them out of its swap.
    pub(crate) memory_is_locked: bool,
    /// The agent's process.
    pub(crate) process: i32,
}

impl State {
    /// The second of the calendar at which it is over.
    pub(crate) fn until(self) -> i64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        i64::try_from(now).unwrap_or(i64::MAX).saturating_add(self.seconds_left.into())
    }
}

/// The keyring key of a name, where an agent of this home holds it.
pub(crate) fn key(
    keyring: &Keyring,
    home: &Path,
    id: KeyringKeyId,
) -> Result<Option<Zeroizing<[u8; KEYRING_KEY_BYTES]>>, AgentError> {
    let request = Request { act: Act::Key, keyring: folder_of(keyring)?, id };
    each(keyring, home, |place| {
        let Some((mut agent, _, answer)) = say(place, request)? else { return Ok(None) };
        if answer.verdict == Verdict::NoSuchKey {
            return Ok(None);
        }
        let mut key = Zeroizing::new([0; KEYRING_KEY_BYTES]);
        agent.read_exact(key.as_mut_slice()).map_err(|_| AgentError::Silent)?;
        Ok(Some(key))
    })
}

/// What the agent of this home holds, where there is one.
pub(crate) fn state(keyring: &Keyring, home: &Path) -> Result<Option<State>, AgentError> {
    act(Act::State, keyring, home)
}

/// Ends the agent of this home, and waits until it has ended. Says what it held. One can be at each place.
pub(crate) fn lock(keyring: &Keyring, home: &Path) -> Result<Option<State>, AgentError> {
    let mut first = None;
    for _ in folders(home) {
        let Some(ended) = act(Act::Lock, keyring, home)? else { break };
        first = first.or(Some(ended));
    }
    Ok(first)
}

fn act(act: Act, keyring: &Keyring, home: &Path) -> Result<Option<State>, AgentError> {
    let request = Request { act, keyring: folder_of(keyring)?, id: KeyringKeyId([0; 32]) };
    each(keyring, home, |place| {
        let said = say(place, request)?;
        if act == Act::Lock {
            // Whoever has the place has ended when it can be held, also where they ended before they could answer.
            drop(place.hold()?);
        }
        let Some((_, process, answer)) = said else { return Ok(None) };
        let Answer { seconds_left, memory_is_locked, .. } = answer;
        Ok(Some(State { seconds_left, memory_is_locked, process }))
    })
}

/// Which folder a keyring is.
pub(super) fn folder_of(keyring: &Keyring) -> Result<Folder, AgentError> {
    let found = rustix::fs::stat(keyring.dir()).map_err(|error| AgentError::at(keyring.dir(), error))?;
    Ok(Folder { device: found.st_dev, inode: found.st_ino })
}

/// Asks at each place where an agent of a home can be, until one answers.
fn each<T>(
    keyring: &Keyring,
    home: &Path,
    ask: impl Fn(&Place) -> Result<Option<T>, AgentError>,
) -> Result<Option<T>, AgentError> {
    let mut wrong = None;
    for folder in folders(home) {
        match Place::open(&folder, keyring.dir()).and_then(|place| place.as_ref().map_or(Ok(None), &ask)) {
            Ok(None) => {}
            Ok(answered) => return Ok(answered),
            Err(error) => wrong = wrong.or(Some(error)),
        }
    }
    wrong.map_or(Ok(None), Err)
}

/// Sends a request and reads the answer's head; `None` where nobody listens.
fn say(place: &Place, request: Request) -> Result<Option<(UnixStream, i32, Answer)>, AgentError> {
    let Some(mut agent) = reach(place)? else { return Ok(None) };
    let peer = socket_peercred(&agent).map_err(|error| AgentError::at(place.path(), error))?;
    if peer.uid != geteuid() {
        return Err(AgentError::Stranger { folder: place.path().to_owned(), uid: peer.uid.as_raw() });
    }
    let mut bytes = [0; ANSWER_BYTES];
    let answered = agent.write_all(&request.encode()).and_then(|()| agent.read_exact(&mut bytes));
    match answered {
        // It ended meanwhile, as it does at its time.
        Err(error) if matches!(error.kind(), UnexpectedEof | BrokenPipe | ConnectionReset) => {
            return Ok(None);
        }
        answered => answered.map_err(|_| AgentError::Silent)?,
    }
    let answer = Answer::decode(&bytes).ok_or(AgentError::Form)?;
    match answer.verdict {
        Verdict::Done | Verdict::NoSuchKey => Ok(Some((agent, peer.pid.as_raw_pid(), answer))),
        Verdict::OtherKeyring => Err(AgentError::Elsewhere),
        Verdict::OtherVersion => Err(AgentError::Version),
        Verdict::NotUnderstood => Err(AgentError::Form),
    }
}

/// A connection whose every step is bounded, also to an agent that was stopped; `None` where nobody listens.
fn reach(place: &Place) -> Result<Option<UnixStream>, AgentError> {
    let failed = |error: Errno| AgentError::at(place.path(), error);
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None);
    let socket = socket.map_err(failed)?;
    for step in [Timeout::Send, Timeout::Recv] {
        set_socket_timeout(&socket, step, Some(WAIT)).map_err(failed)?;
    }
    let address = SocketAddrUnix::new(place.socket()).map_err(failed)?;
    match connect(&socket, &address) {
        Ok(()) => Ok(Some(UnixStream::from(socket))),
        // What an agent that was killed has left, or a copy of it, which leads nowhere.
        Err(Errno::NOENT | Errno::CONNREFUSED) => Ok(None),
        Err(Errno::AGAIN | Errno::TIMEDOUT) => Err(AgentError::Silent),
        Err(error) => Err(failed(error)),
    }
}
