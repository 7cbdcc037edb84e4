//! The ledger of a desk that does not run, opened on this home's disk.

use std::sync::Arc;

use sealdesk_node::NodeError;
use sealdesk_node::clock::SystemClock;
use sealdesk_node::comet::{App, is_replicated, open_stopped};
use sealdesk_node::home::{Home, HomeError};
use sealdesk_node::ledger::Ledger;
use sealdesk_node::solo::{OlderCopy, Setup, Solo, SoloError, file_disks};
use sealdesk_node::validator::ValidatorKeyError;
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::ids::ChainId;

use crate::failure::{Failure, of_start};

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
            opened => opened.map_err(|error| of_start(error, home.path())),
        }
    }
}

fn open_solo(home: &Home) -> Result<Solo, NodeError> {
    let (genesis, key, disks) = (home.genesis()?, home.key()?, file_disks(home)?);
    Ok(Solo::open(Setup { disks, genesis, key, clock: Arc::new(SystemClock::default()) })?)
}

fn older_copy(home: &Home) -> Result<OlderCopy, NodeError> {
    let genesis = home.genesis()?;
    Ok(Solo::read_older_copy(file_disks(home)?, genesis)?)
}

/// A ledger that can be exported. An embedded one may also be older than what its key has signed, or have lost that key: it is not gone on
/// with, and whoever makes another ledger of it needs it all the same.
pub(crate) enum Exportable {
    Whole(Arc<dyn Ledger>),
    Older(Box<OlderCopy>),
}

impl Exportable {
    /// The ledger of a home that does not run.
    pub(crate) fn open(home: &Home) -> Result<Self, Failure> {
        if !is_replicated(home) {
            match open_solo(home) {
                Err(error)
                    if is_gone_on_with_by_export(&error) && home.has_data().map_err(NodeError::from)? =>
                {
                    return Ok(Self::Older(Box::new(older_copy(home)?)));
                }
                opened => return Ok(Self::Whole(opened?.handle().clone())),
            }
        }
        match Stopped::open(home)? {
            Stopped::Solo(solo) => Ok(Self::Whole(solo.handle().clone())),
            Stopped::Comet(app) => Ok(Self::Whole(app.handle().clone())),
            Stopped::Running(failure) => Err(failure),
        }
    }

    /// Its name.
    pub(crate) fn chain_id(&self) -> &ChainId {
        match self {
            Self::Whole(ledger) => ledger.machine().chain_id(),
            Self::Older(copy) => copy.machine.chain_id(),
        }
    }

    /// The whole state, for a ledger of that name. What it cannot be exported without is told apart from other errors.
    pub(crate) fn export(&self, new: Option<&ChainId>) -> Result<Genesis, NotExported> {
        match self {
            Self::Whole(ledger) => ledger
                .machine()
                .export(&ledger.tip().snapshot, new)
                .map_err(|error| NotExported { needs_name: error.needs_chain_id(), why: error.to_string() }),
            Self::Older(copy) => copy
                .machine
                .export(&copy.snapshot, new)
                .map_err(|error| NotExported { needs_name: error.needs_chain_id(), why: error.to_string() }),
        }
    }
}

/// Why there is no export.
pub(crate) struct NotExported {
    /// Whether all that is missing is a name for the new ledger.
    pub(crate) needs_name: bool,
    pub(crate) why: String,
}

/// Whether an embedded ledger does not start, and another one can continue what is there.
fn is_gone_on_with_by_export(error: &NodeError) -> bool {
    match error {
        NodeError::Ledger(SoloError::OtherValidator | SoloError::SignedNote)
        | NodeError::Home(HomeError::Key(ValidatorKeyError::Form(_))) => true,
        // Of a key that others can read, or that cannot be looked at, its owner should hear: it is not lost.
        NodeError::Home(HomeError::Key(ValidatorKeyError::Io { error, .. })) => {
            error.kind() == std::io::ErrorKind::NotFound
        }
        NodeError::Ledger(error) => error.is_older_copy(),
        _ => false,
    }
}

fn is_in_use(error: &NodeError) -> bool {
    match error {
        NodeError::Ledger(error) => error.is_in_use(),
        NodeError::Comet(error) => error.is_in_use(),
        _ => false,
    }
}
