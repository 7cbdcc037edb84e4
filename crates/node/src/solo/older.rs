//! Reading a ledger that is not gone on with: its data is older than what its key has signed, or that key was lost. What is there can be
//! exported, so that another ledger continues it.

use std::sync::Arc;

use sealdesk_machine::Machine;
use sealdesk_protocol::genesis::Genesis;
use sealdesk_store::{Disk, PAGE_CACHE_BYTES, Snapshot};

use super::chain::Chain;
use super::open::Signing;
use super::{Disks, Setup, Solo, SoloError};
use crate::clock::SystemClock;
use crate::validator::ValidatorKey;

/// The state of a ledger that is not gone on with.
#[derive(Debug)]
pub struct OlderCopy {
    /// The ledger.
    pub machine: Machine,
    /// Its newest state.
    pub snapshot: Snapshot,
}

impl Solo {
    /// The newest state of data that [`Solo::open`] refuses as an older copy, or for whose ledger there is no key any more. No block is
    /// made or signed, and the note of what the key has signed stays as it is.
    ///
    /// # Errors
    /// [`SoloError`], as [`Solo::open`]; [`SoloError::OlderCopy`] where there is no block at all.
    pub fn read_older_copy<D: Disk>(disks: Disks<D>, genesis: Genesis) -> Result<OlderCopy, SoloError> {
        let chain_id = genesis.chain_id.clone();
        // A key for this once: nobody sees what it signs.
        let key = ValidatorKey::generate().map_err(|error| SoloError::broken(error.to_string()))?;
        let setup = Setup { disks, genesis, key, clock: Arc::new(SystemClock::default()) };
        let mut chain = Chain::on(setup, PAGE_CACHE_BYTES, Signing::HasEnded)?;
        if chain.catch_up()?.is_none() {
            return Err(SoloError::OlderCopy { chain_id, signed: 1, log: 0 });
        }
        Ok(OlderCopy { snapshot: chain.store.latest(), machine: chain.machine })
    }
}
