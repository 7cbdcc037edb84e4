//! Whoever is let in, and whoever leaves: what is said is what the ledger proves.

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
    assert!(err.contains("Nobody else on the staff can open") && err.contains(&first), "{err}");
    assert!(err.contains("grant-all"), "{err}");
    assert_eq!(desk.ask(&["query", "roles", "account", "admin"])["role"], "administrator");
    // Following the hint, nothing is lost any more; the question that is always asked stays.
    desk.ask(&["tx", "support", "grant-all", "carol", "--from", "admin"]);
    let (_, err, code) = told(&desk, &leave);
    assert!(code == 2 && !err.contains("Nobody else on the staff"), "{err}");
    // With --yes nobody waits for a look through the tickets, and it is said that there was none.
    let (out, err, code) = told(&desk, &[&leave[..], &["--yes"]].concat());
    assert!(code == 0 && err.contains("not looked up which tickets admin alone can open"), "{out}{err}");
    desk.ask(&["read", &first, "--from", "carol"]);
}

#[test]
fn a_suspension_that_leaves_tickets_behind_lists_them() {
    let desk = staffed();
    let first = ticket(&desk, "alice");
    desk.ask(&["tx", "support", "assign-ticket", &first, "bob", "--from", "admin"]);
    let (out, err, code) =
        told(&desk, &["tx", "roles", "set-account-state", "bob", "suspended", "--from", "admin"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(
        out.contains("1 ticket is still assigned to bob, whose account is suspended") && out.contains(&first),
        "{out}"
    );
    assert!(out.contains("assign-ticket TKT"), "{out}");
}
