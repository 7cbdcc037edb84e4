//! What is exported is imported as it was: with the real program, byte for byte, however often.

use std::fs;
use std::io::Read as _;

use crate::desk::session::Session;
use serde_json::Value;

/// A stopped desk with every kind of record: tickets, a note, grants, a due closing, a suspended account, a revoked key.
fn lived_in() -> Session {
    let mut desk = Session::start();
    for name in ["alice", "bob", "carol"] {
        desk.key(name);
    }
    let admin = |args: &[&str]| desk.ask(&[args, &["--from", "admin"]].concat());
    admin(&["tx", "support", "update-params", "--ticket-cooldown-seconds", "0"]);
    let ticket =
        ["tx", "support", "create-ticket", "--category", "other", "--subject", "S", "--message", "M"];
    desk.ask(&[&ticket[..], &["--from", "alice"]].concat());
    desk.ask(&[&ticket[..], &["--from", "alice"]].concat());
    desk.ask(&["keys", "register", "bob"]);
    admin(&["tx", "roles", "assign-role", "bob", "support_agent"]);
    admin(&["tx", "support", "assign-ticket", "1", "bob"]);
    desk.ask(&["tx", "support", "respond", "1", "--from", "bob", "--internal", "--message", "a note"]);
    desk.ask(&["tx", "support", "resolve-ticket", "1", "--from", "bob", "--resolution", "done"]);
    desk.ask(&["keys", "register", "alice", "--rotate"]);
    desk.ask(&["keys", "revoke", "alice", "--key-version", "1"]);
    admin(&["tx", "roles", "set-account-state", "carol", "suspended", "--reason", "spam"]);
    desk.stop_node();
    desk
}

/// What a home exports to standard output.
fn exported(desk: &Session, home: &str) -> Vec<u8> {
    let output = desk.run(&["export", "--home", home]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn export_import_export_is_the_same_file_however_often() {
    let desk = lived_in();
    let home = desk.home().join(".sealdesk");
    let own = desk.ask(&["export", "-o", "first.json"]);
    let first = fs::read(desk.home().join("first.json")).unwrap();
    let document: Value = serde_json::from_slice(&first).unwrap();
    let state = &document["app_state"];
    let tickets = state["tickets"].as_array().unwrap();
    assert!(tickets.iter().any(|ticket| !ticket["due_at"].is_null()), "a due closing");
    assert!(tickets.iter().any(|ticket| ticket["payload"]["grants"].as_array().unwrap().len() == 1));
    assert!(state["members"].as_array().unwrap().iter().any(|member| member["state"] == "suspended"));
    let mut keys = state["keys"].as_array().unwrap().iter().flat_map(|list| list["keys"].as_array().unwrap());
    assert!(keys.any(|key| !key["revoked_at"].is_null()), "a revoked key");
    assert_eq!(document["validators"], Value::Array(Vec::new()), "whoever imports it names his own");
    let genesis: Value = serde_json::from_slice(&fs::read(home.join("genesis.json")).unwrap()).unwrap();
    assert_ne!(document["chain_id"], genesis["chain_id"], "a ledger that went on leaves its name behind");
    assert_eq!(own["chain_id"], document["chain_id"]);

    // Each ledger that is made of the file has a name of its own; all else is the same.
    let nameless = |file: &[u8]| {
        let text = String::from_utf8(file.to_vec()).unwrap();
        let (first, names) =
            text.lines().partition::<Vec<_>, _>(|line| !line.starts_with("  \"chain_id\": "));
        assert_eq!(names.len(), 1);
        first.join("\n")
    };
    desk.ask(&["import", "first.json", "--home", "second"]);
    let second = exported(&desk, "second");
    assert!(nameless(&first) == nameless(&second), "an export of an import is the same file");
    fs::write(desk.home().join("second.json"), second).unwrap();
    desk.ask(&["import", "second.json", "--home", "third"]);
    desk.ask(&["export", "--home", "third", "-o", "third.json"]);
    let third = fs::read(desk.home().join("third.json")).unwrap();
    assert!(nameless(&first) == nameless(&third), "and of an import of an import");
    let named = desk.ask(&["export", "--home", "third", "-o", "named.json", "--new-chain-id", "moved-1"]);
    assert_eq!(named["chain_id"], "moved-1", "a wish for another name is granted");
}

#[test]
fn without_a_file_the_document_is_all_of_standard_output() {
    let desk = lived_in();
    let plain = desk.command(&["export", "--new-chain-id", "desk-x"]).output().unwrap();
    let json = desk.run(&["export", "--new-chain-id", "desk-x"]);
    assert!(plain.status.success() && plain.stdout == json.stdout);
    assert!(serde_json::from_slice::<Value>(&plain.stdout).unwrap()["app_state"].is_object());
    let told = String::from_utf8(plain.stderr).unwrap();
    assert!(told.contains("desk-x") && told.contains("2 tickets"), "{told}");
}

#[test]
fn an_export_is_no_genesis_to_start_from_and_the_way_is_named() {
    let desk = lived_in();
    desk.ask(&["export", "-o", "moved.json"]);
    desk.ask(&["import", "moved.json", "--home", "moved"]);
    fs::copy(desk.home().join("moved.json"), desk.home().join("moved/genesis.json")).unwrap();
    let started = desk.run(&["start", "--home", "moved"]);
    assert_eq!(started.status.code(), Some(1));
    let refusal: Value = serde_json::from_slice(&started.stdout).unwrap();
    assert!(refusal["message"].as_str().unwrap().contains("no validators"), "{refusal}");
    assert!(refusal["hint"].as_str().unwrap().contains("sealdesk import"), "{refusal}");
    // Nor does it say whose signature counts.
    fs::write(desk.home().join("receipt"), b"x").unwrap();
    let verified = desk.run(&["verify", "receipt", "--genesis", "moved.json"]);
    assert_eq!(verified.status.code(), Some(2), "{}", String::from_utf8_lossy(&verified.stdout));
}

/// Runs a command that writes a file twice: whoever reads the earlier file while it is written anew has it whole.
fn is_written_aside(desk: &Session, file: &str, args: &[&str]) {
    desk.ask(args);
    let path = desk.home().join(file);
    let (before, mut earlier) = (fs::read(&path).unwrap(), fs::File::open(&path).unwrap());
    desk.ask(args);
    let mut kept = Vec::new();
    earlier.read_to_end(&mut kept).unwrap();
    assert!(kept == before, "{file}");
}

#[test]
fn an_earlier_export_or_receipt_stays_whole_until_the_next_one_is() {
    let mut desk = lived_in();
    is_written_aside(&desk, "desk.json", &["export", "-o", "desk.json"]);
    assert_eq!(fs::read_dir(desk.home()).unwrap().count(), 2, "no draft is left");
    desk.start_node("127.0.0.1:0");
    is_written_aside(&desk, "receipt", &["receipt", "1", "-o", "receipt"]);
    desk.stop_node();
}
