//! What a program and a person are told: one object a command, the next step after each refusal, and nothing that is not so.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::desk::session::Session;
use serde_json::Value;

const CREATE: [&str; 9] =
    ["tx", "support", "create-ticket", "--category", "other", "--subject", "S", "--message", "M"];

/// The one object on standard output, and nothing else.
fn one_object(output: &Output) -> Value {
    let mut values = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>();
    let shown = String::from_utf8_lossy(&output.stdout);
    let first = values.next().unwrap_or_else(|| panic!("nothing was printed")).expect(&shown);
    assert!(values.next().is_none(), "more than one object:\n{shown}");
    assert!(first.is_object(), "{shown}");
    first
}

/// A desk with alice's first ticket.
fn desk_with_ticket() -> Session {
    let desk = Session::start();
    desk.key("alice");
    desk.ask(&["tx", "support", "update-params", "--ticket-cooldown-seconds", "0", "--from", "admin"]);
    desk.ask(&[&CREATE[..], &["--from", "alice"]].concat());
    desk
}

#[test]
fn a_tx_prints_exactly_one_object_whatever_becomes_of_it() {
    let desk = desk_with_ticket();
    desk.key("bob");
    desk.ask(&["keys", "register", "bob"]);
    let done = [
        &["tx", "support", "respond", "1", "--from", "alice", "--message", "m"][..],
        &["tx", "support", "set-priority", "1", "high", "--from", "admin"],
        &["tx", "roles", "assign-role", "bob", "support_agent", "--from", "admin"],
        &["tx", "support", "assign-ticket", "1", "bob", "--from", "admin"],
        &["tx", "support", "close-ticket", "1", "--reason", "r", "--from", "alice"],
    ];
    for args in done {
        let output = desk.run(args);
        let object = one_object(&output);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {object}");
        assert_eq!(object["code"], 0, "{args:?}");
        assert!(object["height"].is_u64() && object["txhash"].as_str().unwrap().len() == 64, "{object}");
    }
    let refused = [
        (1, &["tx", "support", "respond", "1", "--from", "alice", "--message", "m"][..]),
        (1, &["tx", "support", "respond", "9", "--from", "alice", "--message", "m"]),
        (1, &["tx", "support", "respond", "1", "--from", "nobody", "--message", "m"]),
        (1, &["tx", "support", "respond", "1", "--from", "alice", "--message-file", "nothing"]),
        (1, &["tx", "support", "grant-all", "bob", "--from", "admin"]),
        (2, &["tx", "support", "respond", "1", "--message", "m"]),
        (2, &["tx", "support", "respond", "1", "--from", "alice"]),
        (2, &["tx", "support", "respond", "one", "--from", "alice", "--message", "m"]),
        (2, &["tx", "support", "create-ticket", "--priority", "huge"]),
        (2, &["tx", "roles", "revoke-role", "admin", "administrator", "--from", "admin"]),
        (2, &["tx", "support", "answer"]),
        (2, &["tx", "support", "update-params", "--from", "admin"]),
    ];
    for (status, args) in refused {
        let output = desk.run(args);
        let object = one_object(&output);
        assert_eq!(output.status.code(), Some(status), "{args:?}: {object}");
        for field in ["code", "codespace", "message", "hint"] {
            assert!(!object[field].is_null() && object[field] != "", "{args:?}: no {field} in {object}");
        }
    }
}

#[test]
fn a_ticket_that_is_sealed_for_others_is_still_shown_as_one_object() {
    let desk = desk_with_ticket();
    desk.key("mallory");
    let output = desk.run(&["read", "1", "--from", "mallory"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(one_object(&output)["messages"][0]["text"].is_null());
    assert!(String::from_utf8_lossy(&output.stderr).contains("hint: "));
}

#[test]
fn an_inbox_needs_no_passphrase() {
    let desk = desk_with_ticket();
    let address = desk.ask(&["keys", "show", "alice", "-a"])["address"].as_str().unwrap().to_owned();
    // The encrypted keyring of the same home, whose passphrase nobody can give any more.
    let passphrase = desk.home().join("passphrase");
    fs::write(&passphrase, "correct horse battery\n").unwrap();
    let file = |args: &[&str]| {
        let mut command = desk.command(args);
        command.env("SEALDESK_KEYRING_BACKEND", "file").args(["--output", "json"]);
        command
    };
    let phrase = desk.ask(&["keys", "export", "alice", "--yes"])["recovery_phrase"].clone();
    let mut import = file(&["keys", "import", "alice"]);
    import.env("SEALDESK_PASSPHRASE_FILE", &passphrase).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut import = import.spawn().unwrap();
    import.stdin.take().unwrap().write_all(phrase.as_str().unwrap().as_bytes()).unwrap();
    assert!(import.wait().unwrap().success());
    let inbox = file(&["inbox"]).output().unwrap();
    assert_eq!(one_object(&inbox)["own"].as_array().unwrap().len(), 1);
    assert_eq!(file(&["read", "1"]).output().unwrap().status.code(), Some(2), "reading does need it");
    // Nor does it need the key at all.
    let by_address = desk.ask(&["inbox", "--from", &address]);
    assert_eq!(by_address["own"].as_array().unwrap().len(), 1);
}

#[test]
fn a_message_that_is_too_long_or_no_text_is_refused_before_anything_is_sealed() {
    let desk = Session::idle();
    for (name, bytes) in [("mebibyte", vec![b'x'; 1_048_576]), ("longer", vec![b'x'; 3_000_000])] {
        fs::write(desk.home().join(name), bytes).unwrap();
        let output = desk.run(&["tx", "support", "respond", "1", "--from", "alice", "--message-file", name]);
        let object = one_object(&output);
        assert!(object["message"].as_str().unwrap().contains("too long"), "{object}");
    }
    fs::write(desk.home().join("picture"), [0xff, 0xd8, 0xff]).unwrap();
    let output = desk.run(&["tx", "support", "respond", "1", "--from", "a", "--message-file", "picture"]);
    assert!(one_object(&output)["message"].as_str().unwrap().contains("UTF-8"));
    let desk = desk_with_ticket();
    fs::write(desk.home().join("long"), vec![b'x'; 70_000]).unwrap();
    let state = desk.ask(&["status"])["app_hash"].clone();
    let output = desk.run(&["tx", "support", "respond", "1", "--from", "alice", "--message-file", "long"]);
    let told = one_object(&output)["message"].as_str().unwrap().to_owned();
    assert!(
        told.contains("of its 70000 characters, at most ") && told.contains("of this text fit"),
        "{told}"
    );
    assert_eq!(desk.ask(&["status"])["app_hash"], state, "the ledger was not asked");
}

#[test]
fn nobody_without_a_part_in_the_ticket_is_let_in_and_no_transaction_is_wasted() {
    let desk = desk_with_ticket();
    desk.key("eve");
    desk.ask(&["keys", "register", "eve"]);
    let state = desk.ask(&["status"])["app_hash"].clone();
    for command in [&["grant-access", "1", "eve"][..], &["grant-all", "eve"]] {
        let output = desk.run(&[&["tx", "support"], command, &["--from", "admin"]].concat());
        let object = one_object(&output);
        assert_eq!((output.status.code(), &object["codespace"]), (Some(1), &Value::from("client")));
        assert!(object["message"].as_str().unwrap().contains("an active administrator"), "{object}");
    }
    assert_eq!(desk.ask(&["status"])["app_hash"], state);
    desk.ask(&["tx", "roles", "assign-role", "eve", "administrator", "--from", "admin"]);
    let all = desk.ask(&["tx", "support", "grant-all", "eve", "--from", "admin"]);
    assert_eq!((&all["tickets"], &all["messages"]), (&Value::from(1), &Value::from(1)));
    assert!(all["height"].is_u64() && all["txhash"].is_string(), "{all}");
    assert_eq!(desk.ask(&["tx", "support", "grant-all", "eve", "--from", "admin"])["messages"], 0);
}

#[test]
fn a_provider_who_could_not_read_is_not_said_to() {
    let desk = desk_with_ticket();
    desk.key("provider");
    let reads = ["--provider", "provider", "--provider-reads", "--from", "alice"];
    let refused = desk.run(&[&CREATE[..], &reads].concat());
    assert!(one_object(&refused)["hint"].as_str().unwrap().contains("keys register"));
    desk.ask(&["keys", "register", "provider"]);
    let written = desk.command(&[&CREATE[..], &reads].concat()).output().unwrap();
    let told = String::from_utf8(written.stdout).unwrap();
    assert!(told.contains("you, the administrators and provider can read it"), "{told}");
    desk.ask(&["read", "2", "--from", "provider"]);
    let nobody =
        desk.run(&["tx", "support", "respond", "1", "--provider-reads", "--message", "m", "--from", "alice"]);
    assert!(one_object(&nobody)["message"].as_str().unwrap().contains("names no provider"));
}

#[test]
fn a_question_under_another_ledgers_name_is_not_answered() {
    let desk = desk_with_ticket();
    for question in [&["status"][..], &["query", "support", "ticket", "1"], &["query", "support", "params"]] {
        desk.ask(question);
        let output = desk.run(&[question, &["--chain-id", "other-1"]].concat());
        assert_eq!(output.status.code(), Some(1), "{question:?}");
        assert!(one_object(&output)["message"].as_str().unwrap().contains("not other-1"));
    }
    let missing = desk.refused(&["query", "support", "ticket", "77"]);
    assert_eq!(missing, ("support".to_owned(), 1));
    assert_eq!(desk.refused(&["query", "support", "responses", "77"]), missing);
}

#[test]
fn whoever_does_not_say_who_acts_is_told_who_could() {
    let desk = Session::idle();
    let none = desk.run(&["inbox"]);
    assert!(one_object(&none)["hint"].as_str().unwrap().contains("keys add"));
    desk.key("alice");
    desk.key("bob");
    let which = desk.run(&["inbox"]);
    assert!(one_object(&which)["hint"].as_str().unwrap().contains("alice, bob"));
}

#[test]
fn a_port_that_is_taken_is_named_with_the_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let desk = Session::idle();
    let output = desk.run(&["start", "--listen", &taken.local_addr().unwrap().to_string()]);
    assert!(one_object(&output)["hint"].as_str().unwrap().contains("another program uses that port"));
    let wrong = desk.run(&["start", "--listen", "9090"]);
    assert!(one_object(&wrong)["message"].as_str().unwrap().contains("127.0.0.1:9090"));
    let file = desk.home().join("file");
    fs::write(&file, "").unwrap();
    let nowhere = desk.run(&["start", "--home", file.join("home").to_str().unwrap()]);
    assert!(one_object(&nowhere)["hint"].as_str().unwrap().contains("--home"));
}

/// Passes everything on to a node, until a transaction comes: from then on nothing goes either way.
fn going_silent(node: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (node, silent) = (node.to_owned(), Arc::new(AtomicBool::new(false)));
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(&node).unwrap();
            let ends =
                [(client.try_clone().unwrap(), server.try_clone().unwrap(), true), (server, client, false)];
            for (from, to, is_up) in ends {
                let silent = silent.clone();
                std::thread::spawn(move || pump(from, to, is_up, &silent));
            }
        }
    });
    url
}

/// The most bytes that a question has; a sealed message has more.
const QUESTION_BYTES_MAX: usize = 900;

fn pump(mut from: TcpStream, mut to: TcpStream, is_up: bool, silent: &AtomicBool) {
    let mut bytes = [0; 65_536];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        if is_up && read > QUESTION_BYTES_MAX {
            silent.store(true, Ordering::SeqCst);
        }
        if !silent.load(Ordering::SeqCst) && to.write_all(&bytes[..read]).is_err() {
            return;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

#[test]
fn a_node_silent_over_a_transaction_is_given_ten_seconds_and_the_hash_is_told() {
    let desk = desk_with_ticket();
    let address = fs::read_to_string(desk.home().join(".sealdesk/node.address")).unwrap();
    let url = going_silent(address.trim().trim_start_matches("http://"));
    let message = ["tx", "support", "respond", "1", "--from", "alice", "--message", "m", "--node", &url];
    let mut command = desk.command(&message);
    let output = command.env_remove("SEALDESK_PATIENCE").args(["--output", "json"]).output().unwrap();
    let object = one_object(&output);
    assert_eq!(output.status.code(), Some(1));
    let words = object["message"].as_str().unwrap();
    let hash = words.split(' ').find(|word| word.len() == 64).unwrap_or_else(|| panic!("no hash in {words}"));
    assert!(hash.bytes().all(|b| b.is_ascii_hexdigit()) && words.contains("may or may not"), "{words}");
    assert!(words.contains("for 10 seconds"), "{words}");
}

#[test]
fn doctor_says_what_to_do_and_never_that_one_should_ask_the_doctor() {
    let mut desk = desk_with_ticket();
    desk.stop_node();
    let folder = desk.home().join(".sealdesk");
    let damages: [(&str, &[u8]); 5] = [
        ("keyring-test/alice.json", b"{"),
        ("pins.json", b"{"),
        ("config.toml", b"lissten = 1"),
        ("validator_key.json", b"{}"),
        ("genesis.json", b"{}"),
    ];
    for (name, damage) in damages {
        let path = folder.join(name);
        let good = fs::read(&path).ok();
        fs::write(&path, damage).unwrap();
        let output = desk.run(&["doctor"]);
        assert_eq!(output.status.code(), Some(1), "{name}");
        let found = one_object(&output);
        let wrong: Vec<&Value> =
            found["checks"].as_array().unwrap().iter().filter(|check| check["ok"] == false).collect();
        assert_eq!(wrong.len(), 1, "{name}: {wrong:?}");
        let hint = wrong[0]["hint"].as_str().unwrap();
        assert!(!hint.is_empty() && !hint.contains("doctor"), "{name}: {hint}");
        match good {
            Some(good) => fs::write(&path, good).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
    }
    assert_eq!(desk.ask(&["doctor"])["ok"], true);
    let unlisted = desk.run(&["import", ".sealdesk/pins.json", "--home", "new"]);
    assert_eq!(unlisted.status.code(), Some(2));
    assert!(!desk.home().join("new").exists(), "nothing is made for a file that is no genesis");
}
