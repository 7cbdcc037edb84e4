//! A transaction that is composed, signed and sent by three commands, as on three computers; and what becomes of a file that somebody
//! changes on its way.

use std::fs;
use std::process::Output;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::desk::session::Session;

const CREATE: [&str; 12] = [
    "tx",
    "support",
    "create-ticket",
    "--from",
    "alice",
    "--category",
    "technical",
    "--subject",
    "It stops.",
    "--message",
    "Since today.",
    "--generate-only",
];

/// A desk with two customers, whose tickets come as fast as they write them.
fn desk() -> Session {
    let desk = Session::start();
    desk.key("alice");
    desk.key("bob");
    desk.ask(&["tx", "support", "update-params", "--ticket-cooldown-seconds", "0", "--from", "admin"]);
    desk
}

/// What a command prints as JSON beside its notes; it must succeed.
fn made(desk: &Session, args: &[&str]) -> (Value, String) {
    let output = desk.command(args).output().unwrap();
    let notes = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{args:?}: {notes}{}", String::from_utf8_lossy(&output.stdout));
    (serde_json::from_slice(&output.stdout).unwrap(), notes)
}

fn file(desk: &Session, name: &str, value: &Value) {
    fs::write(desk.home().join(name), value.to_string()).unwrap();
}

/// Why a command failed, in a person's words.
fn failed(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The sequence that a note names.
fn sequence(notes: &str) -> String {
    let rest = notes.split("with sequence ").nth(1).unwrap_or_else(|| panic!("{notes}"));
    rest.chars().take_while(char::is_ascii_digit).collect()
}

#[test]
fn a_sealed_ticket_is_composed_signed_offline_and_sent_once_by_three_commands() {
    let desk = desk();
    let (unsigned, notes) = made(&desk, &CREATE);
    assert_eq!((&unsigned["signatures"], &unsigned["auth_info"]["signer_infos"]), (&json!([]), &json!([])));
    let last = unsigned["body"]["messages"].as_array().unwrap().last().unwrap();
    assert_eq!(last["@type"], "/virtengine.support.v1.MsgCreateTicket");
    assert!(!unsigned.to_string().contains("It stops"), "{unsigned}");
    assert_eq!(desk.ask(&["query", "support", "tickets-by-customer", "alice"])["tickets"], json!([]));

    file(&desk, "unsigned.json", &unsigned);
    let chain = desk.ask(&["status"])["chain_id"].as_str().unwrap().to_owned();
    let offline = ["tx", "sign", "unsigned.json", "--offline", "--chain-id", &chain, "--sequence"];
    // No node is there to be asked.
    let nowhere = ["--node", "http://127.0.0.1:1", "-o", "signed.json"];
    let number = sequence(&notes);
    let signed = desk.command(&[&offline[..], &[&number], &nowhere].concat()).output().unwrap();
    let shown = String::from_utf8(signed.stderr).unwrap();
    assert!(signed.status.success(), "{shown}");
    assert!(shown.contains("write a ticket") && shown.contains("sealed for"), "{shown}");
    assert!(shown.contains("category: \"technical\"") && shown.contains("alice ("), "{shown}");

    let sent = desk.ask(&["tx", "broadcast", "signed.json"]);
    assert_eq!((&sent["ticket_id"], &sent["proven"]), (&json!("TKT-00000001"), &json!(true)), "{sent}");
    let again = desk.ask(&["tx", "broadcast", "signed.json"]);
    assert_eq!((&again["txhash"], &again["height"]), (&sent["txhash"], &sent["height"]), "{again}");
    assert_eq!((&again["ticket_id"], &again["proven"]), (&sent["ticket_id"], &json!(true)), "{again}");
    let read = desk.ask(&["read", "1", "--from", "admin"]);
    assert_eq!(read["messages"][0]["text"], "Since today.");
    assert_eq!(
        desk.ask(&["query", "support", "tickets-by-customer", "alice"])["tickets"].as_array().unwrap().len(),
        1
    );
}

#[test]
fn what_seals_nothing_needs_no_passphrase_until_it_is_signed_as_bytes_or_as_json() {
    let desk = desk();
    let admin = desk.ask(&["keys", "show", "admin"])["address"].as_str().unwrap().to_owned();
    desk.ask(&[&CREATE[..11], &[]].concat());
    // An empty keyring, and only an address.
    let close =
        ["tx", "support", "close-ticket", "1", "--reason", "done", "--from", &admin, "--generate-only"];
    let elsewhere = ["--keyring-backend", "file", "-o", "close.json"];
    let handed = desk.command(&[&close[..], &elsewhere].concat()).output().unwrap();
    assert!(handed.status.success() && handed.stdout.is_empty(), "{handed:?}");
    let notes = String::from_utf8(handed.stderr).unwrap();
    assert!(notes.contains("Nothing was sent") && notes.contains("`sealdesk tx sign close.json`"), "{notes}");

    let (signed, shown) = made(&desk, &["tx", "sign", "close.json", "--amino"]);
    assert!(shown.contains("close TKT-00000001") && shown.contains("reason: \"done\""), "{shown}");
    let mode = &signed["auth_info"]["signer_infos"][0]["mode_info"]["single"]["mode"];
    assert_eq!(mode, "SIGN_MODE_LEGACY_AMINO_JSON");
    file(&desk, "signed.json", &signed);
    let said = desk.command(&["tx", "broadcast", "signed.json"]).output().unwrap();
    assert!(String::from_utf8_lossy(&said.stdout).contains("close TKT-00000001"), "{said:?}");
    assert_eq!(desk.ask(&["query", "support", "ticket", "1"])["status"], "closed");

    let reopen =
        ["tx", "support", "reopen-ticket", "1", "--reason", "r", "--from", "admin", "--generate-only"];
    let (unsigned, _) = made(&desk, &reopen);
    let piped = desk.run_with_input(&["tx", "sign", "-"], &unsigned.to_string());
    assert!(piped.status.success(), "{piped:?}");
    let sent = desk.run_with_input(&["tx", "broadcast", "-"], &String::from_utf8(piped.stdout).unwrap());
    assert!(sent.status.success(), "{sent:?}");
    assert_eq!(desk.ask(&["query", "support", "ticket", "1"])["status"], "open");
}

#[test]
fn a_file_that_was_changed_on_its_way_is_shown_or_refused_and_changes_nothing() {
    let desk = desk();
    let (sealed, notes) = made(&desk, &CREATE);
    let place = sealed["body"]["messages"].as_array().unwrap().len() - 1;
    let sign = |value: &Value, more: &[&str]| {
        file(&desk, "file.json", value);
        desk.command(&[&["tx", "sign", "file.json"][..], more].concat()).output().unwrap()
    };
    // Another reader, another text, another place.
    for change in ["/wrapped_keys/0/recipient_id", "/payload_ciphertext", "/payload_nonce"] {
        let mut changed = sealed.clone();
        let field = changed["body"]["messages"][place]["encrypted_payload"].pointer_mut(change).unwrap();
        let text = field.as_str().unwrap();
        let begin = if text.starts_with('a') { "b" } else { "a" };
        *field = format!("{begin}{}", &text[1..]).into();
        let why = failed(&sign(&changed, &[]));
        assert!(why.contains("or the file was changed, or sealed by another key"), "{change}: {why}");
    }
    let mut shifted = sealed.clone();
    let twin = sealed["body"]["messages"][place].clone();
    shifted["body"]["messages"].as_array_mut().unwrap().insert(place, twin);
    assert!(failed(&sign(&shifted, &[])).contains("or the file was changed, or sealed by another key"));
    let next = (sequence(&notes).parse::<u64>().unwrap() + 3).to_string();
    let chain = desk.ask(&["status"])["chain_id"].as_str().unwrap().to_owned();
    let late = failed(&sign(&sealed, &["--sequence", &next, "--offline", "--chain-id", &chain]));
    assert!(
        late.contains(&format!("for sequence {} of", sequence(&notes))) && late.contains("--generate-only"),
        "{late}"
    );
    // A number that is far off, and another ledger, are the first to be looked at.
    for (sequence, ledger) in [("4711", chain.as_str()), (&sequence(&notes), "desk-other")] {
        let why = failed(&sign(&sealed, &["--sequence", sequence, "--offline", "--chain-id", ledger]));
        assert!(why.contains(&format!("does not fit ledger {ledger} and sequence {sequence}")), "{why}");
        assert!(why.contains("hint: look at --chain-id and --sequence first"), "{why}");
    }
    assert!(failed(&sign(&sealed, &["--from", "bob"])).contains("has to sign this"));

    // What is public is shown as it is.
    let mut public = sealed.clone();
    public["body"]["messages"][place]["category"] = "billing\u{1b}[2J".into();
    let shown = String::from_utf8(sign(&public, &[]).stderr).unwrap();
    assert!(shown.contains("billing\\u{1b}[2J"), "{shown}");

    // After it was signed nothing can be changed, nor sent to another ledger.
    let signed: Value = serde_json::from_slice(&sign(&sealed, &[]).stdout).unwrap();
    let broadcast = |value: &Value| {
        file(&desk, "file.json", value);
        desk.command(&["tx", "broadcast", "file.json"]).output().unwrap()
    };
    let mut memo = signed.clone();
    memo["body"]["memo"] = "another".into();
    assert!(failed(&broadcast(&memo)).contains("changed after it was signed"));
    assert!(failed(&broadcast(&sealed)).contains("nobody has signed"));
    file(&desk, "file.json", &sealed);
    let other =
        ["tx", "sign", "file.json", "--offline", "--chain-id", "other-1", "--sequence", &sequence(&notes)];
    assert!(failed(&desk.command(&other).output().unwrap()).contains("does not fit ledger other-1"));
    let none = failed(&desk.command(&["tx", "broadcast", "nothing.json"]).output().unwrap());
    assert!(none.contains("nothing.json"), "{none}");
    assert_eq!(desk.ask(&["query", "support", "tickets-by-customer", "alice"])["tickets"], json!([]));
}

#[test]
fn nothing_of_limits_and_public_documents_is_cut_before_they_are_signed() {
    let desk = desk();
    let sign = |value: &Value| {
        file(&desk, "file.json", value);
        desk.command(&["tx", "sign", "file.json"]).output().unwrap()
    };
    let params =
        ["tx", "support", "update-params", "--open-queue", "false", "--from", "admin", "--generate-only"];
    let (mut limits, _) = made(&desk, &params);
    let message = &mut limits["body"]["messages"][0];
    let authority = message["authority"].clone();
    message["params"]["open_queue"] = true.into();
    let shown = String::from_utf8(sign(&limits).stderr).unwrap();
    assert!(shown.contains("\n      open_queue: true\n"), "{shown}");
    let body = format!("{{\"a\":\"{}\",\"z\":\"the end\"}}", "x".repeat(2_000));
    limits["body"]["messages"][0] = json!({"@type": "/virtengine.support.v1.MsgPutDocument", "sender": authority,
        "shelf": "public", "name": "hours", "base_version": "0", "envelope": null, "body": STANDARD.encode(&body),
        "remove": false});
    let shown = String::from_utf8(sign(&limits).stderr).unwrap();
    assert!(shown.contains("write the document public/hours") && shown.contains(&body), "{shown}");
}

#[test]
fn a_refusal_of_what_was_signed_elsewhere_has_the_code_of_every_other() {
    let desk = desk();
    desk.ask(&CREATE[..11]);
    let close = |name: &str| {
        let args =
            ["tx", "support", "close-ticket", "1", "--from", "bob", "--generate-only", "--reason", name];
        let (unsigned, _) = made(&desk, &args);
        file(&desk, name, &unsigned);
        let (signed, _) = made(&desk, &["tx", "sign", name]);
        file(&desk, name, &signed);
    };
    let here = desk.refused(&["tx", "support", "close-ticket", "1", "--reason", "r", "--from", "bob"]);
    // Both have the same sequence: one of them can come into a block.
    close("one.json");
    close("two.json");
    let elsewhere = desk.refused(&["tx", "broadcast", "one.json"]);
    assert_eq!(elsewhere, here);
    let passed = desk.refused(&["tx", "broadcast", "two.json"]);
    assert_eq!((passed.0.as_str(), passed.1), ("sdk", 32));
}

#[test]
fn what_takes_several_transactions_is_handed_out_one_after_the_other() {
    let desk = desk();
    desk.ask(&CREATE[..11]);
    desk.ask(&CREATE[..11]);
    desk.key("dan");
    desk.ask(&["keys", "register", "dan"]);
    desk.ask(&["tx", "roles", "assign-role", "dan", "administrator", "--from", "admin"]);
    let grant = ["tx", "support", "grant-all", "dan", "--from", "admin", "--generate-only"];
    for n in 0..2 {
        let (unsigned, notes) = made(&desk, &grant);
        assert!(notes.contains("one of several transactions"), "{notes}");
        file(&desk, &format!("{n}.json"), &unsigned);
        let (signed, _) = made(&desk, &["tx", "sign", &format!("{n}.json")]);
        file(&desk, "signed.json", &signed);
        assert_eq!(desk.ask(&["tx", "broadcast", "signed.json"])["proven"], true);
    }
    // Nothing is left, which is said, and no transaction is made of it.
    assert_eq!(desk.ask(&grant)["messages"], 0);
    let one = ["tx", "support", "grant-access", "1", "dan", "--from", "admin", "--generate-only"];
    assert_eq!(desk.ask(&one)["granted"], 0);
    for all in [["tx", "support", "renew-grants"], ["tx", "roles", "renew-votes"]] {
        desk.ask(&[&all[..], &["--from", "admin", "--generate-only"]].concat());
    }
    for id in ["1", "2"] {
        assert!(desk.ask(&["read", id, "--from", "dan"])["messages"][0]["text"].is_string());
    }
}
