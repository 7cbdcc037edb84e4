//! A program of somebody else: told by its environment what to do, it prints what it saw as one line of JSON.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::desk::waiting::within;

/// A folder below `clients/`.
pub fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../clients").join(name)
}

/// A program that `make clients` has installed there.
pub fn installed(client: &str, program: &str) -> Command {
    let program = folder(client).join(program);
    assert!(program.exists(), "`make clients` installs what this test runs: {}", program.display());
    let mut command = Command::new(program);
    command.current_dir(folder(client));
    command
}

/// What a program says it saw that reads its script, if it has one, from standard input.
pub async fn saw(mut command: Command, script: &str, asked: &Value) -> Value {
    command.env("SEALDESK_ASKED", asked.to_string());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(script.as_bytes()).await.unwrap();
    drop(input);
    let output = within("a client", child.wait_with_output()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}
