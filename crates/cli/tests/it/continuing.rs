//! Two histories under one name, in every way that they come about: what each command says of them, and that what it says mends it.

mod lost;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::desk::isolated;
use crate::desk::node::Node;
use crate::desk::session::Session;

const CREATE: [&str; 8] =
    ["tx", "support", "create-ticket", "--category", "other", "--subject", "S", "--message"];

/// A desk, and a customer with a home of her own who has written to it.
struct Scene {
    desk: Session,
    /// A desk that was made beside it.
    other: Option<Node>,
}

impl Scene {
    /// With ticket 1, of which there is a backup of the whole home, and ticket 2.
    fn new() -> Self {
        let mut desk = Session::start();
        desk.key("alice");
        let scene = Self { desk, other: None };
        scene.copy(".sealdesk/keyring-test", "alice/keyring-test");
        scene.alice(&[&CREATE[..], &["first", "--trust-first"]].concat());
        desk = scene.desk;
        desk.stop_node();
        let mut scene = Self { desk, other: None };
        scene.copy(".sealdesk", "backup");
        scene.desk.start_node("127.0.0.1:0");
        scene.desk.ask(&[
            "tx",
            "support",
            "update-params",
            "--ticket-cooldown-seconds",
            "0",
            "--from",
            "admin",
        ]);
        scene.alice(&[&CREATE[..], &["second"]].concat());
        scene.alice(&["receipt", "2", "-o", "old.receipt"]);
        scene.desk.stop_node();
        scene
    }

    fn home(&self) -> &Path {
        self.desk.home()
    }

    fn sh(&self, line: &str) -> Output {
        let mut sh = isolated(Command::new("sh"), self.home());
        sh.env("SEALDESK_KEYRING_BACKEND", "test").arg("-c").arg(line).output().unwrap()
    }

    fn typed(&self, line: &str) -> String {
        let output = self.sh(line);
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8(told).unwrap();
        assert!(output.status.success(), "$ {line}\n{told}");
        told
    }

    fn copy(&self, from: &str, to: &str) {
        let to_dir = self.home().join(to);
        fs::create_dir_all(to_dir.parent().unwrap()).unwrap();
        self.typed(&format!("rm -rf {to}; cp -r {from} {to}"));
    }

    /// Where the desk that runs answers.
    fn url(&self) -> String {
        let place = if self.other.is_some() { "new" } else { ".sealdesk" };
        fs::read_to_string(self.home().join(place).join("node.address")).unwrap().trim().to_owned()
    }

    fn try_alice(&self, args: &[&str]) -> Output {
        let url = self.url();
        let options = ["--home", "alice", "--node", &url, "--from", "alice", "--patience", "1"];
        self.desk.run(&[args, &options].concat())
    }

    /// What a command of hers answers, and what it notes beside.
    fn alice(&self, args: &[&str]) -> (Value, String) {
        let output = self.try_alice(args);
        let (shown, told) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(output.status.success(), "{args:?}\n{shown}{told}");
        (serde_json::from_str(&shown).unwrap(), told)
    }

    /// What a command of hers that fails says: message, hint.
    fn alice_fails(&self, args: &[&str]) -> (String, String) {
        let output = self.try_alice(args);
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(!output.status.success(), "{args:?}\n{shown}");
        let value: Value = serde_json::from_str(&shown).unwrap_or_else(|error| panic!("{error}: {shown}"));
        let text = |field: &str| value[field].as_str().unwrap().to_owned();
        (text("message"), text("hint"))
    }

    /// Starts the desk of another home.
    fn start(&mut self, home: &str) {
        let mut command = self.desk.command(&["start", "--home", home]);
        command.stderr(Stdio::inherit());
        self.other = Some(Node::start(command));
    }

    /// A ledger made of the desk as the backup has it, in the home `new`, which runs.
    fn import(&mut self, home: &str) -> Value {
        self.desk.ask(&["export", "--home", home, "-o", "desk.json"]);
        let made = self.desk.ask(&["import", "desk.json", "--home", "new"]);
        self.start("new");
        made
    }

    /// Votes of members of the old home's keyring.
    fn vote(&self, identity: &str, names: &[&str]) {
        let url = self.url();
        self.desk.ask(&["trust", identity]);
        for name in names {
            self.desk.ask(&["tx", "ledger", "continue-ledger", "--from", name, "--node", &url]);
        }
    }
}

/// What somebody does at a desk; each reads of the ledger or writes to it.
const EVERYTHING: [&[&str]; 11] = [
    &["read", "1"],
    &["inbox"],
    &["receipt", "1", "-o", "made"],
    &["tx", "support", "create-ticket", "--category", "other", "--subject", "S", "--message", "M"],
    &["tx", "support", "respond", "1", "--message", "M"],
    &["tx", "support", "close-ticket", "1", "--reason", "R"],
    &["tx", "support", "assign-ticket", "1", "admin"],
    &["tx", "support", "grant-access", "1", "admin"],
    &["tx", "support", "grant-all", "admin"],
    &["tx", "roles", "assign-role", "admin", "administrator"],
    &["tx", "ledger", "continue-ledger"],
];

fn commands(hint: &str) -> Vec<String> {
    hint.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn identity_in(text: &str) -> String {
    let is_identity = |word: &&str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
    text.split_whitespace().find(is_identity).unwrap_or_else(|| panic!("no identity: {text}")).to_owned()
}

#[test]
fn restored_data_are_not_gone_on_with_and_the_hint_leads_everybody_on() {
    let mut scene = Scene::new();
    scene.copy("backup/data", ".sealdesk/data");
    let started = scene.sh("sealdesk start");
    let told = String::from_utf8(started.stderr).unwrap();
    assert_eq!(started.status.code(), Some(1), "{told}");
    assert!(told.contains("restored from an older copy") && told.contains("has signed block"), "{told}");
    let doctor = String::from_utf8(scene.sh("sealdesk doctor").stdout).unwrap();
    assert!(doctor.contains("WRONG  ledger") && doctor.contains("sealdesk export -o desk.json"), "{doctor}");

    let hint = told.lines().find(|line| line.starts_with("hint: ")).unwrap();
    let typed = commands(hint);
    assert_eq!(typed.len(), 5, "{hint}");
    scene.typed(&typed[0]);
    let made = scene.typed(&typed[1]);
    assert!(made.contains("It continues desk-") && made.contains("continue-ledger --from NAME"), "{made}");
    let identity = identity_in(&made);
    // The new home is beside the old one.
    assert!(typed[2].ends_with("start --home ~/.sealdesk-new"), "{}", typed[2]);
    scene.typed("ln -s ~/.sealdesk-new new");
    scene.start("new");
    let url = scene.url();
    // Before the votes nobody is led anywhere, and why is said.
    let (message, hint) = scene.alice_fails(&["read", "1"]);
    assert!(message.contains("0 of 1 administrators voted"), "{message}");
    assert!(
        hint.contains("continue-ledger") && hint.contains(&format!("sealdesk trust {identity}")),
        "{hint}"
    );
    scene.typed(&typed[3].replace("IDENTITY", &identity));
    let voted = typed[4].replace("NAME", "admin");
    let voted = scene.typed(&format!("{voted} --node {url}"));
    assert!(voted.contains("more than half of its administrators"), "{voted}");

    // A script is told the one command, what it would follow, and what is not there any more.
    for command in EVERYTHING {
        let (message, hint) = scene.alice_fails(command);
        assert!(
            message.contains("continues desk-") && message.contains("1 of its 1 administrators"),
            "{message}"
        );
        assert!(message.contains("what was written after height"), "{message}");
        assert_eq!(commands(&hint), [format!("sealdesk trust {identity}")]);
    }
    assert_eq!(scene.desk.run(&["trust", &identity, "--home", "alice"]).status.code(), Some(0));
    let (read, told) = scene.alice(&["read", "1"]);
    assert!(told.contains("follows desk-") && told.contains("what was written after height"), "{told}");
    assert!(read.to_string().contains("first"), "{read}");
    let (message, _) = scene.alice_fails(&["read", "2"]);
    assert!(message.contains("TKT-00000002"), "{message}");
    scene.alice(&["tx", "support", "respond", "1", "--message", "again"]);
    // Receipts of the old ledger verify against its genesis, and are none of the new one.
    let verify = |genesis: &str| scene.desk.run(&["verify", "old.receipt", "--genesis", genesis]);
    assert_eq!(verify(".sealdesk/genesis.json").status.code(), Some(0));
    assert_eq!(verify("new/genesis.json").status.code(), Some(1));
    // The old pin stays beside the new one.
    let pins: Value =
        serde_json::from_slice(&fs::read(scene.home().join("alice/pins.json")).unwrap()).unwrap();
    assert_eq!(pins["ledgers"].as_object().unwrap().len(), 2, "{pins}");
    assert_eq!(pins["followed"].as_object().unwrap().values().next().unwrap(), &Value::from(identity));
}

#[test]
fn a_restored_home_does_not_know_it_and_every_command_of_others_does() {
    let mut scene = Scene::new();
    scene.copy("backup", ".sealdesk");
    scene.desk.start_node("127.0.0.1:0");
    for command in EVERYTHING {
        let (message, hint) = scene.alice_fails(command);
        assert!(message.contains("was set back"), "{command:?}: {message}");
        assert!(hint.contains("restored from a backup") && hint.contains("sealdesk export"), "{hint}");
    }
    // It goes on by itself: now one of two histories is newer by its height, and the other one by its time.
    scene.desk.ask(&["tx", "support", "update-params", "--ticket-cooldown-seconds", "0", "--from", "admin"]);
    let (message, hint) = scene.alice_fails(&["read", "1"]);
    assert!(message.contains("there are two histories of"), "{message}");
    assert!(hint.contains("sealdesk import") && hint.contains("sealdesk trust"), "{hint}");
    // Who is told to go on with it as it is trusts it anew; others wait.
    scene.copy("alice", "bold");
    let pins: Value =
        serde_json::from_slice(&fs::read(scene.home().join("alice/pins.json")).unwrap()).unwrap();
    let known = pins["ledgers"].as_object().unwrap().values().next().unwrap()["identity"].clone();
    scene.desk.ask(&["trust", known.as_str().unwrap(), "--anew", "--home", "bold"]);
    let url = scene.url();
    for _ in 0..2 {
        scene.desk.ask(&["read", "1", "--home", "bold", "--node", &url, "--from", "alice"]);
    }
    // What the operator does, by docs/operating.md.
    scene.desk.stop_node();
    let made = scene.import(".sealdesk");
    let identity = made["identity"].as_str().unwrap();
    scene.vote(identity, &["admin"]);
    scene.desk.ask(&["trust", identity, "--home", "alice"]);
    let (_, told) = scene.alice(&["read", "1"]);
    assert!(told.contains("This home follows"), "{told}");
}

#[test]
fn a_second_desk_of_the_name_is_another_one_for_every_command() {
    // With a validator of its own, and with the very key of the first one.
    for (key, says) in [(false, "the validators of"), (true, "another ledger than the one you trust")] {
        let mut scene = Scene::new();
        let genesis: Value =
            serde_json::from_slice(&fs::read(scene.home().join(".sealdesk/genesis.json")).unwrap()).unwrap();
        let name = genesis["chain_id"].as_str().unwrap();
        fs::create_dir_all(scene.home().join("new")).unwrap();
        if key {
            scene.copy(".sealdesk/validator_key.json", "new/validator_key.json");
        }
        let made = scene.typed(&format!("sealdesk init --home new --chain-id {name}"));
        scene.start("new");
        for command in EVERYTHING {
            let (message, hint) = scene.alice_fails(command);
            assert!(message.contains(says), "{command:?}: {message}");
            assert!(
                hint.contains("ask the desk's administrator") && hint.contains("`sealdesk trust"),
                "{hint}"
            );
        }
        // Naming another one changes nothing; naming it does.
        scene.desk.ask(&["trust", &"12".repeat(32), "--home", "alice"]);
        assert!(scene.alice_fails(&["inbox"]).0.contains(says));
        scene.desk.ask(&["trust", &identity_in(&made), "--home", "alice"]);
        scene.alice(&["inbox"]);
        scene.alice(&[&CREATE[..], &["M"]].concat());
    }
}

#[test]
fn without_the_votes_a_ledger_is_trusted_anew_and_why_is_said() {
    let mut scene = Scene::new();
    let made = scene.import(".sealdesk");
    let (name, identity) = (made["chain_id"].as_str().unwrap(), made["identity"].as_str().unwrap());
    for command in EVERYTHING {
        let (message, _) = scene.alice_fails(command);
        assert!(message.contains("0 of 1 administrators voted"), "{command:?}: {message}");
    }
    // Who names it may look, as at a first meeting, and is asked before anything is sealed.
    let (_, told) = scene.alice(&["read", "1", "--chain-id", name]);
    assert!(told.contains("the ledger has to be trusted again") && told.contains("First meeting"), "{told}");
    let (message, _) = scene.alice_fails(&[&CREATE[..], &["M"]].concat());
    assert!(message.contains("has not met the ledger"), "{message}");
    // Once they have voted, who only looked is told how to follow, and who agreed to it follows.
    scene.vote(identity, &["admin"]);
    let (_, told) = scene.alice(&["read", "1"]);
    assert!(told.contains("continues desk-") && told.contains("1 of its 1 administrators"), "{told}");
    assert!(told.contains(&format!("`sealdesk trust {identity}` follows it")), "{told}");
    scene.desk.ask(&["trust", identity, "--home", "alice"]);
    let (_, told) = scene.alice(&["tx", "support", "respond", "1", "--message", "M"]);
    assert!(told.contains("This home follows"), "{told}");
    let pins: Value =
        serde_json::from_slice(&fs::read(scene.home().join("alice/pins.json")).unwrap()).unwrap();
    assert_eq!(pins["followed"].as_object().unwrap().values().next().unwrap(), &Value::from(identity));
    let (_, told) = scene.alice(&["read", "1"]);
    assert!(!told.contains("follows") && !told.contains("continues"), "said once: {told}");
}

#[test]
fn a_home_that_followed_one_ledger_follows_no_other_from_there() {
    let mut scene = Scene::new();
    let first = scene.import(".sealdesk");
    scene.vote(first["identity"].as_str().unwrap(), &["admin"]);
    scene.desk.ask(&["trust", first["identity"].as_str().unwrap(), "--home", "alice"]);
    let (_, told) = scene.alice(&["inbox"]);
    assert!(told.contains("This home follows"), "{told}");
    // The same administrators vote for a second one.
    scene.other.take().unwrap().stop();
    scene.typed("mv new first");
    let second = scene.desk.ask(&["import", "desk.json", "--home", "new"]);
    scene.start("new");
    scene.desk.ask(&["trust", second["identity"].as_str().unwrap(), "--home", "new"]);
    scene.copy(".sealdesk/keyring-test", "new/keyring-test");
    scene.desk.ask(&["tx", "ledger", "continue-ledger", "--from", "admin", "--home", "new"]);
    let (message, hint) = scene.alice_fails(&["inbox"]);
    assert!(message.contains("follows another one from there"), "{message}");
    assert!(hint.contains("trusts it again"), "{hint}");
    // And what that one's own export makes is followed on.
    scene.other.take().unwrap().stop();
    scene.typed("rm -rf new");
    scene.import("first");
    let (message, _) = scene.alice_fails(&["inbox"]);
    assert!(message.contains("0 of 1 administrators voted"), "{message}");
}

#[test]
fn bug_80_ledgers_that_are_made_of_one_file_never_share_a_name() {
    let scene = Scene::new();
    scene.desk.ask(&["export", "-o", "desk.json"]);
    let file: Value = serde_json::from_slice(&fs::read(scene.home().join("desk.json")).unwrap()).unwrap();
    let (exported, old) = (file["chain_id"].as_str().unwrap(), &file["app_state"]["earlier"][0]["chain_id"]);
    let names: Vec<String> = ["one", "two"]
        .iter()
        .map(|home| {
            let made = scene.desk.ask(&["import", "desk.json", "--home", home]);
            assert_eq!(&made["continues"]["chain_id"], old);
            made["chain_id"].as_str().unwrap().to_owned()
        })
        .collect();
    assert!(names[0] != names[1] && names.iter().all(|name| name != exported && name.starts_with("desk-")));
    // A name may be wished for that neither the file nor this home knows; nothing is made for another one.
    fs::create_dir_all(scene.home().join("three")).unwrap();
    scene.copy("alice/pins.json", "three/pins.json");
    scene.copy("one/genesis.json", "known.json");
    scene.desk.ask(&["trust", "known.json", "--home", "three"]);
    for taken in [exported, old.as_str().unwrap(), &names[0]] {
        let refused = scene.desk.run(&["import", "desk.json", "--home", "three", "--chain-id", taken]);
        let told = String::from_utf8(refused.stdout).unwrap();
        assert!(refused.status.code() == Some(2) && told.contains("is the name of a ledger"), "{told}");
        assert!(!scene.home().join("three/genesis.json").exists());
    }
    let wished = scene.desk.ask(&["import", "desk.json", "--home", "three", "--chain-id", "ours-2"]);
    assert_eq!(wished["chain_id"], "ours-2");
    // So it is for a ledger of several.
    let card = scene.desk.run(&["join", "--home", "org", "--name", "org"]);
    fs::write(scene.home().join("card.json"), card.stdout).unwrap();
    let genesis = |out: &str| scene.desk.ask(&["genesis", "card.json", "--export", "desk.json", "-o", out]);
    let (first, second) = (genesis("a.json"), genesis("b.json"));
    assert!(first["chain_id"] != second["chain_id"] && first["chain_id"] != exported);
    assert_eq!(&first["continues"]["chain_id"], old);
}

#[test]
fn bug_78_a_restored_backup_brings_no_removed_administrator_back() {
    let mut desk = Session::start();
    let bob = desk.key("bob");
    desk.ask(&["keys", "register", "bob"]);
    desk.ask(&["tx", "roles", "assign-role", "bob", "administrator", "--from", "admin"]);
    desk.stop_node();
    let mut scene = Scene { desk, other: None };
    scene.copy(".sealdesk/data", "backup");
    scene.desk.start_node("127.0.0.1:0");
    scene.desk.ask(&["tx", "roles", "revoke-role", "bob", "administrator", "--yes", "--from", "admin"]);
    // Another home has seen it, too.
    fs::create_dir_all(scene.home().join("alice")).unwrap();
    scene.copy(".sealdesk/keyring-test", "alice/keyring-test");
    scene.typed("cp alice/keyring-test/bob.json alice/keyring-test/alice.json && sed -i 's/\"bob\"/\"alice\"/' alice/keyring-test/alice.json");
    scene.alice(&["inbox"]);
    scene.desk.stop_node();
    scene.copy("backup", ".sealdesk/data");

    // This home knows the later change: it is in the export.
    let exported = scene.desk.run(&["export", "-o", "known.json"]);
    let told = String::from_utf8(exported.stderr).unwrap();
    assert!(told.contains("left the administrators") && told.contains("bob"), "{told}");
    let administrators = |file: &str| {
        let text = fs::read(scene.home().join(file)).unwrap();
        let document: Value = serde_json::from_slice(&text).unwrap();
        let members = document["app_state"]["members"].as_array().unwrap().clone();
        members.iter().filter(|member| member["role"] == "administrator").count()
    };
    assert_eq!(administrators("known.json"), 1);
    // A home that knows nothing exports what is there, and one that knows it adds it again.
    fs::rename(scene.home().join(".sealdesk/pins.json"), scene.home().join("pins.json")).unwrap();
    scene.desk.ask(&["export", "-o", "desk.json"]);
    assert_eq!(administrators("desk.json"), 2);
    fs::create_dir_all(scene.home().join("knowing")).unwrap();
    scene.copy("pins.json", "knowing/pins.json");
    scene.desk.ask(&["import", "desk.json", "--home", "knowing"]);
    let begun = fs::read_to_string(scene.home().join("knowing/genesis.json")).unwrap();
    assert_eq!(begun.matches("\"administrator\"").count(), 1, "{bob}");

    // Without that, both of them vote, and who has seen the change is not led back.
    let made = scene.desk.ask(&["import", "desk.json", "--home", "new"]);
    scene.start("new");
    scene.vote(made["identity"].as_str().unwrap(), &["admin", "bob"]);
    let (message, _) = scene.alice_fails(&["inbox"]);
    assert!(message.contains("an older copy, which ends at change 1"), "{message}");
}

#[test]
fn a_clock_that_was_ahead_is_left_behind_with_a_time_of_genesis() {
    let mut scene = Scene::new();
    scene.desk.ask(&["export", "-o", "desk.json"]);
    let mut file: Value = serde_json::from_slice(&fs::read(scene.home().join("desk.json")).unwrap()).unwrap();
    let ahead = Value::from("2036-01-01T00:00:00Z");
    file["genesis_time"] = ahead.clone();
    let state = &mut file["app_state"];
    state["tickets"][1]["created_at"] = ahead.clone();
    state["tickets"][1]["updated_at"] = ahead.clone();
    state["tickets"][1]["steps"][0]["at"] = ahead.clone();
    state["customers"][0]["last_created_at"] = ahead.clone();
    state["customers"][0]["created_at"] = Value::Array(vec![ahead]);
    let text = file.to_string();
    let warned = scene.desk.run_with_input(&["import", "-", "--home", "later"], &text);
    let told = String::from_utf8(warned.stderr).unwrap();
    assert!(warned.status.success() && told.contains("--genesis-time now"), "{told}");
    for wrong in ["2099-01-01T00:00:00Z", "soon", "2026-11-21"] {
        let args = ["import", "-", "--home", "new", "--genesis-time", wrong];
        assert_eq!(scene.desk.run_with_input(&args, &text).status.code(), Some(2), "{wrong}");
    }
    let args = ["import", "-", "--home", "new", "--genesis-time", "now"];
    let made = scene.desk.run_with_input(&args, &text);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stdout));
    let begun = fs::read_to_string(scene.home().join("new/genesis.json")).unwrap();
    assert!(!begun.contains("2036-01-01"), "everything that lay ahead was set back");
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    scene.start("new");
    scene.desk.ask(&["trust", made["identity"].as_str().unwrap(), "--home", "alice"]);
    scene.alice(&["read", "2"]);
    // Cooldowns count from now on, not from 2036.
    scene.alice(&["tx", "support", "respond", "2", "--message", "still"]);
}

fn invite(scene: &Scene, more: &[&str]) -> Output {
    scene.desk.run(&[&["invite"][..], more].concat())
}

#[test]
fn the_old_home_invites_to_the_ledger_that_it_follows_and_that_is_served() {
    let mut scene = Scene::new();
    let old = scene.desk.ask(&["invite"]);
    let made = scene.import(".sealdesk");
    let identity = made["identity"].as_str().unwrap().to_owned();
    let url = scene.url();
    let json = |output: &Output| serde_json::from_slice::<Value>(&output.stdout).unwrap();
    // Nobody in this home has agreed to the other ledger yet: a line would name one and lead to the other.
    let refused = invite(&scene, &["--node", &url]);
    assert!(!refused.status.success(), "{}", json(&refused));
    assert!(
        json(&refused)["message"].as_str().unwrap().contains("serves the ledger desk-"),
        "{}",
        json(&refused)
    );
    scene.vote(&identity, &["admin"]);
    let new = json(&invite(&scene, &["--node", &url]));
    assert_eq!((&new["identity"], &new["node"]), (&made["identity"], &url.clone().into()), "{new}");
    assert!(new["line"].as_str().unwrap().contains(&identity) && new["words"] != old["words"], "{new}");
    // Codes are made where the node is, and this is its home no more.
    assert!(!invite(&scene, &["--node", &url, "--code"]).status.success());
    // The same where the node is away, once this home follows; where others reach it has to be said.
    scene.desk.ask(&["inbox", "--from", "admin", "--node", &url]);
    scene.other.take().unwrap().stop();
    let away = json(&invite(&scene, &["--url", "https://desk.example.org"]));
    assert_eq!(away["identity"], made["identity"], "{away}");
    let refused = invite(&scene, &[]);
    assert!(
        !refused.status.success() && json(&refused)["hint"].as_str().unwrap().contains("--url"),
        "{}",
        json(&refused)
    );
    // The old ledger's own node, started again, is another one than the line is about.
    scene.desk.start_node("127.0.0.1:0");
    let refused = invite(&scene, &[]);
    assert!(!refused.status.success(), "{}", json(&refused));
    assert!(
        json(&refused)["message"].as_str().unwrap().contains("the invitation would be to"),
        "{}",
        json(&refused)
    );
}
