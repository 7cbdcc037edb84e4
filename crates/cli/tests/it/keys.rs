//! Keys of a home: another name, another passphrase, and the last one of the administrators; and what became of a transaction.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::desk::session::Session;
use crate::desk::{isolated, program};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn with_passphrase(home: &Path, file: &str, args: &[&str]) -> Output {
    let mut command = isolated(Command::new(program()), home);
    command.env("SEALDESK_PASSPHRASE_FILE", home.join(file));
    command.args(["--keyring-backend", "file"]).args(args).output().unwrap()
}

#[test]
fn all_keys_of_a_home_get_another_passphrase_and_the_old_one_opens_none() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("old"), "correct horse\n").unwrap();
    fs::write(home.path().join("new"), "another horse\n").unwrap();
    let run = |file: &str, args: &[&str]| with_passphrase(home.path(), file, args);
    let none = run("old", &["keys", "passphrase", "--new-passphrase-file", "new"]);
    assert!(!none.status.success() && text(&none.stderr).contains("no key"), "{}", text(&none.stderr));
    for name in ["alice", "bob"] {
        assert!(run("old", &["keys", "add", name]).status.success());
    }
    let new = home.path().join("new");
    let change = ["keys", "passphrase", "--new-passphrase-file", new.to_str().unwrap()];
    let changed = run("old", &change);
    assert!(changed.status.success(), "{}", text(&changed.stderr));
    assert!(
        text(&changed.stdout).contains("2 keys are now opened by the new passphrase"),
        "{}",
        text(&changed.stdout)
    );
    assert!(text(&changed.stderr).contains("still holds the old passphrase"), "{}", text(&changed.stderr));
    for name in ["alice", "bob"] {
        assert!(!run("old", &["keys", "export", name, "--yes"]).status.success());
        assert!(run("new", &["keys", "export", name, "--yes"]).status.success());
    }
}

#[test]
fn a_key_gets_another_name_on_this_home_alone() {
    let desk = Session::start();
    desk.key("alice");
    let before = desk.ask(&["keys", "show", "alice"]);
    let renamed = desk.ask(&["keys", "rename", "alice", "alice2"]);
    assert_eq!((renamed["renamed"].as_str(), renamed["name"].as_str()), (Some("alice"), Some("alice2")));
    assert_eq!(desk.ask(&["keys", "show", "alice2"])["address"], before["address"]);
    let gone = desk.run(&["keys", "show", "alice"]);
    assert!(text(&gone.stdout).contains("no key named alice"), "{}", text(&gone.stdout));
    let taken = desk.run(&["keys", "rename", "alice2", "admin"]);
    assert!(text(&taken.stdout).contains("a key named admin already"), "{}", text(&taken.stdout));
}

#[test]
fn what_became_of_a_transaction_is_found_by_its_hash() {
    let desk = Session::start();
    desk.key("alice");
    let create = ["--category", "technical", "--subject", "S", "--message", "M", "--from", "alice"];
    let made = desk.ask(&[&["tx", "support", "create-ticket"][..], &create].concat());
    let hash = made["txhash"].as_str().unwrap();
    let found = desk.ask(&["query", "tx", &format!("0x{}", hash.to_lowercase())]);
    assert_eq!((found["code"].as_u64(), &found["height"]), (Some(0), &made["height"]));
    let unknown = desk.run(&["query", "tx", &"0".repeat(64)]);
    assert!(
        !unknown.status.success() && text(&unknown.stdout).contains("no block"),
        "{}",
        text(&unknown.stdout)
    );
    assert_eq!(desk.run(&["query", "tx", "12"]).status.code(), Some(2));
}

#[test]
fn the_last_key_of_the_administrators_is_not_revoked_without_asking() {
    let desk = Session::start();
    desk.ask(&["keys", "register", "admin"]);
    let refused = desk.run(&["keys", "revoke", "admin"]);
    let told = text(&refused.stdout);
    assert!(refused.status.code() == Some(2) && told.contains("the last key of any administrator"), "{told}");
    assert!(desk.run(&["keys", "revoke", "admin", "--yes"]).status.success());
}
