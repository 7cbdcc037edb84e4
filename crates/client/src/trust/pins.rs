//! The file of pins: what each known ledger was seen to be. Public data, but whoever can change it chooses whom you believe, and it
//! tells whom you write to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::ChainId;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Pin;
use super::stored::StoredPin;
use crate::durable;
use crate::verify::VerifyError;

/// Largest pins file that is read, in bytes.
const PINS_BYTES_MAX: u64 = 16 * 1_048_576;

/// Why pins could not be read or kept.
#[derive(Debug, Error)]
pub enum PinsError {
    /// The file cannot be read or written.
    #[error("cannot use {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("{path} is not a file of pins: {why}")]
    Form {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Another ledger of this name is pinned.
    #[error("{path} knows another {chain_id}: its identity is {pinned}, and this one's is {found}")]
    Pinned {
        /// Which file.
        path: PathBuf,
        /// Which name.
        chain_id: ChainId,
        /// The identity that is pinned.
        pinned: Identity,
        /// The other one.
        found: Identity,
    },
    /// What is to be kept contradicts what is kept.
    #[error(transparent)]
    Contradiction(#[from] VerifyError),
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    /// By chain id.
    ledgers: BTreeMap<String, StoredPin>,
    /// Identities that somebody named and no node has shown yet.
    #[serde(default)]
    trusted: BTreeSet<String>,
    /// The identity that was followed, by that of the ledger which it continues.
    #[serde(default)]
    followed: BTreeMap<String, String>,
}

/// The pins of every ledger that was met, by chain id, and the identities that somebody named.
#[derive(Debug)]
pub struct Pins {
    path: PathBuf,
    pins: BTreeMap<String, Pin>,
    trusted: BTreeSet<Identity>,
    followed: BTreeMap<Identity, Identity>,
}

impl Pins {
    /// Reads the file; without one there are no pins yet.
    ///
    /// # Errors
    /// [`PinsError`].
    pub fn load(path: &Path) -> Result<Self, PinsError> {
        match durable::read_bounded(path, PINS_BYTES_MAX) {
            Ok(bytes) => Self::read(path, &bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::none(path)),
            Err(source) => Err(PinsError::File { path: path.to_owned(), source }),
        }
    }

    fn none(path: &Path) -> Self {
        let (pins, trusted, followed) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        Self { path: path.to_owned(), pins, trusted, followed }
    }

    fn read(path: &Path, bytes: &[u8]) -> Result<Self, PinsError> {
        let form = |why: String| PinsError::Form { path: path.to_owned(), why };
        let stored: Stored = serde_json::from_slice(bytes).map_err(|error| form(error.to_string()))?;
        let mut found = Self::none(path);
        for (name, stored) in stored.ledgers {
            let pin = stored.read(&name).map_err(|what| form(format!("{name}: {what}")))?;
            found.pins.insert(name, pin);
        }
        let identity = |text: &str| {
            Identity::parse(text).ok_or_else(|| form("an identity has 64 hex digits".to_owned()))
        };
        for text in stored.trusted {
            found.trusted.insert(identity(&text)?);
        }
        for (old, new) in stored.followed {
            found.followed.insert(identity(&old)?, identity(&new)?);
        }
        Ok(found)
    }

    /// The pin of a ledger.
    pub fn get(&self, chain_id: &ChainId) -> Option<&Pin> {
        self.pins.get(chain_id.as_str())
    }

    /// Every pin, by chain id.
    pub fn iter(&self) -> impl Iterator<Item = &Pin> {
        self.pins.values()
    }

    /// The identities that somebody named and that no node has shown yet.
    pub fn trusted(&self) -> impl Iterator<Item = &Identity> {
        self.trusted.iter()
    }

    /// The pin of the ledger of this identity.
    pub fn of_identity(&self, identity: &Identity) -> Option<&Pin> {
        self.pins.values().find(|pin| pin.ledger.identity == *identity)
    }

    /// The ledger that this home followed from the one of this identity.
    pub fn followed(&self, old: &Identity) -> Option<&Identity> {
        self.followed.get(old)
    }

    /// The ledger that this home followed from the one of this identity, and from there on to the last; `None` where it followed none.
    pub fn newest_after(&self, old: &Identity) -> Option<&Pin> {
        let (mut newest, mut at) = (None, old);
        // Two that follow each other would lead round and round.
        for _ in 0..self.followed.len() {
            let Some(next) = self.followed.get(at) else { break };
            (newest, at) = (self.of_identity(next).or(newest), next);
        }
        newest
    }

    /// Keeps a ledger that continues another one, whose pin stays. From then on no other one that continues it is followed.
    ///
    /// # Errors
    /// As [`Pins::keep`].
    pub fn follow(&mut self, old: &Identity, new: Pin) -> Result<(), PinsError> {
        let followed = new.ledger.identity;
        self.change(|now| {
            now.take_in(new)?;
            now.followed.insert(*old, followed);
            Ok(())
        })
    }

    /// Keeps what is known of a ledger, on disk before this returns: under a lock, together with what another command kept
    /// meanwhile, and never backwards. A node that names one ledger and proves another must not replace a pin.
    ///
    /// # Errors
    /// [`PinsError::Pinned`] where another ledger of this name is pinned, [`PinsError::Contradiction`] where it is another history of
    /// it, [`PinsError::File`].
    pub fn keep(&mut self, pin: Pin) -> Result<(), PinsError> {
        self.change(|now| now.take_in(pin))
    }

    fn take_in(&mut self, pin: Pin) -> Result<(), PinsError> {
        self.trusted.remove(&pin.ledger.identity);
        match self.pins.get_mut(pin.chain_id().as_str()) {
            Some(known) if known.ledger.identity != pin.ledger.identity => {
                return Err(PinsError::Pinned {
                    path: self.path.clone(),
                    chain_id: pin.chain_id().clone(),
                    pinned: known.ledger.identity,
                    found: pin.ledger.identity,
                });
            }
            Some(known) => known.merge(pin)?,
            None => {
                self.pins.insert(pin.chain_id().to_string(), pin);
            }
        }
        Ok(())
    }

    /// Trusts the ledger of this pin, and no other of its name. Of one that is known nothing is forgotten.
    ///
    /// # Errors
    /// [`PinsError::File`].
    pub fn trust(&mut self, pin: Pin) -> Result<(), PinsError> {
        self.change(|now| {
            now.trusted.remove(&pin.ledger.identity);
            match now.pins.get_mut(pin.chain_id().as_str()) {
                Some(known) if known.ledger.identity == pin.ledger.identity => {
                    known.agreed |= pin.agreed;
                    known.add_readers(pin.readers.into_iter());
                }
                _ => {
                    now.pins.insert(pin.chain_id().to_string(), pin);
                }
            }
            Ok(())
        })
    }

    /// Trusts the ledger of an identity, which a node has to show from now on. Of one that is known nothing is forgotten.
    ///
    /// # Errors
    /// [`PinsError::File`].
    pub fn trust_identity(&mut self, identity: Identity) -> Result<(), PinsError> {
        self.change(|now| {
            match now.known(&identity) {
                Some(known) => known.agreed = true,
                None => {
                    now.trusted.insert(identity);
                }
            }
            Ok(())
        })
    }

    /// Believes another history of a known ledger than the one that this home saw: whichever is shown first, signed by its first
    /// validators or those to whom they handed over. Its administrators and those whom this home sealed for stay as they are known. The
    /// height that is forgotten; `None` where this home does not know the ledger, or has seen nothing of it.
    ///
    /// # Errors
    /// [`PinsError::File`].
    pub fn trust_anew(&mut self, identity: Identity) -> Result<Option<u64>, PinsError> {
        let mut forgotten = None;
        self.change(|now| {
            if let Some(known) = now.known(&identity) {
                forgotten = Some(known.height).filter(|height| *height > 0);
                (known.height, known.time, known.agreed) = (0, 0, true);
            }
            Ok(())
        })?;
        Ok(forgotten)
    }

    fn known(&mut self, identity: &Identity) -> Option<&mut Pin> {
        self.pins.values_mut().find(|pin| pin.ledger.identity == *identity)
    }

    /// Forgets a ledger: the next connection is a first one again.
    ///
    /// # Errors
    /// [`PinsError::File`].
    pub fn forget(&mut self, chain_id: &ChainId) -> Result<(), PinsError> {
        self.change(|now| {
            now.pins.remove(chain_id.as_str());
            Ok(())
        })
    }

    /// Changes the pins as they stand in the file by now, which another command may have changed, and writes them.
    fn change(&mut self, change: impl FnOnce(&mut Self) -> Result<(), PinsError>) -> Result<(), PinsError> {
        let path = self.path.clone();
        let mut now = Self::none(&path);
        let result = durable::update(&path, PINS_BYTES_MAX, |found| {
            if let Some(bytes) = found {
                now = Self::read(&path, &bytes).map_err(Changing::Pins)?;
            }
            change(&mut now).map_err(Changing::Pins)?;
            Ok(Some(now.to_bytes()?))
        });
        match result {
            Ok(()) => *self = now,
            Err(Changing::Pins(error)) => return Err(error),
            Err(Changing::File(source)) => return Err(PinsError::File { path, source }),
        }
        Ok(())
    }

    fn to_bytes(&self) -> std::io::Result<Vec<u8>> {
        let ledgers = self.pins.iter().map(|(name, pin)| (name.clone(), StoredPin::of(pin))).collect();
        let trusted = self.trusted.iter().map(Identity::to_string).collect();
        let followed = self.followed.iter().map(|(old, new)| (old.to_string(), new.to_string())).collect();
        let stored = Stored { ledgers, trusted, followed };
        Ok(serde_json::to_vec_pretty(&stored)?)
    }
}

/// Why a change of pins was not made.
enum Changing {
    Pins(PinsError),
    File(std::io::Error),
}

impl From<std::io::Error> for Changing {
    fn from(error: std::io::Error) -> Self {
        Self::File(error)
    }
}

#[cfg(test)]
mod tests;
