//! An administrator's day in the page: names, people, rules, documents and charts.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;

use super::{played, words};
use crate::desk::session::Session;

/// A desk that says where others reach it: a page at this computer's own address offers no link without that.
fn public_desk() -> Session {
    let mut session = Session::idle();
    let home = session.home().join(".sealdesk");
    fs::DirBuilder::new().mode(0o700).create(&home).unwrap();
    fs::write(home.join("config.toml"), "[port]\npublic_url = \"https://desk.example\"\n").unwrap();
    session.start_node("127.0.0.1:0");
    session
}

#[test]
fn an_administrator_names_appoints_rules_and_counts_in_the_page() {
    let mut session = public_desk();
    let status = session.ask(&["status"]);
    let url = status["addresses"]["grpc"].as_str().unwrap();
    let phrase = session.ask(&["keys", "export", "admin", "--yes"]);
    played("admin", &[url, &words(&session), phrase["recovery_phrase"].as_str().unwrap()]);
    // The program sees the same desk: an agent who came and left, whose ticket somebody else has, one who came later, an open queue, published promises.
    let roster = session.ask(&["staff", "list"]);
    let (staff, first) = (roster["staff"].as_array().map(Vec::len), &roster["staff"][0]);
    assert!(staff == Some(2) && first["tickets"] == 1, "{roster}");
    assert_eq!(session.ask(&["query", "support", "ticket", "1"])["assigned_to"], first["address"]);
    let params = session.ask(&["query", "support", "params"]);
    assert_eq!(params["open_queue"], true, "{params}");
    let documents = session.ask(&["documents", "list", "public"]);
    assert_eq!(documents["documents"].as_array().map(Vec::len), Some(3), "{documents}");
    session.stop_node();
}
