//! How the desk speaks: phrases that a native reader stumbles over are in no text that a person sees: not in the program and its helps, not in
//! the page, not in the documents.

use crate::tree::{built, files, read, sources};

/// What is not said, and what is said instead.
const PHRASES: &[(&str, &str)] = &[
    ("has not the role", "does not have the role"),
    ("is no ticket id", "is not a ticket id"),
    ("is no cursor", "is not a cursor"),
    ("is no file of pins", "is not a file of pins"),
    ("is no address", "is not an address"),
    ("not of the english list", "not in the English list"),
    ("nobody is there to", "there is no terminal to ask at"),
    ("already whatever you can", "can already open everything you can"),
    ("can open already", "can already open"),
    ("nobody has these yet", "Unassigned"),
    ("as the node tells it", "as reported by the node"),
    ("opened its first message", "gave NAME access to the first message"),
    ("the ledger stops or", "the ledger has stopped or"),
    ("unless the message says what to do", "no hint"),
    ("make him one", "make them one"),
    ("whoever", "anyone who, or name the person"),
    ("anew", "again, or nothing"),
    ("once more", "again"),
    ("by now", "now"),
    ("all the same", "anyway"),
    ("stands behind", "follows, or comes after"),
    ("stands here", "is here"),
    ("what else there is to say", "the rest"),
    ("in another way than", "by a route other than"),
    ("look again before", "check before"),
];

/// What the page, the program and its helps do not say besides; the documents may.
const SHOWN: &[(&str, &str)] = &[
    ("docs/permissions.md", "`sealdesk help permissions`"),
    ("of theirs", "their"),
    ("let in later", "given access later"),
    ("lets you in", "gives you access"),
    ("lets them in", "gives them access"),
    ("let them in", "give them access"),
    ("let somebody in", "give someone access"),
    ("is asked again", "retrying"),
    ("open again", "reopen"),
    ("take up again", "bring back"),
    ("in work", "in progress"),
    ("how urgent", "priority"),
    ("what else stands", "everything else"),
    ("looked up", "checked"),
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

/// What `--help` says of the commands and options of a source: the comments above what clap reads, which of commands are variants of an enum.
fn helps(source: &str) -> Vec<String> {
    let is_variant =
        |line: &str| source.contains("Subcommand") && line.starts_with(|c: char| c.is_ascii_uppercase());
    let (mut found, mut said) = (Vec::new(), String::new());
    for line in source.split("#[cfg(test)]").next().unwrap_or_default().lines().map(str::trim) {
        if let Some(more) = line.strip_prefix("///") {
            said += more;
        } else {
            if line.starts_with("#[arg(") || line.starts_with("#[command(") || is_variant(line) {
                found.push(said.clone());
            }
            said.clear();
        }
    }
    found.retain(|help| !help.is_empty());
    found
}

/// The English messages of a catalog of the page.
fn messages(catalog: &str) -> Vec<String> {
    catalog.lines().filter_map(|line| line.strip_prefix("msgid \"")).map(str::to_owned).collect()
}

/// The prose of a document: what stands in fences is played elsewhere, and quotes what the program says.
fn prose(document: &str) -> Vec<String> {
    document.split("```").step_by(2).map(str::to_owned).collect()
}

/// A text as it is read: in one line, in small letters, without what does not belong to words.
fn plain(text: &str) -> String {
    let words = text.replace("\\\n", " ").replace("\\n", " ").to_lowercase();
    format!(" {} ", words.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Whether a text has a phrase, and not as a part of longer words, options or names.
fn says(text: &str, phrase: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || "-_`{}".contains(c);
    let is_alone = |(at, _)| {
        let (before, behind): (&str, &str) = (&text[..at], &text[at + phrase.len()..]);
        !before.ends_with(is_name) && !behind.starts_with(is_name)
    };
    text.match_indices(phrase).any(is_alone)
}

/// What of a text a reader stumbles over.
fn stumbles(path: &str, text: &str, lists: &[&[(&str, &str)]]) -> Vec<String> {
    let text = plain(text);
    let mut found = Vec::new();
    for (phrase, instead) in lists.iter().flat_map(|list| list.iter()) {
        if says(&text, phrase) {
            found.push(format!("{path}: \"{phrase}\": say {instead}"));
        }
    }
    if ["he", "him", "his", "himself"].iter().any(|word| says(&text, word)) {
        found.push(format!("{path}: he, him or his: say they, or the name"));
    }
    found
}

/// Documents whose words are others': a list of tests by name, patches, and a table that a test writes.
const NOT_PROSE: [&str; 3] = ["docs/known-bugs.md", "docs/planted-bugs.md", "docs/permissions.md"];

#[test]
fn no_text_for_people_has_a_phrase_that_is_not_plain_english() {
    let (mut found, mut seen) = (Vec::new(), [0; 4]);
    let mut look = |kind: usize, path: &str, texts: Vec<String>, lists: &[&[(&str, &str)]]| {
        seen[kind] += texts.len();
        found.extend(texts.iter().flat_map(|text| stumbles(path, text, lists)));
    };
    let of_program =
        |path: &String| path.starts_with("crates/") && path.contains("/src/") && !path.contains("/tests");
    for path in sources().filter(of_program) {
        let source = read(&path);
        look(0, &path, texts(&source), &[PHRASES, SHOWN]);
        if path.starts_with("crates/cli/") {
            look(1, &path, helps(&source), &[PHRASES, SHOWN]);
        }
    }
    for path in files() {
        if path.starts_with("desk/src/") && path.ends_with("en.po") {
            look(2, &path, messages(&read(&path)), &[PHRASES, SHOWN]);
        }
        let is_document = ["README.md", "SECURITY.md"].contains(&path.as_str())
            || (path.starts_with("docs/") && path.ends_with(".md") && !NOT_PROSE.contains(&path.as_str()));
        if is_document {
            look(3, &path, prose(&read(&path)), &[PHRASES]);
        }
    }
    let enough = seen.iter().zip([1_000, 400, 1_000, 100]).all(|(seen, least)| *seen > least);
    assert!(enough, "{seen:?} texts, helps, messages and paragraphs: they are not where this test looks");
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

#[test]
fn a_phrase_is_found_as_words_and_not_in_a_name_or_an_option() {
    for (text, phrase, is_said) in [
        ("Whoever has it reads it", "whoever", true),
        ("it is written anew, then read", "anew", true),
        ("`sealdesk trust IDENTITY --anew`", "anew", false),
        ("in words: {words}{anew}", "anew", false),
        ("a_note_of_whoever_left", "whoever", false),
        ("Do it\\\n        once   more.", "once more", true),
    ] {
        assert_eq!(says(&plain(text), phrase), is_said, "{text}");
    }
    assert_eq!(helps("/// Begin it\n/// anew\n#[arg(long)]\n/// No help\nfn it() {}"), [" Begin it anew"]);
    assert_eq!(messages("msgid \"Once more\"\nmsgstr \"x\""), ["Once more\""]);
    assert_eq!(prose("one\n```\nwhoever\n```\ntwo").len(), 2);
}
