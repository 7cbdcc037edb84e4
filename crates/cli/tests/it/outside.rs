//! What comes from outside: variables that say nothing, texts and ids as people write and paste them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::desk::session::{CREATE_TICKET, Session};
use crate::desk::{isolated, program};

/// Every variable that names a setting.
const VARIABLES: [&str; 16] = [
    "SEALDESK_HOME",
    "SEALDESK_NODE",
    "SEALDESK_CHAIN_ID",
    "SEALDESK_FROM",
    "SEALDESK_KEYRING_BACKEND",
    "SEALDESK_OUTPUT",
    "SEALDESK_LEDGER",
    "SEALDESK_CONTRACT",
    "SEALDESK_NETWORK",
    "SEALDESK_FEE_MAX",
    "SEALDESK_PATIENCE",
    "SEALDESK_KEEP_BLOCKS",
    "SEALDESK_LISTEN",
    "SEALDESK_METRICS",
    "SEALDESK_COMETBFT",
    "SEALDESK_PASSPHRASE_FILE",
];

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// How many characters fit, as an error says it.
fn most(told: &str) -> usize {
    let number = told.split("at most ").nth(1).and_then(|rest| rest.split(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no number: {told}"))
}

fn run(home: &Path, args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = isolated(Command::new(program()), home);
    command.args(args).envs(variables.iter().copied()).output().unwrap()
}

#[test]
fn bug_99_a_variable_that_is_set_to_nothing_is_not_set() {
    let home = tempfile::tempdir().unwrap();
    assert!(run(home.path(), &["keys", "add", "alice", "--keyring-backend", "test"], &[]).status.success());
    let commands: [&[&str]; 4] = [
        &["version"],
        &["keys", "list", "--keyring-backend", "test"],
        &["keys", "show", "alice", "-a", "--keyring-backend", "test"],
        &["start", "--help"],
    ];
    for command in commands {
        let plain = run(home.path(), command, &[]);
        assert!(plain.status.success(), "{command:?}: {}", text(&plain.stderr));
        for variable in VARIABLES {
            let empty = run(home.path(), command, &[(variable, "")]);
            assert!(empty.status.success(), "{command:?} with {variable}: {}", text(&empty.stderr));
            // Help names each variable that is looked at, and an empty one is not.
            let same = command.contains(&"--help") || empty.stdout == plain.stdout;
            assert!(same, "{command:?} with {variable}: {}", text(&empty.stdout));
        }
        let all: Vec<(&str, &str)> = VARIABLES.iter().map(|variable| (*variable, "")).collect();
        assert!(run(home.path(), command, &all).status.success(), "{command:?} with all of them");
    }
    // The same in the file of settings, and an option that is given nothing is told so.
    fs::write(home.path().join(".sealdesk/client.toml"), "\u{feff}from = \"\"\r\nnode = \"\"\r\n").unwrap();
    assert!(run(home.path(), commands[1], &[]).status.success());
    let refused = run(home.path(), &["inbox", "--from", ""], &[]);
    assert!(refused.status.code() == Some(2) && text(&refused.stderr).contains("--from"));
}

#[test]
fn an_error_about_a_value_names_the_variable_that_it_came_from() {
    let home = tempfile::tempdir().unwrap();
    let wrong: [(&[&str], &str, &str); 9] = [
        (&["version"], "SEALDESK_OUTPUT", "yaml"),
        (&["version"], "SEALDESK_PATIENCE", "soon"),
        (&["version"], "SEALDESK_LEDGER", "paper"),
        (&["version"], "SEALDESK_KEYRING_BACKEND", "safe"),
        (&["start"], "SEALDESK_METRICS", "here"),
        (&["status", "--patience", "1"], "SEALDESK_NODE", "http://127.0.0.1:1"),
        (&["status", "--patience", "1"], "SEALDESK_NODE", "nonsense"),
        (&["keys", "list"], "SEALDESK_FROM", " "),
        (&["inbox", "--keyring-backend", "test"], "SEALDESK_FROM", "nobody"),
    ];
    for (command, variable, value) in wrong {
        let refused = run(home.path(), command, &[(variable, value)]);
        let told = text(&refused.stderr);
        assert!(
            !refused.status.success() && told.contains(variable),
            "{command:?} {variable}={value}: {told}"
        );
    }
    let missing = [("SEALDESK_PASSPHRASE_FILE", "/nonexistent/passphrase")];
    let told = text(&run(home.path(), &["keys", "add", "alice"], &missing).stderr);
    assert!(told.contains("SEALDESK_PASSPHRASE_FILE"), "{told}");
    // An option in the command line is not blamed on a variable.
    let both = run(home.path(), &["version", "--output", "yaml"], &[("SEALDESK_OUTPUT", "json")]);
    assert!(!text(&both.stderr).contains("SEALDESK_OUTPUT"), "{}", text(&both.stderr));
}

#[test]
fn a_message_is_the_same_from_every_editor_and_begins_with_its_subject() {
    let desk = Session::start();
    let write = |name: &str, bytes: &str| fs::write(desk.home().join(name), bytes).unwrap();
    // Each ticket is of a customer of its own: the desk lets nobody write two at once.
    let create = |from: &str, args: &[&str]| {
        desk.key(from);
        let begin = ["tx", "support", "create-ticket", "--category", "technical", "--from", from];
        desk.ask(&[&begin, args].concat())["ticket_id"].as_str().unwrap().to_owned()
    };
    let first = |from: &str, ticket: &str| {
        let read = desk.ask(&["read", ticket, "--from", from]);
        let message = &read["messages"][0];
        (message["subject"].as_str().unwrap().to_owned(), message["text"].as_str().unwrap().to_owned())
    };
    let forms = [
        ("It does not start\n\nSince this morning.\nReally.\n", "unix"),
        ("\u{feff}It does not start\r\n\r\nSince this morning.\r\nReally.\r\n", "windows"),
    ];
    for (bytes, name) in forms {
        write(name, bytes);
        let ticket = create(name, &["--message-file", name]);
        let expected = ("It does not start".to_owned(), "Since this morning.\nReally.".to_owned());
        assert_eq!(first(name, &ticket), expected, "{name}");
    }
    write("subject", "\u{feff}A subject\r\n");
    let ticket = create("alice", &["--subject-file", "subject", "--message", "- a list\n- of two"]);
    assert_eq!(first("alice", &ticket), ("A subject".to_owned(), "- a list\n- of two".to_owned()));
    // Ids as people paste them.
    for pasted in ["#3", "tkt-3", "TKT-3 ", "3", "TKT3"] {
        let read = desk.ask(&["read", pasted, "--from", "alice"]);
        assert_eq!(read["ticket"]["ticket_id"], "TKT-00000003", "{pasted}");
    }
    // Texts that begin with a hyphen.
    desk.ask(&["tx", "support", "respond", "3", "--message", "-1 for this", "--from", "alice"]);
    desk.ask(&["tx", "support", "close-ticket", "3", "--reason", "-", "--from", "alice"]);
    // A subject of two lines is refused before anything is sent, and what is too long says how much fits.
    let refused = |args: &[&str]| {
        let output = desk.run(
            &[&["tx", "support", "create-ticket", "--category", "technical", "--from", "alice"], args]
                .concat(),
        );
        assert!(!output.status.success());
        text(&output.stdout)
    };
    let forged = refused(&["--subject", "S\nadmin, staff", "--message", "M"]);
    assert!(forged.contains("one line"), "{forged}");
    // A subject that leaves no room is what has to be shortened, and not the message.
    let told = refused(&["--subject", &"s".repeat(70_000), "--message", "M"]);
    assert!(told.contains("the subject is too long") && told.contains("shorten the subject"), "{told}");
    write("long", &"é".repeat(70_000));
    let fits = most(&refused(&["--subject", "S", "--message-file", "long"]));
    write("fits", &"é".repeat(fits));
    create("bob", &["--subject", "S", "--message-file", "fits"]);
    // What was sealed before it was found too long says it to the character.
    write("over", &"é".repeat(32_500));
    let fits = most(&refused(&["--subject", "S", "--message-file", "over"]));
    write("over", &"é".repeat(fits + 1));
    assert_eq!(most(&refused(&["--subject", "S", "--message-file", "over"])), fits);
    write("fits", &"é".repeat(fits));
    create("carol", &["--subject", "S", "--message-file", "fits"]);
}

#[test]
fn a_message_may_begin_with_hyphens_and_a_mistyped_option_is_not_one() {
    let desk = Session::start();
    desk.key("alice");
    desk.ask(&CREATE_TICKET);
    for written in ["- list item", "-x", "-- \nalice", "-1"] {
        desk.ask(&["reply", "1", written, "--from", "alice"]);
        let read = desk.ask(&["read", "1", "--from", "alice"]);
        assert_eq!(read["messages"].as_array().unwrap().last().unwrap()["text"], written);
    }
    let mistyped = desk.run(&["reply", "1", "--intrenal", "--from", "alice"]);
    let told = text(&mistyped.stdout);
    assert!(mistyped.status.code() == Some(2) && told.contains("not an option"), "{told}");
    let meant = desk.command(&["reply", "1", "--from", "alice", "--", "--intrenal"]).output().unwrap();
    assert!(meant.status.success(), "{}", text(&meant.stderr));
}

#[test]
fn a_phrase_a_passphrase_and_a_genesis_are_taken_as_other_systems_write_them() {
    let mut desk = Session::start();
    let exported =
        desk.ask(&["keys", "export", "admin", "--yes"])["recovery_phrase"].as_str().unwrap().to_owned();
    let typed = format!("\u{feff}{}\r\n", exported.replace(' ', "\r\n"));
    let imported = desk.run_with_input(&["keys", "import", "again"], &typed);
    assert!(imported.status.success(), "{}", text(&imported.stdout));
    desk.stop_node();
    let genesis = text(&desk.command(&["export"]).output().unwrap().stdout);
    let home = tempfile::tempdir().unwrap();
    let mut command = isolated(Command::new(program()), home.path());
    command.args(["import", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let windows = format!("\u{feff}{}", genesis.replace('\n', "\r\n"));
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), windows.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    // A passphrase with a mark before it and a Windows line end after it opens what the plain one closed.
    let file = home.path().join("passphrase");
    let variables = [("SEALDESK_PASSPHRASE_FILE", file.to_str().unwrap())];
    fs::write(&file, "correct horse\n").unwrap();
    assert!(run(home.path(), &["keys", "add", "bob"], &variables).status.success());
    fs::write(&file, "\u{feff}correct horse\r\n").unwrap();
    let opened = run(home.path(), &["keys", "export", "bob", "--yes"], &variables);
    assert!(opened.status.success(), "{}", text(&opened.stderr));
}

#[test]
fn a_mark_that_an_editor_put_before_a_document_is_not_a_part_of_it() {
    let mut desk = Session::start();
    desk.key("alice");
    desk.ask(&CREATE_TICKET);
    let home = desk.home().to_owned();
    desk.ask(&["receipt", "1", "-o", "receipt"]);
    desk.ask(&["disclose", "1", "1", "-o", "message.json", "--from", "alice"]);
    let identity = desk.ask(&["status"])["identity"].clone();
    let marked = |path: &Path, lines: &str| {
        let bytes = fs::read(path).unwrap();
        let bytes = match lines {
            "binary" => bytes,
            lines => text(&bytes).replace('\n', lines).into_bytes(),
        };
        fs::write(path, [&[0xef, 0xbb, 0xbf], &bytes[..]].concat()).unwrap();
    };
    let genesis = home.join(".sealdesk/genesis.json");
    desk.stop_node();
    marked(&genesis, "\r\n");
    marked(&home.join("message.json"), "\r\n");
    marked(&home.join("receipt"), "binary");
    let other = Session::idle();
    assert_eq!(other.ask(&["trust", genesis.to_str().unwrap()])["identity"], identity);
    let names = ["receipt", "message.json"].map(|name| home.join(name).to_str().unwrap().to_owned());
    let genesis = genesis.to_str().unwrap();
    let verified = other.ask(&["verify", &names[0], "--genesis", genesis, "--disclosure", &names[1]]);
    assert_eq!(verified["ticket"]["ticket_id"], "TKT-00000001", "{verified}");
    fs::write(other.home().join("cases.json"), "\u{feff}{\"identities\":[]}").unwrap();
    other.ask(&["envelope", "check", "cases.json"]);
    let settings = other.home().join(".sealdesk/client.toml");
    fs::write(&settings, "\u{feff}utc = true\r\n").unwrap();
    other.ask(&["config", "set", "patience", "5"]);
    assert_eq!(other.ask(&["config", "get", "utc"])["value"], "true");
    fs::write(home.join(".sealdesk/config.toml"), "\u{feff}page_cache = 64\r\n").unwrap();
    desk.start_node("127.0.0.1:0");
    assert_eq!(desk.ask(&["status"])["identity"], identity);
}

#[test]
fn bug_102_what_was_written_is_no_failure_because_its_answer_cannot_be_printed() {
    let desk = Session::start();
    desk.key("alice");
    let create =
        ["tx", "support", "create-ticket", "--category", "technical", "--subject", "S", "--message", "M"];
    let respond = ["tx", "support", "respond", "1", "--message", "M"];
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for (written, format, what) in [(&create[..], "text", "TKT-00000001"), (&respond, "json", "your reply")] {
        let mut command = desk.command(written);
        command.args(["--from", "alice", "--output", format]).stdout(full()).stderr(Stdio::piped());
        let output = command.spawn().unwrap().wait_with_output().unwrap();
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{told}");
        assert!(told.contains("The ledger has it") && told.contains(what), "{told}");
    }
    assert_eq!(desk.ask(&["read", "1", "--from", "alice"])["messages"].as_array().unwrap().len(), 2);
    // What only asks fails where nobody hears the answer.
    let asked = desk.command(&["status"]).stdout(full()).stderr(Stdio::piped()).spawn().unwrap();
    assert_eq!(asked.wait_with_output().unwrap().status.code(), Some(1));
}

#[test]
fn a_reader_that_leaves_early_does_not_change_the_verdict() {
    let home = tempfile::tempdir().unwrap();
    let cases = home.path().join("cases.json");
    let phrase =
        "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
    let identity = serde_json::json!({ "mnemonic": phrase, "account": 0, "address": "nobody's" });
    fs::write(&cases, serde_json::json!({ "identities": [identity] }).to_string()).unwrap();
    let check = ["envelope", "check", cases.to_str().unwrap()];
    assert_eq!(
        run(home.path(), &check, &[]).status.code(),
        Some(1),
        "{}",
        text(&run(home.path(), &check, &[]).stdout)
    );
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_sealdesk"));
    let left = command.args(check).env("SEALDESK_HOME", home.path()).stdout(writer).status().unwrap();
    assert_eq!(left.code(), Some(1));
}
