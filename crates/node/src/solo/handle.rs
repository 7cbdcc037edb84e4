//! The way into the ledger and the view of it, shared by the engine and everyone who asks: what waits, who waits for what, and
//! the newest blocks.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prost::Message as _;
use sealdesk_machine::{Machine, QueryError};
use sealdesk_protocol::block::ValidatorSet;
use sealdesk_protocol::codes::{Refusal, SdkError};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::messages::Message;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::tx::{Tx, TxHash, VerifiedTx};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{AccountRecord, TxRecord};
use sealdesk_store::{Snapshot, StoreError};
use tokio::sync::watch;
use tonic::async_trait;

use super::error::SoloError;
use super::mempool::{BlockRoom, Mempool, Picked};
use crate::ledger::{Ledger, NotSigned, Outcome, Signed, SubmitError, Submitted, Tip, Tips, Waiter};
use crate::metrics::Metrics;

/// Why nothing is taken any more.
#[derive(Debug, Clone)]
enum Stop {
    NoSpace,
    Other(String),
}

#[derive(Default)]
struct Inner {
    pool: Mempool,
    waiters: BTreeMap<TxHash, Vec<Waiter>>,
    stop: Option<Stop>,
}

/// See the module.
pub struct Gate {
    machine: Machine,
    validators: ValidatorSet,
    inner: Mutex<Inner>,
    work: Condvar,
    tips: Tips,
    heights: watch::Sender<u64>,
    metrics: Arc<Metrics>,
}

impl Gate {
    pub(super) fn new(
        machine: Machine,
        validators: ValidatorSet,
        tip: Arc<Tip>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let heights = watch::Sender::new(tip.height);
        let tips = Tips::new(tip);
        Self { machine, validators, inner: Mutex::default(), work: Condvar::new(), tips, heights, metrics }
    }

    /// The rules of this ledger.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The newest blocks.
    pub fn tips(&self) -> &Tips {
        &self.tips
    }

    /// The newest block.
    pub fn tip(&self) -> Arc<Tip> {
        self.tips.latest()
    }

    /// Shows each new height; heights in between may be skipped.
    pub fn heights(&self) -> watch::Receiver<u64> {
        self.heights.subscribe()
    }

    /// Transactions that wait for a block.
    pub fn waiting(&self) -> usize {
        self.lock().pool.len()
    }

    /// Why the ledger takes nothing any more; `None` while it runs.
    pub fn stopped(&self) -> Option<SubmitError> {
        self.lock().stop.as_ref().map(refusal_of)
    }

    /// Checks a transaction and lets it wait for a block. The waiter is told its outcome, unless this is an error.
    ///
    /// # Errors
    /// [`SubmitError`]: nothing was taken, and the waiter is dropped.
    pub fn submit(&self, bytes: &[u8], waiter: Option<Waiter>) -> Result<Submitted, SubmitError> {
        let hash = TxHash::of(bytes);
        let waiter = match self.join(hash, waiter)? {
            Ok(known) => return Ok(known),
            Err(waiter) => waiter,
        };
        let submitted = match self.check(bytes)? {
            Ok(tx) => self.admit(tx, waiter),
            // Between the two looks it may have become part of a block, which used up its sequence.
            Err(refusal) => self.join(hash, waiter)?.map_err(|_| SubmitError::Refused(refusal)),
        };
        self.count(bytes, &submitted);
        submitted
    }

    /// Counts what became of a transaction that was handed in.
    fn count(&self, bytes: &[u8], submitted: &Result<Submitted, SubmitError>) {
        let names = self.metrics.names.as_ref();
        match submitted {
            Ok(Submitted::New(_)) => names.into_iter().for_each(|names| names.let_in(bytes.len())),
            Err(SubmitError::Refused(refusal)) => {
                self.metrics.pool.refused(refusal);
                let full = matches!(refusal, Refusal::Sdk(SdkError::MempoolFull(_)));
                names.into_iter().for_each(|names| names.kept_out(full));
            }
            Ok(Submitted::Known(_)) | Err(SubmitError::Stopped(_) | SubmitError::NoSpace) => {}
        }
    }

    /// Shows what waits, and counts what was thrown out.
    fn show(&self, pool: &Mempool, thrown_out: usize) {
        self.metrics.pool.holds(pool.len(), pool.senders());
        self.metrics.pool.dropped(thrown_out);
        if let Some(names) = &self.metrics.names {
            names.pool_holds(pool.len(), pool.bytes());
            names.thrown_out(thrown_out);
        }
    }

    /// Judges a transaction over the newest state and what waits. A block that comes in between moves sequences from the pool
    /// into the state; who looked at the old state and the new pool looks again.
    fn check(&self, bytes: &[u8]) -> Result<Result<VerifiedTx, Refusal>, SubmitError> {
        let pending = |address: &Address| self.lock().pool.pending_sequence(address);
        loop {
            let tip = self.tip();
            let checked = self.machine.check(&tip.snapshot, bytes, &pending, tip.height.saturating_add(1));
            let checked = checked.map_err(|fatal| SubmitError::Stopped(fatal.to_string()))?;
            let checked = checked.and_then(|tx| match self.refuses(&tx) {
                Some(refusal) => Err(refusal),
                None => Ok(tx),
            });
            if checked.is_ok() || self.tip().height == tip.height {
                return Ok(checked);
            }
        }
    }

    /// What became of a transaction that is on the ledger.
    ///
    /// # Errors
    /// [`QueryError`] if the record cannot be read.
    pub fn committed(&self, hash: TxHash) -> Result<Option<TxRecord>, QueryError> {
        self.machine.tx(&self.tip().snapshot, hash)
    }

    fn outcome(&self, snapshot: &Snapshot, hash: TxHash) -> Outcome {
        match self.machine.tx(snapshot, hash) {
            Ok(Some(record)) => Outcome::Committed(Box::new(record)),
            Ok(None) => Outcome::Unknown("its record is missing".to_owned()),
            Err(error) => Outcome::Unknown(error.to_string()),
        }
    }

    /// Adds a waiter to a transaction that is known; gives the waiter back if it is not.
    fn join(
        &self,
        hash: TxHash,
        waiter: Option<Waiter>,
    ) -> Result<Result<Submitted, Option<Waiter>>, SubmitError> {
        let mut inner = self.lock();
        if let Some(stop) = &inner.stop {
            return Err(refusal_of(stop));
        }
        // The tip is read under the lock: a block is settled under it, so the transaction is in the pool or in this state.
        if inner.pool.contains(hash) {
            inner.wait_for(hash, waiter);
            return Ok(Ok(Submitted::Known(hash)));
        }
        let record = self.committed(hash).map_err(|error| SubmitError::Stopped(error.to_string()))?;
        drop(inner);
        let Some(record) = record else { return Ok(Err(waiter)) };
        if let Some(waiter) = waiter {
            waiter(Outcome::Committed(Box::new(record)));
        }
        Ok(Ok(Submitted::Known(hash)))
    }

    fn admit(&self, tx: VerifiedTx, waiter: Option<Waiter>) -> Result<Submitted, SubmitError> {
        let hash = tx.hash();
        let mut inner = self.lock();
        if let Some(stop) = &inner.stop {
            return Err(refusal_of(stop));
        }
        let tip = self.tip();
        match inner.pool.insert(tx, |address| sequence(&tip.snapshot, address)) {
            Ok(displaced) => {
                self.show(&inner.pool, usize::from(displaced.is_some()));
                inner.wait_for(hash, waiter);
                let full = SdkError::MempoolFull("another sender's transaction took its place".to_owned());
                let told = displaced.map(|hash| (hash, Outcome::Dropped(full)));
                let told = inner.resolve(told.into_iter().collect());
                drop(inner);
                self.work.notify_one();
                tell(told);
                Ok(Submitted::New(hash))
            }
            Err(refusal) => {
                drop(inner);
                self.join(hash, waiter)?.map_err(|_| SubmitError::Refused(Refusal::Sdk(refusal)))
            }
        }
    }

    /// Takes a block's transactions from the pool. What can be in no block any more is answered.
    pub(super) fn pick(&self, room: BlockRoom, height: u64) -> Vec<VerifiedTx> {
        let tip = self.tip();
        let mut inner = self.lock();
        let Picked { txs, stale } = inner.pool.pick(room, height, |address| sequence(&tip.snapshot, address));
        self.show(&inner.pool, stale.len());
        let stale = stale.into_iter().map(|(hash, error)| (hash, Outcome::Dropped(error)));
        let told = inner.resolve(stale.collect());
        drop(inner);
        tell(told);
        txs
    }

    /// Shows a new block, and answers everyone who waited for one of its transactions.
    pub(super) fn settle(&self, tip: Arc<Tip>, txs: &[VerifiedTx]) {
        let mut inner = self.lock();
        let waited_for = txs.iter().map(|tx| tx.hash()).filter(|hash| inner.waiters.contains_key(hash));
        let waited_for: Vec<TxHash> = waited_for.collect();
        let waited_for =
            waited_for.into_iter().map(|hash| (hash, self.outcome(&tip.snapshot, hash))).collect();
        inner.pool.settle(txs);
        self.tips.push(tip.clone());
        let told = inner.resolve(waited_for);
        drop(inner);
        tell(told);
        self.heights.send_replace(tip.height);
    }

    /// Takes nothing any more, and tells everyone who waits.
    pub(super) fn stop(&self, reason: &SoloError) {
        let stop = match reason {
            SoloError::Storage(StoreError::NoSpace) => Stop::NoSpace,
            other => Stop::Other(other.to_string()),
        };
        let mut inner = self.lock();
        let unknown = Outcome::Unknown(reason.to_string());
        let waiting = inner.pool.clear().into_iter().map(|hash| (hash, unknown.clone()));
        let told = inner.resolve(waiting.collect());
        self.show(&inner.pool, 0);
        inner.stop.get_or_insert(stop);
        drop(inner);
        tell(told);
        self.work.notify_all();
        // Whoever waits for the next height looks up, and finds that there will be none.
        self.heights.send_modify(|_| {});
    }

    /// Takes nothing any more: the engine ends.
    pub fn close(&self) {
        self.stop(&SoloError::Stopped("the node is shutting down".to_owned()));
    }

    /// Whether the ledger has stopped or is about to.
    pub fn is_closed(&self) -> bool {
        self.lock().stop.is_some()
    }

    /// Blocks for so long, until the ledger is closed, or, if none waits now, until a transaction waits.
    pub(super) fn pause(&self, at_most: Duration) {
        let inner = self.lock();
        let was_empty = inner.pool.is_empty();
        let quiet = |inner: &mut Inner| inner.pool.is_empty() == was_empty && inner.stop.is_none();
        drop(self.work.wait_timeout_while(inner, at_most, quiet));
    }

    /// No code panics while it holds this lock with the pool half-changed.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Ledger for Gate {
    fn engine(&self) -> &'static str {
        "solo"
    }

    fn machine(&self) -> &Machine {
        &self.machine
    }

    fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    fn tips(&self) -> &Tips {
        &self.tips
    }

    fn heights(&self) -> watch::Receiver<u64> {
        self.heights.subscribe()
    }

    fn is_closed(&self) -> bool {
        Gate::is_closed(self)
    }

    fn validators(&self) -> ValidatorSet {
        self.validators.clone()
    }

    /// One key signs this ledger's blocks, for good: votes for others could never be carried out.
    fn refuses(&self, tx: &Tx) -> Option<Refusal> {
        let proposes = tx.messages().iter().any(|message| matches!(message, Message::ProposeValidator(_)));
        let text =
            "validators are proposed on the replicated engine only: this ledger has one, its own, for good";
        proposes.then(|| SdkError::InvalidRequest(text.to_owned()).into())
    }

    async fn submit(self: Arc<Self>, tx: Vec<u8>, waiter: Option<Waiter>) -> Result<Submitted, SubmitError> {
        // Verifying signatures takes its time, so it has a thread of its own.
        let submitted = tokio::task::spawn_blocking(move || Gate::submit(&self, &tx, waiter)).await;
        submitted.unwrap_or_else(|_| Err(SubmitError::Stopped("the check failed".to_owned())))
    }

    async fn signed(&self, tip: &Tip) -> Result<Signed, NotSigned> {
        let header = tip.signed_header().cloned();
        let missing = || NotSigned { height: tip.height, reason: "it is not signed here".to_owned() };
        Ok(Signed { header: header.ok_or_else(missing)?, validators: self.validators.clone() })
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("height", &self.tip().height).finish_non_exhaustive()
    }
}

impl Inner {
    fn wait_for(&mut self, hash: TxHash, waiter: Option<Waiter>) {
        if let Some(waiter) = waiter {
            self.waiters.entry(hash).or_default().push(waiter);
        }
    }

    /// Pairs outcomes with those who wait for them, so that they are told without the lock.
    fn resolve(&mut self, outcomes: Vec<(TxHash, Outcome)>) -> Vec<(Waiter, Outcome)> {
        let mut told = Vec::new();
        for (hash, outcome) in outcomes {
            let waiters = self.waiters.remove(&hash).unwrap_or_default();
            told.extend(waiters.into_iter().map(|waiter| (waiter, outcome.clone())));
        }
        told
    }
}

fn tell(told: Vec<(Waiter, Outcome)>) {
    for (waiter, outcome) in told {
        waiter(outcome);
    }
}

fn refusal_of(stop: &Stop) -> SubmitError {
    match stop {
        Stop::NoSpace => SubmitError::NoSpace,
        Stop::Other(reason) => SubmitError::Stopped(reason.clone()),
    }
}

/// The next sequence of an address on the ledger. A state that cannot be read has stopped the engine, or will at its next
/// block; until then nobody's sequence fits.
fn sequence(snapshot: &Snapshot, address: &Address) -> u64 {
    let read = || -> Option<u64> {
        let Some(bytes) = snapshot.get(&tree::account(address)).ok()? else { return Some(0) };
        Some(AccountRecord::decode(bytes.as_slice()).ok()?.sequence)
    };
    read().unwrap_or(u64::MAX)
}
