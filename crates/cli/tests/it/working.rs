//! Who works on a ticket, and tickets from another system, by the real program over a real node.

use std::fs;

use serde_json::{Value, json};

use crate::desk::session::Session;

fn texts(read: &Value) -> Vec<&str> {
    let messages = read["messages"].as_array().unwrap().iter();
    messages.map(|message| message["text"].as_str().unwrap_or("(sealed)")).collect()
}

fn staffed() -> Session {
    let desk = Session::start();
    for name in ["alice", "bob", "carol"] {
        desk.key(name);
    }
    desk.ask(&["tx", "support", "update-params", "--ticket-cooldown-seconds", "0", "--from", "admin"]);
    for agent in ["bob", "carol"] {
        desk.ask(&["keys", "register", agent]);
        desk.ask(&["tx", "roles", "assign-role", agent, "support_agent", "--from", "admin"]);
    }
    desk
}

fn write(desk: &Session, text: &str) {
    let args = ["tx", "support", "create-ticket", "--from", "alice", "--category", "technical"];
    desk.ask(&[&args[..], &["--subject", text, "--message", text]].concat());
}

#[test]
fn a_collaborator_reads_and_answers_until_somebody_else_is_named() {
    let desk = staffed();
    write(&desk, "It stops.");
    let assign = ["tx", "support", "assign-ticket", "1", "bob", "--from", "admin"];
    let done = desk.ask(&[&assign[..], &["--collaborator", "carol"]].concat());
    assert_eq!(done["granted"].as_u64(), Some(2), "{done}");
    desk.ask(&["tx", "support", "respond", "1", "--from", "carol", "--message", "Since when?"]);
    assert_eq!(desk.ask(&["inbox", "--from", "carol"])["assigned"].as_array().unwrap().len(), 1);
    desk.ask(&assign);
    desk.ask(&["tx", "support", "respond", "1", "--from", "alice", "--message", "Since today."]);
    assert_eq!(texts(&desk.ask(&["read", "1", "--from", "carol"])), ["It stops.", "Since when?", "(sealed)"]);
    let no = desk.refused(&["tx", "support", "respond", "1", "--from", "carol", "--message", "And now?"]);
    assert_eq!(no.1, 7, "{no:?}");
}

#[test]
fn an_agent_takes_what_nobody_has_and_was_sealed_for_them() {
    let desk = staffed();
    desk.ask(&["tx", "support", "update-params", "--open-queue", "true", "--from", "admin"]);
    write(&desk, "It stops.");
    assert_eq!(desk.ask(&["inbox", "--from", "bob"])["open"].as_array().unwrap().len(), 1);
    assert_eq!(texts(&desk.ask(&["read", "1", "--from", "bob"])), ["It stops."]);
    desk.ask(&["tx", "support", "take-ticket", "1", "--from", "bob"]);
    let late = desk.refused(&["tx", "support", "take-ticket", "1", "--from", "carol"]);
    assert_eq!(late.1, 10, "{late:?}");
    desk.ask(&["tx", "support", "respond", "1", "--from", "alice", "--message", "Since today."]);
    assert_eq!(texts(&desk.ask(&["read", "1", "--from", "bob"])), ["It stops.", "Since today."]);
    assert_eq!(texts(&desk.ask(&["read", "1", "--from", "carol"])), ["It stops.", "(sealed)"]);
    assert!(desk.ask(&["inbox", "--from", "admin"])["ended_grants"].as_array().unwrap().is_empty());
    // Nobody has granted them the ticket: their appointment says who they are.
    desk.ask(&["tx", "support", "respond", "1", "--from", "bob", "--message", "Is it plugged in?"]);
    for reader in ["alice", "admin", "bob"] {
        let answer = desk.ask(&["read", "1", "--from", reader])["messages"][2].clone();
        assert_eq!(
            (&answer["is_agent"], &answer["warned"]),
            (&json!(true), &json!([])),
            "{reader}: {answer}"
        );
    }
}

#[test]
fn histories_come_in_once_and_are_told_by_the_importer() {
    let desk = staffed();
    desk.ask(&["keys", "register", "alice"]);
    let ticket = |id: &str, customer: &str| {
        let responses = json!([
            { "author": "Bob", "by_staff": true, "created_at": "2024-01-02T04:00:00Z", "message": "Is it plugged in?" },
            { "author": "Bob", "by_staff": true, "internal": true, "message": "They never pay." },
        ]);
        json!({
            "source": "old-desk", "id": id, "customer": customer, "category": "technical", "status": "closed",
            "subject": "It does not start", "description": "Since today.", "author": "jane@example.org",
            "created_at": "2024-01-02T03:04:05Z", "responses": responses,
        })
    };
    let lines =
        |ids: &[&str]| ids.iter().map(|id| ticket(id, "alice").to_string() + "\n").collect::<String>();
    let file = desk.home().join("tickets.jsonl");
    let import = ["tx", "support", "import-ticket", file.to_str().unwrap(), "--from", "admin"];
    fs::write(&file, lines(&["1", "2"])).unwrap();
    assert!(!desk.command(&import).output().unwrap().status.success(), "imports are closed");
    desk.ask(&["tx", "support", "update-params", "--import-open", "true", "--from", "admin"]);
    assert_eq!(desk.ask(&import)["imported"].as_array().unwrap().len(), 2);
    // A longer file goes on where the one before ended.
    fs::write(&file, lines(&["1", "2", "3"])).unwrap();
    let more = desk.ask(&import);
    assert_eq!((more["imported"].as_array().unwrap().len(), more["known"].as_u64()), (1, Some(2)), "{more}");
    let read = desk.ask(&["read", "1", "--from", "alice"]);
    assert_eq!(texts(&read), ["Since today.", "Is it plugged in?", "(sealed)"]);
    assert_eq!(read["messages"][1]["imported"]["author"], "Bob");
    assert_eq!(read["messages"][1]["imported"]["created_at"], "2024-01-02T04:00:00Z");
    assert_eq!(texts(&desk.ask(&["read", "1", "--from", "admin"]))[2], "They never pay.");
    let shown = String::from_utf8(desk.command(&["read", "1", "--from", "alice"]).output().unwrap().stdout);
    assert!(shown.unwrap().contains("as reported by the importer"));
    // Parts of long histories have ids of their own, which no ticket of the old system is taken for.
    fs::write(&file, lines(&["2024/2", "2024#sealdesk-part-2"])).unwrap();
    let refused = desk.command(&import).output().unwrap();
    let told = String::from_utf8(refused.stdout).unwrap() + &String::from_utf8(refused.stderr).unwrap();
    assert!(refused.status.code() == Some(2) && told.contains("parts of long histories"), "{told}");
    // A file with a mistake in it changes nothing.
    fs::write(&file, lines(&["4"]) + "{\"source\": 1}\n").unwrap();
    assert!(!desk.command(&import).output().unwrap().status.success());
    assert!(!desk.command(&["query", "support", "ticket", "4"]).output().unwrap().status.success());
}
