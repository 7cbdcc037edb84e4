//! Passphrases that are mistyped at a terminal, and a home that is unlocked for as long as one lives.

use std::fs;
use std::path::Path;

use super::Person;
use crate::desk::{isolated, program, wait_until};

const QUESTION: &str = "Passphrase of the keyring";

fn with_key(home: &Path) {
    let added = Person::types(home, "sealdesk keys add alice")
        .answers_unseen("New passphrase", "correct horse\n")
        .answers_unseen("The same again", "correct horse\n");
    assert_eq!(added.reads().1, 0);
}

#[test]
fn a_passphrase_may_be_mistyped_twice_and_a_new_one_too() {
    let home = tempfile::tempdir().unwrap();
    // No word of a recovery phrase, which may be shown beside it.
    let person = Person::types(home.path(), "sealdesk keys add alice")
        .answers_unseen("New passphrase", "short\n")
        .answers_unseen("two tries are left\r\nNew passphrase", "quince marmalade\n")
        .answers_unseen("The same again", "quince marmelade\n")
        .answers_unseen("one try is left\r\nNew passphrase", "quince marmalade\n")
        .answers_unseen("The same again", "quince marmalade\n");
    let (shown, code) = person.reads();
    assert!(code == 0 && !shown.contains("marm"), "{shown}");
    let person = Person::types(home.path(), "sealdesk keys export alice --yes")
        .answers_unseen(QUESTION, "wrong marmalade\n")
        .answers_unseen("two tries are left", "wrong\x1b[A\n")
        .answers_unseen("one try is left", "quince marmalade\n");
    let (shown, code) = person.reads();
    assert!(code == 0 && shown.split_whitespace().count() >= 24 && !shown.contains("marm"), "{shown}");
    let person = Person::types(home.path(), "sealdesk keys export alice --yes")
        .answers_unseen(QUESTION, "wrong marmalade\n")
        .answers_unseen("two tries are left", "wrong marmalade\n")
        .answers_unseen("one try is left", "wrong marmalade\n");
    let (shown, code) = person.reads();
    assert!(code == 1 && shown.contains("does not open alice") && !shown.contains("left"), "{shown}");
}

#[test]
fn nothing_typed_at_a_question_that_failed_reaches_the_shell() {
    let home = tempfile::tempdir().unwrap();
    with_key(home.path());
    let line = "sealdesk keys export alice --yes; echo \"ended with $?\"; read line; echo \"got <$line>\"";
    let mut person = Person::types(home.path(), line)
        .answers_unseen(QUESTION, "wrong horse\n")
        .answers_unseen("two tries are left", "wrong horse\n")
        // Whoever does not see that it failed types it once more, and some of it twice.
        .answers_unseen("one try is left", "wrong horse\ncorrect horse\ncorrect ho");
    person.sees("ended with 1");
    let (shown, code) = person.answers("", "hello\n").reads();
    assert!(code == 0 && shown.contains("got <hello>"), "{shown}");
    // What is typed ahead of the next command after a right one is that command's.
    let line = "sealdesk keys export alice --yes; read line; echo \"got <$line>\"";
    let person = Person::types(home.path(), line).answers_unseen(QUESTION, "correct horse\nls\n");
    let (shown, code) = person.reads();
    assert!(code == 0 && shown.contains("got <ls>"), "{shown}");
}

#[test]
fn what_was_read_from_standard_input_outlives_any_number_of_mistakes() {
    let home = tempfile::tempdir().unwrap();
    with_key(home.path());
    let mut export = isolated(std::process::Command::new(program()), home.path());
    fs::write(home.path().join("passphrase"), "correct horse\n").unwrap();
    export.env("SEALDESK_PASSPHRASE_FILE", home.path().join("passphrase"));
    let phrase = export.args(["keys", "export", "alice", "--yes"]).output().unwrap().stdout;
    fs::write(home.path().join("phrase"), phrase).unwrap();
    let mut person = Person::types(home.path(), "cat phrase | sealdesk keys import again");
    for _ in 0..4 {
        person = person.answers_unseen(QUESTION, "wrong horse\n");
        person.sees("Ctrl-C gives up");
    }
    let (shown, code) = person.answers_unseen(QUESTION, "correct horse\n").reads();
    assert!(code == 0 && shown.contains("again  virtengine1"), "{shown}");
    let gives_up = Person::types(home.path(), "cat phrase | sealdesk keys import third")
        .answers_unseen(QUESTION, "wrong horse\n")
        .answers_unseen("Ctrl-C gives up", "\x04");
    assert_eq!(gives_up.reads().1, 1);
}

#[test]
fn a_home_is_unlocked_from_every_terminal_until_its_own_is_closed() {
    let home = tempfile::tempdir().unwrap();
    with_key(home.path());
    let mut person = Person::types(home.path(), "sealdesk unlock --for 1h; read line")
        .answers_unseen(QUESTION, "correct horse\n");
    person.sees("until this terminal is closed");
    let doctor = isolated(std::process::Command::new(program()), home.path()).arg("doctor").output().unwrap();
    let told = String::from_utf8(doctor.stdout).unwrap();
    let process = told.split("(process ").nth(1).unwrap().split(')').next().unwrap().to_owned();
    // No question is asked here: a new key comes under what is held.
    let (shown, code) = Person::types(home.path(), "sealdesk keys add bob").reads();
    assert!(code == 0 && shown.contains("Recovery phrase") && !shown.contains("assphrase of"), "{shown}");
    // Ctrl-C at the terminal is none of the agent's business.
    let stat = |process: &str| fs::read_to_string(format!("/proc/{process}/stat"));
    assert!(stat(&process).is_ok());
    assert_eq!(person.answers("", "\n").reads().1, 0);
    wait_until("the agent to end with its terminal", || {
        stat(&process).map_or(true, |stat| stat.contains(") Z"))
    });
    let (shown, code) = Person::types(home.path(), "sealdesk keys add carol")
        .answers_unseen(QUESTION, "correct horse\n")
        .reads();
    assert!(code == 0 && shown.contains("Recovery phrase"), "{shown}");
}
