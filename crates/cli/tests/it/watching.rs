//! `watch --exec`: a command for each event, once it succeeds, and never with a stranger's text in its arguments.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};

use sealdesk_node::webhooks::signing::Secret;
use sealdesk_testkit::waiting::wait_until;
use serde_json::Value;

use crate::desk::session::{CREATE_TICKET, Session};

/// A reason that a shell would run, and a file that it would make.
const HOSTILE: &str = "$(touch made-by-a-shell); `touch made-by-a-shell`";

/// A desk with an open ticket of alice's.
fn desk() -> Session {
    let desk = Session::start();
    desk.key("alice");
    desk.ask(&["tx", "support", "update-params", "--ticket-cooldown-seconds", "0", "--from", "admin"]);
    desk.ask(&CREATE_TICKET);
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
fn a_cursor_ahead_of_the_ledger_ends_the_watch_and_says_where_to_go_on() {
    let desk = Session::start();
    // As after a backup was restored: the ledger has not come so far.
    let shown = watch(&desk, &["--cursor", "AAAAAAAAJxD_____"]).wait_with_output().unwrap();
    let why = String::from_utf8_lossy(&shown.stderr).into_owned();
    assert!(!shown.status.success() && why.contains("cursor is of block 10000"), "{why}");
    let (_, hint) = why.split_once("--cursor ").expect("what to type next");
    let end = hint.split('`').next().unwrap();
    let mut watching = watch(&desk, &["--count", "1", "--cursor", end]);
    desk.key("alice");
    desk.ask(&CREATE_TICKET);
    wait_until("what happens from there is seen", || watching.try_wait().unwrap().is_some());
    assert!(watching.wait().unwrap().success());
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

/// Answers each request with the next of these status codes, the last one for ever, and keeps what was posted.
fn endpoint(codes: &'static [u16]) -> (String, std::sync::Arc<std::sync::Mutex<Vec<String>>>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook?a=b", listener.local_addr().unwrap());
    let posted = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = std::sync::Arc::clone(&posted);
    // It ends with the test's process.
    std::thread::spawn(move || {
        for (place, stream) in listener.incoming().take(64).enumerate() {
            let mut stream = stream.unwrap();
            let text = request(&mut stream);
            kept.lock().unwrap().push(text);
            let code = codes.get(place).or(codes.last()).unwrap();
            write!(stream, "HTTP/1.1 {code} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
        }
    });
    (url, posted)
}

/// A whole request: its head, and a body as long as that says.
fn request(stream: &mut std::net::TcpStream) -> String {
    let (mut text, mut part) = (String::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut part).unwrap();
        if read == 0 {
            return text;
        }
        text.push_str(&String::from_utf8_lossy(&part[..read]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.unwrap().parse::<usize>().unwrap() {
            return text;
        }
    }
}

#[test]
fn an_event_is_posted_as_a_signed_webhook_until_it_is_taken() {
    let desk = desk();
    let (url, posted) = endpoint(&[500, 204]);
    let mut watching = watch(&desk, &["--count", "1", "--cursor-file", "seen", "--forward-to", &url]);
    wait_until("an event is taken", || {
        closes_and_reopens(&desk);
        watching.try_wait().unwrap().is_some()
    });
    let ended = watching.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.success() && told.contains("answered 500"), "{told}");
    let secret =
        told.split_whitespace().find(|word| word.starts_with("whsec_")).unwrap().trim_end_matches(',');
    let secret = Secret::parse(secret).unwrap();
    let posted = posted.lock().unwrap().clone();
    assert_eq!(posted.len(), 2, "{posted:?}");
    let mut ids = Vec::new();
    for text in &posted {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /hook?a=b HTTP/1.1"), "{head}");
        let header = |name: &str| {
            let begin = format!("{name}: ");
            head.lines().find_map(|line| line.strip_prefix(&begin)).unwrap().to_owned()
        };
        let (id, at) = (header("webhook-id"), header("webhook-timestamp").parse().unwrap());
        assert_eq!(header("webhook-signature"), secret.sign(&id, at, body.as_bytes()));
        let body: Value = serde_json::from_str(body).unwrap();
        assert!(body["type"].as_str().unwrap().contains(".EventTicket"), "{body}");
        ids.push(id);
    }
    assert_eq!(ids[0], ids[1], "who gets it twice can notice");
    let kept = written(&desk, "seen");
    assert!(!kept.is_empty());

    // Another computer is posted to over TLS, by the node.
    let elsewhere = watch(&desk, &["--forward-to", "http://192.0.2.1/"]).wait_with_output().unwrap();
    assert_eq!(elsewhere.status.code(), Some(2), "{elsewhere:?}");
}

#[test]
fn a_file_for_the_cursor_is_looked_at_before_anything_is_handled() {
    let desk = desk();
    script(&desk, "handler", "cat > /dev/null; echo run >> runs");
    let told = |file: &str| {
        let args = ["--cursor-file", file, "--count", "1", "--exec", "./handler"];
        let ended = watch(&desk, &args).wait_with_output().unwrap();
        assert!(!ended.status.success(), "{file}: {ended:?}");
        String::from_utf8(ended.stderr).unwrap()
    };
    fs::write(desk.home().join("junk"), "yesterday\n").unwrap();
    let junk = told("junk");
    assert!(junk.contains("junk: this is not a cursor") && junk.contains("remove the file"), "{junk}");
    // Whoever names the wrong file still has it, and so has who names one that only begins as one with a cursor.
    assert_eq!(written(&desk, "junk"), "yesterday\n");
    for text in [
        "\nnotes\n",
        "AAAAAAAAAAH_____\nnotes\n",
        &format!("{}\nnotes", "x".repeat(5_000)),
        &format!("AAAAAAAAAAH_____{}notes", "\n".repeat(1_100)),
    ] {
        fs::write(desk.home().join("notes"), text).unwrap();
        assert!(told("notes").contains("this is not a cursor"));
        assert_eq!(written(&desk, "notes"), text);
    }
    let missing = told("nowhere/seen");
    assert!(missing.contains("nowhere/seen"), "{missing}");
    assert!(!desk.home().join("runs").exists());
}

#[test]
fn a_watch_that_ends_before_its_first_event_goes_on_from_where_it_began() {
    let desk = desk();
    let mut watching = watch(&desk, &["--cursor-file", "seen", "--exec", "true"]);
    wait_until("the watch stands", || !written(&desk, "seen").trim().is_empty());
    watching.kill().unwrap();
    watching.wait().unwrap();
    let began = written(&desk, "seen");
    desk.ask(&["tx", "support", "close-ticket", "1", "--reason", "r", "--from", "alice"]);
    script(&desk, "handler", "cat >> events");
    let args = ["--cursor-file", "seen", "--count", "1", "--exec", "./handler"];
    let ended = watch(&desk, &args).wait_with_output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    assert!(written(&desk, "events").contains("EventTicketClosed"), "{}", written(&desk, "events"));
    assert_ne!(written(&desk, "seen"), began);
}

#[test]
fn the_chosen_fields_of_an_event_are_null_where_that_event_has_none() {
    let desk = desk();
    let begin = cursor(&desk);
    desk.ask(&["tx", "support", "close-ticket", "1", "--reason", "r", "--from", "alice"]);
    desk.ask(&["tx", "roles", "assign-role", "alice", "support_agent", "--from", "admin"]);
    let first = |kind: &str| -> Value {
        let args = ["watch", "--cursor", &begin, "--type", kind, "--count", "1", "--json", "ticket_id,role"];
        serde_json::from_slice(&desk.command(&args).output().unwrap().stdout).unwrap()
    };
    let closed = serde_json::json!({ "ticket_id": "TKT-00000001", "role": null });
    assert_eq!(first("EventTicketClosed"), closed);
    let assigned = serde_json::json!({ "ticket_id": null, "role": "support_agent" });
    assert_eq!(first("EventRoleAssigned"), assigned);
    let typo = desk.command(&["watch", "--json", "tiket_id"]).output().unwrap();
    assert_eq!(typo.status.code(), Some(2), "it is told before anything happens: {typo:?}");
    assert!(String::from_utf8_lossy(&typo.stdout).contains("no field 'tiket_id'"), "{typo:?}");
}
