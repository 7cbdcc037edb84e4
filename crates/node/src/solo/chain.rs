//! The blocks and the state on their disks: a block is made durable, then signed, then its state is committed.

use std::sync::Arc;

use sealdesk_machine::{BlockContext, Executed, Machine};
use sealdesk_protocol::block::{
    Block, Ground, Previous, SignedHeader, Time, TxResult, ValidatorAddress, ValidatorSet, commit_with,
};
use sealdesk_protocol::tx::VerifiedTx;
use sealdesk_store::{Durability, SegmentedLog, Store};

use super::SoloError;
use super::header::HeaderRecord;
use super::record::LogRecord;
use super::signed::{Signed, SignedNote};
use crate::block::{BlockRunner, RanBlock};
use crate::ledger::Tip;
use crate::metrics::{Blocks, Metrics, Phase, SeenBlock};
use crate::validator::ValidatorKey;

/// See the module.
pub(super) struct Chain {
    pub(super) machine: Machine,
    pub(super) validators: ValidatorSet,
    pub(super) signer: ValidatorAddress,
    pub(super) key: ValidatorKey,
    pub(super) store: Store,
    pub(super) log: SegmentedLog,
    /// Headers of blocks from the first on, as many as were ever dropped or more.
    pub(super) headers: SegmentedLog,
    /// The last block whose history is gone; its body may be there still.
    pub(super) pruned: u64,
    /// `None` where the key signs nothing more.
    pub(super) note: Option<SignedNote>,
    /// The newest block; `None` before the first.
    pub(super) previous: Option<Previous>,
    pub(super) metrics: Arc<Metrics>,
}

impl Chain {
    /// Height of the newest block.
    pub(super) fn height(&self) -> u64 {
        self.previous.as_ref().map_or(0, |previous| previous.height)
    }

    /// The block that follows the newest, over the newest state.
    fn build(&self, time: Time, txs: Vec<Vec<u8>>) -> Result<Block, SoloError> {
        let ground = Ground {
            chain_id: self.machine.chain_id(),
            validators: &self.validators,
            app_hash: self.store.latest().root(),
            previous: self.previous.clone(),
        };
        Ok(Block::build(ground, time, txs)?)
    }

    /// Makes the next block of these transactions, whatever they are. When this returns, the block is on the device.
    pub(super) fn produce(
        &mut self,
        time: Time,
        txs: &[VerifiedTx],
        durability: Durability,
    ) -> Result<SignedHeader, SoloError> {
        let block = self.build(time, txs.iter().map(|tx| tx.bytes().to_vec()).collect())?;
        let metrics = self.metrics.clone();
        let ran = self.run(&block, |index| txs.get(index), Some(&metrics.blocks))?;
        let syncing = metrics.blocks.time(Phase::Sync);
        let record = LogRecord::new(block, ran.staged.root(), &results_of(&ran.results));
        let bytes = record.encode();
        self.log.append(&bytes)?;
        self.log.sync()?;
        syncing.observe_duration();
        self.write_note(&record)?;
        let signed = self.sign(&record)?;
        let committing = metrics.blocks.time(Phase::Commit);
        self.store.commit(ran.staged, durability)?;
        committing.observe_duration();
        metrics.blocks.committed(&ran.tally);
        let bytes = bytes.len().saturating_sub(LogRecord::HASHES_BYTES);
        let seen = SeenBlock { time, txs: txs.len(), bytes, processing: ran.seconds };
        metrics.names.iter().for_each(|names| names.block(seen));
        Ok(signed)
    }

    /// Executes a block of the log again. It must be the block that follows, and lead to what it led to.
    pub(super) fn replay(
        &mut self,
        record: &LogRecord,
        durability: Durability,
    ) -> Result<SignedHeader, SoloError> {
        let (block, height) = (&record.block, record.block.height());
        let rebuilt = self.build(block.header.time, block.txs.clone())?;
        check(height, "the block", rebuilt.header.hash().as_bytes(), block.header.hash().as_bytes())?;
        let ran = self.run(block, |_| None::<&VerifiedTx>, None)?;
        let again = LogRecord::new(rebuilt, ran.staged.root(), &results_of(&ran.results));
        check(height, "the results", &again.results_hash, &record.results_hash)?;
        check(height, "the state", &again.app_hash, &record.app_hash)?;
        let signed = self.sign(record)?;
        self.store.commit(ran.staged, durability)?;
        Ok(signed)
    }

    /// Runs a block over the newest state, without writing anything.
    fn run<'v>(
        &self,
        block: &Block,
        verified: impl Fn(usize) -> Option<&'v VerifiedTx>,
        metrics: Option<&Blocks>,
    ) -> Result<RanBlock, SoloError> {
        let context = BlockContext { height: block.height(), time: block.unix_time() };
        let runner = BlockRunner { machine: &self.machine, store: &self.store, metrics };
        let ran = runner.run(&context, &block.txs, verified, |_| {})?;
        if !ran.validator_updates.is_empty() {
            return Err(SoloError::broken("a block of this ledger changed its validators"));
        }
        Ok(ran)
    }

    /// Signs a block that the log has synced, and makes it the one to build on. Ed25519 has no randomness, so signing the same
    /// block again after a crash makes the same signature. Where the key signs nothing more it may be lost: then the block that follows
    /// has the signature, and nothing is built on the last one.
    pub(super) fn sign(&mut self, record: &LogRecord) -> Result<SignedHeader, SoloError> {
        let block = &record.block;
        let id = block.id()?;
        let next = match self.note {
            None => self.logged(block.height().saturating_add(1))?,
            Some(_) => None,
        };
        let commit = match next.and_then(|next| next.block.last_commit) {
            Some(commit) => commit,
            None => commit_with(block, id, self.signer, |bytes| self.key.sign(bytes))?,
        };
        let signed = SignedHeader::new(block.header.clone(), commit.clone())
            .map_err(|error| SoloError::broken(error.to_string()))?;
        let results_hash = record.results();
        self.previous = Some(Previous { height: block.height(), id, commit, results_hash });
        Ok(signed)
    }

    /// Notes that a block is about to be signed.
    pub(super) fn write_note(&self, record: &LogRecord) -> Result<(), SoloError> {
        self.note.as_ref().map_or(Ok(()), |note| note.write(Signed::of(&record.block)))
    }

    /// The newest block with its state, as others see it.
    pub(super) fn tip(&self, signed_header: SignedHeader) -> Result<Tip, SoloError> {
        let snapshot = self.store.latest();
        let next_due = self.machine.next_auto_close(&snapshot)?;
        Ok(Tip::signed(signed_header, snapshot, next_due))
    }

    /// The log's block at a height.
    pub(super) fn logged(&self, height: u64) -> Result<Option<LogRecord>, SoloError> {
        read_record(&self.log, height)
    }
}

/// The results as the next header names them.
fn results_of(executed: &[Executed]) -> Vec<TxResult> {
    executed.iter().map(|executed| TxResult { code: executed.code, data: executed.data.clone() }).collect()
}

/// The block of a log at a height.
pub(super) fn read_record(log: &SegmentedLog, height: u64) -> Result<Option<LogRecord>, SoloError> {
    let Some(index) = height.checked_sub(1) else { return Ok(None) };
    let Some(bytes) = log.read(index)? else { return Ok(None) };
    Ok(Some(LogRecord::decode(&bytes)?))
}

/// What is kept of a block whose body was dropped.
pub(super) fn read_header(headers: &SegmentedLog, height: u64) -> Result<Option<HeaderRecord>, SoloError> {
    let Some(index) = height.checked_sub(1) else { return Ok(None) };
    let Some(bytes) = headers.read(index)? else { return Ok(None) };
    Ok(Some(HeaderRecord::decode(&bytes)?))
}

/// Compares what a block leads to with what it led to.
pub(super) fn check(height: u64, what: &'static str, found: &[u8], expected: &[u8]) -> Result<(), SoloError> {
    if found == expected {
        return Ok(());
    }
    let (found, expected) = (hex::encode_upper(found), hex::encode_upper(expected));
    Err(SoloError::Replay { height, what, found, expected })
}
