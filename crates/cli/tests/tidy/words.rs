//! How the program speaks: phrases that a native reader stumbles over stand in no text that a person sees.

use crate::tree::{built, read, sources};

/// What is not said, and what is said instead.
const PHRASES: &[(&str, &str)] = &[
    ("has not the role", "does not have the role"),
    ("is no ticket id", "is not a ticket id"),
    ("is no cursor", "is not a cursor"),
    ("is no file of pins", "is not a file of pins"),
    ("is no address", "is not an address"),
    ("not of the English list", "not in the English list"),
    ("obody is there to", "there is no terminal to ask at"),
    ("already whatever you can", "can already open everything you can"),
    ("can open already", "can already open"),
    ("Nobody has these yet", "Unassigned"),
    ("let in later", "given access later"),
    ("as the node tells it", "as reported by the node"),
    ("opened its first message", "gave NAME access to the first message"),
    ("written anew", "written again"),
    ("begun anew", "begun again"),
    ("begin it anew", "begin it again"),
    ("the ledger stops or", "the ledger has stopped or"),
    ("unless the message says what to do", "no hint"),
    ("make him one", "make them one"),
    ("docs/permissions.md", "`sealdesk help permissions`"),
];

/// Acts that have a daily name, by Cosmos's: what to type next is said by the daily one.
const DAILY: &[(&str, &str)] = &[
    ("tx support create-ticket", "new"),
    ("tx support assign-ticket", "assign"),
    ("tx support take-ticket", "take"),
    ("tx support respond", "reply"),
    ("tx support resolve-ticket", "resolve"),
    ("tx support close-ticket", "close"),
    ("tx support reopen-ticket", "reopen"),
    ("tx support rate-ticket", "rate"),
    ("tx support snooze-ticket", "snooze"),
    ("tx support link-tickets", "link"),
    ("tx support transfer-ticket", "transfer"),
];

/// The help of those commands themselves, which has their own names.
const OWN_HELP: [&str; 2] = ["crates/cli/src/examples.rs", "crates/cli/src/commands/tx/support.rs"];

/// The texts of a source between quotation marks, its tests and comments left out.
fn texts(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let code =
        code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    code.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn no_text_for_people_has_a_phrase_that_is_not_plain_english() {
    let (mut found, mut seen) = (Vec::new(), 0);
    let of_program =
        |path: &String| path.starts_with("crates/") && path.contains("/src/") && !path.contains("/tests");
    for path in sources().filter(of_program) {
        for text in texts(&read(&path)) {
            seen += 1;
            for (phrase, instead) in PHRASES.iter().filter(|(phrase, _)| text.contains(phrase)) {
                found.push(format!("{path}: \"{phrase}\": say {instead}"));
            }
            let words = text.split(|c: char| !c.is_ascii_alphabetic());
            if words.clone().any(|word| ["he", "him", "his", "himself"].contains(&word)) {
                found.push(format!("{path}: \"{}\": say they, or the name", text.trim()));
            }
        }
    }
    assert!(seen > 1_000, "{seen} texts: they are not where this test looks");
    assert!(found.is_empty(), "CONTRIBUTING.md, plain English:\n  {}", found.join("\n  "));
}

#[test]
fn what_to_type_next_is_the_daily_name_of_a_command() {
    let mut found = Vec::new();
    for path in built().filter(|path| !OWN_HELP.contains(&path.as_str())) {
        for text in texts(&read(&path)) {
            for (long, daily) in DAILY.iter().filter(|(long, _)| text.contains(long)) {
                found.push(format!("{path}: \"{long}\": say sealdesk {daily}"));
            }
        }
    }
    assert!(found.is_empty(), "one act, two names:\n  {}", found.join("\n  "));
}
