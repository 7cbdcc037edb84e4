//! The agent of `sealdesk unlock`, as people, other processes, other users and a computer that sleeps meet it.

mod life;
mod memory;
mod peers;

use std::cell::RefCell;
use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sealdesk_client::keyring::{Backend, Keyring};
use serde_json::Value;

use crate::desk::{isolated, program};

/// What is looked for wherever it must not be.
const PASSPHRASE: &str = "correct horse canary staple";

/// The acts and verdicts of the agent's protocol, by their bytes.
const KEY: u8 = 0;
const STATE: u8 = 1;
const DONE: u8 = 0;
const NO_SUCH_KEY: u8 = 1;
const OTHER_KEYRING: u8 = 2;
const OTHER_VERSION: u8 = 3;
const NOT_UNDERSTOOD: u8 = 4;

/// Length of an answer without a key, in bytes.
const HEAD_BYTES: usize = 10;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A folder with a home whose keys alice and bob are under one passphrase. Its agents end with it.
struct Home {
    place: tempfile::TempDir,
    agents: RefCell<Vec<u32>>,
}

impl Home {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("passphrase"), format!("{PASSPHRASE}\n")).unwrap();
        let home = Self { place, agents: RefCell::default() };
        for name in ["alice", "bob"] {
            let added = home.knowing(&["keys", "add", name]);
            assert!(added.status.success(), "{}", text(&added.stderr));
        }
        home
    }

    fn path(&self) -> &Path {
        self.place.path()
    }

    fn folder(&self) -> PathBuf {
        self.path().join(".sealdesk")
    }

    fn keyring(&self) -> Keyring {
        Keyring::open(&self.folder(), Backend::File).unwrap()
    }

    /// A command that knows no passphrase, and has no terminal to ask at.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = isolated(Command::new(program()), self.path());
        command.args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs a command that knows the passphrase.
    fn knowing(&self, args: &[&str]) -> Output {
        let mut command = self.command(args);
        command.env("SEALDESK_PASSPHRASE_FILE", self.path().join("passphrase")).output().unwrap()
    }

    /// Unlocks it, and gives what was answered.
    fn unlock(&self, time: &str) -> Value {
        let output = self.knowing(&["unlock", "--for", time, "--output", "json"]);
        assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        self.agents.borrow_mut().push(agent(&answer));
        answer
    }

    /// Whether a key can be used without its passphrase. What is tried fails in any case: the name is taken.
    fn is_unlocked(&self) -> bool {
        self.tries(&["keys", "rename", "alice", "bob"]).0
    }

    /// The same of a command that cannot succeed, with what it said.
    fn tries(&self, args: &[&str]) -> (bool, String) {
        let told = text(&self.run(args).stderr);
        let (opened, asked) = (told.contains("named bob already"), told.contains("no terminal to ask"));
        assert!(opened != asked, "{told}");
        (opened, told)
    }

    /// The socket of its agent.
    fn socket(&self) -> PathBuf {
        sockets(&self.folder().join("agent")).pop().unwrap()
    }

    /// A request of an act, for the keyring key of alice.
    fn request(&self, act: u8) -> Vec<u8> {
        let keyring = self.keyring();
        let folder = fs::metadata(keyring.dir()).unwrap();
        let id = keyring.key_id("alice").unwrap().unwrap();
        let mut bytes = b"SDA\x01".to_vec();
        bytes.push(act);
        bytes.extend(folder.dev().to_be_bytes());
        bytes.extend(folder.ino().to_be_bytes());
        bytes.extend(id.0);
        bytes
    }

    /// The keyring key, as the agent tells it.
    fn key(&self) -> Vec<u8> {
        let told = ask(&self.socket(), &self.request(KEY));
        assert!(told.len() == HEAD_BYTES + 32 && told[4] == DONE, "{told:?}");
        told[HEAD_BYTES..].to_vec()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        for agent in self.agents.borrow().iter().filter(|agent| !is_gone(**agent)) {
            send("KILL", *agent);
        }
    }
}

/// The process of an agent, of what `unlock` answered.
fn agent(answer: &Value) -> u32 {
    u32::try_from(answer["process"].as_u64().unwrap()).unwrap()
}

fn sockets(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|end| end == "sock")).collect()
}

fn send(signal: &str, process: u32) {
    let sent = Command::new("kill").args(["-s", signal, &process.to_string()]).status();
    assert!(sent.unwrap().success());
}

/// Whether a process has ended. One that nobody has waited for is still listed, and is no process any more.
fn is_gone(process: u32) -> bool {
    fs::read_to_string(format!("/proc/{process}/stat")).map_or(true, |stat| stat.contains(") Z"))
}

/// Everything that an agent answers to some bytes.
fn ask(socket: &Path, bytes: &[u8]) -> Vec<u8> {
    let mut agent = UnixStream::connect(socket).unwrap();
    // It may end the connection before all is said.
    let _ = agent.write_all(bytes);
    let mut told = Vec::new();
    let _ = agent.read_to_end(&mut told);
    told
}
