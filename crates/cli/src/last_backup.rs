//! When the last backup of a home was made, for whoever is to be reminded. It says nothing of where that is.

use std::path::{Path, PathBuf};

use sealdesk_client::durable;
use sealdesk_node::home::Home;
use serde::{Deserialize, Serialize};

use crate::ledger_clock::in_words;

/// Longest note, in bytes.
const NOTE_BYTES_MAX: u64 = 4096;
/// Age of the last backup from which a person is reminded, in seconds: 30 days.
const OLD_SECONDS: i64 = 30 * 86_400;
/// How old a desk may be that was never backed up, in seconds: a week.
const NEW_SECONDS: i64 = 7 * 86_400;

/// The note in a home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastBackup {
    /// The ledger that it is of.
    pub(crate) chain_id: String,
    /// The height whose state it holds.
    pub(crate) height: u64,
    /// When it was made, in Unix seconds.
    pub(crate) made: i64,
    /// Whether it was read back. One that went to standard output was not: where it arrived is not known here.
    #[serde(default = "yes")]
    pub(crate) is_read_back: bool,
}

/// Notes of older programs are of backups that were.
fn yes() -> bool {
    true
}

/// How a home stands with its backups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BackedUp {
    /// There is one that is not old, or the desk is new.
    Well(String),
    /// It is time for one.
    Due(String),
}

impl LastBackup {
    fn file(home: &Path) -> PathBuf {
        home.join("last_backup.json")
    }

    /// Keeps it.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn keep(&self, home: &Path) -> std::io::Result<()> {
        durable::write_private(&Self::file(home), &serde_json::to_vec(self)?)
    }

    /// Keeps it unless a newer one is known.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn keep_if_newest(&self, home: &Path) -> std::io::Result<()> {
        let is_older = |found: Self| found.made > self.made;
        if Self::of(home, &self.chain_id).is_some_and(is_older) { Ok(()) } else { self.keep(home) }
    }

    /// What is known of the last one of a ledger; nothing where the note is missing or something else.
    fn of(home: &Path, chain_id: &str) -> Option<Self> {
        let bytes = durable::read_bounded(&Self::file(home), NOTE_BYTES_MAX).ok()?;
        let found: Self = serde_json::from_slice(&bytes).ok()?;
        Some(found).filter(|found| found.chain_id == chain_id)
    }
}

/// How a home stands with its backups at a time, in Unix seconds; `None` where it has no ledger.
pub(crate) fn looked_at(home: &Home, now: i64) -> Option<BackedUp> {
    let genesis = home.genesis().ok()?;
    let found = LastBackup::of(home.path(), &genesis.chain_id);
    Some(judged(found.as_ref(), genesis.time().ok()?, now))
}

fn judged(found: Option<&LastBackup>, begun: i64, now: i64) -> BackedUp {
    match found {
        None if now.saturating_sub(begun) < NEW_SECONDS => BackedUp::Well("none was made yet".to_owned()),
        None => BackedUp::Due("no backup of this desk was ever made".to_owned()),
        Some(LastBackup { height, made, is_read_back, .. }) => {
            let age = now.saturating_sub(*made).max(0);
            let unread = match is_read_back {
                true => "",
                false => {
                    "; it went to standard output: `sealdesk backup --check FILE` reads it where it arrived"
                }
            };
            let text = format!("the last one is {} old, of height {height}{unread}", in_words(age));
            if age < OLD_SECONDS { BackedUp::Well(text) } else { BackedUp::Due(format!("backups: {text}")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desk_is_reminded_after_a_week_and_a_backup_after_a_month() {
        let last = |made| LastBackup { chain_id: "desk-1".to_owned(), height: 7, made, is_read_back: true };
        let now = 100 * 86_400;
        let due =
            |found: Option<LastBackup>, begun| matches!(judged(found.as_ref(), begun, now), BackedUp::Due(_));
        assert!(!due(None, now - NEW_SECONDS + 1) && due(None, now - NEW_SECONDS));
        assert!(!due(Some(last(now - OLD_SECONDS + 1)), 0) && due(Some(last(now - OLD_SECONDS)), 0));
        assert!(!due(Some(last(now + 500)), 0), "made under another clock");
    }

    #[test]
    fn a_note_of_another_ledger_counts_for_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let last = LastBackup { chain_id: "desk-1".to_owned(), height: 7, made: 5, is_read_back: true };
        last.keep(dir.path()).unwrap();
        assert_eq!(LastBackup::of(dir.path(), "desk-1"), Some(last.clone()));
        LastBackup { made: 4, ..last.clone() }.keep_if_newest(dir.path()).unwrap();
        assert_eq!(LastBackup::of(dir.path(), "desk-1"), Some(last), "an older one that is checked");
        assert_eq!(LastBackup::of(dir.path(), "desk-2"), None);
    }
}
