//! What CometBFT's mempool holds, as far as the next check needs to know: which sequences are taken, by how many transactions of
//! whom, and which bytes were verified already.

use std::collections::BTreeMap;
use std::sync::Arc;

use prost::Message as _;
use sealdesk_machine::{Fatal, Machine};
use sealdesk_protocol::codes::{Refusal, SdkError};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::tx::{Tx, TxHash, VerifiedTx};
use sealdesk_protocol::wire::sealdesk::ledger::v1::AccountRecord;
use sealdesk_store::Snapshot;

/// Most transactions that wait; CometBFT's mempool is configured to this.
pub const POOL_TXS_MAX: usize = 2_000;
/// Most transactions of one sender that wait.
pub const SENDER_TXS_MAX: usize = 64;

type Verified = BTreeMap<TxHash, Arc<VerifiedTx>>;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Pool {
    /// The sequence after the last waiting transaction of an address.
    pending: BTreeMap<Address, u64>,
    /// Waiting transactions by first signer.
    waiting: BTreeMap<Address, usize>,
    /// What was checked since the last block.
    verified: Verified,
    /// What was checked before it, until CometBFT asks again.
    before: Verified,
}

impl Pool {
    /// The transaction of these bytes, if its signatures are known to be good.
    pub(super) fn verified(&self, hash: TxHash) -> Option<Arc<VerifiedTx>> {
        self.verified.get(&hash).or_else(|| self.before.get(&hash)).cloned()
    }

    /// Transactions that wait.
    pub(super) fn len(&self) -> usize {
        self.verified.len()
    }

    /// First signers of those.
    pub(super) fn senders(&self) -> usize {
        self.waiting.len()
    }

    /// Judges a transaction that is new to the mempool, and takes it in.
    pub(super) fn check(
        &mut self,
        machine: &Machine,
        snapshot: &Snapshot,
        bytes: &[u8],
        next_height: u64,
    ) -> Result<Result<(), Refusal>, Fatal> {
        if self.verified.contains_key(&TxHash::of(bytes)) {
            return Ok(Err(SdkError::TxInMempool.into()));
        }
        let pending = |address: &Address| self.pending.get(address).copied();
        Ok(match machine.check(snapshot, bytes, &pending, next_height)? {
            Ok(tx) => self.take_in(Arc::new(tx)).map_err(Refusal::from),
            Err(refusal) => Err(refusal),
        })
    }

    /// Judges a waiting transaction again after a block: whether it can still be in the next one.
    pub(super) fn recheck(
        &mut self,
        machine: &Machine,
        snapshot: &Snapshot,
        bytes: &[u8],
        next_height: u64,
    ) -> Result<Result<(), Refusal>, Fatal> {
        let hash = TxHash::of(bytes);
        // Asked about twice, it has its place already.
        if self.verified.contains_key(&hash) {
            return Ok(Ok(()));
        }
        let Some(tx) = self.before.remove(&hash) else {
            return self.check(machine, snapshot, bytes, next_height);
        };
        // What there is no room for must not move its sender's sequence either.
        if let Err(full) = self.room(&tx) {
            return Ok(Err(full.into()));
        }
        let mut order = Order { snapshot, height: next_height, next: std::mem::take(&mut self.pending) };
        let judged = order.admit(&tx);
        self.pending = order.next;
        Ok(match judged? {
            Ok(()) => {
                self.remember(tx);
                Ok(())
            }
            Err(refusal) => Err(refusal.into()),
        })
    }

    /// After a block, CometBFT asks again about everything that still waits, in order, before it asks about anything new. Gives
    /// what it did not ask about after the block before: what was in that block, and what its mempool did not keep.
    pub(super) fn block_committed(&mut self) -> Vec<TxHash> {
        let gone = std::mem::replace(&mut self.before, std::mem::take(&mut self.verified));
        self.pending.clear();
        self.waiting.clear();
        gone.into_keys().collect()
    }

    /// CometBFT is gone, and its mempool with it.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    fn take_in(&mut self, tx: Arc<VerifiedTx>) -> Result<(), SdkError> {
        self.room(&tx)?;
        let after = tx.signers().iter().map(|s| (s.address.clone(), s.sequence.saturating_add(1)));
        self.pending.extend(after);
        self.remember(tx);
        Ok(())
    }

    /// Whether one more transaction may wait.
    fn room(&self, tx: &VerifiedTx) -> Result<(), SdkError> {
        let sender = tx.signers().first().map(|signer| &signer.address);
        let own = sender.and_then(|sender| self.waiting.get(sender)).copied().unwrap_or_default();
        if own >= SENDER_TXS_MAX {
            return Err(SdkError::MempoolFull(format!("{own} transactions of this sender wait already")));
        }
        // CometBFT bounds its mempool itself, but checks before it counts.
        if self.verified.len() >= 2 * POOL_TXS_MAX {
            return Err(SdkError::MempoolFull("too many transactions wait".to_owned()));
        }
        Ok(())
    }

    fn remember(&mut self, tx: Arc<VerifiedTx>) {
        if let Some(signer) = tx.signers().first() {
            *self.waiting.entry(signer.address.clone()).or_default() += 1;
        }
        // One that is handed in again has not been asked about, and is no more gone for that.
        self.before.remove(&tx.hash());
        self.verified.insert(tx.hash(), tx);
    }
}

/// Transactions in the order of a block: which sequence each signer must have next.
pub(super) struct Order<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) height: u64,
    pub(super) next: BTreeMap<Address, u64>,
}

impl<'a> Order<'a> {
    /// The order of a block that follows this state.
    pub(super) fn new(snapshot: &'a Snapshot, height: u64) -> Self {
        Self { snapshot, height, next: BTreeMap::new() }
    }

    /// Puts the transaction next, if it is in sequence and not too late.
    pub(super) fn admit(&mut self, tx: &VerifiedTx) -> Result<Result<(), SdkError>, Fatal> {
        let (timeout_height, height) = (tx.timeout_height(), self.height);
        if timeout_height != 0 && height > timeout_height {
            return Ok(Err(SdkError::TxTimeout { timeout_height, height }));
        }
        let mut after = Vec::with_capacity(tx.signers().len());
        for signer in tx.signers() {
            let expected = match self.next.get(&signer.address) {
                Some(sequence) => *sequence,
                None => sequence(self.snapshot, &signer.address)?,
            };
            let next = signer.sequence.checked_add(1);
            match next {
                Some(next) if signer.sequence == expected => after.push((signer.address.clone(), next)),
                _ => return Ok(Err(SdkError::WrongSequence { expected, found: signer.sequence })),
            }
        }
        self.next.extend(after);
        Ok(Ok(()))
    }
}

/// The next sequence of an address on the ledger.
fn sequence(snapshot: &Snapshot, address: &Address) -> Result<u64, Fatal> {
    let key = tree::account(address);
    let Some(bytes) = snapshot.get(&key)? else { return Ok(0) };
    let record = AccountRecord::decode(bytes.as_slice());
    record.map(|record| record.sequence).map_err(|_| Fatal::Damaged {
        key: key.escape_ascii().to_string(),
        what: "no account's record".to_owned(),
    })
}

/// Form and signatures of a transaction as received.
pub(super) fn verify(machine: &Machine, bytes: &[u8]) -> Result<VerifiedTx, Refusal> {
    Tx::decode(bytes, machine.prefix())?.verify(machine.chain_id())
}
