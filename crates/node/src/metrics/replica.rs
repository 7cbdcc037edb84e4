//! What happens between this node and CometBFT.

use prometheus::{Gauge, HistogramTimer, HistogramVec, IntCounter};
use tendermint_proto::v0_38::abci::request::Value;

use super::families::Families;

/// Seconds that CometBFT may wait for an answer.
const SECONDS: [f64; 12] = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// See the module.
pub(crate) struct Replica {
    requests: HistogramVec,
    restarts: IntCounter,
    answers: Gauge,
}

impl Replica {
    pub(super) fn new(families: &Families) -> Self {
        Self {
            requests: families.histograms(
                "sealdesk_abci_request_duration_seconds",
                "How long CometBFT waited for this node's answer, by the request.",
                &["request"],
                &SECONDS,
            ),
            restarts: families.counter(
                "sealdesk_cometbft_restarts_total",
                "How often CometBFT has died and was started again since the node began.",
            ),
            answers: families.gauge(
                "sealdesk_cometbft_metrics_up",
                "1 if CometBFT's own metrics are part of this answer, 0 if it gave none.",
            ),
        }
    }

    /// Measures until what it gives is dropped.
    pub(crate) fn request(&self, request: &Value) -> HistogramTimer {
        self.requests.with_label_values(&[name_of(request)]).start_timer()
    }

    /// CometBFT is started again.
    pub(crate) fn restarted(&self) {
        self.restarts.inc();
    }

    /// Whether CometBFT gave its metrics just now.
    pub(super) fn answers(&self, answers: bool) {
        self.answers.set(if answers { 1.0 } else { 0.0 });
    }
}

/// A request as a label.
fn name_of(request: &Value) -> &'static str {
    match request {
        Value::Echo(_) => "echo",
        Value::Flush(_) => "flush",
        Value::Info(_) => "info",
        Value::InitChain(_) => "init_chain",
        Value::Query(_) => "query",
        Value::CheckTx(_) => "check_tx",
        Value::PrepareProposal(_) => "prepare_proposal",
        Value::ProcessProposal(_) => "process_proposal",
        Value::FinalizeBlock(_) => "finalize_block",
        Value::Commit(_) => "commit",
        Value::ExtendVote(_) => "extend_vote",
        Value::VerifyVoteExtension(_) => "verify_vote_extension",
        Value::ListSnapshots(_) => "list_snapshots",
        Value::OfferSnapshot(_) => "offer_snapshot",
        Value::LoadSnapshotChunk(_) => "load_snapshot_chunk",
        Value::ApplySnapshotChunk(_) => "apply_snapshot_chunk",
    }
}
