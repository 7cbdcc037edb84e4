//! What is declared of the code and no compiler checks: sizes, names, one style of modules, and circles between folders.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::syntax::{Source, listed, values};
use crate::tree::{built, crates, files, read, sources};

/// Longest source file, in lines.
const FILE_LINES_MAX: usize = 600;
/// Longest function, in lines, from its name to its last brace.
const FUNCTION_LINES_MAX: usize = 70;
/// No function's name has so many letters, tests included.
const NAME_LETTERS_MAX: usize = 80;
/// Most values that a function takes, `self` included. What belongs together is a struct with names.
const PARAMETERS_MAX: usize = 5;

/// What was found, a line each, so that all of it is seen at once.
fn none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}

#[test]
fn no_source_file_is_too_long_or_misnamed() {
    let mut found = Vec::new();
    for path in sources() {
        let lines = read(&path).lines().count();
        if lines > FILE_LINES_MAX {
            found.push(format!("{path} has {lines} lines, at most {FILE_LINES_MAX}"));
        }
        let stem = Path::new(&path).file_stem().unwrap().to_str().unwrap();
        if ["utils", "util", "common", "helpers", "helper", "misc"].contains(&stem) {
            found.push(format!("{path} names no room"));
        }
    }
    none(&found, "a file has one subject and is named by it");
}

#[test]
fn no_function_is_too_long_or_takes_too_much() {
    let (mut found, mut seen) = (Vec::new(), 0);
    for path in sources() {
        for function in Source::parse(&read(&path)).functions() {
            seen += 1;
            let place = format!("{path}:{} {}", function.line, function.name);
            if function.lines > FUNCTION_LINES_MAX {
                found.push(format!("{place} has {} lines, at most {FUNCTION_LINES_MAX}", function.lines));
            }
            if function.name.len() >= NAME_LETTERS_MAX {
                found.push(format!(
                    "{place} has {} letters, fewer than {NAME_LETTERS_MAX}",
                    function.name.len()
                ));
            }
            let counts: Vec<usize> = function.parameters.iter().map(|one| values(one)).collect();
            let taken: usize = counts.iter().sum();
            if taken > PARAMETERS_MAX {
                found.push(format!("{place} takes {taken} values, at most {PARAMETERS_MAX}"));
            }
            // What an iterator hands over may be a tuple. Beside other parameters it is a struct without names.
            if path.contains("/src/") && counts.len() > 1 && counts.iter().any(|count| *count > 1) {
                found.push(format!("{place} takes a tuple where a struct would name its parts"));
            }
        }
    }
    assert!(seen > 2_000, "only {seen} functions were found");
    none(&found, "a function is read at one glance");
}

#[test]
fn modules_have_one_style() {
    let found: Vec<String> =
        sources().filter(|path| path.contains("/src/") && path.ends_with("/mod.rs")).collect();
    none(&found, "a module is `name.rs` beside its folder `name`, never `mod.rs`");
}

#[test]
fn consensus_code_reads_no_clock_and_iterates_no_hash_map() {
    let forbidden = [
        "SystemTime",
        "Instant::now",
        "HashMap",
        "HashSet",
        "thread_rng",
        "thread::",
        "env::var",
        "f64",
        "f32",
    ];
    let consensus = ["crates/machine/src/", "crates/protocol/src/", "crates/store/src/"];
    // The disk that fails on purpose is compiled for tests alone, and is no part of a ledger.
    let of_a_ledger = |path: &String| !path.starts_with("crates/store/src/testing");
    let mut found = Vec::new();
    for path in
        built().filter(|path| consensus.iter().any(|begin| path.starts_with(begin))).filter(of_a_ledger)
    {
        let source = Source::parse(&read(&path));
        let code = source.code.split("#[cfg(test)]").next().unwrap_or_default();
        for (line, number) in code.lines().zip(1..) {
            found.extend(
                forbidden
                    .iter()
                    .filter(|word| line.contains(**word))
                    .map(|word| format!("{path}:{number}: {word}")),
            );
        }
    }
    none(&found, "what every node must compute alike depends on nothing but its input");
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

#[test]
fn nothing_is_ignored_or_left_undone() {
    let mut found = Vec::new();
    for path in sources().filter(|path| !path.contains("/tests/tidy/")) {
        let text = read(&path);
        let words = ["#[ignore", "todo!(", "unimplemented!(", "TODO", "FIXME", "XXX"];
        found.extend(
            words.iter().filter(|word| text.contains(**word)).map(|word| format!("{path} has {word}")),
        );
    }
    none(&found, "what is in the tree is finished");
}

/// The modules at the top of a crate's sources, each with those that it names. What is exported from the top counts as its module's.
fn uses(name: &str) -> BTreeMap<String, BTreeSet<String>> {
    let begin = format!("crates/{name}/src/");
    let paths: Vec<String> = built().filter(|path| path.starts_with(&begin)).collect();
    let module =
        |path: &str| path[begin.len()..].split('/').next().unwrap().trim_end_matches(".rs").to_owned();
    let tops = ["lib", "main"];
    let exported: BTreeMap<String, String> = paths
        .iter()
        .filter(|path| tops.contains(&module(path).as_str()))
        .flat_map(|path| exports(&Source::parse(&read(path)).code))
        .collect();
    let mut uses: BTreeMap<String, BTreeSet<String>> = paths
        .iter()
        .map(|path| (module(path), BTreeSet::new()))
        .filter(|(name, _)| !tops.contains(&name.as_str()))
        .collect();
    let modules: BTreeSet<String> = uses.keys().cloned().collect();
    for path in &paths {
        let Some(used) = uses.get_mut(&module(path)) else { continue };
        let source = Source::parse(&read(path));
        let code = source.code.split("#[cfg(test)]").next().unwrap_or_default();
        for rest in code.split("crate::").skip(1) {
            let names = match rest.strip_prefix('{') {
                Some(list) => {
                    listed(list.split(';').next().unwrap_or_default().trim_end().trim_end_matches('}'))
                }
                None => vec![rest.to_owned()],
            };
            for name in names {
                let name: String =
                    name.chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect();
                let name = exported.get(&name).unwrap_or(&name);
                if modules.contains(name) && *name != module(path) {
                    used.insert(name.clone());
                }
            }
        }
    }
    uses
}

/// Names that a crate's top exports, with the module of each.
fn exports(code: &str) -> Vec<(String, String)> {
    let uses = code.split("use ").skip(1).filter_map(|rest| rest.split(';').next()?.split_once("::"));
    uses.flat_map(|(module, names)| {
        let names = names.trim().trim_start_matches('{').trim_end_matches('}');
        let last = |name: &String| name.rsplit([':', ' ']).next().unwrap_or_default().to_owned();
        listed(names).iter().map(|name| (last(name), module.trim().to_owned())).collect::<Vec<_>>()
    })
    .collect()
}

/// Every module that can be reached from one by following what modules name.
fn reached(uses: &BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(module) = next.pop() {
        for used in uses.get(module).into_iter().flatten() {
            if reached.insert(used.clone()) {
                next.push(used);
            }
        }
    }
    reached
}

/// A folder of modules is a room. Two rooms of a crate that lead to each other, by whatever way, are one room with a wall in it.
#[test]
fn no_circle_leads_through_two_folders_of_a_crate() {
    let all = files();
    let mut found = Vec::new();
    for (name, _) in crates() {
        let uses = uses(&name);
        let is_folder = |module: &&String| {
            let begin = format!("crates/{name}/src/{module}/");
            all.iter().any(|path| path.starts_with(&begin) && !crate::tree::is_test(path))
        };
        let folders: Vec<&String> = uses.keys().filter(is_folder).collect();
        for (place, one) in folders.iter().enumerate() {
            let from = reached(&uses, one);
            for other in folders[place + 1..].iter().filter(|other| from.contains(**other)) {
                if reached(&uses, other).contains(*one) {
                    found.push(format!("crates/{name}: {one} ⇄ {other}"));
                }
            }
        }
    }
    none(&found, "folders of a crate that lead to each other");
}
