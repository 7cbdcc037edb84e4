//! The consensus connection once a block is decided: it is executed in memory, then written in one piece.
//!
//! A crash between the two loses the execution and nothing else, and CometBFT hands the block in again. A crash after the write
//! leaves this ledger a block ahead of CometBFT's own record, which it then replays without us.

use bytes::Bytes;
use sealdesk_machine::{BlockContext, ValidatorUpdate};
use sealdesk_protocol::block::{Hash, Time, validator_set};
use sealdesk_protocol::events::Emitted;
use sealdesk_protocol::genesis::{AppState, validators_of};
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::tendermint::abci as desk;
use sealdesk_store::{Durability, Staged};
use tendermint_proto::google::protobuf::Timestamp;
use tendermint_proto::v0_38::abci;
use tendermint_proto::v0_38::crypto::{PublicKey, public_key::Sum};

use crate::block::{BlockRunner, RanBlock};
use crate::comet::app::App;
use crate::comet::error::CometError;
use crate::comet::head::Head;
use crate::ledger::{Ledger as _, Tip};
use crate::metrics::{Phase, Tally};

/// A block that was executed in memory.
#[derive(Debug)]
pub(in crate::comet) struct Executed {
    head: Head,
    staged: Staged,
    txs: Vec<TxHash>,
    tally: Tally,
}

impl App {
    /// The genesis is written when the ledger is opened; here CometBFT's must prove to be the same.
    pub(super) fn init_chain(
        &self,
        request: &abci::RequestInitChain,
    ) -> Result<abci::ResponseInitChain, CometError> {
        if self.height() != 0 {
            return Err(self.out_of_turn("a new ledger".to_owned()));
        }
        if request.chain_id != self.genesis.chain_id {
            let (found, expected) = (request.chain_id.clone(), self.genesis.chain_id.clone());
            return Err(CometError::OtherLedger { found, expected });
        }
        if request.initial_height != 1 {
            return Err(CometError::OtherGenesis("its first height is not 1"));
        }
        let app_state: Option<AppState> = serde_json::from_slice(&request.app_state_bytes).ok();
        if app_state.as_ref() != Some(&self.genesis.app_state) {
            return Err(CometError::OtherGenesis("its app_state differs"));
        }
        if self.hash_of(&request.validators)? != validators_of(&self.genesis)?.hash() {
            return Err(CometError::OtherGenesis("its validators differ"));
        }
        Ok(abci::ResponseInitChain { app_hash: self.root().to_vec().into(), ..Default::default() })
    }

    fn hash_of(&self, validators: &[abci::ValidatorUpdate]) -> Result<Hash, CometError> {
        let one = |update: &abci::ValidatorUpdate| {
            let key = match update.pub_key.as_ref().and_then(|key| key.sum.as_ref()) {
                Some(Sum::Ed25519(key)) => key.as_slice().try_into().ok(),
                _ => None,
            };
            Some((key?, u32::try_from(update.power).ok()?))
        };
        let all: Option<Vec<_>> = validators.iter().map(one).collect();
        Ok(validator_set(&all.ok_or(CometError::Malformed("a validator"))?)?.hash())
    }

    /// Executes a decided block over the committed state. Nothing is written; the same block leads to the same answer however often
    /// it is asked for.
    pub(super) fn finalize_block(
        &self,
        request: &abci::RequestFinalizeBlock,
    ) -> Result<abci::ResponseFinalizeBlock, CometError> {
        let height = u64::try_from(request.height).map_err(|_| CometError::Malformed("a height"))?;
        if height != self.height().saturating_add(1) {
            return Err(self.out_of_turn(format!("block {height}")));
        }
        let time = time_of(request.time.as_ref())?;
        let head = Head { height, time, header_root: self.root() };
        let txs: Vec<TxHash> = request.txs.iter().map(|bytes| TxHash::of(bytes)).collect();
        let context = BlockContext { height, time: time.unix_timestamp() };
        let metrics = Some(&self.handle.metrics().blocks);
        let runner = BlockRunner { machine: &self.machine, store: &self.store, metrics };
        let verified = |index: usize| self.pool().verified(*txs.get(index)?);
        let ran = runner.run(&context, &request.txs, verified, |state| {
            head.put(state);
            self.handle.changes().put(state);
        })?;
        let RanBlock { staged, events, results, validator_updates, tally, .. } = ran;
        let app_hash = Bytes::copy_from_slice(&staged.root());
        *self.staged() = Some(Executed { head, staged, txs, tally });
        let events = events.iter().map(Emitted::to_abci).map(event).collect();
        Ok(abci::ResponseFinalizeBlock {
            events,
            tx_results: results.into_iter().map(tx_result).collect(),
            app_hash,
            validator_updates: validator_updates.into_iter().map(update).collect(),
            ..Default::default()
        })
    }

    /// Writes the executed block: state, indexes, height and root in one piece, on the device before the reply.
    pub(super) fn commit(&self) -> Result<abci::ResponseCommit, CometError> {
        let executed = self.staged().take();
        let Executed { head, staged, txs, tally } =
            executed.ok_or_else(|| self.out_of_turn("a commit".to_owned()))?;
        let committing = self.handle.metrics().blocks.time(Phase::Commit);
        self.store.commit(staged, Durability::Synced)?;
        committing.observe_duration();
        self.handle.metrics().blocks.committed(&tally);
        let mut pool = self.pool();
        let gone = pool.block_committed(head.height, &txs);
        self.show(&pool);
        drop(pool);
        let tip = Tip::unsigned(head.height, head.time, head.header_root, self.store.latest());
        self.handle.settle(tip, &txs);
        self.handle.submissions().let_go(gone);
        if let Some(sync) = self.sync.as_ref().filter(|sync| sync.archive.wants(head.height)) {
            sync.archive.begin(self.genesis.chain_id.clone(), head.height, self.store.latest());
        }
        Ok(abci::ResponseCommit { retain_height: signed(self.retain_height(head.height)) })
    }

    /// The first block that CometBFT must keep; 0 = all. A node that takes a snapshot of this one needs every block since.
    fn retain_height(&self, height: u64) -> u64 {
        let kept = self.retain_blocks.and_then(|blocks| height.checked_sub(blocks)).unwrap_or(0);
        let oldest = self.sync.as_ref().and_then(|sync| sync.archive.oldest());
        oldest.map_or(kept, |oldest| kept.min(oldest))
    }

    fn out_of_turn(&self, asked: String) -> CometError {
        CometError::OutOfTurn { asked, height: self.height() }
    }
}

/// The time in a request; headers without one do not exist.
pub(super) fn time_of(timestamp: Option<&Timestamp>) -> Result<Time, CometError> {
    let wrong = || CometError::Malformed("a block's time");
    let timestamp = timestamp.ok_or_else(wrong)?;
    let nanos = u32::try_from(timestamp.nanos).map_err(|_| wrong())?;
    Time::from_unix_timestamp(timestamp.seconds, nanos).map_err(|_| wrong())
}

fn update(update: ValidatorUpdate) -> abci::ValidatorUpdate {
    let key = PublicKey { sum: Some(Sum::Ed25519(update.pub_key.to_vec())) };
    abci::ValidatorUpdate { pub_key: Some(key), power: update.power.into() }
}

/// CometBFT hashes code, data and gas of a result, and nothing else.
fn tx_result(executed: sealdesk_machine::Executed) -> abci::ExecTxResult {
    let events = executed.abci_events().into_iter().map(event).collect();
    abci::ExecTxResult {
        code: executed.code,
        data: executed.data.into(),
        log: executed.log,
        events,
        codespace: executed.codespace,
        ..Default::default()
    }
}

fn event(event: desk::Event) -> abci::Event {
    let attributes = event.attributes.into_iter();
    let attributes = attributes.map(|a| abci::EventAttribute { key: a.key, value: a.value, index: a.index });
    abci::Event { r#type: event.r#type, attributes: attributes.collect() }
}

/// Heights fit 63 bits.
pub(super) fn signed(height: u64) -> i64 {
    i64::try_from(height).unwrap_or(i64::MAX)
}
