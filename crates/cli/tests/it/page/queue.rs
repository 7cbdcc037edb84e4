//! The queue of staff in the page: views, keys, unread marks, and what is done with a selection.

use super::{played, words};
use crate::desk::program;
use crate::desk::session::Session;

#[test]
fn an_agent_works_through_a_queue_that_holds_still() {
    let mut session = Session::start();
    let status = session.ask(&["status"]);
    let url = status["addresses"]["grpc"].as_str().unwrap();
    let phrase = session.ask(&["keys", "export", "admin", "--yes"]);
    let (program, home) = (program(), session.home().join(".sealdesk"));
    let (program, home) = (program.to_str().unwrap(), home.to_str().unwrap());
    played("queue", &[url, &words(&session), phrase["recovery_phrase"].as_str().unwrap(), program, home]);
    // What the page did with several tickets at once is on the ledger, and so is the team's view; marks are in a document of their owner.
    let inbox = session.ask(&["inbox", "--from", "admin"]);
    assert_eq!(inbox["assigned"].as_array().unwrap().len(), 2, "{inbox}");
    let views = session.ask(&["documents", "show", "staff", "views", "--from", "admin"]);
    assert!(views.to_string().contains("Leaks"), "{views}");
    session.stop_node();
}
