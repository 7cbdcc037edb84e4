//! What is posted to endpoints. Which endpoint it was stands in its own log, not here.

use prometheus::{Gauge, GaugeVec, IntCounterVec};

use super::families::{Families, number};

const DELIVERED: &str = "delivered";
const FAILED: &str = "failed";
const PASSED_OVER: &str = "passed_over";
/// In the order in which [`Webhooks::stand`] has them.
const CONDITIONS: [&str; 3] = ["delivering", "failing", "disabled"];

/// See the module.
pub(crate) struct Webhooks {
    attempts: IntCounterVec,
    endpoints: GaugeVec,
    behind: Gauge,
}

impl Webhooks {
    pub(super) fn new(families: &Families) -> Self {
        let made = Self {
            attempts: families.counters(
                "sealdesk_webhook_attempts_total",
                "Attempts to deliver an event to a webhook since the node began, by what became of them: delivered, failed; and passed_over where history that an endpoint had missed was dropped.",
                &["outcome"],
            ),
            endpoints: families.gauges(
                "sealdesk_webhook_endpoints",
                "Webhooks of this node by how they do: delivering, failing, disabled.",
                &["condition"],
            ),
            behind: families.gauge(
                "sealdesk_webhook_blocks_behind",
                "How many blocks the failing webhook that is furthest behind has missed; 0 while none is failing.",
            ),
        };
        for outcome in [DELIVERED, FAILED, PASSED_OVER] {
            made.attempts.with_label_values(&[outcome]);
        }
        made.stand([0; 3], 0);
        made
    }

    /// An event has arrived.
    pub(crate) fn delivered(&self) {
        self.attempts.with_label_values(&[DELIVERED]).inc();
    }

    /// An event has not arrived.
    pub(crate) fn failed(&self) {
        self.attempts.with_label_values(&[FAILED]).inc();
    }

    /// What an endpoint had missed is not there any more.
    pub(crate) fn passed_over(&self) {
        self.attempts.with_label_values(&[PASSED_OVER]).inc();
    }

    /// How many endpoints are delivering, failing and disabled, and how many blocks the worst that is failing is behind.
    pub(crate) fn stand(&self, conditions: [u64; 3], behind: u64) {
        for (name, count) in CONDITIONS.into_iter().zip(conditions) {
            self.endpoints.with_label_values(&[name]).set(number(count));
        }
        self.behind.set(number(behind));
    }
}
