//! For how many a node has places: what its operator says at the start, and when it does not start.

use std::process::{Command, Output};

use serde_json::Value;

use crate::desk::isolated;
use crate::desk::session::Session;

/// Starts a desk whose process may open so many files; it ends by itself only where it is refused.
fn start(desk: &Session, files: u32, options: &str) -> Output {
    let mut sh = isolated(Command::new("sh"), desk.home());
    let line = format!(
        "ulimit -n {files}; exec timeout 60 sealdesk start --listen 127.0.0.1:0 {options} --output json"
    );
    sh.arg("-c").arg(line).output().unwrap()
}

fn refused(output: &Output) -> (String, String) {
    let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let text = |name: &str| said[name].as_str().unwrap_or_else(|| panic!("{said}")).to_owned();
    (text("message"), text("hint"))
}

#[test]
fn more_connections_than_open_files_are_refused_with_what_to_type() {
    let desk = Session::idle();
    let output = start(&desk, 1_000, "--connections 2000");
    assert!(!output.status.success());
    let (why, hint) = refused(&output);
    assert!(
        why.contains("2000 connections take up to 2768 open files") && why.contains("may open 1000"),
        "{why}"
    );
    assert!(hint.contains("ulimit -n 2768") && hint.contains("LimitNOFILE=2768"), "{hint}");
    assert!(!desk.home().join(".sealdesk/genesis.json").exists(), "no desk is made that does not start");
}

#[test]
fn numbers_that_make_no_sense_are_refused_at_the_command_line() {
    let desk = Session::idle();
    for option in ["--connections 0", "--subscribers x", "--connections-per-address 1000001"] {
        let output = start(&desk, 1_000, option);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.code() == Some(2) && said.contains("from 1 to 1000000"), "{option}: {said}");
    }
    let (why, hint) = refused(&start(&desk, 1_000, "--subscribers 8 --subscribers-per-address 9"));
    assert!(why.contains("subscribers_per_address is 9") && !hint.is_empty(), "{why}");
}
