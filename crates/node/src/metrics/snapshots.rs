//! Snapshots that this node makes and serves, and the one that it began with.

use prometheus::{Gauge, Histogram, IntCounter, IntCounterVec};

use super::families::{Families, number};

/// Seconds that making a snapshot may take: of a new desk, and of one with a million tickets on a slow disk.
const SECONDS: [f64; 12] = [0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0];
const MADE: &str = "made";
const FAILED: &str = "failed";
const RESTORED: &str = "restored";
const REFUSED: &str = "refused";

/// See the module.
pub(crate) struct Snapshots {
    all: IntCounterVec,
    height: Gauge,
    seconds: Histogram,
    served: IntCounter,
    restorations: IntCounterVec,
}

impl Snapshots {
    pub(super) fn new(families: &Families) -> Self {
        let made = Self {
            all: families.counters(
                "sealdesk_snapshots_total",
                "Snapshots for nodes that join, since the node began, by what became of them: made, failed.",
                &["outcome"],
            ),
            height: families.gauge("sealdesk_snapshot_height", "The block of the newest snapshot; 0 before the first."),
            seconds: families.histogram(
                "sealdesk_snapshot_duration_seconds",
                "How long a snapshot took to be made, beside the blocks.",
                &SECONDS,
            ),
            served: families.counter(
                "sealdesk_snapshot_chunks_served_total",
                "Chunks of snapshots that nodes which join were given since the node began.",
            ),
            restorations: families.counters(
                "sealdesk_snapshot_restorations_total",
                "Snapshots of other nodes since the node began, by what became of them here: restored, refused.",
                &["outcome"],
            ),
        };
        for outcome in [MADE, FAILED] {
            made.all.with_label_values(&[outcome]);
        }
        for outcome in [RESTORED, REFUSED] {
            made.restorations.with_label_values(&[outcome]);
        }
        made
    }

    /// The newest that can be served.
    pub(crate) fn newest(&self, height: u64) {
        self.height.set(number(height));
    }

    /// One was made, in so many seconds.
    pub(crate) fn made(&self, seconds: f64) {
        self.all.with_label_values(&[MADE]).inc();
        self.seconds.observe(seconds);
    }

    /// One could not be made.
    pub(crate) fn failed(&self) {
        self.all.with_label_values(&[FAILED]).inc();
    }

    /// A chunk was given away.
    pub(crate) fn served(&self) {
        self.served.inc();
    }

    /// Another node's snapshot has become this node's state, or has not.
    pub(crate) fn taken(&self, restored: bool) {
        let outcome = if restored { RESTORED } else { REFUSED };
        self.restorations.with_label_values(&[outcome]).inc();
    }
}
