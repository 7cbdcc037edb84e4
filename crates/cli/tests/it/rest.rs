//! REST and the program speak one dialect: what one answers, the other does.

use std::process::Command;

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
