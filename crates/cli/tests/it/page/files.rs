//! Files both ways between two browsers and the program, and search over what was said.

use super::{played, words};
use crate::desk::session::Session;

#[test]
fn files_go_between_browsers_and_the_program_and_search_finds_what_was_said() {
    let mut session = Session::start();
    let status = session.ask(&["status"]);
    let url = status["addresses"]["grpc"].as_str().unwrap();
    let phrase = session.ask(&["keys", "export", "admin", "--yes"]);
    let home = session.home().to_str().unwrap();
    played("files", &[url, &words(&session), phrase["recovery_phrase"].as_str().unwrap(), home]);
    // What the last file of the page and the one of the program are called is told to whoever reads the ticket at a terminal.
    let read = session.ask(&["read", "1", "--from", "admin"]);
    assert_eq!(read["messages"][1]["attachments"][0]["name"], "manual.pdf");
    assert_eq!(read["messages"][2]["attachments"][0]["name"], "machine.log");
    session.stop_node();
}
