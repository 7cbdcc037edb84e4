//! What a home remembers, what it grants only after asking, and what it offers to make anew.

use std::path::PathBuf;

use sealdesk_client::compose::{Audience, Facts, OwnKey, Person, TxBuilder, sign};
use sealdesk_client::desk::Desk;
use sealdesk_client::keyring::{Backend, Keyring};
use sealdesk_client::messages::{NewResponse, respond_to_ticket};
use sealdesk_client::node::Node;
use sealdesk_client::trust::Trust;
use sealdesk_protocol::ids::TicketId;
use serde_json::Value;

use crate::desk::session::Session;

/// A desk with a ticket of alice's, and an agent named bob who has a key.
fn desk_with_ticket() -> Session {
    let desk = Session::start();
    desk.key("alice");
    let bob = desk.key("bob");
    desk.ask(&["tx", "roles", "assign-role", &bob, "support_agent", "--from", "admin"]);
    desk.ask(&["keys", "register", "bob"]);
    let written = ["--category", "technical", "--subject", "S", "--message", "M", "--from", "alice"];
    desk.ask(&[&["tx", "support", "create-ticket"][..], &written].concat());
    desk
}

fn remembered_file(desk: &Session) -> PathBuf {
    let files = std::fs::read_dir(desk.home().join(".sealdesk")).unwrap();
    let mut files = files.map(|entry| entry.unwrap().path()).filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with("remembered-") && name.ends_with(".json")
    });
    let found = files.next().unwrap();
    assert!(files.next().is_none(), "one file for one ledger");
    found
}

fn stderr(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// How many messages of the ticket somebody can read.
pub fn readable(desk: &Session, who: &str) -> usize {
    let read: Value = serde_json::from_slice(&desk.run(&["read", "1", "--from", who]).stdout).unwrap();
    let messages = read["messages"].as_array().unwrap_or_else(|| panic!("{read}"));
    messages.iter().filter(|message| !message["text"].is_null()).count()
}

#[test]
fn a_home_refuses_another_ticket_than_the_one_that_it_used_until_it_forgets() {
    let desk = desk_with_ticket();
    let path = remembered_file(&desk);
    let mut kept: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert!(kept["people"].as_object().unwrap().len() >= 2, "{kept}");
    kept["tickets"]["TKT-00000001"][1] = "00".repeat(32).into();
    std::fs::write(&path, kept.to_string()).unwrap();
    for args in [
        &["read", "1", "--from", "alice"][..],
        &["tx", "support", "respond", "1", "--message", "m", "--from", "alice"],
        &["tx", "support", "assign-ticket", "1", "bob", "--from", "admin"],
        &["tx", "support", "grant-access", "1", "bob", "--from", "admin"],
        &["inbox", "--from", "alice"],
    ] {
        let output = desk.run(args);
        let error: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {error}");
        assert!(
            error["message"].as_str().unwrap().contains("TKT-00000001 holds another sealed text"),
            "{error}"
        );
        assert!(error["hint"].as_str().unwrap().contains("--forget"), "{error}");
    }
    // A file that holds something else is no empty one, and the hint's command mends it.
    std::fs::write(&path, "{").unwrap();
    let output = desk.run(&["read", "1", "--from", "alice"]);
    assert!(output.status.code() == Some(1) && String::from_utf8_lossy(&output.stdout).contains("--forget"));
    let identity = desk.ask(&["status"])["identity"].as_str().unwrap().to_owned();
    desk.ask(&["trust", &identity, "--forget"]);
    assert_eq!(readable(&desk, "alice"), 1);
}

/// A desk with a ticket whose answer was written for another one.
pub fn desk_with_marked_answer() -> Session {
    let desk = desk_with_ticket();
    tokio::runtime::Runtime::new().unwrap().block_on(answer_for_another_ticket(&desk));
    desk
}

/// An answer of alice's that was written for another ticket.
async fn answer_for_another_ticket(desk: &Session) {
    let home = desk.home().join(".sealdesk");
    let alice = Keyring::open(&home, Backend::Test).unwrap().unlock("alice", b"").unwrap();
    let url = std::fs::read_to_string(home.join("node.address")).unwrap();
    let client = Desk::open(Node::connect(url.trim()).await.unwrap(), Trust::FirstUse).await.unwrap();
    let me = client.address_of(&alice);
    let mut administrators = Vec::new();
    for member in client.circle().await.unwrap().members() {
        let keys = client.keys(&member.address).await.unwrap();
        administrators.push(Person::verified(client.chain(), &member.address, &keys));
    }
    let listed = client.keys(&me).await.unwrap();
    let customer = Some(Person::verified(client.chain(), &me, &listed));
    let audience = Audience { administrators, customer, ..Audience::default() };
    let (params, seen) = (client.params().await.unwrap(), client.pin().seen());
    let facts = Facts { params, audience, seen, ticket: Some([9; 32]) };
    let own = OwnKey::find(&alice, &listed).unwrap();
    // Her key and her ticket were one transaction.
    let mut builder = TxBuilder::new(client.chain(), me, 1, own, alice.account().unwrap()).unwrap();
    let (id, response) = (TicketId::new(1).unwrap(), NewResponse::new("Trust me."));
    respond_to_ticket(&mut builder, id, &response, &facts, &mut getrandom::SysRng).unwrap();
    let signed = sign(&builder, alice.account().unwrap(), &client.chain().chain_id).unwrap();
    let result = client.node().broadcast(&signed.bytes).await.unwrap();
    assert_eq!(result.code, 0, "{}", result.log);
}

#[test]
fn a_marked_text_is_left_out_where_nobody_can_be_asked_unless_it_is_said_before() {
    let desk = desk_with_marked_answer();
    let read = desk.ask(&["read", "1", "--from", "admin"]);
    assert_eq!(read["messages"][1]["warnings"][0], "it was written for another ticket");
    for args in [["assign-ticket", "1", "bob"], ["grant-access", "1", "bob"]] {
        let output = desk.run(&[&["tx", "support"][..], &args, &["--from", "admin", "--yes"]].concat());
        let told = stderr(&output);
        // What is left out is no success, whoever left it out.
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains("left out: reply 0 of TKT-00000001, by alice"), "{told}");
        assert!(
            told.contains("it was written for another ticket") && told.contains("--grant-marked"),
            "{told}"
        );
        assert_eq!(readable(&desk, "bob"), 1);
    }
    let args = ["tx", "support", "grant-access", "1", "bob", "--grant-marked", "--from", "admin"];
    let output = desk.run(&args);
    assert!(output.status.success() && !stderr(&output).contains("left out"), "{}", stderr(&output));
    assert_eq!(readable(&desk, "bob"), 2);
    // A new administrator is let into everything, but not into this without more.
    let carol = desk.key("carol");
    desk.ask(&["tx", "roles", "assign-role", &carol, "administrator", "--from", "admin"]);
    desk.ask(&["keys", "register", "carol"]);
    let output = desk.run(&["tx", "support", "grant-all", "carol", "--from", "admin"]);
    assert_eq!(output.status.code(), Some(1));
    let told = stderr(&output);
    assert!(told.contains("left out") && readable(&desk, "carol") == 1, "{told}");
    let all = desk.ask(&["tx", "support", "grant-all", "carol", "--grant-marked", "--from", "admin"]);
    assert_eq!(readable(&desk, "carol"), 2, "{all}");
}

#[test]
fn grants_that_ended_are_named_in_the_inbox_and_made_anew_by_one_command() {
    let desk = desk_with_ticket();
    desk.ask(&["tx", "support", "assign-ticket", "1", "bob", "--from", "admin"]);
    let inbox = || desk.ask(&["inbox", "--from", "admin"]);
    assert_eq!(inbox()["ended_grants"], Value::Array(Vec::new()));
    // The administrator changes their key: what the old one signed counts no more.
    desk.ask(&["keys", "register", "admin", "--rotate"]);
    desk.ask(&["keys", "revoke", "admin", "--key-version", "1", "--yes"]);
    let found = inbox();
    assert_eq!(found["ended_grants"][0]["ticket"], "TKT-00000001", "{found}");
    let shown = desk.command(&["inbox", "--from", "admin"]).output().unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(
        shown.contains("TKT-00000001  bob") && shown.contains("sealdesk tx support renew-grants"),
        "{shown}"
    );
    let output = desk.run(&["tx", "support", "respond", "1", "--message", "m", "--from", "admin"]);
    let told = stderr(&output);
    assert!(told.contains("bob") && told.contains("sealdesk tx support renew-grants TKT-00000001"), "{told}");
    assert_eq!(readable(&desk, "bob"), 1);
    let renewed = desk.ask(&["tx", "support", "renew-grants", "--from", "admin"]);
    assert_eq!(renewed["renewed"][0]["ticket_id"], "TKT-00000001", "{renewed}");
    assert!(renewed["proven"] == true && readable(&desk, "bob") == 2, "{renewed}");
    assert_eq!(inbox()["ended_grants"], Value::Array(Vec::new()));
    assert_eq!(desk.ask(&["tx", "support", "renew-grants", "--from", "admin"])["tickets"], 0);
}

#[test]
fn votes_that_ended_are_named_in_the_inbox_and_cast_anew_by_one_command() {
    let desk = Session::start();
    let (carol, dora) = (desk.key("carol"), desk.key("dora"));
    let vote = |act: &str, who: &str| {
        desk.ask(&["tx", "roles", act, who, "administrator", "--from", "admin", "--yes"])
    };
    assert_eq!(vote("assign-role", &carol)["applied"], true);
    assert_eq!(vote("assign-role", &dora)["applied"], false);
    let ended = || desk.ask(&["inbox", "--from", "admin"])["ended_votes"].clone();
    assert_eq!(ended(), Value::Array(Vec::new()));
    // Another change is decided, and ends the vote.
    assert_eq!(vote("revoke-role", &carol)["applied"], true);
    assert_eq!((&ended()[0]["address"], &ended()[0]["removes"]), (&dora.clone().into(), &false.into()));
    let shown = desk.command(&["inbox", "--from", "admin"]).output().unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("add dora") && shown.contains("sealdesk tx roles renew-votes"), "{shown}");
    assert_eq!(
        desk.run(&["tx", "roles", "renew-votes", "--from", "admin"]).status.code(),
        Some(2),
        "it asks"
    );
    let renewed = desk.ask(&["tx", "roles", "renew-votes", "--from", "admin", "--yes"]);
    assert_eq!(
        (&renewed["votes"][0]["applied"], &renewed["proven"]),
        (&true.into(), &true.into()),
        "{renewed}"
    );
    assert_eq!(ended(), Value::Array(Vec::new()));
    assert_eq!(
        desk.ask(&["tx", "roles", "renew-votes", "--from", "admin"])["votes"],
        Value::Array(Vec::new())
    );
}
