//! The mempool connection: what CometBFT's mempool holds, as far as the next check needs to know. Which sequences are taken, how many
//! transactions of each sender wait, and which bytes were verified already.

use std::collections::BTreeMap;
use std::sync::Arc;

use sealdesk_machine::admission::{Sequences, committed_sequence};
use sealdesk_machine::{BlockContext, Fatal, Machine};
use sealdesk_protocol::codes::{Refusal, SdkError};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::tx::{TxHash, VerifiedTx};
use sealdesk_store::Snapshot;
use tendermint_proto::v0_38::abci::{self, CheckTxType};

use crate::comet::app::App;
use crate::comet::error::CometError;
use crate::ledger::{
    Ledger as _, NEWCOMERS_SHARE, check_sender_room, mempool_full, newcomer, too_many_newcomers,
};

/// Most transactions that wait; CometBFT's mempool is configured to this.
pub const POOL_TXS_MAX: usize = 2_000;

type Verified = BTreeMap<TxHash, Arc<VerifiedTx>>;

impl App {
    /// Answers whether a transaction may enter the mempool, or stay there after a block.
    pub(super) fn check_tx(
        &self,
        request: &abci::RequestCheckTx,
    ) -> Result<abci::ResponseCheckTx, CometError> {
        let snapshot = self.store.latest();
        let next = BlockContext { height: self.height().saturating_add(1), time: self.last_time() };
        let again = request.r#type() == CheckTxType::Recheck;
        let mut pool = self.pool();
        let checked = match again {
            true => pool.recheck(&self.machine, &snapshot, &request.tx, &next)?,
            false => pool.check(&self.machine, &snapshot, &request.tx, &next)?,
        };
        self.show(&pool);
        drop(pool);
        let Err(refusal) = checked else { return Ok(abci::ResponseCheckTx::default()) };
        let (hash, metrics) = (TxHash::of(&request.tx), self.handle.metrics());
        match again {
            true => {
                metrics.pool.dropped(1);
                self.handle.submissions().dropped(hash, &refusal);
            }
            false => {
                metrics.pool.refused(&refusal);
                self.handle.submissions().refused(hash, &refusal);
            }
        }
        Ok(refused(&refusal))
    }

    /// CometBFT is gone, and its mempool with it.
    pub(super) fn mempool_lost(&self) {
        let mut pool = self.pool();
        pool.clear();
        self.show(&pool);
        drop(pool);
        let reason = "CometBFT has ended, and what waited in its mempool may be lost";
        self.handle.submissions().forget_waiting(reason);
    }
}

fn refused(refusal: &Refusal) -> abci::ResponseCheckTx {
    abci::ResponseCheckTx {
        code: refusal.code(),
        codespace: refusal.codespace().to_owned(),
        log: refusal.to_string(),
        ..Default::default()
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(in crate::comet) struct Pool {
    /// The sequence after the last waiting transaction of an address.
    pending: Sequences,
    /// Waiting transactions by first signer.
    waiting: BTreeMap<Address, usize>,
    /// Those of accounts that are new to the ledger.
    newcomers: usize,
    /// What was checked since the last block.
    verified: Verified,
    /// What was checked before it, until CometBFT asks again.
    before: Verified,
}

impl Pool {
    /// The transaction of these bytes, if its signatures are known to be good.
    pub(in crate::comet) fn verified(&self, hash: TxHash) -> Option<Arc<VerifiedTx>> {
        self.verified.get(&hash).or_else(|| self.before.get(&hash)).cloned()
    }

    /// Transactions that wait.
    pub(in crate::comet) fn len(&self) -> usize {
        self.verified.len()
    }

    /// First signers of those.
    pub(in crate::comet) fn senders(&self) -> usize {
        self.waiting.len()
    }

    /// Judges a transaction that is new to the mempool, and takes it in.
    pub(in crate::comet) fn check(
        &mut self,
        machine: &Machine,
        snapshot: &Snapshot,
        bytes: &[u8],
        next: &BlockContext,
    ) -> Result<Result<(), Refusal>, Fatal> {
        if self.verified.contains_key(&TxHash::of(bytes)) {
            return Ok(Err(SdkError::TxInMempool.into()));
        }
        let pending = |address: &Address| self.pending.get(address);
        Ok(match machine.check(snapshot, bytes, &pending, next)? {
            Ok(tx) => {
                let newcomer = newcomer(machine, snapshot, &tx)?.is_some();
                self.take_in(Arc::new(tx), newcomer).map_err(Refusal::from)
            }
            Err(refusal) => Err(refusal),
        })
    }

    /// Judges a waiting transaction again after a block: whether it can still be in the next one.
    pub(in crate::comet) fn recheck(
        &mut self,
        machine: &Machine,
        snapshot: &Snapshot,
        bytes: &[u8],
        next: &BlockContext,
    ) -> Result<Result<(), Refusal>, Fatal> {
        let hash = TxHash::of(bytes);
        // Asked about twice, it has its place already.
        if self.verified.contains_key(&hash) {
            return Ok(Ok(()));
        }
        let Some(tx) = self.before.remove(&hash) else {
            return self.check(machine, snapshot, bytes, next);
        };
        // What there is no room for must not move its sender's sequence either.
        let newcomer = newcomer(machine, snapshot, &tx)?.is_some();
        if let Err(full) = self.room(&tx, newcomer) {
            return Ok(Err(full.into()));
        }
        let committed = |address: &Address| committed_sequence(snapshot, address);
        Ok(match self.pending.admit(&tx, next, committed)? {
            Ok(()) => {
                self.remember(tx, newcomer);
                Ok(())
            }
            Err(refusal) => Err(refusal.into()),
        })
    }

    /// After a block, CometBFT asks again about everything that still waits, in order, before it asks about anything new. Gives
    /// what it did not ask about after the block before: what was in that block, and what its mempool did not keep.
    pub(in crate::comet) fn block_committed(&mut self) -> Vec<TxHash> {
        let gone = std::mem::replace(&mut self.before, std::mem::take(&mut self.verified));
        self.pending.clear();
        self.waiting.clear();
        self.newcomers = 0;
        gone.into_keys().collect()
    }

    /// CometBFT is gone, and its mempool with it.
    pub(in crate::comet) fn clear(&mut self) {
        *self = Self::default();
    }

    fn take_in(&mut self, tx: Arc<VerifiedTx>, newcomer: bool) -> Result<(), SdkError> {
        self.room(&tx, newcomer)?;
        self.pending.push(&tx);
        self.remember(tx, newcomer);
        Ok(())
    }

    /// Whether one more transaction may wait.
    fn room(&self, tx: &VerifiedTx, newcomer: bool) -> Result<(), SdkError> {
        let sender = tx.signers().first().map(|signer| &signer.address);
        let own = sender.and_then(|sender| self.waiting.get(sender)).copied().unwrap_or_default();
        check_sender_room(own, newcomer)?;
        if newcomer && self.newcomers >= POOL_TXS_MAX / NEWCOMERS_SHARE {
            return Err(too_many_newcomers());
        }
        // CometBFT bounds its mempool itself, but checks before it counts.
        if self.verified.len() >= 2 * POOL_TXS_MAX {
            return Err(mempool_full("too many transactions wait"));
        }
        Ok(())
    }

    fn remember(&mut self, tx: Arc<VerifiedTx>, newcomer: bool) {
        self.newcomers += usize::from(newcomer);
        if let Some(signer) = tx.signers().first() {
            *self.waiting.entry(signer.address.clone()).or_default() += 1;
        }
        // One that is handed in again has not been asked about, which does not mean that it is gone.
        self.before.remove(&tx.hash());
        self.verified.insert(tx.hash(), tx);
    }
}
