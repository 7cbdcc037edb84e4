//! The verbs of a working day: what each does, that it is what the Cosmos form does, and how several tickets are told of.

use std::fs;

use serde_json::Value;

use crate::desk::session::Session;
use crate::truth::{staffed, ticket, told};

/// The status of a ticket and how many answers it has.
fn stands(desk: &Session, ticket: &str) -> (String, u64) {
    let record = desk.ask(&["query", "support", "ticket", ticket]);
    let answers = record["response_count"].as_u64().unwrap_or_default();
    (record["status"].as_str().unwrap().to_owned(), answers)
}

/// What was said last in a ticket.
fn last_text(desk: &Session, ticket: &str, reader: &str) -> String {
    let read = desk.ask(&["read", ticket, "--from", reader]);
    read["messages"].as_array().unwrap().last().unwrap()["text"].as_str().unwrap().to_owned()
}

#[test]
fn a_ticket_lives_by_daily_verbs_and_each_form_of_its_id() {
    let desk = staffed();
    let made = desk.ask(&[
        "new",
        "--from",
        "alice",
        "--category",
        "Technical",
        "--subject",
        "Node does not start",
        "Since today.",
    ]);
    assert_eq!(
        (made["ticket_id"].as_str(), made["code"].as_u64()),
        (Some("TKT-00000001"), Some(0)),
        "{made}"
    );
    assert_eq!(desk.ask(&["assign", "TKT1", "bob", "--from", "admin"])["opens"], 1);
    let waits = desk.ask(&["reply", "tkt-1", "Its log, please.", "--wait", "--from", "bob"]);
    assert_eq!((waits["response_index"].as_u64(), waits["proven"].as_bool()), (Some(0), Some(true)));
    assert_eq!(stands(&desk, "1"), ("pending_customer".to_owned(), 1));
    // One that waits already may be answered in the same words.
    desk.ask(&["reply", "1", "The whole log.", "--wait", "--from", "bob"]);
    assert_eq!(stands(&desk, "1"), ("pending_customer".to_owned(), 2));
    desk.ask(&["reply", "1", "Here it is.", "--from", "alice"]);
    desk.ask(&["note", "#1", "It is the disk.", "--from", "bob"]);
    assert_eq!(stands(&desk, "TKT-00000001"), ("in_progress".to_owned(), 4));
    desk.ask(&["resolve", "1", "--message", "A new disk is in.", "--from", "bob"]);
    assert_eq!(stands(&desk, "1"), ("resolved".to_owned(), 5));
    let record = desk.ask(&["query", "support", "ticket", "1"]);
    assert!(!record.to_string().contains("A new disk"), "the closing words are sealed: {record}");
    assert_eq!(last_text(&desk, "1", "alice"), "A new disk is in.");
    desk.ask(&["reopen", "1", "--from", "alice"]);
    desk.ask(&["tx", "support", "assign-ticket", "1", "bob", "--from", "admin"]);
    desk.ask(&["reply", "1", "Sorry. Now?", "--resolve", "--from", "bob"]);
    desk.ask(&["close", "1", "--from", "alice"]);
    assert_eq!(stands(&desk, "1"), ("closed".to_owned(), 6));
}

#[test]
fn an_answer_and_what_it_says_of_its_ticket_are_one_transaction() {
    let desk = staffed();
    for id in [ticket(&desk, "alice"), ticket(&desk, "alice")] {
        desk.ask(&["assign", &id, "bob", "--from", "admin"]);
    }
    for (id, how, second) in [
        ("1", &["resolve", "1", "--message", "Done.", "--resolution", "R-7"][..], "EventTicketResolved"),
        ("2", &["tx", "support", "respond", "2", "Over to you.", "--wait"], "EventTicketStatusChanged"),
    ] {
        let done = desk.ask(&[how, &["--from", "bob"]].concat());
        let read = desk.ask(&["read", id, "--from", "bob"]);
        let events = read["events"].as_array().unwrap().iter();
        let of_it: Vec<String> =
            events.filter(|event| event["block_height"] == done["height"]).map(Value::to_string).collect();
        let all = of_it.join("\n");
        assert!(all.contains("EventTicketResponded") && all.contains(second), "{id}: {all}\n{read}");
    }
    // What is refused of one is not done of the other.
    let third = ticket(&desk, "alice");
    assert_eq!(desk.refused(&["reply", &third, "Hm.", "--resolve", "--from", "admin"]).1, 9);
    assert_eq!(stands(&desk, &third), ("open".to_owned(), 0));
    assert_eq!(desk.run(&["reply", &third, "Hm.", "--resolve", "--wait"]).status.code(), Some(2));
    assert_eq!(
        desk.run(&["tx", "support", "respond", &third, "x", "--internal", "--resolve"]).status.code(),
        Some(2)
    );
}

#[test]
fn a_message_comes_from_the_line_an_option_a_file_or_a_pipe() {
    let desk = staffed();
    let id = ticket(&desk, "alice");
    fs::write(desk.home().join("answer.txt"), "\u{feff}from a file\r\n").unwrap();
    let from = ["--from", "alice"];
    for (how, text) in [
        (&["from the line"][..], "from the line"),
        (&["--message", "- from an option"], "- from an option"),
        (&["--message-file", "answer.txt"], "from a file"),
    ] {
        desk.ask(&[&["reply", &id][..], how, &from].concat());
        assert_eq!(last_text(&desk, &id, "alice"), text);
    }
    for how in [&[][..], &["--message-file", "-"]] {
        let done = desk.run_with_input(&[&["reply", &id][..], how, &from].concat(), "from a pipe\n\ntwice\n");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
        assert_eq!(last_text(&desk, &id, "alice"), "from a pipe\n\ntwice");
    }
    // Nothing, and two at once, are not understood; nothing is sent then.
    let before = stands(&desk, &id);
    for how in [&["  "][..], &["one", "--message", "two"], &[]] {
        let refused = desk.run(&[&["reply", &id][..], how, &from].concat());
        assert_eq!(refused.status.code(), Some(2), "{how:?}: {}", String::from_utf8_lossy(&refused.stdout));
    }
    // The first line of a message is the subject of a ticket that is given none.
    let args = ["new", "--category", "other", "--from", "alice"];
    let made = desk.run_with_input(&args, "It rains\n\nInto the server room.\n");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stdout));
    let read = desk.ask(&["read", "2", "--from", "alice"]);
    assert_eq!(read["messages"][0]["subject"], "It rains");
    assert_eq!(read["messages"][0]["text"], "Into the server room.");
    assert_eq!(stands(&desk, &id), before);
    let without = desk.run(&["new", "x", "--from", "alice"]);
    let said = String::from_utf8_lossy(&without.stdout).into_owned();
    assert!(without.status.code() == Some(2) && said.contains("billing, technical, account"), "{said}");
}

#[test]
fn several_tickets_are_told_of_in_one_summary_that_is_true_of_each() {
    let desk = staffed();
    let ids: Vec<String> = (0..4).map(|_| ticket(&desk, "alice")).collect();
    desk.ask(&["close", &ids[1], "--from", "alice"]);
    let output = desk.run(&["close", "1", "2", "3,9", "3", "--from", "alice"]);
    assert_eq!(output.status.code(), Some(1));
    let told_of: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |name: &str| -> Vec<String> {
        let list = told_of[name].as_array().unwrap().iter();
        list.map(|one| one["ticket_id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(of("done"), ["TKT-00000001", "TKT-00000003"], "{told_of}");
    assert_eq!(of("refused"), ["TKT-00000002", "TKT-00000009"], "{told_of}");
    assert_eq!((&told_of["refused"][0]["code"], &told_of["whole"]), (&8.into(), &false.into()), "{told_of}");
    for (id, status) in ["closed", "closed", "closed", "open"].iter().enumerate().map(|(n, s)| (n + 1, s)) {
        assert_eq!(stands(&desk, &id.to_string()).0, **status, "{id}");
    }
    // A view, as text; and one that is empty is nothing to do.
    let (text, _, code) = told(&desk, &["assign", "--all-of", "unassigned", "bob", "--from", "admin"]);
    assert!(
        code == 0 && text.starts_with("assigned 1 of 1 ticket\n") && text.contains("TKT-00000004"),
        "{text}"
    );
    let (text, _, code) = told(&desk, &["reply", "--all-of", "mine", "--message", "On it.", "--from", "bob"]);
    assert!(code == 0 && text.starts_with("answered in 1 of 1 ticket\n"), "{text}");
    desk.ask(&["resolve", "4", "--from", "bob"]);
    let (text, _, code) = told(&desk, &["close", "--all-of", "Resolved", "--from", "admin"]);
    assert!(code == 0 && text.contains("TKT-00000004"), "{text}");
    let (text, _, code) = told(&desk, &["close", "--all-of", "resolved", "--from", "admin"]);
    assert!(code == 0 && text.contains("nothing to do"), "{text}");
    // Neither both nor none.
    for args in [&["close", "1", "--all-of", "mine"][..], &["close"], &["close", "--all-of", "everything"]] {
        assert_eq!(desk.run(args).status.code(), Some(2), "{args:?}");
    }
    let several = desk.run(&["close", "1", "2", "--generate-only", "--from", "alice"]);
    assert_eq!(several.status.code(), Some(2));
}

#[test]
fn where_a_transaction_stands_is_shown_to_whoever_asks_for_it() {
    let desk = staffed();
    let id = ticket(&desk, "alice");
    for args in [&["reply", &id, "M"][..], &["tx", "support", "respond", &id, "--message", "M"]] {
        let (text, _, code) = told(&desk, &[args, &["--from", "alice"]].concat());
        assert!(code == 0 && text == format!("{id} has your reply\n"), "{text}");
        let (text, _, code) = told(&desk, &[args, &["--from", "alice", "-v"]].concat());
        assert!(code == 0 && text.contains("\n  height ") && text.contains(", transaction "), "{text}");
    }
}

/// Most commands of the README's ticket, from its first word to its last.
const COMMANDS_MAX: usize = 6;

#[test]
fn the_readmes_ticket_takes_at_most_six_commands() {
    let readme = include_str!("../../../../README.md");
    let verbs = ["new", "inbox", "take", "assign", "reply", "note", "read", "resolve", "close", "reopen"];
    let commands = readme.lines().filter_map(|line| line.strip_prefix("$ sealdesk "));
    let of_ticket: Vec<&str> =
        commands.filter(|line| line.split(' ').next().is_some_and(|word| verbs.contains(&word))).collect();
    assert!((4..=COMMANDS_MAX).contains(&of_ticket.len()), "{of_ticket:#?}");
    assert!(of_ticket[0].starts_with("new ") && of_ticket.iter().any(|line| line.starts_with("resolve ")));
    assert!(!readme.contains("$ sealdesk tx support"), "the daily verbs are enough for a ticket's life");
    assert!(
        !readme.contains("$ sealdesk tx roles"),
        "whoever joins the staff gets a name by which others know them"
    );
}
