//! What the program answers to mistakes of a new user: each row of the list of 2026-11, against a real ledger. A row names what has to stand
//! in the answer, and what must not.

use std::convert::Infallible;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use sealdesk_client::actor::{Actor, Phrase, PhraseLength};
use sealdesk_client::error::Error;
use sealdesk_testkit::many::People;
use serde_json::Value;
use tokio::net::TcpListener;

use super::{staffed, ticket, told};
use crate::desk::session::Session;
use crate::inbox::Over;

/// A mistake: what was typed, the exit code, what the answer says and what it does not say.
type Row<'a> = (&'a [&'a str], i32, &'a [&'a str], &'a [&'a str]);

/// bob has alice's first ticket, the second is resolved, the third is nobody's; carol is an agent too, eve another customer.
fn desk() -> Session {
    let desk = staffed();
    for name in ["carol", "eve"] {
        desk.key(name);
        desk.ask(&["keys", "register", name]);
    }
    desk.ask(&["tx", "roles", "assign-role", "carol", "support_agent", "--from", "admin"]);
    for id in [ticket(&desk, "alice"), ticket(&desk, "alice")] {
        desk.ask(&["assign", &id, "bob", "--from", "admin"]);
    }
    desk.ask(&["resolve", "2", "--from", "bob"]);
    ticket(&desk, "alice");
    desk
}

fn check(desk: &Session, rows: &[Row<'_>]) {
    for (args, expected, says, never) in rows {
        let (out, err, code) = told(desk, args);
        let all = format!("{out}{err}");
        assert_eq!(code, *expected, "{args:?}: {all}");
        for words in *says {
            assert!(all.contains(words), "{args:?} does not say {words:?}:\n{all}");
        }
        // No hint names a file that only this repository has, and none is there for its own sake.
        for words in never.iter().chain(&["docs/", "unless the message says", " may not "]) {
            assert!(!all.contains(words), "{args:?} says {words:?}:\n{all}");
        }
    }
}

#[test]
fn a_refusal_names_what_it_is_about_and_a_step_that_helps() {
    let desk = desk();
    let create = ["--category", "technical", "--subject", "S", "--message", "M", "--from"];
    let new = |from: &'static str| [&["tx", "support", "create-ticket"][..], &create, &[from]].concat();
    let rows: &[Row<'_>] = &[
        (
            &["tx", "support", "reopen-ticket", "1", "--reason", "R", "--from", "alice"],
            1,
            &["TKT-00000001 is still open", "assigned to bob", "`sealdesk reply 1`"],
            &["new ticket"],
        ),
        (&["reopen", "1", "--from", "alice"], 1, &["still open", "reply to it"], &["new ticket"]),
        (&["resolve", "2", "--from", "bob"], 1, &["resolved already", "nothing to do"], &["reopen"]),
        (&["reply", "2", "x", "--from", "bob"], 1, &["TKT-00000002 is resolved", "`sealdesk reopen 2`"], &[]),
        (
            &["read", "1", "--from", "eve"],
            1,
            &["TKT-00000001 is not your ticket"],
            &["grant-access", "sealdesk assign"],
        ),
        (
            &["read", "1", "--from", "carol"],
            1,
            &["assigned to bob", "ask an administrator"],
            &["grant-access"],
        ),
        (
            &["tx", "support", "grant-all", "carol", "--from", "admin"],
            1,
            &["assign tickets to them", "`sealdesk assign TKT NAME`"],
            &["make", " him "],
        ),
        (
            &["tx", "support", "respond", "1", "--message", "x", "--from", "carol"],
            1,
            &["TKT-00000001 is assigned to bob: only they, or an administrator, can reply to it"],
            &[],
        ),
        (&["note", "1", "x", "--from", "carol"], 1, &["only they, or an administrator"], &[]),
        (
            &["reply", "1", "x", "--from", "eve"],
            1,
            &["TKT-00000001 is not your ticket", "sealdesk inbox"],
            &[],
        ),
        (
            &new("admin"),
            1,
            &["only customers write tickets, and admin is an administrator", "--from NAME"],
            &[],
        ),
        (&new("bob"), 1, &["bob is a support agent"], &[]),
    ];
    check(&desk, rows);
    // A desk that lists its customers; and an account that may not act.
    desk.ask(&["tx", "support", "update-params", "--listed-customers", "true", "--from", "admin"]);
    desk.ask(&["tx", "roles", "set-account-state", "bob", "suspended", "--yes", "--from", "admin"]);
    let rows: &[Row<'_>] = &[
        (&new("eve"), 1, &["takes tickets from listed customers only", "assign-role virtengine1"], &[]),
        (&["reply", "1", "x", "--from", "bob"], 1, &["the account of bob is suspended"], &[]),
    ];
    check(&desk, rows);
}

#[test]
fn a_refused_step_says_whose_it_is_and_what_was_mistyped_is_taken_as_it_was_meant() {
    let desk = desk();
    let wrong = ["new", "x", "--category", "nonsense", "--from", "alice"];
    let rows: &[Row<'_>] = &[
        (
            &["tx", "support", "start-work", "3", "--from", "carol"],
            1,
            &["TKT-00000003 is not assigned to anyone", "`sealdesk take 3`"],
            &[],
        ),
        (
            &["tx", "support", "start-work", "3", "--from", "admin"],
            1,
            &["not assigned yet", "sealdesk assign 3"],
            &[],
        ),
        (&["resolve", "1", "--from", "alice"], 1, &["your own ticket", "only staff can resolve it"], &[]),
        (&["assign", "3", "carol", "--from", "bob"], 1, &["only an administrator can assign it"], &[]),
        (
            &["close", "1", "--from", "bob"],
            1,
            &["only the customer of TKT-00000001, or an administrator, can close it"],
            &["in TKT"],
        ),
        (
            &["assign", "3", "eve", "--from", "admin"],
            1,
            &["eve is not on the staff", "`sealdesk staff add NAME eve`"],
            &["only an administrator"],
        ),
        (
            &["take", "3", "--from", "carol"],
            1,
            &["the queue of this desk is closed", "an administrator assigns"],
            &["`sealdesk take"],
        ),
        (&["take", "1", "--from", "bob"], 1, &["TKT-00000001 is yours already"], &["in TKT"]),
        (&["assign", "1", "carol", "--from", "bob"], 1, &["only an administrator can assign it"], &[]),
        (&wrong, 1, &["this desk has no category 'nonsense'", "billing, technical, account"], &[]),
        (&["tx", "support", "respond", "1", "hello", "--from", "alice"], 0, &["has your reply"], &[]),
        (&["read", "TKT1", "--from", "alice"], 0, &["hello"], &[]),
        (&["read", "ticket-1", "--from", "alice"], 2, &["TKT-00000001, or just 1"], &[]),
        (&["read", "99", "--from", "alice"], 1, &["TKT-00000099", "sealdesk inbox"], &[]),
        (&["tikets"], 2, &["'tickets'"], &["'keys'"]),
        (&["help", "frobnicate"], 2, &["is not a command"], &[]),
    ];
    check(&desk, rows);
}

#[test]
fn what_is_wrong_with_the_node_or_the_home_is_said_once_and_with_a_command() {
    let desk = desk();
    let web = WebServer::start();
    let at_web = ["read", "1", "--from", "alice", "--node", &web.address];
    check(
        &desk,
        &[(
            &at_web,
            1,
            &["something else than a desk answers at", "--node"],
            &["is it running", "grpc-status"],
        )],
    );
    // A pin that does not fit any more.
    let pins = desk.home().join(".sealdesk/pins.json");
    let good = fs::read(&pins).unwrap();
    let mut known: Value = serde_json::from_slice(&good).unwrap();
    for pin in known["ledgers"].as_object_mut().unwrap().values_mut() {
        pin["validators_hash"] = "AB".repeat(32).into();
    }
    fs::write(&pins, known.to_string()).unwrap();
    check(
        &desk,
        &[(&["read", "1", "--from", "alice"], 1, &["changed", "`sealdesk trust IDENTITY"], &["pins.json"])],
    );
    fs::write(&pins, good).unwrap();
    // A key that everyone can read.
    let key = desk.home().join(".sealdesk/keyring-test/alice.json");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    check(&desk, &[(&["read", "1", "--from", "alice"], 1, &["chmod"], &[])]);
}

/// A web server that speaks HTTP/2 and knows nothing of a desk.
struct WebServer {
    address: String,
    _runtime: tokio::runtime::Runtime,
}

impl WebServer {
    fn start() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let service = service_fn(|_| async {
                    let page = http_body_util::Full::new(bytes::Bytes::from_static(b"no such page"));
                    Ok::<_, Infallible>(http::Response::builder().status(404).body(page).unwrap())
                });
                let builder = http2::Builder::new(TokioExecutor::new());
                tokio::spawn(builder.serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { address, _runtime: runtime }
    }
}

#[test]
fn the_permission_table_is_printed_by_the_program() {
    let desk = Session::idle();
    let (text, _, code) = told(&desk, &["help", "permissions"]);
    assert!(code == 0 && text.contains("create-ticket") && text.contains("another customer"), "{text}");
    let table = desk.ask(&["help", "permissions"]);
    let written = include_str!("../../../../../docs/permissions.md");
    for row in table.as_array().unwrap() {
        let action = row["action"].as_str().unwrap();
        let line = written.lines().find(|line| line.starts_with(&format!("| {action} |"))).unwrap();
        assert_eq!(line.matches("| yes ").count(), row["allowed"].as_array().unwrap().len(), "{line}");
    }
    let (help, _, code) = told(&desk, &["help", "close"]);
    assert!(
        code == 0 && help.contains("Usage: sealdesk close") && help.contains("sealdesk close 12"),
        "{help}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_on_a_quiet_desk_waits_for_no_block_that_nobody_makes() {
    let over = Over::new(&People::default(), 1, &["open"], |_| {}).await;
    let phrase = Phrase::generate(PhraseLength::Twelve, &mut getrandom::SysRng).unwrap();
    let stranger = Actor::of(&phrase).unwrap();
    over.desk.register_key(&stranger, "").await.unwrap();
    let params = over.desk.params().await.unwrap();
    over.calls();
    let refused = over.desk.update_params(&stranger, &params).await.unwrap_err();
    assert!(matches!(refused, Error::Refused(_)), "{refused}");
    let calls = over.calls();
    let proofs = calls.iter().filter(|call| *call == "Proof").count();
    assert!(proofs < 8, "asked again and again: {calls:?}");
    over.stop().await;
}
