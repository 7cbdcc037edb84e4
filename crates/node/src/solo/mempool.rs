//! Transactions that wait for a block: bounded, and fair between senders.
//!
//! Every sender has a lane, in order of sequence, and a block takes from the lanes in turn. So a sender that floods fills its own
//! lane, and anyone else's transaction is in one of the next blocks. When the pool is full, a sender with few waiting
//! transactions displaces the last one of the sender with the most.
//!
//! Accounts that are new to the ledger cost nothing to make, so a flood can have a lane for each of its transactions. Hence all of them
//! together have a part of the pool, and a part of each block.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sealdesk_machine::BlockContext;
use sealdesk_machine::admission::{Sequences, Turn};
use sealdesk_protocol::codes::SdkError;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::tx::{TxHash, VerifiedTx};

use super::pick::{BlockRoom, Pick, Picked, turn};
use crate::ledger::{NEWCOMERS_SHARE, check_sender_room, mempool_full, too_many_newcomers};

/// Most transactions that wait.
pub const POOL_TXS_MAX: usize = 5_000;
/// Most bytes of transactions that wait.
pub const POOL_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Turns of a pick that may be lost to transactions that wait for another sender's. Chains of common signatures could be laid so
/// that each round frees one of them only; what is left waits for the next block.
const EARLY_TURNS_MAX: usize = POOL_TXS_MAX;

/// The waiting transactions.
#[derive(Debug, Default)]
pub(super) struct Mempool {
    lanes: BTreeMap<Address, VecDeque<VerifiedTx>>,
    /// The senders in the order of their turns: each that has a lane, once.
    turns: VecDeque<Address>,
    /// The next free sequence of every address that a waiting or taken transaction has used.
    pending: Sequences,
    /// How many waiting and taken transactions each address has signed.
    signed: BTreeMap<Address, usize>,
    /// Every transaction that waits, or was taken and is not settled.
    known: BTreeSet<TxHash>,
    bytes: usize,
    waiting: usize,
    /// Those that wait and whose sender is new to the ledger.
    newcomers: BTreeSet<TxHash>,
    newcomers_bytes: usize,
}

impl Mempool {
    /// Whether this transaction waits or is being made part of a block.
    pub(super) fn contains(&self, hash: TxHash) -> bool {
        self.known.contains(&hash)
    }

    /// Transactions that wait.
    pub(super) fn len(&self) -> usize {
        self.waiting
    }

    /// Bytes of the transactions that wait.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Senders whose transactions wait; up to the next pick also those whose last one was displaced.
    pub(super) fn senders(&self) -> usize {
        self.lanes.len()
    }

    /// Whether none waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// The sequence that the next transaction of an address has to carry, if one of its transactions is on its way.
    pub(super) fn pending_sequence(&self, address: &Address) -> Option<u64> {
        self.pending.get(address)
    }

    /// Lets a checked transaction wait; of a `newcomer` where its sender is new to the ledger. `committed` gives an address's sequence
    /// on the ledger. Returns the transaction that was displaced.
    ///
    /// # Errors
    /// 19 if it waits already, 32 if another transaction took its sequence, 20 if there is no room.
    pub(super) fn insert(
        &mut self,
        tx: VerifiedTx,
        newcomer: bool,
        committed: impl Fn(&Address) -> u64,
    ) -> Result<Option<TxHash>, SdkError> {
        if self.contains(tx.hash()) {
            return Err(SdkError::TxInMempool);
        }
        turn(&self.pending, &tx, &committed).admitted()?;
        if newcomer {
            self.check_newcomers_room(&tx)?;
        }
        let displaced = self.make_room(&tx, newcomer)?;
        if newcomer {
            self.newcomers.insert(tx.hash());
            self.newcomers_bytes += tx.bytes().len();
        }
        self.push(tx);
        Ok(displaced)
    }

    /// Takes what fits into a block, sender by sender in turn, beginning with the sender that the last block had no room for. Taken
    /// transactions stay known until [`Mempool::settle`].
    pub(super) fn pick(
        &mut self,
        room: BlockRoom,
        block: BlockContext,
        committed: impl Fn(&Address) -> u64,
    ) -> Picked {
        let mut pick = Pick::new(room, block);
        loop {
            let before = self.waiting;
            for _ in 0..self.turns.len() {
                self.take_turn(&mut pick, &committed);
                if pick.full {
                    break;
                }
            }
            if pick.full || self.waiting == 0 {
                break;
            }
            if self.waiting == before && pick.held_back.is_some() {
                break;
            }
            if self.waiting == before {
                self.drop_unreachable(&mut pick, &committed);
            } else if pick.early > EARLY_TURNS_MAX {
                break;
            }
        }
        self.drop_empty_lanes();
        // The next block begins with the newcomer for whom this one had no room.
        let turn = pick.held_back.and_then(|held| self.turns.iter().position(|sender| *sender == held));
        self.turns.rotate_left(turn.unwrap_or(0));
        pick.picked
    }

    /// Takes the first transaction of the sender whose turn it is, if that can be in the block.
    fn take_turn(&mut self, pick: &mut Pick, committed: &impl Fn(&Address) -> u64) {
        let Some(sender) = self.turns.pop_front() else { return };
        self.turns.push_back(sender.clone());
        let Some(tx) = self.lanes.get(&sender).and_then(VecDeque::front) else { return };
        let newcomer = self.newcomers.contains(&tx.hash());
        match pick.judge(tx, committed) {
            Turn::Now if newcomer && !pick.has_room_for_newcomer(tx) => {
                pick.held_back.get_or_insert(sender);
            }
            Turn::Now if pick.has_room(tx) => {
                if let Some(tx) = self.pop_front(&sender) {
                    pick.take(tx, newcomer);
                }
            }
            Turn::Now => {
                pick.full = true;
                // The next block begins here: else the same senders would fill every block.
                self.turns.rotate_right(1);
            }
            Turn::Later(_) => pick.early += 1,
            Turn::Never(error) => self.drop_front(&sender, pick, error),
        }
    }

    /// When no turn changes anything, what still waits follows a transaction that is nowhere: it was dropped, or failed
    /// without using up its sequence.
    fn drop_unreachable(&mut self, pick: &mut Pick, committed: &impl Fn(&Address) -> u64) {
        for sender in self.turns.clone() {
            let Some(tx) = self.lanes.get(&sender).and_then(VecDeque::front) else { continue };
            if let Turn::Later(error) = pick.judge(tx, committed) {
                self.drop_front(&sender, pick, error);
            }
        }
    }

    fn drop_front(&mut self, sender: &Address, pick: &mut Pick, error: SdkError) {
        if let Some(tx) = self.pop_front(sender) {
            self.forget(&tx);
            pick.picked.stale.push((tx.hash(), error));
        }
    }

    /// Forgets transactions that were taken and are now on the ledger, or never will be.
    pub(super) fn settle(&mut self, txs: &[VerifiedTx]) {
        for tx in txs {
            self.forget(tx);
        }
    }

    /// Empties the pool, and names what was in it.
    pub(super) fn clear(&mut self) -> Vec<TxHash> {
        let known = std::mem::take(self).known;
        known.into_iter().collect()
    }

    /// Whether one more of a newcomer may wait.
    fn check_newcomers_room(&self, tx: &VerifiedTx) -> Result<(), SdkError> {
        let bytes = self.newcomers_bytes.saturating_add(tx.bytes().len());
        let full = self.newcomers.len() >= POOL_TXS_MAX / NEWCOMERS_SHARE
            || bytes > POOL_BYTES_MAX / NEWCOMERS_SHARE;
        if full { Err(too_many_newcomers()) } else { Ok(()) }
    }

    fn make_room(&mut self, tx: &VerifiedTx, newcomer: bool) -> Result<Option<TxHash>, SdkError> {
        let own = self.lanes.get(lane_of(tx)).map_or(0, VecDeque::len);
        check_sender_room(own, newcomer)?;
        if self.waiting < POOL_TXS_MAX && self.bytes + tx.bytes().len() <= POOL_BYTES_MAX {
            return Ok(None);
        }
        let full = || mempool_full(&format!("{} transactions wait", self.waiting));
        let longest = self.lanes.iter().max_by_key(|(_, lane)| lane.len());
        let (sender, length) = longest.map(|(sender, lane)| (sender.clone(), lane.len())).ok_or_else(full)?;
        let last = self.lanes.get(&sender).and_then(VecDeque::back).ok_or_else(full)?;
        // What other signers' transactions follow cannot go, and a shorter one would not make room.
        let followed = self.pending_sequence(&sender) != last.signers()[0].sequence.checked_add(1);
        let alone = last.signers().len() == 1 && !followed;
        if length <= own + 1 || !alone || last.bytes().len() < tx.bytes().len() {
            return Err(full());
        }
        let last = self.lanes.get_mut(&sender).and_then(VecDeque::pop_back).ok_or_else(full_pool)?;
        self.waiting -= 1;
        self.bytes -= last.bytes().len();
        self.pending.pop(&last);
        self.forget(&last);
        Ok(Some(last.hash()))
    }

    fn push(&mut self, tx: VerifiedTx) {
        self.pending.push(&tx);
        for signer in tx.signers() {
            *self.signed.entry(signer.address.clone()).or_default() += 1;
        }
        self.bytes += tx.bytes().len();
        self.waiting += 1;
        self.known.insert(tx.hash());
        let sender = lane_of(&tx).clone();
        if !self.lanes.contains_key(&sender) {
            self.turns.push_back(sender.clone());
        }
        self.lanes.entry(sender).or_default().push_back(tx);
    }

    fn pop_front(&mut self, sender: &Address) -> Option<VerifiedTx> {
        let tx = self.lanes.get_mut(sender)?.pop_front()?;
        self.waiting -= 1;
        self.bytes -= tx.bytes().len();
        Some(tx)
    }

    /// Drops what is remembered of a transaction that left its lane.
    fn forget(&mut self, tx: &VerifiedTx) {
        if !self.known.remove(&tx.hash()) {
            return;
        }
        if self.newcomers.remove(&tx.hash()) {
            self.newcomers_bytes = self.newcomers_bytes.saturating_sub(tx.bytes().len());
        }
        for signer in tx.signers() {
            let left = self.signed.get(&signer.address).map_or(0, |count| count.saturating_sub(1));
            if left == 0 {
                self.signed.remove(&signer.address);
                self.pending.forget(&signer.address);
            } else {
                self.signed.insert(signer.address.clone(), left);
            }
        }
    }

    fn drop_empty_lanes(&mut self) {
        self.lanes.retain(|_, lane| !lane.is_empty());
        let lanes = &self.lanes;
        self.turns.retain(|sender| lanes.contains_key(sender));
    }
}

fn full_pool() -> SdkError {
    mempool_full("too many transactions wait")
}

/// The lane of a transaction is its first signer's.
fn lane_of(tx: &VerifiedTx) -> &Address {
    &tx.signers()[0].address
}

#[cfg(test)]
mod tests;
