//! A block's share of the mempool, in the making.

use std::convert::Infallible;

use sealdesk_machine::BlockContext;
use sealdesk_machine::admission::{Sequences, Turn, check_timeout};
use sealdesk_protocol::codes::SdkError;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::tx::{TxHash, VerifiedTx};

/// What a block may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockRoom {
    /// Transactions.
    pub(super) txs: usize,
    /// Bytes of them.
    pub(super) bytes: usize,
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
    /// Turns that were lost to transactions whose time had not come.
    pub(super) early: usize,
    pub(super) picked: Picked,
}

impl Pick {
    pub(super) fn new(room: BlockRoom, block: BlockContext) -> Self {
        let (next, picked) = (Sequences::default(), Picked::default());
        Self { room, block, next, full: false, bytes: 0, early: 0, picked }
    }

    /// Whether a transaction can be in this block: now, later, or never.
    pub(super) fn judge(&self, tx: &VerifiedTx, committed: &impl Fn(&Address) -> u64) -> Turn {
        match check_timeout(tx, &self.block) {
            Ok(()) => turn(&self.next, tx, committed),
            Err(late) => Turn::Never(late),
        }
    }

    /// The first transaction always fits: one is never longer than a block.
    pub(super) fn has_room(&self, tx: &VerifiedTx) -> bool {
        let fits = self.bytes + tx.bytes().len() <= self.room.bytes && self.picked.txs.len() < self.room.txs;
        fits || self.picked.txs.is_empty()
    }

    pub(super) fn take(&mut self, tx: VerifiedTx) {
        self.next.push(&tx);
        self.bytes += tx.bytes().len();
        self.picked.txs.push(tx);
    }
}

/// Whether it is the turn of a transaction, after all that `next` has seen.
pub(super) fn turn(next: &Sequences, tx: &VerifiedTx, committed: &impl Fn(&Address) -> u64) -> Turn {
    let Ok(turn) = next.turn(tx, |address| Ok::<u64, Infallible>(committed(address)));
    turn
}
