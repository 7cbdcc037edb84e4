//! README.md, docs/api.md and docs/stories/*.md are executed: every `console` block is typed into a shell, and what comes out is compared
//! with what stands there. Addresses, hashes, times, ports and phrases differ each time; everything else must be as written.
//!
//! `STORIES=overwrite cargo test -p sealdesk-cli --test it stories::` writes what really came out into the documents.

use std::fs;
use std::path::{Path, PathBuf};

use crate::desk::simulator::Simulator;
use crate::desk::story::{Part, Story};
use crate::desk::{Shell, normal};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn play(document: &str) {
    play_in(document, Shell::new());
}

/// A story of the desk on Stacks, against the simulator of a Stacks node.
fn play_on_stacks(document: &str) {
    let simulator = Simulator::start(&[]);
    play_in(document, Shell::new().with_env("SEALDESK_NODE", &simulator.url));
}

fn play_in(document: &str, mut shell: Shell) {
    let path = root().join(document);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{document}: {error}"));
    let story = Story::parse(&text);
    assert!(story.commands() > 0, "{document} has no commands");
    let overwrite = std::env::var("STORIES").is_ok_and(|value| value == "overwrite");
    let mut written = String::new();
    for part in story.parts {
        match part {
            Part::Text(text) => written.push_str(&text),
            Part::Step { command, expected, line } => {
                let found = shell.run(&command);
                let same = normal(&expected) == normal(&found);
                assert!(
                    overwrite || same,
                    "{document}:{line}\n$ {command}\n--- stands there\n{expected}\n--- came out\n{found}"
                );
                written.push_str(&format!("$ {command}\n"));
                written.push_str(&found);
            }
        }
    }
    shell.stop();
    if overwrite {
        fs::write(&path, written).unwrap();
    }
}

macro_rules! stories {
    ($($name:ident: $document:literal;)*) => {
        $(#[test] fn $name() { play($document); })*

        /// The documents that are played.
        const PLAYED: &[&str] = &[$($document,)* ON_STACKS, DAY, API];
    };
}

/// The story of the desk on Stacks.
const ON_STACKS: &str = "docs/stories/stacks.md";

#[test]
fn the_desk_on_stacks_is_as_told() {
    play_on_stacks(ON_STACKS);
}

/// A day of a team on several computers, which name the port.
const DAY: &str = "docs/stories/day.md";

#[test]
fn a_day_of_a_team_is_as_told() {
    play_in(DAY, Shell::new().at_a_free_port());
}

/// What programs are told, for which the port is known.
const API: &str = "docs/api.md";

#[test]
fn the_interface_for_programs_is_as_told() {
    play_in(API, Shell::new().at_a_free_port());
}

stories! {
    signing_elsewhere_is_as_told: "docs/stories/signing.md";
    the_readmes_minute_is_true: "README.md";
    roles_are_as_told: "docs/stories/roles.md";
    limits_and_refusals_are_as_told: "docs/stories/limits.md";
    receipts_are_as_told: "docs/stories/receipts.md";
    key_rotation_and_grants_are_as_told: "docs/stories/keys.md";
    export_and_import_are_as_told: "docs/stories/export.md";
    a_backup_and_its_restore_are_as_told: "docs/stories/backup.md";
    documents_are_as_told: "docs/stories/documents.md";
    an_invitation_is_as_told: "docs/stories/invitation.md";
    a_leaver_is_as_told: "docs/stories/leaver.md";
    a_lost_phrase_is_as_told: "docs/stories/lost-phrase.md";
}

#[test]
fn every_story_is_played_and_no_command_stands_outside_of_one() {
    let stories = fs::read_dir(root().join("docs/stories")).unwrap();
    for story in stories.map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
        let path = format!("docs/stories/{story}");
        assert!(PLAYED.contains(&path.as_str()), "{path} is not played");
    }
    let others = ["SECURITY.md", "CONTRIBUTING.md"];
    for document in PLAYED.iter().chain(&others) {
        let text = fs::read_to_string(root().join(document)).unwrap();
        let mut fence = None;
        for (number, line) in text.lines().enumerate() {
            fence = match (line.strip_prefix("```"), fence) {
                (Some(kind), None) => Some(kind),
                (Some(_), Some(_)) => None,
                (None, fence) => fence,
            };
            let command = line.trim_start_matches("$ ").starts_with("sealdesk ");
            let played = fence == Some("console") && PLAYED.contains(document);
            assert!(!command || played || fence.is_none(), "{document}:{} is not played: {line}", number + 1);
        }
    }
}
