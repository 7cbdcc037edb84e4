//! The npm package, as somebody uses it who writes a page or a script: `make wasm` leaves it in crates/wasm/npm.

use std::path::Path;
use std::process::Command;

use crate::desk::session::Session;

/// The package's folder.
const PACKAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../wasm/npm");

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
    for part in
        ["TKT-00000001 is at height", "proven", "open: Since this morning. / It smells of smoke now.", "true"]
    {
        assert!(told.contains(part), "{part} in {told}");
    }
    // The administrator opens with the program what the page sealed.
    let read = session.ask(&["read", "1", "--from", "admin"]);
    assert_eq!(read["messages"][1]["text"], "It smells of smoke now.");
    session.stop_node();
}

#[test]
fn the_package_holds_what_it_should_and_refuses_what_it_must() {
    printed(node(&["--test", "test/"]));
}
