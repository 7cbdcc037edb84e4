//! A desk with its node, and the program asked for JSON.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::node::Node;
use super::{isolated, program};

/// Writes a ticket of alice's.
pub const CREATE_TICKET: [&str; 11] = [
    "tx",
    "support",
    "create-ticket",
    "--from",
    "alice",
    "--category",
    "technical",
    "--subject",
    "S",
    "--message",
    "M",
];

/// A folder with a running desk.
pub struct Session {
    home: tempfile::TempDir,
    node: Option<Node>,
}

impl Session {
    /// A new desk with an administrator named `admin`, its keys in the `test` keyring.
    pub fn start() -> Self {
        let mut session = Self::idle();
        session.start_node("127.0.0.1:0");
        session
    }

    /// An empty folder, and nothing that runs.
    pub fn idle() -> Self {
        Self { home: tempfile::tempdir().unwrap(), node: None }
    }

    /// Starts the node, for the first time or again.
    pub fn start_node(&mut self, listen: &str) {
        let mut command = self.command(&["start"]);
        command.env("SEALDESK_LISTEN", listen);
        self.node = Some(Node::start(command));
    }

    /// Ends the node without warning.
    pub fn kill_node(&mut self) {
        self.node.take().unwrap().kill();
    }

    /// Asks the node to end.
    pub fn stop_node(&mut self) {
        self.node.take().unwrap().stop();
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = isolated(Command::new(program()), self.home());
        command.env("SEALDESK_KEYRING_BACKEND", "test").args(args);
        command
    }

    /// Runs a command with `--output json`.
    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).args(["--output", "json"]).output().unwrap()
    }

    /// What a command answers; it must succeed.
    pub fn ask(&self, args: &[&str]) -> Value {
        let output = self.run(args);
        let shown = String::from_utf8_lossy(&output.stdout);
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "sealdesk {args:?}: {}\n{shown}{err}", output.status);
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("sealdesk {args:?}: {error}\n{shown}"))
    }

    /// The code with which the ledger refuses a command.
    pub fn refused(&self, args: &[&str]) -> (String, u64) {
        let output = self.run(args);
        let shown = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "sealdesk {args:?}\n{shown}");
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(value["message"].as_str().is_some_and(|message| !message.is_empty()), "{value}");
        assert!(value["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{value}");
        (value["codespace"].as_str().unwrap().to_owned(), value["code"].as_u64().unwrap())
    }

    /// Runs a command with something on its standard input.
    pub fn run_with_input(&self, args: &[&str], input: &str) -> Output {
        let mut command = self.command(args);
        command
            .args(["--output", "json"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// Makes a key.
    pub fn key(&self, name: &str) -> String {
        self.ask(&["keys", "add", name])["address"].as_str().unwrap().to_owned()
    }
}
