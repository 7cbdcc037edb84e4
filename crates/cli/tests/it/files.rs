//! Attached files, by the real program over a real node: brought and saved, refused before anything is brought, and erased.

use std::fs;
use std::path::Path;

use sealdesk_testkit::waiting::wait_until;
use serde_json::Value;

use crate::desk::session::Session;

const WRITTEN: &[u8] = b"what the machine said";

fn create<'a>(from: &'a str, files: &[&'a str]) -> Vec<&'a str> {
    let args = ["tx", "support", "create-ticket", "--category", "technical", "--subject", "A log"];
    [&args[..], &["--message", "See the file.", "--from", from], files].concat()
}

fn respond<'a>(from: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["tx", "support", "respond", "1", "--message", "Another.", "--from", from], more].concat()
}

/// A desk with alice's ticket, which has a file of one piece; carol is a stranger to it.
fn desk_with_file() -> Session {
    let desk = Session::start();
    for name in ["alice", "carol"] {
        desk.key(name);
    }
    fs::write(desk.home().join("a.log"), WRITTEN).unwrap();
    desk.ask(&create("alice", &["--attach", "a.log"]));
    desk
}

/// How many pieces the node's folder has, named or waiting.
fn pieces(desk: &Session) -> usize {
    fn files(folder: &Path) -> usize {
        let Ok(entries) = fs::read_dir(folder) else { return 0 };
        let count = |path: &Path| if path.is_dir() { files(path) } else { 1 };
        entries.map(|entry| count(&entry.unwrap().path())).sum()
    }
    files(&desk.home().join(".sealdesk/data/blobs"))
}

/// What a command that fails says: its message and its hint.
fn failed(desk: &Session, args: &[&str]) -> (String, String) {
    let output = desk.run(args);
    let shown = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "sealdesk {args:?}\n{shown}");
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    (text("message"), text("hint"))
}

#[test]
fn a_file_is_saved_by_who_can_open_it_and_others_hear_why_not() {
    let desk = desk_with_file();
    desk.ask(&["save", "1", "1", "-o", "b.log", "--from", "alice"]);
    assert_eq!(fs::read(desk.home().join("b.log")).unwrap(), WRITTEN);

    let (message, hint) = failed(&desk, &["save", "1", "1", "-o", "c.log", "--from", "carol"]);
    assert!(message.contains("nothing of TKT-00000001 was sealed for you"), "{message}");
    assert!(hint.contains("sealdesk assign"), "{hint}");
    let (message, _) = failed(&desk, &["save", "1", "2", "-o", "c.log", "--from", "alice"]);
    assert_eq!(message, "file 2 does not exist in this ticket: it has 1");

    desk.ask(&respond("admin", &["--internal", "--attach", "a.log"]));
    let (message, hint) = failed(&desk, &["save", "1", "2", "-o", "c.log", "--from", "alice"]);
    assert!(message.contains("you can open 1, and 1 more belong to messages"), "{message}");
    assert!(hint.contains("sealdesk read"), "{hint}");
    assert!(!desk.home().join("c.log").exists());
    desk.ask(&["save", "1", "2", "-o", "c.log", "--from", "admin"]);
}

#[test]
fn nothing_is_brought_of_a_message_that_the_ledger_would_refuse() {
    let desk = desk_with_file();
    assert_eq!(pieces(&desk), 1);
    let limited = ("support".to_owned(), 12);
    assert_eq!(desk.refused(&create("alice", &["--attach", "a.log"])), limited, "the cooldown");
    assert_eq!(pieces(&desk), 1);

    let params = ["tx", "support", "update-params", "--from", "admin"];
    let day = "--max-attachment-bytes-per-customer-per-day";
    desk.ask(&[&params[..], &["--ticket-cooldown-seconds", "0", day, "4096"]].concat());
    assert_eq!(desk.refused(&create("alice", &["--attach", "a.log"])), limited, "the day's bytes");
    assert_eq!(desk.refused(&respond("alice", &["--attach", "a.log"])), limited, "the day's bytes");
    assert_eq!(pieces(&desk), 1);
    desk.ask(&respond("admin", &["--attach", "a.log"]));
    assert_eq!(pieces(&desk), 2, "staff's files do not count");

    desk.ask(&["tx", "support", "close-ticket", "1", "--from", "alice"]);
    let (codespace, _) = desk.refused(&respond("admin", &["--attach", "a.log"]));
    assert_eq!((codespace.as_str(), pieces(&desk)), ("support", 2), "closed");
}

#[test]
fn the_doctor_counts_missing_pieces_whether_or_not_the_desk_runs() {
    let mut desk = desk_with_file();
    let files = |desk: &Session| {
        let output = desk.run(&["doctor"]);
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        let checks = found["checks"].as_array().unwrap().clone();
        let files = checks.into_iter().find(|check| check["name"] == "files").unwrap();
        (files["ok"].as_bool().unwrap(), files["detail"].as_str().unwrap().to_owned())
    };
    // A node keeps for good what a message names with its next look, of which one is at its start.
    desk.stop_node();
    desk.start_node("127.0.0.1:0");
    let all_here = (true, "1 piece of attached files, none missing".to_owned());
    wait_until("the running desk has kept it", || files(&desk) == all_here);
    desk.stop_node();
    assert_eq!(files(&desk), all_here);
    let blobs = desk.home().join(".sealdesk/data/blobs");
    fs::rename(&blobs, desk.home().join("away")).unwrap();
    let (ok, detail) = files(&desk);
    assert!(!ok && detail.contains("are missing here"), "{detail}");
    // A node that starts looks at all pieces at once.
    desk.start_node("127.0.0.1:0");
    wait_until("the running desk counts them", || {
        let (ok, detail) = files(&desk);
        !ok && detail.contains("1 of the 1 piece") && detail.contains("at this node")
    });
}

#[test]
fn receipts_prove_what_they_proved_when_a_node_has_erased_the_text() {
    let desk = desk_with_file();
    desk.ask(&["receipt", "1", "-o", "before.receipt"]);
    desk.ask(&["tx", "support", "close-ticket", "1", "--from", "alice"]);
    let erased = desk.ask(&["erase", "1", "--yes", "--from", "admin"]);
    assert_eq!((&erased["texts"], &erased["pieces"], pieces(&desk)), (&1.into(), &1.into(), 0));
    desk.ask(&["receipt", "1", "-o", "after.receipt"]);

    let verify = |file: &str| desk.ask(&["verify", file, "--genesis", ".sealdesk/genesis.json"]);
    let (before, after) = (verify("before.receipt"), verify("after.receipt"));
    let digest = before["payload_digest"].as_str().unwrap();
    assert_eq!((digest.len(), after["payload_digest"].as_str()), (64, Some(digest)));
    for receipt in [&before, &after] {
        assert_eq!(receipt["pinned"], true);
        let says = |list: &str, part: &str| {
            let sentences = receipt[list].as_array().unwrap();
            sentences.iter().any(|sentence| sentence.as_str().unwrap().contains(part))
        };
        assert!(says("proves", &format!("What was sealed in it has the digest {digest}.")), "{receipt}");
        assert!(says("does_not_prove", "What was written"), "{receipt}");
    }
    assert_eq!(after["ticket"]["status"], "closed");

    let read = desk.run(&["read", "1", "--from", "alice"]);
    assert_eq!(read.status.code(), Some(1));
    let read: Value = serde_json::from_slice(&read.stdout).unwrap();
    assert!(read["messages"][0]["not_shown"].as_str().unwrap().contains("erased"), "{read}");
    let (message, hint) = failed(&desk, &["save", "1", "1", "-o", "c.log", "--from", "alice"]);
    assert!(
        message.contains("no message of TKT-00000001 can be opened") && message.contains("erased"),
        "{message}"
    );
    assert!(hint.contains("backup"), "{hint}");
}
