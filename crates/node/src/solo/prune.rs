//! Dropping the bodies of old blocks, and the history that was made of them, so that a desk's disk does not only grow.
//!
//! A step is bounded, so that nobody who writes waits for more than one. It takes the oldest blocks that are whole: their headers go
//! into the log of headers, which is synced; then results and events go out of the state, which notes where the history begins now.
//! Only when the state has that on the device does the block log lose files. So wherever a crash comes, what the state says has gone may
//! be there still, and goes the next time; what it says is there, is.

use sealdesk_machine::PastBlock;
use sealdesk_protocol::tx::TxHash;
use sealdesk_store::{Durability, State};

use super::chain::Chain;
use super::header::HeaderRecord;
use super::record::LogRecord;
use super::{Solo, SoloError};

/// Most blocks of a step; so many have to be there before a running ledger takes one.
pub const PRUNE_BLOCKS: u64 = 64;
/// Transactions after which a step takes no further block.
const PRUNE_TXS: usize = 1_000;
/// Bytes of bodies after which a step takes no further block.
const PRUNE_BYTES: usize = 4 * 1024 * 1024;

impl Solo {
    /// From now on [`Solo::prune_some`] keeps so many of the newest blocks whole; 0 = all.
    pub fn keep_blocks(&mut self, keep: u64) {
        self.keep_blocks = keep;
    }

    /// Height of the last block whose body is not kept any more; 0 where all are.
    pub fn pruned(&self) -> u64 {
        self.chain.pruned
    }

    /// Drops some old blocks, if there are enough of them that are not to be kept. True if it did.
    ///
    /// # Errors
    /// [`SoloError`]; the ledger has stopped then.
    pub fn prune_some(&mut self) -> Result<bool, SoloError> {
        if self.keep_blocks == 0 {
            return Ok(false);
        }
        let taken = self.prune_step(self.keep_blocks, PRUNE_BLOCKS)?;
        if self.chain.log.droppable_before(self.chain.pruned) > 0 {
            self.sync()?;
            self.chain.log.drop_before(self.chain.pruned).map_err(|error| self.halt(error.into()))?;
        }
        Ok(taken > 0)
    }

    /// Drops every block but the newest so many, at least one, to the byte: for a ledger that nobody uses meanwhile. Gives how many.
    ///
    /// # Errors
    /// [`SoloError`]; the ledger has stopped then.
    pub fn prune(&mut self, keep: u64) -> Result<u64, SoloError> {
        let before = self.chain.pruned;
        while self.prune_step(keep.max(1), 1)? > 0 {}
        self.sync()?;
        self.chain.log.trim_before(self.chain.pruned).map_err(|error| self.halt(error.into()))?;
        Ok(self.chain.pruned.saturating_sub(before))
    }

    fn prune_step(&mut self, keep: u64, at_least: u64) -> Result<u64, SoloError> {
        let last = self.height().saturating_sub(keep);
        if last < self.chain.pruned.saturating_add(at_least) {
            return Ok(0);
        }
        self.timer.touched();
        let handle = self.handle.clone();
        let _alone = handle.view().alone();
        self.chain.forget_until(last).map_err(|error| self.halt(error))
    }
}

impl Chain {
    /// Lets go of the oldest blocks up to a height, as many as one step takes, and says how many those were.
    fn forget_until(&mut self, last: u64) -> Result<u64, SoloError> {
        let (mut past, mut txs, mut bytes) = (Vec::new(), 0, 0);
        let mut record = self.whole(self.pruned.saturating_add(1))?;
        for height in self.pruned.saturating_add(1)..=last {
            let next = self.whole(height.saturating_add(1))?;
            self.keep_header(height, &record, &next)?;
            let block = &record.block;
            txs += block.txs.len();
            bytes += block.txs.iter().map(Vec::len).sum::<usize>();
            past.push(PastBlock { height, txs: block.txs.iter().map(|tx| TxHash::of(tx)).collect() });
            record = next;
            if past.len() as u64 >= PRUNE_BLOCKS || txs >= PRUNE_TXS || bytes >= PRUNE_BYTES {
                break;
            }
        }
        self.headers.sync()?;
        let mut state = State::new(self.store.latest());
        self.machine.forget(&mut state, &past)?;
        let staged = self.store.prepare_side(state.into_changes().side)?;
        self.store.commit(staged, Durability::Deferred)?;
        self.pruned = self.pruned.saturating_add(past.len() as u64);
        Ok(past.len() as u64)
    }

    /// Keeps the header of a block, unless a step that a crash took back has kept it already.
    fn keep_header(&self, height: u64, record: &LogRecord, next: &LogRecord) -> Result<(), SoloError> {
        if self.headers.len() >= height {
            return Ok(());
        }
        let Some(commit) = next.block.last_commit.clone() else {
            return Err(SoloError::broken(format!("block {height} has no signature in the block after it")));
        };
        self.headers.append(&HeaderRecord::new(record, commit)?.encode())?;
        Ok(())
    }

    /// A block that has to be whole.
    fn whole(&self, height: u64) -> Result<LogRecord, SoloError> {
        self.logged(height)?.ok_or(SoloError::BlocksMissing { from: height, to: height })
    }
}
