//! Secret files where no program put them: copies of a home's files under other names or in other folders, and phrases that somebody saved.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use sealdesk_client::actor::Phrase;
use zeroize::Zeroizing;

/// Longest file that is looked into, in bytes: more than any key or phrase takes.
const LOOKED_INTO_BYTES_MAX: u64 = 65_536;
/// Most files that are looked at beside those that the program knows.
const FILES_MAX: usize = 4_096;
/// Most entries of folders that are looked at for them.
const ENTRIES_MAX: usize = 65_536;
/// How deep folders are gone into that no program made.
const DEPTH_MAX: usize = 6;
/// How many words a recovery phrase may have.
const PHRASE_WORDS: [usize; 2] = [24, 12];
/// Longest word of a phrase.
const WORD_BYTES_MAX: usize = 8;
/// What stands in the files of validators' and nodes' keys, and of keys without a passphrase.
const MARKS: [&[u8]; 3] = [b"\"secret_key\"", b"\"priv_key\"", b"\"recovery_phrase\""];
/// How files begin that are secret under the names that they have in a home. A copy of one has more behind that.
const SECRET_STEMS: [&str; 5] =
    ["keyring.passphrase", "validator_key", "priv_validator_key", "node_key", "vapid_key"];
/// How copies end that people and programs leave behind.
const BACKUP_ENDS: [&str; 12] =
    [".bak", ".old", ".orig", ".save", ".swp", ".tmp", ".tar", ".tgz", ".gz", ".zip", ".zst", "~"];
/// The folders of a home that the program makes, and looks after elsewhere or keeps no secret in.
const OWN_FOLDERS: [&str; 10] = [
    "keyring-file",
    "keyring-os",
    "keyring-test",
    "data",
    "comet",
    "webhooks",
    "push",
    "invitations",
    "drafts",
    "webcat",
];

/// Why a file counts as a secret one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stray {
    /// By its name it is a copy.
    Copy,
    /// It holds a key or a phrase.
    Holds,
}

/// What a file of a home is that has none of the names that the program gives to secret ones; `None` where nothing says that it is secret.
pub(super) fn judged(path: &Path, home: &Path) -> Option<Stray> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_copy = BACKUP_ENDS.iter().any(|end| name.ends_with(end))
        || SECRET_STEMS.iter().any(|stem| name.starts_with(stem))
        || path.strip_prefix(home).is_ok_and(is_of_keyring);
    if is_copy { Some(Stray::Copy) } else { holds_secret(path).then_some(Stray::Holds) }
}

/// Whether a file lies in a folder that is called as one of keys.
fn is_of_keyring(path: &Path) -> bool {
    let mut folders = path.parent().into_iter().flat_map(Path::components);
    folders.any(|folder| folder.as_os_str().to_string_lossy().starts_with("keyring-"))
}

/// The files below those folders of a home that the program did not make, as far as they are looked at.
pub(super) fn below_unknown_folders(home: &Path) -> Vec<PathBuf> {
    let is_own = |path: &Path| OWN_FOLDERS.iter().any(|own| path == home.join(own));
    let mut folders = vec![(home.to_owned(), 0)];
    let (mut found, mut seen) = (Vec::new(), 0);
    while let Some((folder, depth)) = folders.pop() {
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
        for path in entries.take(ENTRIES_MAX.saturating_sub(seen)) {
            seen += 1;
            // A link leads somewhere else, where other rules hold.
            let Ok(kind) = fs::symlink_metadata(&path).map(|found| found.file_type()) else { continue };
            if kind.is_dir() && depth < DEPTH_MAX && !is_own(&path) {
                folders.push((path, depth + 1));
            } else if kind.is_file() && depth > 0 && found.len() < FILES_MAX {
                found.push(path);
            }
        }
    }
    found
}

fn holds_secret(path: &Path) -> bool {
    let mut text = Zeroizing::new(Vec::new());
    let is_small =
        fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() <= LOOKED_INTO_BYTES_MAX);
    let read = || fs::File::open(path)?.take(LOOKED_INTO_BYTES_MAX).read_to_end(&mut text);
    if !is_small || { read }().is_err() {
        return false;
    }
    let marked = |mark: &[u8]| text.windows(mark.len()).any(|part| part == mark);
    MARKS.into_iter().any(marked) || std::str::from_utf8(&text).is_ok_and(holds_phrase)
}

/// Whether so many words stand behind each other that they are a recovery phrase.
fn holds_phrase(text: &str) -> bool {
    let words: Vec<&str> =
        text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty()).collect();
    let is_word =
        |word: &&str| word.len() <= WORD_BYTES_MAX && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_phrase =
        |words: &[&str]| words.iter().all(is_word) && Phrase::parse(&Zeroizing::new(words.join(" "))).is_ok();
    PHRASE_WORDS.iter().any(|count| words.windows(*count).any(is_phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHRASE: &str =
        "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

    #[test]
    fn a_phrase_is_found_however_it_was_written_down_and_prose_is_not_one() {
        for text in [
            PHRASE.to_owned(),
            format!("my phrase:\r\n{PHRASE}\r\n"),
            PHRASE.replace(' ', "\n"),
            PHRASE.split(' ').zip(1..).map(|(word, n)| format!("{n}. {word}\n")).collect(),
        ] {
            assert!(holds_phrase(&text), "{text}");
        }
        let wrong = PHRASE.replace("about", "abandon");
        for text in [&wrong, "", "a note to myself about the desk, and what it is for on any day of the week"]
        {
            assert!(!holds_phrase(text), "{text}");
        }
    }
}
