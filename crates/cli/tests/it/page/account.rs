//! People and their browsers: invitations and work, recovery, passkeys, tabs, and what a browser loses.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;

use super::{played, words};
use crate::desk::session::Session;

/// What is asked of newcomers: little work, since the machine may be slow.
const ADMISSION: &str = "[admission]\ninvitations = true\nwork = 8\nwork_memory = 1\n";

#[test]
fn a_person_comes_unlocks_loses_and_returns_in_a_browser() {
    let mut session = Session::idle();
    let home = session.home().join(".sealdesk");
    DirBuilder::new().mode(0o700).create(&home).unwrap();
    fs::write(home.join("config.toml"), ADMISSION).unwrap();
    session.start_node("127.0.0.1:0");
    let status = session.ask(&["status"]);
    let url = status["addresses"]["grpc"].as_str().unwrap();
    let named = url.replace("127.0.0.1", "localhost");
    let phrase = session.ask(&["keys", "export", "admin", "--yes"]);
    let line = session.command(&["invite", "--for", "carol", "--url", &named]).output().unwrap();
    let line = String::from_utf8(line.stdout).unwrap();
    let line = line.lines().next().unwrap();
    played("account", &[url, &words(&session), phrase["recovery_phrase"].as_str().unwrap(), line]);
    session.stop_node();
}
