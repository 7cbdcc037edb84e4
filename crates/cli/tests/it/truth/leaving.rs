//! Whoever is let in, and whoever leaves: what is said is what the ledger proves.

use serde_json::{Value, json};

use super::{staffed, ticket, told};

#[test]
fn a_former_administrator_is_not_told_that_everything_is_granted() {
    let desk = staffed();
    ticket(&desk, "alice");
    for name in ["carol", "dan"] {
        desk.key(name);
        desk.ask(&["keys", "register", name]);
    }
    desk.ask(&["tx", "roles", "assign-role", "carol", "administrator", "--from", "admin"]);
    // Of two, the one who joined first removes the other.
    desk.ask(&["tx", "roles", "revoke-role", "carol", "administrator", "--yes", "--from", "admin"]);
    let (out, err, code) = told(&desk, &["tx", "support", "grant-all", "admin", "--from", "carol"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(
        err.contains("is not an administrator") && !format!("{out}{err}").contains("already"),
        "{out}{err}"
    );
    // Who wrote tickets grants those, and is told that it is not all of them.
    let own = desk.ask(&["tx", "support", "grant-all", "admin", "--from", "alice"]);
    assert!(own["only_own"] == true && own["whole"] == true && own["opens"] == 1, "{own}");
}

#[test]
fn what_the_person_let_in_can_open_is_counted_and_what_lacks_is_no_success() {
    let desk = staffed();
    let first = ticket(&desk, "alice");
    desk.key("carol");
    desk.ask(&["tx", "roles", "assign-role", "carol", "support_agent", "--from", "admin"]);
    // Assigned, and nothing to read it with.
    let (out, err, code) =
        told(&desk, &["tx", "support", "assign-ticket", &first, "carol", "--from", "admin"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("is assigned to carol") && out.contains("carol can open 0 of 1 message"), "{out}");
    assert!(out.contains("sealdesk keys register carol"), "{out}");
    desk.ask(&["keys", "register", "carol"]);
    let (out, _, code) = told(&desk, &["tx", "support", "grant-access", &first, "carol", "--from", "admin"]);
    assert!(code == 0 && out.contains("carol can open 1 of 1 message"), "{out}");
    // A second administrator who grants cannot open what was written before.
    desk.key("dan");
    desk.ask(&["keys", "register", "dan"]);
    desk.ask(&["tx", "roles", "assign-role", "dan", "administrator", "--from", "admin"]);
    desk.ask(&["tx", "support", "respond", &first, "--message", "More", "--from", "alice"]);
    let (out, err, code) = told(&desk, &["tx", "support", "assign-ticket", &first, "bob", "--from", "dan"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(
        out.contains("bob can open 1 of 2 messages") && out.contains("1 not, because you cannot open it"),
        "{out}"
    );
}

#[test]
fn whoever_alone_can_read_is_told_before_they_leave_and_asked() {
    let desk = staffed();
    let first = ticket(&desk, "alice");
    desk.key("carol");
    desk.ask(&["keys", "register", "carol"]);
    desk.ask(&["tx", "roles", "assign-role", "carol", "administrator", "--from", "admin"]);
    let leave = ["tx", "roles", "revoke-role", "admin", "administrator", "--from", "admin"];
    let (out, err, code) = told(&desk, &leave);
    assert_eq!(code, 2, "{out}{err}");
    assert!(err.contains("Nobody else on the staff is known to open") && err.contains(&first), "{err}");
    assert!(err.contains("grant-all"), "{err}");
    assert_eq!(desk.ask(&["query", "roles", "account", "admin"])["role"], "administrator");
    // Following the hint, nothing is lost any more; the question that is always asked stays.
    desk.ask(&["tx", "support", "grant-all", "carol", "--from", "admin"]);
    let (_, err, code) = told(&desk, &leave);
    assert!(code == 2 && !err.contains("Nobody else on the staff"), "{err}");
    // With --yes it is shown, and done.
    let output = desk.run(&[&leave[..], &["--yes"]].concat());
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success() && value["held"]["alone"] == json!([]), "{value}");
    desk.ask(&["read", &first, "--from", "carol"]);
}

#[test]
fn a_suspension_that_leaves_tickets_behind_lists_them() {
    let desk = staffed();
    let first = ticket(&desk, "alice");
    desk.ask(&["tx", "support", "assign-ticket", &first, "bob", "--from", "admin"]);
    let suspend = ["tx", "roles", "set-account-state", "bob", "suspended", "--from", "admin"];
    // Where nobody can be asked, what he holds is said, and nothing is done.
    let (out, err, code) = told(&desk, &suspend);
    assert!(code == 2 && err.contains("bob holds:") && err.contains(&first), "{out}{err}");
    assert_eq!(desk.ask(&["query", "roles", "account", "bob"])["state"], "active");
    let (out, err, code) = told(&desk, &[&suspend[..], &["--yes"]].concat());
    assert_eq!(code, 0, "{out}{err}");
    assert!(err.contains("1 ticket in progress") && err.contains("1 not begun"), "{err}");
    assert!(
        out.contains("1 ticket is still assigned to bob, whose account is suspended") && out.contains(&first),
        "{out}"
    );
    assert!(out.contains("sealdesk reassign --from bob --to"), "{out}");
}

#[test]
fn what_an_agent_holds_is_shown_by_state_and_asked_about() {
    let desk = staffed();
    let tickets: Vec<String> = (0..4).map(|_| ticket(&desk, "alice")).collect();
    for ticket in &tickets {
        desk.ask(&["tx", "support", "assign-ticket", ticket, "bob", "--from", "admin"]);
    }
    desk.ask(&["tx", "support", "start-work", &tickets[1], "--from", "bob"]);
    desk.ask(&["tx", "support", "snooze-ticket", &tickets[1], "3d", "--from", "bob"]);
    desk.ask(&["tx", "support", "resolve-ticket", &tickets[2], "--resolution", "R", "--from", "bob"]);
    desk.key("carol");
    desk.ask(&["keys", "register", "carol"]);
    desk.ask(&["tx", "roles", "assign-role", "carol", "support_agent", "--from", "admin"]);
    desk.ask(&[
        "tx",
        "support",
        "assign-ticket",
        &tickets[3],
        "carol",
        "--collaborator",
        "bob",
        "--from",
        "admin",
    ]);
    let leave = ["tx", "roles", "revoke-role", "bob", "support_agent", "--from", "admin"];
    let (out, err, code) = told(&desk, &leave);
    assert_eq!(code, 2, "{out}{err}");
    for words in
        ["2 tickets in progress", "1 not begun", "1 in progress", "put aside", "a hand in 1", "1 resolved"]
    {
        assert!(err.contains(words), "{words} is not in\n{err}");
    }
    assert_eq!(desk.ask(&["query", "roles", "account", "bob"])["role"], "support_agent", "nothing was done");
    let value = desk.ask(&[&leave[..], &["--yes"]].concat());
    let held = &value["held"];
    assert_eq!(held["assigned"], json!([tickets[0]]), "{value}");
    assert_eq!(
        (&held["in_progress"], &held["snoozed"]),
        (&json!([tickets[1]]), &json!([tickets[1]])),
        "{value}"
    );
    assert_eq!((&held["resolved"], &held["helps"]), (&json!([tickets[2]]), &json!([tickets[3]])), "{value}");
    assert_eq!(desk.ask(&["query", "roles", "account", "bob"])["role"], "customer");
    // Whoever holds nothing is not asked about.
    desk.ask(&["tx", "roles", "assign-role", "alice", "customer", "--from", "admin"]);
    desk.ask(&["tx", "roles", "revoke-role", "alice", "customer", "--from", "admin"]);
}

#[test]
fn what_an_administrator_holds_are_votes_and_appointments_too() {
    let desk = staffed();
    for name in ["carol", "dan"] {
        desk.key(name);
        desk.ask(&["keys", "register", name]);
    }
    let leave = ["tx", "roles", "revoke-role", "admin", "administrator", "--from", "admin"];
    let (_, err, code) = told(&desk, &leave);
    assert!(
        code == 2 && err.contains("only administrator") && err.contains("appointment of 1 agent"),
        "{err}"
    );
    desk.ask(&["tx", "roles", "assign-role", "carol", "administrator", "--from", "admin"]);
    let vote = desk.ask(&["tx", "roles", "assign-role", "dan", "administrator", "--from", "admin"]);
    assert_eq!(vote["applied"], false, "{vote}");
    let (_, err, code) = told(&desk, &leave);
    assert!(code == 2 && err.contains("1 vote") && err.contains("add dan"), "{err}");
    assert!(!err.contains("only administrator"), "{err}");
}
