//! A node joins a running network by state sync: under load, past damaged and lying snapshots, and told of by the program as it is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by them

mod desk;

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use desk::{isolated, program};
use serde_json::Value;

/// How long a node may take to join, in seconds: five of them are CometBFT's own, to hear of snapshots.
const JOIN_SECONDS_MAX: f64 = 60.0;

fn command(dir: &Path, args: &[&str]) -> Command {
    let cometbft = sealdesk_node::comet::find_program(None).expect("`make test` installs cometbft");
    let mut command = isolated(Command::new(program()), dir);
    command.env("SEALDESK_COMETBFT", cometbft).args(args);
    command
}

fn run(dir: &Path, args: &[&str]) -> Output {
    command(dir, args).output().unwrap()
}

/// The answer of a command that must succeed.
fn ask(dir: &Path, args: &[&str]) -> Value {
    let output = run(dir, &[args, &["--output", "json"]].concat());
    assert!(
        output.status.success(),
        "{args:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A network that goes on after its report, until it is dropped.
struct Network {
    child: Child,
    report: Value,
}

impl Network {
    fn start(dir: &Path, seconds: &str) -> Self {
        let args =
            ["localnet", "--dir", "net", "--seconds", seconds, "--join", "1", "--keep", "--output", "json"];
        let mut command = command(dir, &args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut text = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        // The report is one JSON object over several lines.
        while serde_json::from_str::<Value>(&text).is_err() {
            assert!(lines.read_line(&mut text).unwrap() > 0, "no report: {text}");
        }
        Self { child, report: serde_json::from_str(&text).unwrap() }
    }

    /// Where the n-th validator's CometBFT answers.
    fn rpc(&self, n: usize) -> String {
        self.report["validators"][n]["rpc_address"].as_str().unwrap().to_owned()
    }

    fn grpc(&self, n: usize) -> String {
        self.report["validators"][n]["grpc_address"].as_str().unwrap().to_owned()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        let _ = self.child.wait();
    }
}

/// The newest snapshot file of each validator.
fn snapshots(dir: &Path) -> Vec<PathBuf> {
    let height = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?;
        name.strip_suffix("-1.snapshot")?.parse::<u64>().ok()
    };
    let of = |n: usize| {
        let shelf = dir.join(format!("net/validator-{n}/comet/snapshots"));
        let files = std::fs::read_dir(shelf).unwrap().map(|entry| entry.unwrap().path());
        files.filter_map(|path| Some((height(&path)?, path))).map(|(_, path)| path).collect::<Vec<_>>()
    };
    (1..=4).flat_map(of).collect()
}

/// A node that was told to join, running.
struct Joiner {
    child: Child,
    home: PathBuf,
}

impl Joiner {
    /// Joins by the program's own command, and starts.
    fn start(dir: &Path, network: &Network, name: &str) -> (Self, Value) {
        let home = dir.join(name);
        let genesis = dir.join("net/validator-1/genesis.json");
        let servers = [network.rpc(0), network.rpc(1)].join(",");
        let home_arg = home.to_str().unwrap();
        let joined =
            ask(dir, &["--home", home_arg, "join", genesis.to_str().unwrap(), "--sync-from", &servers]);
        let config = home.join("config.toml");
        let text = std::fs::read_to_string(&config).unwrap();
        let peers: Vec<String> = (1..=4)
            .map(|n| {
                let path = dir.join(format!("net/validator-{n}"));
                let node = sealdesk_node::home::Home::new(&path);
                let p2p = node.config().unwrap().comet.p2p.unwrap();
                format!("{:?}", format!("{}@{p2p}", sealdesk_node::comet::node_id(&node).unwrap()))
            })
            .collect();
        std::fs::write(&config, format!("[comet]\npeers = [{}]\n{text}", peers.join(", "))).unwrap();
        let log = std::fs::File::create(dir.join(format!("{name}.log"))).unwrap();
        let mut start =
            command(dir, &["--home", home_arg, "start", "--engine", "comet", "--listen", "127.0.0.1:0"]);
        let child = start.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        (Self { child, home }, joined)
    }

    fn log(&self) -> String {
        let mut text = String::new();
        let path = self.home.with_extension("log");
        std::fs::File::open(path).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    /// Waits until its log says this.
    fn wait_for(&self, what: &str) {
        let begun = Instant::now();
        while !self.log().contains(what) {
            let log = self.log();
            assert!(begun.elapsed() < Duration::from_secs(90), "the log never says '{what}': {log}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Joiner {
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        let _ = self.child.wait();
    }
}

#[test]
fn a_fifth_node_joins_under_load_and_says_what_it_does_not_know() {
    let dir = tempfile::tempdir().unwrap();
    let network = Network::start(dir.path(), "20");
    let report = &network.report;
    assert_eq!((&report["lost"], &report["doubled"]), (&0.into(), &0.into()), "{report}");
    assert_eq!(report["agreed"], true, "{report}");
    let joined = &report["joined"][0];
    assert!(joined["joined_at"].as_u64().unwrap() >= 10, "it executed every block: {report}");
    assert!(joined["seconds"].as_f64().unwrap() < JOIN_SECONDS_MAX, "{report}");
    assert_eq!(joined["app_hash"], report["validators"][0]["app_hash"]);

    // The node that joined reads every ticket whole, and says from when on it knows what happened.
    let node = joined["grpc_address"].as_str().unwrap().to_owned();
    let from = joined["joined_at"].as_u64().unwrap() + 1;
    let at = |node: &str, args: &[&str]| {
        ask(dir.path(), &[&["--home", "net", "--keyring-backend", "test", "--node", node], args].concat())
    };
    assert_eq!(at(&node, &["status"])["history_from"], from);
    let (ours, theirs) = (network.grpc(0), node.clone());
    let read = |node: &str| at(node, &["read", "TKT-00000001", "--from", "admin"]);
    let (whole, cut) = (read(&ours), read(&theirs));
    assert_eq!(whole["messages"], cut["messages"]);
    assert_eq!((&whole["events_from"], &cut["events_from"]), (&Value::Null, &from.into()));
    assert!(cut["events"].as_array().unwrap().len() < whole["events"].as_array().unwrap().len());
    let text = run(
        dir.path(),
        &[
            "--home",
            "net",
            "--keyring-backend",
            "test",
            "--node",
            &node,
            "read",
            "TKT-00000001",
            "--from",
            "admin",
        ],
    );
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains(&format!("what happened before height {from} is not on this node")), "{text}");
    let page = ["query", "support", "open-tickets"];
    assert_eq!(at(&ours, &page)["tickets"], at(&theirs, &page)["tickets"]);

    // Somebody's ticket goes through the node that joined, once.
    let make = ["tx", "support", "create-ticket", "--from", "customer-1", "--category", "technical"];
    let made = at(&node, &[&make[..], &["--subject", "Here", "--message", "By the new one"]].concat());
    let ticket = made["ticket_id"].as_str().unwrap();
    let told = at(&node, &["read", ticket, "--from", "admin"]);
    assert_eq!(told["events_from"], Value::Null, "of a ticket that came later it knows everything");
    assert!(!told["events"].as_array().unwrap().is_empty());
}

#[test]
fn damaged_and_lying_snapshots_leave_a_node_where_it_was_until_an_honest_one_comes() {
    let dir = tempfile::tempdir().unwrap();
    let network = Network::start(dir.path(), "12");
    // Every snapshot there is gets damaged on the disk: whoever has it says so and does not serve it.
    let files = snapshots(dir.path());
    assert!(files.len() >= 4, "{files:?}");
    let kept: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    for (file, bytes) in files.iter().zip(&kept) {
        overwrite(file, &[&[bytes[0] ^ 1], &bytes[1..]].concat());
    }
    let (joiner, joined) = Joiner::start(dir.path(), &network, "fifth");
    assert!(joined["trusted"]["height"].as_u64().unwrap() > 10, "{joined}");
    let home = joiner.home.to_str().unwrap().to_owned();
    let said = |n: usize| {
        std::fs::read_to_string(dir.path().join(format!("net/validator-{n}/node.log"))).unwrap_or_default()
    };
    let begun = Instant::now();
    while !(1..=4).any(|n| said(n).contains("is damaged and removed")) {
        assert!(begun.elapsed() < Duration::from_secs(90), "nobody was asked for a damaged chunk");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(!joiner.log().contains("is restored from a snapshot"));
    // The network goes on and makes others, which are whole: the same node joins with one of them.
    write_tickets(dir.path(), &network, 25);
    joiner.wait_for("is restored from a snapshot");
    drop(joiner);
    // What it took is a state, and one that CometBFT goes on with.
    assert_eq!(ask(dir.path(), &["--home", &home, "doctor"])["ok"], true);
}

/// Changes a file in place, as a failing disk would: whoever has it open sees that.
fn overwrite(file: &Path, bytes: &[u8]) {
    use std::os::unix::fs::FileExt as _;
    std::fs::File::options().write(true).open(file).unwrap().write_all_at(bytes, 0).unwrap();
}

/// Makes the network go on by so many blocks at least.
fn write_tickets(dir: &Path, network: &Network, count: usize) {
    let node = network.grpc(0);
    for n in 0..count {
        let subject = format!("Ticket {n}");
        let make = ["tx", "support", "create-ticket", "--from", "customer-1", "--category", "technical"];
        let with = ["--home", "net", "--keyring-backend", "test", "--node", &node];
        ask(dir, &[&with[..], &make, &["--subject", &subject, "--message", "And on it goes"]].concat());
    }
}
