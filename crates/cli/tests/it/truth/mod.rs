//! What the program says is so: successes that are proven, states that are silently no longer true, and a node that is believed.

mod leaving;
mod opening;
mod refusals;
mod silent;
mod trusted_node;

use serde_json::Value;

use crate::desk::session::Session;

/// What a command prints for a person, on both ways out, and its exit code.
pub fn told(desk: &Session, args: &[&str]) -> (String, String, i32) {
    let output = desk.command(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

/// A ticket of somebody's, by its number.
pub fn ticket(desk: &Session, from: &str) -> String {
    let args = ["--category", "technical", "--subject", "S", "--message", "M", "--from", from];
    let made = desk.ask(&[&["tx", "support", "create-ticket"][..], &args].concat());
    made["ticket_id"].as_str().unwrap().to_owned()
}

/// A desk with people who have keys: bob is an agent, alice a customer without a cooldown.
pub fn staffed() -> Session {
    let desk = Session::start();
    for name in ["alice", "bob"] {
        desk.key(name);
        desk.ask(&["keys", "register", name]);
    }
    desk.ask(&["tx", "support", "update-params", "--ticket-cooldown-seconds", "0", "--from", "admin"]);
    desk.ask(&["tx", "roles", "assign-role", "bob", "support_agent", "--from", "admin"]);
    desk
}

/// What the doctor finds wrong.
pub fn wrong(desk: &Session, more: &[&str]) -> Vec<Value> {
    let output = desk.run(&[&["doctor"][..], more].concat());
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let wrong: Vec<Value> =
        found["checks"].as_array().unwrap().iter().filter(|check| check["ok"] == false).cloned().collect();
    assert_eq!(output.status.code(), Some(i32::from(!wrong.is_empty())), "{found}");
    wrong
}
