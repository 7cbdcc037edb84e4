//! One message for a third party: `sealdesk disclose`, and `sealdesk verify --disclosure`, which asks nobody.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::desk::session::Session;
use crate::truth::{staffed, ticket, told};

const TEXT: &str = "We send it back today.";

/// A desk with two tickets of alice's, an answer and a note in the first, and a receipt of it.
fn desk_with_receipt() -> (Session, String) {
    let desk = staffed();
    let first = ticket(&desk, "alice");
    ticket(&desk, "alice");
    desk.ask(&["tx", "support", "respond", &first, "--message", TEXT, "--from", "admin"]);
    desk.ask(&["tx", "support", "respond", &first, "--message", "A liar", "--internal", "--from", "admin"]);
    desk.ask(&["receipt", &first, "-o", "ticket.receipt"]);
    (desk, first)
}

fn disclose(desk: &Session, ticket: &str, number: &str, from: &str) -> PathBuf {
    let name = format!("{from}-{ticket}-{number}.json");
    desk.ask(&["disclose", ticket, number, "-o", &name, "--from", from]);
    desk.home().join(name)
}

fn verify(desk: &Session, file: &str) -> (Value, i32) {
    let genesis = desk.home().join(".sealdesk/genesis.json");
    let output =
        desk.run(&["verify", "ticket.receipt", "--genesis", genesis.to_str().unwrap(), "--disclosure", file]);
    (serde_json::from_slice(&output.stdout).unwrap(), output.status.code().unwrap())
}

#[test]
fn a_third_party_matches_one_message_against_a_receipt_and_asks_nobody() {
    let (mut desk, first) = desk_with_receipt();
    let file = disclose(&desk, &first, "2", "alice");
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let (_, err, code) = told(&desk, &["disclose", &first, "1", "-o", "x.json", "--from", "alice"]);
    assert!(code == 0 && err.contains("can read this message"), "{err}");
    let note = disclose(&desk, &first, "3", "admin");
    desk.stop_node();
    let (value, code) = verify(&desk, file.to_str().unwrap());
    assert_eq!(code, 0, "{value}");
    let disclosed = &value["disclosure"];
    assert!(disclosed["text"] == TEXT && disclosed["response_index"] == 0, "{value}");
    assert_eq!(disclosed["payload_digest"], value["responses"][0]["payload_digest"]);
    assert!(disclosed["proves"].as_array().is_some_and(|lines| !lines.is_empty()), "{value}");
    let genesis = desk.home().join(".sealdesk/genesis.json");
    let (out, err, code) = told(
        &desk,
        &[
            "verify",
            "ticket.receipt",
            "--genesis",
            genesis.to_str().unwrap(),
            "--disclosure",
            note.to_str().unwrap(),
        ],
    );
    assert!(code == 0 && out.contains("A liar") && out.contains("a note for staff"), "{out}{err}");
    // Dates stand in the text, with their zone.
    assert!(out.matches("UTC").count() >= 3, "{out}");
    // The data key opens this message, and is in no other.
    let [one, other] =
        [&file, &note].map(|path| serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap());
    assert_ne!(one["data_key"], other["data_key"]);
    let first_one: Value = serde_json::from_slice(&fs::read(desk.home().join("x.json")).unwrap()).unwrap();
    assert_ne!(one["data_key"], first_one["data_key"]);
}

#[test]
fn a_reader_who_lies_proves_nothing() {
    let (desk, first) = desk_with_receipt();
    let good: Value =
        serde_json::from_slice(&fs::read(disclose(&desk, &first, "2", "alice")).unwrap()).unwrap();
    let other: Value =
        serde_json::from_slice(&fs::read(disclose(&desk, "2", "1", "alice")).unwrap()).unwrap();
    let mine: Value =
        serde_json::from_slice(&fs::read(disclose(&desk, &first, "1", "alice")).unwrap()).unwrap();
    let with = |from: &Value, field: &str, value: Value| {
        let mut changed = from.clone();
        changed[field] = value;
        changed
    };
    let content = good["content"].as_str().unwrap();
    let lies = [
        ("another text", with(&good, "content", content.replace("today", "never").into())),
        ("a blank more", with(&good, "content", format!("{content} ").into())),
        ("another answer", with(&good, "response_index", 1.into())),
        ("the first message", with(&good, "response_index", Value::Null)),
        ("an answer that is not there", with(&good, "response_index", 7.into())),
        ("the first message as an answer", with(&mine, "response_index", 0.into())),
        ("another ticket", other.clone()),
        ("another ticket under this one's number", with(&other, "ticket_id", first.clone().into())),
        ("another ledger", with(&good, "chain_id", "desk-ffffffffffffffff".into())),
        ("another key", with(&good, "data_key", other["data_key"].clone())),
        ("another nonce", with(&good, "payload_nonce", other["payload_nonce"].clone())),
        ("other readers", with(&good, "recipients", other["recipients"].clone())),
        ("something more", with(&good, "signed_by", "the pope".into())),
        ("nothing", json!({})),
    ];
    for (what, lie) in lies {
        fs::write(desk.home().join("lie.json"), lie.to_string()).unwrap();
        let (value, code) = verify(&desk, "lie.json");
        assert_eq!(code, 1, "{what}: {value}");
        assert!(
            value["disclosure"].is_null() && value["message"].is_string() && value["hint"].is_string(),
            "{what}: {value}"
        );
    }
    fs::write(desk.home().join("good.json"), good.to_string()).unwrap();
    assert_eq!(verify(&desk, "good.json").1, 0);
}

#[test]
fn what_is_not_open_is_not_disclosed_and_no_file_is_written_over() {
    let (desk, first) = desk_with_receipt();
    for (number, from, words) in [
        ("3", "alice", "sealed for others"),
        ("9", "admin", "has 3 messages"),
        ("0", "admin", "has 3 messages"),
    ] {
        let (out, err, code) = told(&desk, &["disclose", &first, number, "-o", "no.json", "--from", from]);
        assert!(code == 1 && err.contains(words) && err.contains("hint: "), "{out}{err}");
        assert!(!desk.home().join("no.json").exists());
    }
    let file = disclose(&desk, &first, "2", "alice");
    let before = fs::read(&file).unwrap();
    let (_, err, code) =
        told(&desk, &["disclose", &first, "1", "-o", file.to_str().unwrap(), "--from", "alice"]);
    assert!(code == 1 && err.contains("is there already"), "{err}");
    assert_eq!(fs::read(&file).unwrap(), before);
}
