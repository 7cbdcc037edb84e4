//! `kill -9` of a backup, of the node that gives it, and of a restore: what is there afterwards is whole, or not there.

use std::process::{Child, Stdio};
use std::time::Duration;

use super::{PASSPHRASE, back_up, desk, names};
use crate::desk::session::Session;

/// How often each is killed.
const ROUNDS: u64 = 12;

/// Begins a command, and kills it after so many milliseconds. Whether it had ended by itself.
fn killed_after(desk: &Session, args: &[&str], millis: u64) -> bool {
    let mut command = desk.command(args);
    let mut child: Child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // Any moment is as good as another: the test asserts nothing about how far it came.
    std::thread::sleep(Duration::from_millis(millis));
    let ended = child.try_wait().unwrap().is_some_and(|status| status.success());
    let _ = child.kill();
    child.wait().unwrap();
    ended
}

#[test]
fn a_backup_that_is_killed_leaves_the_one_before_it() {
    let mut desk = desk();
    let first = back_up(&desk, "desk.backup");
    let args = [&["backup", "--with-keys", "desk.backup"], &PASSPHRASE[..]].concat();
    for round in 0..ROUNDS {
        killed_after(&desk, &args, 30 * round);
        let found = desk.ask(&["backup", "--check", "desk.backup"]);
        assert_eq!(found["chain_id"], first["chain_id"], "round {round}");
        desk.ask(&["status"]);
    }
    // The node dies while it gives one.
    let mut command = desk.command(&args);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(50));
    desk.kill_node();
    child.wait().unwrap();
    desk.ask(&["backup", "--check", "desk.backup"]);
    back_up(&desk, "desk.backup");
    let left = names(desk.home());
    assert!(left.iter().all(|name| !name.contains("draft") && !name.contains(".state")), "{left:?}");
    desk.start_node("127.0.0.1:0");
    assert!(desk.ask(&["read", "1", "--from", "alice"])["ticket"].is_object());
}

#[test]
fn a_restore_that_is_killed_is_finished_by_the_same_command() {
    let mut desk = desk();
    back_up(&desk, "desk.backup");
    desk.stop_node();
    for round in 0..ROUNDS {
        let home = format!("new{round}");
        let args = [&["restore", "desk.backup", "--home", &home], &PASSPHRASE[..]].concat();
        let ended = killed_after(&desk, &args, 30 * round);
        let again = desk.run(&args);
        // Where the first one had ended there is a desk, which is not restored over.
        let told = String::from_utf8_lossy(&again.stdout).into_owned();
        assert!(again.status.success() || told.contains("holds a ledger already"), "round {round}: {told}");
        assert!(again.status.success() || !desk.home().join(&home).join(".restoring").exists(), "{ended}");
        assert_eq!(desk.ask(&["doctor", "--home", &home])["ok"], true, "round {round}");
        assert!(!names(&desk.home().join(&home)).contains(&".restoring".to_owned()), "round {round}");
        assert_eq!(desk.ask(&["keys", "list", "--home", &home]).as_array().map(Vec::len), Some(2));
    }
}
