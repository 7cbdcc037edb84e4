//! A whole network by one command: worked and disturbed, and nothing acknowledged is lost, doubled, or told twice differently.
//!
//! `make soak` runs the first test for SEALDESK_SOAK_SECONDS instead of its usual minute, and prints the report.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::desk::{Logs, isolated, program, wait_for, wait_until};
use serde_json::Value;

/// Memory that a validator's two processes may use, in bytes; and how much more in the second half of a run than in the first.
const MEMORY_BYTES_MAX: u64 = 1 << 30;
const MEMORY_BYTES_GROWTH_MAX: u64 = 256 << 20;
/// The same for open files: connections of strangers come and go.
const FILES_MAX: u64 = 512;

/// Networks take their turns, so that none is slow because of another.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn localnet(dir: &Path, args: &[&str]) -> Command {
    told(Command::new(program()), dir, args)
}

/// The same in a network of its own: browsers of other tests give up their requests whenever an interface of theirs comes or goes. Needs root,
/// as lines that can be cut do anyway.
fn localnet_apart(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"]).arg(program());
    told(command, dir, args)
}

fn told(program: Command, dir: &Path, args: &[&str]) -> Command {
    let cometbft = sealdesk_node::comet::find_program(None).expect("`make test` installs cometbft");
    let mut command = isolated(program, dir);
    command.env("SEALDESK_COMETBFT", cometbft);
    command.args(["localnet", "--dir", "net", "--output", "json"]).args(args);
    command
}

/// Processes whose command line names the directory of this test.
fn running(dir: &Path) -> usize {
    let dir = dir.to_str().unwrap().as_bytes();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let named = processes.filter(|process| {
        let command = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        command.windows(dir.len()).any(|window| window == dir)
    });
    named.count()
}

fn signal(pid: u32, name: &str) {
    assert!(Command::new("kill").args([name, &pid.to_string()]).status().unwrap().success());
}

#[test]
fn four_validators_killed_paused_cut_off_and_flooded_lose_and_double_nothing() {
    let _turn = turn();
    let dir = tempfile::tempdir().unwrap();
    let _logs = Logs(dir.path().to_owned());
    let soak = std::env::var("SEALDESK_SOAK_SECONDS").ok();
    let seconds = soak.as_deref().unwrap_or("30");
    let faults = ["--faults", "kill,pause,restart,disconnect,flood"];
    let mut command = localnet_apart(dir.path(), &["--validators", "4", "--seconds", seconds]);
    if soak.is_some() {
        command.stderr(Stdio::inherit());
    }
    let output = command.args(faults).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let shown = String::from_utf8_lossy(&output.stdout);
    if soak.is_some() {
        println!("{shown}");
    }
    // Where namespaces cannot be made this fails, and says so: a partition is a part of what is proven here.
    assert!(output.status.success(), "{shown}{said}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(report["acknowledged"].as_u64().unwrap() > 0, "{report}");
    assert_eq!((&report["lost"], &report["doubled"]), (&0.into(), &0.into()), "{report}");
    assert!(report["recovery_seconds_max"].is_number(), "{report}");
    let faults = report["faults"].as_array().unwrap();
    let kinds: Vec<&str> = faults.iter().map(|fault| fault["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds[..5], ["kill", "pause", "restart", "disconnect", "flood"]);
    // Strangers' transactions that nobody could allow are refused before the mempool, others in blocks.
    let [sent, taken, refused] =
        ["sent", "taken", "refused_in_blocks"].map(|name| report["flood"][name].as_u64().unwrap());
    assert!(0 < refused && 0 < taken && taken < sent, "{report}");
    check_validators(&report);
    assert_eq!(running(dir.path()), 0, "something still runs");
}

/// One state at one height that the headers name too, at every height before, and bounded use of the machine.
fn check_validators(report: &Value) {
    let validators = report["validators"].as_array().unwrap();
    let height = validators[0]["height"].as_u64().unwrap();
    assert_eq!((validators.len(), &report["agreed"]), (4, &true.into()), "{report}");
    assert_eq!(report["heights_compared"].as_u64().unwrap(), height, "{report}");
    for validator in validators {
        assert_eq!(validator["height"], height, "{report}");
        assert_eq!(validator["app_hash"], validators[0]["app_hash"], "{report}");
        assert!(validator["rpc_address"].as_str().unwrap().starts_with("http://"), "{report}");
        let used = |name: &str| validator[name].as_u64().unwrap();
        let (most, half) = (used("memory_bytes_max"), used("memory_bytes_max_until_half"));
        assert!(0 < most && most < MEMORY_BYTES_MAX && most < half + MEMORY_BYTES_GROWTH_MAX, "{report}");
        assert!((1..FILES_MAX).contains(&used("open_files_max")), "{report}");
    }
}

#[test]
fn with_keep_the_report_comes_first_and_the_nodes_go_on_until_they_are_interrupted() {
    let _turn = turn();
    let dir = tempfile::tempdir().unwrap();
    let _logs = Logs(dir.path().to_owned());
    let mut command = localnet(dir.path(), &["--validators", "2", "--seconds", "2", "--keep"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (mut out, mut report) = (child.stdout.take().unwrap(), Vec::new());
    let report = loop {
        let mut some = [0; 4_096];
        let read = out.read(&mut some).unwrap();
        assert!(read > 0, "it ended without a report: {}", String::from_utf8_lossy(&report));
        report.extend_from_slice(&some[..read]);
        if let Ok(report) = serde_json::from_slice::<Value>(&report) {
            break report;
        }
    };
    // Asked by its address, a node still answers.
    let grpc = report["validators"][1]["grpc_address"].as_str().unwrap();
    let mut status = isolated(Command::new(program()), dir.path());
    let status = status.args(["status", "--node", grpc, "--output", "json"]).output().unwrap();
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert!(status["height"].as_u64() >= report["validators"][1]["height"].as_u64(), "{status} {report}");
    signal(child.id(), "-INT");
    assert!(child.wait().unwrap().success());
    assert_eq!(running(dir.path()), 0, "something still runs");
}

#[test]
fn interrupted_in_the_middle_or_killed_nothing_is_left_behind() {
    let _turn = turn();
    for name in ["-INT", "-KILL"] {
        let dir = tempfile::tempdir().unwrap();
        let _logs = Logs(dir.path().to_owned());
        let args = ["--validators", "2", "--seconds", "60", "--faults", "pause,disconnect"];
        let mut child =
            localnet_apart(dir.path(), &args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let spaces = || {
            let listed = Command::new("ip").args(["netns", "list"]).output().unwrap();
            let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
            listed.matches(&format!("seal{}n", child.id())).count()
        };
        // While one of them stands still: it could not even notice.
        let paused = || {
            let pid = std::fs::read_to_string(dir.path().join("net/validator-1/comet/cometbft.pid"));
            let stat = pid.and_then(|pid| std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())));
            stat.is_ok_and(|stat| stat.contains(") T "))
        };
        wait_until("a validator that is paused", paused);
        assert_eq!(spaces(), 2);
        signal(child.id(), name);
        if name == "-KILL" {
            // What it could not take down itself the next one does.
            let next = tempfile::tempdir().unwrap();
            let done = localnet_apart(next.path(), &["--validators", "1", "--seconds", "1"]).output().unwrap();
            child.wait().unwrap();
            assert!(done.status.success());
            let again = localnet(next.path(), &["--validators", "1"]).output().unwrap();
            assert_eq!(again.status.code(), Some(2), "a directory is used once");
        }
        wait_for("all processes to end", || match running(dir.path()) {
            0 => Ok(()),
            some => Err(format!("{some} run")),
        });
        let ended = child.id();
        assert!(name == "-KILL" || !child.wait().unwrap().success(), "there was no report");
        let listed = Command::new("ip").args(["netns", "list"]).output().unwrap();
        assert!(!String::from_utf8_lossy(&listed.stdout).contains(&format!("seal{ended}n")), "{listed:?}");
    }
}

#[test]
fn a_directory_that_holds_a_network_or_anything_else_is_not_begun_anew() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("net/validator-1")).unwrap();
    let output = localnet(dir.path(), &[]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("holds a network already"));
    std::fs::rename(dir.path().join("net/validator-1"), dir.path().join("net/letters")).unwrap();
    let output = localnet(dir.path(), &[]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stdout).contains("is not empty"));
}
