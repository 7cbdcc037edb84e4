//! Who on the staff can open what: what the doctor says, what is said before somebody leaves, and that the hints lead somewhere.

use serde_json::Value;

use super::{staffed, ticket, told, wrong};
use crate::desk::session::Session;

/// A desk that carol has to herself: the administrator before her let nobody in.
fn handed_on() -> (Session, String) {
    let desk = staffed();
    let first = ticket(&desk, "alice");
    desk.ask(&["tx", "support", "assign-ticket", &first, "bob", "--from", "admin"]);
    desk.ask(&["tx", "support", "respond", &first, "--message", "More", "--from", "alice"]);
    desk.key("carol");
    desk.ask(&["keys", "register", "carol"]);
    desk.ask(&["tx", "roles", "assign-role", "carol", "administrator", "--from", "admin"]);
    desk.ask(&["tx", "roles", "revoke-role", "admin", "administrator", "--yes", "--from", "admin"]);
    (desk, first)
}

/// What the doctor finds wrong with who can open what: what it says, and its hint.
fn closed(desk: &Session) -> Vec<(String, String)> {
    let found = wrong(desk, &[]).into_iter().filter(|one| one["name"] == "opened");
    let text = |one: &Value, field: &str| one[field].as_str().unwrap().to_owned();
    found.map(|one| (text(&one, "detail"), text(&one, "hint"))).collect()
}

/// The arguments of the command in a hint.
fn command(hint: &str) -> Vec<&str> {
    hint.rsplit('`').nth(1).unwrap().split(' ').skip(1).collect()
}

#[test]
fn a_message_that_nobody_can_open_is_named_though_the_first_one_opens() {
    let desk = staffed();
    desk.key("carol");
    desk.ask(&["keys", "register", "carol"]);
    let change = |verb: &str, who: &str, by: &str| {
        let args = ["tx", "roles", verb, who, "administrator", "--yes", "--from", by];
        desk.ask(&args[..]);
    };
    change("assign-role", "carol", "admin");
    let first = ticket(&desk, "alice");
    change("revoke-role", "carol", "admin");
    desk.ask(&["tx", "support", "respond", &first, "--message", "More", "--from", "alice"]);
    change("assign-role", "carol", "admin");
    // Another administrator can open it still.
    let found = closed(&desk);
    assert!(
        found.len() == 1 && found[0].0.contains("is an administrator and cannot open everything of 1"),
        "{found:?}"
    );
    assert!(found[0].1.contains("grant-all carol") && found[0].1.contains("--from admin"), "{found:?}");
    change("revoke-role", "admin", "admin");
    let found = closed(&desk);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].0.contains(&format!("nobody on the staff can open 1 of 2 messages of {first}")),
        "{found:?}"
    );
    desk.ask(&command(&found[0].1));
    assert_eq!(closed(&desk), []);
    let read = desk.ask(&["read", &first, "--from", "carol"]);
    let messages = read["messages"].as_array().unwrap();
    assert!(messages.len() == 2 && messages.iter().all(|one| one["not_shown"].is_null()), "{read}");
}

#[test]
fn what_an_agent_alone_can_open_its_customer_opens_and_both_looks_believe_it() {
    let (desk, first) = handed_on();
    // Whoever appointed the agent has left, and nobody vouches for them.
    let found = closed(&desk);
    assert!(found.len() == 1 && found[0].0.contains("nobody on the staff can open"), "{found:?}");
    desk.ask(&["tx", "roles", "assign-role", "bob", "support_agent", "--from", "carol"]);
    let found = closed(&desk);
    assert_eq!(found.len(), 1, "{found:?}");
    // What its author sealed for the agent they can open; what was granted by somebody who has left, nobody can tell.
    assert!(found[0].0.contains("; 1 of these an agent can"), "{found:?}");
    // No other administrator is there to let them in.
    assert!(found[0].0.contains(&format!("no administrator can open {first}")), "{found:?}");
    assert!(!found[0].1.contains("grant-all") && found[0].1.contains("--from alice"), "{found:?}");
    let suspend = ["tx", "roles", "set-account-state", "bob", "suspended", "--from", "carol"];
    let (_, err, code) = told(&desk, &suspend);
    assert!(code == 2 && err.contains("Nobody else on the staff is known to open"), "{err}");
    // An agent lets nobody in: the hint does not say so.
    assert!(!err.contains("--from bob") && err.contains("grant-access TKT NAME --from CUSTOMER"), "{err}");
    desk.ask(&command(&found[0].1));
    assert_eq!(closed(&desk), []);
    let (_, err, _) = told(&desk, &suspend);
    assert!(!err.contains("Nobody else on the staff is known to open"), "{err}");
}

#[test]
fn an_assignee_who_has_left_opens_nothing_and_no_administrator_is_named_who_could() {
    let (desk, first) = handed_on();
    desk.ask(&["tx", "roles", "revoke-role", "bob", "support_agent", "--yes", "--from", "carol"]);
    let found = closed(&desk);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].0.contains(&format!("nobody on the staff can open {first}")), "{found:?}");
    assert!(!found[0].1.contains("another administrator"), "{found:?}");
    desk.ask(&command(&found[0].1));
    assert_eq!(closed(&desk), []);
}

#[test]
fn what_only_an_administrator_mends_is_told_and_not_wrong_in_anybody_elses_home() {
    let desk = staffed();
    let first = ticket(&desk, "alice");
    desk.ask(&["tx", "support", "assign-ticket", &first, "bob", "--from", "admin"]);
    desk.ask(&["tx", "roles", "revoke-role", "bob", "support_agent", "--yes", "--from", "admin"]);
    let url = std::fs::read_to_string(desk.home().join(".sealdesk/node.address")).unwrap();
    let (home, node) = (desk.home().join("elsewhere"), ["--node", url.trim()]);
    let home = ["--home", home.to_str().unwrap()];
    desk.ask(&[&["keys", "add", "eve"][..], &home].concat());
    let output = desk.run(&[&["doctor"][..], &home, &node].concat());
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{found}");
    let checks = found["checks"].as_array().unwrap();
    let assigned: Vec<&Value> = checks.iter().filter(|one| one["name"] == "assigned").collect();
    assert!(assigned.len() == 1 && assigned[0]["ok"] == true, "{assigned:?}");
    assert!(
        assigned[0]["detail"].as_str().unwrap().contains("an administrator must reassign them"),
        "{assigned:?}"
    );
    // In an administrator's home it is wrong, and the hint finds that home wherever it is.
    let phrase = desk.ask(&["keys", "export", "admin", "--yes"]);
    let phrase = phrase["recovery_phrase"].as_str().unwrap();
    let imported = desk.run_with_input(&[&["keys", "import", "boss"][..], &home].concat(), phrase);
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stdout));
    let output = desk.run(&[&["doctor"][..], &home, &node].concat());
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{found}");
    let is_it = |one: &&Value| one["name"] == "assigned" && one["ok"] == false;
    let hint = found["checks"].as_array().unwrap().iter().find(is_it).unwrap()["hint"].as_str().unwrap();
    assert!(
        hint.contains(&format!("`sealdesk {} ", home.join(" ").replace(desk.home().to_str().unwrap(), "~"))),
        "{hint}"
    );
    assert!(hint.contains("--from boss"), "{hint}");
    desk.ask(&[&command(hint)[2..], &home, &node, &["--trust-first"]].concat());
    assert_eq!(desk.run(&[&["doctor"][..], &home, &node].concat()).status.code(), Some(0));
}
