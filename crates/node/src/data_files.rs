//! Names of what an embedded ledger has beside its state in the directory of its data, and whether a ledger has left anything there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sealdesk_store::STATE_FILE;

/// The directory of the block log.
pub(crate) const BLOCKS_DIR: &str = "blocks";
/// The directory of the headers that dropped blocks leave.
pub(crate) const HEADERS_DIR: &str = "headers";
/// Name of the note of the last signed block in a home.
pub const SIGNED_FILE: &str = "validator_signed";

/// Whether a home has data that only a ledger makes: its state, its blocks, or what its key has signed, of either engine.
///
/// # Errors
/// What cannot be looked at, and why.
pub(crate) fn are_there(home: &Path, data: &Path) -> Result<bool, (PathBuf, io::Error)> {
    let places = [
        data.join(STATE_FILE),
        data.join(BLOCKS_DIR),
        data.join(HEADERS_DIR),
        home.join(SIGNED_FILE),
        home.join("comet/data/blockstore.db"),
    ];
    for place in places {
        if holds_something(&place).map_err(|error| (place, error))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether there is a file or a folder of this name that is not empty: an attempt to open a ledger leaves empty ones.
fn holds_something(place: &Path) -> io::Result<bool> {
    let found = match fs::metadata(place) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    if found.is_dir() { Ok(fs::read_dir(place)?.next().is_some()) } else { Ok(found.len() > 0) }
}
