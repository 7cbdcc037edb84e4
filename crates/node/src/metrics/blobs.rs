//! Pieces of attached files: what waits, what the ledger names, what is missing.

use prometheus::Gauge;

use super::families::{Families, number};

/// See the module.
pub(crate) struct Blobs {
    pending: Gauge,
    pending_bytes: Gauge,
    named: Gauge,
    missing: Gauge,
    never_came: Gauge,
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
                "Of these, pieces that this node had and does not have any more: nobody can save those files from it.",
            ),
            never_came: families.gauge(
                "sealdesk_blobs_never_came",
                "Of these, pieces that nobody ever brought to this node.",
            ),
        }
    }

    /// So many pieces wait.
    pub(crate) fn pending(&self, pieces: usize, bytes: u64) {
        self.pending.set(number(u64::try_from(pieces).unwrap_or(u64::MAX)));
        self.pending_bytes.set(number(bytes));
    }

    /// A look at all pieces has ended.
    pub(crate) fn found(&self, named: u64, missing: u64, never_came: u64) {
        self.named.set(number(named));
        self.missing.set(number(missing));
        self.never_came.set(number(never_came));
    }
}
