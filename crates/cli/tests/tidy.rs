//! The house rules that a compiler does not check: arrows between crates, sizes, names, and that the map tells the truth.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by them

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;
use serde_json::Value;

/// Longest source file, in lines.
const FILE_LINES_MAX: usize = 600;
/// Longest ARCHITECTURE.md, in lines.
const ARCHITECTURE_LINES_MAX: usize = 250;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The files that git tracks or would track, relative to the root.
fn files() -> Vec<String> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files");
    assert!(output.status.success(), "git ls-files failed");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter(|path| root().join(path).is_file()).map(str::to_owned).collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn sources() -> impl Iterator<Item = String> {
    files().into_iter().filter(|path| path.ends_with(".rs"))
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

#[test]
fn no_arrow_points_the_wrong_way() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("protocol", &[][..]),
        ("store", &[]),
        ("stacks", &[]),
        ("envelope", &["protocol"]),
        ("machine", &["protocol", "store"]),
        ("node", &["machine", "store", "protocol"]),
        ("client", &["envelope", "protocol", "stacks"]),
        ("localnet", &["client", "protocol", "node"]),
        ("cli", &["client", "localnet", "protocol", "node", "envelope"]),
    ]);
    let metadata = metadata();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let Some(name) = name.strip_prefix("sealdesk-") else { continue };
        let Some(arrows) = allowed.get(name) else { panic!("crate {name} has no room in HOUSE.md's list") };
        for dependency in package["dependencies"].as_array().unwrap() {
            let target = dependency["name"].as_str().unwrap();
            let Some(target) = target.strip_prefix("sealdesk-") else { continue };
            assert!(arrows.contains(&target), "{name} must not depend on {target}, not even in tests");
        }
    }
}

#[test]
fn pure_crates_have_no_runtime_among_their_dependencies() {
    let metadata = metadata();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        if !["sealdesk-protocol", "sealdesk-envelope", "sealdesk-machine", "sealdesk-stacks"].contains(&name)
        {
            continue;
        }
        for dependency in package["dependencies"].as_array().unwrap() {
            let kind = dependency["kind"].as_str().unwrap_or("normal");
            let target = dependency["name"].as_str().unwrap();
            let impure =
                ["tokio", "tonic", "hyper", "rand", "getrandom", "chrono", "async-std"].contains(&target);
            assert!(kind != "normal" || !impure, "{name} depends on {target}");
        }
    }
}

#[test]
fn every_crate_inherits_the_lints() {
    for path in files().iter().filter(|path| path.starts_with("crates/") && path.ends_with("/Cargo.toml")) {
        assert!(
            read(path).contains("[lints]\nworkspace = true"),
            "{path} does not inherit the workspace's lints"
        );
    }
}

#[test]
fn no_source_file_is_too_long_or_misnamed() {
    for path in sources() {
        let lines = read(&path).lines().count();
        assert!(lines <= FILE_LINES_MAX, "{path} has {lines} lines, at most {FILE_LINES_MAX}");
        let stem = Path::new(&path).file_stem().unwrap().to_str().unwrap();
        assert!(
            !["utils", "util", "common", "helpers", "helper", "misc"].contains(&stem),
            "{path} names no room"
        );
    }
}

#[test]
fn consensus_code_reads_no_clock_and_iterates_no_hash_map() {
    let forbidden =
        ["SystemTime", "Instant::now", "HashMap", "HashSet", "thread_rng", "env::var", "f64", "f32"];
    let consensus =
        |path: &String| path.starts_with("crates/machine/src/") || path.starts_with("crates/protocol/src/");
    for path in sources().filter(consensus) {
        let text = read(&path);
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            let line = line.split("//").next().unwrap_or_default();
            for word in forbidden {
                assert!(!line.contains(word), "{path}:{}: {word} in consensus code", number + 1);
            }
        }
    }
}

#[test]
fn no_file_is_dead() {
    let all: BTreeSet<String> = sources().filter(|path| path.contains("/src/")).collect();
    for path in &all {
        let file = Path::new(path);
        let stem = file.file_stem().unwrap().to_str().unwrap();
        if ["lib", "main"].contains(&stem) || path.contains("/src/bin/") {
            continue;
        }
        let (name, folder) = match stem {
            "mod" => (
                file.parent().unwrap().file_name().unwrap().to_str().unwrap(),
                file.parent().unwrap().parent(),
            ),
            _ => (stem, file.parent()),
        };
        let folder = folder.unwrap();
        let parents = [
            folder.join("mod.rs"),
            folder.join("lib.rs"),
            folder.join("main.rs"),
            folder.with_extension("rs"),
        ];
        let declared = parents.iter().filter(|parent| all.contains(parent.to_str().unwrap())).any(|parent| {
            let text = read(parent.to_str().unwrap());
            text.contains(&format!("mod {name};"))
        });
        assert!(declared, "{path} is declared nowhere");
    }
}

/// What stands behind each `super::` and `crate::commands::` in a file of the commands: paths of modules and names, from `commands` on.
fn mentions(text: &str, parent: &[&str]) -> Vec<Vec<String>> {
    let path = Regex::new(r"(crate::commands::|(?:super::)+)(\{[^;]*?\}|[a-z_]+(?:::[a-z_]+)*)").unwrap();
    let mut found = Vec::new();
    for mention in path.captures_iter(text) {
        let above = mention[1].matches("super::").count();
        let base = match above {
            0 => &[],
            _ => &parent[..parent.len().saturating_sub(above - 1)],
        };
        for name in mention[2].trim_matches(['{', '}']).split(',').map(str::trim) {
            let names = name.split("::").map(|name| name.split(' ').next().unwrap_or_default());
            found.push(base.iter().copied().chain(names).map(str::to_owned).collect());
        }
    }
    found
}

/// A command may use what its own folder shares, and everything beside the commands; never another command.
#[test]
fn no_command_is_a_library_of_another() {
    let root = "crates/cli/src/commands/";
    let commands: BTreeMap<Vec<String>, String> = sources()
        .filter_map(|path| {
            let name = path.strip_prefix(root)?.strip_suffix(".rs")?;
            let name = name.strip_suffix("/mod").unwrap_or(name);
            Some((name.split('/').map(str::to_owned).collect(), read(&path)))
        })
        .collect();
    assert!(commands.len() > 20, "the commands are not where this test looks for them");
    for (own, text) in &commands {
        let above: Vec<&str> = own[..own.len() - 1].iter().map(String::as_str).collect();
        for mentioned in mentions(text, &above) {
            // The longest part of it that is a module.
            let module =
                (1..=mentioned.len()).rev().map(|n| &mentioned[..n]).find(|m| commands.contains_key(*m));
            let Some(module) = module else { continue };
            // What the desk on Stacks and the lists of tickets share goes beside the commands with the merge of both ledgers' views.
            if module == ["stacks"] || module == ["query"] {
                continue;
            }
            let is_command = commands[module].contains("fn run(");
            assert!(
                !is_command || own.starts_with(module),
                "{root}{}.rs uses {}, which is a command",
                own.join("/"),
                module.join("::")
            );
        }
    }
}

#[test]
fn nothing_is_ignored_or_left_undone() {
    for path in sources().filter(|path| !path.ends_with("tidy.rs")) {
        let text = read(&path);
        for word in ["#[ignore", "todo!(", "unimplemented!(", "TODO", "FIXME", "XXX"] {
            assert!(!text.contains(word), "{path} has {word}");
        }
    }
}

#[test]
fn no_committed_file_names_this_machine_or_a_registry() {
    let machine = ["/wo", "rk/"].concat();
    let home = ["/ro", "ot/"].concat();
    let registries = ["registry.npmjs", "index.crates", "static.crates", "files.pythonhosted", "deb.debian"];
    for path in files() {
        let Ok(text) = fs::read_to_string(root().join(&path)) else { continue };
        if path.ends_with("tidy.rs") || path.ends_with("Cargo.lock") {
            continue;
        }
        let found = registries
            .iter()
            .copied()
            .chain([machine.as_str(), home.as_str()])
            .find(|word| text.contains(word));
        assert!(found.is_none(), "{path} names {}", found.unwrap_or_default());
    }
}

#[test]
fn every_path_that_the_documents_name_exists() {
    for document in files().iter().filter(|path| path.ends_with(".md") && !path.contains("node_modules")) {
        for word in read(document).split(['`', '(', ')', ' ', '\n', ',']) {
            let begins = ["crates/", "docs/", "proto/", "vectors/", "fuzz/", "stacks/contracts/"];
            let plain = word.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b));
            if !plain || !begins.iter().any(|begin| word.starts_with(begin)) {
                continue;
            }
            let path = word.trim_end_matches(['.', '/']);
            let there = root().join(path).exists()
                || root().join(Path::new(document).parent().unwrap()).join(path).exists();
            assert!(there, "{document} names {word}, which does not exist");
        }
    }
}

#[test]
fn the_map_is_short_and_names_every_crate() {
    let text = read("ARCHITECTURE.md");
    let lines = text.lines().count();
    assert!(lines <= ARCHITECTURE_LINES_MAX, "ARCHITECTURE.md has {lines} lines");
    for package in metadata()["packages"].as_array().unwrap() {
        let Some(name) = package["name"].as_str().unwrap().strip_prefix("sealdesk-") else { continue };
        assert!(text.contains(&format!("crates/{name}")), "ARCHITECTURE.md does not name crates/{name}");
    }
}

#[test]
fn every_known_bug_has_a_test_of_that_name() {
    // A test of the contract is named by a sentence with spaces.
    let sentences = files().into_iter().filter(|path| path.ends_with("_test.ts")).flat_map(|path| {
        let text = read(&path);
        let titles = text.split("test(\"").skip(1).filter_map(|rest| rest.split('"').next());
        titles.map(|title| title.replace(' ', "_")).collect::<Vec<_>>()
    });
    let names: BTreeSet<String> = sources()
        .flat_map(|path| {
            let text = read(&path);
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            let named = lines.iter().filter_map(|line| line.split("fn ").nth(1)?.split(['(', '<']).next());
            named.map(str::to_owned).collect::<Vec<_>>()
        })
        .chain(sentences)
        .collect();
    let map = read("docs/known-bugs.md");
    let mut mapped = BTreeSet::new();
    for row in map.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let Some(Ok(number)) = cells.get(1).map(|cell| cell.parse::<u32>()) else { continue };
        let tests: Vec<&str> = row.split('`').skip(1).step_by(2).filter(|word| word.contains('_')).collect();
        assert!(!tests.is_empty(), "bug {number} names no test");
        for test in tests {
            let name = test.rsplit("::").next().unwrap();
            assert!(names.contains(name), "bug {number} names {test}, which does not exist");
        }
        mapped.insert(number);
    }
    let wanted: BTreeSet<u32> = (1..=38).chain(48..=54).chain(62..=69).collect();
    let missing: Vec<_> = wanted.difference(&mapped).collect();
    assert!(missing.is_empty(), "docs/known-bugs.md maps no test to {missing:?}");
}
