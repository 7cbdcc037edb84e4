//! Making blocks, and when to.

use sealdesk_machine::BlockContext;
use sealdesk_protocol::gas::BLOCK_GAS_MAX;
use sealdesk_store::Durability;

use super::{Solo, SoloError};
use crate::clock::next_block_time;
use crate::mempool_quota::Amount;

/// How long the block that proves the last change waits for transactions that could go into it while nobody waits for that proof, in
/// milliseconds.
pub const PROOF_DELAY_MILLIS: i64 = 50;
/// Age of the newest block from which a proof gets a newer one first, in seconds, so that an idle ledger and a frozen one differ
/// (docs/spec/trust.md, section 3).
pub const STALE_SECONDS: i64 = 60;
/// Blocks after which the state is synced, so that a start has at most so many to replay.
pub const BLOCKS_PER_SYNC: u32 = 200;
/// What fits into one block. Its encoding stays under the 4 MiB that the genesis allows. Of what a block may cost it has a part: the next
/// one is made at once, and whoever comes meanwhile waits for a shorter one.
const BLOCK_ROOM: Amount = Amount { txs: 1_000, bytes: 3 * 1024 * 1024, gas: BLOCK_GAS_MAX / 4 };

/// When the last block was made, in the clock's uptime, and how many blocks the state on the device lacks.
#[derive(Debug, Default)]
pub(super) struct BlockTimer {
    last_block: Option<i64>,
    unsynced: u32,
}

impl BlockTimer {
    pub(super) fn synced(&mut self) {
        self.unsynced = 0;
    }

    pub(super) fn is_synced(&self) -> bool {
        self.unsynced == 0
    }

    /// The state has been changed without a block.
    pub(super) fn touched(&mut self) {
        self.unsynced = self.unsynced.max(1);
    }

    /// Counts a block, and says how durable its state has to be.
    fn next_durability(&mut self) -> Durability {
        self.unsynced = self.unsynced.saturating_add(1);
        if self.unsynced < BLOCKS_PER_SYNC {
            return Durability::Deferred;
        }
        self.synced();
        Durability::Synced
    }
}

/// What a block was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its height.
    pub height: u64,
    /// Its transactions.
    pub txs: usize,
}

impl Solo {
    /// Milliseconds until the next block should be made: 0 = now, `None` = when a transaction comes, or somebody asks for a proof that
    /// needs one.
    ///
    /// What waits goes into a block as soon as the one before is durable: what comes while that is synced goes into the next one
    /// together, so that the sync of the disk sets the pace and is shared by all who wait.
    pub fn next_block_in(&self) -> Option<i64> {
        if self.handle.waiting() > 0 {
            return Some(0);
        }
        let tip = self.handle.view().tip();
        if self.handle.is_header_wanted(&tip) {
            return Some(0);
        }
        let (now, uptime) = (self.clock.now(), self.clock.uptime());
        let proof = (!tip.proves_itself()).then(|| {
            let last = self.timer.last_block;
            last.map_or(0, |last| last.saturating_add(PROOF_DELAY_MILLIS).saturating_sub(uptime).max(0))
        });
        let due = tip.next_due.map(|due| {
            // The block's time may run ahead of a clock that was set back.
            let time = next_block_time(tip.time, now).map_or(i64::MAX, |time| time.unix_timestamp());
            let wait = if time >= due { 0 } else { due.saturating_mul(1_000).saturating_sub(now) };
            wait.max(0)
        });
        [proof, due].into_iter().flatten().min()
    }

    /// Makes a block if there is something for it: transactions, due work, a change that no header proves yet, or somebody who asks for a
    /// newer header than one that is old. Else none.
    ///
    /// # Errors
    /// [`SoloError`]; the ledger has stopped then, and takes nothing any more.
    pub fn make_block(&mut self) -> Result<Option<Made>, SoloError> {
        if let Some(stopped) = self.handle.stopped() {
            return Err(SoloError::Stopped(stopped.to_string()));
        }
        let tip = self.handle.view().tip();
        let time = next_block_time(tip.time, self.clock.now()).ok_or_else(|| self.halt(SoloError::Time))?;
        let block = BlockContext { height: self.height().saturating_add(1), time: time.unix_timestamp() };
        let txs = self.handle.pick(BLOCK_ROOM, block);
        let due = tip.next_due.is_some_and(|due| time.unix_timestamp() >= due);
        if txs.is_empty() && !due && tip.proves_itself() && !self.handle.is_header_wanted(&tip) {
            return Ok(None);
        }
        let durability = self.timer.next_durability();
        let signed_header = self.chain.produce(time, &txs, durability).map_err(|error| self.halt(error))?;
        let tip = self.chain.tip(signed_header).map_err(|error| self.halt(error))?;
        let made = Made { height: tip.height, txs: txs.len() };
        self.handle.settle(tip, &txs);
        self.timer.last_block = Some(self.clock.uptime());
        Ok(Some(made))
    }
}
