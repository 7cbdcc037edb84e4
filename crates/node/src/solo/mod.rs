//! The embedded ledger: one validator, one process, the same blocks as a replicated ledger has.
//!
//! A block's way: transactions from the pool → `begin · execute · finish` of the machine → the store computes the new root and
//! writes nothing → the block and that root go into the log, and the log is synced → only now the validator signs → the state
//! is committed, without a sync of its own → whoever waited is answered. So an answer waits for one sync, and a signature never
//! exists over a block that a crash could take back. On start the log's blocks that the state lacks are executed again, and
//! each must lead to the hashes that the log holds.
//!
//! [`Solo`] is synchronous and knows neither threads nor the host: its disks and its clock are arguments. [`driver`] runs it on
//! a thread.

pub mod driver;
mod engine;
mod error;
mod gate;
mod inspect;
mod mempool;
mod open;
mod produce;
mod record;
mod signed;

use std::sync::Arc;

use sealdesk_protocol::block::ValidatorSet;
use sealdesk_protocol::genesis::Genesis;

use crate::clock::Clock;
use crate::validator::ValidatorKey;

pub use crate::ledger::{Outcome, SubmitError, Submitted, TIPS_KEPT, Tip, Tips, Waiter};
pub use error::SoloError;
pub use gate::Gate;
pub use inspect::Inspected;
pub use mempool::{POOL_BYTES_MAX, POOL_TXS_MAX, SENDER_TXS_MAX};
pub use produce::{BLOCK_INTERVAL_MILLIS, BLOCKS_PER_SYNC, Made, PROOF_DELAY_MILLIS};
pub use record::LogRecord;

/// The disks of a ledger.
#[derive(Debug)]
pub struct Disks<D> {
    /// State and indexes.
    pub state: D,
    /// The block log.
    pub log: D,
    /// The note of the last signed block.
    pub signed: D,
}

/// What a ledger is opened with.
pub struct Setup<D> {
    /// Where it lives.
    pub disks: Disks<D>,
    /// What it begins with.
    pub genesis: Genesis,
    /// Who signs its blocks.
    pub key: ValidatorKey,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// The ledger. Dropping it without [`Solo::sync`] is what a crash does: nothing acknowledged is lost.
pub struct Solo {
    engine: engine::Engine,
    clock: Arc<dyn Clock>,
    gate: Arc<Gate>,
    pace: produce::Pace,
}

impl Solo {
    /// The way in, and the view, for everyone but the engine.
    pub fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// Height of the newest block.
    pub fn height(&self) -> u64 {
        self.engine.height()
    }

    /// Who signs the blocks.
    pub fn validators(&self) -> &ValidatorSet {
        &self.engine.validators
    }

    /// Makes the state durable, so that the next start has nothing to replay.
    ///
    /// # Errors
    /// [`SoloError::Storage`]; the ledger has stopped then.
    pub fn sync(&mut self) -> Result<(), SoloError> {
        self.pace.synced();
        self.engine.store.sync().map_err(|error| self.halt(error.into()))
    }

    /// Whether the next start would have nothing to replay.
    pub fn is_synced(&self) -> bool {
        self.pace.is_synced()
    }

    /// Stops taking transactions for this reason, and hands it on.
    fn halt(&self, error: SoloError) -> SoloError {
        self.gate.stop(&error);
        error
    }
}

impl std::fmt::Debug for Solo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Solo").field("height", &self.height()).finish_non_exhaustive()
    }
}

/// The store's version of a height: genesis is version 1, since version 0 is an empty store.
fn version_of(height: u64) -> u64 {
    height.saturating_add(1)
}

/// Opens disks of files in a directory, which locks them against every other process.
///
/// # Errors
/// [`SoloError::Storage`].
pub fn file_disks(dir: &std::path::Path) -> Result<Disks<sealdesk_store::FileDisk>, SoloError> {
    use sealdesk_store::{FileDisk, LOG_FILE, STATE_FILE};
    Ok(Disks {
        state: FileDisk::open(dir, STATE_FILE)?,
        log: FileDisk::open(dir, LOG_FILE)?,
        signed: FileDisk::open(dir, SIGNED_FILE)?,
    })
}

/// Name of the note of the last signed block in its directory.
pub const SIGNED_FILE: &str = "signed";
