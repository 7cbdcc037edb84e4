//! The state of a backup in the making: rows, each checked against those before it, and at the end the root of all of them.

use sealdesk_machine::Restoring;
use sealdesk_protocol::genesis::Genesis;
use sealdesk_store::{Building, Disk, State, Store};

use super::{BackupError, damaged};
use crate::block::version_of;
use crate::comet::snapshots::format::rows_of;

/// Rows that are written at a time, which bounds memory.
const BATCH_ROWS: usize = 20_000;

pub(super) struct StateInMaking {
    building: Building,
    restoring: Restoring,
    rows: u64,
}

impl StateInMaking {
    /// Begins on an empty disk, for the ledger of this genesis.
    pub(super) fn begin(disk: impl Disk, genesis: &Genesis) -> Result<Self, BackupError> {
        let restoring = Restoring::new(genesis).map_err(damaged)?;
        Ok(Self { building: Building::begin(disk)?, restoring, rows: 0 })
    }

    /// Takes the next rows.
    pub(super) fn take(&mut self, chunk: &[u8]) -> Result<(), BackupError> {
        let mut rows = rows_of(chunk).map_err(damaged)?.into_iter().peekable();
        while rows.peek().is_some() {
            let mut state = State::new(self.building.view());
            for row in rows.by_ref().take(BATCH_ROWS) {
                self.restoring.take(&mut state, row)?;
                self.rows = self.rows.saturating_add(1);
            }
            self.building.add(state.into_changes())?;
        }
        Ok(())
    }

    /// How many rows came.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The finished state, whose records must have this root.
    pub(super) fn finish(self, root: &[u8; 32], height: u64) -> Result<Store, BackupError> {
        if self.building.view().root() != *root {
            return Err(damaged("its records do not have the root that the signed header names"));
        }
        let mut state = State::new(self.building.view());
        self.restoring.finish(&mut state, height)?;
        Ok(self.building.finish(version_of(height), state.into_changes())?)
    }
}
