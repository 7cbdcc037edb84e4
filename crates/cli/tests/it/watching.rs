//! `watch --exec`: a command for each event, once it succeeds, and never with a stranger's text in its arguments.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};

use sealdesk_testkit::waiting::wait_until;
use serde_json::Value;

use crate::desk::session::Session;

/// A reason that a shell would run, and a file that it would make.
const HOSTILE: &str = "$(touch made-by-a-shell); `touch made-by-a-shell`";

/// A desk with an open ticket of alice's.
fn desk() -> Session {
    let desk = Session::start();
    desk.key("alice");
    desk.ask(&[
        "tx",
        "support",
        "create-ticket",
        "--from",
        "alice",
        "--category",
        "technical",
        "--subject",
        "S",
        "--message",
        "M",
    ]);
    desk
}

fn script(desk: &Session, name: &str, text: &str) {
    let path = desk.home().join(name);
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn written(desk: &Session, name: &str) -> String {
    fs::read_to_string(desk.home().join(name)).unwrap_or_default()
}

fn watch(desk: &Session, args: &[&str]) -> Child {
    let mut command: Command = desk.command(&[&["watch"][..], args].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Closes the ticket and opens it again.
fn closes_and_reopens(desk: &Session) {
    for act in ["close-ticket", "reopen-ticket"] {
        desk.ask(&["tx", "support", act, "1", "--reason", HOSTILE, "--from", "admin"]);
    }
}

/// The cursor of something that happened by now.
fn cursor(desk: &Session) -> String {
    let mut watching = watch(desk, &["--count", "1", "--output", "json"]);
    // The watch has to be there before something happens: it begins with what comes.
    wait_until("the watch has seen an event", || {
        closes_and_reopens(desk);
        watching.try_wait().unwrap().is_some()
    });
    let shown = watching.wait_with_output().unwrap().stdout;
    let event: Value = serde_json::from_slice(&shown).unwrap();
    event["cursor"].as_str().unwrap().to_owned()
}

#[test]
fn each_event_is_on_standard_input_and_its_place_in_the_environment() {
    let desk = desk();
    script(
        &desk,
        "handler",
        "cat >> events\necho \"$# $1 $SEALDESK_EVENT_TYPE $SEALDESK_EVENT_TICKET $SEALDESK_EVENT_HEIGHT\" >> environment",
    );
    let args = [
        "--type",
        "EventTicketClosed",
        "--type",
        "EventTicketReopened",
        "--cursor-file",
        "seen",
        "--count",
        "2",
    ];
    let watching = watch(&desk, &[&args[..], &["--exec", "./handler", "--flag"]].concat());
    wait_until("two events are handled", || {
        closes_and_reopens(&desk);
        written(&desk, "events").lines().count() >= 2
    });
    let ended = watching.wait_with_output().unwrap();
    assert!(ended.status.success() && ended.stdout.is_empty(), "{ended:?}");
    let events: Vec<Value> =
        written(&desk, "events").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(events.iter().all(|event| event["reason"] == HOSTILE), "{events:?}");
    let environment = written(&desk, "environment");
    for line in environment.lines() {
        assert!(line.starts_with("1 --flag virtengine.support.v1.EventTicket"), "{line}");
        assert!(line.contains(" TKT-00000001 ") && !line.contains('$'), "{line}");
    }
    assert!(!desk.home().join("made-by-a-shell").exists());
    assert_eq!(written(&desk, "seen").trim(), events.last().unwrap()["cursor"].as_str().unwrap());
}

#[test]
fn a_command_that_fails_is_told_and_its_event_is_the_next_watchs_first() {
    let desk = desk();
    let begin = cursor(&desk);
    fs::write(desk.home().join("seen"), &begin).unwrap();
    fs::set_permissions(desk.home().join("seen"), fs::Permissions::from_mode(0o600)).unwrap();
    desk.ask(&["tx", "support", "close-ticket", "1", "--reason", "r", "--from", "alice"]);
    script(&desk, "fails", "cat > /dev/null; echo run >> runs; exit 3");
    let args = ["--type", "EventTicketClosed", "--cursor-file", "seen", "--count", "1", "--exec"];
    let ended = watch(&desk, &[&args[..], &["./fails"]].concat()).wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(1), "{told}");
    assert_eq!(written(&desk, "runs").lines().count(), 3);
    assert!(
        told.contains("'./fails' ended with exit status: 3")
            && told.contains("EventTicketClosed of TKT-00000001"),
        "{told}"
    );
    assert_eq!(written(&desk, "seen").trim(), begin, "{told}");

    script(&desk, "hangs", "sleep 600");
    let hangs = [&args[..args.len() - 1], &["--exec-timeout", "1", "--exec", "./hangs"]].concat();
    let ended = watch(&desk, &hangs).wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.code() == Some(1) && told.contains("took more than 1 s"), "{told}");
    let missing = watch(&desk, &[&args[..], &["./nothing"]].concat()).wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&missing.stderr).contains("cannot be run"), "{missing:?}");

    // A command that reads nothing succeeds, too.
    script(&desk, "works", "echo \"$SEALDESK_EVENT_TYPE\" >> handled");
    let ended = watch(&desk, &[&args[..], &["./works"]].concat()).wait_with_output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!(written(&desk, "handled"), "virtengine.support.v1.EventTicketClosed\n");
    assert_ne!(written(&desk, "seen").trim(), begin);
}
