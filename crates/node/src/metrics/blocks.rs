//! What blocks did, and how long each part of making one took.

use prometheus::{HistogramTimer, HistogramVec, IntCounter, IntCounterVec};
use sealdesk_machine::Executed;

use super::families::Families;

/// Seconds that a part of a block may take: from an empty block on an idle disk to a full one on a busy one.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// A part of making a block.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Phase {
    /// Running what is due and the transactions, in memory.
    Execute,
    /// Working out the new state tree and its root.
    Prepare,
    /// Appending the block to the log, and the log's sync: the embedded engine's one wait for the disk.
    Sync,
    /// Writing state, indexes, tree and height; synced under CometBFT.
    Commit,
}

impl Phase {
    fn name(self) -> &'static str {
        match self {
            Self::Execute => "execute",
            Self::Prepare => "prepare",
            Self::Sync => "sync",
            Self::Commit => "commit",
        }
    }
}

/// What a block did: counted while it runs, and added to the rest once it is committed. A block that runs again, because it was
/// proposed again or is replayed, counts once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    outcomes: Vec<(String, u32)>,
    messages: Vec<(&'static str, String)>,
    closed: usize,
}

impl Tally {
    /// What fell due: tickets that closed by themselves.
    pub(crate) fn closed(tickets: usize) -> Self {
        Self { closed: tickets, ..Self::default() }
    }

    /// A transaction of the block.
    pub(crate) fn add(&mut self, executed: &Executed) {
        self.outcomes.push((executed.codespace.clone(), executed.code));
        let actions = executed.messages.iter();
        self.messages.extend(actions.map(|message| (message.module, action_of(&message.type_url))));
    }
}

/// `MsgCreateTicket` of `/virtengine.support.v1.MsgCreateTicket`.
fn action_of(type_url: &str) -> String {
    type_url.rsplit('.').next().unwrap_or_default().to_owned()
}

/// See the module.
pub(crate) struct Blocks {
    seconds: HistogramVec,
    transactions: IntCounterVec,
    messages: IntCounterVec,
    closed: IntCounter,
}

impl Blocks {
    pub(super) fn new(families: &Families) -> Self {
        let made = Self {
            seconds: families.histograms(
                "sealdesk_block_phase_duration_seconds",
                "How long a part of making a block took: execute, prepare (the state tree), sync (the block log), commit.",
                &["phase"],
                &SECONDS,
            ),
            transactions: families.counters(
                "sealdesk_transactions_total",
                "Transactions in blocks since the node began, by what became of them; code 0 did what it asked for.",
                &["codespace", "code"],
            ),
            messages: families.counters(
                "sealdesk_messages_total",
                "Messages of transactions that did what they ask for, since the node began.",
                &["module", "action"],
            ),
            closed: families.counter(
                "sealdesk_tickets_closed_automatically_total",
                "Tickets that closed by themselves since the node began.",
            ),
        };
        made.transactions.with_label_values(&["", "0"]);
        for phase in [Phase::Execute, Phase::Prepare, Phase::Commit] {
            made.seconds.with_label_values(&[phase.name()]);
        }
        made
    }

    /// Measures until what it gives is stopped or dropped.
    pub(crate) fn time(&self, phase: Phase) -> HistogramTimer {
        self.seconds.with_label_values(&[phase.name()]).start_timer()
    }

    /// A block is on the ledger.
    pub(crate) fn committed(&self, tally: &Tally) {
        for (codespace, code) in &tally.outcomes {
            self.transactions.with_label_values(&[codespace.as_str(), &code.to_string()]).inc();
        }
        for (module, action) in &tally.messages {
            self.messages.with_label_values(&[module, action.as_str()]).inc();
        }
        self.closed.inc_by(u64::try_from(tally.closed).unwrap_or(0));
    }
}
