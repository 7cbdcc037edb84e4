//! A node joins a running network by state sync: under load, past damaged and lying snapshots, and told of by the program as it is.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::desk::node::Node;
use crate::desk::{Logs, free_addresses, isolated, program, wait_for, wait_until};
use serde_json::Value;

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
#[track_caller]
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
    _logs: Logs,
}

impl Network {
    fn start(dir: &Path, seconds: &str, join: &str) -> Self {
        let args =
            ["localnet", "--dir", "net", "--seconds", seconds, "--join", join, "--keep", "--output", "json"];
        let mut command = command(dir, &args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut text = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        // The report is one JSON object over several lines.
        while serde_json::from_str::<Value>(&text).is_err() {
            assert!(lines.read_line(&mut text).unwrap() > 0, "no report: {text}");
        }
        let (report, logs) = (serde_json::from_str::<Value>(&text).unwrap(), Logs(dir.to_owned()));
        let network = Self { child, report, _logs: logs };
        // A failure is told as JSON too.
        assert!(network.report["validators"].is_array(), "no report, but {text}");
        network
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

/// The snapshot files of some validators.
fn snapshots(dir: &Path, validators: std::ops::RangeInclusive<usize>) -> Vec<PathBuf> {
    let of = |n: usize| {
        let shelf = dir.join(format!("net/validator-{n}/comet/snapshots"));
        let files = std::fs::read_dir(shelf).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|end| end == "snapshot")).collect::<Vec<_>>()
    };
    validators.flat_map(of).collect()
}

/// A node that was told to join.
struct Joiner {
    home: PathBuf,
    listen: String,
}

impl Joiner {
    /// Joins by the program's own command.
    fn make(dir: &Path, network: &Network) -> (Self, Value) {
        Self::make_from(dir, &[network.rpc(0), network.rpc(1)].join(","))
    }

    fn make_from(dir: &Path, servers: &str) -> (Self, Value) {
        let home = dir.join("fifth");
        let genesis = dir.join("net/validator-1/genesis.json");
        let args =
            ["--home", home.to_str().unwrap(), "join", genesis.to_str().unwrap(), "--sync-from", servers];
        // CometBFT answers a little later than its node, and is waited for.
        let joined = ask(dir, &args);
        let config = home.join("config.toml");
        let text = std::fs::read_to_string(&config).unwrap();
        let peers: Vec<String> = (1..=4)
            .map(|n| {
                let node = sealdesk_node::home::Home::new(dir.join(format!("net/validator-{n}")));
                let p2p = node.config().unwrap().comet.p2p.unwrap();
                format!("{:?}", format!("{}@{p2p}", sealdesk_node::comet::node_id(&node).unwrap()))
            })
            .collect();
        std::fs::write(&config, format!("[comet]\npeers = [{}]\n{text}", peers.join(", "))).unwrap();
        let listen = free_addresses().next().unwrap().to_string();
        (Self { home, listen }, joined)
    }

    fn start(&self, dir: &Path) -> Node {
        let home = self.home.to_str().unwrap();
        let log = std::fs::File::create(dir.join("fifth.log")).unwrap();
        let mut start =
            command(dir, &["--home", home, "start", "--engine", "comet", "--listen", &self.listen]);
        start.env("SEALDESK_LOG", "info").stderr(log);
        Node::start(start)
    }

    #[track_caller]
    fn status(&self, dir: &Path) -> Value {
        ask(dir, &["--node", &format!("http://{}", self.listen), "status"])
    }

    /// Waits until it is at this height at least.
    #[track_caller]
    fn reaches(&self, dir: &Path, height: u64) {
        wait_for(&format!("height {height} at the node that joins"), || {
            let status = self.status(dir);
            if status["height"].as_u64().unwrap() >= height { Ok(()) } else { Err(status) }
        });
    }
}

#[test]
fn a_fifth_node_joins_under_load_and_says_what_it_does_not_know() {
    let dir = tempfile::tempdir().unwrap();
    let network = Network::start(dir.path(), "20", "1");
    let report = &network.report;
    assert_eq!((&report["lost"], &report["doubled"]), (&0.into(), &0.into()), "{report}");
    assert_eq!(report["agreed"], true, "{report}");
    let joined = &report["joined"][0];
    assert!(joined["joined_at"].as_u64().unwrap() >= 10, "it executed every block: {report}");
    assert!(joined["seconds"].is_number(), "{report}");
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
fn damaged_snapshots_are_never_served_and_a_node_waits_for_a_whole_one() {
    let dir = tempfile::tempdir().unwrap();
    let network = Network::start(dir.path(), "12", "1");
    // Every snapshot there is gets damaged on the disk: whoever has it says so and does not serve it.
    wait_until("a snapshot of each validator", || (1..=4).all(|n| !snapshots(dir.path(), n..=n).is_empty()));
    let files = snapshots(dir.path(), 1..=4);
    files.iter().for_each(|file| damage(file));
    let newest = files.iter().map(|file| height_of(file)).max().unwrap();
    let (joiner, joined) = Joiner::make(dir.path(), &network);
    assert!(joined["trusted"]["height"].as_u64().unwrap() > 10, "{joined}");
    let node = joiner.start(dir.path());
    let before = joiner.status(dir.path());
    let said = |n: usize| {
        std::fs::read_to_string(dir.path().join(format!("net/validator-{n}/node.log"))).unwrap_or_default()
    };
    wait_until("a damaged chunk to be asked for", || {
        (1..=4).any(|n| said(n).contains("is damaged and removed"))
    });
    let after = joiner.status(dir.path());
    // The network goes on, and the next snapshot, which it takes, may be there already.
    if after["history_from"].as_u64().unwrap() <= newest {
        let unchanged = (&0.into(), &before["app_hash"]);
        assert_eq!((&after["height"], &after["app_hash"]), unchanged, "the state of before stays");
    }
    node.stop();

    // The network goes on and makes others. Two of four are damaged again: the others serve it.
    write_tickets(dir.path(), &network, 25);
    snapshots(dir.path(), 1..=2).iter().for_each(|file| damage(file));
    let node = joiner.start(dir.path());
    joiner.reaches(dir.path(), newest + 1);
    let from = joiner.status(dir.path())["history_from"].as_u64().unwrap();
    assert!(from > newest + 1, "it has executed every block, or has a state that was damaged: {from}");
    node.stop();
    // What it took is a state, with which it goes on after a stop, and without asking anyone for another.
    let home = joiner.home.to_str().unwrap();
    assert_eq!(ask(dir.path(), &["--home", home, "doctor"])["ok"], true);
    let exported = dir.path().join("exported.json");
    ask(dir.path(), &["--home", home, "export", "-o", exported.to_str().unwrap()]);
    ask(dir.path(), &["--home", "moved", "import", exported.to_str().unwrap()]);
    let node = joiner.start(dir.path());
    let height = joiner.status(dir.path())["height"].as_u64().unwrap();
    write_tickets(dir.path(), &network, 3);
    joiner.reaches(dir.path(), height + 3);
    node.stop();
}

#[test]
fn three_of_four_peers_lie_alike_and_the_honest_one_is_believed() {
    let dir = tempfile::tempdir().unwrap();
    let network = Network::start(dir.path(), "8", "1");
    let report = network.report.clone();
    // Each has one snapshot of the same block; three of them change the same bit of the same record, and every hash fits again.
    // CometBFT puts a snapshot aside for good whose next two headers are not there yet.
    let at = |n: usize| ask(dir.path(), &["--node", &network.grpc(n), "status"])["height"].as_u64().unwrap();
    let newest = wait_for("a snapshot of one block at all four, which is proven", || {
        let proven = (0..4).map(at).min().unwrap().saturating_sub(3);
        let common = common_height(dir.path(), proven);
        if common.is_none() {
            write_tickets(dir.path(), &network, 1);
        }
        common.ok_or(proven)
    });
    drop(network);
    for n in 1..=4 {
        for file in snapshots(dir.path(), n..=n) {
            match height_of(&file) == newest {
                true if n < 4 => forge(&file),
                true => {}
                false => std::fs::remove_file(&file).unwrap(),
            }
        }
        // They make no other, so that it does not matter how long all of this takes.
        let config = dir.path().join(format!("net/validator-{n}/config.toml"));
        let text = std::fs::read_to_string(&config).unwrap();
        let none = text.replace("snapshot_interval = 10", "snapshot_interval = 0");
        assert_ne!(text, none);
        std::fs::write(&config, none).unwrap();
    }
    let nodes: Vec<Node> = (1..=4)
        .map(|n| {
            let home = dir.path().join(format!("net/validator-{n}"));
            let listen = report["validators"][n - 1]["grpc_address"].as_str().unwrap().replace("http://", "");
            let args = ["--home", home.to_str().unwrap(), "start", "--engine", "comet", "--listen", &listen];
            Node::start(command(dir.path(), &args))
        })
        .collect();
    let servers = [0, 1].map(|n: usize| report["validators"][n]["rpc_address"].as_str().unwrap().to_owned());
    let (joiner, _) = Joiner::make_from(dir.path(), &servers.join(","));
    let node = joiner.start(dir.path());
    joiner.reaches(dir.path(), newest);
    let log = std::fs::read_to_string(dir.path().join("fifth.log")).unwrap();
    let (lie, truth) = (log.find("do not have the root"), log.find("is restored from a snapshot"));
    assert!(lie.is_some() && lie < truth, "first it was lied to, then it was not: {log}");
    let from = joiner.status(dir.path())["history_from"].as_u64().unwrap();
    assert_eq!(from, newest + 1);
    node.stop();
    drop(nodes);
}

fn height_of(file: &Path) -> u64 {
    file.file_name().unwrap().to_str().unwrap().split('-').next().unwrap().parse().unwrap()
}

/// The newest block, up to one, of which all four validators have a snapshot.
fn common_height(dir: &Path, most: u64) -> Option<u64> {
    let heights = |n: usize| snapshots(dir, n..=n).iter().map(|file| height_of(file)).collect::<Vec<_>>();
    let all: Vec<Vec<u64>> = (1..=4).map(heights).collect();
    let held = |height: &&u64| **height <= most && all.iter().all(|heights| heights.contains(height));
    all[0].iter().filter(held).max().copied()
}

/// Changes one bit of a record, and makes the hashes fit.
fn forge(file: &Path) {
    use sealdesk_node::comet::snapshots::format::{ChunkMark, Metadata};
    let bytes = std::fs::read(file).unwrap();
    let (rest, magic) = bytes.split_at(bytes.len() - 8);
    let (rest, length) = rest.split_at(rest.len() - 4);
    let length = u32::from_be_bytes(length.try_into().unwrap());
    let (chunks, metadata) = rest.split_at(rest.len() - usize::try_from(length).unwrap());
    let mut metadata = Metadata::decode(metadata).unwrap();
    let mut chunks = chunks.to_vec();
    // The last byte of the first row: of the value of an account.
    let head: usize = 7 + usize::from(u16::from_be_bytes([chunks[1], chunks[2]]));
    let value = u32::from_be_bytes(chunks[3..7].try_into().unwrap());
    chunks[head + usize::try_from(value).unwrap() - 1] ^= 1;
    let first = usize::try_from(metadata.chunks[0].size).unwrap();
    metadata.chunks[0] = ChunkMark::of(&chunks[..first]);
    let metadata = metadata.encode();
    let length = u32::try_from(metadata.len()).unwrap().to_be_bytes();
    std::fs::write(file, [chunks.as_slice(), &metadata, &length, magic].concat()).unwrap();
}

#[test]
fn servers_that_do_not_agree_or_do_not_answer_leave_no_half_made_home() {
    let dir = tempfile::tempdir().unwrap();
    let network = Network::start(dir.path(), "1", "0");
    let genesis = dir.path().join("net/validator-1/genesis.json");
    let join = |servers: &str, more: &[&str]| {
        let args = ["--home", "sixth", "join", genesis.to_str().unwrap(), "--sync-from", servers];
        run(dir.path(), &[&args[..], more].concat())
    };
    let gone = format!("http://{}", free_addresses().next().unwrap());
    let one = network.rpc(0);
    let both = format!("{one},{gone}");
    for (servers, more, word) in [
        (one.as_str(), &[][..], "at least two servers"),
        (&both, &[], "gives no header"),
        (&both, &["--trust-height", "3"], "--trust-hash"),
        (&both, &["--trust-height", "3", "--trust-hash", "12"], "64 hexadecimal digits"),
    ] {
        let output = join(servers, &[more, &["--patience", "1"]].concat());
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!output.status.success() && said.contains(word), "{servers} {more:?}: {said}");
        assert!(!dir.path().join("sixth/genesis.json").exists());
    }
    // With a header that somebody has named, nobody is asked.
    let hash = "ab".repeat(32);
    let output = join(&both, &["--trust-height", "3", "--trust-hash", &hash]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    // Who is a node already stays what he is.
    let config = dir.path().join("net/validator-1/config.toml");
    let before = std::fs::read(&config).unwrap();
    let home = dir.path().join("net/validator-1");
    let args = ["--home", home.to_str().unwrap(), "join", genesis.to_str().unwrap(), "--sync-from", &both];
    let again = run(dir.path(), &[&args[..], &["--trust-height", "3", "--trust-hash", &hash]].concat());
    assert!(!again.status.success() && std::fs::read(&config).unwrap() == before);
    assert!(said.contains("You named it") && said.contains(&hash.to_uppercase()), "{said}");
}

/// Flips a bit in a file, as a failing disk would: whoever has it open sees that. One that has made room for a newer one by now is
/// let be.
fn damage(file: &Path) {
    use std::os::unix::fs::FileExt as _;
    let Ok(disk) = std::fs::File::options().read(true).write(true).open(file) else { return };
    let mut byte = [0];
    disk.read_exact_at(&mut byte, 100).unwrap();
    disk.write_all_at(&[byte[0] ^ 4], 100).unwrap();
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
