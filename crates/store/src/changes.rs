//! What a block changes, before it is staged.

use std::collections::BTreeMap;

/// Pending writes of one key space, ordered by key; `None` deletes.
pub type Writes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Writes to both key spaces. The last write of a key wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Records: authenticated, each a leaf of the state tree.
    pub records: Writes,
    /// Side values: same commit, never in the root.
    pub side: Writes,
}

impl Changes {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.side.is_empty()
    }

    /// Lays `later` over these changes.
    pub fn extend(&mut self, later: Changes) {
        self.records.extend(later.records);
        self.side.extend(later.side);
    }
}
