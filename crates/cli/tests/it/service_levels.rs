//! Service levels by the real program over a real node: published, counted, replaced, proven by a receipt, and refused where it was changed.

use sealdesk_client::receipt::TicketReceipt;
use sealdesk_protocol::block::Hash;
use sealdesk_protocol::genesis::{Genesis, validators_of};
use sealdesk_protocol::receipt::Trust;
use serde_json::{Value, json};

use crate::desk::let_a_second_pass;
use crate::desk::session::Session;

fn put(desk: &Session, name: &str, body: &Value) -> std::process::Output {
    let args = ["documents", "put", "public", name, "--from", "admin"];
    desk.run_with_input(&args, &body.to_string())
}

fn published(desk: &Session, name: &str, body: &Value) {
    let output = put(desk, name, body);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn levels(first: &str, next: &str) -> Value {
    json!({ "schema": 1, "calendar": "office-hours", "targets": [
        { "first_response": first, "next_response": next, "resolution": "40h" }] })
}

/// An office that never closes, so that the test may run at any hour.
fn always_open() -> Value {
    let day = json!(["00:00-24:00"]);
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let week: serde_json::Map<_, _> = days.iter().map(|name| ((*name).to_owned(), day.clone())).collect();
    json!({ "schema": 1, "zone": "Europe/Berlin", "week": week })
}

/// What became of each target, with the versions that it is counted by.
fn told(sla: &Value) -> Vec<String> {
    let targets = sla["targets"].as_array().unwrap().iter();
    let line = |target: &Value| {
        let text = |name: &str| target[name].as_str().unwrap_or("-").to_owned();
        let (number, by) = (&target["number"], &target["sla_version"]);
        format!(
            "{} {number} {}, by {by} and {}",
            text("target"),
            text("state"),
            target["office_hours_version"]
        )
    };
    targets.map(line).collect()
}

/// A desk with the agent bob, where both documents are published before alice writes.
fn promising_desk() -> Session {
    let desk = Session::start();
    for name in ["alice", "bob"] {
        desk.key(name);
    }
    desk.ask(&["keys", "register", "bob"]);
    desk.ask(&["tx", "roles", "assign-role", "bob", "support_agent", "--from", "admin"]);
    published(&desk, "office-hours", &always_open());
    published(&desk, "sla", &levels("1h", "2h"));
    let args = ["--category", "technical", "--subject", "It stops", "--message", "Since this morning."];
    desk.ask(&[&["tx", "support", "create-ticket", "--from", "alice"][..], &args].concat());
    desk.ask(&["tx", "support", "assign-ticket", "1", "bob", "--from", "admin"]);
    desk
}

#[test]
fn what_was_promised_is_counted_the_same_from_the_ledger_and_from_a_receipt() {
    let mut desk = promising_desk();
    let now = desk.ask(&["sla", "1"]);
    let first = ["first_response 1 due, by 2 and 1", "resolution 1 due, by 2 and 1"];
    assert_eq!((told(&now), &now["problems"]), (first.map(str::to_owned).to_vec(), &json!([])), "{now}");
    assert_eq!(now["tzdb"], "2026f");
    let due = now["targets"][0]["due_at"].as_str().unwrap().to_owned();

    desk.ask(&["tx", "support", "respond", "1", "--from", "bob", "--message", "We look at it."]);
    let_a_second_pass();
    published(&desk, "sla", &levels("4h", "1h"));
    let_a_second_pass();
    desk.ask(&["tx", "support", "respond", "1", "--from", "alice", "--message", "And now it smokes."]);
    let answered = desk.ask(&["sla", "1"]);
    let both = [
        "first_response 1 met, by 2 and 1",
        "next_response 1 due, by 3 and 1",
        "resolution 1 due, by 2 and 1",
    ];
    assert_eq!(told(&answered), both, "{answered}");
    assert_eq!(answered["targets"][0]["due_at"], due.as_str(), "a later version changes no promise");
    assert_eq!(answered["targets"][1]["allowed_seconds"], 3_600);

    desk.ask(&["tx", "support", "respond", "1", "--from", "bob", "--message", "Pull the plug."]);
    desk.ask(&["tx", "support", "await-customer", "1", "--from", "bob"]);
    // What is taken back in the very second in which a target begins was not promised for it.
    let_a_second_pass();
    let args = ["documents", "remove", "public", "sla", "--from", "admin", "--yes"];
    desk.ask(&args);
    let waiting = desk.ask(&["sla", "1"]);
    assert_eq!(waiting["targets"][2]["state"], "paused", "{waiting}");
    assert_eq!(waiting["targets"][2]["due_at"], Value::Null);

    desk.ask(&["tx", "support", "resolve-ticket", "1", "--from", "bob", "--resolution", ""]);
    desk.ask(&["receipt", "1", "-o", "1.receipt"]);
    let online = desk.ask(&["sla", "1"]);
    let done = [
        "first_response 1 met, by 2 and 1",
        "next_response 1 met, by 3 and 1",
        "resolution 1 met, by 2 and 1",
    ];
    assert_eq!(told(&online), done, "what was removed was promised all the same: {online}");
    desk.stop_node();
    let args = ["sla", "1", "--receipt", "1.receipt"];
    let genesis = ["--genesis", ".sealdesk/genesis.json"];
    let offline = desk.ask(&[&args[..], &genesis].concat());
    assert_eq!(offline["targets"], online["targets"], "the same numbers without a node");
    assert_eq!(desk.run(&args).status.code(), Some(2), "not pinned");
    let other = desk.run(&[&["sla", "2"], &args[2..], &genesis].concat());
    assert_eq!(other.status.code(), Some(2), "{}", String::from_utf8_lossy(&other.stdout));
    let shown = desk.command(&[&args[..], &genesis].concat()).output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("first response") && shown.contains("office-hours version 1"), "{shown}");
    assert!(shown.contains("database 2026f"), "{shown}");
    no_byte_changes_a_number(&desk, &offline);
}

/// A receipt with any byte changed is refused: nothing of what is counted stands outside of what is proven.
fn no_byte_changes_a_number(desk: &Session, offline: &Value) {
    let bytes = std::fs::read(desk.home().join("1.receipt")).unwrap();
    let genesis = std::fs::read(desk.home().join(".sealdesk/genesis.json")).unwrap();
    let genesis = Genesis::from_json(&genesis).unwrap();
    let Hash::Sha256(validators_hash) = validators_of(&genesis).unwrap().hash() else { panic!("no hash") };
    let trust = Trust::Pinned { validators_hash, chain_id: None };
    let counted = |bytes: &[u8]| TicketReceipt::verify(bytes, &trust).map(|receipt| receipt.service_levels());
    let whole = counted(&bytes).unwrap().unwrap().to_json();
    assert_eq!(whole["targets"], offline["targets"]);
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1 << (place % 8);
        assert!(counted(&changed).is_err(), "byte {place} of {}", bytes.len());
    }
    for length in (0..bytes.len()).rev().step_by(7) {
        // Cut off behind a record it may be a shorter receipt, which names what it lacks.
        let Ok(Ok(report)) = counted(&bytes[..length]) else { continue };
        assert!(report.to_json()["targets"] == whole["targets"] || !report.problems.is_empty(), "{length}");
    }
}

#[test]
fn a_document_that_nobody_could_count_by_is_not_published() {
    let desk = Session::start();
    desk.ask(&["keys", "register", "admin"]);
    let mut wrong = levels("1h", "2h");
    wrong["targets"][0]["first_respons"] = json!("1h");
    let output = put(&desk, "sla", &wrong);
    assert_eq!(output.status.code(), Some(2));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let message = said["message"].as_str().unwrap();
    assert!(message.contains("unknown field `first_respons`, expected one of `priorities`"), "{said}");
    assert!(said["hint"].as_str().unwrap().contains("sealdesk documents example sla"), "{said}");
    assert_eq!(desk.ask(&["documents", "list", "public"])["documents"], json!([]));

    for name in ["sla", "office-hours"] {
        let example = desk.command(&["documents", "example", name]).output().unwrap();
        let body: Value = serde_json::from_slice(&example.stdout).unwrap();
        published(&desk, name, &body);
        assert_eq!(desk.ask(&["documents", "show", "public", name])["content"], body);
    }
}
