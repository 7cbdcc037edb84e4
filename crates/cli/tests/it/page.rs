//! The desk's page in a real browser, against the real program: `make page` builds it before the program that carries it.

mod account;
mod admin;
mod alone;
mod files;
mod front;
mod notices;
mod queue;
mod team;
mod ticket;
mod trust;

use std::fs;
use std::path::Path;
use std::process::Command;

use sealdesk_protocol::identity::Identity;
use serde_json::Value;

use crate::desk::program;
use crate::desk::session::Session;

/// The folder of the page.
const DESK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../desk");

/// Runs a script of the page's own tests, and shows what it says where it fails. `SEALDESK` in it is the program.
fn played(script: &str, arguments: &[&str]) {
    assert!(Path::new(DESK).join("dist/index.html").exists(), "`make page` builds the page first");
    let mut node = Command::new("node");
    node.arg(format!("test/{script}.mjs")).args(arguments).current_dir(DESK).env("SEALDESK", program());
    let output = node.output().unwrap();
    let (told, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && told.trim_end().ends_with("done"), "{told}\n{wrong}");
}

/// The twelve words of a session's ledger, as its home pinned it.
fn words(session: &Session) -> String {
    let pins = fs::read(session.home().join(".sealdesk/pins.json")).unwrap();
    let pins: Value = serde_json::from_slice(&pins).unwrap();
    let pin = pins["ledgers"].as_object().unwrap().values().next().unwrap();
    Identity::parse(pin["identity"].as_str().unwrap()).unwrap().words()
}

#[test]
fn two_browsers_answer_each_other_and_nothing_stays_in_clear() {
    let mut session = Session::start();
    let status = session.ask(&["status"]);
    let url = status["addresses"]["grpc"].as_str().unwrap();
    let phrase = session.ask(&["keys", "export", "admin", "--yes"]);
    played("first", &[url, &words(&session), phrase["recovery_phrase"].as_str().unwrap()]);
    // The administrator's program opens what the page sealed, and the customer's answer to it.
    let read = session.ask(&["read", "1", "--from", "admin"]);
    assert_eq!(read["messages"][1]["text"], "Which model is it?");
    assert_eq!(read["ticket"]["status"], "resolved");
    session.stop_node();
}
