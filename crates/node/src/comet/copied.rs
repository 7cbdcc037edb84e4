//! Whether a home is a copy. An older copy remembers less than its validator has signed, and CometBFT would sign the newest height
//! once more while it catches up, as `an_older_copy_of_a_validator_never_signs_again_for_a_height` shows.
//!
//! A directory knows its number and its birth; both are written down in it, and a copy of it has others. A snapshot of a whole
//! disk cannot be told from the disk.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::sleep;

use super::error::CometError;
use super::gate::Gate;
use super::home::replace;
use crate::ledger::Ledger as _;

/// Seconds by which the clocks of validators may differ.
const CLOCKS_SECONDS: i64 = 2;
/// Between two looks at the newest block.
const LOOK: Duration = Duration::from_millis(100);

/// Where a directory's number and birth are written down.
pub(super) fn note(data: &Path) -> PathBuf {
    data.join("place")
}

/// Whether CometBFT's data are in another directory than they were in. Without a note they are taken for what they are.
pub(super) fn is_copy(data: &Path) -> Result<bool, CometError> {
    let path = note(data);
    match fs::read_to_string(&path) {
        Ok(written) => Ok(written != place_of(data)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(CometError::Io { path, error }),
    }
}

/// Writes down that this directory is the one.
pub(super) fn write_down(data: &Path) -> Result<(), CometError> {
    replace(&note(data), place_of(data)?.as_bytes())
}

fn place_of(data: &Path) -> Result<String, CometError> {
    let meta = fs::metadata(data).map_err(|error| CometError::Io { path: data.to_owned(), error })?;
    // Not every file system knows when something was born.
    let born = meta.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    Ok(format!("{} {}\n", meta.ino(), born.as_nanos()))
}

/// Waits for a block that was made after this moment: whatever the validator has signed before was for an earlier one.
///
/// # Errors
/// [`CometError::Stopped`] if the ledger stops before.
pub(super) async fn later_block(gate: &Gate) -> Result<(), CometError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let after = i64::try_from(now).unwrap_or(i64::MAX).saturating_add(CLOCKS_SECONDS);
    while gate.tip().time.unix_timestamp() <= after {
        if let Some(reason) = gate.stopped() {
            return Err(CometError::Stopped(reason));
        }
        sleep(LOOK).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_directory_is_known_by_its_place_and_a_moved_one_is_no_copy() {
        let dir = tempfile::tempdir().unwrap();
        let [data, copy, moved] = ["data", "copy", "moved"].map(|name| dir.path().join(name));
        fs::create_dir(&data).unwrap();
        assert!(!is_copy(&data).unwrap(), "nothing is known of it yet");
        write_down(&data).unwrap();
        assert!(!is_copy(&data).unwrap());
        fs::create_dir(&copy).unwrap();
        fs::copy(note(&data), note(&copy)).unwrap();
        assert!(is_copy(&copy).unwrap());
        fs::rename(&data, &moved).unwrap();
        assert!(!is_copy(&moved).unwrap());
    }
}
