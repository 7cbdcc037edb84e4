//! The embedded ledger: one validator, one process, the same blocks as a replicated ledger has.
//!
//! A block's way: transactions from the pool → `begin · execute · finish` of the machine → the store computes the new root and
//! writes nothing → the block and that root go into the log, and the log is synced → only now the validator signs → the state
//! is committed, without a sync of its own → the callers who waited are answered. So an answer waits for one sync, and a signature never
//! exists over a block that a crash could take back. On start the log's blocks that the state lacks are executed again, and
//! each must lead to the hashes that the log holds.
//!
//! The block log is files in a directory, so that old blocks can be dropped ([`Solo::keep_blocks`], [`Solo::prune`]); their headers stay.
//!
//! [`Solo`] is synchronous and knows neither threads nor the host: its disks and its clock are arguments. [`driver`] runs it on
//! a thread.

mod blocks;
mod chain;
pub mod driver;
mod error;
mod handle;
mod header;
mod inspect;
mod mempool;
mod older;
mod open;
mod pick;
mod produce;
mod prune;
mod record;
mod signed;
mod submissions;

use std::sync::Arc;

use sealdesk_protocol::block::ValidatorSet;
use sealdesk_protocol::genesis::Genesis;
use sealdesk_store::Folder;

use crate::clock::Clock;
pub use crate::data_files::SIGNED_FILE;
use crate::data_files::{BLOCKS_DIR, HEADERS_DIR};
use crate::home::Home;
use crate::validator::ValidatorKey;

pub use crate::ledger::{SENDER_TXS_MAX, SubmitError, Submitted, TIPS_KEPT, Tip, Tips, TxOutcome, Waiter};
pub use error::SoloError;
pub use handle::LedgerHandle;
pub use inspect::Inspected;
pub use mempool::{POOL_BYTES_MAX, POOL_TXS_MAX};
pub use older::OlderCopy;
pub use produce::{BLOCKS_PER_SYNC, Made, PROOF_DELAY_MILLIS, STALE_SECONDS};
pub use prune::PRUNE_BLOCKS;
pub use record::LogRecord;

/// The disks of a ledger.
#[derive(Debug)]
pub struct Disks<D> {
    /// State and indexes.
    pub state: D,
    /// The block log.
    pub blocks: Box<dyn Folder>,
    /// The headers of blocks that the log has lost.
    pub headers: Box<dyn Folder>,
    /// The note of the last signed block.
    pub signed: D,
}

/// What a ledger is opened with.
pub struct Setup<D> {
    /// Where it lives.
    pub disks: Disks<D>,
    /// What it begins with.
    pub genesis: Genesis,
    /// The key that signs its blocks.
    pub key: ValidatorKey,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// The ledger. Dropping it without [`Solo::sync`] is what a crash does: nothing acknowledged is lost.
pub struct Solo {
    chain: chain::Chain,
    clock: Arc<dyn Clock>,
    handle: Arc<LedgerHandle>,
    timer: produce::BlockTimer,
    keep_blocks: u64,
}

impl Solo {
    /// The way in, and the view, for the rest of the node.
    pub fn handle(&self) -> &Arc<LedgerHandle> {
        &self.handle
    }

    /// Height of the newest block.
    pub fn height(&self) -> u64 {
        self.chain.height()
    }

    /// The validators who sign the blocks: this node alone.
    pub fn validators(&self) -> &ValidatorSet {
        &self.chain.validators
    }

    /// Makes the state durable, so that the next start has nothing to replay.
    ///
    /// # Errors
    /// [`SoloError::Storage`]; the ledger has stopped then.
    pub fn sync(&mut self) -> Result<(), SoloError> {
        self.timer.synced();
        self.chain.store.sync().map_err(|error| self.halt(error.into()))
    }

    /// Whether the next start would have nothing to replay.
    pub fn is_synced(&self) -> bool {
        self.timer.is_synced()
    }

    /// Stops taking transactions for this reason, and hands it on.
    fn halt(&self, error: SoloError) -> SoloError {
        self.handle.stop(&error);
        error
    }
}

impl std::fmt::Debug for Solo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Solo").field("height", &self.height()).finish_non_exhaustive()
    }
}

/// Opens disks of files in a home, which locks them against every other process. What the key has signed stands beside the key: a
/// restored copy of the data does not bring an older note with it.
///
/// # Errors
/// [`SoloError::Storage`].
pub fn file_disks(home: &Home) -> Result<Disks<sealdesk_store::FileDisk>, SoloError> {
    use sealdesk_store::{FileDisk, FileFolder, STATE_FILE};
    let data = home.data_dir();
    Ok(Disks {
        state: FileDisk::open(&data, STATE_FILE)?,
        blocks: Box::new(FileFolder::open(&data.join(BLOCKS_DIR))?),
        headers: Box::new(FileFolder::open(&data.join(HEADERS_DIR))?),
        signed: FileDisk::open(home.path(), SIGNED_FILE)?,
    })
}
