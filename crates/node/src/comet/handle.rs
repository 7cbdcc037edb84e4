//! The way into the replicated ledger and the view of it: transactions go to CometBFT, their outcomes come with the blocks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sealdesk_machine::Machine;
use sealdesk_protocol::block::ValidatorSet;
use sealdesk_protocol::codes::{Refusal, SdkError};
use sealdesk_protocol::limits::TX_BYTES_MAX;
use sealdesk_protocol::receipt::Handover;
use sealdesk_protocol::tx::{Tx, TxHash};
use tokio::sync::watch;
use tonic::async_trait;

use super::error::CometError;
use super::handovers::{Handovers, signers};
use super::rpc::{Broadcast, Rpc};
use crate::ledger::{Ledger, NotSigned, Outcome, Signed, SubmitError, Submitted, Tip, Tips, Waiter};
use crate::metrics::Metrics;

/// Who may wait for one transaction; one more, and the longest waiting is sent away to look it up. While no blocks are made, whoever
/// asks again and again would otherwise fill the memory.
const WAITERS_MAX: usize = 16;

/// Who waits for a transaction.
#[derive(Default)]
struct Waiting {
    /// In the order of their attempts to hand it in, by whose numbers they are known.
    waiters: Vec<(u64, Waiter)>,
    /// How many are handing it in at this moment.
    submitting: usize,
    /// Why the mempool did not take it.
    refusal: Option<Refusal>,
}

#[derive(Default)]
struct Inner {
    waiting: BTreeMap<TxHash, Waiting>,
    /// Attempts to hand in a transaction so far.
    attempts: u64,
    stop: Option<String>,
}

/// See the module.
pub struct Gate {
    machine: Machine,
    pub(super) rpc: Option<Rpc>,
    pub(super) handovers: Handovers,
    /// Who signs the newest block.
    validators: Mutex<ValidatorSet>,
    inner: Mutex<Inner>,
    tips: Tips,
    heights: watch::Sender<u64>,
    ended: watch::Sender<bool>,
    metrics: Arc<Metrics>,
}

impl Gate {
    pub(super) fn new(machine: Machine, tip: Tip, rpc: Option<Rpc>) -> Result<Self, CometError> {
        let validators = Mutex::new(signers(&machine, &tip.snapshot, tip.height)?);
        let heights = watch::Sender::new(tip.height);
        let tips = Tips::new(Arc::new(tip));
        let (inner, ended) = (Mutex::default(), watch::Sender::new(false));
        let metrics = Arc::new(Metrics::comet(machine.chain_id()));
        let handovers = Handovers::default();
        Ok(Self { machine, rpc, handovers, validators, inner, tips, heights, ended, metrics })
    }

    /// Why the ledger takes nothing any more; `None` while it runs.
    pub fn stopped(&self) -> Option<String> {
        self.lock().stop.clone()
    }

    /// Waits until the ledger stops by itself or is stopped.
    pub(super) async fn until_stopped(&self) {
        let mut ended = self.ended.subscribe();
        // The sender lives as long as this gate.
        let _ = ended.wait_for(|ended| *ended).await.map(drop);
    }

    /// Takes nothing any more, and tells everyone who waits.
    pub(super) fn stop(&self, reason: &str) {
        self.lock().stop.get_or_insert(reason.to_owned());
        self.forget_waiting(reason);
        self.ended.send_replace(true);
        // Whoever waits for the next height looks up, and finds that there will be none.
        self.heights.send_modify(|_| {});
    }

    /// CometBFT is gone with what waited: what becomes of it shows later.
    pub(super) fn forget_waiting(&self, reason: &str) {
        let waiting = std::mem::take(&mut self.lock().waiting);
        for (_, waiter) in waiting.into_values().flat_map(|waiting| waiting.waiters) {
            waiter(Outcome::Unknown(reason.to_owned()));
        }
    }

    /// Shows a new block, and answers everyone who waited for one of its transactions.
    pub(super) fn settle(&self, tip: Tip, txs: &[TxHash]) {
        let (height, tip) = (tip.height, Arc::new(tip));
        self.handovers.written(&tip.snapshot);
        if let Err(error) = self.look_up_signers(&tip) {
            self.stop(&error.to_string());
        }
        self.tips.push(tip.clone());
        for hash in txs {
            let Some(waiters) = self.take_waiters(*hash) else { continue };
            let outcome = match self.machine.tx(&tip.snapshot, *hash) {
                Ok(Some(record)) => Outcome::Committed(Box::new(record)),
                Ok(None) => Outcome::Unknown("the block's proposer put it out of sequence".to_owned()),
                Err(error) => Outcome::Unknown(error.to_string()),
            };
            waiters.into_iter().for_each(|waiter| waiter(outcome.clone()));
        }
        self.heights.send_replace(height);
    }

    /// Shows a state that came from another node, and nothing of what was before.
    pub(super) fn begin_anew(&self, tip: Tip) -> Result<(), CometError> {
        let height = tip.height;
        self.look_up_signers(&tip)?;
        self.handovers.written(&tip.snapshot);
        self.tips.begin_anew(Arc::new(tip));
        self.heights.send_replace(height);
        Ok(())
    }

    fn look_up_signers(&self, tip: &Tip) -> Result<(), CometError> {
        let now = signers(&self.machine, &tip.snapshot, tip.height)?;
        *self.validators.lock().unwrap_or_else(PoisonError::into_inner) = now;
        Ok(())
    }

    /// Remembers why the mempool did not take a transaction, for whoever is handing it in.
    pub(super) fn refused(&self, hash: TxHash, refusal: &Refusal) {
        if let Some(waiting) = self.lock().waiting.get_mut(&hash)
            && waiting.submitting > 0
        {
            waiting.refusal = Some(refusal.clone());
        }
    }

    /// A transaction that waited can be in no block any more.
    pub(super) fn dropped(&self, hash: TxHash, refusal: &Refusal) {
        let outcome = match refusal {
            Refusal::Sdk(error) => Outcome::Dropped(error.clone()),
            other => Outcome::Unknown(other.to_string()),
        };
        let waiters = self.take_waiters(hash).unwrap_or_default();
        waiters.into_iter().for_each(|waiter| waiter(outcome.clone()));
    }

    /// CometBFT has not asked again about these: they are in no mempool here, though others may have them.
    pub(super) fn let_go(&self, hashes: impl IntoIterator<Item = TxHash>) {
        for waiter in hashes.into_iter().filter_map(|hash| self.take_waiters(hash)).flatten() {
            waiter(Outcome::Unknown("CometBFT's mempool holds it no more".to_owned()));
        }
    }

    fn take_waiters(&self, hash: TxHash) -> Option<Vec<Waiter>> {
        let mut inner = self.lock();
        let waiting = inner.waiting.get_mut(&hash)?;
        let waiters = std::mem::take(&mut waiting.waiters);
        if waiting.submitting == 0 {
            inner.waiting.remove(&hash);
        }
        Some(waiters.into_iter().map(|(_, waiter)| waiter).collect())
    }

    /// Notes that a transaction is about to be handed in, and numbers the attempt.
    fn begin_submitting(&self, hash: TxHash, waiter: Option<Waiter>) -> Result<u64, SubmitError> {
        let mut inner = self.lock();
        if let Some(reason) = &inner.stop {
            return Err(SubmitError::Stopped(reason.clone()));
        }
        inner.attempts += 1;
        let attempt = inner.attempts;
        let waiting = inner.waiting.entry(hash).or_default();
        waiting.submitting += 1;
        waiting.waiters.extend(waiter.map(|waiter| (attempt, waiter)));
        let sent_away = (waiting.waiters.len() > WAITERS_MAX).then(|| waiting.waiters.remove(0));
        drop(inner);
        if let Some((_, waiter)) = sent_away {
            waiter(Outcome::Unknown("too many wait for this transaction".to_owned()));
        }
        Ok(attempt)
    }

    /// Notes that it was handed in, and gives what the check refused it for. Who did so without success waits no more; others, whose
    /// attempt succeeded before, do.
    fn end_submitting(&self, hash: TxHash, attempt: u64, taken: bool) -> Option<Refusal> {
        let mut inner = self.lock();
        let waiting = inner.waiting.get_mut(&hash)?;
        waiting.submitting = waiting.submitting.saturating_sub(1);
        let refusal = waiting.refusal.clone();
        if !taken {
            waiting.waiters.retain(|(of, _)| *of != attempt);
        }
        if waiting.submitting == 0 {
            waiting.refusal = None;
            if waiting.waiters.is_empty() {
                inner.waiting.remove(&hash);
            }
        }
        refusal
    }

    async fn hand_in(&self, tx: &[u8]) -> Broadcast {
        match &self.rpc {
            Some(rpc) => rpc.broadcast(tx).await,
            None => Broadcast::Unreachable("this node knows no RPC address of CometBFT".to_owned()),
        }
    }

    /// No code panics while it holds this lock.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Ledger for Gate {
    fn engine(&self) -> &'static str {
        "comet"
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
        self.lock().stop.is_some()
    }

    fn validators(&self) -> ValidatorSet {
        self.validators.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn handovers(self: Arc<Self>, from: Option<[u8; 32]>, to: &Signed) -> Vec<Handover> {
        self.find_handovers(from, &to.header).await
    }

    async fn submit(self: Arc<Self>, tx: Vec<u8>, waiter: Option<Waiter>) -> Result<Submitted, SubmitError> {
        let hash = TxHash::of(&tx);
        // CometBFT would not even ask, and answer as it does when there is no room.
        if tx.len() > TX_BYTES_MAX
            && let Err(refusal) = Tx::decode(&tx, self.machine.prefix())
        {
            return Err(refusal.into());
        }
        let stopped = |error: &dyn std::fmt::Display| SubmitError::Stopped(error.to_string());
        if let Some(record) = self.committed(hash).map_err(|error| stopped(&error))? {
            if let Some(waiter) = waiter {
                waiter(Outcome::Committed(Box::new(record)));
            }
            return Ok(Submitted::Known(hash));
        }
        let attempt = self.begin_submitting(hash, waiter)?;
        let answer = self.hand_in(&tx).await;
        let taken = matches!(answer, Broadcast::Taken | Broadcast::Known);
        let refusal = self.end_submitting(hash, attempt, taken);
        match answer {
            Broadcast::Taken => Ok(Submitted::New(hash)),
            Broadcast::Known => {
                // It may have become part of a block before anyone waited for it.
                if let Some(record) = self.committed(hash).map_err(|error| stopped(&error))? {
                    for waiter in self.take_waiters(hash).unwrap_or_default() {
                        waiter(Outcome::Committed(Box::new(record.clone())));
                    }
                }
                Ok(Submitted::Known(hash))
            }
            Broadcast::Refused(text) => {
                let full = SdkError::MempoolFull(text);
                Err(SubmitError::Refused(refusal.unwrap_or_else(|| full.into())))
            }
            Broadcast::Unreachable(reason) => Err(SubmitError::Stopped(reason)),
        }
    }

    async fn signed(&self, tip: &Tip) -> Result<Signed, NotSigned> {
        let missing = |reason: String| NotSigned { height: tip.height, reason };
        let header = match tip.signed_header() {
            Some(header) => header.clone(),
            None => {
                let rpc = self.rpc.as_ref();
                let rpc = rpc.ok_or_else(|| missing("CometBFT's RPC is not known".to_owned()))?;
                rpc.signed_header(tip.height).await.map_err(missing)?
            }
        };
        let validators = signers(&self.machine, &tip.snapshot, tip.height);
        let validators = validators.map_err(|error| missing(error.to_string()))?;
        if validators.hash() != header.header.validators_hash {
            return Err(missing("CometBFT's header names other validators than the state".to_owned()));
        }
        tip.keep_signed(header.clone());
        Ok(Signed { header, validators })
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("height", &self.tip().height).finish_non_exhaustive()
    }
}
