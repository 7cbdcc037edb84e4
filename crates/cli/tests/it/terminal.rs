//! What happens at a terminal: the passphrase is asked for there, and the recovery phrase is shown there and nowhere else.

mod completing;
mod editing;
mod invitation;
mod signals;
mod unlocking;

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use crate::desk::node::Node;
use crate::desk::session::Session;
use crate::desk::{isolated, wait_for, wait_until};
use crate::remembering::{desk_with_marked_answer, readable};

/// A person at a terminal, which is made by `script`.
struct Person {
    child: Child,
    keyboard: ChildStdin,
    screen: Receiver<Vec<u8>>,
    seen: String,
}

impl Person {
    /// Types a command line.
    fn types(home: &Path, command: &str) -> Self {
        // A test run in the background of a script, or by nohup, is deaf to Ctrl-C or to a hangup, and would hand that on.
        let mut script = isolated(Command::new("env"), home);
        script.args(["--default-signal=HUP,INT,QUIT", "script", "-q", "-e", "-c", command, "/dev/null"]);
        let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (keyboard, mut out) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (tell, screen) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = out.read(&mut bytes) {
                let _ = tell.send(bytes[..read].to_vec());
            }
        });
        Self { child, keyboard, screen, seen: String::new() }
    }

    /// Answers a question for a passphrase, while the terminal shows nothing of what is typed.
    fn answers_unseen(mut self, question: &str, line: &str) -> Self {
        self.is_asked_unseen(question);
        self.answers(question, line)
    }

    /// Waits for a question whose answer the terminal does not show.
    fn is_asked_unseen(&mut self, question: &str) {
        self.sees(question);
        wait_until("the terminal to show nothing of what is typed", || self.is_silent());
    }

    /// Waits until something is shown, and answers it with a line.
    fn answers(mut self, question: &str, line: &str) -> Self {
        self.sees(question);
        self.keyboard.write_all(line.as_bytes()).unwrap();
        self.seen.clear();
        self
    }

    fn sees(&mut self, words: &str) {
        wait_for(&format!("{words:?} on the screen"), || {
            self.seen
                .extend(self.screen.try_iter().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
            if self.seen.contains(words) { Ok(()) } else { Err(self.seen.clone()) }
        });
    }

    /// Whether the terminal shows nothing of what is typed. It is that of the process that `script` has begun.
    fn is_silent(&self) -> bool {
        let Some(child) = first_child(self.child.id()) else { return false };
        let Ok(terminal) = fs::read_link(format!("/proc/{child}/fd/2")) else { return false };
        let settings = Command::new("stty").arg("-a").arg("-F").arg(terminal).output().unwrap();
        String::from_utf8_lossy(&settings.stdout).contains("-echo ")
    }

    /// Everything shown since the last answer, and the exit code.
    fn reads(mut self) -> (String, i32) {
        let code = self.child.wait().unwrap().code().unwrap();
        // The screen ends with the program.
        for bytes in self.screen.iter() {
            self.seen.push_str(&String::from_utf8_lossy(&bytes));
        }
        (self.seen, code)
    }
}

/// The first process that a process has begun and that still runs.
fn first_child(parent: u32) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).ok()?;
    children.split(' ').next()?.parse().ok()
}

#[test]
fn a_first_start_at_a_terminal_asks_for_a_passphrase_and_shows_the_phrase_once() {
    let home = tempfile::tempdir().unwrap();
    let short = Person::types(home.path(), "exec sealdesk start")
        .answers_unseen("New passphrase", "short\n")
        .answers_unseen("two tries are left", "short\n")
        .answers_unseen("one try is left", "short\n");
    let (shown, code) = short.reads();
    assert!(code == 2 && shown.contains("fewer than 8") && !shown.contains("again:"), "{shown}");
    let mut person = Person::types(home.path(), "exec sealdesk start")
        .answers_unseen("New passphrase", "correct horse\n")
        .answers_unseen("The same again", "correct horse\n");
    person.sees("Stop with Ctrl-C.");
    let shown = person.seen.clone();
    assert!(shown.contains("shown this once") && !shown.contains("correct horse"), "{shown}");
    let (_, code) = person.answers("Ctrl-C", "\x03").reads();
    assert_eq!(code, 0, "Ctrl-C ends it well");
    let folder = home.path().join(".sealdesk");
    for secret in ["keyring.passphrase", "admin.recovery-phrase", "node.address"] {
        assert!(!folder.join(secret).exists(), "{secret}");
    }
}

#[test]
fn a_passphrase_is_asked_for_at_the_terminal_even_where_the_input_is_piped_in() {
    let home = tempfile::tempdir().unwrap();
    let added = Person::types(home.path(), "sealdesk keys add alice")
        .answers_unseen("New passphrase", "correct horse\n")
        .answers_unseen("The same again", "correct horse\n");
    let (shown, code) = added.reads();
    assert!(code == 0 && shown.contains("Recovery phrase"), "{shown}");
    let exported = Person::types(home.path(), "sealdesk keys export alice > phrase")
        .answers("[y/N]", "y\n")
        .answers_unseen("Passphrase of the keyring", "correct horse\n");
    assert_eq!(exported.reads().1, 0);
    assert_eq!(fs::read_to_string(home.path().join("phrase")).unwrap().split_whitespace().count(), 24);
    let piped = Person::types(home.path(), "cat phrase | sealdesk keys import again")
        .answers_unseen("Passphrase of the keyring", "correct horse\n");
    let (shown, code) = piped.reads();
    assert!(code == 0 && shown.contains("again  virtengine1"), "{shown}");
    // The desk itself is not there; what matters is that the question is asked before that is found out.
    let message = "echo hello | sealdesk tx support respond 1 --message-file - --from alice --node http://127.0.0.1:1 --patience 1";
    let (shown, code) = Person::types(home.path(), message)
        .answers_unseen("Passphrase of the keyring", "correct horse\n")
        .reads();
    assert!(code == 1 && shown.contains("cannot reach a node"), "{shown}");
    let denied = Person::types(home.path(), "sealdesk keys delete alice").answers("[y/N]", "\n");
    let (shown, code) = denied.reads();
    assert!(code == 1 && shown.contains("nothing was done"), "{shown}");
}

#[test]
fn bug_92_a_terminal_shows_its_own_zone_and_a_pipe_shows_utc() {
    let desk = Session::start();
    desk.key("alice");
    let create = ["--category", "technical", "--subject", "S", "--message", "M", "--from", "alice"];
    desk.ask(&[&["tx", "support", "create-ticket"][..], &create].concat());
    let shown = |command: &str| {
        let line = format!("env TZ=KATHMANDU-5:45 SEALDESK_KEYRING_BACKEND=test {command}");
        let (shown, code) = Person::types(desk.home(), &line).reads();
        assert_eq!(code, 0, "{shown}");
        shown
    };
    let read = shown("sealdesk read 1 --from alice");
    assert!(read.contains(" +05:45") && !read.contains("UTC"), "{read}");
    assert!(shown("sealdesk inbox --from alice").contains("WAITING SINCE (local time)"));
    for utc in ["sealdesk read 1 --from alice --utc", "sh -c 'sealdesk read 1 --from alice | cat'"] {
        let read = shown(utc);
        assert!(read.contains(" UTC") && !read.contains("+05:45"), "{utc}: {read}");
    }
    let json = shown("sealdesk read 1 --from alice --output json");
    assert!(json.contains("Z\"") && !json.contains("+05:45"), "{json}");
}

#[test]
fn a_marked_text_is_asked_about_at_a_terminal_before_it_is_granted() {
    let desk = desk_with_marked_answer();
    for (command, answer, readable_then) in
        [("assign-ticket 1 bob", "\n", 1), ("grant-access 1 bob", "n\n", 1), ("grant-access 1 bob", "y\n", 2)]
    {
        let line = format!("env SEALDESK_KEYRING_BACKEND=test sealdesk tx support {command} --from admin");
        let mut person = Person::types(desk.home(), &line);
        person.sees("it was written for another ticket.");
        person.sees("Let bob");
        let (shown, code) = person.answers("[y/N]", answer).reads();
        // What is left out is no success, whoever left it out.
        assert_eq!(code, i32::from(readable_then == 1), "{shown}");
        assert_eq!(shown.contains("left out"), readable_then == 1, "{shown}");
        assert_eq!(readable(&desk, "bob"), readable_then);
    }
}

#[test]
fn a_person_is_asked_whether_to_follow_a_ledger_that_continues_theirs() {
    let mut desk = Session::start();
    desk.key("alice");
    let create = ["--category", "technical", "--subject", "S", "--message", "M", "--from", "alice"];
    desk.ask(&[&["tx", "support", "create-ticket"][..], &create].concat());
    desk.stop_node();
    desk.ask(&["export", "-o", "desk.json"]);
    let made = desk.ask(&["import", "desk.json", "--home", "new"]);
    let (name, words) = (made["chain_id"].as_str().unwrap(), made["identity_words"].as_str().unwrap());
    let copied = Command::new("cp")
        .arg("-r")
        .args([desk.home().join(".sealdesk/keyring-test"), desk.home().join("new")])
        .status();
    assert!(copied.unwrap().success());
    let node = Node::start(desk.command(&["start", "--home", "new"]));
    desk.ask(&["tx", "ledger", "continue-ledger", "--home", "new", "--from", "admin"]);
    let url = fs::read_to_string(desk.home().join("new/node.address")).unwrap();
    let read =
        format!("env SEALDESK_KEYRING_BACKEND=test sealdesk read 1 --from alice --node {}", url.trim());
    let pins = desk.home().join(".sealdesk/pins.json");
    let before = fs::read(&pins).unwrap();
    let (shown, code) = Person::types(desk.home(), &read).answers("[y/N]", "n\n").reads();
    assert!(code == 1 && shown.contains("nothing was done"), "{shown}");
    assert_eq!(fs::read(&pins).unwrap(), before, "nothing is kept of what was not agreed to");
    let mut person = Person::types(desk.home(), &read);
    person.sees("[y/N]");
    let asked = person.seen.clone();
    for part in [
        name,
        words,
        "from height",
        "1 of its 1 administrators",
        made["continues"]["chain_id"].as_str().unwrap(),
    ] {
        assert!(asked.contains(part), "{part}: {asked}");
    }
    let (shown, code) = person.answers("[y/N]", "y\n").reads();
    assert!(code == 0 && shown.contains("This home follows"), "{shown}");
    let (shown, code) = Person::types(desk.home(), &read).reads();
    assert!(code == 0 && !shown.contains("follow"), "asked once: {shown}");
    node.stop();
}
