//! Blocks of the log as others ask for them, beside the thread that makes them.

use sealdesk_protocol::block::{Block, SignedHeader};
use sealdesk_store::SegmentedLog;

use super::SoloError;
use super::chain::{read_header, read_record};
use crate::blocks::{NoBlock, StoredBlock, StoredCommit};
use crate::ledger::Tip;

/// The logs, to read from.
pub(super) struct Blocks {
    log: SegmentedLog,
    headers: SegmentedLog,
}

impl Blocks {
    pub(super) fn new(log: SegmentedLog, headers: SegmentedLog) -> Self {
        Self { log, headers }
    }

    /// A block that the ledger shows already: one that is only in the log may still be taken back by a crash.
    ///
    /// # Errors
    /// [`NoBlock`].
    pub(super) fn block(&self, tip: &Tip, height: u64) -> Result<StoredBlock, NoBlock> {
        let Block { header, txs, last_commit } = self.whole(tip, height)?;
        let block = Block { header, txs, last_commit };
        let unreadable = |error: &dyn std::fmt::Display| unavailable(height, error);
        let id = block.id().map_err(|error| unreadable(&error))?;
        let bytes = u64::try_from(block.encode().len()).unwrap_or(u64::MAX);
        let Block { header, txs, last_commit } = block;
        Ok(StoredBlock { id, header, txs, last_commit, bytes })
    }

    /// The signatures over a block, which the next one holds.
    ///
    /// # Errors
    /// [`NoBlock`].
    pub(super) fn commit(&self, tip: &Tip, height: u64) -> Result<StoredCommit, NoBlock> {
        if height == tip.height {
            let signed = tip.signed_header().cloned();
            let signed = signed.ok_or_else(|| unavailable(height, &"it is not signed here"))?;
            return Ok(StoredCommit { signed, is_canonical: false });
        }
        match self.whole(tip, height) {
            Ok(block) => {
                let next = self.whole(tip, height.saturating_add(1))?;
                let commit =
                    next.last_commit.ok_or_else(|| unavailable(height, &"the next block has no commit"))?;
                let signed = SignedHeader::new(block.header, commit);
                let signed = signed.map_err(|error| unavailable(height, &error))?;
                Ok(StoredCommit { signed, is_canonical: true })
            }
            // Of what was dropped, the signed header stays.
            Err(NoBlock::Dropped { height, first }) => {
                let kept = read_header(&self.headers, height).map_err(|error| unavailable(height, &error))?;
                let kept = kept.ok_or(NoBlock::Dropped { height, first })?;
                Ok(StoredCommit { signed: kept.signed, is_canonical: true })
            }
            Err(other) => Err(other),
        }
    }

    fn whole(&self, tip: &Tip, height: u64) -> Result<Block, NoBlock> {
        if height == 0 {
            return Err(NoBlock::Zero);
        }
        if height > tip.height {
            return Err(NoBlock::NotYet { height, newest: tip.height });
        }
        let record =
            read_record(&self.log, height).map_err(|error: SoloError| unavailable(height, &error))?;
        let first = self.log.indexes().start.saturating_add(1);
        record.map(|record| record.block).ok_or(NoBlock::Dropped { height, first })
    }
}

fn unavailable(height: u64, reason: &dyn std::fmt::Display) -> NoBlock {
    NoBlock::Unavailable { height, reason: reason.to_string() }
}
