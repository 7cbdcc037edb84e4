//! What people are called: names in the place of addresses, whoever gave them, and what is said of an address that nobody has.

use std::fs;
use std::process::Output;

use serde_json::Value;

use crate::desk::session::{CREATE_TICKET, Session};

const TICKET: [&str; 9] =
    ["tx", "support", "create-ticket", "--category", "technical", "--subject", "S", "--message", "M"];

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a command prints for a person.
fn shown(desk: &Session, args: &[&str]) -> String {
    let output = desk.command(args).output().unwrap();
    assert!(output.status.success(), "sealdesk {args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// What a refused command says, and what it says to do next.
fn refused(desk: &Session, args: &[&str]) -> (String, String) {
    let output = desk.run(args);
    assert!(!output.status.success(), "sealdesk {args:?}\n{}", text(&output.stdout));
    of(&output)
}

fn of(output: &Output) -> (String, String) {
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let field = |name: &str| value[name].as_str().unwrap().to_owned();
    (field("message"), field("hint"))
}

/// A second home that reaches the desk of the first, with a key of its own.
fn elsewhere(desk: &Session, name: &str) -> (Session, String) {
    let other = Session::idle();
    let url = desk.ask(&["status"])["addresses"]["grpc"].as_str().unwrap().to_owned();
    other.ask(&["config", "set", "node", &url]);
    let address = other.key(name);
    (other, address)
}

#[test]
fn a_name_is_taken_wherever_an_address_is_and_shown_wherever_one_was() {
    let desk = Session::start();
    desk.key("alice");
    let (away, carol) = elsewhere(&desk, "carol");
    away.ask(&["keys", "register", "carol", "--trust-first"]);
    desk.ask(&CREATE_TICKET);
    let added = desk.ask(&["contacts", "add", "Carol Smith", &carol]);
    assert_eq!((&added["name"], &added["address"]), (&"Carol Smith".into(), &carol.as_str().into()));
    desk.ask(&["tx", "roles", "assign-role", "carol smith", "support_agent", "--from", "admin"]);
    desk.ask(&["tx", "support", "assign-ticket", "1", "Carol Smith", "--from", "admin"]);
    for (args, more) in [
        (vec!["inbox", "--from", "admin"], ""),
        (vec!["read", "1", "--from", "admin"], "admin assigned it to Carol Smith"),
        (vec!["query", "support", "tickets-by-agent", "Carol Smith"], "TKT-00000001"),
        (vec!["query", "support", "ticket", "1"], carol.as_str()),
        (vec!["query", "roles", "members", "support_agent"], carol.as_str()),
    ] {
        let told = shown(&desk, &args);
        assert!(told.contains("Carol Smith") && told.contains(more), "{args:?}: {told}");
        let full = shown(&desk, &[&args[..], &["--addresses"]].concat());
        assert!(full.contains(&carol), "{args:?}: {full}");
    }
    // Her own home calls the others nothing, until she does.
    let away_read = shown(&away, &["query", "support", "ticket", "1", "--from", "carol"]);
    assert!(away_read.contains("carol (virtengine1"), "{away_read}");
    // What programs get names addresses alone, as before.
    assert_eq!(desk.ask(&["query", "support", "ticket", "1"])["assigned_to"].as_str(), Some(carol.as_str()));
}

#[test]
fn a_contact_is_renamed_listed_and_removed_and_no_two_are_alike() {
    let desk = Session::idle();
    let own = desk.key("alice");
    let carol = Session::idle().key("carol");
    let dora = Session::idle().key("dora");
    desk.ask(&["contacts", "add", "carol", &carol]);
    for (name, whom, why) in [
        ("carol", &dora, "carol is"),
        ("Carol", &dora, "looks like carol"),
        ("сarol", &dora, "mixes letters"),
        ("caro1", &dora, "looks like carol"),
        ("alice", &dora, "alice is"),
        ("a1ice", &dora, "looks like alice"),
        ("boss", &own, "is called alice already"),
        ("do\u{202e}ra", &dora, "not seen"),
        (dora.as_str(), &dora, "looks like an address"),
    ] {
        let (message, hint) = refused(&desk, &["contacts", "add", name, whom]);
        assert!(message.contains(why) && !hint.is_empty(), "{name}: {message}; {hint}");
    }
    let renamed = desk.ask(&["contacts", "add", "Caroline", "carol"]);
    assert_eq!(renamed["before"], "carol");
    let listed = desk.ask(&["contacts", "list"]);
    let listed: Vec<_> =
        listed["contacts"].as_array().unwrap().iter().map(|one| (&one["name"], &one["source"])).collect();
    assert_eq!(listed, [(&"alice".into(), &"key".into()), (&"Caroline".into(), &"own".into())]);
    // A key is called as no contact is.
    let (message, hint) = refused(&desk, &["keys", "add", "caroline"]);
    assert!(message.contains("looks like Caroline") && hint.contains("contacts remove"), "{message}; {hint}");
    let (message, _) = refused(&desk, &["keys", "rename", "alice", "caro1ine"]);
    assert!(message.contains("looks like Caroline"), "{message}");
    let (message, hint) = refused(&desk, &["contacts", "remove", "alice"]);
    assert!(message.contains("comes from the key") && hint.contains("keys rename"), "{message}; {hint}");
    assert_eq!(desk.ask(&["contacts", "remove", "Caroline"])["address"].as_str(), Some(carol.as_str()));
    let (message, hint) = refused(&desk, &["contacts", "remove", "Caroline"]);
    assert!(
        message.contains("nobody in this home is called Caroline") && hint.contains("contacts list"),
        "{message}; {hint}"
    );
}

#[test]
fn an_address_with_a_wrong_letter_and_a_name_that_nobody_has_say_what_to_look_for() {
    let desk = Session::idle();
    let carol = Session::idle().key("carol");
    desk.ask(&["contacts", "add", "carol", &carol]);
    let (begin, last) = carol.split_at(carol.len() - 1);
    let swapped = format!("{begin}{}", if last == "q" { "p" } else { "q" });
    let unsaid = |whom: &str| refused(&desk, &["query", "roles", "account", whom]);
    for (whom, why) in [
        (swapped.as_str(), "its checksum does not fit"),
        (&carol.to_uppercase(), "capital letters"),
        (begin, "an address has 49"),
        (&format!("{begin}o"), "no address has 'o', which is its character 49"),
        (&carol.replacen("virtengine", "cosmos", 1), "begin with virtengine1"),
    ] {
        let (message, hint) = unsaid(whom);
        assert!(message.contains(why) && hint.contains("copy it again"), "{whom}: {message}; {hint}");
    }
    let (message, hint) = unsaid("carl");
    assert!(message.contains("nobody in this home is called carl"), "{message}");
    assert!(hint.starts_with("did you mean carol? `sealdesk contacts list`"), "{hint}");
    let (message, hint) = unsaid("zoe\u{202e}");
    assert!(!message.contains('\u{202e}') && !hint.contains('\u{202e}'), "{message}; {hint}");
    assert!(unsaid("zoe").1.contains("`sealdesk contacts add \"zoe\" ADDRESS`"));
    // What cannot be looked up is not said to be absent.
    fs::write(desk.home().join(".sealdesk/contacts.json"), "{").unwrap();
    let (message, hint) = unsaid("carol");
    assert!(message.contains("contacts.json") && hint.contains("backup"), "{message}; {hint}");
    // A bad file of names hides nothing else.
    assert!(desk.run(&["keys", "list"]).status.success());
}

#[test]
fn the_desk_book_names_people_for_the_staff_and_takes_no_name_that_somebody_gave() {
    let desk = Session::start();
    desk.key("alice");
    let (agent, bob) = elsewhere(&desk, "bob");
    agent.ask(&["keys", "register", "bob", "--trust-first"]);
    desk.ask(&["tx", "roles", "assign-role", &bob, "support_agent", "--from", "admin"]);
    let admin = desk.ask(&["keys", "show", "admin"])["address"].as_str().unwrap().to_owned();
    let alice = desk.ask(&["keys", "show", "alice"])["address"].as_str().unwrap().to_owned();
    desk.ask(&[&TICKET[..], &["--from", "alice"]].concat());
    desk.ask(&["tx", "support", "assign-ticket", "1", &bob, "--from", "admin"]);
    // Bob calls the administrator something already, and somebody else alice.
    let dora = Session::idle().key("dora");
    agent.ask(&["contacts", "add", "boss", &admin]);
    agent.ask(&["contacts", "add", "alice", &dora]);
    for (name, whom) in [("head", &admin), ("alice", &alice), ("Bob B", &bob)] {
        desk.ask(&["contacts", "add", name, whom, "--desk-book", "--from", "admin"]);
    }
    assert_eq!(desk.ask(&["contacts", "refresh", "--from", "admin"])["names"], 3);
    // Reading a ticket reads the book, too.
    agent.ask(&["read", "1", "--from", "bob"]);
    let listed = agent.ask(&["contacts", "list"]);
    let listed = listed["contacts"].as_array().unwrap();
    let used: Vec<_> =
        listed.iter().filter(|one| one["used"] == true).map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(used, ["bob", "alice", "boss"], "{listed:?}");
    assert!(listed.iter().all(|one| one["used"] == true || one["source"] == "desk book"), "{listed:?}");
    let (message, _) = refused(&agent, &["contacts", "add", "eve", &dora, "--desk-book", "--trust-first"]);
    assert!(message.contains("administrator") || message.contains("may not"), "{message}");
    let (message, hint) =
        refused(&desk, &["contacts", "add", "a1ice", &dora, "--desk-book", "--from", "admin"]);
    assert!(message.contains("a1ice looks like alice") && hint.contains("--desk-book"), "{message}; {hint}");
    let (message, hint) = refused(&agent, &["contacts", "refresh", "--from", "bob", "--trust-node"]);
    assert!(message.contains("an unproven node") && hint.contains("--trust-node"), "{message}; {hint}");
    // Without a name of one's own, that of the book is used.
    agent.ask(&["contacts", "remove", "alice"]);
    let told = shown(&agent, &["query", "support", "ticket", "1"]);
    assert!(told.contains(&format!("alice ({alice})")), "{told}");
    desk.ask(&["contacts", "remove", "alice", "--desk-book", "--from", "admin"]);
    agent.ask(&["contacts", "refresh", "--from", "bob"]);
    let told = shown(&agent, &["query", "support", "ticket", "1"]);
    assert!(!told.contains("alice"), "{told}");
    // A customer reads no desk book, and hears nothing of it.
    let read = desk.ask(&["contacts", "refresh", "--from", "alice"]);
    assert_eq!(read["names"], Value::Null);
}

#[test]
fn names_are_offered_where_somebody_is_to_be_named() {
    let desk = Session::idle();
    desk.key("alice");
    let carol = Session::idle().key("carol");
    desk.ask(&["contacts", "add", "carol", &carol]);
    let ask = |words: &[&str]| {
        let mut asked = desk.command(&["--", "sealdesk"]);
        let asked = asked.env("SEALDESK_COMPLETE", "fish").args(words).output().unwrap();
        assert!(asked.status.success() && asked.stderr.is_empty(), "{asked:?}");
        text(&asked.stdout)
    };
    assert_eq!(ask(&["tx", "support", "assign-ticket", "1", "c"]), "carol\n");
    assert_eq!(ask(&["query", "roles", "account", "c"]), "carol\n");
    assert_eq!(ask(&["inbox", "--from", "c"]), "", "who acts has a key");
}
