//! `sealdesk webhooks`, with a node that runs and an endpoint on this computer.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use sealdesk_testkit::waiting::{PATIENCE, wait_until};
use serde_json::Value;

use crate::desk::session::Session;

/// An endpoint that takes everything. Each message comes with its signatures.
struct Endpoint {
    url: String,
    got: Receiver<(String, Value)>,
}

impl Endpoint {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let (tell, got) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let tell = tell.clone();
                std::thread::spawn(move || {
                    let mut reader = BufReader::new(stream.unwrap());
                    loop {
                        let (mut length, mut signatures) = (0, String::new());
                        loop {
                            let mut line = String::new();
                            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                                return;
                            }
                            match line.trim().split_once(": ") {
                                Some(("content-length", value)) => length = value.parse().unwrap(),
                                Some(("webhook-signature", value)) => signatures = value.to_owned(),
                                None if line.trim().is_empty() => break,
                                _ => {}
                            }
                        }
                        let mut body = vec![0; length];
                        reader.read_exact(&mut body).unwrap();
                        reader.get_mut().write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
                        if tell.send((signatures, serde_json::from_slice(&body).unwrap())).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { url, got }
    }

    fn next(&self) -> (String, Value) {
        self.got.recv_timeout(PATIENCE).unwrap()
    }
}

fn refused(desk: &Session, args: &[&str]) -> String {
    let output = desk.run(args);
    assert!(matches!(output.status.code(), Some(1 | 2)), "{args:?}");
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(value["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{value}");
    format!("{} {}", value["message"], value["hint"])
}

#[test]
fn an_operator_adds_tries_replaces_and_removes_a_webhook_of_a_node_that_runs() {
    let (mut desk, endpoint) = (Session::start(), Endpoint::start());
    desk.key("alice");
    let told = refused(&desk, &["webhooks", "add", &endpoint.url]);
    assert!(told.contains("--allow-http"), "{told}");
    for never in [endpoint.url.as_str(), "http://169.254.169.254/", "http://localhost:1/"] {
        let private = refused(&desk, &["webhooks", "add", never, "--allow-http"]);
        assert!(private.contains("is not an address of the public internet"), "{never}: {private}");
        assert!(private.contains("--allow-network"), "{never}: {private}");
    }
    assert_eq!(desk.ask(&["webhooks", "list"]), serde_json::json!([]));

    let add = ["webhooks", "add", &endpoint.url, "--allow-http", "--allow-network", "127.0.0.1"];
    let added = desk.ask(&[&add[..], &["--type", "EventTicketCreated", "--label", "ours"]].concat());
    let id = added["id"].as_str().unwrap();
    assert!(added["secret"].as_str().unwrap().starts_with("whsec_"), "{added}");
    assert_eq!(desk.ask(&["webhooks", "test", id])["status"], 204);
    assert_eq!(endpoint.next().1["type"], "sealdesk.webhooks.Test");
    let state = || desk.ask(&["webhooks", "list"])[0].clone();
    // Nobody waits until the node has seen it: what happens from the command's end on is posted.
    let ticket = ["--category", "technical", "--subject", "A secret", "--message", "Another"];
    desk.ask(&[&["tx", "support", "create-ticket", "--from", "alice"][..], &ticket].concat());
    let (signatures, posted) = endpoint.next();
    assert_eq!(
        (&posted["type"], signatures.split(' ').count()),
        (&"virtengine.support.v1.EventTicketCreated".into(), 1)
    );
    assert_eq!(posted["data"]["ticket_id"], "TKT-00000001");
    assert!(!posted.to_string().contains("secret") && !posted.to_string().contains("envelope"), "{posted}");
    let watched = desk.run(&["watch", "--count", "0"]);
    assert!(watched.status.success());

    let rotated = desk.ask(&["webhooks", "rotate", id, "--overlap-hours", "2"]);
    assert_ne!(rotated["secret"], added["secret"]);
    desk.ask(&["webhooks", "test", id]);
    assert_eq!(endpoint.next().0.split(' ').count(), 2);
    wait_until("what arrived is told", || state()["delivered"] == 1 && state()["secrets"] == 2);
    let log = desk.ask(&["webhooks", "log", id]);
    assert_eq!((&log[0]["outcome"], &log[0]["status"]), (&"delivered".into(), &204.into()), "{log}");
    let everything = format!("{} {log}", state());
    assert!(!everything.contains("whsec_"), "{everything}");
    assert!(refused(&desk, &["webhooks", "enable", id, "--skip"]).contains("no event"));
    desk.ask(&["webhooks", "enable", id]);
    desk.ask(&["webhooks", "remove", id]);
    assert_eq!(desk.ask(&["webhooks", "list"]), Value::Array(Vec::new()));
    assert!(refused(&desk, &["webhooks", "log", id]).contains("no webhook of that name"));
    desk.stop_node();
}

#[test]
fn a_secret_of_the_receiver_comes_from_a_file_and_a_wrong_one_is_shown_nowhere() {
    let desk = Session::start();
    let file = desk.home().join("secret");
    let file = file.to_str().unwrap();
    let add = ["webhooks", "add", "https://hooks.example/desk", "--secret-file", file];
    for wrong in ["whsec_c2hvcnQ=", "hunter2hunter2hunter2", ""] {
        std::fs::write(file, wrong).unwrap();
        let told = refused(&desk, &add);
        assert!(wrong.is_empty() || !told.contains(wrong), "{told}");
    }
    std::fs::write(file, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
    let added = desk.ask(&add);
    assert!(added["secret"].is_null(), "the receiver has it: {added}");
    for wrong in [
        &["webhooks", "add", "https://me:secret@hooks.example"][..],
        &["webhooks", "add", "hooks.example"],
        &["webhooks", "add", "https://hooks.example", "--type", "EventNothing"],
        &["webhooks", "add", "https://hooks.example", "--allow-network", "everything"],
        &["webhooks", "add", "https://hooks.example", "--cursor", "x"],
        &["webhooks", "remove", "../../etc"],
    ] {
        let told = refused(&desk, wrong);
        assert!(!told.contains("secret@"), "{told}");
    }
    assert_eq!(desk.ask(&["webhooks", "list"]).as_array().unwrap().len(), 1);
}
