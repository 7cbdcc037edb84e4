//! States that are silently no longer true: each makes the doctor speak, and following its hint to the letter mends it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{staffed, ticket, told, wrong};
use crate::desk::session::Session;
use crate::desk::{isolated, let_a_second_pass, program};

/// The one thing that is wrong, and the command in its hint that mends it.
fn only_wrong(desk: &Session, name: &str, words: &str) -> String {
    let wrong = wrong(desk, &[]);
    assert_eq!(wrong.len(), 1, "{wrong:#?}");
    assert_eq!(wrong[0]["name"], name, "{wrong:#?}");
    assert!(wrong[0]["detail"].as_str().unwrap().contains(words), "{wrong:#?}");
    let hint = wrong[0]["hint"].as_str().unwrap();
    let command = hint.rsplit('`').nth(1).unwrap_or_else(|| panic!("no command in {hint}"));
    command.to_owned()
}

/// Types a command as it stands, as the owner of the home.
fn type_in(desk: &Session, command: &str) {
    let mut sh = isolated(Command::new("sh"), desk.home());
    let output = sh.env("SEALDESK_KEYRING_BACKEND", "test").args(["-c", command]).output().unwrap();
    let told = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    assert!(output.status.success(), "$ {command}\n{told}");
}

fn assigned_to_bob() -> (Session, String) {
    let desk = staffed();
    let first = ticket(&desk, "alice");
    desk.ask(&["tx", "support", "assign-ticket", &first, "bob", "--from", "admin"]);
    assert_eq!(wrong(&desk, &[]), Vec::<Value>::new());
    (desk, first)
}

#[test]
fn tickets_of_whoever_cannot_act_stand_under_unassigned_and_the_hint_mends_it() {
    let acts: [(&[&str], &str); 4] = [
        (
            &["tx", "roles", "revoke-role", "bob", "support_agent", "--yes", "--from", "admin"],
            "left the staff",
        ),
        (
            &["tx", "roles", "set-account-state", "bob", "suspended", "--yes", "--from", "admin"],
            "is suspended",
        ),
        (&["keys", "revoke", "bob", "--from", "bob"], "no active key"),
        (&["keys", "register", "bob", "--rotate"], "their grant is no longer valid"),
    ];
    let (desk, first) = assigned_to_bob();
    for (number, (act, words)) in acts.into_iter().enumerate() {
        desk.ask(act);
        if number == 3 {
            // The old key of the two goes, and with it the grant that named it.
            let listed = desk.ask(&["query", "encryption", "keys", "bob", "--active-only"]);
            let old = listed["keys"][0]["key_version"].to_string();
            desk.ask(&["keys", "revoke", "bob", "--key-version", &old, "--from", "bob"]);
        }
        let (inbox, err, _) = told(&desk, &["inbox", "--from", "admin"]);
        let listed = desk.ask(&["inbox", "--from", "admin"]);
        if number < 3 {
            assert!(inbox.starts_with("Unassigned (1)\n") && inbox.contains(words), "{words}: {inbox}{err}");
            assert!(!inbox.contains("With others"), "{inbox}");
            assert_eq!(listed["stranded"][0]["ticket"]["ticket_id"], first.as_str(), "{listed}");
        } else {
            // They can act; what is new is not sealed for them.
            assert!(inbox.contains("renew-grants") && inbox.contains(&first), "{inbox}{err}");
        }
        let found = wrong(&desk, &[]);
        let mend: Vec<&Value> = found.iter().filter(|one| one["name"] == "assigned").collect();
        assert!(mend.len() == 1 && mend[0]["detail"].as_str().unwrap().contains(words), "{found:#?}");
        let hint = mend[0]["hint"].as_str().unwrap().to_owned();
        type_in(&desk, hint.rsplit('`').nth(1).unwrap());
        assert!(wrong(&desk, &[]).iter().all(|one| one["name"] != "assigned"), "{hint}");
        // Back to where it was, for the next one.
        match number {
            0 => {
                // An appointment of the second in which the last one was made could be that one.
                let_a_second_pass();
                desk.ask(&["tx", "roles", "assign-role", "bob", "support_agent", "--from", "admin"]);
            }
            1 => {
                desk.ask(&["tx", "roles", "set-account-state", "bob", "active", "--from", "admin"]);
            }
            2 => {
                desk.ask(&["keys", "register", "bob"]);
            }
            _ => return,
        }
        desk.ask(&["tx", "support", "assign-ticket", &first, "bob", "--from", "admin"]);
    }
}

#[test]
fn a_former_agent_sees_what_is_still_assigned_to_them() {
    let (desk, first) = assigned_to_bob();
    desk.ask(&["tx", "roles", "revoke-role", "bob", "support_agent", "--yes", "--from", "admin"]);
    let (inbox, _, _) = told(&desk, &["inbox", "--from", "bob"]);
    assert!(
        inbox.contains("Still assigned to you although you left the staff") && inbox.contains(&first),
        "{inbox}"
    );
}

#[test]
fn a_desk_that_lists_its_customers_and_has_none_is_locked_and_the_hint_opens_it() {
    let desk = staffed();
    desk.ask(&["tx", "support", "update-params", "--listed-customers", "true", "--from", "admin"]);
    let mend = only_wrong(&desk, "customers", "nobody is listed");
    type_in(&desk, &mend);
    assert_eq!(wrong(&desk, &[]), Vec::<Value>::new());
    ticket(&desk, "alice");
}

#[test]
fn an_administrator_without_a_key_or_old_tickets_is_named_and_the_hint_mends_it() {
    let desk = staffed();
    let first = ticket(&desk, "alice");
    desk.key("carol");
    let (out, _, _) =
        told(&desk, &["tx", "roles", "assign-role", "carol", "administrator", "--from", "admin"]);
    assert!(out.contains("keys register carol") && out.contains("grant-all carol"), "{out}");
    let second = told(
        &desk,
        &[
            "tx",
            "support",
            "create-ticket",
            "--category",
            "technical",
            "--subject",
            "S",
            "--message",
            "M",
            "--from",
            "alice",
        ],
    );
    assert!(second.0.contains("1 administrator of 2 (not carol: it is not sealed for them"), "{}", second.0);
    type_in(&desk, &only_wrong(&desk, "readers", "without an active key"));
    let mend = only_wrong(&desk, "opened", "cannot open everything of 2 tickets");
    type_in(&desk, &mend);
    assert_eq!(wrong(&desk, &[]), Vec::<Value>::new());
    desk.ask(&["read", &first, "--from", "carol"]);
}

#[test]
fn a_ticket_that_nobody_on_the_staff_can_open_is_named_and_its_customer_mends_it() {
    let desk = staffed();
    let first = ticket(&desk, "alice");
    desk.key("carol");
    desk.ask(&["keys", "register", "carol"]);
    desk.ask(&["tx", "roles", "assign-role", "carol", "administrator", "--from", "admin"]);
    desk.ask(&["tx", "roles", "revoke-role", "admin", "administrator", "--yes", "--from", "admin"]);
    let mend = only_wrong(&desk, "opened", "nobody on the staff can open");
    type_in(&desk, &mend);
    assert_eq!(wrong(&desk, &[]), Vec::<Value>::new());
    desk.ask(&["read", &first, "--from", "carol"]);
}

#[test]
fn a_suspended_account_of_this_home_is_named_and_the_hint_restores_it() {
    let desk = staffed();
    desk.ask(&["tx", "roles", "set-account-state", "alice", "suspended", "--from", "admin"]);
    let mend = only_wrong(&desk, "account", "alice is suspended");
    type_in(&desk, &format!("{mend} --from admin"));
    assert_eq!(wrong(&desk, &[]), Vec::<Value>::new());
}

#[test]
fn a_ledger_that_is_ahead_of_the_clock_is_said_at_the_start_and_by_the_doctor() {
    let mut desk = Session::idle();
    desk.ask(&["init"]);
    let genesis = desk.home().join(".sealdesk/genesis.json");
    let mut document: Value = serde_json::from_slice(&fs::read(&genesis).unwrap()).unwrap();
    document["genesis_time"] = "2096-01-01T00:00:00Z".into();
    fs::write(&genesis, document.to_string()).unwrap();
    let log = desk.home().join("log");
    let (file, mut start) = (fs::File::create(&log).unwrap(), desk.command(&["start"]));
    start.stderr(file);
    let node = crate::desk::node::Node::start(start);
    let said = fs::read_to_string(&log).unwrap();
    assert!(
        said.contains("2096-01-01") && said.contains("stand still") && said.contains("--genesis-time"),
        "{said}"
    );
    let clock = |found: Vec<Value>| found.into_iter().find(|one| one["name"] == "clock").unwrap();
    let found = clock(wrong(&desk, &[]));
    assert!(found["hint"].as_str().unwrap().contains("sealdesk export"), "{found}");
    node.stop();
    assert!(clock(wrong(&desk, &[]))["detail"].as_str().unwrap().contains("2096"));
    desk.start_node("127.0.0.1:0");
}

/// Secret files that a home may have, under names that the program gives or others.
const PLANTED: [&str; 16] = [
    "admin.recovery-phrase",
    "keyring.passphrase",
    "keyring-test/admin.old.json",
    "keyring-test/admin.json.bak",
    "keyring-file/other.json",
    "comet/config/priv_validator_key.json",
    "comet/config/node_key.json",
    "home.tar",
    "validator_key.json~",
    "keyring-file.bak/admin.json",
    "keyring.passphrase.2026",
    "backup/old/validator_key.json",
    "validator_key.json.1",
    "comet/config/node_key.json.1",
    "vk copy.json",
    "phrase.txt",
];

/// Puts them there, and some that nobody could open anything with.
fn plant(desk: &Session, home: &Path) {
    let phrase = desk.ask(&["keys", "export", "admin", "--yes"])["recovery_phrase"].clone();
    let key = fs::read_to_string(home.join("validator_key.json")).unwrap();
    for name in PLANTED {
        let holds = match name {
            "vk copy.json" => key.as_str(),
            "phrase.txt" => phrase.as_str().unwrap(),
            _ => "x",
        };
        fs::create_dir_all(home.join(name).parent().unwrap()).unwrap();
        fs::write(home.join(name), holds).unwrap();
        fs::set_permissions(home.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    fs::write(
        home.join("notes.txt"),
        "what to do on the desk on any day, and whom to ask where it is not clear",
    )
    .unwrap();
    fs::write(home.join("backup/genesis.json"), "{}").unwrap();
}

#[test]
fn the_doctor_names_every_secret_file_with_its_mode_and_what_it_opens() {
    let desk = Session::start();
    let home = desk.home().join(".sealdesk");
    fs::create_dir_all(home.join("comet/config")).unwrap();
    fs::create_dir_all(home.join("keyring-file")).unwrap();
    fs::set_permissions(home.join("keyring-file"), fs::Permissions::from_mode(0o700)).unwrap();
    plant(&desk, &home);
    let elsewhere = desk.home().join("passphrase");
    fs::write(&elsewhere, "correct horse\n").unwrap();
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o644)).unwrap();
    let doctor = |env: bool| {
        let mut command = desk.command(&["doctor", "--output", "json"]);
        if env {
            command.env("SEALDESK_PASSPHRASE_FILE", &elsewhere);
        }
        let output = command.output().unwrap();
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        found["checks"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["name"] == "secret")
            .cloned()
            .collect::<Vec<_>>()
    };
    let found = doctor(true);
    let own = ["keyring-test/admin.json", "pins.json", "validator_key.json"];
    for name in PLANTED.iter().chain(&own) {
        let is_it = |one: &&Value| {
            one["detail"].as_str().unwrap().contains(&format!(".sealdesk/{name} (0600) opens "))
        };
        assert_eq!(found.iter().filter(is_it).count(), 1, "{name}: {found:#?}");
    }
    assert_eq!(found.len(), PLANTED.len() + own.len() + 1, "{found:#?}");
    // One that others can read is wrong, and the hint closes it.
    let open: Vec<&Value> = found.iter().filter(|one| one["ok"] == false).collect();
    assert!(open.len() == 1 && open[0]["detail"].as_str().unwrap().contains("(0644)"), "{open:#?}");
    let hint = open[0]["hint"].as_str().unwrap().to_owned();
    type_in(&desk, hint.rsplit('`').nth(1).unwrap());
    assert!(doctor(true).iter().all(|one| one["ok"] == true));
    assert_eq!(doctor(false).len(), found.len() - 1);
    assert!(program().exists());
}
