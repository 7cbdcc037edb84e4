//! What waits for a block, and what was not accepted.

use prometheus::{Gauge, IntCounter, IntCounterVec};
use sealdesk_protocol::codes::{Refusal, SdkError};

use super::families::{Families, number};

/// See the module.
pub(crate) struct Pool {
    transactions: Gauge,
    senders: Gauge,
    refused: IntCounterVec,
    dropped: IntCounter,
}

impl Pool {
    pub(super) fn new(families: &Families) -> Self {
        let made = Self {
            transactions: families
                .gauge("sealdesk_mempool_transactions", "Transactions that wait for a block at this node."),
            senders: families.gauge("sealdesk_mempool_senders", "Accounts whose transactions wait."),
            refused: families.counters(
                "sealdesk_mempool_refused_total",
                "Transactions that were not let into the mempool since the node began, by the refusal.",
                &["codespace", "code"],
            ),
            dropped: families.counter(
                "sealdesk_mempool_dropped_total",
                "Transactions that left the mempool for no block since the node began.",
            ),
        };
        // A rate over a series that begins with its first refusal would miss just that one.
        let full = SdkError::MempoolFull(String::new());
        for refusal in [full, SdkError::WrongSequence { expected: 0, found: 0 }] {
            made.refused.with_label_values(&["sdk", &refusal.code().to_string()]);
        }
        made
    }

    /// What waits now.
    pub(crate) fn holds(&self, transactions: usize, senders: usize) {
        self.transactions.set(number(u64::try_from(transactions).unwrap_or(u64::MAX)));
        self.senders.set(number(u64::try_from(senders).unwrap_or(u64::MAX)));
    }

    /// A transaction was not accepted.
    pub(crate) fn refused(&self, refusal: &Refusal) {
        self.refused.with_label_values(&[refusal.codespace(), &refusal.code().to_string()]).inc();
    }

    /// So many were dropped.
    pub(crate) fn dropped(&self, transactions: usize) {
        self.dropped.inc_by(u64::try_from(transactions).unwrap_or(0));
    }
}
