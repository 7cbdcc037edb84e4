//! Making families of metrics: each with its help, and each with the ledger's name as CometBFT's have it.

use std::collections::HashMap;

use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry,
};
use sealdesk_protocol::ids::ChainId;

/// The label that tells ledgers apart, named as CometBFT names it.
const CHAIN_ID: &str = "chain_id";

/// The families of one ledger.
pub(super) struct Families {
    registry: Registry,
}

impl Families {
    pub(super) fn new(chain_id: &ChainId) -> Self {
        let labels = HashMap::from([(CHAIN_ID.to_owned(), chain_id.to_string())]);
        // Only an empty prefix is refused, and there is none.
        Self { registry: Registry::new_custom(None, Some(labels)).unwrap_or_default() }
    }

    pub(super) fn gather(&self) -> Vec<MetricFamily> {
        self.registry.gather()
    }

    pub(super) fn counter(&self, name: &str, help: &str) -> IntCounter {
        self.keep(IntCounter::new(name, help))
    }

    pub(super) fn counters(&self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        self.keep(IntCounterVec::new(Opts::new(name, help), labels))
    }

    pub(super) fn gauge(&self, name: &str, help: &str) -> Gauge {
        self.keep(Gauge::new(name, help))
    }

    pub(super) fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> GaugeVec {
        self.keep(GaugeVec::new(Opts::new(name, help), labels))
    }

    pub(super) fn histogram(&self, name: &str, help: &str, buckets: &[f64]) -> Histogram {
        self.keep(Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec())))
    }

    pub(super) fn histograms(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
        buckets: &[f64],
    ) -> HistogramVec {
        self.keep(HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets.to_vec()), labels))
    }

    #[allow(clippy::expect_used, reason = "names and labels are constants, and tests make all of them")]
    fn keep<C: Collector + Clone + 'static>(&self, made: prometheus::Result<C>) -> C {
        let collector = made.expect("names and labels are well formed");
        self.registry.register(Box::new(collector.clone())).expect("no name is used twice");
        collector
    }
}

/// A number as Prometheus has all numbers. Counts past 2^53 lose their last digits, which no picture shows.
#[allow(clippy::cast_precision_loss, reason = "see above")]
pub(super) fn number(count: u64) -> f64 {
    count as f64
}
