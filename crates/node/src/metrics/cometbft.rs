//! CometBFT's names for what the embedded engine does, so that its dashboards show a desk of one as they show a network. Names,
//! types, units and labels are those of CometBFT 0.38; a test compares them with a real one's.

use std::sync::{Mutex, PoisonError};

use prometheus::{Gauge, GaugeVec, Histogram, IntCounter};
use sealdesk_protocol::block::Time;

use super::families::{Families, number};
use crate::ledger::Ledger;

/// Seconds between two blocks, CometBFT's buckets.
const INTERVAL_SECONDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Milliseconds of executing a block, CometBFT's buckets and CometBFT's unit.
const PROCESSING_MILLIS: [f64; 10] = [1.0, 11.0, 21.0, 31.0, 41.0, 51.0, 61.0, 71.0, 81.0, 91.0];
/// Bytes of a transaction: CometBFT's buckets, which end at 729, and four more, since sealed messages are longer.
const TX_BYTES: [f64; 11] = [1.0, 3.0, 9.0, 27.0, 81.0, 243.0, 729.0, 2_187.0, 6_561.0, 59_049.0, 262_144.0];

/// A block that was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeenBlock {
    /// Its time.
    pub(crate) time: Time,
    /// Its transactions.
    pub(crate) txs: usize,
    /// Its encoding's length.
    pub(crate) bytes: usize,
    /// How long executing it and working out the new root took, in seconds.
    pub(crate) processing: f64,
}

/// See the module.
pub(crate) struct CometNames {
    height: Gauge,
    latest: Gauge,
    validators: Gauge,
    validators_power: Gauge,
    power: GaugeVec,
    last_signed: GaugeVec,
    interval: Histogram,
    block_txs: Gauge,
    total_txs: Gauge,
    block_bytes: Gauge,
    chain_bytes: IntCounter,
    processing: Histogram,
    pool_size: Gauge,
    pool_bytes: Gauge,
    tx_bytes: Histogram,
    failed: IntCounter,
    rejected: IntCounter,
    evicted: IntCounter,
    last_time: Mutex<Option<Time>>,
}

impl CometNames {
    pub(super) fn new(families: &Families) -> Self {
        standing_still(families);
        let gauge = |name: &str, help: &str| families.gauge(&format!("cometbft_{name}"), help);
        let counter = |name: &str, help: &str| families.counter(&format!("cometbft_{name}"), help);
        let histogram = |name: &str, help: &str, buckets: &[f64]| {
            families.histogram(&format!("cometbft_{name}"), help, buckets)
        };
        let of_validator = |name: &str, help: &str| {
            families.gauges(&format!("cometbft_consensus_{name}"), help, &["validator_address"])
        };
        Self {
            height: gauge("consensus_height", "The block that is made next."),
            latest: gauge("consensus_latest_block_height", "The newest block."),
            validators: gauge("consensus_validators", "How many validators there are."),
            validators_power: gauge("consensus_validators_power", "Voting power of all validators."),
            power: of_validator("validator_power", "Voting power of this validator."),
            last_signed: of_validator(
                "validator_last_signed_height",
                "The newest block that this validator signed.",
            ),
            interval: histogram(
                "consensus_block_interval_seconds",
                "Seconds between a block's time and that of the one before.",
                &INTERVAL_SECONDS,
            ),
            block_txs: gauge("consensus_num_txs", "Transactions of the newest block."),
            total_txs: gauge("consensus_total_txs", "Transactions in blocks since the node began."),
            block_bytes: gauge("consensus_block_size_bytes", "Bytes of the newest block."),
            chain_bytes: counter("consensus_chain_size_bytes", "Bytes of all blocks since the node began."),
            processing: histogram(
                "state_block_processing_time",
                "Milliseconds that executing a block took.",
                &PROCESSING_MILLIS,
            ),
            pool_size: gauge("mempool_size", "Transactions that wait."),
            pool_bytes: gauge("mempool_size_bytes", "Bytes of the transactions that wait."),
            tx_bytes: histogram(
                "mempool_tx_size_bytes",
                "Bytes of the transactions that were accepted.",
                &TX_BYTES,
            ),
            failed: counter("mempool_failed_txs", "Transactions that were refused for what they are."),
            rejected: counter("mempool_rejected_txs", "Transactions that were refused for want of room."),
            evicted: counter("mempool_evicted_txs", "Transactions that waited and were thrown out."),
            last_time: Mutex::default(),
        }
    }

    /// A block is on the ledger.
    pub(crate) fn block(&self, seen: SeenBlock) {
        let last = self.last_time.lock().unwrap_or_else(PoisonError::into_inner).replace(seen.time);
        if let Some(passed) = last.and_then(|last| seen.time.duration_since(last).ok()) {
            self.interval.observe(passed.as_secs_f64());
        }
        let [txs, bytes] = [seen.txs, seen.bytes].map(|count| u64::try_from(count).unwrap_or(u64::MAX));
        self.block_txs.set(number(txs));
        self.total_txs.add(number(txs));
        self.block_bytes.set(number(bytes));
        self.chain_bytes.inc_by(bytes);
        self.processing.observe(seen.processing * 1_000.0);
    }

    /// What waits now.
    pub(crate) fn pool_holds(&self, transactions: usize, bytes: usize) {
        self.pool_size.set(number(u64::try_from(transactions).unwrap_or(u64::MAX)));
        self.pool_bytes.set(number(u64::try_from(bytes).unwrap_or(u64::MAX)));
    }

    /// A transaction of so many bytes was accepted.
    pub(crate) fn accepted(&self, bytes: usize) {
        self.tx_bytes.observe(number(u64::try_from(bytes).unwrap_or(u64::MAX)));
    }

    /// A transaction was rejected: for want of room, or for what it is.
    pub(crate) fn rejected(&self, for_want_of_room: bool) {
        if for_want_of_room { self.rejected.inc() } else { self.failed.inc() }
    }

    /// So many that waited were evicted.
    pub(crate) fn evicted(&self, transactions: usize) {
        self.evicted.inc_by(u64::try_from(transactions).unwrap_or(0));
    }

    /// What is looked up when somebody asks.
    pub(super) fn look(&self, ledger: &dyn Ledger) {
        let (tip, validators) = (ledger.tip(), ledger.validators());
        self.height.set(number(tip.height.saturating_add(1)));
        self.latest.set(number(tip.height));
        self.validators.set(number(u64::try_from(validators.validators().len()).unwrap_or(u64::MAX)));
        self.validators_power.set(number(validators.total_voting_power().value()));
        for validator in validators.validators() {
            let address = validator.address.to_string();
            self.power.with_label_values(&[&address]).set(number(validator.power()));
            self.last_signed.with_label_values(&[&address]).set(number(tip.height));
        }
    }
}

/// What is the same for ever where one validator makes every block: no validator is missing, and there is no other.
fn standing_still(families: &Families) {
    let zeros = [
        ("consensus_rounds", "Rounds that the block in the making has failed; 0 with one validator."),
        (
            "consensus_missing_validators",
            "Validators who did not sign the newest block; 0 with one validator.",
        ),
        ("consensus_missing_validators_power", "Voting power of those; 0 with one validator."),
        (
            "consensus_byzantine_validators",
            "Validators who signed two blocks of one height; 0 with one validator.",
        ),
        ("consensus_byzantine_validators_power", "Voting power of those; 0 with one validator."),
        ("blocksync_syncing", "1 while blocks are taken over from others; 0 with one validator."),
        ("statesync_syncing", "1 while the state is taken over from others; 0 with one validator."),
        ("p2p_peers", "Other nodes that are connected; 0 with one validator."),
    ];
    for (name, help) in zeros {
        families.gauge(&format!("cometbft_{name}"), help).set(0.0);
    }
}
