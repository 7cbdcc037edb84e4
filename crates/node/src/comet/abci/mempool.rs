//! The mempool connection: what CometBFT's mempool holds, as far as the next check needs to know. Which sequences are taken, how many
//! transactions of each sender wait, and which bytes were verified already.

use std::collections::BTreeMap;
use std::sync::Arc;

use sealdesk_machine::admission::{Sequences, Standing, committed_sequence};
use sealdesk_machine::{BlockContext, Fatal, Machine};
use sealdesk_protocol::codes::{Refusal, SdkError};
use sealdesk_protocol::gas::BLOCK_GAS_MAX;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::tx::{Tx, TxHash, VerifiedTx};
use sealdesk_store::Snapshot;
use tendermint_proto::v0_38::abci::{self, CheckTxType};

use crate::comet::app::App;
use crate::comet::error::CometError;
use crate::ledger::Ledger as _;
use crate::mempool_quota::{Amount, Room, check_sender_room, mempool_full, no_room, standing_of};

/// Most transactions that wait; CometBFT's mempool is configured to this.
pub const POOL_TXS_MAX: usize = 2_000;
/// Most bytes of transactions that wait; likewise.
pub(in crate::comet) const POOL_BYTES_MAX: usize = 64 * 1024 * 1024;
/// What all transactions that wait may cost together: what ten full blocks do. As many as may wait fit if they write tickets.
const POOL_GAS_MAX: u64 = 10 * BLOCK_GAS_MAX;
/// All that may wait. Everyone but the staff has a part of it, so CometBFT's own bound, which is the same, keeps nobody else out.
const POOL: Amount = Amount { txs: POOL_TXS_MAX, bytes: POOL_BYTES_MAX, gas: POOL_GAS_MAX };

/// A transaction whose signatures are good.
#[derive(Debug, Clone)]
pub(super) struct Checked {
    pub(super) tx: Arc<VerifiedTx>,
    /// What its sender was to the ledger when it was last asked about.
    pub(super) standing: Standing,
}

type Verified = BTreeMap<TxHash, Checked>;

impl App {
    /// Answers whether a transaction may enter the mempool, or stay there after a block.
    pub(super) fn check_tx(
        &self,
        request: &abci::RequestCheckTx,
    ) -> Result<abci::ResponseCheckTx, CometError> {
        let snapshot = self.store.latest();
        let next = BlockContext { height: self.height().saturating_add(1), time: self.last_time() };
        let again = request.r#type() == CheckTxType::Recheck;
        // What was handed in here has been verified, in its sender's turn; what comes from other nodes is verified now.
        let hash = TxHash::of(&request.tx);
        let verified = if again { None } else { self.handle.submissions().verified(hash) };
        let mut pool = self.pool();
        let checked = match again {
            true => pool.recheck(&self.machine, &snapshot, &request.tx, &next)?,
            false => match verified {
                Some(tx) => pool.check_verified(&self.machine, &snapshot, tx, &next)?,
                None => pool.check(&self.machine, &snapshot, &request.tx, &next)?,
            },
        };
        self.show(&pool);
        drop(pool);
        let Err(refusal) = checked else { return Ok(abci::ResponseCheckTx::default()) };
        let metrics = self.handle.metrics();
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
#[derive(Debug)]
pub(in crate::comet) struct Pool {
    /// The sequence after the last waiting transaction of an address.
    pending: Sequences,
    /// What waits, by first signer.
    waiting: BTreeMap<Address, Amount>,
    /// What all of it takes up.
    room: Room,
    /// The newest block with a transaction of each first signer of whom more waited then.
    served: BTreeMap<Address, u64>,
    /// What was checked since the last block.
    verified: Verified,
    /// What was checked before it, until CometBFT asks again.
    before: Verified,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            pending: Sequences::default(),
            waiting: BTreeMap::new(),
            room: Room::new(POOL),
            served: BTreeMap::new(),
            verified: Verified::new(),
            before: Verified::new(),
        }
    }
}

impl Pool {
    /// The transaction of these bytes, if its signatures are known to be good.
    pub(in crate::comet) fn verified(&self, hash: TxHash) -> Option<Arc<VerifiedTx>> {
        self.checked(hash).map(|checked| checked.tx.clone())
    }

    /// Likewise, with what its sender is to the ledger.
    pub(super) fn checked(&self, hash: TxHash) -> Option<&Checked> {
        self.verified.get(&hash).or_else(|| self.before.get(&hash))
    }

    /// Everything that is known to be good: what waits, and until CometBFT has asked again after a block, what was in that.
    pub(super) fn all(&self) -> impl Iterator<Item = &Checked> {
        self.verified.values().chain(self.before.values())
    }

    /// The newest block that held a transaction of an address, as far as that matters for its turn: 0 where it is its turn.
    pub(super) fn served(&self, address: &Address) -> u64 {
        self.served.get(address).copied().unwrap_or(0)
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
            // Ahead of the block, which everyone waits for.
            Ok(tx) => self.take_in(machine, snapshot, machine.foresee(snapshot, tx)?)?,
            Err(refusal) => Err(refusal),
        })
    }

    /// Likewise of a transaction that was verified before.
    pub(super) fn check_verified(
        &mut self,
        machine: &Machine,
        snapshot: &Snapshot,
        tx: VerifiedTx,
        next: &BlockContext,
    ) -> Result<Result<(), Refusal>, Fatal> {
        if self.verified.contains_key(&tx.hash()) {
            return Ok(Err(SdkError::TxInMempool.into()));
        }
        let pending = |address: &Address| self.pending.get(address);
        Ok(match machine.admits(snapshot, &tx, &pending, next)? {
            Ok(()) => self.take_in(machine, snapshot, tx)?,
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
        let Some(Checked { tx, .. }) = self.before.remove(&hash) else {
            return self.check(machine, snapshot, bytes, next);
        };
        // What there is no room for must not move its sender's sequence either.
        let checked = Checked { standing: standing_of(machine, snapshot, &tx)?, tx };
        if let Err(full) = self.check_room(&checked) {
            return Ok(Err(full.into()));
        }
        let committed = |address: &Address| committed_sequence(snapshot, address);
        Ok(match self.pending.admit(&checked.tx, next, committed)? {
            Ok(()) => {
                self.remember(checked);
                Ok(())
            }
            Err(refusal) => Err(refusal.into()),
        })
    }

    /// After a block, CometBFT asks again about everything that still waits, in order, before it asks about anything new. Gives
    /// what it did not ask about after the block before: what was in that block, and what its mempool did not keep.
    pub(in crate::comet) fn block_committed(&mut self, height: u64, txs: &[TxHash]) -> Vec<TxHash> {
        self.served.retain(|sender, _| self.waiting.contains_key(sender));
        for hash in txs {
            let Some(tx) = self.verified(*hash) else { continue };
            if let Some(sender) = first_signer(&tx).filter(|sender| self.waiting.contains_key(sender)) {
                self.served.insert(sender.clone(), height);
            }
        }
        let gone = std::mem::replace(&mut self.before, std::mem::take(&mut self.verified));
        self.pending.clear();
        self.waiting.clear();
        self.room = Room::new(POOL);
        gone.into_keys().collect()
    }

    /// CometBFT is gone, and its mempool with it.
    pub(in crate::comet) fn clear(&mut self) {
        *self = Self::default();
    }

    fn take_in(
        &mut self,
        machine: &Machine,
        snapshot: &Snapshot,
        tx: VerifiedTx,
    ) -> Result<Result<(), Refusal>, Fatal> {
        let checked = Checked { standing: standing_of(machine, snapshot, &tx)?, tx: Arc::new(tx) };
        if let Err(full) = self.check_room(&checked) {
            return Ok(Err(full.into()));
        }
        self.pending.push(&checked.tx);
        self.remember(checked);
        Ok(Ok(()))
    }

    /// Whether one more transaction may wait. CometBFT displaces nothing, so the fuller the pool, the less of it one sender has. What was
    /// taken finds room again after a block, since then there is more.
    fn check_room(&self, Checked { tx, standing }: &Checked) -> Result<(), SdkError> {
        let more = Amount::of(tx);
        let own = first_signer(tx).and_then(|sender| self.waiting.get(sender)).copied().unwrap_or_default();
        check_sender_room(*standing, own, more)?;
        if let Some(lack) = self.room.lacks(*standing, more) {
            return Err(no_room(lack, self.room.held().txs));
        }
        if *standing != Standing::Staff && !self.room.leaves_enough(own.plus(more)) {
            let why = format!("{} transactions of this sender wait already, and many of others", own.txs);
            return Err(mempool_full(&why));
        }
        Ok(())
    }

    fn remember(&mut self, checked: Checked) {
        let more = Amount::of(&checked.tx);
        self.room.take(checked.standing, more);
        if let Some(sender) = first_signer(&checked.tx) {
            let own = self.waiting.entry(sender.clone()).or_default();
            *own = own.plus(more);
        }
        // One that is handed in again has not been asked about, which does not mean that it is gone.
        let hash = checked.tx.hash();
        self.before.remove(&hash);
        self.verified.insert(hash, checked);
    }
}

fn first_signer(tx: &Tx) -> Option<&Address> {
    tx.signers().first().map(|signer| &signer.address)
}
