//! A desk on a simulated chain, and the program asked for JSON.

use std::process::{Command, Output};

use serde_json::Value;

use crate::desk::simulator::Simulator;
use crate::desk::{isolated, program};

/// A simulator and a folder with keys.
pub struct Desk {
    pub simulator: Simulator,
    home: tempfile::TempDir,
    contract: Option<String>,
}

impl Desk {
    /// A chain without a contract, and the keys of these people.
    pub fn empty(options: &[&str], people: &[&str]) -> Self {
        let desk =
            Self { simulator: Simulator::start(options), home: tempfile::tempdir().unwrap(), contract: None };
        for name in people {
            let made = desk.ask(&["keys", "add", name]);
            assert!(made["address"].as_str().unwrap().starts_with("ST"), "{made}");
        }
        desk
    }

    /// A contract that `admin` deployed, with `bob` as staff; admin and bob have published keys.
    pub fn deployed(options: &[&str], people: &[&str]) -> Self {
        let mut desk = Self::empty(options, people);
        let made = desk.ask(&["stacks", "deploy", "--from", "admin"]);
        desk.contract = Some(made["contract"].as_str().unwrap().to_owned());
        desk.ask(&["keys", "register", "admin"]);
        desk.ask(&["keys", "register", "bob"]);
        desk.ask(&["tx", "roles", "assign-role", "bob", "support_agent", "--from", "admin"]);
        desk
    }

    /// The contract that was deployed.
    pub fn contract(&self) -> &str {
        self.contract.as_deref().unwrap()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = isolated(Command::new(program()), self.home.path());
        command
            .env("SEALDESK_KEYRING_BACKEND", "test")
            .env("SEALDESK_NODE", &self.simulator.url)
            .env("SEALDESK_LEDGER", "stacks")
            .env("SEALDESK_NETWORK", "testnet")
            .args(args);
        if let Some(contract) = &self.contract {
            command.env("SEALDESK_CONTRACT", contract);
        }
        command
    }

    /// Runs a command with `--output json`, agreeing to every fee.
    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).args(["--output", "json", "--yes"]).output().unwrap()
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

    /// How a command is refused: message and hint, neither empty.
    pub fn refused(&self, args: &[&str]) -> Value {
        let output = self.run(args);
        let shown = String::from_utf8_lossy(&output.stdout);
        assert!(!output.status.success(), "sealdesk {args:?}\n{shown}");
        let value: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{shown}"));
        assert!(value["message"].as_str().is_some_and(|message| !message.is_empty()), "{value}");
        assert!(value["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{value}");
        value
    }

    /// Writes a ticket of alice's.
    pub fn ticket(&self, message: &str) -> Value {
        self.ask(&[
            "tx",
            "support",
            "create-ticket",
            "--from",
            "alice",
            "--category",
            "technical",
            "--priority",
            "high",
            "--subject",
            "Node does not start",
            "--message",
            message,
        ])
    }
}
