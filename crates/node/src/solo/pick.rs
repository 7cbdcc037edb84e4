//! A block's share of the mempool, in the making.

use std::convert::Infallible;

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
    height: u64,
    /// Sequences after what was picked.
    next: Sequences,
    pub(super) full: bool,
    bytes: usize,
    gas: u64,
    /// Turns that were lost to transactions whose time had not come.
    pub(super) early: usize,
    pub(super) picked: Picked,
}

impl Pick {
    pub(super) fn new(room: BlockRoom, height: u64) -> Self {
        let (next, picked) = (Sequences::default(), Picked::default());
        Self { room, height, next, full: false, bytes: 0, gas: 0, early: 0, picked }
    }

    /// Whether a transaction can be in this block: now, later, or never.
    pub(super) fn judge(&self, tx: &VerifiedTx, committed: &impl Fn(&Address) -> u64) -> Turn {
        match check_timeout(tx, self.height) {
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

    pub(super) fn take(&mut self, tx: VerifiedTx) {
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
