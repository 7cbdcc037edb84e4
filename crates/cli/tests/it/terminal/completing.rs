//! What TAB adds in the shells themselves, at every level of the command line.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use sealdesk_testkit::waiting::wait_until;

use super::Person;
use crate::desk::session::{CREATE_TICKET, Session};
use crate::desk::{isolated, program};

/// What is typed before TAB, the word that TAB makes of the last one, and the command line that runs then.
const TYPED: [(&str, &str, &str); 9] = [
    ("inb", "inbox", "inbox"),
    ("tx supp", "support", "tx support"),
    ("tx support cr", "create-ticket", "tx support create-ticket"),
    ("tx support create-ticket --subject-f", "--subject-file", "tx support create-ticket --subject-file"),
    ("tx support create-ticket --category bil", "billing", "tx support create-ticket --category billing"),
    (
        "query support tickets-by-status pend",
        "pending_customer",
        "query support tickets-by-status pending_customer",
    ),
    ("tx support set-priority 1 urg", "urgent", "tx support set-priority 1 urgent"),
    ("tx support assign-ticket 1 bob", "bobolink", "tx support assign-ticket 1 bobolink"),
    ("inbox --output js", "json", "inbox --output json"),
];

/// How each shell is begun without anybody's settings, what it sources, and how it counts to 42.
const SHELLS: [[&str; 3]; 3] = [
    ["bash --noprofile --norc -i", "source <(sealdesk completions bash)", "$((40 + 2))"],
    ["zsh -f -i", "autoload -Uz compinit; compinit -u -D; source <(sealdesk completions zsh)", "$((40 + 2))"],
    ["fish --no-config -i", "sealdesk completions fish | source", "(math 40 + 2)"],
];

/// A `sealdesk` that answers shells as the program does, and says what it is run with.
fn stand_in(home: &Path) {
    let text = format!(
        "#!/bin/sh\nif [ -n \"$SEALDESK_COMPLETE\" ] || [ \"$1\" = completions ]; then exec {} \"$@\"; fi\necho \"ran: $* .\"\n",
        program().display()
    );
    fs::create_dir(home.join("bin")).unwrap();
    fs::write(home.join("bin/sealdesk"), text).unwrap();
    fs::set_permissions(home.join("bin/sealdesk"), fs::Permissions::from_mode(0o755)).unwrap();
}

fn completes(shell: &str, sources: &str, counts: &str) {
    let home = tempfile::tempdir().unwrap();
    let name = shell.split(' ').next().unwrap();
    let found = Command::new("sh").args(["-c", &format!("command -v {name}")]).output().unwrap();
    assert!(found.status.success(), "`make tools` installs {name}");
    let mut add = isolated(Command::new(program()), home.path());
    let added = add.args(["keys", "add", "bobolink", "--keyring-backend", "test"]).output().unwrap();
    assert!(added.status.success(), "{added:?}");
    stand_in(home.path());
    let line = format!("exec env TERM=dumb PATH=$HOME/bin:$PATH {shell}");
    let mut person =
        Person::types(home.path(), &line).answers("", &format!("{sources}; echo ready-{counts}\n"));
    person.sees("ready-42");
    for (typed, word, runs) in TYPED {
        person = person.answers("", &format!("sealdesk {typed}\t"));
        person = person.answers(word, "\n");
        person.sees(&format!("ran: {runs} ."));
    }
    let (shown, code) = person.answers("", "exit\n").reads();
    assert_eq!(code, 0, "{shell}: {shown}");
}

#[test]
fn tab_completes_every_level_options_values_and_names_of_keys_in_real_shells() {
    std::thread::scope(|scope| {
        for [shell, sources, counts] in SHELLS {
            scope.spawn(move || completes(shell, sources, counts));
        }
    });
}

/// A desk with a ticket and a public document.
fn desk() -> Session {
    let desk = Session::start();
    desk.key("alice");
    desk.ask(&CREATE_TICKET);
    fs::write(desk.home().join("hours.json"), "{\"monday\": \"9-5\"}").unwrap();
    desk.ask(&["documents", "put", "public", "our-hours", "--file", "hours.json", "--from", "admin"]);
    desk
}

#[test]
fn tickets_documents_and_accounts_are_offered_where_the_node_answers_at_once() {
    let desk = desk();
    let ask = |node: Option<&str>, words: &[&str]| {
        let mut asked = desk.command(&["--", "sealdesk"]);
        asked.env("SEALDESK_COMPLETE", "fish").args(words);
        if let Some(node) = node {
            asked.env("SEALDESK_NODE", node);
        }
        let asked = asked.output().unwrap();
        assert!(asked.status.success() && asked.stderr.is_empty(), "{asked:?}");
        String::from_utf8(asked.stdout).unwrap()
    };
    // A node that is busy for longer than somebody at a keyboard waits offers nothing, and something the next time.
    let offers = |words: &[&str], offered: &str| {
        wait_until(offered, || ask(None, words).lines().next() == Some(offered));
    };
    offers(&["read", ""], "TKT-00000001\ttechnical, open");
    offers(&["read", "TKT-0"], "TKT-00000001\ttechnical, open");
    offers(&["tx", "support", "link-tickets", "1", "related", "1"], "1\ttechnical, open");
    // What is for tickets that are over offers those.
    assert_eq!(ask(None, &["reopen", "T"]), "");
    desk.ask(&["close", "1", "--from", "alice"]);
    offers(&["reopen", "T"], "TKT-00000001\ttechnical, closed");
    offers(&["erase", "T"], "TKT-00000001\ttechnical, closed");
    offers(&["documents", "show", "public", "o"], "our-hours");
    assert_eq!(ask(None, &["documents", "show", "staff", "o"]), "");
    let admin = desk.ask(&["keys", "show", "admin"])["address"].as_str().unwrap().to_owned();
    offers(&["query", "roles", "account", "virtengine1"], &admin);
    // One that takes the connection and says nothing, and one that is not there.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    for node in [format!("http://{}", silent.local_addr().unwrap()), "http://127.0.0.1:1".to_owned()] {
        assert_eq!(ask(Some(&node), &["read", "T"]), "");
    }
}

#[test]
fn a_shell_that_asks_makes_nothing_and_is_told_nothing_beside() {
    let home = tempfile::tempdir().unwrap();
    let ask = |words: &[&str]| {
        let mut asked = isolated(Command::new(program()), home.path());
        asked.env("SEALDESK_COMPLETE", "fish").args(["--", "sealdesk"]).args(words);
        asked.output().unwrap()
    };
    let names = ask(&["inbox", "--from", ""]);
    assert!(names.status.success() && names.stdout.is_empty() && names.stderr.is_empty(), "{names:?}");
    assert!(!home.path().join(".sealdesk").exists());
    let mut unknown = isolated(Command::new(program()), home.path());
    let unknown = unknown.env("SEALDESK_COMPLETE", "unknown").args(["--", "sealdesk", "i"]).output().unwrap();
    assert!(!unknown.status.success() && unknown.stdout.is_empty() && unknown.stderr.is_empty());
    // Keys of the home that is being typed.
    let elsewhere = home.path().join("elsewhere");
    let mut add = isolated(Command::new(program()), home.path());
    let add =
        add.args(["keys", "add", "dora", "--keyring-backend", "test", "--home"]).arg(&elsewhere).output();
    assert!(add.unwrap().status.success());
    let named = ask(&["inbox", "--home", elsewhere.to_str().unwrap(), "--from", ""]);
    assert_eq!(String::from_utf8(named.stdout).unwrap(), "dora\n");
    assert!(ask(&["keys", "export", "--home", elsewhere.to_str().unwrap(), "d"]).stdout.starts_with(b"dora"));
}
