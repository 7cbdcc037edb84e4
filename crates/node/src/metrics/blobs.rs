//! Pieces of attached files: what waits, what the ledger names, what is missing.

use prometheus::Gauge;

use super::families::{Families, number};

/// See the module.
pub(crate) struct Blobs {
    pending: Gauge,
    pending_bytes: Gauge,
    named: Gauge,
    missing: Gauge,
}

impl Blobs {
    pub(super) fn new(families: &Families) -> Self {
        Self {
            pending: families.gauge(
                "sealdesk_blobs_pending",
                "Pieces of files that no message names yet; each waits for a day.",
            ),
            pending_bytes: families.gauge("sealdesk_blobs_pending_bytes", "Bytes of these."),
            named: families.gauge(
                "sealdesk_blobs_named",
                "Pieces of files that messages name, as of the last look at all of them.",
            ),
            missing: families.gauge(
                "sealdesk_blobs_missing",
                "Of these, pieces that this node does not have: nobody can save those files from it.",
            ),
        }
    }

    /// So many pieces wait.
    pub(crate) fn pending(&self, pieces: usize, bytes: u64) {
        self.pending.set(number(u64::try_from(pieces).unwrap_or(u64::MAX)));
        self.pending_bytes.set(number(bytes));
    }

    /// A look at all pieces has ended.
    pub(crate) fn found(&self, named: u64, missing: u64) {
        self.named.set(number(named));
        self.missing.set(number(missing));
    }
}
