//! One validator: its home, its addresses, and the process that runs it.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use sealdesk_client::node::Node;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use crate::error::{Failure, at};

/// How long a validator may take to answer after its start.
const START_WAIT: Duration = Duration::from_secs(60);
/// How long it may take to stop.
const STOP_WAIT: Duration = Duration::from_secs(20);
/// How long one question may take.
const ANSWER_WAIT: Duration = Duration::from_secs(3);

/// Where a validator is reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct Addresses {
    pub(super) grpc: SocketAddr,
    pub(super) rpc: SocketAddr,
    pub(super) p2p: SocketAddr,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Validator {
    pub(super) n: u8,
    pub(super) home: PathBuf,
    pub(super) addresses: Addresses,
    /// The network namespace it lives in.
    pub(super) space: Option<String>,
    /// What its name begins with.
    role: &'static str,
    child: Mutex<Option<Child>>,
}

/// Where a validator stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) height: u64,
    pub(super) app_hash: Vec<u8>,
}

impl Validator {
    pub(super) fn new(n: u8, home: PathBuf, addresses: Addresses, space: Option<String>) -> Self {
        Self { n, home, addresses, space, role: "validator", child: Mutex::new(None) }
    }

    /// The same as a node without a vote.
    pub(super) fn joining(self) -> Self {
        Self { role: "node", ..self }
    }

    pub(super) fn name(&self) -> String {
        format!("{}-{}", self.role, self.n)
    }

    pub(super) fn grpc(&self) -> String {
        format!("http://{}", self.addresses.grpc)
    }

    pub(super) fn rpc(&self) -> String {
        format!("http://{}", self.addresses.rpc)
    }

    /// Starts its process, and waits until that answers.
    pub(super) async fn start(&self, cometbft: &Path) -> Result<(), Failure> {
        let mut child = self.child.lock().await;
        let log = self.home.join("node.log");
        let file = File::options().create(true).append(true).open(&log).map_err(|error| at(&log, &error))?;
        let errors = file.try_clone().map_err(|error| at(&log, &error))?;
        let program = std::env::current_exe().map_err(|error| Failure::new(error.to_string()))?;
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
        // Ctrl-C is for us; we say when each of them stops.
        command.stdin(Stdio::null()).stdout(file).stderr(errors).process_group(0).kill_on_drop(true);
        let begun = Instant::now();
        *child = Some(command.spawn().map_err(|error| at(&program, &error))?);
        while self.standing().await.is_none() {
            let gone = child.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None)));
            if gone || begun.elapsed() > START_WAIT {
                let name = self.name();
                return Err(Failure::hinted(
                    format!("{name} does not start"),
                    format!("see {}", log.display()),
                ));
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Asks it to stop, and waits until it has.
    pub(super) async fn stop(&self) {
        let Some(mut child) = self.child.lock().await.take() else { return };
        self.signal_node(&child, Signal::TERM);
        if timeout(STOP_WAIT, child.wait()).await.is_err() {
            let _ = child.kill().await;
        }
    }

    /// Kills it and its CometBFT without warning, as a power cut would.
    pub(super) async fn kill(&self) {
        let Some(mut child) = self.child.lock().await.take() else { return };
        self.signal_comet(Signal::KILL);
        let _ = child.kill().await;
    }

    /// Lets it and its CometBFT stand still, or go on.
    pub(super) async fn pause(&self, still: bool) {
        let signal = if still { Signal::STOP } else { Signal::CONT };
        if let Some(child) = self.child.lock().await.as_ref() {
            self.signal_node(child, signal);
            self.signal_comet(signal);
        }
    }

    /// Where it stands, if it answers.
    pub(super) async fn standing(&self) -> Option<Standing> {
        let url = self.grpc();
        let asked = async {
            let node = Node::connect(&url).await.ok()?;
            let status = node.status().await.ok()?;
            Some(Standing { height: u64::try_from(status.height).ok()?, app_hash: status.app_hash })
        };
        timeout(ANSWER_WAIT, asked).await.ok().flatten()
    }

    fn signal_node(&self, child: &Child, signal: Signal) {
        if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw) {
            let _ = kill_process(pid, signal);
        }
    }

    fn signal_comet(&self, signal: Signal) {
        let text = std::fs::read_to_string(self.home.join("comet/cometbft.pid"));
        let pid = text.ok().and_then(|text| text.trim().parse().ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid {
            let _ = kill_process(pid, signal);
        }
    }
}
