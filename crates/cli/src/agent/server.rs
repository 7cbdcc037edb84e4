//! The agent's loop: it waits, looks whether it is over, and answers, all in one thread.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::sockopt::socket_peercred;
use rustix::process::geteuid;

use super::error::AgentError;
use super::lifetime::Lifetime;
use super::place::Place;
use super::vault::Vault;
use super::wire::{Act, Answer, REQUEST_BYTES, Request, Verdict};

/// How often an agent looks at its keyring and its place, which wake nobody.
const LOOK: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };
/// Most commands that are heard at once. Past it the one that has said nothing longest is dropped.
const PEERS_MAX: usize = 16;
/// How long a command has to say what it wants.
const PEER_WAIT: Duration = Duration::from_secs(2);
/// How long to wait where the system has no room for another connection.
const PAUSE: Duration = Duration::from_millis(50);

/// A command that was let in, and what it has said so far.
struct Peer {
    stream: UnixStream,
    said: [u8; REQUEST_BYTES],
    length: usize,
    since: Instant,
}

/// How far a request has come.
enum Heard {
    Part,
    Whole([u8; REQUEST_BYTES]),
    /// Nobody waits for an answer.
    Nothing,
}

impl Peer {
    fn hear(&mut self) -> Heard {
        match self.stream.read(&mut self.said[self.length..]) {
            Ok(0) => return Heard::Nothing,
            Ok(read) => self.length = self.length.saturating_add(read),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(_) => return Heard::Nothing,
        }
        match self.length {
            REQUEST_BYTES => Heard::Whole(self.said),
            _ if self.since.elapsed() < PEER_WAIT => Heard::Part,
            _ => Heard::Nothing,
        }
    }
}

/// An agent that listens.
pub(super) struct Server {
    lifetime: Lifetime,
    vault: Vault,
    place: Place,
    listener: UnixListener,
    /// The socket's file: where another one stands in its place, nobody can reach this agent any more.
    inode: Option<u64>,
    peers: Vec<Peer>,
    /// Held for as long as the agent lives.
    _held: File,
}

impl Server {
    /// Takes the place over and listens.
    pub(super) fn new(lifetime: Lifetime, vault: Vault, place: Place) -> Result<Self, AgentError> {
        let held = place.hold()?;
        let listener = place.listen()?;
        let inode = place.inode();
        Ok(Self { lifetime, vault, place, listener, inode, peers: Vec::new(), _held: held })
    }

    /// Whether the system keeps the keys out of its swap.
    pub(super) fn memory_is_locked(&self) -> bool {
        self.vault.is_locked()
    }

    /// Answers until it is over. The keys are wiped when this returns.
    pub(super) fn serve(mut self) {
        while !self.is_over() {
            self.wait();
            self.accept();
            if self.answer_all() == Some(Act::Lock) {
                break;
            }
        }
        if self.place.inode() == self.inode {
            self.place.clear();
        }
    }

    fn is_over(&mut self) -> bool {
        self.inode.is_none() || self.place.inode() != self.inode || self.lifetime.is_over(&mut self.vault)
    }

    fn wait(&self) {
        let listener = PollFd::new(&self.listener, PollFlags::IN);
        let peers = self.peers.iter().map(|peer| PollFd::new(&peer.stream, PollFlags::IN));
        let mut wakes: Vec<PollFd<'_>> =
            self.lifetime.wakes().into_iter().chain([listener]).chain(peers).collect();
        // A signal wakes it as well; what has happened is looked at in any case.
        let _ = poll(&mut wakes, Some(&LOOK));
    }

    /// Lets in whoever came, if they are this user.
    fn accept(&mut self) {
        loop {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => return std::thread::sleep(PAUSE),
            };
            let is_own = socket_peercred(&stream).is_ok_and(|peer| peer.uid == geteuid());
            if !is_own || stream.set_nonblocking(true).is_err() {
                continue;
            }
            if self.peers.len() == PEERS_MAX {
                self.peers.remove(0);
            }
            self.peers.push(Peer { stream, said: [0; REQUEST_BYTES], length: 0, since: Instant::now() });
        }
    }

    /// Answers whoever has said what they want, and says what the last of them was given.
    fn answer_all(&mut self) -> Option<Act> {
        let mut done = None;
        for mut peer in std::mem::take(&mut self.peers) {
            match peer.hear() {
                Heard::Part => self.peers.push(peer),
                Heard::Nothing => {}
                Heard::Whole(said) => {
                    // It may have waited longer than there was time: a computer that slept, an agent that was stopped.
                    if self.is_over() {
                        return Some(Act::Lock);
                    }
                    done = self.answer(peer.stream, &said);
                    if done == Some(Act::Lock) {
                        return done;
                    }
                }
            }
        }
        done
    }

    fn answer(&self, mut stream: UnixStream, said: &[u8; REQUEST_BYTES]) -> Option<Act> {
        let (verdict, act, key) = match Request::decode(said) {
            Err(verdict) => (verdict, None, None),
            Ok(request) if request.keyring != self.lifetime.folder() => (Verdict::OtherKeyring, None, None),
            Ok(Request { act: Act::Key, id, .. }) => match self.vault.key(id) {
                Some(key) => (Verdict::Done, Some(Act::Key), Some(key)),
                None => (Verdict::NoSuchKey, None, None),
            },
            Ok(Request { act, .. }) => (Verdict::Done, Some(act), None),
        };
        let answer = Answer {
            verdict,
            seconds_left: self.lifetime.seconds_left(),
            memory_is_locked: self.vault.is_locked(),
        };
        // Both fit into what the system takes at once; who does not read them has nothing.
        let sent =
            stream.write_all(&answer.encode()).and_then(|()| stream.write_all(key.unwrap_or_default()));
        sent.ok().and(act)
    }
}
