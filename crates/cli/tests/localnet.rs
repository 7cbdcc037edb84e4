//! A whole network by one command: worked and disturbed, and nothing acknowledged is lost, doubled, or told twice differently.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by them

mod desk;

use std::process::{Command, Output};

use desk::{isolated, program};
use serde_json::Value;

/// How long a validator may take to be where the others are, in seconds.
const RECOVERY_SECONDS_MAX: f64 = 20.0;

fn localnet(dir: &std::path::Path, args: &[&str]) -> Output {
    let cometbft = sealdesk_node::comet::find_program(None).expect("`make test` installs cometbft");
    let mut command = isolated(Command::new(program()), dir);
    command.env("SEALDESK_COMETBFT", cometbft);
    command.args(["localnet", "--dir", "net", "--output", "json"]).args(args).output().unwrap()
}

#[test]
fn four_validators_that_are_killed_paused_and_restarted_under_load_lose_and_double_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let output =
        localnet(dir.path(), &["--validators", "4", "--seconds", "20", "--faults", "kill,pause,restart"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(report["acknowledged"].as_u64().unwrap() > 20, "{report}");
    assert_eq!((&report["lost"], &report["doubled"]), (&0.into(), &0.into()), "{report}");
    assert!(report["recovery_seconds_max"].as_f64().unwrap() < RECOVERY_SECONDS_MAX, "{report}");
    let kinds: Vec<&str> =
        report["faults"].as_array().unwrap().iter().map(|fault| fault["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds[..3], ["kill", "pause", "restart"]);
    let validators = report["validators"].as_array().unwrap();
    assert_eq!(validators.len(), 4);
    for validator in validators {
        assert_eq!(validator["height"], validators[0]["height"], "{report}");
        assert_eq!(validator["app_hash"], validators[0]["app_hash"], "{report}");
        assert!(validator["rpc_address"].as_str().unwrap().starts_with("http://"), "{report}");
    }
}

#[test]
fn a_directory_that_holds_a_network_is_not_begun_anew() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("net/validator-1")).unwrap();
    let output = localnet(dir.path(), &[]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("holds a network already"));
}
