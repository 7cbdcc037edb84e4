//! However a question for a passphrase ends, the terminal shows afterwards what is typed.

use std::fs;
use std::process::Command;

use super::{Person, first_child};
use crate::desk::{wait_for, wait_until};

/// What `stty` says of a terminal that shows what is typed, takes lines, and makes signals of keys.
#[track_caller]
fn is_as_before(shown: &str) {
    let modes: Vec<&str> = shown.split_whitespace().collect();
    for mode in ["echo", "icanon", "isig"] {
        assert!(modes.contains(&mode) && !modes.contains(&format!("-{mode}").as_str()), "{mode}: {shown}");
    }
}

/// The program that the shell of the terminal runs.
fn program(person: &Person) -> u32 {
    let shell = first_child(person.child.id()).unwrap();
    first_child(shell).unwrap()
}

fn send(signal: &str, process: u32) {
    let sent = Command::new("kill").args(["-s", signal, &process.to_string()]).status();
    assert!(sent.unwrap().success());
}

#[test]
fn a_question_that_a_signal_ends_leaves_the_terminal_as_it_was() {
    for (signal, number) in [("HUP", 1), ("INT", 2), ("TERM", 15)] {
        let home = tempfile::tempdir().unwrap();
        let line = "trap : INT; sealdesk keys add alice; echo \"ended with $?\"; stty -a";
        let mut person = Person::types(home.path(), line);
        person.is_asked_unseen("New passphrase");
        send(signal, program(&person));
        let (shown, code) = person.reads();
        assert_eq!(code, 0, "{shown}");
        // It ends by the signal, so that whatever started it sees that.
        assert!(shown.contains(&format!("ended with {}", 128 + number)), "{signal}: {shown}");
        is_as_before(&shown);
        assert!(!home.path().join(".sealdesk/keyring-file/alice.json").exists());
    }
}

#[test]
fn ctrl_c_at_a_passphrase_leaves_the_terminal_as_it_was() {
    for line in ["sealdesk keys add alice", "sealdesk start"] {
        let home = tempfile::tempdir().unwrap();
        let mut person =
            Person::types(home.path(), &format!("trap : INT; {line}; echo \"ended with $?\"; stty -a"));
        person.is_asked_unseen("New passphrase");
        let (shown, code) = person.answers("New passphrase", "half a phrase\x03").reads();
        assert_eq!(code, 0, "{shown}");
        assert!(shown.contains("ended with 130") && !shown.contains("half"), "{line}: {shown}");
        is_as_before(&shown);
        // Nothing was begun.
        assert!(!home.path().join(".sealdesk/genesis.json").exists(), "{line}");
    }
}

#[test]
fn ctrl_z_at_a_passphrase_shows_what_is_typed_until_the_question_is_back() {
    let home = tempfile::tempdir().unwrap();
    let line = "set -m; sealdesk keys add alice; echo \"stopped with $?\"; stty -a; echo so far; fg; echo \"ended with $?\"; stty -a";
    let mut person = Person::types(home.path(), line);
    person.is_asked_unseen("New passphrase");
    let mut person = person.answers("New passphrase", "half a phrase\x1a");
    person.sees("so far");
    let (shown, rest) = person.seen.split_once("so far").unwrap();
    assert!(shown.contains("stopped with ") && !shown.contains("half"), "{shown}");
    is_as_before(shown);
    person.seen = rest.to_owned();
    // What was typed before is gone, as the terminal has it. These are no words of the recovery phrase, which is shown afterwards.
    let person = person
        .answers_unseen("New passphrase", "quince marmalade\n")
        .answers_unseen("The same again", "quince marmalade\n");
    let (shown, code) = person.reads();
    assert!(code == 0 && shown.contains("ended with 0") && !shown.contains("marm"), "{shown}");
    is_as_before(&shown);
}

#[test]
fn a_signal_after_a_question_does_what_it_does_without_one() {
    let home = tempfile::tempdir().unwrap();
    let person = Person::types(home.path(), "sealdesk keys add alice")
        .answers_unseen("New passphrase", "correct horse\n")
        .answers_unseen("The same again", "correct horse\n");
    assert_eq!(person.reads().1, 0);
    // The wait for a node is given up by Ctrl-C, also after a passphrase was asked for.
    let respond = "sealdesk tx support respond 1 --message M --from alice --node http://127.0.0.1:1";
    let line = format!("trap : INT; {respond}; echo \"ended with $?\"");
    let person =
        Person::types(home.path(), &line).answers_unseen("Passphrase of the keyring", "correct horse\n");
    wait_until("the end of the question", || !person.is_silent());
    let (shown, code) = person.answers("", "\x03").reads();
    assert!(code == 0 && shown.contains("ended with 130"), "{shown}");
}

#[test]
fn a_signal_that_is_to_be_ignored_stays_ignored_at_a_question() {
    let home = tempfile::tempdir().unwrap();
    let line = "trap '' HUP; sealdesk keys add alice; echo \"ended with $?\"";
    let mut person = Person::types(home.path(), line);
    person.is_asked_unseen("New passphrase");
    send("HUP", program(&person));
    let person = person
        .answers_unseen("New passphrase", "correct horse\n")
        .answers_unseen("The same again", "correct horse\n");
    let (shown, code) = person.reads();
    assert!(code == 0 && shown.contains("ended with 0"), "{shown}");
}

#[test]
fn keys_that_type_no_text_are_refused_and_an_empty_end_is_not_a_passphrase() {
    let home = tempfile::tempdir().unwrap();
    for (typed, says) in [("wrong\x1b[A\n", "types no text"), ("\x04", "nothing was typed")] {
        let mut person = Person::types(home.path(), "sealdesk keys add alice");
        for left in ["New passphrase", "two tries are left", "one try is left"] {
            person = person.answers_unseen(left, typed);
            if typed == "\x04" {
                break;
            }
        }
        let (shown, code) = person.reads();
        assert!(code == 1 && shown.contains(says), "{shown}");
    }
}

#[test]
fn a_desk_that_outlived_its_terminal_reads_its_files_again_and_does_not_end() {
    let home = tempfile::tempdir().unwrap();
    let log = home.path().join("log");
    let said = |words: &str| {
        wait_for(words, || {
            let log = fs::read_to_string(&log).unwrap_or_default();
            if log.contains(words) { Ok(()) } else { Err(log) }
        });
    };
    // No signal comes with the end of a terminal that is not the one of its session.
    let mut person =
        Person::types(home.path(), "exec setsid --wait sealdesk start --keyring-backend test 2> log");
    person.sees("Stop with Ctrl-C.");
    let desk = first_child(first_child(person.child.id()).unwrap()).unwrap();
    person.child.kill().unwrap();
    said("The terminal is gone, and the desk keeps running");
    send("HUP", desk);
    said("There is nothing to read again");
    let address = home.path().join(".sealdesk/node.address");
    assert!(address.exists(), "it keeps running");
    send("TERM", desk);
    wait_until("the desk to end", || !address.exists());
}

#[test]
fn a_desk_whose_terminal_is_closed_ends_well_and_does_not_end_by_a_hangup_before() {
    let home = tempfile::tempdir().unwrap();
    let mut person = Person::types(home.path(), "exec sealdesk start")
        .answers_unseen("New passphrase", "correct horse\n")
        .answers_unseen("The same again", "correct horse\n");
    person.sees("Stop with Ctrl-C.");
    let address = home.path().join(".sealdesk/node.address");
    let desk = first_child(person.child.id()).unwrap();
    // The passphrase was asked for by this very process, which took the signals then.
    send("HUP", desk);
    person.sees("There is nothing to read again");
    assert!(address.exists(), "it goes on");
    person.child.kill().unwrap();
    wait_until("the desk to end with its terminal", || !address.exists());
}
