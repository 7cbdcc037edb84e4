//! A script of Node.js in a process of its own, which says lines of JSON, hears them, and ends with the test.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::desk::waiting::within;

/// See the module.
pub struct Script {
    _process: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

/// The folder of a client that the tests run as strangers write it.
pub fn client(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../clients").join(name);
    assert!(folder.join("node_modules").exists(), "`make clients` installs what this test runs");
    folder
}

impl Script {
    /// Runs `node` in a folder with these arguments and one variable.
    pub fn start(folder: &Path, args: &[&str], (name, value): (&str, &str)) -> Self {
        let mut node = Command::new("node");
        node.args(args).current_dir(folder).env(name, value);
        node.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = node.spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { input: process.stdin.take().unwrap(), _process: process, lines }
    }

    /// What it says next.
    pub async fn hear(&mut self) -> Value {
        let line = within("what a script says", self.lines.next_line()).await.unwrap();
        serde_json::from_str(&line.expect("the script runs")).unwrap()
    }

    /// Says something to it.
    pub async fn say(&mut self, value: &Value) {
        self.input.write_all(format!("{value}\n").as_bytes()).await.unwrap();
    }
}
