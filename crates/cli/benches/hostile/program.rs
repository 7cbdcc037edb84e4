//! The program itself, serving a new desk with one engine, and the memory of its processes.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use sealdesk_client::actor::Actor;
use sealdesk_client::genesis::list_key;
use sealdesk_envelope::{Phrase, PhraseLength};
use sealdesk_node::comet::find_program;
use sealdesk_node::home::Home;
use sealdesk_node::validator::ValidatorKey;
use sealdesk_protocol::genesis::{Genesis, GenesisValidator, Params as GenesisParams};
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::params::Params;
use sealdesk_testkit::{chain_id, prefix};
use tempfile::TempDir;

/// Who makes the blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Solo,
    Comet,
}

impl Engine {
    pub fn name(self) -> &'static str {
        match self {
            Self::Solo => "embedded",
            Self::Comet => "CometBFT",
        }
    }
}

/// A running `sealdesk start`; ended without warning when let go of.
pub struct Program {
    child: Child,
    pub url: String,
    pub identity: Identity,
    /// The fingerprint of the administrator's key: everybody seals for it.
    pub administrator: String,
    /// Removed with everything in it.
    _dir: TempDir,
}

/// Somebody with keys of their own.
pub fn person() -> Actor {
    Actor::of(&Phrase::generate(PhraseLength::Twelve, &mut getrandom::SysRng).unwrap()).unwrap()
}

/// Nobody's limits are what holds an attack up.
fn params() -> Params {
    Params {
        max_tickets_per_customer_per_day: 10_000,
        max_open_tickets_per_customer: 10_000,
        max_responses_per_ticket: 10_000,
        ticket_cooldown_seconds: 0,
        ..Params::default()
    }
}

/// A new desk's home.
fn home(dir: &Path, administrator: &Actor) -> (Home, Identity) {
    let home = Home::new(dir.join("home"));
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    // The home puts its own validator into the document, which the identity depends on; keys are signed for that.
    let nobody = GenesisValidator::new(&ValidatorKey::from_seed(&[1; 32]).public_key(), 10, "hostile");
    let administrators = [administrator.address(&prefix())];
    let mut genesis = Genesis::new(&chain_id(), &prefix(), now, &administrators, nobody).unwrap();
    genesis.app_state.params = GenesisParams::from(&params());
    genesis.validators = vec![GenesisValidator::new(&home.prepare().unwrap(), 10, "hostile")];
    list_key(&mut genesis, administrator).unwrap();
    home.join(&genesis).unwrap();
    (home, genesis.identity().unwrap())
}

impl Program {
    pub fn start(engine: Engine) -> Self {
        let administrator = person();
        let dir = tempfile::Builder::new().prefix("sealdesk-hostile").tempdir().unwrap();
        let (home, identity) = home(dir.path(), &administrator);
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealdesk"));
        command.args(["--output", "json", "--home"]).arg(home.path());
        command.args(["start", "--listen", "127.0.0.1:0"]);
        // Where an error is made, which happens all the time, this would take longer than what failed.
        command.env_remove("RUST_BACKTRACE");
        if engine == Engine::Comet {
            let cometbft = find_program(None).expect("`make tools` installs cometbft");
            command.args(["--engine", "comet", "--cometbft"]).arg(cometbft);
        }
        let log = std::fs::File::create(dir.path().join("log")).unwrap();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: serde_json::Value = serde_json::from_str(&line).unwrap();
        let url = said["addresses"]["grpc"].as_str().unwrap().to_owned();
        let administrator = administrator.pair(0).unwrap().encryption.fingerprint().to_string();
        Self { child, url, identity, administrator, _dir: dir }
    }

    /// The processes: the node, and what it has started.
    fn processes(&self) -> (u32, Vec<u32>) {
        let id = self.child.id();
        let tasks = std::fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
        let children = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
        let children = children.collect::<Vec<_>>().join(" ");
        (id, children.split_whitespace().filter_map(|child| child.parse().ok()).collect())
    }

    /// Most resident memory since [`Program::forget_peak`], in MiB: of the node, and of CometBFT. 0 where the system does not tell.
    pub fn peak(&self) -> (u64, u64) {
        let (node, others) = self.processes();
        (peak_mib(node), others.into_iter().map(peak_mib).sum())
    }

    /// The peak begins anew.
    pub fn forget_peak(&self) {
        let (node, others) = self.processes();
        for id in others.into_iter().chain([node]) {
            let _ = std::fs::write(format!("/proc/{id}/clear_refs"), "5");
        }
    }

    /// Asks it to end, and waits for that.
    pub fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn peak_mib(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1_024
}
