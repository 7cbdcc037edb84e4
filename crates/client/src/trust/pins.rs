//! The file of pins: which validators each known ledger had. Public data, but whoever can change it chooses whom you believe.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sealdesk_protocol::ids::ChainId;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Pin;
use crate::durable;

/// Largest pins file that is read, in bytes.
const PINS_BYTES_MAX: u64 = 1_048_576;

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
    /// Other validators are pinned for this ledger.
    #[error(
        "the validators of {chain_id} are pinned in {path}, and these are others: remove the pin first if you expected it"
    )]
    Pinned {
        /// Which file.
        path: PathBuf,
        /// Which ledger.
        chain_id: ChainId,
    },
}

#[derive(Serialize, Deserialize)]
struct Stored {
    validators_hash: String,
    height: u64,
}

/// The pins of every ledger that was met, by chain id.
#[derive(Debug)]
pub struct Pins {
    path: PathBuf,
    pins: BTreeMap<String, Pin>,
}

impl Pins {
    /// Reads the file; without one there are no pins yet.
    ///
    /// # Errors
    /// [`PinsError`].
    pub fn load(path: &Path) -> Result<Self, PinsError> {
        let form = |why: String| PinsError::Form { path: path.to_owned(), why };
        let read = durable::read_bounded(path, PINS_BYTES_MAX);
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self { path: path.to_owned(), pins: BTreeMap::new() });
            }
            Err(source) => return Err(PinsError::File { path: path.to_owned(), source }),
        };
        let stored: BTreeMap<String, Stored> =
            serde_json::from_slice(&bytes).map_err(|error| form(error.to_string()))?;
        let mut pins = BTreeMap::new();
        for (name, stored) in stored {
            let chain_id = ChainId::parse(&name).map_err(|error| form(error.to_string()))?;
            let mut validators_hash = [0; 32];
            hex::decode_to_slice(&stored.validators_hash, &mut validators_hash)
                .map_err(|error| form(error.to_string()))?;
            pins.insert(name, Pin { chain_id, validators_hash, height: stored.height });
        }
        Ok(Self { path: path.to_owned(), pins })
    }

    /// The pin of a ledger.
    pub fn get(&self, chain_id: &ChainId) -> Option<&Pin> {
        self.pins.get(chain_id.as_str())
    }

    /// Every pin, by chain id.
    pub fn iter(&self) -> impl Iterator<Item = &Pin> {
        self.pins.values()
    }

    /// Keeps a pin, on disk before this returns: of a ledger that was not met before, or of the same validators, whose higher
    /// height stays. A node that names one ledger and proves another must not replace a pin that nobody looked up.
    ///
    /// # Errors
    /// [`PinsError::Pinned`] where other validators are pinned, [`PinsError::File`].
    pub fn keep(&mut self, pin: Pin) -> Result<(), PinsError> {
        if let Some(known) = self.pins.get(pin.chain_id.as_str()) {
            if known.validators_hash != pin.validators_hash {
                return Err(PinsError::Pinned { path: self.path.clone(), chain_id: pin.chain_id });
            }
            if known.height >= pin.height {
                return Ok(());
            }
        }
        self.pins.insert(pin.chain_id.to_string(), pin);
        self.save()
    }

    /// Moves a pin on, on disk before this returns: from one that is kept to one that a proof led to from there. A pin that is
    /// not the one it was by now stays.
    ///
    /// # Errors
    /// [`PinsError::Pinned`] where yet others are pinned, [`PinsError::File`].
    pub fn advance(&mut self, from: &Pin, to: Pin) -> Result<(), PinsError> {
        let known = self.pins.get(from.chain_id.as_str());
        if let Some(known) = known
            && known.validators_hash == from.validators_hash
            && known.height <= to.height
            && to.chain_id == from.chain_id
        {
            self.pins.insert(to.chain_id.to_string(), to);
            return self.save();
        }
        self.keep(to)
    }

    /// Forgets a ledger: the next connection is a first one again.
    ///
    /// # Errors
    /// [`PinsError::File`].
    pub fn forget(&mut self, chain_id: &ChainId) -> Result<(), PinsError> {
        self.pins.remove(chain_id.as_str());
        self.save()
    }

    fn save(&self) -> Result<(), PinsError> {
        let stored: BTreeMap<&str, Stored> = self
            .pins
            .iter()
            .map(|(name, pin)| {
                let validators_hash = hex::encode_upper(pin.validators_hash);
                (name.as_str(), Stored { validators_hash, height: pin.height })
            })
            .collect();
        let failed = |source| PinsError::File { path: self.path.clone(), source };
        let bytes = serde_json::to_vec_pretty(&stored).map_err(|error| failed(error.into()))?;
        durable::write_private(&self.path, &bytes).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(name: &str, hash: u8, height: u64) -> Pin {
        Pin { chain_id: ChainId::parse(name).unwrap(), validators_hash: [hash; 32], height }
    }

    #[test]
    fn pins_are_kept_and_never_go_back() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("pins.json");
        let mut pins = Pins::load(&path).unwrap();
        pins.keep(pin("a", 1, 5)).unwrap();
        pins.keep(pin("a", 1, 3)).unwrap();
        pins.keep(pin("b", 2, 1)).unwrap();
        let again = Pins::load(&path).unwrap();
        assert_eq!(again.iter().cloned().collect::<Vec<_>>(), [pin("a", 1, 5), pin("b", 2, 1)]);
    }

    #[test]
    fn other_validators_replace_no_pin_until_it_is_removed() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("pins.json");
        let a = ChainId::parse("a").unwrap();
        let mut pins = Pins::load(&path).unwrap();
        pins.keep(pin("a", 1, 5)).unwrap();
        assert!(matches!(pins.keep(pin("a", 9, 7)), Err(PinsError::Pinned { .. })));
        assert_eq!(pins.get(&a), Some(&pin("a", 1, 5)));
        pins.forget(&a).unwrap();
        assert!(Pins::load(&path).unwrap().get(&a).is_none());
        pins.keep(pin("a", 9, 2)).unwrap();
        assert_eq!(Pins::load(&path).unwrap().get(&a), Some(&pin("a", 9, 2)));
    }

    #[test]
    fn a_pin_moves_on_from_where_it_was_proven_and_from_nowhere_else() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("pins.json");
        let a = ChainId::parse("a").unwrap();
        let mut pins = Pins::load(&path).unwrap();
        pins.keep(pin("a", 1, 5)).unwrap();
        pins.advance(&pin("a", 1, 5), pin("a", 2, 7)).unwrap();
        assert_eq!(Pins::load(&path).unwrap().get(&a), Some(&pin("a", 2, 7)));
        assert!(matches!(pins.advance(&pin("a", 1, 5), pin("a", 3, 9)), Err(PinsError::Pinned { .. })));
        assert!(matches!(pins.advance(&pin("b", 2, 5), pin("a", 3, 9)), Err(PinsError::Pinned { .. })));
        assert_eq!(Pins::load(&path).unwrap().get(&a), Some(&pin("a", 2, 7)));
    }

    #[test]
    fn a_damaged_file_of_pins_is_no_empty_one() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("pins.json");
        for damaged in ["", "{", "[]", r#"{"a":{"validators_hash":"00","height":1}}"#, r#"{"a b":{}}"#] {
            durable::write_private(&path, damaged.as_bytes()).unwrap();
            assert!(matches!(Pins::load(&path), Err(PinsError::Form { .. })), "{damaged}");
        }
    }
}
