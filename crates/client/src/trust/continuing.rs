//! What a home takes over from a ledger that it trusted to the one that continues it.

use std::collections::BTreeSet;

use sealdesk_protocol::circle::Ledger;
use sealdesk_protocol::wire::sealdesk::ledger::v1::CircleChange;

use super::Pin;

/// That a ledger continues one that a home trusts: votes of more than half of its administrators, to whom the trusted circle leads, say
/// so. Made by [`crate::desk::Desk::continuation`] only.
#[derive(Debug, Clone, PartialEq)]
pub struct Continuation {
    /// The ledger that is trusted.
    pub old: Ledger,
    /// The height from which on the new ledger is another one, as its beginning says.
    pub height: u64,
    /// The height up to which this home has seen the old one.
    pub seen: u64,
    /// How many of its administrators voted.
    pub votes: usize,
    /// How many there were.
    pub members: usize,
    /// The changes between the trusted circle and the one that the new ledger begins with.
    pub(crate) changes: Vec<CircleChange>,
}

impl Continuation {
    /// Whether this home has seen more of the old ledger than the new one holds.
    pub fn is_behind(&self) -> bool {
        self.seen > self.height
    }
}

impl Pin {
    /// This pin of a ledger, with the people whom the home knew on the one that it continues, and the changes that led to them. The old
    /// pin stays as it is, for old receipts and for what is remembered beside it.
    #[must_use]
    pub fn continuing(self, old: &Self, continuation: &Continuation) -> Self {
        let readers: BTreeSet<_> = old.readers.union(&self.readers).cloned().collect();
        let changes = [&old.changes, &continuation.changes, &self.changes];
        let changes = changes.into_iter().flatten().cloned().collect();
        Self { agreed: true, readers, changes, ..self }
    }
}
