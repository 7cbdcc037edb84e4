//! Transactions that wait for a block: bounded, and fair between senders.
//!
//! Every sender has a lane, in order of sequence, and a block takes from the lanes in turn. So a sender that floods fills its own
//! lane, and anyone else's transaction is in one of the next blocks. When the pool is full, a sender with few waiting
//! transactions displaces the last one of the sender with the most.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sealdesk_machine::BlockContext;
use sealdesk_machine::admission::{Sequences, Turn};
use sealdesk_protocol::codes::SdkError;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::tx::{TxHash, VerifiedTx};

use super::pick::{BlockRoom, Pick, Picked, turn};
use crate::ledger::check_sender_room;

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

    /// Lets a checked transaction wait. `committed` gives an address's sequence on the ledger. Returns the transaction that was displaced.
    ///
    /// # Errors
    /// 19 if it waits already, 32 if another transaction took its sequence, 20 if there is no room.
    pub(super) fn insert(
        &mut self,
        tx: VerifiedTx,
        committed: impl Fn(&Address) -> u64,
    ) -> Result<Option<TxHash>, SdkError> {
        if self.contains(tx.hash()) {
            return Err(SdkError::TxInMempool);
        }
        turn(&self.pending, &tx, &committed).admitted()?;
        let displaced = self.make_room(&tx)?;
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
            if self.waiting == before {
                self.drop_unreachable(&mut pick, &committed);
            } else if pick.early > EARLY_TURNS_MAX {
                break;
            }
        }
        self.drop_empty_lanes();
        pick.picked
    }

    /// Takes the first transaction of the sender whose turn it is, if that can be in the block.
    fn take_turn(&mut self, pick: &mut Pick, committed: &impl Fn(&Address) -> u64) {
        let Some(sender) = self.turns.pop_front() else { return };
        self.turns.push_back(sender.clone());
        let Some(tx) = self.lanes.get(&sender).and_then(VecDeque::front) else { return };
        match pick.judge(tx, committed) {
            Turn::Now if pick.has_room(tx) => {
                if let Some(tx) = self.pop_front(&sender) {
                    pick.take(tx);
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

    fn make_room(&mut self, tx: &VerifiedTx) -> Result<Option<TxHash>, SdkError> {
        let own = self.lanes.get(lane_of(tx)).map_or(0, VecDeque::len);
        check_sender_room(own)?;
        if self.waiting < POOL_TXS_MAX && self.bytes + tx.bytes().len() <= POOL_BYTES_MAX {
            return Ok(None);
        }
        let full = || SdkError::MempoolFull(format!("{} transactions wait", self.waiting));
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
    SdkError::MempoolFull("too many transactions wait".to_owned())
}

/// The lane of a transaction is its first signer's.
fn lane_of(tx: &VerifiedTx) -> &Address {
    &tx.signers()[0].address
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use sealdesk_protocol::tx::Tx;
    use sealdesk_testkit::people::Person;
    use sealdesk_testkit::transaction::appointment;
    use sealdesk_testkit::{chain_id, prefix};

    use super::*;

    fn verified(bytes: &[u8]) -> VerifiedTx {
        Tx::decode(bytes, &prefix()).unwrap().verify(&chain_id()).unwrap()
    }

    /// Everyone appoints somebody, with this sequence of theirs.
    fn together(signers: &[(&Person, u64)]) -> VerifiedTx {
        let somebody = Person::number(u16::MAX);
        let messages: Vec<_> = signers.iter().map(|(person, _)| appointment(person, &somebody)).collect();
        verified(&Person::sign_together(signers, &messages))
    }

    #[test]
    fn senders_who_fill_every_block_do_not_keep_the_next_one_waiting() {
        let people: Vec<Person> = (0..5).map(Person::number).collect();
        let mut pool = Mempool::default();
        for sequence in 0..4 {
            for person in &people {
                pool.insert(together(&[(person, sequence)]), |_| 0).unwrap();
            }
        }
        let mut next = BTreeMap::new();
        let room = BlockRoom { txs: 2, bytes: usize::MAX };
        let mut order = Vec::new();
        for height in 1..=10 {
            let committed: BTreeMap<Address, u64> = next.clone();
            let block = BlockContext { height, time: 1 };
            let picked = pool.pick(room, block, |address| committed.get(address).copied().unwrap_or(0));
            for tx in &picked.txs {
                let signer = &tx.signers()[0];
                next.insert(signer.address.clone(), signer.sequence + 1);
                order.push(people.iter().position(|person| person.address == signer.address).unwrap());
            }
            pool.settle(&picked.txs);
        }
        assert_eq!(order, (0..4).flat_map(|_| 0..5).collect::<Vec<_>>(), "everyone in turn, across blocks");
        assert!(pool.is_empty());
    }

    #[test]
    fn a_chain_of_common_signatures_costs_a_block_bounded_work_and_lands_in_the_end() {
        const PEOPLE: u16 = 160;
        let people: Vec<Person> = (0..PEOPLE).map(Person::number).collect();
        let mut pool = Mempool::default();
        for person in &people {
            pool.insert(together(&[(person, 0)]), |_| 0).unwrap();
        }
        // Each needs the next person's, so that a round in this order frees the last one only.
        pool.insert(together(&[(people.last().unwrap(), 1)]), |_| 0).unwrap();
        for pair in people.windows(2).rev() {
            pool.insert(together(&[(&pair[0], 1), (&pair[1], 2)]), |_| 0).unwrap();
        }
        let mut next = BTreeMap::new();
        let room = BlockRoom { txs: 1_000, bytes: usize::MAX };
        let mut blocks = 0;
        while !pool.is_empty() {
            blocks += 1;
            let (committed, asked) = (next.clone(), Cell::new(0));
            let block = BlockContext { height: blocks, time: 1 };
            let picked = pool.pick(room, block, |address| {
                asked.set(asked.get() + 1);
                committed.get(address).copied().unwrap_or(0)
            });
            assert!(
                asked.get() <= 2 * (EARLY_TURNS_MAX + 3 * usize::from(PEOPLE)),
                "{} looked up",
                asked.get()
            );
            assert!(!picked.txs.is_empty() && picked.stale.is_empty());
            for signer in picked.txs.iter().flat_map(|tx| tx.signers()) {
                next.insert(signer.address.clone(), signer.sequence + 1);
            }
            pool.settle(&picked.txs);
        }
        assert!(blocks > 1 && next.len() == people.len(), "{blocks} blocks");
    }
}
