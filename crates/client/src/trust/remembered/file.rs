//! The file of what a home remembers of one ledger. It tells whom one writes to: kept like a keyring, and like the pins changed under a
//! lock, together with what another command kept meanwhile.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::{Address, Prefix};
use thiserror::Error;

use super::{Contradiction, Named, Remembered};
use crate::durable;

/// Largest file that is read, in bytes: more than all that is ever kept in one.
const BYTES_MAX: u64 = 16 * 1_048_576;

/// Why what is remembered could not be read or kept.
#[derive(Debug, Error)]
pub enum RememberedError<A: Named = Address> {
    /// The file cannot be read or written.
    #[error("cannot use {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("{path} does not hold what is remembered of a ledger: {why}")]
    Form {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Another command has seen another history of the ledger meanwhile.
    #[error(transparent)]
    Contradiction(#[from] Contradiction<A>),
}

/// The file of one ledger in a home.
#[derive(Debug, Clone)]
pub struct RememberedFile<A: Named = Address> {
    path: PathBuf,
    names: A::Of,
    identity: Identity,
}

impl RememberedFile<Address> {
    /// The file of a ledger in this home.
    pub fn of(home: &Path, prefix: &Prefix, identity: &Identity) -> Self {
        Self::named_by(home, prefix.clone(), identity)
    }
}

impl<A: Named> RememberedFile<A> {
    /// The file of what has this identity in this home, where people are named so.
    pub fn named_by(home: &Path, names: A::Of, identity: &Identity) -> Self {
        let short: String = identity.to_string().chars().take(16).collect();
        let path = home.join(format!("remembered-{short}.json"));
        Self { path, names, identity: *identity }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads it; without a file nothing is remembered yet.
    ///
    /// # Errors
    /// [`RememberedError`].
    pub fn load(&self) -> Result<Remembered<A>, RememberedError<A>> {
        match durable::read_bounded(&self.path, BYTES_MAX) {
            Ok(bytes) => self.read(&bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Remembered::default()),
            Err(source) => Err(RememberedError::File { path: self.path.clone(), source }),
        }
    }

    /// Keeps what a command came to know, on disk before this returns, together with what another command kept meanwhile.
    ///
    /// # Errors
    /// [`RememberedError`]; nothing is changed then.
    pub fn keep(&self, remembered: Remembered<A>) -> Result<(), RememberedError<A>> {
        let result = durable::update(&self.path, BYTES_MAX, |found| {
            let mut now = match found {
                Some(bytes) => self.read(&bytes).map_err(Changing::Remembered)?,
                None => Remembered::default(),
            };
            now.merge(remembered).map_err(|error| Changing::Remembered(error.into()))?;
            Ok(Some(now.to_json(&self.identity)))
        });
        result.map_err(|error| match error {
            Changing::Remembered(error) => error,
            Changing::File(source) => RememberedError::File { path: self.path.clone(), source },
        })
    }

    /// Forgets all of it: for whoever trusts the ledger anew.
    ///
    /// # Errors
    /// [`RememberedError::File`].
    pub fn forget(&self) -> Result<(), RememberedError<A>> {
        let result = durable::update(&self.path, BYTES_MAX, |_| {
            Ok::<_, std::io::Error>(Some(Remembered::<A>::default().to_json(&self.identity)))
        });
        result.map_err(|source| RememberedError::File { path: self.path.clone(), source })
    }

    fn read(&self, bytes: &[u8]) -> Result<Remembered<A>, RememberedError<A>> {
        let form = |why: String| RememberedError::Form { path: self.path.clone(), why };
        Remembered::from_json(bytes, &self.names, &self.identity).map_err(form)
    }
}

/// Why a change was not made.
enum Changing<A: Named> {
    Remembered(RememberedError<A>),
    File(std::io::Error),
}

impl<A: Named> From<std::io::Error> for Changing<A> {
    fn from(error: std::io::Error) -> Self {
        Self::File(error)
    }
}
