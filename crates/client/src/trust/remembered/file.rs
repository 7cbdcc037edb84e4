//! The file of what a home remembers of one ledger. It tells whom one writes to: kept like a keyring, and like the pins changed under a
//! lock, together with what another command kept meanwhile.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::{Address, Prefix, TicketId};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{CastVote, Contradiction, RECORD_BYTES, Remembered, SeenKey, SeenPerson, UsedTicket, VoteState};
use crate::durable;

/// Largest file that is read, in bytes: more than all that is ever kept in one.
const BYTES_MAX: u64 = 16 * 1_048_576;
/// What follows a key that is revoked.
const REVOKED: char = '!';

/// Why what is remembered could not be read or kept.
#[derive(Debug, Error)]
pub enum RememberedError {
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
    Contradiction(#[from] Contradiction),
}

/// The file of one ledger in a home.
#[derive(Debug, Clone)]
pub struct RememberedFile {
    path: PathBuf,
    prefix: Prefix,
    identity: Identity,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    identity: String,
    /// By id: customer, digest, day.
    tickets: BTreeMap<String, (String, String, i64)>,
    people: BTreeMap<String, StoredPerson>,
    votes: Vec<StoredVote>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredPerson {
    keys: Vec<String>,
    height: u64,
    day: i64,
    sealed: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredVote {
    voter: String,
    change: u64,
    address: String,
    removes: bool,
    made: i64,
    over: bool,
}

impl RememberedFile {
    /// The file of a ledger in this home.
    pub fn of(home: &Path, prefix: &Prefix, identity: &Identity) -> Self {
        let short: String = identity.to_string().chars().take(16).collect();
        let path = home.join(format!("remembered-{short}.json"));
        Self { path, prefix: prefix.clone(), identity: *identity }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads it; without a file nothing is remembered yet.
    ///
    /// # Errors
    /// [`RememberedError`].
    pub fn load(&self) -> Result<Remembered, RememberedError> {
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
    pub fn keep(&self, remembered: Remembered) -> Result<(), RememberedError> {
        let result = durable::update(&self.path, BYTES_MAX, |found| {
            let mut now = match found {
                Some(bytes) => self.read(&bytes).map_err(Changing::Remembered)?,
                None => Remembered::default(),
            };
            now.merge(remembered).map_err(|error| Changing::Remembered(error.into()))?;
            Ok(Some(serde_json::to_vec(&self.stored(&now)).map_err(std::io::Error::from)?))
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
    pub fn forget(&self) -> Result<(), RememberedError> {
        let result = durable::update(&self.path, BYTES_MAX, |_| {
            let nothing = self.stored(&Remembered::default());
            Ok::<_, std::io::Error>(Some(serde_json::to_vec(&nothing)?))
        });
        result.map_err(|source| RememberedError::File { path: self.path.clone(), source })
    }

    fn read(&self, bytes: &[u8]) -> Result<Remembered, RememberedError> {
        let form = |why: String| RememberedError::Form { path: self.path.clone(), why };
        let stored: Stored = serde_json::from_slice(bytes).map_err(|error| form(error.to_string()))?;
        if stored.identity != self.identity.to_string() {
            return Err(form(format!("it is of the ledger {}", stored.identity)));
        }
        self.remembered(stored).map_err(form)
    }

    fn remembered(&self, stored: Stored) -> Result<Remembered, String> {
        let address = |text: &str| Address::parse(&self.prefix, text).map_err(|error| error.to_string());
        let mut found = Remembered::default();
        for (id, (customer, digest, day)) in stored.tickets {
            let id = TicketId::parse(&id).map_err(|error| error.to_string())?;
            let used = UsedTicket { customer: address(&customer)?, digest: bytes(&digest)?, day };
            found.tickets.insert(id, used);
        }
        for (person, StoredPerson { keys, height, day, sealed }) in stored.people {
            let key = |text: &String| {
                let revoked = text.ends_with(REVOKED);
                let record = bytes::<RECORD_BYTES>(text.trim_end_matches(REVOKED))?;
                Ok::<_, String>(SeenKey { record, revoked })
            };
            let keys = keys.iter().map(key).collect::<Result<_, _>>()?;
            found.people.insert(address(&person)?, SeenPerson { keys, height, day, sealed });
        }
        for vote in stored.votes {
            let StoredVote { voter, change, address: whom, removes, made, over } = vote;
            let cast = CastVote { voter: address(&voter)?, change, address: address(&whom)?, removes };
            found.votes.insert(cast, VoteState { made, over });
        }
        Ok(found)
    }

    fn stored(&self, remembered: &Remembered) -> Stored {
        let Remembered { tickets, people, votes } = remembered;
        let ticket = |(id, used): (&TicketId, &UsedTicket)| {
            (id.to_string(), (used.customer.to_string(), hex::encode(used.digest), used.day))
        };
        let key = |key: &SeenKey| {
            let mut text = hex::encode(key.record);
            text.extend(key.revoked.then_some(REVOKED));
            text
        };
        let person = |(address, person): (&Address, &SeenPerson)| {
            let SeenPerson { keys, height, day, sealed } = person;
            let keys = keys.iter().map(key).collect();
            (address.to_string(), StoredPerson { keys, height: *height, day: *day, sealed: *sealed })
        };
        let vote = |(cast, state): (&CastVote, &VoteState)| StoredVote {
            voter: cast.voter.to_string(),
            change: cast.change,
            address: cast.address.to_string(),
            removes: cast.removes,
            made: state.made,
            over: state.over,
        };
        Stored {
            identity: self.identity.to_string(),
            tickets: tickets.iter().map(ticket).collect(),
            people: people.iter().map(person).collect(),
            votes: votes.iter().map(vote).collect(),
        }
    }
}

/// Hexadecimal digits as so many bytes.
fn bytes<const N: usize>(text: &str) -> Result<[u8; N], String> {
    let mut found = [0; N];
    hex::decode_to_slice(text, &mut found).map_err(|error| error.to_string())?;
    Ok(found)
}

/// Why a change was not made.
enum Changing {
    Remembered(RememberedError),
    File(std::io::Error),
}

impl From<std::io::Error> for Changing {
    fn from(error: std::io::Error) -> Self {
        Self::File(error)
    }
}
