//! Acts on a ticket beside its life, by the real program over a real node: transferred, rated, linked, merged, put aside.

use sealdesk_testkit::waiting::wait_until;
use serde_json::Value;

use crate::desk::session::Session;

fn texts(read: &Value) -> Vec<&str> {
    let messages = read["messages"].as_array().unwrap().iter();
    messages.map(|message| message["text"].as_str().unwrap_or("(sealed)")).collect()
}

fn write(desk: &Session, from: &str, subject: &str) -> Value {
    let args =
        ["tx", "support", "create-ticket", "--from", from, "--category", "technical", "--subject", subject];
    desk.ask(&[&args[..], &["--message", subject]].concat())
}

/// What a command prints for a person.
fn shown(desk: &Session, args: &[&str]) -> String {
    String::from_utf8(desk.command(args).output().unwrap().stdout).unwrap()
}

fn answer(desk: &Session, ticket: &str, from: &str, text: &str) {
    desk.ask(&["tx", "support", "respond", ticket, "--from", from, "--message", text]);
}

/// A desk with the agent bob, who has alice's first ticket.
fn desk_with_ticket() -> Session {
    let desk = Session::start();
    for name in ["alice", "bob"] {
        desk.key(name);
    }
    desk.ask(&["tx", "support", "update-params", "--ticket-cooldown-seconds", "0", "--from", "admin"]);
    desk.ask(&["keys", "register", "bob"]);
    desk.ask(&["tx", "roles", "assign-role", "bob", "support_agent", "--from", "admin"]);
    write(&desk, "alice", "It stops.");
    desk.ask(&["tx", "support", "assign-ticket", "1", "bob", "--from", "admin"]);
    desk
}

#[test]
fn who_lost_their_phrase_goes_on_with_a_new_key_and_the_lost_one_reads_nothing_new() {
    let desk = desk_with_ticket();
    answer(&desk, "1", "bob", "Since when?");
    desk.ask(&["tx", "support", "respond", "1", "--from", "bob", "--internal", "--message", "A note."]);
    desk.key("again");
    let keyless = desk.refused(&["tx", "support", "transfer-ticket", "1", "again", "--from", "admin"]);
    assert_eq!(keyless.1, 52, "{keyless:?}");
    desk.ask(&["keys", "register", "again"]);
    let moved = desk.ask(&["transfer", "1", "again", "--from", "admin"]);
    assert_eq!((moved["granted"].as_u64(), moved["whole"].as_bool()), (Some(2), Some(true)), "{moved}");

    let hers = desk.ask(&["read", "1", "--from", "again"]);
    assert_eq!(texts(&hers), ["It stops.", "Since when?", "(sealed)"]);
    assert_eq!(hers["ticket"]["previous_customers"].as_array().unwrap().len(), 1);
    assert_ne!(hers["ticket"]["customer_address"], hers["ticket"]["previous_customers"][0]);
    answer(&desk, "1", "again", "Since this morning.");
    answer(&desk, "1", "bob", "It is fixed.");
    let all = ["It stops.", "Since when?", "A note.", "Since this morning.", "It is fixed."];
    assert_eq!(texts(&desk.ask(&["read", "1", "--from", "bob"])), all);
    assert_eq!(texts(&desk.ask(&["read", "1", "--from", "again"]))[3..], all[3..]);
    let lost = desk.ask(&["read", "1", "--from", "alice"]);
    assert_eq!(texts(&lost)[3..], ["(sealed)", "(sealed)"]);
    let no = desk.refused(&["tx", "support", "respond", "1", "--from", "alice", "--message", "Mine!"]);
    assert_eq!(no.1, 7, "{no:?}");
    let told = shown(&desk, &["query", "support", "ticket", "1"]);
    assert!(told.contains("before"), "{told}");
}

#[test]
fn a_resolution_is_rated_once_and_its_comment_is_sealed() {
    let desk = desk_with_ticket();
    let early = desk.refused(&["rate", "1", "5", "--from", "alice"]);
    assert_eq!(early.1, 20, "{early:?}");
    desk.ask(&["tx", "support", "resolve-ticket", "1", "--from", "bob", "--resolution", ""]);
    let rated = desk.ask(&["rate", "1", "4", "--comment", "Quick.", "--from", "alice"]);
    assert_eq!(
        (rated["response_index"].as_u64(), rated["proven"].as_bool()),
        (Some(0), Some(true)),
        "{rated}"
    );
    let again = desk.refused(&["tx", "support", "rate-ticket", "1", "1", "--from", "alice"]);
    assert_eq!(again.1, 54, "{again:?}");
    let read = desk.ask(&["read", "1", "--from", "bob"]);
    assert_eq!(texts(&read), ["It stops.", "Quick."]);
    assert_eq!(
        (read["messages"][1]["score"].as_u64(), read["ticket"]["status"].as_str()),
        (Some(4), Some("resolved"))
    );
    assert_eq!(desk.ask(&["query", "support", "ratings"])["counts"], serde_json::json!([0, 0, 0, 1, 0]));
    let bobs = desk.ask(&["query", "support", "ratings", "bob"]);
    assert_eq!((bobs["number"].as_u64(), bobs["mean"].as_str()), (Some(1), Some("4.00")));
    assert_eq!(desk.ask(&["query", "support", "ratings", "admin"])["number"], 0);
}

#[test]
fn a_duplicate_is_merged_and_both_tickets_show_it() {
    let desk = desk_with_ticket();
    write(&desk, "alice", "It stops again.");
    desk.ask(&["tx", "support", "merge-tickets", "2", "1", "--from", "admin"]);
    let two = desk.ask(&["query", "support", "ticket", "2"]);
    assert_eq!(
        (two["status"].as_str(), two["links"][0]["kind"].as_str()),
        (Some("closed"), Some("duplicate_of"))
    );
    let one = desk.ask(&["read", "1", "--from", "alice"]);
    assert_eq!(
        one["ticket"]["links"][0],
        serde_json::json!({ "kind": "duplicated_by", "ticket_id": "TKT-00000002" })
    );
    let twice = desk.refused(&["link", "1", "related", "2", "--from", "admin"]);
    assert_eq!(twice.1, 57, "{twice:?}");
    desk.ask(&["tx", "support", "link-tickets", "2", "duplicate-of", "1", "--remove", "--from", "admin"]);
    assert_eq!(desk.ask(&["query", "support", "ticket", "1"])["links"], serde_json::json!([]));
}

#[test]
fn a_ticket_put_aside_comes_back_by_itself() {
    let desk = desk_with_ticket();
    desk.ask(&["snooze", "1", "3d", "--from", "bob"]);
    let until = desk.ask(&["query", "support", "ticket", "1"])["snoozed_until"].as_str().unwrap().to_owned();
    let (day, aside) = (&until[..10], shown(&desk, &["--utc", "inbox", "--from", "bob"]));
    assert!(aside.contains("Put aside (1)") && aside.contains("UNTIL") && aside.contains(day), "{aside}");
    let own = shown(&desk, &["--utc", "inbox", "--from", "alice"]);
    assert!(
        own.contains("Waiting for the desk") && !own.contains(day),
        "nobody has waited since {day}: {own}"
    );
    desk.ask(&["tx", "support", "snooze-ticket", "1", "off", "--from", "bob"]);
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let until = sealdesk_protocol::json::time(i64::try_from(since).unwrap() + 4).unwrap();
    desk.ask(&["tx", "support", "snooze-ticket", "1", &until, "--from", "bob"]);
    let is_back =
        || desk.ask(&["read", "1", "--from", "bob"])["events"].to_string().contains("EventTicketDue");
    wait_until("the ticket is back", is_back);
    let back = shown(&desk, &["inbox", "--from", "bob"]);
    assert!(back.contains("back") && !back.contains("put aside"), "{back}");
}
