//! The ledger of a desk that does not run, opened on this home's disk.

use std::sync::Arc;

use sealdesk_node::NodeError;
use sealdesk_node::clock::SystemClock;
use sealdesk_node::comet::{App, is_replicated, open_stopped};
use sealdesk_node::home::Home;
use sealdesk_node::solo::{Setup, Solo, file_disks};

use crate::failure::Failure;

/// What this home's disk has of a ledger.
pub(crate) enum Stopped {
    /// An embedded ledger.
    Solo(Box<Solo>),
    /// This node's part of a replicated one.
    Comet(Box<App>),
    /// Another process has the ledger, which says so to whoever needs it stopped.
    Running(Failure),
}

impl Stopped {
    /// Opens the ledger, whichever engine made it.
    pub(crate) fn open(home: &Home) -> Result<Self, Failure> {
        let opened = if is_replicated(home) {
            open_stopped(home).map(|app| Self::Comet(Box::new(app))).map_err(NodeError::from)
        } else {
            open_solo(home).map(|solo| Self::Solo(Box::new(solo)))
        };
        match opened {
            Err(error) if is_in_use(&error) => Ok(Self::Running(error.into())),
            opened => Ok(opened?),
        }
    }
}

fn open_solo(home: &Home) -> Result<Solo, NodeError> {
    let genesis = home.genesis()?;
    let disks = file_disks(&home.data_dir())?;
    let setup = Setup { disks, genesis, key: home.key()?, clock: Arc::new(SystemClock::default()) };
    Ok(Solo::open(setup)?)
}

fn is_in_use(error: &NodeError) -> bool {
    match error {
        NodeError::Ledger(error) => error.is_in_use(),
        NodeError::Comet(error) => error.is_in_use(),
        _ => false,
    }
}
