//! Reading the whole ledger through, for `sealdesk doctor`.

use sealdesk_protocol::block::{Block, Ground, Hash, Previous, SignedHeader, commit_with};

use super::chain::{Chain, check, read_header};
use super::header::HeaderRecord;
use super::record::LogRecord;
use super::{Solo, SoloError};

/// What was found to be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inspected {
    /// Blocks from the first on, each built on the one before it and on the state that one led to.
    pub blocks: u64,
    /// How many of these have only their header left: the signed headers lead on from one to the next.
    pub headers: u64,
    /// Transactions in the others.
    pub transactions: u64,
    /// Records of the state, each equal to its leaf in the tree.
    pub records: u64,
}

/// A block as the next one names it.
struct Before {
    previous: Previous,
    app_hash: [u8; 32],
}

impl Solo {
    /// Reads every block and every record, and checks that they hang together: each header names the block before, its
    /// signatures, and the state and results it led to; the last state is the one in the store. Of a block that was dropped, the header
    /// is read and checked so.
    ///
    /// # Errors
    /// [`SoloError::Replay`] for the first block that does not fit, [`SoloError::Storage`] for what is damaged.
    pub fn inspect(&self) -> Result<Inspected, SoloError> {
        let (chain, height) = (&self.chain, self.height());
        let headers = chain.log.indexes().start;
        let mut before: Option<Before> = None;
        for at in 1..=headers {
            before = Some(chain.check_header(at, before.as_ref())?);
        }
        let mut transactions = 0;
        for at in headers.saturating_add(1)..=height {
            let missing = SoloError::StateAhead { state: height, log: at };
            let record = chain.logged(at)?.ok_or(missing)?;
            let rebuilt = chain.rebuild(before.as_ref(), &record.block)?;
            check(at, "the block", rebuilt.header.hash().as_bytes(), record.block.header.hash().as_bytes())?;
            transactions += u64::try_from(record.block.txs.len()).unwrap_or(u64::MAX);
            before = Some(chain.before(&record)?);
        }
        if let Some(last) = &before {
            check(height, "the state", &chain.store.latest().root(), &last.app_hash)?;
        }
        let integrity = chain.store.check_integrity()?;
        Ok(Inspected { blocks: height, headers, transactions, records: integrity.records })
    }
}

impl Chain {
    /// The block that these transactions make at this time after the block before. Block 1 is believed about the genesis
    /// state: replaying would show another one.
    fn rebuild(&self, before: Option<&Before>, block: &Block) -> Result<Block, SoloError> {
        let previous = before.map(|before| before.previous.clone());
        let root =
            before.map_or_else(|| block.app_hash().try_into().unwrap_or_default(), |before| before.app_hash);
        let (chain_id, validators) = (self.machine.chain_id(), &self.validators);
        let ground = Ground { chain_id, validators, app_hash: root, previous };
        Ok(Block::build(ground, block.header.time, block.txs.clone())?)
    }

    fn before(&self, record: &LogRecord) -> Result<Before, SoloError> {
        let (height, id) = (record.block.height(), record.block.id()?);
        let commit = commit_with(&record.block, id, self.signer, |bytes| self.key.sign(bytes))?;
        let previous = Previous { height, id, commit, results_hash: record.results() };
        Ok(Before { previous, app_hash: record.app_hash })
    }

    /// Checks the header of a dropped block: it follows the one before, and the key of this ledger has signed it.
    fn check_header(&self, at: u64, before: Option<&Before>) -> Result<Before, SoloError> {
        let missing = || SoloError::HeadersMissing { headers: self.headers.len(), dropped: at };
        let HeaderRecord { signed, app_hash, results_hash } =
            read_header(&self.headers, at)?.ok_or_else(missing)?;
        let header = signed.header();
        // What a block without transactions would have as its header, but for these, which are the block's own.
        let empty = Block { header: header.clone(), txs: Vec::new(), last_commit: None };
        let mut expected = self.rebuild(before, &empty)?.header;
        expected.data_hash = header.data_hash;
        check(at, "the block", header.hash().as_bytes(), expected.hash().as_bytes())?;
        let id = signed.commit().block_id;
        check(at, "the block", id.hash.as_bytes(), header.hash().as_bytes())?;
        let commit = commit_with(&empty, id, self.signer, |bytes| self.key.sign(bytes))?;
        let again = SignedHeader::new(header.clone(), commit.clone());
        if again.map_err(|error| SoloError::broken(error.to_string()))? != signed {
            let what = "another signature than its own";
            return Err(SoloError::broken(format!("the header of block {at} has {what}")));
        }
        let previous = Previous { height: at, id, commit, results_hash: Hash::Sha256(results_hash) };
        Ok(Before { previous, app_hash })
    }
}
