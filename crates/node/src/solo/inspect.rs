//! Reading the whole ledger through, for `sealdesk doctor`.

use sealdesk_protocol::block::{Block, Ground, Previous, commit_with};

use super::chain::{Chain, check};
use super::record::LogRecord;
use super::{Solo, SoloError};

/// What was found to be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inspected {
    /// Blocks of the log, each built on the one before it and on the state that one led to.
    pub blocks: u64,
    /// Transactions in them.
    pub transactions: u64,
    /// Records of the state, each equal to its leaf in the tree.
    pub records: u64,
}

impl Solo {
    /// Reads every block and every record, and checks that they hang together: each header names the block before, its
    /// signatures, and the state and results it led to; the last state is the one in the store.
    ///
    /// # Errors
    /// [`SoloError::Replay`] for the first block that does not fit, [`SoloError::Storage`] for what is damaged.
    pub fn inspect(&self) -> Result<Inspected, SoloError> {
        let (chain, height) = (&self.chain, self.height());
        let mut before: Option<LogRecord> = None;
        let mut transactions = 0;
        for at in 1..=height {
            let missing = SoloError::StateAhead { state: height, log: at };
            let record = chain.logged(at)?.ok_or(missing)?;
            let rebuilt = chain.rebuild(before.as_ref(), &record.block)?;
            check(at, "the block", rebuilt.header.hash().as_bytes(), record.block.header.hash().as_bytes())?;
            transactions += u64::try_from(record.block.txs.len()).unwrap_or(u64::MAX);
            before = Some(record);
        }
        if let Some(last) = &before {
            check(height, "the state", &chain.store.latest().root(), &last.app_hash)?;
        }
        let integrity = chain.store.check_integrity()?;
        Ok(Inspected { blocks: height, transactions, records: integrity.records })
    }
}

impl Chain {
    /// The block that these transactions make at this time after the block before. Block 1 is believed about the genesis
    /// state: replaying would show another one.
    fn rebuild(&self, before: Option<&LogRecord>, block: &Block) -> Result<Block, SoloError> {
        let previous = before.map(|before| self.previous_of(before)).transpose()?;
        let root =
            before.map_or_else(|| block.app_hash().try_into().unwrap_or_default(), |before| before.app_hash);
        let (chain_id, validators) = (self.machine.chain_id(), &self.validators);
        let ground = Ground { chain_id, validators, app_hash: root, previous };
        Ok(Block::build(ground, block.header.time, block.txs.clone())?)
    }

    fn previous_of(&self, record: &LogRecord) -> Result<Previous, SoloError> {
        let (height, id) = (record.block.height(), record.block.id()?);
        let commit = commit_with(&record.block, id, self.signer, |bytes| self.key.sign(bytes))?;
        Ok(Previous { height, id, commit, results_hash: record.results() })
    }
}
