//! A new customer at a desk that asks something of them first.

use std::fs;

use serde_json::Value;

use crate::desk::session::Session;

const TICKET: [&str; 9] =
    ["tx", "support", "create-ticket", "--category", "technical", "--subject", "S", "--message", "M"];

/// A desk whose node asks for what this section of its configuration says.
pub fn desk(section: &str) -> Session {
    let mut desk = Session::idle();
    configure(&desk, section);
    desk.start_node("127.0.0.1:0");
    desk
}

/// Writes the node's configuration into its home, which only its owner may enter.
fn configure(desk: &Session, section: &str) {
    use std::os::unix::fs::DirBuilderExt as _;
    let home = desk.home().join(".sealdesk");
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&home).unwrap();
    fs::write(home.join("config.toml"), format!("[admission]\n{section}\n")).unwrap();
}

fn ticket_of<'a>(name: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&TICKET[..], &["--from", name], more].concat()
}

/// What a refused command says, and what it says to do next.
fn refused(desk: &Session, args: &[&str]) -> (String, String) {
    let output = desk.run(args);
    let shown = String::from_utf8_lossy(&output.stdout);
    assert_ne!(output.status.code(), Some(0), "sealdesk {args:?}\n{shown}");
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |name: &str| value[name].as_str().unwrap().to_owned();
    (text("message"), text("hint"))
}

#[test]
fn a_new_customers_computer_works_once_and_says_so() {
    let desk = desk("work = 3\nwork_memory = 1");
    desk.key("alice");
    let output = desk.run(&ticket_of("alice", &[]));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stdout));
    assert!(told.contains("asks new customers for a little work"), "{told}");
    let answer = ["tx", "support", "respond", "1", "--from", "alice", "--message", "Still."];
    let output = desk.run(&answer);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !told.contains("work"), "{told}");
    let waiting = desk.ask(&["inbox", "--from", "admin"]);
    assert_eq!(waiting["tickets"][0]["ticket_id"], "TKT-00000001", "who has a role is asked for nothing");
}

#[test]
fn an_invitation_brings_its_customers_in_and_nobody_else() {
    let desk = desk("invitations = true");
    for name in ["alice", "bob", "carol"] {
        desk.key(name);
    }
    let (message, hint) = refused(&desk, &ticket_of("alice", &[]));
    assert!(message.contains("by invitation") && hint.contains("--invitation-file"), "{message} {hint}");

    let made = desk.ask(&["invite", "add", "--uses", "2", "--label", "--the office--"]);
    let (code, id) = (made["code"].as_str().unwrap(), made["id"].as_str().unwrap());
    let file = desk.home().join("invitation");
    let named = ["--invitation-file", "invitation"];
    for (text, says) in [("", "not an invitation code"), ("zzzzz-zzzzz-zzzzz-zzzzz-zzzzzw", "no such")] {
        fs::write(&file, text).unwrap();
        let (message, hint) = refused(&desk, &ticket_of("alice", &named));
        assert!(message.contains(says) && !hint.is_empty(), "{message}");
    }
    fs::write(&file, format!("\u{feff}{}\r\n", code.to_uppercase())).unwrap();
    desk.ask(&ticket_of("alice", &named));
    let by_variable =
        desk.command(&ticket_of("bob", &[])).env("SEALDESK_INVITATION_FILE", &file).output().unwrap();
    assert!(by_variable.status.success(), "{}", String::from_utf8_lossy(&by_variable.stderr));
    let (message, _) = refused(&desk, &ticket_of("carol", &named));
    assert!(message.contains("as many accounts as it allows"), "{message}");

    let listed = desk.ask(&["invite", "list"]);
    assert_eq!((listed[0]["id"].as_str(), listed[0]["state"].as_str()), (Some(id), Some("used up")));
    assert_eq!(listed[0]["accounts"].as_array().unwrap().len(), 2);
    assert!(!listed.to_string().contains(&code[..11]), "a code is shown once: {listed}");
    desk.ask(&["invite", "revoke", id]);
    let (message, hint) = refused(&desk, &["invite", "revoke", id]);
    assert!(message.contains("does not exist") && hint.contains("invite list"), "{message} {hint}");
    let (message, _) = refused(&desk, &ticket_of("carol", &named));
    assert!(message.contains("no such"), "{message}");
}

#[test]
fn invitations_that_nobody_could_make_are_refused_and_change_nothing() {
    let desk = desk("invitations = true\nwork = 1\nwork_memory = 1");
    for wrong in [["--uses", "0"], ["--uses", "1001"], ["--days", "0"], ["--days", "366"]] {
        let (message, hint) = refused(&desk, &[&["invite", "add"][..], &wrong].concat());
        assert!(message.contains("allowed are") && !hint.is_empty(), "{wrong:?}: {message}");
    }
    assert_eq!(desk.ask(&["invite", "list"]), serde_json::json!([]));
    // With both, either will do: nobody without a code is asked for one.
    desk.key("alice");
    desk.ask(&ticket_of("alice", &[]));
}

#[test]
fn a_node_does_not_start_with_work_that_nobody_should_do() {
    let desk = Session::idle();
    for (section, says) in [
        ("work = 5000", "the difficulty"),
        ("work = 4096\nwork_memory = 64", "the whole work"),
        ("work = 1\nwork_memory = 0", "the memory"),
        ("work = 1\nmemory = 16", "unknown field"),
    ] {
        configure(&desk, section);
        let output = desk.command(&["start"]).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && told.contains(says), "{section}: {told}");
    }
}
