//! One validator: its home, its addresses, and the process that runs it.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use sealdesk_client::node::Node;
use sealdesk_node::comet::{Rpc, RpcAddress, node_id};
use sealdesk_node::home::Home;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use crate::error::{Error, Result, at};

/// How long a validator may take to answer after its start.
const START_WAIT: Duration = Duration::from_secs(300);
/// How long it may take to stop.
const STOP_WAIT: Duration = Duration::from_secs(60);
/// How long one question may take.
const ANSWER_WAIT: Duration = Duration::from_secs(10);

/// The option by which a validator is told whose it is: it ends when that process does.
pub(crate) const UNDER: &str = "--under";
/// Bytes of a page of memory, as the system counts in `/proc`.
const PAGE_BYTES: u64 = 4_096;

/// Where a validator is reached.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addresses {
    pub(crate) grpc: SocketAddr,
    pub(crate) rpc: SocketAddr,
    pub(crate) p2p: SocketAddr,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Validator {
    pub(crate) n: u8,
    pub(crate) home: PathBuf,
    pub(crate) addresses: Addresses,
    /// The network namespace it lives in.
    pub(crate) space: Option<String>,
    /// What its name begins with.
    role: &'static str,
    child: Mutex<Option<Child>>,
}

/// Where a validator stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) height: u64,
    pub(crate) app_hash: Vec<u8>,
}

/// What a validator's two processes use together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Resident memory.
    pub(crate) memory_bytes: u64,
    /// Open files, sockets among them.
    pub(crate) files: u64,
}

impl Usage {
    /// The larger of each.
    pub(crate) fn most(self, other: Self) -> Self {
        Self { memory_bytes: self.memory_bytes.max(other.memory_bytes), files: self.files.max(other.files) }
    }

    fn of(pid: i32) -> Self {
        let dir = PathBuf::from(format!("/proc/{pid}"));
        let pages = std::fs::read_to_string(dir.join("statm")).unwrap_or_default();
        let pages = pages.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or_default();
        let files = std::fs::read_dir(dir.join("fd")).map_or(0, Iterator::count);
        let files = u64::try_from(files).unwrap_or(u64::MAX);
        Self { memory_bytes: pages.saturating_mul(PAGE_BYTES), files }
    }
}

impl Validator {
    pub(crate) fn new(n: u8, home: PathBuf, addresses: Addresses, space: Option<String>) -> Self {
        Self { n, home, addresses, space, role: "validator", child: Mutex::new(None) }
    }

    /// The same as a node without a vote.
    pub(crate) fn joining(mut self) -> Self {
        self.role = "node";
        self
    }

    pub(crate) fn name(&self) -> String {
        format!("{}-{}", self.role, self.n)
    }

    pub(crate) fn grpc(&self) -> String {
        format!("http://{}", self.addresses.grpc)
    }

    pub(crate) fn rpc(&self) -> String {
        format!("http://{}", self.addresses.rpc)
    }

    /// Its CometBFT, for questions.
    pub(crate) fn asked(&self) -> Rpc {
        Rpc::new(RpcAddress::Tcp(self.addresses.rpc.to_string()))
    }

    /// How the others reach it.
    pub(crate) fn peer(&self) -> Result<String> {
        let id = node_id(&Home::new(&self.home))?;
        Ok(format!("{id}@{}", self.addresses.p2p))
    }

    /// Writes its config.toml: where it listens, where these others are, and how often it makes a snapshot, if it does.
    pub(crate) fn configure(&self, peers: &[String], snapshot_interval: Option<u64>) -> Result<()> {
        let (Addresses { rpc, p2p, .. }, name) = (self.addresses, self.name());
        let snapshots =
            snapshot_interval.map(|blocks| format!("snapshot_interval = {blocks}\n")).unwrap_or_default();
        let text = format!(
            "[comet]\nmoniker = \"{name}\"\np2p = \"{p2p}\"\nrpc = \"{rpc}\"\npeers = {peers:?}\n{snapshots}"
        );
        let path = Home::new(&self.home).config_file();
        std::fs::write(&path, text).map_err(|error| at(&path, error))
    }

    /// What its processes use at this moment.
    pub(crate) fn usage(&self) -> Usage {
        let node = self.child.try_lock().ok().and_then(|child| child.as_ref().and_then(Child::id));
        let node = node.and_then(|pid| i32::try_from(pid).ok());
        let comet = comet_pid(&self.home).map(Pid::as_raw_nonzero).map(i32::from);
        let usages = [node, comet].into_iter().flatten().map(Usage::of);
        usages.fold(Usage::default(), |all, one| Usage {
            memory_bytes: all.memory_bytes + one.memory_bytes,
            files: all.files + one.files,
        })
    }

    /// Starts its process, and waits until that answers.
    pub(crate) async fn start(&self, cometbft: &Path) -> Result<()> {
        let mut child = self.child.lock().await;
        let log = self.home.join("node.log");
        let file = File::options().create(true).append(true).open(&log).map_err(|error| at(&log, error))?;
        let errors = file.try_clone().map_err(|error| at(&log, error))?;
        let program = std::env::current_exe().map_err(Error::other)?;
        let mut command = match &self.space {
            None => Command::new(&program),
            Some(space) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", space]).arg(&program);
                command
            }
        };
        command.arg("--home").arg(&self.home).args(["start", "--engine", "comet", "--cometbft"]);
        command.arg(cometbft).arg("--listen").arg(self.addresses.grpc.to_string());
        if !self.addresses.grpc.ip().is_loopback() {
            // A network of this computer's own: nobody stands between, and plain HTTP has to be asked for, by whoever is in it.
            command.args(["--behind-proxy", "--proxy"]).arg(format!("{}/24", self.addresses.grpc.ip()));
        }
        command.arg(UNDER).arg(std::process::id().to_string());
        // Ctrl-C is for us; we say when each of them stops.
        command.stdin(Stdio::null()).stdout(file).stderr(errors).process_group(0).kill_on_drop(true);
        let begun = Instant::now();
        *child = Some(command.spawn().map_err(|error| at(&program, error))?);
        while self.standing().await.is_none() {
            let gone = child.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None)));
            if gone || begun.elapsed() > START_WAIT {
                return Err(Error::NotStarted { name: self.name(), log });
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Asks it to stop.
    pub(crate) async fn ask_to_stop(&self) {
        // One that stands still would not hear of it.
        self.pause(false).await;
        if let Some(child) = self.child.lock().await.as_ref() {
            signal_node(child, Signal::TERM);
        }
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) async fn stop(&self) {
        self.ask_to_stop().await;
        let Some(mut child) = self.child.lock().await.take() else { return };
        if timeout(STOP_WAIT, child.wait()).await.is_err() {
            self.signal_comet(Signal::KILL);
            let _ = child.kill().await;
        }
    }

    /// Kills it and its CometBFT without warning, as a power cut would.
    pub(crate) async fn kill(&self) {
        let Some(mut child) = self.child.lock().await.take() else { return };
        self.signal_comet(Signal::KILL);
        let _ = child.kill().await;
    }

    /// Lets it and its CometBFT stand still, or go on.
    pub(crate) async fn pause(&self, still: bool) {
        let signal = if still { Signal::STOP } else { Signal::CONT };
        if let Some(child) = self.child.lock().await.as_ref() {
            signal_node(child, signal);
            self.signal_comet(signal);
        }
    }

    /// Where it stands, if it answers.
    pub(crate) async fn standing(&self) -> Option<Standing> {
        let url = self.grpc();
        let asked = async {
            let node = Node::connect(&url).await.ok()?;
            let status = node.status().await.ok()?;
            Some(Standing { height: u64::try_from(status.height).ok()?, app_hash: status.app_hash })
        };
        timeout(ANSWER_WAIT, asked).await.ok().flatten()
    }

    fn signal_comet(&self, signal: Signal) {
        if let Some(pid) = comet_pid(&self.home) {
            let _ = kill_process(pid, signal);
        }
    }
}

impl Drop for Validator {
    fn drop(&mut self) {
        // The node is killed with its handle; a CometBFT that stands still would not notice.
        if self.child.get_mut().is_some() {
            self.signal_comet(Signal::KILL);
        }
    }
}

fn signal_node(child: &Child, signal: Signal) {
    if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// The CometBFT of a home, if it runs.
pub(crate) fn comet_pid(home: &Path) -> Option<Pid> {
    let comet = home.join("comet");
    let text = std::fs::read_to_string(comet.join("cometbft.pid")).ok()?;
    let pid = Pid::from_raw(text.trim().parse().ok()?)?;
    // The number may be another process's by now.
    let command = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())).ok()?;
    let comet = comet.to_str()?.as_bytes();
    command.split(|byte| *byte == 0).any(|word| word == comet).then_some(pid)
}
