//! Running a block, for every engine: the ledger's own work, each transaction, the end of the block, and the root of the state that
//! this leads to. Nothing is written here; an engine commits what is staged when the block is decided and durable.

use std::borrow::Borrow;

use sealdesk_machine::{BlockContext, Executed, Fatal, GenesisError, Machine, ValidatorUpdate};
use sealdesk_protocol::events::Emitted;
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::tx::VerifiedTx;
use sealdesk_store::{Durability, Staged, State, Store, StoreError};

use crate::metrics::{Blocks, Phase, Tally};
use crate::preverify::Verifier;

/// The store's version of the genesis; version 0 is an empty store.
const GENESIS_VERSION: u64 = 1;

/// The store's version of a height.
pub(crate) fn version_of(height: u64) -> u64 {
    height.saturating_add(GENESIS_VERSION)
}

/// The height whose state a version of the store is.
pub(crate) fn height_of(version: u64) -> u64 {
    version.saturating_sub(GENESIS_VERSION)
}

/// What blocks are run on.
pub(crate) struct BlockRunner<'a> {
    pub(crate) machine: &'a Machine,
    pub(crate) store: &'a Store,
    /// Where the phases are measured; a block that is replayed is not.
    pub(crate) metrics: Option<&'a Blocks>,
}

/// A block that was run in memory.
#[derive(Debug)]
pub(crate) struct RanBlock {
    /// The state after it, ready to be committed.
    pub(crate) staged: Staged,
    /// What the ledger did by itself before the transactions.
    pub(crate) events: Vec<Emitted>,
    /// The transactions' results, in order.
    pub(crate) results: Vec<Executed>,
    /// Validators whose power the block changes.
    pub(crate) validator_updates: Vec<ValidatorUpdate>,
    /// What is counted once the block is committed.
    pub(crate) tally: Tally,
    /// How long it took, in seconds; 0 where it was not measured.
    pub(crate) seconds: f64,
}

impl BlockRunner<'_> {
    /// Runs a block over the newest state. `verified` gives the transaction at a place of the block where its signatures are known
    /// to be good; `beside` puts an engine's own side values into the same commit.
    ///
    /// # Errors
    /// [`Fatal`] where the state cannot be read or trusted.
    pub(crate) fn run<V: Borrow<VerifiedTx>>(
        &self,
        block: &BlockContext,
        txs: &[impl AsRef<[u8]> + Sync],
        verified: impl Fn(usize) -> Option<V>,
        beside: impl FnOnce(&mut State),
    ) -> Result<RanBlock, Fatal> {
        let executing = self.metrics.map(|metrics| metrics.time(Phase::Execute));
        let snapshot = self.store.latest();
        let known: Vec<Option<V>> = (0..txs.len()).map(verified).collect();
        let unknown: Vec<usize> =
            (0..).zip(&known).filter(|(_, tx)| tx.is_none()).map(|(place, _)| place).collect();
        let ahead = Verifier { machine: self.machine, snapshot: &snapshot, block }.verify(txs, &unknown);
        let mut state = State::new(snapshot);
        let events = self.machine.begin(&mut state, block)?;
        let mut tally = Tally::closed(events.len());
        let mut results = Vec::with_capacity(txs.len());
        for ((index, bytes), known) in (0u32..).zip(txs).zip(&known) {
            let executed = match (known, ahead.get(&results.len())) {
                (Some(tx), _) => self.machine.execute_verified(&mut state, block, tx.borrow(), index)?,
                (None, Some(Ok(tx))) => self.machine.execute_verified(&mut state, block, tx, index)?,
                (None, Some(Err(refusal))) => Executed::not_verified(bytes.as_ref(), refusal),
                (None, None) => self.machine.execute(&mut state, block, bytes.as_ref(), index)?,
            };
            tally.add(&executed);
            results.push(executed);
        }
        let validator_updates = self.machine.finish(&mut state, block)?;
        beside(&mut state);
        let execution = executing.map_or(0.0, |timer| timer.stop_and_record());
        let preparing = self.metrics.map(|metrics| metrics.time(Phase::Prepare));
        let staged = self.store.prepare(version_of(block.height), state.into_changes())?;
        let seconds = execution + preparing.map_or(0.0, |timer| timer.stop_and_record());
        Ok(RanBlock { staged, events, results, validator_updates, tally, seconds })
    }
}

/// As [`load`]; an empty store begins with the genesis.
///
/// # Errors
/// What the store or the machine fails with, and what `other` makes.
pub(crate) fn load_or_begin<E>(
    store: &Store,
    genesis: &Genesis,
    other: impl FnOnce(String, String) -> E,
) -> Result<Machine, E>
where
    E: From<StoreError> + From<Fatal> + From<GenesisError>,
{
    if store.latest().version() == 0 {
        let mut state = State::new(store.latest());
        let machine = Machine::genesis(&mut state, genesis)?;
        let staged = store.prepare(GENESIS_VERSION, state.into_changes())?;
        store.commit(staged, Durability::Synced)?;
        return Ok(machine);
    }
    load(store, genesis, other)
}

/// The machine of the state in a store, which must be that of the genesis's ledger.
///
/// # Errors
/// What the machine fails with, and what `other` makes of the name found and the name expected.
pub(crate) fn load<E: From<Fatal>>(
    store: &Store,
    genesis: &Genesis,
    other: impl FnOnce(String, String) -> E,
) -> Result<Machine, E> {
    let machine = Machine::load(&store.latest())?;
    let found = machine.chain_id().to_string();
    if found == genesis.chain_id { Ok(machine) } else { Err(other(found, genesis.chain_id.clone())) }
}
