//! Invitations: codes that the operator makes, each of which lets in so many accounts that the ledger has never seen.
//!
//! Of an invitation there are two files in the folder `invitations` of the home, named by the beginning of the code's hash: one that the
//! operator's command makes and removes, and one with the accounts that it let in, which the running node alone writes. So the two
//! never write one file. The code itself is nowhere: it is random, so that its hash says nothing of it.
//!
//! **What a crash does.** An account is counted, and that is on disk, before its transaction is handed on. So no crash gives a use back
//! to somebody else; and since uses are accounts, the same account comes again with the same code and is not counted twice: what a
//! crash took from between the two is not lost for the customer.

use std::fs;
use std::io::ErrorKind;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sealdesk_protocol::ids::Address;
use sealdesk_protocol::invitation::{CODE_BYTES, InvitationCode};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::durable::{self, Readers};

/// Accounts that an invitation may let in.
pub const USES: RangeInclusive<u32> = 1..=1_000;
/// Days for which an invitation may be good.
pub const DAYS: RangeInclusive<u32> = 1..=365;
/// Invitations of one home.
pub const INVITATIONS_MAX: u32 = 1_000;
/// Longest label, in bytes.
pub const LABEL_BYTES_MAX: u32 = 128;
/// Longest file, in bytes: [`USES`] addresses.
const FILE_BYTES_MAX: u64 = 262_144;
/// Bytes of the hash that name an invitation.
const ID_BYTES: usize = 6;
const SECONDS_A_DAY: i64 = 86_400;

/// Why an invitation cannot be made, found or used.
#[derive(Debug, Error)]
pub enum InvitationError {
    /// No invitation of this home has the code, or that of this name was revoked.
    #[error("this invitation does not exist")]
    Unknown,
    /// Its time has passed.
    #[error("this invitation has expired")]
    Expired,
    /// It has let in as many accounts as it may.
    #[error("this invitation has been used for as many accounts as it allows")]
    UsedUp,
    /// What was asked for is out of bounds.
    #[error("{what} is {found}, allowed are {least} to {most}")]
    OutOfRange {
        /// What.
        what: &'static str,
        /// What was asked for.
        found: u64,
        /// The least.
        least: u64,
        /// The most.
        most: u64,
    },
    /// A file cannot be read or written.
    #[error("cannot use {path}: {error}")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: std::io::Error,
    },
    /// A file holds something else.
    #[error("{0} is not an invitation of this program")]
    Damaged(PathBuf),
    /// The system has no randomness to give.
    #[error("the system gives no randomness: {0}")]
    Randomness(getrandom::Error),
}

/// What the operator says of a new invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInvitation {
    /// For whom it is, for the operator's own list; at most [`LABEL_BYTES_MAX`] bytes.
    pub label: String,
    /// How many accounts it lets in.
    pub uses: u32,
    /// For how many days from now on.
    pub days: u32,
}

/// An invitation as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    hash: String,
    label: String,
    made: i64,
    expires: i64,
    uses: u32,
}

/// An invitation as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its name, which is not a secret: 12 hex digits.
    pub id: String,
    /// For whom it is.
    pub label: String,
    /// When it was made, in Unix seconds.
    pub made: i64,
    /// The last second at which it lets somebody in.
    pub expires: i64,
    /// How many accounts it lets in.
    pub uses: u32,
    /// The accounts that it has let in.
    pub accounts: Vec<String>,
}

/// The invitations of a home.
#[derive(Debug)]
pub struct Invitations {
    dir: PathBuf,
    /// Held while an account is counted: a node is one process, and nobody else counts.
    counting: Mutex<()>,
}

impl Invitations {
    /// Those of the home at a path; nothing is touched.
    pub fn of(home: &Path) -> Self {
        Self { dir: home.join("invitations"), counting: Mutex::default() }
    }

    /// Makes an invitation, and gives its code, which is kept nowhere.
    ///
    /// # Errors
    /// [`InvitationError::OutOfRange`], also where the home has [`INVITATIONS_MAX`] of them; [`InvitationError::Io`].
    pub fn make(
        &self,
        new: &NewInvitation,
        now: i64,
    ) -> Result<(Invitation, InvitationCode), InvitationError> {
        let within = |what, found: usize, range: RangeInclusive<u32>| {
            let found = u64::try_from(found).unwrap_or(u64::MAX);
            let (least, most) = (u64::from(*range.start()), u64::from(*range.end()));
            if (least..=most).contains(&found) {
                return Ok(());
            }
            Err(InvitationError::OutOfRange { what, found, least, most })
        };
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        within("the number of accounts", count(new.uses), USES)?;
        within("the number of days", count(new.days), DAYS)?;
        within("the length of the label, in bytes,", new.label.len(), 0..=LABEL_BYTES_MAX)?;
        within("the number of invitations", self.ids()?.len() + 1, 1..=INVITATIONS_MAX)?;
        let mut random = Zeroizing::new([0; CODE_BYTES]);
        getrandom::fill(random.as_mut_slice()).map_err(InvitationError::Randomness)?;
        let code = InvitationCode::of(random);
        let (hash, label) = (hex::encode(code.hash()), new.label.clone());
        let expires = now.saturating_add(i64::from(new.days) * SECONDS_A_DAY);
        let kept = Kept { hash, label, made: now, expires, uses: new.uses };
        let (id, path) = (id_of(&code), self.kept_file(&id_of(&code)));
        let text = serde_json::to_vec_pretty(&kept).map_err(|_| InvitationError::Damaged(path.clone()))?;
        durable::create_dir(&self.dir).map_err(|error| io(&self.dir, error))?;
        durable::create(&path, &text, Readers::Owner).map_err(|error| io(&path, error))?;
        Ok((kept.listed(id, Vec::new()), code))
    }

    /// Every invitation, in the order in which they were made; of a file that cannot be used, why.
    ///
    /// # Errors
    /// [`InvitationError::Io`] where the folder cannot be read.
    pub fn list(&self) -> Result<Vec<Result<Invitation, InvitationError>>, InvitationError> {
        let invitation = |id: String| match self.kept(&id) {
            Ok(Some(kept)) => Ok(kept.listed(id.clone(), self.accounts(&id)?)),
            Ok(None) => Err(InvitationError::Unknown),
            Err(error) => Err(error),
        };
        let mut all: Vec<_> = self.ids()?.into_iter().map(invitation).collect();
        all.retain(|listed| !matches!(listed, Err(InvitationError::Unknown)));
        all.sort_by_key(|listed| listed.as_ref().map_or(i64::MAX, |invitation| invitation.made));
        Ok(all)
    }

    /// Takes an invitation back: it lets nobody in any more. Accounts that are on the ledger stay there.
    ///
    /// # Errors
    /// [`InvitationError::Unknown`] where there is none of that name.
    pub fn revoke(&self, id: &str) -> Result<(), InvitationError> {
        if id.len() != 2 * ID_BYTES || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvitationError::Unknown);
        }
        let id = id.to_ascii_lowercase();
        for (path, must_be) in [(self.kept_file(&id), true), (self.accounts_file(&id), false)] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound && must_be => {
                    return Err(InvitationError::Unknown);
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                removed => removed.map_err(|error| io(&path, error))?,
            }
        }
        fs::File::open(&self.dir).and_then(|dir| dir.sync_all()).map_err(|error| io(&self.dir, error))
    }

    /// Lets an account in by a code. It is counted on disk when this returns; one that was let in before is not counted again.
    ///
    /// # Errors
    /// [`InvitationError`]; then nothing is counted.
    pub fn accept(&self, code: &InvitationCode, account: &Address, now: i64) -> Result<(), InvitationError> {
        let id = id_of(code);
        let _counting = self.counting.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = self.kept(&id)?.filter(|kept| kept.hash == hex::encode(code.hash()));
        let kept = kept.ok_or(InvitationError::Unknown)?;
        if now > kept.expires {
            return Err(InvitationError::Expired);
        }
        let mut accounts = self.accounts(&id)?;
        if accounts.iter().any(|known| known == account.as_str()) {
            return Ok(());
        }
        if accounts.len() >= usize::try_from(kept.uses).unwrap_or(usize::MAX) {
            return Err(InvitationError::UsedUp);
        }
        accounts.push(account.as_str().to_owned());
        let path = self.accounts_file(&id);
        let text = serde_json::to_vec(&accounts).map_err(|_| InvitationError::Damaged(path.clone()))?;
        durable::replace(&path, &text, Readers::Owner).map_err(|error| io(&path, error))
    }

    fn kept_file(&self, id: &str) -> PathBuf {
        self.dir.join(format!("{id}.json"))
    }

    fn accounts_file(&self, id: &str) -> PathBuf {
        self.dir.join(format!("{id}.accounts"))
    }

    fn ids(&self) -> Result<Vec<String>, InvitationError> {
        durable::names_in(&self.dir, ".json").map_err(|error| io(&self.dir, error))
    }

    fn kept(&self, id: &str) -> Result<Option<Kept>, InvitationError> {
        let path = self.kept_file(id);
        let Some(bytes) = read(&path)? else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|_| InvitationError::Damaged(path))
    }

    /// Whom an invitation has let in. What cannot be read is an error: taken for nobody, it would give uses back.
    fn accounts(&self, id: &str) -> Result<Vec<String>, InvitationError> {
        let path = self.accounts_file(id);
        let Some(bytes) = read(&path)? else { return Ok(Vec::new()) };
        serde_json::from_slice(&bytes).map_err(|_| InvitationError::Damaged(path))
    }
}

impl Kept {
    fn listed(self, id: String, accounts: Vec<String>) -> Invitation {
        let Self { hash: _, label, made, expires, uses } = self;
        Invitation { id, label, made, expires, uses, accounts }
    }
}

/// The name of a code's invitation.
fn id_of(code: &InvitationCode) -> String {
    hex::encode(&code.hash()[..ID_BYTES])
}

fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, InvitationError> {
    durable::read_at_most(path, FILE_BYTES_MAX).map_err(|error| io(path, error))
}

fn io(path: &Path, error: std::io::Error) -> InvitationError {
    InvitationError::Io { path: path.to_owned(), error }
}

#[cfg(test)]
mod tests;
