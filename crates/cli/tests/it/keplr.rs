//! Keplr's own schema takes what `sealdesk chain-info` prints, and its own checks reach the node.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::desk::session::Session;

const SCRIPT: &str = include_str!("keplr.mjs");

/// What Keplr's validator says of a chain.
fn judged(info: &Value) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../clients/keplr");
    assert!(folder.join("node_modules").exists(), "`make clients` installs what this test runs");
    let mut node = Command::new("node");
    node.args(["--input-type=module", "-"]).current_dir(folder).env("SEALDESK_ASKED", info.to_string());
    let mut node = node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    node.stdin.take().unwrap().write_all(SCRIPT.as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn keplr_takes_what_chain_info_says() {
    let session = Session::start();
    let named = ["chain-info", "--name", "The desk of \"Ä & Co\""];
    for command in [&["chain-info"][..], &named] {
        let info = session.ask(command);
        let seen = judged(&info);
        assert_eq!(
            (&seen["same"], &seen["rpc"], &seen["rest"]),
            (&true.into(), &"well".into(), &"well".into()),
            "{seen}"
        );
        assert!(seen["spoilt"].as_str().unwrap().contains("coinType"), "the schema refuses: {seen}");
        let mut elsewhere = info;
        elsewhere["chainId"] = "another-1".into();
        let seen = judged(&elsewhere);
        for door in ["rpc", "rest"] {
            assert!(seen[door].as_str().unwrap().contains("different chain id"), "{seen}");
        }
    }
}
