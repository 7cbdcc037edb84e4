//! A ticket in the page: acts that can be taken back, canned replies, drafts that are sent once, and receipts that are verified there.

use serde_json::Value;

use super::played;
use crate::desk::session::Session;

#[test]
fn an_agent_acts_and_takes_back_and_two_tabs_send_a_draft_once() {
    let mut session = Session::start();
    session.key("alice");
    let write = ["tx", "support", "create-ticket", "--from", "alice", "--category", "technical"];
    session.ask(&[&write[..], &["--subject", "Toner", "--message", "It smokes."]].concat());
    let status = session.ask(&["status"]);
    let url = status["addresses"]["grpc"].as_str().unwrap();
    let phrase = session.ask(&["keys", "export", "admin", "--yes"]);
    let identity = status["identity"].as_str().unwrap();
    played("ticket", &[url, identity, phrase["recovery_phrase"].as_str().unwrap()]);
    // The program sees what the page did: once each, and in one transaction what belongs together.
    let read = session.ask(&["read", "2", "--from", "admin"]);
    let texts: Vec<&str> =
        read["messages"].as_array().unwrap().iter().filter_map(|one| one["text"].as_str()).collect();
    assert_eq!(texts.iter().filter(|text| text.contains("two tabs")).count(), 1, "{texts:?}");
    assert!(
        texts.contains(&"Tags: jam, paper, toner"),
        "programs without tags read them in words: {texts:?}"
    );
    assert_eq!(read["ticket"]["links"][0]["ticket_id"], "TKT-00000001");
    let events = read["events"].as_array().unwrap();
    let is = |event: &&Value, name: &str| event["type"].as_str().unwrap().ends_with(name);
    let resolved = events.iter().find(|event| is(event, "EventTicketResolved")).unwrap();
    let answered = |event: &&Value| is(event, "EventTicketResponded") && event["internal"] == false;
    let last = events.iter().rfind(answered).unwrap();
    assert_eq!(resolved["txhash"], last["txhash"], "a macro's answer and what it says are one transaction");
    session.stop_node();
}
