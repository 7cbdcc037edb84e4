//! A command is a leaf: it may use what its own folder shares and everything beside the commands, never another command. A list of
//! commands may give one that is elsewhere a second name.

use std::collections::BTreeMap;

use regex::Regex;

use crate::tree::{read, sources};

/// Where the commands are.
const ROOT: &str = "crates/cli/src/commands/";

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

#[test]
fn no_command_is_a_library_of_another() {
    let commands: BTreeMap<Vec<String>, String> = sources()
        .filter_map(|path| {
            let name = path.strip_prefix(ROOT)?.strip_suffix(".rs")?;
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
            let is_command = commands[module].contains("fn run(");
            let is_second_name = module.last().is_some_and(|name| text.contains(&format!("({name}::Args)")));
            assert!(
                !is_command || is_second_name || own.starts_with(module),
                "{ROOT}{}.rs uses {}, which is a command",
                own.join("/"),
                module.join("::")
            );
        }
    }
}
