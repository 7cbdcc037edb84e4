//! `--json FIELD,…`: a program names the fields that it wants of an answer.

use serde_json::{Value, json};

use crate::desk::session::{CREATE_TICKET, Session};

fn chosen(desk: &Session, args: &[&str], fields: &str) -> Value {
    let output = desk.command(args).args(["--json", fields]).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{args:?}: {shown}{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{args:?}: {error}: {shown}"))
}

#[test]
fn fields_are_chosen_of_answers_of_lists_of_events_and_of_acts() {
    let desk = Session::start();
    desk.key("alice");
    assert_eq!(
        chosen(&desk, &CREATE_TICKET, "ticket_id,proven"),
        json!({ "ticket_id": "TKT-00000001", "proven": true })
    );
    let open = chosen(&desk, &["query", "support", "open-tickets"], "ticket_id,status");
    assert_eq!(open, json!([{ "ticket_id": "TKT-00000001", "status": "open" }]));
    // As `sealdesk --help` has it.
    let within = chosen(&desk, &["inbox", "--from", "admin"], "open.ticket_id");
    assert_eq!(within, json!({ "open": [{ "ticket_id": "TKT-00000001" }] }));
    let read = chosen(&desk, &["read", "1", "--from", "alice"], "ticket.status,messages.text");
    assert_eq!(read["ticket"], json!({ "status": "open" }), "{read}");
    assert!(read["messages"][0]["text"].is_string(), "{read}");
    let names = chosen(&desk, &["keys", "list"], "name");
    assert_eq!(names, json!([{ "name": "admin" }, { "name": "alice" }]));
    let one = chosen(&desk, &["query", "support", "ticket", "1"], "category");
    assert_eq!(one, json!({ "category": "technical" }));
    let cursor = chosen(&desk, &["query", "roles", "members", "administrator"], "next_cursor");
    assert_eq!(cursor, json!({ "next_cursor": "" }));
    assert_eq!(chosen(&desk, &["version"], "version"), json!({ "version": env!("CARGO_PKG_VERSION") }));
    let none = chosen(&desk, &["query", "support", "tickets-by-status", "closed"], "ticket_id");
    assert_eq!(none, json!([]));
}

#[test]
fn an_unknown_field_is_refused_with_those_there_are_and_no_act_is_undone() {
    let desk = Session::start();
    desk.key("alice");
    let wrong = desk.command(&["status", "--json", "heigt"]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    let said: Value = serde_json::from_slice(&wrong.stdout).unwrap();
    assert!(said["message"].as_str().unwrap().contains("no field 'heigt'"), "{said}");
    assert!(said["hint"].as_str().unwrap().contains("chain_id, "), "{said}");
    let done = desk.command(&[&CREATE_TICKET[..], &["--json", "ticketid"]].concat()).output().unwrap();
    // It happened: a script that fails would do it a second time.
    assert!(done.status.success(), "{done:?}");
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(told.contains("The ledger has it") && told.contains("ticketid"), "{told}");
    let unknown = desk.command(&["stats", "--json", "height"]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(2));
    assert!(serde_json::from_slice::<Value>(&unknown.stdout).unwrap()["message"].is_string());
}
