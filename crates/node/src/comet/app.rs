//! The application: what it is made of, and what of it each of CometBFT's connections may touch.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sealdesk_machine::Machine;
use sealdesk_protocol::block::{Time, validators_of};
use sealdesk_protocol::genesis::Genesis;
use sealdesk_store::{Disk, Durability, State, Store};

use super::blocks::{Executed, Head};
use super::config::RpcAddress;
use super::error::CometError;
use super::gate::Gate;
use super::pool::Pool;
use super::rpc::Rpc;
use super::snapshots::{Restoration, Shelf, SnapshotSetup};
use crate::ledger::{Ledger as _, Tip};
use crate::metrics::Metrics;

/// The store's version of the genesis; version 0 is an empty store.
const GENESIS_VERSION: u64 = 1;

/// What the application is opened with.
pub struct Setup<D> {
    /// State and indexes.
    pub disk: D,
    /// What the ledger begins with.
    pub genesis: Genesis,
    /// Where CometBFT answers; without it nothing can be submitted or proven through this node.
    pub rpc: Option<RpcAddress>,
    /// How many blocks CometBFT keeps; `None` = all.
    pub retain_blocks: Option<u64>,
    /// Where snapshots are made and restored; without it neither is done.
    pub snapshots: Option<SnapshotSetup>,
}

/// What the application does for nodes that join, and did when it joined.
#[derive(Debug)]
pub(super) struct StateSync {
    pub(super) setup: SnapshotSetup,
    pub(super) shelf: Shelf,
    /// The snapshot that is being restored.
    pub(super) restoration: Mutex<Option<Restoration>>,
}

/// The replicated ledger's state machine as CometBFT drives it.
#[derive(Debug)]
pub struct App {
    pub(super) machine: Machine,
    pub(super) genesis: Genesis,
    pub(super) store: Store,
    pub(super) gate: Arc<Gate>,
    pub(super) retain_blocks: Option<u64>,
    pub(super) sync: Option<StateSync>,
    /// The block that was executed and is not committed.
    pub(super) staged: Mutex<Option<Executed>>,
    pool: Mutex<Pool>,
}

impl App {
    /// Opens the ledger on its disk; on an empty one it begins with the genesis.
    ///
    /// # Errors
    /// [`CometError`]: of another ledger, of a newer program, in use, or damaged.
    pub fn open<D: Disk>(setup: Setup<D>) -> Result<Self, CometError> {
        let Setup { disk, genesis, rpc, retain_blocks, snapshots } = setup;
        validators_of(&genesis)?;
        let store = Store::open(disk)?;
        let machine = load_or_begin(&store, &genesis)?;
        let tip = newest(&store, &genesis)?;
        let gate = Gate::new(machine.clone(), tip, rpc.map(Rpc::new))?;
        let sync = snapshots
            .map(|setup| StateSync::open(setup, height_of(store.latest().version()), gate.metrics().clone()));
        let (gate, sync) = (Arc::new(gate), sync.transpose()?);
        let (staged, pool) = (Mutex::default(), Mutex::default());
        Ok(Self { machine, genesis, store, gate, retain_blocks, sync, staged, pool })
    }

    /// The way in, and the view, for everyone but CometBFT.
    pub fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// Height of the newest committed block; 0 before the first.
    pub fn height(&self) -> u64 {
        height_of(self.store.latest().version())
    }

    /// Root of the newest committed state.
    pub fn root(&self) -> [u8; 32] {
        self.store.latest().root()
    }

    /// Reads every record through and compares it with its leaf; gives how many there are.
    ///
    /// # Errors
    /// [`CometError::Storage`] for what is damaged.
    pub fn inspect(&self) -> Result<u64, CometError> {
        Ok(self.store.check_integrity()?.records)
    }

    /// Waits for the snapshot that is being made, if there is one.
    pub fn finish_snapshot(&self) {
        if let Some(sync) = &self.sync {
            sync.shelf.finish();
        }
    }

    /// Time of the newest block in Unix seconds.
    pub(super) fn last_time(&self) -> i64 {
        self.gate.tip().time.unix_timestamp()
    }

    /// No code panics while it holds this lock with the pool half-changed.
    pub(super) fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows what waits, for who asks how much that is.
    pub(super) fn show(&self, pool: &Pool) {
        self.gate.metrics().pool.holds(pool.len(), pool.senders());
    }

    pub(super) fn staged(&self) -> MutexGuard<'_, Option<Executed>> {
        self.staged.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateSync {
    fn open(setup: SnapshotSetup, height: u64, metrics: Arc<Metrics>) -> Result<Self, CometError> {
        setup.clean()?;
        let shelf = Shelf::open(setup.shelf.clone(), setup.interval, height, metrics)?;
        Ok(Self { setup, shelf, restoration: Mutex::default() })
    }
}

/// The height whose state a version of the store is.
pub(super) fn height_of(version: u64) -> u64 {
    version.saturating_sub(GENESIS_VERSION)
}

/// The store's version of a height.
pub(super) fn version_of(height: u64) -> u64 {
    height.saturating_add(GENESIS_VERSION)
}

/// The machine of the state that is there, or of a state begun with the genesis.
fn load_or_begin(store: &Store, genesis: &Genesis) -> Result<Machine, CometError> {
    if store.latest().version() == 0 {
        let mut state = State::new(store.latest());
        let machine = Machine::genesis(&mut state, genesis)?;
        let staged = store.prepare(GENESIS_VERSION, state.into_changes())?;
        store.commit(staged, Durability::Synced)?;
        return Ok(machine);
    }
    let machine = Machine::load(&store.latest())?;
    let found = machine.chain_id().to_string();
    if found != genesis.chain_id {
        return Err(CometError::OtherLedger { found, expected: genesis.chain_id.clone() });
    }
    Ok(machine)
}

/// The newest block as the last commit wrote it.
fn newest(store: &Store, genesis: &Genesis) -> Result<Tip, CometError> {
    let snapshot = store.latest();
    let height = height_of(snapshot.version());
    if height == 0 {
        let time = Time::from_unix_timestamp(genesis.time()?, 0);
        let time = time.map_err(|_| CometError::Machine("the genesis has no time".to_owned()))?;
        // No header names the state before genesis, so only block 1 proves it.
        return Ok(Tip::unsigned(0, time, [0; 32], snapshot));
    }
    let head = Head::read(&snapshot)?;
    if head.height != height {
        return Err(CometError::Machine(format!("the state of block {height} names block {}", head.height)));
    }
    Ok(Tip::unsigned(height, head.time, head.header_root, snapshot))
}
