//! Transactions that were submitted and are not decided, and the callers who wait for them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sealdesk_machine::BlockContext;
use sealdesk_machine::admission::committed_sequence;
use sealdesk_protocol::codes::{Refusal, SdkError};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::tx::{TxHash, VerifiedTx};
use sealdesk_store::Snapshot;

use super::mempool::Mempool;
use super::pick::Picked;
use crate::blocks::Waiting;
use crate::ledger::{LedgerView, SubmitError, Submitted, Tip, TxOutcome, WAITERS_MAX, Waiter};
use crate::mempool_quota::Amount;

/// Why nothing is taken any more.
#[derive(Debug, Clone)]
pub(super) enum Stop {
    NoSpace,
    Other(String),
}

/// What came of joining those who wait for a transaction.
pub(super) enum Join {
    /// It waits or is on the ledger, and the waiter is notified.
    Known(Submitted),
    /// It is neither; here is the waiter back.
    Unknown(Option<Waiter>),
}

#[derive(Default)]
struct Inner {
    mempool: Mempool,
    waiters: BTreeMap<TxHash, VecDeque<Waiter>>,
    /// The highest header that somebody waits for.
    wanted: u64,
    stop: Option<Stop>,
}

/// See the module.
pub(super) struct Submissions {
    view: Arc<LedgerView>,
    inner: Mutex<Inner>,
    /// How many transactions wait or are being made part of a block, for those who must not wait for the lock.
    on_their_way: AtomicUsize,
    work: Condvar,
}

impl Submissions {
    pub(super) fn new(view: Arc<LedgerView>) -> Self {
        Self { view, inner: Mutex::default(), on_their_way: AtomicUsize::new(0), work: Condvar::new() }
    }

    /// Transactions that wait for a block.
    pub(super) fn waiting(&self) -> usize {
        self.lock().mempool.len()
    }

    /// Transactions that wait for a block or are being made part of one. Whoever was answered by a block sees theirs counted no more.
    pub(super) fn on_their_way(&self) -> usize {
        self.on_their_way.load(Ordering::Acquire)
    }

    /// What waits for a block.
    pub(super) fn held(&self) -> Waiting {
        let inner = self.lock();
        Waiting { txs: inner.mempool.len(), bytes: inner.mempool.bytes() }
    }

    /// The highest header that somebody waits for or waited for.
    pub(super) fn wanted(&self) -> u64 {
        self.lock().wanted
    }

    /// Notes that somebody waits for a header, if it is the next one and there is a reason to make it over the newest block.
    pub(super) fn want_header(&self, height: u64, reason: impl Fn(&Tip) -> bool) {
        let mut inner = self.lock();
        // The tip is read under the lock: a block is settled under it.
        let tip = self.view.tip();
        if inner.wanted < height && height == tip.height.saturating_add(1) && reason(&tip) {
            inner.wanted = height;
            drop(inner);
            self.work.notify_one();
        }
    }

    /// Why nothing is taken any more; `None` while the ledger runs.
    pub(super) fn stopped(&self) -> Option<SubmitError> {
        self.lock().stop.as_ref().map(refusal_of)
    }

    /// Whether the ledger has stopped or is about to.
    pub(super) fn is_closed(&self) -> bool {
        self.lock().stop.is_some()
    }

    /// The sequence that the next transaction of an address has to carry, if one of its transactions is on its way.
    pub(super) fn pending_sequence(&self, address: &Address) -> Option<u64> {
        self.lock().mempool.pending_sequence(address)
    }

    /// Adds a waiter to a transaction that is known; gives the waiter back if it is not.
    pub(super) fn join(&self, hash: TxHash, waiter: Option<Waiter>) -> Result<Join, SubmitError> {
        let mut inner = self.lock();
        if let Some(stop) = &inner.stop {
            return Err(refusal_of(stop));
        }
        // The tip is read under the lock: a block is settled under it, so the transaction is in the mempool or in this state.
        if inner.mempool.contains(hash) {
            let sent_away = inner.wait_for(hash, waiter);
            drop(inner);
            notify(sent_away);
            return Ok(Join::Known(Submitted::Waiting(hash)));
        }
        let record = self.view.committed(hash).map_err(|error| SubmitError::Stopped(error.to_string()))?;
        drop(inner);
        let Some(record) = record else { return Ok(Join::Unknown(waiter)) };
        let known = Submitted::committed(hash, &record);
        if let Some(waiter) = waiter {
            waiter(TxOutcome::Committed(Box::new(record)));
        }
        Ok(Join::Known(known))
    }

    /// Joins where the transaction is known by now; else it is refused.
    pub(super) fn join_or_refuse(
        &self,
        hash: TxHash,
        waiter: Option<Waiter>,
        refusal: Refusal,
    ) -> Result<Submitted, SubmitError> {
        match self.join(hash, waiter)? {
            Join::Known(known) => Ok(known),
            Join::Unknown(_) => Err(SubmitError::Refused(refusal)),
        }
    }

    /// Lets a checked transaction wait for a block.
    pub(super) fn admit(&self, tx: VerifiedTx, waiter: Option<Waiter>) -> Result<Submitted, SubmitError> {
        let standing = self.view.standing(&tx)?;
        let hash = tx.hash();
        let mut inner = self.lock();
        if let Some(stop) = &inner.stop {
            return Err(refusal_of(stop));
        }
        let tip = self.view.tip();
        match inner.mempool.insert(tx, standing, |address| sequence(&tip.snapshot, address)) {
            Ok(displaced) => {
                self.show(&inner.mempool, usize::from(displaced.is_some()));
                let sent_away = inner.wait_for(hash, waiter);
                let full = SdkError::MempoolFull("another sender's transaction took its place".to_owned());
                let dropped = displaced.map(|hash| (hash, TxOutcome::Dropped(full)));
                let notices = inner.resolve(dropped);
                drop(inner);
                self.work.notify_one();
                notify(notices);
                notify(sent_away);
                Ok(Submitted::New(hash))
            }
            Err(refusal) => {
                drop(inner);
                self.join_or_refuse(hash, waiter, refusal.into())
            }
        }
    }

    /// Counts what became of a transaction that was submitted.
    pub(super) fn count(&self, bytes: &[u8], submitted: &Result<Submitted, SubmitError>) {
        let metrics = self.view.metrics();
        match submitted {
            Ok(Submitted::New(_)) => metrics.names.iter().for_each(|names| names.accepted(bytes.len())),
            Err(SubmitError::Refused(refusal)) => {
                metrics.pool.refused(refusal);
                let full = matches!(refusal, Refusal::Sdk(SdkError::MempoolFull(_)));
                metrics.names.iter().for_each(|names| names.rejected(full));
            }
            Ok(Submitted::Waiting(_) | Submitted::Committed { .. })
            | Err(SubmitError::Stopped(_) | SubmitError::NoSpace) => {}
        }
    }

    /// Shows what waits, and counts what was dropped.
    fn show(&self, mempool: &Mempool, dropped: usize) {
        self.on_their_way.store(mempool.known(), Ordering::Release);
        let metrics = self.view.metrics();
        metrics.pool.holds(mempool.len(), mempool.senders());
        metrics.pool.dropped(dropped);
        if let Some(names) = &metrics.names {
            names.pool_holds(mempool.len(), mempool.bytes());
            names.evicted(dropped);
        }
    }

    /// Takes a block's transactions from the mempool. Those that can be in no block any more are dropped, and their waiters notified.
    pub(super) fn pick(&self, room: Amount, block: BlockContext) -> Vec<VerifiedTx> {
        let tip = self.view.tip();
        let mut inner = self.lock();
        let Picked { txs, stale } =
            inner.mempool.pick(room, block, |address| sequence(&tip.snapshot, address));
        self.show(&inner.mempool, stale.len());
        let notices = inner.resolve(stale.into_iter().map(|(hash, error)| (hash, TxOutcome::Dropped(error))));
        drop(inner);
        notify(notices);
        txs
    }

    /// Puts a new block on top, and notifies everyone who waited for one of its transactions.
    pub(super) fn settle(&self, tip: Arc<Tip>, txs: &[VerifiedTx]) {
        let mut inner = self.lock();
        let hashes = txs.iter().map(|tx| tx.hash());
        let waited_for: Vec<TxHash> = hashes.filter(|hash| inner.waiters.contains_key(hash)).collect();
        let outcome = |hash| (hash, self.view.outcome(&tip, hash, "its record is missing"));
        let outcomes = waited_for.into_iter().map(outcome);
        inner.mempool.settle(txs);
        self.on_their_way.store(inner.mempool.known(), Ordering::Release);
        self.view.tips().push(tip.clone());
        let notices = inner.resolve(outcomes);
        drop(inner);
        notify(notices);
    }

    /// Takes nothing any more, and notifies everyone who waits.
    pub(super) fn stop(&self, stop: Stop, reason: &str) {
        let mut inner = self.lock();
        let unknown = TxOutcome::Unknown(reason.to_owned());
        let waiting = inner.mempool.clear().into_iter();
        let notices = inner.resolve(waiting.map(|hash| (hash, unknown.clone())));
        self.show(&inner.mempool, 0);
        inner.stop.get_or_insert(stop);
        drop(inner);
        notify(notices);
        self.work.notify_all();
    }

    /// Blocks for so long, until nothing is taken any more, until somebody waits for the next header, or until a transaction waits, which
    /// one may by now. Whether nothing of it came.
    pub(super) fn pause(&self, at_most: Duration) -> bool {
        let inner = self.lock();
        let height = self.view.tip().height;
        let quiet =
            |inner: &mut Inner| inner.mempool.is_empty() && inner.wanted <= height && inner.stop.is_none();
        let waited = self.work.wait_timeout_while(inner, at_most, quiet);
        waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// No code panics while it holds this lock with the mempool half-changed.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Adds to those who wait for a transaction. With more than may, the one that has waited longest is sent away; notify them without the
    /// lock.
    fn wait_for(&mut self, hash: TxHash, waiter: Option<Waiter>) -> Option<(Waiter, TxOutcome)> {
        let waiter = waiter?;
        let waiters = self.waiters.entry(hash).or_default();
        waiters.push_back(waiter);
        let sent_away = if waiters.len() > WAITERS_MAX { waiters.pop_front() } else { None };
        sent_away.map(|waiter| (waiter, TxOutcome::Unknown("too many wait for this transaction".to_owned())))
    }

    /// Pairs outcomes with those who wait for them, so that they are notified without the lock.
    fn resolve(
        &mut self,
        outcomes: impl IntoIterator<Item = (TxHash, TxOutcome)>,
    ) -> Vec<(Waiter, TxOutcome)> {
        let mut notices = Vec::new();
        for (hash, outcome) in outcomes {
            let waiters = self.waiters.remove(&hash).unwrap_or_default();
            notices.extend(waiters.into_iter().map(|waiter| (waiter, outcome.clone())));
        }
        notices
    }
}

fn notify(notices: impl IntoIterator<Item = (Waiter, TxOutcome)>) {
    for (waiter, outcome) in notices {
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
/// block; until then no sequence fits.
fn sequence(snapshot: &Snapshot, address: &Address) -> u64 {
    committed_sequence(snapshot, address).unwrap_or(u64::MAX)
}
