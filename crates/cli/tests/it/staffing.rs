//! `sealdesk staff`: who comes is appointed, named and let in; who leaves passes on what they have.

use serde_json::{Value, json};

use crate::desk::session::Session;
use crate::truth::{staffed, ticket, told};

fn address(desk: &Session, name: &str) -> String {
    desk.ask(&["keys", "show", name])["address"].as_str().unwrap().to_owned()
}

fn put_replies(desk: &Session, text: &str) {
    std::fs::write(desk.home().join("replies.json"), json!({ "hello": text }).to_string()).unwrap();
    desk.ask(&["documents", "put", "staff", "replies", "--file", "replies.json", "--from", "admin"]);
}

fn can_open_replies(desk: &Session, name: &str) -> bool {
    desk.run(&["documents", "show", "staff", "replies", "--from", name]).status.success()
}

#[test]
fn an_agent_is_appointed_named_and_let_in_and_a_second_run_does_nothing_twice() {
    let desk = staffed();
    desk.ask(&["tx", "support", "update-params", "--open-queue", "true", "--from", "admin"]);
    let first = ticket(&desk, "alice");
    put_replies(&desk, "Good day");
    let carol = desk.key("carol");
    let add = ["staff", "add", "carol", &carol, "--from", "admin"];
    // Without a key nothing can be opened to her, and that is said.
    let (out, err, code) = told(&desk, &add);
    assert!(
        code == 1 && out.contains("keys register") && out.contains("is now a support agent"),
        "{out}{err}"
    );
    desk.ask(&["keys", "register", "carol"]);
    let done = desk.ask(&add);
    assert!(done["appointed"] == false && done["counts"] == true && done["whole"] == true, "{done}");
    assert_eq!((&done["opens"], &done["documents_without"]), (&json!(1), &json!([])), "{done}");
    assert_eq!(desk.ask(&["read", &first, "--from", "carol"])["messages"][0]["text"], "M");
    assert!(can_open_replies(&desk, "carol"));
    let height = |desk: &Session| desk.ask(&["query", "support", "params"])["height"].clone();
    let before = (desk.ask(&["documents", "list", "staff", "--from", "admin"]), height(&desk));
    let again = desk.ask(&add);
    assert!(again["whole"] == true && again["txhash"].is_null(), "{again}");
    assert_eq!(
        desk.ask(&["documents", "list", "staff", "--from", "admin"]),
        before.0,
        "nothing is written twice"
    );
}

#[test]
fn a_new_administrator_is_let_in_to_every_ticket() {
    let desk = staffed();
    let ids = [ticket(&desk, "alice"), ticket(&desk, "alice")];
    put_replies(&desk, "Good day");
    desk.key("dora");
    desk.ask(&["keys", "register", "dora"]);
    let done = desk.ask(&["staff", "add", "dora", "dora", "--role", "administrator", "--from", "admin"]);
    assert!(done["whole"] == true && done["opens"] == 2, "{done}");
    for id in &ids {
        desk.ask(&["read", id, "--from", "dora"]);
    }
    assert!(can_open_replies(&desk, "dora"));
    let roster = desk.ask(&["staff", "list"]);
    let of = |name: &str| {
        let address = address(&desk, name);
        roster["staff"].as_array().unwrap().iter().find(|one| one["address"] == address.as_str()).cloned()
    };
    assert_eq!(of("dora").unwrap()["role"], "administrator", "{roster}");
    assert!(of("bob").is_some_and(|bob| bob["role"] == "support_agent" && bob["counts"] == true), "{roster}");
    assert!(of("alice").is_none(), "{roster}");
    // A third member needs the votes of both, and is not let in before.
    desk.key("erin");
    desk.ask(&["keys", "register", "erin"]);
    let vote = desk.ask(&["staff", "add", "erin", "erin", "--role", "administrator", "--from", "admin"]);
    assert!(vote["applied"] == false && vote["opens"].is_null(), "{vote}");
    // Whoever is suspended is listed as that: somebody has to find them to restore them.
    desk.ask(&["tx", "roles", "set-account-state", "bob", "suspended", "--yes", "--from", "admin"]);
    let (roster, bob) = (desk.ask(&["staff", "list"]), address(&desk, "bob"));
    let listed = roster["staff"].as_array().unwrap().iter().find(|one| one["address"] == bob.as_str());
    assert_eq!(listed.map(|bob| &bob["state"]), Some(&json!("suspended")), "{roster}");
}

#[test]
fn who_leaves_loses_role_and_keys_and_somebody_else_gets_what_they_had() {
    let desk = staffed();
    let ids = [ticket(&desk, "alice"), ticket(&desk, "alice")];
    for id in &ids {
        desk.ask(&["tx", "support", "assign-ticket", id, "bob", "--from", "admin"]);
    }
    desk.key("carol");
    desk.ask(&["keys", "register", "carol"]);
    desk.ask(&["staff", "add", "carol", "carol", "--from", "admin"]);
    put_replies(&desk, "Good day");
    let remove = ["staff", "remove", "bob", "--reassign-to", "carol", "--from", "admin"];
    let (out, err, code) = told(&desk, &remove);
    assert!(code == 2 && err.contains("2 tickets in progress"), "{out}{err}");
    assert_eq!(desk.ask(&["query", "roles", "account", "bob"])["role"], "support_agent");
    let done = desk.ask(&[&remove[..], &["--yes"]].concat());
    assert!(done["whole"] == true && done["revoked_keys"] == 1, "{done}");
    assert_eq!((&done["passed"], &done["still_assigned"]), (&json!(ids), &json!([])), "{done}");
    assert_eq!(done["held"]["assigned"], json!(ids), "{done}");
    assert_eq!(desk.ask(&["query", "roles", "account", "bob"])["role"], "customer");
    let keys = desk.ask(&["query", "encryption", "keys", "bob", "--active-only"]);
    assert_eq!(keys["keys"], json!([]));
    put_replies(&desk, "Farewell");
    assert!(!can_open_replies(&desk, "bob") && can_open_replies(&desk, "carol"));
    let again = desk.ask(&[&remove[..], &["--yes"]].concat());
    assert!(again["whole"] == true && again["txhash"].is_null(), "{again}");
}

#[test]
fn what_an_administrator_gave_others_goes_on_when_they_leave() {
    let desk = staffed();
    desk.key("dora");
    desk.ask(&["keys", "register", "dora"]);
    desk.ask(&["staff", "add", "dora", "dora", "--role", "administrator", "--from", "admin"]);
    desk.key("carol");
    desk.ask(&["keys", "register", "carol"]);
    // Dora appoints carol, and lets her in to a ticket.
    desk.ask(&["staff", "add", "carol", "carol", "--from", "dora"]);
    let first = ticket(&desk, "alice");
    desk.ask(&["tx", "support", "assign-ticket", &first, "carol", "--from", "dora"]);
    let (_, err, code) = told(&desk, &["staff", "remove", "dora", "--from", "admin"]);
    assert!(code == 2 && err.contains("appointment of 1 agent"), "{err}");
    // Nobody stays in somebody else's name who did not say so.
    let done = desk.ask(&["staff", "remove", "dora", "--from", "admin", "--yes"]);
    assert!(done["whole"] == true && done["appointed_again"] == json!([]), "{done}");
    assert_eq!(done["not_kept"], json!([address(&desk, "carol")]), "{done}");
    let roster = desk.ask(&["staff", "list"]);
    let mut listed = roster["staff"].as_array().unwrap().iter();
    assert!(!listed.any(|one| one["address"] == address(&desk, "carol").as_str() && one["counts"] == true));
    let done = desk.ask(&["staff", "remove", "dora", "--from", "admin", "--keep", "carol", "--yes"]);
    assert!(done["whole"] == true && done["appointed_again"].as_array().unwrap().len() == 1, "{done}");
    let roster = desk.ask(&["staff", "list"]);
    let carol = roster["staff"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["address"] == address(&desk, "carol").as_str());
    assert!(carol.is_some_and(|carol| carol["counts"] == true && carol["tickets"] == 1), "{roster}");
    desk.ask(&["tx", "support", "respond", &first, "--message", "Later", "--from", "alice"]);
    let read = desk.ask(&["read", &first, "--from", "carol"]);
    assert_eq!(read["messages"][1]["text"], "Later", "by a grant of admin's: {read}");
    let refused: Value =
        serde_json::from_slice(&desk.run(&["staff", "remove", "admin", "--from", "admin"]).stdout).unwrap();
    assert!(refused["message"].as_str().unwrap().contains("you cannot remove yourself"), "{refused}");
}
