//! The state tree: the one module that knows `jmt`.
//!
//! jmt keeps every version of every node; this store keeps only the latest, under the node's nibble path, so that an
//! update overwrites in place and nothing stale is ever searched for. For that jmt is shown a tree of just two versions:
//! [`STORED`] is what the table holds and [`STAGED`] is what the update at hand creates.

mod check;
mod codec;
mod node_source;
mod prove;
mod update;

pub(crate) use check::check;
pub(crate) use prove::{find_leaf, prove};
pub(crate) use update::update;

use crate::tables::sha256;

/// Version under which jmt finds the nodes of the table.
const STORED: u64 = 0;
/// Version that jmt gives to the nodes of an update.
const STAGED: u64 = 1;

/// Root of a tree without leaves, as jmt defines it.
pub(crate) const EMPTY_ROOT: [u8; 32] = *b"SPARSE_MERKLE_PLACEHOLDER_HASH__";

/// The ICS-23 key of a record. It is a hash, so that a proof of absence, which shows two neighbouring keys, tells nothing
/// about them.
pub(crate) fn tree_key(state_key: &[u8]) -> [u8; 32] {
    sha256(state_key)
}

/// The ICS-23 value of a record. It is a hash, so that a proof stays small and a record's bytes stay private.
pub(crate) fn leaf_value(record: &[u8]) -> [u8; 32] {
    sha256(record)
}

/// Where a tree key stands in the tree: ICS-23 hashes keys once more.
pub(crate) fn position(tree_key: &[u8; 32]) -> [u8; 32] {
    sha256(tree_key)
}
