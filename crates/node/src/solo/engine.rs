//! The part of the ledger that touches the disks: it makes a block durable, signs it, and commits the state.

use std::sync::Arc;

use sealdesk_machine::{BlockContext, Machine};
use sealdesk_protocol::block::{
    Block, Ground, Previous, SignedHeader, Time, TxResult, ValidatorAddress, ValidatorSet, commit_with,
};
use sealdesk_protocol::tx::VerifiedTx;
use sealdesk_store::{Changes, Durability, Log, State, Store};

use super::record::LogRecord;
use super::signed::{Signed, SignedNote};
use super::{SoloError, version_of};
use crate::ledger::Tip;
use crate::metrics::{Metrics, Phase, SeenBlock, Tally};
use crate::validator::ValidatorKey;

/// See the module.
pub(super) struct Engine {
    pub(super) machine: Machine,
    pub(super) validators: ValidatorSet,
    pub(super) signer: ValidatorAddress,
    pub(super) key: ValidatorKey,
    pub(super) store: Store,
    pub(super) log: Log,
    pub(super) note: SignedNote,
    /// The newest block; `None` before the first.
    pub(super) previous: Option<Previous>,
    pub(super) metrics: Arc<Metrics>,
}

/// What executing a block leads to.
struct Outcomes {
    changes: Changes,
    results: Vec<TxResult>,
    tally: Tally,
}

impl Engine {
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
        let executing = metrics.blocks.time(Phase::Execute);
        let Outcomes { changes, results, tally } = self.execute(&block, Some(txs))?;
        let processing = executing.stop_and_record();
        let preparing = metrics.blocks.time(Phase::Prepare);
        let staged = self.store.prepare(version_of(block.height()), changes)?;
        let processing = processing + preparing.stop_and_record();
        let syncing = metrics.blocks.time(Phase::Sync);
        let record = LogRecord::new(block, staged.root(), &results);
        let bytes = record.encode();
        self.log.append(&bytes)?;
        self.log.sync()?;
        syncing.observe_duration();
        self.write_note(&record)?;
        let signed = self.sign(&record)?;
        let committing = metrics.blocks.time(Phase::Commit);
        self.store.commit(staged, durability)?;
        committing.observe_duration();
        metrics.blocks.committed(&tally);
        let bytes = bytes.len().saturating_sub(LogRecord::HASHES_BYTES);
        let seen = SeenBlock { time, txs: txs.len(), bytes, processing };
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
        let Outcomes { changes, results, .. } = self.execute(block, None)?;
        let again = LogRecord::new(rebuilt, [0; 32], &results);
        check(height, "the results", &again.results_hash, &record.results_hash)?;
        let staged = self.store.prepare(version_of(height), changes)?;
        check(height, "the state", &staged.root(), &record.app_hash)?;
        let signed = self.sign(record)?;
        self.store.commit(staged, durability)?;
        Ok(signed)
    }

    /// Executes a block over the newest state, without writing anything.
    fn execute(&self, block: &Block, verified: Option<&[VerifiedTx]>) -> Result<Outcomes, SoloError> {
        let mut state = State::new(self.store.latest());
        let context = BlockContext { height: block.height(), time: block.unix_time() };
        let mut tally = Tally::closed(self.machine.begin(&mut state, &context)?.len());
        let mut results = Vec::with_capacity(block.txs.len());
        for (index, bytes) in (0u32..).zip(&block.txs) {
            let known_good = verified.and_then(|verified| verified.get(results.len()));
            let executed = match known_good {
                Some(tx) => self.machine.execute_verified(&mut state, &context, tx, index)?,
                None => self.machine.execute(&mut state, &context, bytes, index)?,
            };
            tally.add(&executed);
            results.push(TxResult { code: executed.code, data: executed.data });
        }
        if !self.machine.finish(&mut state, &context)?.is_empty() {
            return Err(SoloError::Machine("a block of this ledger changed its validators".to_owned()));
        }
        Ok(Outcomes { changes: state.into_changes(), results, tally })
    }

    /// Signs a block that the log has synced, and makes it the one to build on. Ed25519 has no randomness, so signing the same
    /// block again after a crash makes the same signature.
    pub(super) fn sign(&mut self, record: &LogRecord) -> Result<SignedHeader, SoloError> {
        let block = &record.block;
        let id = block.id()?;
        let commit = commit_with(block, id, self.signer, |bytes| self.key.sign(bytes))?;
        let signed = SignedHeader::new(block.header.clone(), commit.clone())
            .map_err(|error| SoloError::Machine(error.to_string()))?;
        let results_hash = record.results();
        self.previous = Some(Previous { height: block.height(), id, commit, results_hash });
        Ok(signed)
    }

    /// Notes that a block is about to be signed.
    pub(super) fn write_note(&self, record: &LogRecord) -> Result<(), SoloError> {
        self.note.write(Signed::of(&record.block))
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

/// The block of a log at a height.
pub(super) fn read_record(log: &Log, height: u64) -> Result<Option<LogRecord>, SoloError> {
    let Some(index) = height.checked_sub(1) else { return Ok(None) };
    let Some(bytes) = log.read(index)? else { return Ok(None) };
    Ok(Some(LogRecord::decode(&bytes)?))
}

/// Compares what a block leads to with what it led to.
pub(super) fn check(height: u64, what: &'static str, found: &[u8], expected: &[u8]) -> Result<(), SoloError> {
    if found == expected {
        return Ok(());
    }
    let (found, expected) = (hex::encode_upper(found), hex::encode_upper(expected));
    Err(SoloError::Replay { height, what, found, expected })
}
