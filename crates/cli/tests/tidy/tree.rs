//! The work tree as the other checks read it: which files there are, and what Cargo says of the crates.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The files that git tracks or would track, relative to the root.
pub fn files() -> Vec<String> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files");
    assert!(output.status.success(), "git ls-files failed");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter(|path| root().join(path).is_file()).map(str::to_owned).collect()
}

/// The text of a file, by its path from the root.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every Rust file.
pub fn sources() -> impl Iterator<Item = String> {
    files().into_iter().filter(|path| path.ends_with(".rs"))
}

/// The Rust files that are built into the crates: no tests, benches or build scripts.
pub fn built() -> impl Iterator<Item = String> {
    sources().filter(|path| path.starts_with("crates/") && path.contains("/src/") && !is_test(path))
}

/// Whether a file is compiled for tests alone, as its name says.
pub fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/") || path.contains("/benches/")
}

/// The packages of the workspace, without those that it depends on.
pub fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    metadata["packages"].as_array().unwrap().clone()
}

/// The folder's name of each of our crates, with what Cargo says of it.
pub fn crates() -> Vec<(String, Value)> {
    let ours = packages().into_iter().filter_map(|package| {
        let name = package["name"].as_str()?.strip_prefix("sealdesk-")?.to_owned();
        Some((name, package))
    });
    ours.collect()
}
