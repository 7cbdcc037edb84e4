//! REST and the program speak one dialect: what one answers, the other does.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::desk::session::Session;

/// What a node answers at a path.
fn get(url: &str, path: &str) -> Value {
    let output = Command::new("curl").args(["-sS", &format!("{url}{path}")]).output().unwrap();
    assert!(output.status.success(), "{path}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{path}: {error}: {}", String::from_utf8_lossy(&output.stdout)))
}

#[test]
fn what_rest_answers_is_what_the_program_prints() {
    let session = Session::start();
    let (alice, dora) = (session.key("alice"), session.key("dora"));
    let create =
        ["tx", "support", "create-ticket", "--category", "billing", "--subject", "S", "--message", "M"];
    let created = session.ask(&[&create[..], &["--from", "alice"]].concat());
    session.ask(&["keys", "register", "dora"]);
    session.ask(&["tx", "roles", "assign-role", "dora", "support_agent", "--from", "admin"]);
    session.ask(&["tx", "support", "respond", "TKT-1", "--message", "A", "--from", "admin"]);
    let url = session.ask(&["status"])["addresses"]["grpc"].as_str().unwrap().to_owned();

    let hash = created["txhash"].as_str().unwrap();
    let same: [(&[&str], String); 10] = [
        (&["query", "support", "ticket", "TKT-1"], "tickets/TKT-00000001".to_owned()),
        (&["query", "support", "responses", "TKT-1"], "tickets/TKT-00000001/responses".to_owned()),
        (&["query", "support", "tickets-by-customer", "alice"], format!("tickets?customer={alice}")),
        (&["query", "support", "tickets-by-status", "open"], "tickets?status=open".to_owned()),
        (&["query", "support", "params"], "params".to_owned()),
        (&["query", "roles", "account", "dora"], format!("accounts/{dora}")),
        (&["query", "roles", "members", "support_agent"], "roles/support_agent/members".to_owned()),
        (&["query", "encryption", "keys", "alice"], format!("accounts/{alice}/keys")),
        (&["query", "ledger", "validators"], "validators".to_owned()),
        (&["query", "tx", hash], format!("transactions/{hash}")),
    ];
    for (command, path) in same {
        assert_eq!(get(&url, &format!("/api/v1/{path}")), session.ask(command), "{path}");
    }
    assert_eq!(get(&url, &format!("/api/v1/transactions/{hash}"))["ticket_id"], "TKT-00000001");

    let mut printed = session.ask(&["status"]);
    for known_by_the_home in ["identity", "identity_words"] {
        printed.as_object_mut().unwrap().remove(known_by_the_home);
    }
    assert_eq!(get(&url, "/api/v1/status"), printed);

    let history = get(&url, "/api/v1/history");
    let events = history["events"].as_array().unwrap();
    let first = events[0]["cursor"].as_str().unwrap();
    let count = (events.len() - 1).to_string();
    let output = session.run(&["watch", "--cursor", first, "--count", &count]);
    let printed = String::from_utf8(output.stdout).unwrap();
    let printed: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(&events[1..], printed);

    let problem = get(&url, "/api/v1/tickets/TKT-00000099");
    assert_eq!((&problem["codespace"], &problem["code"]), (&"node".into(), &5.into()), "{problem}");
}

/// A reader of what happens, who has been answered; they are stopped when the test ends.
struct Reader(Child, std::io::Lines<BufReader<std::process::ChildStdout>>);

impl Reader {
    fn start(url: &str, version: &str) -> Self {
        let mut curl = Command::new("curl");
        curl.args(["-sSN", version, &format!("{url}/api/v1/events?type=EventTicketCreated")]);
        let mut child = curl.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut reader = Self(child, lines);
        reader.next("id: ");
        reader
    }

    /// What stands in the next line that begins so.
    fn next(&mut self, begin: &str) -> String {
        let found = self.1.find_map(|line| line.unwrap().strip_prefix(begin).map(str::to_owned));
        found.expect("the stream goes on")
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

#[test]
fn whoever_follows_over_http_hears_of_a_ticket_at_once() {
    let session = Session::start();
    session.key("alice");
    let url = session.ask(&["status"])["addresses"]["grpc"].as_str().unwrap().to_owned();
    let versions = ["--http1.1", "--http2-prior-knowledge"];
    let mut readers = versions.map(|version| Reader::start(&url, version));
    let create =
        ["tx", "support", "create-ticket", "--category", "billing", "--subject", "S", "--message", "M"];
    let created = session.ask(&[&create[..], &["--from", "alice"]].concat());
    for reader in &mut readers {
        let event: Value = serde_json::from_str(&reader.next("data: ")).unwrap();
        assert_eq!((&event["ticket_id"], &event["txhash"]), (&created["ticket_id"], &created["txhash"]));
    }
}
