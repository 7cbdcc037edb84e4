//! A desk that CometBFT replicates, through the program alone: a ticket's life, its receipt, and both processes killed.

use std::path::PathBuf;
use std::process::Command;

use crate::desk::node::Node;
use crate::desk::session::Session;
use crate::desk::{Logs, wait_until};
use serde_json::Value;

/// Where `make test` has installed it.
fn cometbft() -> PathBuf {
    sealdesk_node::comet::find_program(None).expect("`make test` installs cometbft")
}

fn command(session: &Session) -> Command {
    let mut command = session.command(&["start", "--engine", "comet"]);
    command.env("SEALDESK_COMETBFT", cometbft());
    command
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn a_ticket_lives_on_a_replicated_desk_while_both_processes_are_killed() {
    let session = Session::idle();
    let _logs = Logs(session.home().to_owned());
    let node = Node::start(command(&session));
    session.key("alice");
    let create = ["tx", "support", "create-ticket", "--from", "alice", "--category", "technical"];
    let made = session.ask(&[&create[..], &["--subject", "Down", "--message", "It burns"]].concat());
    let ticket = text(&made["ticket_id"]);
    assert_eq!(session.ask(&["status"])["engine"], "comet");
    session.ask(&["tx", "support", "assign-ticket", &ticket, "admin", "--from", "admin"]);
    session.ask(&["tx", "support", "respond", &ticket, "--message", "Water?", "--from", "admin"]);

    // CometBFT dies: the node starts it again.
    let pid_file = session.home().join(".sealdesk/comet/cometbft.pid");
    let first = std::fs::read_to_string(&pid_file).unwrap();
    assert!(Command::new("kill").args(["-9", &first]).status().unwrap().success());
    wait_until("CometBFT to be started again", || {
        std::fs::read_to_string(&pid_file).is_ok_and(|pid| !pid.is_empty() && pid != first)
    });
    // Whoever writes now waits for it, and so does whoever reads after the next crash.
    session.ask(&["tx", "support", "respond", &ticket, "--message", "No.", "--from", "alice"]);

    // The node dies, and CometBFT with it.
    node.kill();
    let node = Node::start(command(&session));
    assert_eq!(session.ask(&["read", &ticket, "--from", "alice"])["messages"].as_array().unwrap().len(), 3);
    session.ask(&["tx", "support", "resolve-ticket", &ticket, "--resolution", "done", "--from", "admin"]);
    session.ask(&["tx", "support", "close-ticket", &ticket, "--reason", "done", "--from", "alice"]);

    let file = session.home().join("receipt");
    session.ask(&["receipt", &ticket, "-o", file.to_str().unwrap()]);
    node.stop();
    let genesis = session.home().join(".sealdesk/genesis.json");
    let verified = session.run(&["verify", file.to_str().unwrap(), "--genesis", genesis.to_str().unwrap()]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));

    // The stopped ledger is read through, and moves as any other does.
    assert_eq!(session.ask(&["doctor"])["ok"], true);
    let exported = session.home().join("exported.json");
    session.ask(&["export", "-o", exported.to_str().unwrap()]);
    let moved = session.home().join("moved");
    session.ask(&["--home", moved.to_str().unwrap(), "import", exported.to_str().unwrap()]);

    // Without being told, the program goes on with the engine that made the ledger.
    let mut again = session.command(&["start"]);
    again.env("SEALDESK_COMETBFT", cometbft());
    let node = Node::start(again);
    assert_eq!(session.ask(&["status"])["engine"], "comet");
    node.stop();
}

#[test]
fn without_cometbft_the_program_says_how_to_install_it() {
    let session = Session::idle();
    let mut start = session.command(&["start", "--engine", "comet"]);
    let output = start.env("PATH", "/nowhere").output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.25"), "{said}");
    assert!(!session.home().join(".sealdesk/genesis.json").exists(), "nothing was begun that cannot run");
}

/// Runs a command in another home of the same session.
fn in_home(session: &Session, home: &str, args: &[&str]) -> Value {
    let home = session.home().join(home);
    session.ask(&[&["--home", home.to_str().unwrap()], args].concat())
}

#[test]
fn a_desk_of_one_moves_to_several_organisations_and_old_receipts_still_verify() {
    let mut session = Session::start();
    session.key("alice");
    let create = ["tx", "support", "create-ticket", "--from", "alice", "--category", "technical"];
    let made = session.ask(&[&create[..], &["--subject", "Down", "--message", "It burns"]].concat());
    let ticket = text(&made["ticket_id"]);
    let receipt = session.home().join("receipt");
    session.ask(&["receipt", &ticket, "-o", receipt.to_str().unwrap()]);
    let old = session.home().join(".sealdesk/genesis.json");
    session.stop_node();

    let exported = session.home().join("exported.json");
    session.ask(&["export", "-o", exported.to_str().unwrap()]);
    let mut genesis: Value = serde_json::from_slice(&std::fs::read(&exported).unwrap()).unwrap();
    let organisation = in_home(&session, "one", &["join", "--name", "one"]);
    let mut validator = organisation["validator"].clone();
    validator["power"] = "100".into();
    // The other organisation is away; this one has more than two thirds without it.
    let away = in_home(&session, "two", &["join", "--name", "two"])["validator"].clone();
    genesis["validators"] = vec![validator, away].into();
    std::fs::write(&exported, serde_json::to_vec(&genesis).unwrap()).unwrap();
    let joined = in_home(&session, "one", &["join", exported.to_str().unwrap()]);
    assert_eq!((&joined["validator"], &joined["node_id"]), (&true.into(), &organisation["node_id"]));

    let home = session.home().join("one");
    let mut start = session.command(&["--home", home.to_str().unwrap(), "start", "--engine", "comet"]);
    start.env("SEALDESK_COMETBFT", cometbft());
    let node = Node::start(start);
    std::fs::rename(session.home().join(".sealdesk/keyring-test"), home.join("keyring-test")).unwrap();
    let read = in_home(&session, "one", &["read", &ticket, "--from", "alice"]);
    assert_eq!(
        read["messages"][0]["text"].as_str().map(|text| text.contains("It burns")),
        Some(true),
        "{read}"
    );
    node.stop();

    // What the new network exports at once is what it began with.
    let again = session.home().join("again.json");
    in_home(&session, "one", &["export", "-o", again.to_str().unwrap()]);
    let again: Value = serde_json::from_slice(&std::fs::read(&again).unwrap()).unwrap();
    assert_eq!(again["app_state"], genesis["app_state"]);
    let verified = session.run(&["verify", receipt.to_str().unwrap(), "--genesis", old.to_str().unwrap()]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}
