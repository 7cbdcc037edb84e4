//! Names of what an embedded ledger has beside its state in the directory of its data.

/// The directory of the block log.
pub(crate) const BLOCKS_DIR: &str = "blocks";
/// The directory of the headers that dropped blocks leave.
pub(crate) const HEADERS_DIR: &str = "headers";
/// Name of the note of the last signed block in a home.
pub const SIGNED_FILE: &str = "validator_signed";
