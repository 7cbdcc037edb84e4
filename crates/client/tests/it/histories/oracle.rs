//! The comparison with `crates/client/tests/oracle/readers.py`.
//!
//! `SEALDESK_HISTORIES` says how many histories; `SEALDESK_HISTORIES_FROM` the first one's number; where `SEALDESK_HISTORIES_FILE` is set, they are
//! written there with the client's choices beside them, for whoever looks into one.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::allowed::{may_seal, readers};
use super::facts::{Asked, History};
use super::make::history;
use super::play::{Choice, play};

/// How many histories `make test` plays.
const HISTORIES: u64 = 300;

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().filter(|text| !text.is_empty()).map_or(otherwise, |text| text.parse().unwrap())
}

/// What the oracle says of each line.
fn ask_oracle(lines: &str) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/readers.py");
    let mut child = Command::new("python3")
        .arg("-I")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts: the oracle is written in it");
    let mut input = child.stdin.take().unwrap();
    let lines = lines.to_owned();
    let writing = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    assert!(output.status.success(), "the oracle failed: {}", output.status);
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn texts(value: &Value) -> BTreeSet<String> {
    value.as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}

/// Whether the client's choice is what the oracle says.
fn agrees(history: &History, choice: &Choice, said: &Value) -> bool {
    let refused = texts(&said["refused"]);
    match choice {
        Choice::Refused(kind) => refused.contains(*kind),
        Choice::Keys(keys) => {
            let name = if matches!(history.asked, Asked::Grant(_)) { "granted" } else { "readers" };
            refused.is_empty() && texts(&said[name]) == *keys
        }
    }
}

fn choice_json(choice: &Choice) -> Value {
    match choice {
        Choice::Refused(kind) => json!({ "refused": kind }),
        Choice::Keys(keys) => json!({ "keys": keys }),
    }
}

#[tokio::test(start_paused = true)]
async fn the_client_seals_for_whom_an_oracle_names_that_knows_the_page_alone() {
    let (count, from) = (setting("SEALDESK_HISTORIES", HISTORIES), setting("SEALDESK_HISTORIES_FROM", 1));
    let (mut lines, mut played) = (String::new(), Vec::new());
    for id in from..from + count {
        let history = history(id);
        lines.push_str(&history.json().to_string());
        lines.push('\n');
        let choice = play(&history).await;
        if let Choice::Keys(keys) = &choice {
            assert!(may_seal(&history), "history {id}: something was sealed");
            assert_eq!(*keys, readers(&history), "history {id}");
        }
        played.push((history, choice));
    }
    if let Some(file) = std::env::var_os("SEALDESK_HISTORIES_FILE") {
        let with_choice = lines.lines().zip(&played).map(|(line, (_, choice))| {
            let mut value: Value = serde_json::from_str(line).unwrap();
            value["choice"] = choice_json(choice);
            format!("{value}\n")
        });
        std::fs::write(file, with_choice.collect::<String>()).unwrap();
    }
    let said = ask_oracle(&lines);
    assert_eq!(said.len(), played.len());
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    let mut wrong = Vec::new();
    for ((history, choice), said) in played.iter().zip(&said) {
        *kinds.entry(if let Choice::Refused(kind) = choice { kind } else { "sealed" }).or_default() += 1;
        if !agrees(history, choice, said) {
            wrong.push(format!("history {}: the client {choice:?}\n  the oracle {said}", history.id));
        }
    }
    assert!(wrong.is_empty(), "{} of {count} differ\n{}", wrong.len(), wrong.join("\n"));
    // Each kind of answer comes up: a generator of refusals alone would prove nothing.
    if count >= HISTORIES {
        assert!(kinds["sealed"] > count / 4, "{kinds:?}");
        assert!(kinds.len() > 8, "{kinds:?}");
    }
}
