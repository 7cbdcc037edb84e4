//! That documents and comments tell the truth: what they name exists, and the map names what there is.

use std::collections::BTreeSet;
use std::fs;

use crate::syntax::Source;
use crate::tree::{crates, files, read, root, sources};

/// Longest ARCHITECTURE.md, in lines.
const ARCHITECTURE_LINES_MAX: usize = 250;

/// Folders whose files are named by their path from the root.
const FOLDERS: [&str; 7] =
    ["crates/", "deploy/", "docs/", "fuzz/", "proto/", "stacks/contracts/", "vectors/"];

/// The names of documents and the paths in a text.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let ends = |char: char| char.is_whitespace() || "`()[]{}<>,;:\"'|#".contains(char);
    text.split(ends).map(|word| word.trim_matches('*').trim_end_matches(['.', '/', '?', '!'])).filter(
        |word| {
            let plain = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
            let document =
                word.strip_suffix(".md").is_some_and(|stem| !stem.is_empty() && !stem.ends_with('.'));
            plain && (document || FOLDERS.iter().any(|begin| word.starts_with(begin)))
        },
    )
}

/// What a text names and is not there.
fn missing(path: &str, text: &str, there: impl Fn(&str) -> bool) -> Vec<String> {
    named(text).filter(|word| !there(word)).map(|word| format!("{path}: {word}")).collect()
}

#[test]
fn everything_that_documents_and_comments_name_exists() {
    let mut found = Vec::new();
    let all = files();
    for path in all.iter().filter(|path| !path.contains("/tests/tidy/")) {
        let Ok(text) = fs::read_to_string(root().join(path)) else { continue };
        let beside = root().join(path).parent().unwrap().to_owned();
        let there = |word: &str| root().join(word).exists() || beside.join(word).exists();
        match path.rsplit('.').next() {
            Some("rs") => found.extend(missing(path, &Source::parse(&text).comments, there)),
            Some("md") => found.extend(missing(path, &text, there)),
            // Known answers are data, whoever wrote them.
            Some("json" | "lock") => {}
            // Elsewhere only the names of documents are surely names, whatever folder they are seen from.
            _ => found.extend(missing(path, &text, |word| {
                !word.ends_with(".md")
                    || all.iter().any(|path| path.rsplit('/').next() == word.rsplit('/').next())
            })),
        }
    }
    assert!(found.is_empty(), "named, and not there:\n  {}", found.join("\n  "));
}

#[test]
fn no_committed_file_names_this_machine_or_a_registry() {
    let machine = ["/wo", "rk/"].concat();
    let home = ["/ro", "ot/"].concat();
    let registries = ["registry.npmjs", "index.crates", "static.crates", "files.pythonhosted", "deb.debian"];
    for path in files() {
        let Ok(text) = fs::read_to_string(root().join(&path)) else { continue };
        if path.contains("/tests/tidy/") || path.ends_with("Cargo.lock") {
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
fn the_map_is_short_and_names_every_crate_and_every_folder_in_it() {
    let text = read("ARCHITECTURE.md");
    let lines = text.lines().count();
    assert!(lines <= ARCHITECTURE_LINES_MAX, "ARCHITECTURE.md has {lines} lines");
    let all = files();
    for (name, _) in crates() {
        let row = text.lines().find(|line| line.starts_with(&format!("| `crates/{name}`")));
        let Some(row) = row else { panic!("ARCHITECTURE.md has no row for crates/{name}") };
        let begin = format!("crates/{name}/src/");
        let folders: BTreeSet<&str> = all
            .iter()
            .filter(|path| !crate::tree::is_test(path))
            .filter_map(|path| Some(path.strip_prefix(&begin)?.split_once('/')?.0))
            .collect();
        for folder in folders {
            assert!(
                row.contains(&format!("`{folder}/`")),
                "the row of crates/{name} does not name `{folder}/`"
            );
        }
        let is_there = |folder: &str| {
            all.iter().any(|path| path.starts_with(&begin) && path.contains(&format!("/{folder}/")))
        };
        for folder in row.split('`').filter_map(|word| word.strip_suffix('/')) {
            assert!(is_there(folder), "the row of crates/{name} names `{folder}/`, which is not there");
        }
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
