//! Reading a ledger whose data is older than what its key has signed. It is not gone on with; what is there can be exported, so that
//! another ledger continues it.

use sealdesk_machine::Machine;
use sealdesk_store::{Disk, PAGE_CACHE_BYTES, Snapshot};

use super::chain::Chain;
use super::open::Signing;
use super::{Setup, Solo, SoloError};

/// The state of a ledger that is not gone on with.
#[derive(Debug)]
pub struct OlderCopy {
    /// The ledger.
    pub machine: Machine,
    /// Its newest state.
    pub snapshot: Snapshot,
}

impl Solo {
    /// The newest state of data that [`Solo::open`] refuses as an older copy. No block is made, and the note of what the key has signed
    /// stays as it is.
    ///
    /// # Errors
    /// [`SoloError`], as [`Solo::open`]; [`SoloError::OlderCopy`] where there is no block at all.
    pub fn read_older_copy<D: Disk>(setup: Setup<D>) -> Result<OlderCopy, SoloError> {
        let chain_id = setup.genesis.chain_id.clone();
        let mut chain = Chain::on(setup, PAGE_CACHE_BYTES, Signing::HasEnded)?;
        if chain.catch_up()?.is_none() {
            return Err(SoloError::OlderCopy { chain_id, signed: 1, log: 0 });
        }
        Ok(OlderCopy { snapshot: chain.store.latest(), machine: chain.machine })
    }
}
