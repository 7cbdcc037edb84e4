//! The npm package, as somebody uses it who writes a page or a script: `make wasm` leaves it in crates/wasm/npm.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::desk::session::Session;

/// The folder of what drives a browser.
const BROWSER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../clients/browser");
/// The package's folder.
const PACKAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../wasm/npm");

/// What the example prints, in parts.
const TOLD: [&str; 4] =
    ["TKT-00000001 is at height", "proven", "open: Since this morning. / It smells of smoke now.", "true"];

fn node(args: &[&str]) -> Command {
    let package = Path::new(PACKAGE);
    assert!(package.join("dist/sealdesk_wasm_bg.wasm").exists(), "make wasm builds the package first");
    let mut node = Command::new("node");
    node.args(args).current_dir(package);
    node
}

fn printed(mut command: Command) -> String {
    let output = command.output().unwrap();
    let (told, wrong) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{told}\n{wrong}");
    told
}

#[test]
fn twenty_lines_of_javascript_write_a_ticket_and_read_it_again() {
    let mut session = Session::start();
    let url = session.ask(&["status"])["addresses"]["grpc"].as_str().unwrap().to_owned();
    let told = printed(node(&["example.mjs", &url]));
    for part in TOLD {
        assert!(told.contains(part), "{part} in {told}");
    }
    // The administrator opens with the program what the page sealed.
    let read = session.ask(&["read", "1", "--from", "admin"]);
    assert_eq!(read["messages"][1]["text"], "It smells of smoke now.");
    session.stop_node();
}

#[test]
fn the_same_lines_run_in_chromium_under_a_strict_policy() {
    assert!(Path::new(BROWSER).join("node_modules").exists(), "`make clients` installs what this test runs");
    assert!(
        Path::new(PACKAGE).join("dist/sealdesk_wasm_bg.wasm").exists(),
        "make wasm builds the package first"
    );
    let mut page = Command::new("node");
    page.arg("package.mjs").current_dir(BROWSER).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut page = page.spawn().unwrap();
    let mut lines = BufReader::new(page.stdout.take().unwrap()).lines();
    let mut hear = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    let origin = hear()["origin"].as_str().unwrap().to_owned();
    let mut session = Session::idle();
    let home = session.home().join(".sealdesk");
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&home).unwrap();
    fs::write(home.join("config.toml"), format!("[port]\ncors_origins = [{origin:?}]\n")).unwrap();
    session.start_node("127.0.0.1:0");
    let url = session.ask(&["status"])["addresses"]["grpc"].clone();
    writeln!(page.stdin.take().unwrap(), "{}", json!({ "node": url })).unwrap();
    let seen = hear();
    assert_eq!(seen["problems"], json!([]), "{seen}");
    let told = seen["printed"].to_string();
    for part in TOLD {
        assert!(told.contains(part), "{part} in {told}");
    }
    assert!(page.wait().unwrap().success());
    session.stop_node();
}

#[test]
fn the_package_holds_what_it_should_and_refuses_what_it_must() {
    printed(node(&["--test", "test/"]));
}
