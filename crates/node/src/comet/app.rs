//! The application: what it is made of, and what of it each of CometBFT's connections may touch.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sealdesk_machine::Machine;
use sealdesk_protocol::block::Time;
use sealdesk_protocol::genesis::{Genesis, validators_of};
use sealdesk_store::{Disk, PAGE_CACHE_BYTES, Store};

use super::abci::blocks::Executed;
use super::abci::mempool::Pool;
use super::error::CometError;
use super::handle::LedgerHandle;
use super::head::Head;
use super::process::config::RpcAddress;
use super::process::rpc::Rpc;
use super::snapshots::{Archive, Restoration, SnapshotSetup};
use crate::block::{height_of, load_or_begin};
use crate::ledger::{Ledger as _, LedgerView, Tip};
use crate::metrics::Metrics;

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
    pub(super) archive: Archive,
    /// The snapshot that is being restored.
    pub(super) restoration: Mutex<Option<Restoration>>,
}

/// The replicated ledger's state machine as CometBFT drives it.
#[derive(Debug)]
pub struct App {
    pub(super) machine: Machine,
    pub(super) genesis: Genesis,
    pub(super) store: Store,
    pub(super) handle: Arc<LedgerHandle>,
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
        Self::open_with(setup, PAGE_CACHE_BYTES)
    }

    /// As [`App::open`], with at most so many bytes of memory for pages of the state.
    ///
    /// # Errors
    /// As [`App::open`].
    pub fn open_with<D: Disk>(setup: Setup<D>, page_cache_bytes: usize) -> Result<Self, CometError> {
        let Setup { disk, genesis, rpc, retain_blocks, snapshots } = setup;
        validators_of(&genesis)?;
        let store = Store::open_with(disk, page_cache_bytes)?;
        let other = |found, expected| CometError::OtherLedger { found, expected };
        let machine = load_or_begin(&store, &genesis, other)?;
        let metrics = Arc::new(Metrics::comet(machine.chain_id()));
        let view =
            LedgerView::new(machine.clone(), store.clone(), newest(&store, &genesis)?, metrics.clone());
        let handle = Arc::new(LedgerHandle::new(view, rpc.map(Rpc::new))?);
        let height = height_of(store.latest().version());
        let sync = snapshots.map(|setup| StateSync::open(setup, height, metrics)).transpose()?;
        let (staged, pool) = (Mutex::default(), Mutex::default());
        Ok(Self { machine, genesis, store, handle, retain_blocks, sync, staged, pool })
    }

    /// The way in, and the view, for the rest of the node.
    pub fn handle(&self) -> &Arc<LedgerHandle> {
        &self.handle
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
            sync.archive.finish();
        }
    }

    /// Time of the newest block in Unix seconds.
    pub(super) fn last_time(&self) -> i64 {
        self.handle.tip().time.unix_timestamp()
    }

    /// No code panics while it holds this lock with the pool half-changed.
    pub(super) fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows how much waits, for the metrics.
    pub(super) fn show(&self, pool: &Pool) {
        self.handle.metrics().pool.holds(pool.len(), pool.senders());
    }

    pub(super) fn staged(&self) -> MutexGuard<'_, Option<Executed>> {
        self.staged.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateSync {
    fn open(setup: SnapshotSetup, height: u64, metrics: Arc<Metrics>) -> Result<Self, CometError> {
        setup.clean()?;
        let archive = Archive::open(setup.archive.clone(), setup.interval, height, metrics)?;
        Ok(Self { setup, archive, restoration: Mutex::default() })
    }
}

/// The newest block as the last commit wrote it.
fn newest(store: &Store, genesis: &Genesis) -> Result<Tip, CometError> {
    let snapshot = store.latest();
    let height = height_of(snapshot.version());
    if height == 0 {
        let time = Time::from_unix_timestamp(genesis.time()?, 0);
        let time = time.map_err(|_| CometError::broken("the genesis has no time"))?;
        // No header names the state before genesis, so only block 1 proves it.
        return Ok(Tip::unsigned(0, time, [0; 32], snapshot));
    }
    let head = Head::read(&snapshot)?;
    if head.height != height {
        return Err(CometError::broken(format!("the state of block {height} names block {}", head.height)));
    }
    Ok(Tip::unsigned(height, head.time, head.header_root, snapshot))
}
