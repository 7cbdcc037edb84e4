//! How an agent begins: `sealdesk unlock` runs this program once more, and hands over the keys through a pipe, which no other process
//! can read. The agent says through another one whether it listens.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use rustix::fs::Mode;
use rustix::process::{
    DumpableBehavior, PidfdFlags, Resource, Rlimit, getpid, pidfd_open, set_dumpable_behavior, setrlimit,
    setsid, umask,
};
use sealdesk_client::keyring::{Backend, Keyring, KeyringKey, KeyringKeyId};
use serde::{Deserialize, Serialize};

use super::ask::lock;
use super::error::AgentError;
use super::lifetime::{Lifetime, boot_seconds, session_leader};
use super::place::{Place, make_folder};
use super::server::Server;
use super::vault::{KEYS_MAX, Vault};

/// The word that makes this program an agent. No command has this name.
const WORD: &str = "agent-process";
/// Longest report of an agent, in bytes.
const REPORT_BYTES_MAX: u64 = 4_096;
/// Length of what comes before the keys at most, in bytes: their count, the time, and their names.
const HEAD_BYTES: usize = 12;
const ID_BYTES: usize = 32;

/// What an agent says of itself when it has begun, or could not.
#[derive(Debug, Serialize, Deserialize)]
struct Report {
    memory_is_locked: bool,
    error: Option<String>,
}

/// Refuses where an agent would end with this very command, or at once.
pub(crate) fn check_session() -> Result<(), AgentError> {
    let leader = session_leader()?;
    if leader == getpid() {
        return Err(AgentError::Session);
    }
    pidfd_open(leader, PidfdFlags::empty()).map(drop).map_err(|_| AgentError::NoSession)
}

/// Begins an agent that holds these keys for so many seconds, in place of one that is there. It listens when this returns.
pub(crate) fn begin(
    keyring: &Keyring,
    home: &Path,
    keys: &[KeyringKey],
    seconds: u32,
) -> Result<(), AgentError> {
    if keys.len() > KEYS_MAX {
        return Err(AgentError::TooMany(KEYS_MAX));
    }
    let home = home.canonicalize().map_err(|error| AgentError::at(home, error))?;
    let folder = make_folder(&home)?;
    // What cannot be ended keeps its place, and the new agent says that it cannot have it.
    let _ = lock(keyring, &home);
    let until = boot_seconds().saturating_add(seconds.into());
    let failed = |error: io::Error| AgentError::Begin(error.to_string());
    let program = std::env::current_exe().map_err(failed)?;
    let mut agent = Command::new(program);
    agent.arg0("sealdesk").arg(WORD).arg(folder).arg(home);
    // Nothing of a terminal, an environment or a folder is held on to.
    agent.env_clear().current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut agent = agent.spawn().map_err(failed)?;
    if let Some(mut pipe) = agent.stdin.take() {
        // An agent that ended early has said why.
        let _ = hand_over(&mut pipe, keys, until);
    }
    let report = agent.stdout.take().map(read_report).transpose().map_err(failed)?;
    match report.flatten() {
        Some(Report { error: None, .. }) => Ok(()),
        Some(Report { error: Some(error), .. }) => Err(AgentError::Begin(error)),
        None => Err(AgentError::Begin("it ended at once".to_owned())),
    }
}

/// Reads one line of a pipe that stays open behind it.
fn read_report(pipe: impl Read) -> io::Result<Option<Report>> {
    let mut line = Vec::new();
    BufReader::new(pipe.take(REPORT_BYTES_MAX)).read_until(b'\n', &mut line)?;
    Ok(serde_json::from_slice(&line).ok())
}

/// Count and time, then the names, then the keys.
fn hand_over(pipe: &mut impl Write, keys: &[KeyringKey], until: u64) -> io::Result<()> {
    let count = u32::try_from(keys.len()).map_err(io::Error::other)?;
    pipe.write_all(&count.to_be_bytes())?;
    pipe.write_all(&until.to_be_bytes())?;
    for key in keys {
        pipe.write_all(&key.id().0)?;
    }
    for key in keys {
        pipe.write_all(key.reveal())?;
    }
    Ok(())
}

/// What `hand_over` wrote: the time, and the keys in their page.
fn take(pipe: &mut impl Read) -> io::Result<(u64, Vault)> {
    let mut head = [0; HEAD_BYTES];
    pipe.read_exact(&mut head)?;
    let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    let (count, until) = (number(&head[..4]), number(&head[4..]));
    let count = usize::try_from(count).ok().filter(|count| (1..=KEYS_MAX).contains(count));
    let count = count.ok_or(io::ErrorKind::InvalidData)?;
    let mut ids = vec![KeyringKeyId([0; ID_BYTES]); count];
    for id in &mut ids {
        pipe.read_exact(&mut id.0)?;
    }
    let mut vault = Vault::new()?;
    vault.fill(ids, pipe)?;
    Ok((until, vault))
}

/// Is the agent where this program was begun as one; `None` for every command.
pub(crate) fn asked() -> Option<ExitCode> {
    let words: Vec<OsString> = std::env::args_os().collect();
    if words.get(1).map(OsString::as_os_str) != Some(OsStr::new(WORD)) {
        return None;
    }
    let [_, _, folder, home] = words.as_slice() else { return Some(ExitCode::from(2)) };
    let server = prepare(&PathBuf::from(folder), &PathBuf::from(home));
    let report = match &server {
        Ok(server) => Report { memory_is_locked: server.memory_is_locked(), error: None },
        Err(error) => Report { memory_is_locked: false, error: Some(error.to_string()) },
    };
    let line = serde_json::to_string(&report).unwrap_or_default();
    let told = io::stdout().write_all(format!("{line}\n").as_bytes()).and_then(|()| io::stdout().flush());
    match (server, told) {
        (Ok(server), Ok(())) => {
            server.serve();
            Some(ExitCode::SUCCESS)
        }
        // Nobody is there who would know that it holds anything.
        _ => Some(ExitCode::FAILURE),
    }
}

/// Everything up to the first answer.
fn prepare(folder: &Path, home: &Path) -> Result<Server, AgentError> {
    harden().map_err(|error| AgentError::Begin(error.to_string()))?;
    // Not through a buffer: what stands in one is not wiped.
    let mut pipe = std::fs::File::from(
        std::os::fd::AsFd::as_fd(&io::stdin())
            .try_clone_to_owned()
            .map_err(|error| AgentError::Begin(error.to_string()))?,
    );
    let (until, vault) =
        take(&mut pipe).map_err(|_| AgentError::Begin("only `sealdesk unlock` starts it".to_owned()))?;
    let keyring = Keyring::open(home, Backend::File)?;
    let lifetime = Lifetime::new(keyring, until)?;
    // It is of no terminal from here on: a key that is typed there makes it no signal.
    setsid().map_err(|error| AgentError::Begin(error.to_string()))?;
    let place = Place::open(folder, &home.join("keyring-file"))?
        .ok_or_else(|| AgentError::Folder(folder.to_owned()))?;
    Server::new(lifetime, vault, place)
}

/// No core dump of this process, no other process of the user that looks into it, and no file of it for others.
fn harden() -> rustix::io::Result<()> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    umask(Mode::RWXG | Mode::RWXO | Mode::XUSR);
    Ok(())
}
