//! What may stand in a block: the proposer leaves out what every honest node would refuse, and every node looks at what was
//! proposed. Nothing here writes, and both sides use one rule, so that no honest proposal is ever refused.

use std::sync::Arc;

use bytes::Bytes;
use sealdesk_machine::{Fatal, Machine};
use sealdesk_protocol::tx::{TxHash, VerifiedTx};
use sealdesk_store::Snapshot;

use super::pool::{Order, Pool, verify};

/// Most transactions in one block.
pub const BLOCK_TXS_MAX: usize = 1_000;
/// Most bytes of transactions in one block. With header, commit and evidence it stays under the 4 MiB of the genesis.
pub const BLOCK_TXS_BYTES_MAX: usize = 3 * 1024 * 1024;
/// The seconds that a block's time may have: protobuf's own range, without 1970's first.
const TIMES: std::ops::RangeInclusive<i64> = 1..=253_402_300_799;

/// A block in the making or in question.
pub(super) struct Judge<'a> {
    machine: &'a Machine,
    pool: &'a Pool,
    order: Order<'a>,
    txs: usize,
    bytes: usize,
}

/// What a transaction is to a block.
enum Verdict {
    Fits,
    /// Right, but for another block.
    Later,
    /// Undecodable, badly signed, out of sequence or too late.
    Bad,
}

impl<'a> Judge<'a> {
    pub(super) fn new(machine: &'a Machine, pool: &'a Pool, snapshot: &'a Snapshot, height: u64) -> Self {
        Self { machine, pool, order: Order::new(snapshot, height), txs: 0, bytes: 0 }
    }

    /// The transactions of a block of at most so many bytes.
    pub(super) fn choose(mut self, txs: Vec<Bytes>, bytes_max: usize) -> Result<Vec<Bytes>, Fatal> {
        let room = bytes_max.min(BLOCK_TXS_BYTES_MAX);
        let mut chosen = Vec::new();
        for tx in txs {
            match self.judge(&tx, room)? {
                Verdict::Fits => chosen.push(tx),
                Verdict::Bad => {}
                // What comes after may need this one before it.
                Verdict::Later => break,
            }
        }
        Ok(chosen)
    }

    /// Whether a block of these transactions at this time is one that an honest node could have proposed.
    pub(super) fn accepts(mut self, txs: &[Bytes], time: i64, last_time: i64) -> Result<bool, Fatal> {
        if !TIMES.contains(&time) || time < last_time {
            return Ok(false);
        }
        for tx in txs {
            if !matches!(self.judge(tx, BLOCK_TXS_BYTES_MAX)?, Verdict::Fits) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn judge(&mut self, bytes: &[u8], room: usize) -> Result<Verdict, Fatal> {
        let Some(tx) = self.verified(bytes) else { return Ok(Verdict::Bad) };
        // CometBFT counts a transaction with its tag and length.
        let size = self.bytes.saturating_add(bytes.len()).saturating_add(8);
        if self.txs >= BLOCK_TXS_MAX || size > room {
            return Ok(Verdict::Later);
        }
        if self.order.admit(&tx)?.is_err() {
            return Ok(Verdict::Bad);
        }
        (self.txs, self.bytes) = (self.txs + 1, size);
        Ok(Verdict::Fits)
    }

    fn verified(&self, bytes: &[u8]) -> Option<Arc<VerifiedTx>> {
        let known = self.pool.verified(TxHash::of(bytes));
        known.or_else(|| verify(self.machine, bytes).ok().map(Arc::new))
    }
}
