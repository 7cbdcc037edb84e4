//! A block's share of the mempool, in the making.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;

use sealdesk_machine::BlockContext;
use sealdesk_machine::admission::{Sequences, Turn, check_timeout};
use sealdesk_protocol::codes::SdkError;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::tx::{TxHash, VerifiedTx};

use super::mempool::Waiting;
use crate::mempool_quota::{Amount, Lack, Room, SENDER_BLOCK_GAS_MAX};

/// What a block gets, and what can no longer be in any block.
#[derive(Debug, Default)]
pub(super) struct Picked {
    /// For the block, in order.
    pub(super) txs: Vec<VerifiedTx>,
    /// Thrown out, each with the reason.
    pub(super) stale: Vec<(TxHash, SdkError)>,
}

/// See the module.
pub(super) struct Pick {
    room: Room,
    block: BlockContext,
    /// Sequences after what was picked.
    next: Sequences,
    pub(super) full: bool,
    /// Turns that were lost to transactions whose time had not come.
    pub(super) early: usize,
    /// Senders for whose next transaction their part of the block had no room, in order.
    pub(super) held_back: VecDeque<Address>,
    /// Senders who have had as much of this block as one may, in order.
    pub(super) had_enough: VecDeque<Address>,
    /// What was picked of each sender, in gas.
    of_sender: BTreeMap<Address, u64>,
    pub(super) picked: Picked,
}

impl Pick {
    /// A block of so much at most. Part of it is kept for the staff, if something of theirs waits.
    pub(super) fn new(room: Amount, staff_waits: bool, block: BlockContext) -> Self {
        Self {
            room: Room::of_block(room, staff_waits),
            block,
            next: Sequences::default(),
            full: false,
            early: 0,
            held_back: VecDeque::new(),
            had_enough: VecDeque::new(),
            of_sender: BTreeMap::new(),
            picked: Picked::default(),
        }
    }

    /// Whether a transaction can be in this block: now, later, or never.
    pub(super) fn judge(&self, tx: &VerifiedTx, committed: &impl Fn(&Address) -> u64) -> Turn {
        match check_timeout(tx, &self.block) {
            Ok(()) => turn(&self.next, tx, committed),
            Err(late) => Turn::Never(late),
        }
    }

    /// What keeps a transaction out of this block.
    pub(super) fn lacks(&self, waiting: &Waiting) -> Option<Lack> {
        self.room.lacks(waiting.standing, Amount::of(&waiting.tx))
    }

    /// Whether a sender has had too much of this block to get this too.
    pub(super) fn has_had_enough(&self, sender: &Address, waiting: &Waiting) -> bool {
        let had = self.of_sender.get(sender);
        had.is_some_and(|had| had.saturating_add(waiting.tx.gas()) > SENDER_BLOCK_GAS_MAX)
    }

    pub(super) fn take(&mut self, sender: &Address, waiting: Waiting) {
        let had = self.of_sender.entry(sender.clone()).or_default();
        *had = had.saturating_add(waiting.tx.gas());
        self.next.push(&waiting.tx);
        self.room.take(waiting.standing, Amount::of(&waiting.tx));
        self.picked.txs.push(waiting.tx);
    }
}

/// Whether it is the turn of a transaction, after all that `next` has seen.
pub(super) fn turn(next: &Sequences, tx: &VerifiedTx, committed: &impl Fn(&Address) -> u64) -> Turn {
    let Ok(turn) = next.turn(tx, |address| Ok::<u64, Infallible>(committed(address)));
    turn
}
