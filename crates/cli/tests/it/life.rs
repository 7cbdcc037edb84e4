//! A ticket's whole life with three people, by the real program over a real node.

use std::fs;

use crate::desk::session::Session;
use serde_json::Value;

fn texts(read: &Value) -> Vec<(&str, bool)> {
    let messages = read["messages"].as_array().unwrap().iter();
    messages.map(|m| (m["text"].as_str().unwrap_or("(sealed)"), m["internal"].as_bool().unwrap())).collect()
}

fn types(read: &Value) -> Vec<&str> {
    let events = read["events"].as_array().unwrap().iter();
    events.map(|event| event["type"].as_str().unwrap().rsplit('.').next().unwrap()).collect()
}

/// A desk with the agent bob and the customer alice, who has written a ticket.
fn desk_with_ticket() -> Session {
    let desk = Session::start();
    desk.key("alice");
    desk.key("bob");
    desk.ask(&["tx", "support", "update-params", "--ticket-cooldown-seconds", "0", "--from", "admin"]);
    desk.ask(&["keys", "register", "bob"]);
    desk.ask(&["tx", "roles", "assign-role", "bob", "support_agent", "--from", "admin"]);
    let made = desk.ask(&[
        "tx",
        "support",
        "create-ticket",
        "--from",
        "alice",
        "--category",
        "technical",
        "--priority",
        "high",
        "--subject",
        "Node does not start",
        "--message",
        "It stops after two seconds.",
    ]);
    assert_eq!((made["ticket_id"].as_str(), made["code"].as_u64()), (Some("TKT-00000001"), Some(0)));
    assert!(made["height"].as_u64().unwrap() > 0 && made["txhash"].as_str().unwrap().len() == 64);
    desk
}

#[test]
fn a_ticket_goes_its_whole_way_sealed() {
    let desk = desk_with_ticket();
    let inbox = desk.ask(&["inbox", "--from", "admin"]);
    assert_eq!(inbox["tickets"][0]["ticket_id"], "TKT-00000001", "{inbox}");
    desk.ask(&["tx", "support", "assign-ticket", "TKT-00000001", "bob", "--from", "admin"]);
    let answer =
        ["tx", "support", "respond", "TKT-00000001", "--from", "bob", "--message", "Please send its log."];
    assert_eq!(desk.ask(&answer)["response_index"], 0);
    let note =
        ["tx", "support", "respond", "1", "--from", "bob", "--internal", "--message", "She had this in May."];
    assert_eq!(desk.ask(&note)["response_index"], 1);
    desk.ask(&["tx", "support", "await-customer", "1", "--from", "bob"]);
    let reply = desk.run_with_input(
        &["tx", "support", "respond", "1", "--from", "alice", "--message-file", "-"],
        "Here it is:\nno space left on device\n",
    );
    assert!(reply.status.success(), "{}", String::from_utf8_lossy(&reply.stdout));

    let hers = desk.ask(&["read", "TKT-00000001", "--from", "alice"]);
    assert_eq!(
        texts(&hers),
        [
            ("It stops after two seconds.", false),
            ("Please send its log.", false),
            ("(sealed)", true),
            ("Here it is:\nno space left on device", false),
        ]
    );
    let his = desk.ask(&["read", "TKT-00000001", "--from", "bob"]);
    assert_eq!(texts(&his)[2], ("She had this in May.", true));
    assert_eq!(his["ticket"]["status"], "in_progress");
    assert!(his["messages"][0]["created_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(his["readers"].as_array().unwrap().len(), 3, "{}", his["readers"]);

    desk.ask(&["tx", "support", "resolve-ticket", "1", "--resolution", "disk full", "--from", "bob"]);
    desk.ask(&["tx", "support", "close-ticket", "1", "--reason", "thanks", "--from", "alice"]);
    desk.ask(&["tx", "support", "reopen-ticket", "1", "--reason", "again", "--from", "alice"]);
    let after = desk.ask(&["read", "1", "--from", "admin"]);
    assert_eq!(after["ticket"]["status"], "open");
    let happened = types(&after);
    for event in [
        "EventTicketCreated",
        "EventTicketAssigned",
        "EventTicketResolved",
        "EventTicketClosed",
        "EventTicketReopened",
    ] {
        assert!(happened.contains(&event), "{event} is missing in {happened:?}");
    }
}

#[test]
fn nothing_on_the_nodes_disk_holds_a_word_of_a_ticket() {
    let mut desk = desk_with_ticket();
    desk.stop_node();
    let mut found = 0;
    let mut folders = vec![desk.home().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let bytes = fs::read(entry.path()).unwrap();
            let holds = |word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
            assert!(!holds("two seconds") && !holds("does not start"), "{}", entry.path().display());
            found += usize::from(holds("technical"));
        }
    }
    assert!(found > 0, "the public category is there, so that the search would have found a word");
}

#[test]
fn a_stranger_opens_nothing() {
    let desk = desk_with_ticket();
    desk.key("eve");
    let output = desk.run(&["read", "TKT-00000001", "--from", "eve"]);
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(!shown.contains("two seconds") && !shown.contains("does not start"), "{shown}");
    assert_eq!(
        desk.refused(&["tx", "support", "close-ticket", "1", "--reason", "x", "--from", "eve"]),
        ("support".into(), 7)
    );
    assert_eq!(
        desk.refused(&["tx", "support", "assign-ticket", "1", "eve", "--from", "eve"]),
        ("support".into(), 7)
    );
}

#[test]
fn a_new_agent_reads_what_was_written_before_him() {
    let desk = desk_with_ticket();
    desk.ask(&["tx", "support", "respond", "1", "--from", "admin", "--message", "One moment."]);
    desk.ask(&["tx", "support", "assign-ticket", "1", "bob", "--from", "admin"]);
    let his = desk.ask(&["read", "1", "--from", "bob"]);
    assert_eq!(texts(&his), [("It stops after two seconds.", false), ("One moment.", false)]);
}

#[test]
fn a_new_administrator_is_let_in_ticket_by_ticket_or_at_once() {
    let desk = desk_with_ticket();
    desk.key("dan");
    desk.ask(&["keys", "register", "dan"]);
    desk.ask(&["tx", "roles", "assign-role", "dan", "administrator", "--from", "admin"]);
    desk.ask(&["tx", "support", "grant-all", "dan", "--from", "admin"]);
    let his = desk.ask(&["read", "1", "--from", "dan"]);
    assert_eq!(texts(&his), [("It stops after two seconds.", false)]);
}

#[test]
fn the_ledger_goes_on_where_it_stopped() {
    let mut desk = desk_with_ticket();
    let before = desk.ask(&["query", "support", "ticket", "1"]);
    desk.stop_node();
    desk.start_node("127.0.0.1:0");
    assert_eq!(desk.ask(&["query", "support", "ticket", "1"]), before);
    desk.kill_node();
    desk.start_node("127.0.0.1:0");
    assert_eq!(desk.ask(&["query", "support", "ticket", "1"]), before);
    desk.ask(&["doctor"]);
    desk.ask(&["tx", "support", "respond", "1", "--from", "alice", "--message", "Still there."]);
}

#[test]
fn a_command_without_a_node_ends_with_a_clear_error() {
    let desk = tempfile::tempdir().unwrap();
    let mut command = crate::desk::isolated(std::process::Command::new(crate::desk::program()), desk.path());
    let output =
        command.args(["query", "support", "params", "--node", "http://127.0.0.1:1", "--patience", "1"]);
    let output = output.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.starts_with("error: ") && err.contains("\nhint: "), "{err}");
}
