//! The consensus connection before a block is decided: the proposer leaves out what every honest node would refuse, and every node
//! looks at what was proposed. Nothing here writes, and both sides use one rule, so that no honest proposal is ever refused.

use std::sync::Arc;

use bytes::Bytes;
use sealdesk_machine::admission::{Sequences, Turn, check_timeout, committed_sequence, time_follows};
use sealdesk_machine::{BlockContext, Fatal, Machine};
use sealdesk_protocol::gas::BLOCK_GAS_MAX;
use sealdesk_protocol::tx::{TxHash, VerifiedTx};
use sealdesk_store::Snapshot;
use tendermint_proto::v0_38::abci::{self, response_process_proposal, response_verify_vote_extension};

use super::blocks::time_of;
use super::choose::choose;
use super::mempool::Pool;
use crate::comet::app::App;
use crate::comet::error::CometError;

/// Most transactions in one block.
pub const BLOCK_TXS_MAX: usize = 1_000;
/// Most bytes of transactions in one block. With header, commit and evidence it stays under the 4 MiB of the genesis.
pub const BLOCK_TXS_BYTES_MAX: usize = 3 * 1024 * 1024;

impl App {
    /// Chooses what this node proposes, from what CometBFT's mempool offers.
    pub(super) fn prepare_proposal(
        &self,
        request: abci::RequestPrepareProposal,
    ) -> Result<abci::ResponsePrepareProposal, CometError> {
        let height = u64::try_from(request.height).map_err(|_| CometError::Malformed("a height"))?;
        let bytes_max = usize::try_from(request.max_tx_bytes).unwrap_or(0);
        let time = time_of(request.time.as_ref()).map_or(self.last_time(), |time| time.unix_timestamp());
        let block = BlockContext { height, time };
        let (snapshot, pool) = (self.store.latest(), self.pool());
        let judge = Judge::new(&self.machine, &pool, &snapshot, block);
        let txs = choose(judge, &request.txs, bytes_max.min(BLOCK_TXS_BYTES_MAX))?;
        Ok(abci::ResponsePrepareProposal { txs })
    }

    /// Accepts or rejects what a validator proposes.
    pub(super) fn process_proposal(
        &self,
        request: &abci::RequestProcessProposal,
    ) -> Result<abci::ResponseProcessProposal, CometError> {
        use response_process_proposal::ProposalStatus;
        let height = u64::try_from(request.height).map_err(|_| CometError::Malformed("a height"))?;
        // A time that is not one makes a proposal to refuse, not an error of ours.
        let time = time_of(request.time.as_ref()).map_or(i64::MIN, |time| time.unix_timestamp());
        let (snapshot, pool) = (self.store.latest(), self.pool());
        let judge = Judge::new(&self.machine, &pool, &snapshot, BlockContext { height, time });
        let accepted = judge.accepts(&request.txs, self.last_time())?;
        let status = if accepted { ProposalStatus::Accept } else { ProposalStatus::Reject };
        Ok(abci::ResponseProcessProposal { status: status.into() })
    }
}

/// Extensions stay off, so an honest vote has an empty one.
pub(super) fn verify_extension(
    request: &abci::RequestVerifyVoteExtension,
) -> abci::ResponseVerifyVoteExtension {
    use response_verify_vote_extension::VerifyStatus;
    let status = if request.vote_extension.is_empty() { VerifyStatus::Accept } else { VerifyStatus::Reject };
    abci::ResponseVerifyVoteExtension { status: status.into() }
}

/// A block in the making or in question.
pub(super) struct Judge<'a> {
    pub(super) machine: &'a Machine,
    pub(super) pool: &'a Pool,
    pub(super) snapshot: &'a Snapshot,
    block: BlockContext,
    sequences: Sequences,
    txs: usize,
    bytes: usize,
    gas: u64,
}

/// What a transaction is to a block.
pub(super) enum Verdict {
    Fits,
    /// Right, but for another block.
    Later,
    /// Others have to come before it.
    Early,
    /// Out of sequence or too late.
    Bad,
}

impl<'a> Judge<'a> {
    fn new(machine: &'a Machine, pool: &'a Pool, snapshot: &'a Snapshot, block: BlockContext) -> Self {
        Self { machine, pool, snapshot, block, sequences: Sequences::default(), txs: 0, bytes: 0, gas: 0 }
    }

    /// Whether a block of these transactions is one that an honest node could have proposed.
    fn accepts(mut self, txs: &[Bytes], last_time: i64) -> Result<bool, Fatal> {
        if !time_follows(self.block.time, last_time) {
            return Ok(false);
        }
        for bytes in txs {
            let Some(tx) = self.verified(bytes) else { return Ok(false) };
            if !matches!(self.judge(&tx, BLOCK_TXS_BYTES_MAX)?, Verdict::Fits) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Judges the next transaction of a block of at most so many bytes, and takes it in where it fits.
    pub(super) fn judge(&mut self, tx: &VerifiedTx, room: usize) -> Result<Verdict, Fatal> {
        if check_timeout(tx, &self.block).is_err() {
            return Ok(Verdict::Bad);
        }
        match self.sequences.turn(tx, |address| committed_sequence(self.snapshot, address))? {
            Turn::Now => {}
            Turn::Later(_) => return Ok(Verdict::Early),
            Turn::Never(_) => return Ok(Verdict::Bad),
        }
        // CometBFT counts a transaction with its tag and length.
        let size = self.bytes.saturating_add(tx.bytes().len()).saturating_add(8);
        let gas = self.gas.saturating_add(tx.gas());
        if self.txs >= BLOCK_TXS_MAX || size > room || gas > BLOCK_GAS_MAX {
            return Ok(Verdict::Later);
        }
        self.sequences.push(tx);
        (self.txs, self.bytes, self.gas) = (self.txs + 1, size, gas);
        Ok(Verdict::Fits)
    }

    /// The transaction of these bytes; `None` where they are none, or are badly signed or too late.
    pub(super) fn verified(&self, bytes: &[u8]) -> Option<Arc<VerifiedTx>> {
        let known = self.pool.verified(TxHash::of(bytes));
        known.or_else(|| self.machine.verify(bytes, &self.block).ok().map(Arc::new))
    }
}
