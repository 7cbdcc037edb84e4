//! Every lie that the protocol allows, told to the real program by a proxy before an honest desk: what the program says, its exit code,
//! and for whom what left it was sealed, found by opening it.

mod proxy;
mod readers;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use sealdesk_client::actor::{Actor, Phrase};
use sealdesk_client::compose::sign_text;
use sealdesk_client::desk::Desk;
use sealdesk_client::node::Node;
use sealdesk_client::trust::Trust;
use sealdesk_protocol::circle::Ballot;
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::{Address, ChainId, Prefix};
use sealdesk_protocol::ownership::Ownership;
use sealdesk_protocol::wire::sealdesk::ledger::v1::MemberVote;
use sealdesk_protocol::wire::virtengine::encryption::v1::{RecipientKeyRecord, WrappedKeyEntry};
use sealdesk_protocol::wire::virtengine::support::v1::AccessGrant;
use sealdesk_testkit::liar::{Liar, Lie, Plot};
use serde_json::Value;

use crate::desk::normal;
use crate::desk::session::Session;
use proxy::Proxy;
use readers::{Reader, readers_of};

/// A desk with a ticket of alice's that bob has, the homes of people who trust it, and the liar before it.
struct Stage {
    desk: Session,
    proxy: Proxy,
    readers: Vec<Reader>,
    template: PathBuf,
    chain_id: String,
    identity: String,
}

fn actor(desk: &Session, name: &str) -> Actor {
    let phrase = desk.ask(&["keys", "export", name, "--yes"]);
    Actor::of(&Phrase::parse(phrase["recovery_phrase"].as_str().unwrap()).unwrap()).unwrap()
}

fn prefix() -> Prefix {
    Prefix::parse(Prefix::DEFAULT).unwrap()
}

/// A key as an account's own, by its signature.
fn key_record(
    (chain_id, identity): (&ChainId, &Identity),
    owner: &Actor,
    of: &Actor,
    version: u32,
) -> RecipientKeyRecord {
    let (pair, account) = (of.pair(0).unwrap(), owner.address(&prefix()));
    let (x25519, ed25519) = (pair.encryption.public().as_bytes(), pair.signing.public().as_bytes());
    let text = Ownership { ledger: chain_id, identity, account: &account, x25519, ed25519 }.text();
    RecipientKeyRecord {
        address: account.to_string(),
        public_key: x25519.to_vec(),
        key_fingerprint: pair.encryption.fingerprint().to_string(),
        signing_key: ed25519.to_vec(),
        key_version: version,
        registered_at: 1,
        account_pub_key: owner.public_key().to_vec(),
        account_signature: sign_text(owner.account().unwrap(), &account, &text).unwrap().to_vec(),
        ..RecipientKeyRecord::default()
    }
}

fn validator(desk: &Session) -> SigningKey {
    let file = find(desk.home(), "validator_key.json");
    let file: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let seed = hex::decode(file["secret_key"].as_str().unwrap()).unwrap();
    SigningKey::from_bytes(&seed.try_into().unwrap())
}

fn find(folder: &Path, name: &str) -> PathBuf {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().is_some_and(|found| found == name) {
                return path;
            }
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    panic!("there is no {name}");
}

fn plot(desk: &Session, node: &str) -> Plot {
    let names = ["admin", "alice", "bob", "carol", "thief"];
    let [admin, alice, bob, carol, thief] = names.map(|name| actor(desk, name));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (chain_id, identity) = runtime.block_on(async {
        let desk = Desk::open(Node::connect(node).await.unwrap(), Trust::FirstUse).await.unwrap();
        (desk.chain().chain_id.clone(), desk.chain().identity())
    });
    let address = |actor: &Actor| actor.address(&prefix());
    let key = key_record((&chain_id, &identity), &thief, &thief, 1);
    let copy = key_record((&chain_id, &identity), &thief, &bob, 2);
    let entry = WrappedKeyEntry {
        recipient_id: key.key_fingerprint.clone(),
        wrapped_key: vec![1; 48],
        algorithm: sealdesk_protocol::envelope::ALGORITHM_ID.to_owned(),
        ephemeral_pub_key: vec![9; 32],
    };
    let grant = AccessGrant {
        entry: Some(entry),
        granter: address(&admin).to_string(),
        grant_signature: vec![1; 64],
        granter_key_version: 1,
        ..AccessGrant::default()
    };
    let plot = Plot {
        administrators: vec![address(&admin), address(&carol)],
        customer: address(&alice),
        agent: address(&bob),
        thief: address(&thief),
        key,
        copy,
        grant,
        vote: Arc::new(|_, _| MemberVote::default()),
        prefix: prefix(),
        validator: validator(desk),
        identity,
        chain_id: chain_id.clone(),
    };
    let voter: Address = address(&thief);
    let vote = move |circle: &sealdesk_protocol::circle::Circle,
                     change: &sealdesk_protocol::circle::Change| {
        let text = Ballot::Change(change).text(&chain_id, &circle.fingerprint(&identity), circle.next(), 1);
        let signature = sign_text(thief.account().unwrap(), &voter, &text).unwrap().to_vec();
        let account_pub_key = thief.public_key().to_vec();
        MemberVote { voter: voter.to_string(), made: 1, account_pub_key, account_signature: signature }
    };
    Plot { vote: Arc::new(vote), ..plot }
}

impl Stage {
    fn new() -> Self {
        let desk = Session::start();
        for name in ["alice", "bob", "carol", "dave", "thief"] {
            desk.key(name);
        }
        let wide = ["--ticket-cooldown-seconds", "0", "--max-tickets-per-customer-per-day", "1000"];
        let wide =
            [&["tx", "support", "update-params"][..], &wide, &["--max-open-tickets-per-customer", "1000"]]
                .concat();
        desk.ask(&[&wide[..], &["--from", "admin"]].concat());
        desk.ask(&["tx", "roles", "assign-role", "bob", "support_agent", "--from", "admin"]);
        for name in ["bob", "carol"] {
            desk.ask(&["keys", "register", name]);
        }
        let node = fs::read_to_string(desk.home().join(".sealdesk/node.address")).unwrap();
        let node = node.trim();
        let plot = plot(&desk, node);
        let (identity, chain_id) = (plot.identity.to_string(), plot.chain_id.to_string());
        let proxy = Proxy::start(node, Liar::new(plot));
        let readers = ["admin", "alice", "bob", "carol", "thief"];
        let readers = readers.map(|name| Reader::new(name, actor(&desk, name))).into_iter().collect();
        let template = desk.home().join("template");
        fs::create_dir(&template).unwrap();
        let stage = Self { desk, proxy, readers, template, chain_id, identity };
        copy(&stage.desk.home().join(".sealdesk/keyring-test"), &stage.template.join("keyring-test"));
        // What goes by now is heard by the liar, and the home that says it is the one that has seen the most.
        let trusted = stage.run(&stage.template, &["trust", &stage.identity]);
        assert!(trusted.status.success(), "{}", String::from_utf8_lossy(&trusted.stderr));
        stage.honest("alice", &CREATE);
        stage.honest("admin", &["tx", "support", "assign-ticket", "1", "bob"]);
        stage.honest("bob", &["tx", "support", "respond", "1", "--message", "Is it plugged in?"]);
        stage.honest("alice", &["tx", "support", "respond", "1", "--message", "It is."]);
        stage.honest("admin", &["tx", "roles", "assign-role", "carol", "administrator"]);
        let replies = stage.desk.home().join("replies.json");
        fs::write(&replies, r#"{"hello": "Hello!"}"#).unwrap();
        stage.honest("admin", &["documents", "put", "staff", "replies", "--file", replies.to_str().unwrap()]);
        stage
    }

    fn honest(&self, from: &str, args: &[&str]) {
        let output = self.run(&self.template, &[args, &["--from", from]].concat());
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{args:?}\n{said}{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Runs a command in a home of its own, over the proxy.
    fn run(&self, home: &Path, args: &[&str]) -> Output {
        let mut command = self.desk.command(args);
        command.env("SEALDESK_HOME", home).env("SEALDESK_NODE", &self.proxy.address);
        command.env("SEALDESK_PATIENCE", "4");
        command.args(["--output", "json"]).output().unwrap()
    }

    /// A home that trusts the desk's identity, and has seen what the liar heard or nothing yet.
    fn home(&self, name: &str, has_seen: bool) -> PathBuf {
        let home = self.desk.home().join(name);
        copy(&self.template, &home);
        if !has_seen {
            let _ = fs::remove_file(find(&home, "pins.json"));
            assert!(self.run(&home, &["trust", &self.identity]).status.success());
        }
        home
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
}

const CREATE: [&str; 9] =
    ["tx", "support", "create-ticket", "--category", "technical", "--subject", "S", "--message", "M"];

/// The commands, by what the table calls them and who types them.
const COMMANDS: [(&str, &str, &[&str]); 20] = [
    ("create-ticket", "alice", &CREATE),
    ("respond", "alice", &["tx", "support", "respond", "1", "--message", "Still."]),
    ("respond --internal", "bob", &["tx", "support", "respond", "1", "--internal", "--message", "Odd."]),
    ("assign-ticket", "admin", &["tx", "support", "assign-ticket", "1", "bob"]),
    ("grant-access", "admin", &["tx", "support", "grant-access", "1", "carol"]),
    ("assign-role", "admin", &["tx", "roles", "assign-role", "dave", "administrator"]),
    ("read", "alice", &["read", "1"]),
    ("inbox", "bob", &["inbox"]),
    ("inbox, of an administrator", "admin", &["inbox"]),
    ("staff list", "admin", &["staff", "list"]),
    ("documents list", "bob", &["documents", "list", "staff"]),
    ("documents show", "admin", &["documents", "show", "staff", "replies"]),
    ("documents renew", "admin", &["documents", "renew"]),
    ("receipt", "alice", &["receipt", "1", "-o", "ticket.receipt"]),
    ("query ticket", "alice", &["query", "support", "ticket", "1"]),
    ("query account", "alice", &["query", "roles", "account", "bob"]),
    ("query members", "alice", &["query", "roles", "members", "administrator"]),
    ("query keys", "alice", &["query", "encryption", "keys", "bob"]),
    ("query tickets", "alice", &["query", "support", "tickets-by-agent", "bob"]),
    ("query tx", "alice", &["query", "tx", NO_TX]),
];

/// A transaction that was never sent.
const NO_TX: &str = "DEADBEEF00000000000000000000000000000000000000000000000000000000";

/// What a query said, where it answered at all: whether it names the thief, and whether that is said to be the node's word.
fn said_of_query(output: &Output, thief: &str) -> String {
    let (shown, noted) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let names = if shown.contains(thief) { "it names the thief" } else { "done" };
    let word = if noted.contains("the node claims this, not proven") {
        "; the node claims this, not proven"
    } else {
        ""
    };
    format!("{names}{word}")
}

/// The same, and whether it said how old that is.
fn with_age(said: String, output: &Output) -> String {
    let is_old =
        String::from_utf8_lossy(&output.stderr).contains(" your clock: the node or the clock may be wrong");
    if is_old { format!("{said}; and how old it is") } else { said }
}

/// What the program said, in one line that is the same in every run.
fn said(output: &Output) -> String {
    let value: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    if value["proven"] == false {
        return "the node claims this, not proven".to_owned();
    }
    if let Some(messages) = value["messages"].as_array() {
        // How many there are depends on which lies were told before.
        let reasons = messages.iter().filter_map(|message| message["not_shown"].as_str());
        let warnings = messages.iter().filter_map(|message| message["warnings"].as_array()).flatten();
        let marks: BTreeSet<&str> = reasons.chain(warnings.filter_map(Value::as_str)).collect();
        let marks: Vec<&str> = marks.into_iter().collect();
        return one_form(&format!("the conversation, marked: {}", marks.join("; ")));
    }
    if output.status.success() {
        return "done".to_owned();
    }
    one_form(value["message"].as_str().unwrap_or_default())
}

/// A text without what differs from run to run.
fn one_form(text: &str) -> String {
    let mut text = normal(text).replace(|char: char| char.is_ascii_digit(), "N");
    while text.contains("NN") {
        text = text.replace("NN", "N");
    }
    text
}

fn table(stage: &Stage) -> String {
    let mut table = "lie | command | exit | what the program says | sealed for\n".to_owned();
    let thief = actor(&stage.desk, "thief").address(&prefix()).to_string();
    // The last ones are about outcomes alone: the client's own tests tell them to each call.
    let apart = [Lie::Nothing, Lie::PassedSequence, Lie::WrongNames];
    for lie in Lie::ALL.into_iter().filter(|lie| !apart.contains(lie)) {
        for (name, from, args) in COMMANDS {
            // Each meets the lie with what the liar's own home knows, or with the identity alone.
            let has_seen = matches!(lie, Lie::OldProofs | Lie::ReplayedTx);
            let home = stage.home(&format!("{lie:?} {name}").replace(' ', "-"), has_seen);
            let before = {
                let mut liar = stage.proxy.liar.lock().unwrap();
                liar.lie = lie;
                liar.sent.len()
            };
            let with_sender = [args, &["--from", from]].concat();
            let output = stage.run(&home, &with_sender);
            let mut liar = stage.proxy.liar.lock().unwrap();
            liar.lie = Lie::Nothing;
            let sent = liar.sent[before..].to_vec();
            drop(liar);
            let names: BTreeSet<String> = readers_of(&stage.chain_id, &sent, &stage.readers);
            assert!(!names.contains("thief"), "{lie:?} {name}: the thief can read it");
            let readers = if names.is_empty() {
                "nobody".to_owned()
            } else {
                names.into_iter().collect::<Vec<_>>().join(", ")
            };
            let exit = output.status.code().unwrap();
            let is_answer = name.starts_with("query") && output.status.success();
            let said = if is_answer { said_of_query(&output, &thief) } else { said(&output) };
            let said = with_age(said, &output);
            writeln!(table, "{lie:?} | {name} | {exit} | {said} | {readers}").unwrap();
        }
    }
    table
}

/// The table is kept beside this test: `ADVERSARY=overwrite` writes it anew, and the difference is read as a user would.
#[test]
fn every_lie_to_every_command_is_answered_as_the_table_says() {
    let stage = Stage::new();
    let table = table(&stage);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/adversary/table.txt");
    if std::env::var("ADVERSARY").is_ok_and(|value| value == "overwrite") {
        fs::write(&file, &table).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    let differing: Vec<String> = table
        .lines()
        .zip(kept.lines().chain(std::iter::repeat("")))
        .filter(|(now, kept)| now != kept)
        .map(|(now, kept)| format!("now  {now}\nkept {kept}"))
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert_eq!(table.lines().count(), kept.lines().count());
}
