//! Transactions that wait for a block: bounded, and fair between senders.
//!
//! Every sender has a lane, in order of sequence, and a block takes from the lanes in turn. So a sender that floods fills its own
//! lane, and anyone else's transaction is in one of the next blocks. When the pool is full, a sender with little waiting displaces the
//! last transaction of the sender with the most that can go.
//!
//! Accounts cost little to make or nothing, so a flood can have a lane for each of its transactions. Hence the pool and each block are
//! divided ([`crate::mempool_quota`]): accounts that are new to the ledger have a part of it, and a part is for the staff alone.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sealdesk_machine::BlockContext;
use sealdesk_machine::admission::{Sequences, Standing, Turn};
use sealdesk_protocol::codes::SdkError;
use sealdesk_protocol::gas::BLOCK_GAS_MAX;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::tx::{TxHash, VerifiedTx};

use super::pick::{Pick, Picked, turn};
use crate::mempool_quota::{Amount, Room, check_sender_room, no_room};

mod lane;

use lane::Lane;
pub(super) use lane::Waiting;

/// Most transactions that wait.
pub const POOL_TXS_MAX: usize = 5_000;
/// Most bytes of transactions that wait.
pub const POOL_BYTES_MAX: usize = 64 * 1024 * 1024;
/// What all transactions that wait may cost together: what 30 of the longest blocks do. As many transactions as may wait fit if they write tickets.
const POOL_GAS_MAX: u64 = 30 * BLOCK_GAS_MAX;

/// All that may wait.
const POOL: Amount = Amount { txs: POOL_TXS_MAX, bytes: POOL_BYTES_MAX, gas: POOL_GAS_MAX };

/// Turns of a pick that may be lost to transactions that wait for another sender's. Chains of common signatures could be laid so
/// that each round frees one of them only; what is left waits for the next block.
const EARLY_TURNS_MAX: usize = POOL_TXS_MAX;

/// The waiting transactions.
#[derive(Debug)]
pub(super) struct Mempool {
    lanes: BTreeMap<Address, Lane>,
    /// The senders in the order of their turns: each that has a lane, once.
    turns: VecDeque<Address>,
    /// The next free sequence of every address that a waiting or taken transaction has used.
    pending: Sequences,
    /// How many waiting and taken transactions each address has signed.
    signed: BTreeMap<Address, usize>,
    /// Every transaction that waits, or was taken and is not settled.
    known: BTreeSet<TxHash>,
    /// What waits takes up of this.
    room: Room,
}

impl Default for Mempool {
    fn default() -> Self {
        Self {
            lanes: BTreeMap::new(),
            turns: VecDeque::new(),
            pending: Sequences::default(),
            signed: BTreeMap::new(),
            known: BTreeSet::new(),
            room: Room::new(POOL),
        }
    }
}

impl Mempool {
    /// Whether this transaction waits or is being made part of a block.
    pub(super) fn contains(&self, hash: TxHash) -> bool {
        self.known.contains(&hash)
    }

    /// Transactions that wait or are being made part of a block.
    pub(super) fn known(&self) -> usize {
        self.known.len()
    }

    /// Transactions that wait.
    pub(super) fn len(&self) -> usize {
        self.room.held().txs
    }

    /// Bytes of the transactions that wait.
    pub(super) fn bytes(&self) -> usize {
        self.room.held().bytes
    }

    /// Senders whose transactions wait; up to the next pick also those whose last one was displaced.
    pub(super) fn senders(&self) -> usize {
        self.lanes.len()
    }

    /// Whether none waits.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The sequence that the next transaction of an address has to carry, if one of its transactions is on its way.
    pub(super) fn pending_sequence(&self, address: &Address) -> Option<u64> {
        self.pending.get(address)
    }

    /// Lets a checked transaction wait. `standing` is what its sender is to the ledger, and `committed` gives an address's sequence there.
    /// Returns the transaction that was displaced.
    ///
    /// # Errors
    /// 19 if it waits already, 32 if another transaction took its sequence, 20 if there is no room.
    pub(super) fn insert(
        &mut self,
        tx: VerifiedTx,
        standing: Standing,
        committed: impl Fn(&Address) -> u64,
    ) -> Result<Option<TxHash>, SdkError> {
        if self.contains(tx.hash()) {
            return Err(SdkError::TxInMempool);
        }
        turn(&self.pending, &tx, &committed).admitted()?;
        let waiting = Waiting { tx, standing };
        let displaced = self.make_room(&waiting)?;
        self.push(waiting);
        Ok(displaced)
    }

    /// Takes what fits into a block, sender by sender in turn, beginning with those that the last block had no room for. Taken
    /// transactions stay known until [`Mempool::settle`].
    pub(super) fn pick(
        &mut self,
        room: Amount,
        block: BlockContext,
        committed: impl Fn(&Address) -> u64,
    ) -> Picked {
        let mut pick = Pick::new(room, self.room.has_staff(), block);
        loop {
            let before = self.len();
            for _ in 0..self.turns.len() {
                self.take_turn(&mut pick, &committed);
                if pick.full {
                    break;
                }
            }
            if pick.full || self.is_empty() {
                break;
            }
            if self.len() == before && !(pick.held_back.is_empty() && pick.had_enough.is_empty()) {
                break;
            }
            if self.len() == before {
                self.drop_unreachable(&mut pick, &committed);
            } else if pick.early > EARLY_TURNS_MAX {
                break;
            }
        }
        // Who was held back has the next turns, each before those of their kind who were not; who has had enough comes after everyone.
        pick.held_back.append(&mut self.turns);
        pick.held_back.append(&mut pick.had_enough);
        self.turns = pick.held_back;
        self.drop_empty_lanes();
        pick.picked
    }

    /// Takes the first transaction of the sender whose turn it is, if that can be in the block. Who has none left, or none that their part
    /// of the block has room for, has no turn any more.
    fn take_turn(&mut self, pick: &mut Pick, committed: &impl Fn(&Address) -> u64) {
        let Some(sender) = self.turns.pop_front() else { return };
        let Some(waiting) = self.lanes.get(&sender).and_then(Lane::front) else { return };
        let lack = pick.lacks(waiting);
        if lack.is_some_and(|lack| lack.part != Standing::Staff) {
            // Before anything is looked up: a thousand may wait for whom a block has little room, and everyone waits for the pick.
            pick.held_back.push_back(sender);
            return;
        }
        match pick.judge(&waiting.tx, committed) {
            Turn::Now if pick.has_had_enough(&sender, waiting) => {
                pick.had_enough.push_back(sender);
                return;
            }
            Turn::Now if lack.is_some() => {
                pick.full = true;
                // The next block begins here: else the same senders would fill every block.
                self.turns.push_front(sender);
                return;
            }
            Turn::Now => {
                if let Some(waiting) = self.pop_front(&sender) {
                    pick.take(&sender, waiting);
                }
            }
            Turn::Later(_) => pick.early += 1,
            Turn::Never(error) => self.drop_front(&sender, pick, error),
        }
        self.turns.push_back(sender);
    }

    /// When no turn changes anything, what still waits follows a transaction that is nowhere: it was dropped, or failed
    /// without using up its sequence.
    fn drop_unreachable(&mut self, pick: &mut Pick, committed: &impl Fn(&Address) -> u64) {
        for sender in self.turns.clone() {
            let Some(waiting) = self.lanes.get(&sender).and_then(Lane::front) else { continue };
            if let Turn::Later(error) = pick.judge(&waiting.tx, committed) {
                self.drop_front(&sender, pick, error);
            }
        }
    }

    fn drop_front(&mut self, sender: &Address, pick: &mut Pick, error: SdkError) {
        if let Some(Waiting { tx, .. }) = self.pop_front(sender) {
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

    /// Sees to it that there is room for one more. In whatever the pool is full of, the sender that has most of it gives up its last
    /// transaction, if it has more of it than the new one's sender would have.
    fn make_room(&mut self, new: &Waiting) -> Result<Option<TxHash>, SdkError> {
        let more = Amount::of(&new.tx);
        let own = self.lanes.get(lane_of(&new.tx)).map_or(Amount::default(), Lane::held);
        check_sender_room(new.standing, own, more)?;
        let Some(lack) = self.room.lacks(new.standing, more) else { return Ok(None) };
        let own = own.plus(more).in_unit(lack.unit);
        let lanes = self.lanes.iter().map(|(sender, lane)| (lane.held().in_unit(lack.unit), sender, lane));
        let longer = lanes.filter(|(held, sender, lane)| *held > own && self.makes_room(sender, lane, new));
        let longest = longer.max_by_key(|(held, ..)| *held).map(|(_, sender, _)| sender.clone());
        let full = || no_room(lack, self.len());
        let longest = longest.ok_or_else(full)?;
        let last = self.lanes.get_mut(&longest).and_then(Lane::pop_back);
        let Waiting { tx, standing } = last.ok_or_else(|| no_room(lack, self.room.held().txs))?;
        self.room.give_back(standing, Amount::of(&tx));
        self.pending.pop(&tx);
        self.forget(&tx);
        Ok(Some(tx.hash()))
    }

    /// Whether the last transaction of a lane can go, and there is room for the new one then. What other signers' transactions follow
    /// cannot.
    fn makes_room(&self, sender: &Address, lane: &Lane, new: &Waiting) -> bool {
        let Some(last) = lane.back() else { return false };
        let [signer] = last.tx.signers() else { return false };
        let followed = self.pending_sequence(sender) != signer.sequence.checked_add(1);
        let without = self.room.without(last.standing, Amount::of(&last.tx));
        !followed && without.lacks(new.standing, Amount::of(&new.tx)).is_none()
    }

    fn push(&mut self, waiting: Waiting) {
        let tx = &waiting.tx;
        self.pending.push(tx);
        for signer in tx.signers() {
            *self.signed.entry(signer.address.clone()).or_default() += 1;
        }
        self.room.take(waiting.standing, Amount::of(tx));
        self.known.insert(tx.hash());
        let sender = lane_of(tx).clone();
        if !self.lanes.contains_key(&sender) {
            self.turns.push_back(sender.clone());
        }
        self.lanes.entry(sender).or_default().push(waiting);
    }

    fn pop_front(&mut self, sender: &Address) -> Option<Waiting> {
        let waiting = self.lanes.get_mut(sender)?.pop_front()?;
        self.room.give_back(waiting.standing, Amount::of(&waiting.tx));
        Some(waiting)
    }

    /// Drops what is remembered of a transaction that left its lane.
    fn forget(&mut self, tx: &VerifiedTx) {
        if !self.known.remove(&tx.hash()) {
            return;
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

/// The lane of a transaction is its first signer's.
fn lane_of(tx: &VerifiedTx) -> &Address {
    &tx.signers()[0].address
}

#[cfg(test)]
mod tests;
