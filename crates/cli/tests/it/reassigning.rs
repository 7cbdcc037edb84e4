//! `sealdesk reassign`: everything that somebody has goes to somebody else, whatever stops it in between.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::desk::session::Session;
use crate::desk::{let_a_second_pass, wait_until};
use crate::truth::{staffed, ticket, told};

/// The desk of `staffed`, without limits for alice, and carol, an agent who has a key.
fn with_carol() -> Session {
    let desk = staffed();
    let limits = ["--max-tickets-per-customer-per-day", "100", "--max-open-tickets-per-customer", "100"];
    desk.ask(&[&["tx", "support", "update-params"][..], &limits, &["--from", "admin"]].concat());
    agent(&desk, "carol");
    desk
}

fn agent(desk: &Session, name: &str) {
    desk.key(name);
    desk.ask(&["keys", "register", name]);
    desk.ask(&["tx", "roles", "assign-role", name, "support_agent", "--from", "admin"]);
}

fn assign(desk: &Session, id: &str, to: &str) {
    desk.ask(&["tx", "support", "assign-ticket", id, to, "--from", "admin"]);
}

/// Tickets of alice's that bob has.
fn tickets_of_bob(desk: &Session, many: usize) -> Vec<String> {
    let ids: Vec<String> = (0..many).map(|_| ticket(desk, "alice")).collect();
    ids.iter().for_each(|id| assign(desk, id, "bob"));
    ids
}

fn assignee(desk: &Session, id: &str) -> Value {
    desk.ask(&["query", "support", "ticket", id])["assigned_to"].clone()
}

fn address(desk: &Session, name: &str) -> Value {
    desk.ask(&["keys", "show", name])["address"].clone()
}

#[test]
fn all_that_somebody_has_goes_to_another_who_can_read_it_and_what_comes_later() {
    let desk = with_carol();
    let ids = tickets_of_bob(&desk, 3);
    desk.ask(&["tx", "support", "respond", &ids[1], "--message", "Since when?", "--from", "bob"]);
    desk.ask(&["tx", "support", "resolve-ticket", &ids[2], "--from", "bob"]);
    // One of carol's with which bob helps, and one of dora's.
    agent(&desk, "dora");
    for (owner, place) in [("carol", 3), ("dora", 4)] {
        let id = ticket(&desk, "alice");
        assert_eq!(id, format!("TKT-{:08}", place + 1));
        let with = ["--collaborator", "bob", "--from", "admin"];
        desk.ask(&[&["tx", "support", "assign-ticket", &id, owner][..], &with].concat());
    }
    let done = desk.ask(&["reassign", "--from", "bob", "--to", "carol"]);
    assert_eq!(done["passed"], json!(ids[..2]), "{done}");
    assert_eq!(done["helps"], json!(["TKT-00000004", "TKT-00000005"]), "{done}");
    assert!(
        done["whole"] == true && done["left"] == json!([]) && done["opens"] == done["may_open"],
        "{done}"
    );
    let carol = address(&desk, "carol");
    assert!(ids[..2].iter().all(|id| assignee(&desk, id) == carol));
    let dora = desk.ask(&["query", "support", "ticket", "5"]);
    assert_eq!((&dora["assigned_to"], &dora["collaborators"]), (&address(&desk, "dora"), &json!([carol])));
    assert_eq!(desk.ask(&["query", "support", "ticket", "4"])["collaborators"], json!([]));
    // She reads what was said, and what alice says now; so does she of the ticket that she helps with.
    for id in [&ids[1], "TKT-00000005"] {
        desk.ask(&["tx", "support", "respond", id, "--message", "Later", "--from", "alice"]);
        let read = desk.ask(&["read", id, "--from", "carol"]);
        let texts: Vec<&Value> =
            read["messages"].as_array().unwrap().iter().map(|one| &one["text"]).collect();
        assert!(
            texts.iter().all(|text| text.is_string()) && texts.last().unwrap().as_str() == Some("Later"),
            "{read}"
        );
    }
    // A second run has nothing to do, and the resolved one stays where it is.
    let again = desk.ask(&["reassign", "--from", "bob", "--to", "carol"]);
    assert!(again["passed"] == json!([]) && again["whole"] == true && again["txhash"].is_null(), "{again}");
    assert_eq!(assignee(&desk, &ids[2]), address(&desk, "bob"));
}

#[test]
fn what_cannot_be_passed_on_is_listed_with_the_reason_and_the_rest_is_done() {
    let desk = with_carol();
    // A ticket that carol wrote before she joined the staff cannot be hers to answer.
    desk.ask(&["tx", "roles", "revoke-role", "carol", "support_agent", "--from", "admin"]);
    let hers = ticket(&desk, "carol");
    // An appointment of the second in which the last one was made could be that one.
    let_a_second_pass();
    desk.ask(&["tx", "roles", "assign-role", "carol", "support_agent", "--from", "admin"]);
    assign(&desk, &hers, "bob");
    let ids = tickets_of_bob(&desk, 2);
    let (out, err, code) = told(&desk, &["reassign", "--from", "bob", "--to", "carol", "--by", "admin"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(
        out.contains("2 tickets assigned to carol") && out.contains(&format!("refused for {hers}")),
        "{out}"
    );
    assert!(out.contains(&format!("1 ticket still with bob: {hers}")), "{out}");
    assert!(ids.iter().all(|id| assignee(&desk, id) == address(&desk, "carol")));
    // Named ones alone, and one that is not his is left alone.
    let back = desk.run(&["reassign", "--from", "carol", "--to", "bob", &ids[0], &hers, "--by", "admin"]);
    let back: Value = serde_json::from_slice(&back.stdout).unwrap();
    assert_eq!(back["passed"], json!([ids[0]]), "{back}");
    assert_eq!(assignee(&desk, &ids[1]), address(&desk, "carol"));
    // Without a key nothing can be read, and that is not a success.
    desk.key("dan");
    desk.ask(&["tx", "roles", "assign-role", "dan", "support_agent", "--from", "admin"]);
    let (out, err, code) = told(&desk, &["reassign", "--from", "carol", "--to", "dan"]);
    assert!(code == 1 && out.contains("assigned to dan") && out.contains("published no key"), "{out}{err}");
}

#[test]
fn who_cannot_get_tickets_is_refused_before_anything_is_done() {
    let desk = with_carol();
    let ids = tickets_of_bob(&desk, 1);
    let cases: [(&[&str], i32, &str); 4] = [
        (&["--from", "bob", "--to", "unassigned"], 2, "cannot be taken from its assignee without a new one"),
        (&["--from", "bob", "--to", "alice"], 1, "not an active support agent or administrator"),
        (&["--from", "bob", "--to", "bob"], 1, "has these tickets already"),
        (&["--from", "bob", "--to", "carol", "--by", "alice"], 1, "is not an administrator"),
    ];
    for (args, exit, words) in cases {
        let (out, err, code) = told(&desk, &[&["reassign"][..], args].concat());
        assert_eq!(code, exit, "{args:?}: {out}{err}");
        assert!(err.contains(words) && err.contains("hint: "), "{args:?}: {err}");
    }
    assert_eq!(assignee(&desk, &ids[0]), address(&desk, "bob"));
    let (_, err, code) = told(&desk, &["reassign", "--to", "carol"]);
    assert!(code == 2 && err.contains("--from"), "{err}");
}

#[test]
fn a_run_that_was_killed_is_finished_by_the_next_and_nothing_is_done_twice() {
    let desk = with_carol();
    let ids = tickets_of_bob(&desk, 8);
    let carol = address(&desk, "carol");
    let count = || {
        let listed = desk.ask(&["query", "support", "tickets-by-agent", "carol"]);
        listed["tickets"].as_array().unwrap().len()
    };
    let args = ["reassign", "--from", "bob", "--to", "carol"];
    let mut run = desk.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until("the first ticket to be passed on", || count() > 0);
    run.kill().unwrap();
    run.wait().unwrap();
    let first = count();
    let done = desk.ask(&args);
    assert_eq!(done["passed"].as_array().unwrap().len(), ids.len() - first, "{done}");
    assert!(done["whole"] == true, "{done}");
    for id in &ids {
        let read = desk.ask(&["read", id, "--from", "carol"]);
        assert_eq!(read["messages"][0]["text"], "M", "{read}");
        let events = read["events"].as_array().unwrap();
        let to_carol = events.iter().filter(|event| event["assigned_to"] == carol).count();
        assert_eq!(to_carol, 1, "{id} was assigned once: {read}");
    }
}
