//! A block's share of the mempool, in the making.

use std::convert::Infallible;

use sealdesk_machine::BlockContext;
use sealdesk_machine::admission::{Sequences, Turn, check_timeout};
use sealdesk_protocol::codes::SdkError;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::tx::{TxHash, VerifiedTx};

use crate::ledger::NEWCOMERS_SHARE;

/// What a block may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockRoom {
    /// Transactions.
    pub(super) txs: usize,
    /// Bytes of them.
    pub(super) bytes: usize,
    /// What they may cost together, in `sealdesk_protocol::gas`.
    pub(super) gas: u64,
}

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
    room: BlockRoom,
    block: BlockContext,
    /// Sequences after what was picked.
    next: Sequences,
    pub(super) full: bool,
    bytes: usize,
    gas: u64,
    /// Turns that were lost to transactions whose time had not come.
    pub(super) early: usize,
    /// What the block takes of newcomers so far.
    newcomers: (usize, usize),
    /// The first newcomer for whom there was no room.
    pub(super) held_back: Option<Address>,
    pub(super) picked: Picked,
}

impl Pick {
    pub(super) fn new(room: BlockRoom, block: BlockContext) -> Self {
        let (next, picked) = (Sequences::default(), Picked::default());
        Self {
            room,
            block,
            next,
            full: false,
            bytes: 0,
            gas: 0,
            early: 0,
            newcomers: (0, 0),
            held_back: None,
            picked,
        }
    }

    /// Whether a transaction can be in this block: now, later, or never.
    pub(super) fn judge(&self, tx: &VerifiedTx, committed: &impl Fn(&Address) -> u64) -> Turn {
        match check_timeout(tx, &self.block) {
            Ok(()) => turn(&self.next, tx, committed),
            Err(late) => Turn::Never(late),
        }
    }

    /// The first transaction always fits: one is never longer than a block, and never costs as much.
    pub(super) fn has_room(&self, tx: &VerifiedTx) -> bool {
        let fits = self.bytes + tx.bytes().len() <= self.room.bytes
            && self.picked.txs.len() < self.room.txs
            && self.gas.saturating_add(tx.gas()) <= self.room.gas;
        fits || self.picked.txs.is_empty()
    }

    /// Whether it fits into the part of the block that newcomers have. Their first one does.
    pub(super) fn has_room_for_newcomer(&self, tx: &VerifiedTx) -> bool {
        let (txs, bytes) = self.newcomers;
        let fits = txs < self.room.txs / NEWCOMERS_SHARE
            && bytes + tx.bytes().len() <= self.room.bytes / NEWCOMERS_SHARE;
        fits || txs == 0
    }

    pub(super) fn take(&mut self, tx: VerifiedTx, newcomer: bool) {
        if newcomer {
            let (txs, bytes) = self.newcomers;
            self.newcomers = (txs + 1, bytes + tx.bytes().len());
        }
        self.next.push(&tx);
        self.bytes += tx.bytes().len();
        self.gas = self.gas.saturating_add(tx.gas());
        self.picked.txs.push(tx);
    }
}

/// Whether it is the turn of a transaction, after all that `next` has seen.
pub(super) fn turn(next: &Sequences, tx: &VerifiedTx, committed: &impl Fn(&Address) -> u64) -> Turn {
    let Ok(turn) = next.turn(tx, |address| Ok::<u64, Infallible>(committed(address)));
    turn
}
