//! A backup of a desk of one, and the desk that is made of it: beside writers, killed at any moment, changed, and without room.

mod killed;
mod refused;
mod writers;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::desk::isolated;
use crate::desk::session::{CREATE_TICKET, Session};

/// What the keys in a backup are sealed under, in a file.
const PASSPHRASE: [&str; 2] = ["--passphrase-file", "passphrase"];
/// A file of one piece that is longer than what a socket holds by itself.
const ATTACHED_BYTES: usize = 1_000_000;

/// A running desk with alice's ticket, which has a file.
fn desk() -> Session {
    let desk = Session::start();
    desk.key("alice");
    fs::write(desk.home().join("a.log"), vec![7; ATTACHED_BYTES]).unwrap();
    fs::write(desk.home().join("passphrase"), "a passphrase of its own\n").unwrap();
    desk.ask(&[&CREATE_TICKET[..], &["--attach", "a.log"]].concat());
    desk
}

fn back_up(desk: &Session, file: &str) -> Value {
    desk.ask(&[&["backup", "--with-keys", file], &PASSPHRASE[..]].concat())
}

fn restore(desk: &Session, file: &str, home: &str) -> Value {
    desk.ask(&[&["restore", file, "--home", home], &PASSPHRASE[..]].concat())
}

/// What the doctor says of the backups of a desk.
fn backed_up(desk: &Session) -> Value {
    let output = desk.run(&["doctor"]);
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    value["checks"].as_array().unwrap().iter().find(|check| check["name"] == "backup").unwrap().clone()
}

/// The names in a folder, hidden ones included.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_running_desk_comes_back_whole_as_a_ledger_that_continues_it() {
    let mut desk = desk();
    let made = back_up(&desk, "desk.backup");
    assert_eq!(
        (&made["pieces"], &made["missing_pieces"], &made["with_keys"]),
        (&1.into(), &0.into(), &true.into())
    );
    assert_eq!(desk.ask(&["backup", "--check", "desk.backup"])["app_hash"], made["app_hash"]);
    // Written after the backup: nobody finds it in what is restored.
    desk.ask(&["tx", "support", "respond", "1", "--message", "Later.", "--from", "admin"]);
    desk.stop_node();

    let restored = restore(&desk, "desk.backup", "new");
    let (old, new) = (made["chain_id"].as_str().unwrap(), restored["chain_id"].as_str().unwrap());
    assert_ne!(old, new);
    assert_eq!(restored["continues"]["chain_id"], old);
    assert_eq!(restored["continues"]["height"], made["height"]);
    let key = |home: &str| fs::read(desk.home().join(home).join("validator_key.json")).unwrap();
    assert_ne!(key(".sealdesk"), key("new"), "the restored desk signs with a key of its own");
    assert!(desk.ask(&["doctor", "--home", "new"])["ok"].as_bool().unwrap());

    let mut start = desk.command(&["start", "--home", "new"]);
    let node = crate::desk::node::Node::start({
        start.env("SEALDESK_LISTEN", "127.0.0.1:0");
        start
    });
    desk.ask(&["tx", "ledger", "continue-ledger", "--from", "admin", "--home", "new"]);
    let read = desk.ask(&["read", "1", "--from", "alice", "--home", "new"]);
    assert_eq!(read["ticket"]["response_count"], 0);
    desk.ask(&["save", "1", "1", "-o", "b.log", "--from", "alice", "--home", "new"]);
    assert_eq!(fs::read(desk.home().join("b.log")).unwrap(), vec![7; ATTACHED_BYTES]);
    desk.ask(&["tx", "support", "respond", "1", "--message", "On.", "--from", "admin", "--home", "new"]);
    node.stop();
}

#[test]
fn a_backup_of_a_stopped_desk_is_one_of_the_same_desk() {
    let mut desk = desk();
    desk.kill_node();
    let made = back_up(&desk, "desk.backup");
    assert_eq!(made["pieces"], 1);
    let restored = restore(&desk, "desk.backup", "new");
    assert_eq!(restored["tickets"], 1);
    // The desk goes on where it was.
    desk.start_node("127.0.0.1:0");
    assert_eq!(desk.ask(&["read", "1", "--from", "alice"])["ticket"]["response_count"], 0);
    assert_eq!(back_up(&desk, "desk.backup")["chain_id"], made["chain_id"], "an earlier backup is replaced");
}

#[test]
fn no_key_is_in_a_backup_in_clear_and_the_validators_is_in_none() {
    let desk = desk();
    let home = desk.home().join(".sealdesk");
    desk.ask(&["backup", "without.backup"]);
    back_up(&desk, "with.backup");
    // The keyring of a test holds phrases in clear: here that is a canary.
    let key: Value =
        serde_json::from_slice(&fs::read(home.join("keyring-test/admin.json")).unwrap()).unwrap();
    let phrase = key["phrase_in_clear"].as_str().unwrap().to_owned();
    let key: Value = serde_json::from_slice(&fs::read(home.join("validator_key.json")).unwrap()).unwrap();
    let validator = key["secret_key"].as_str().unwrap().to_owned();
    for file in ["without.backup", "with.backup"] {
        let bytes = fs::read(desk.home().join(file)).unwrap();
        for secret in [&phrase, &validator] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{file}");
        }
    }
    let told = desk.ask(&["restore", "without.backup", "--home", "bare"]);
    assert_eq!(told["tickets"], 1);
    assert!(!desk.home().join("bare/keyring-test").exists());
    restore(&desk, "with.backup", "whole");
    let validator = fs::read_to_string(desk.home().join("whole/validator_key.json")).unwrap();
    assert!(!validator.contains(key["secret_key"].as_str().unwrap()));
    assert!(desk.ask(&["keys", "list", "--home", "whole"]).as_array().is_some_and(|keys| keys.len() == 2));
}

#[test]
fn the_doctor_and_the_start_say_when_it_is_time_for_a_backup() {
    let mut desk = desk();
    assert_eq!(backed_up(&desk)["detail"], "none was made yet");
    let made = back_up(&desk, "desk.backup");
    let found = backed_up(&desk);
    assert!(found["ok"] == true && found["detail"].as_str().unwrap().contains("old, of height"), "{found}");
    let note = desk.home().join(".sealdesk/last_backup.json");
    fs::write(&note, format!(r#"{{"chain_id":{},"height":2,"made":1700000000}}"#, made["chain_id"])).unwrap();
    let found = backed_up(&desk);
    assert!(found["ok"] == false && found["hint"].as_str().unwrap().contains("sealdesk backup"), "{found}");
    desk.stop_node();
    let mut start = desk.command(&["start"]);
    start.env("SEALDESK_LISTEN", "127.0.0.1:0").stderr(fs::File::create(desk.home().join("said")).unwrap());
    let node = crate::desk::node::Node::start(start);
    node.stop();
    let said = fs::read_to_string(desk.home().join("said")).unwrap();
    assert!(said.contains("backups: the last one is") && said.contains("sealdesk backup FILE"), "{said}");
}

#[test]
fn a_backup_that_went_to_a_pipe_counts_and_one_that_was_read_where_it_is() {
    let desk = desk();
    let piped = desk.command(&["backup", "-"]).output().unwrap();
    assert!(piped.status.success());
    let found = backed_up(&desk);
    let detail = found["detail"].as_str().unwrap();
    assert!(
        found["ok"] == true && detail.contains("old, of height") && detail.contains("--check"),
        "{found}"
    );
    fs::write(desk.home().join("desk.backup"), &piped.stdout).unwrap();
    desk.ask(&["backup", "--check", "desk.backup"]);
    let found = backed_up(&desk);
    assert!(!found["detail"].as_str().unwrap().contains("--check"), "{found}");
    // One that ended in the middle does not, and one of another desk is none of this one.
    fs::remove_file(desk.home().join(".sealdesk/last_backup.json")).unwrap();
    let mut to_full = isolated(Command::new("sh"), desk.home());
    assert!(!to_full.args(["-c", "sealdesk backup - > /dev/full"]).status().unwrap().success());
    // Also where it has the same name.
    let mut other = Session::idle();
    other.ask(&["init", "--chain-id", desk.ask(&["status"])["chain_id"].as_str().unwrap()]);
    other.start_node("127.0.0.1:0");
    other.ask(&["backup", "other.backup"]);
    let other = other.home().join("other.backup");
    desk.ask(&["backup", "--check", other.to_str().unwrap()]);
    assert_eq!(backed_up(&desk)["detail"], "none was made yet");
}

#[test]
fn a_backup_is_checked_beside_itself_and_elsewhere_where_nothing_can_be_written() {
    let desk = desk();
    let folder = desk.home().join("elsewhere");
    fs::create_dir(&folder).unwrap();
    back_up(&desk, "elsewhere/desk.backup");
    let nowhere = desk.home().join("nowhere");
    let check = |line: &str, temporary: &Path| {
        let mut sh = isolated(Command::new("sh"), desk.home());
        sh.env("TMPDIR", temporary).args(["-c", &format!("{line} --output json")]).output().unwrap()
    };
    let there = "sealdesk backup --check elsewhere/desk.backup";
    assert!(check(there, &nowhere).status.success(), "TMPDIR is not needed");
    let piped = "cat elsewhere/desk.backup | sealdesk backup --check /dev/stdin";
    assert!(check(piped, desk.home()).status.success());
    let names_it = |output: &Output| String::from_utf8_lossy(&output.stdout).contains("/nowhere: ");
    assert!(names_it(&check(piped, &nowhere)));
    // Root writes everywhere.
    if !rustix::process::geteuid().is_root() {
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
        assert!(check(there, desk.home()).status.success() && names_it(&check(there, &nowhere)));
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    }
}
