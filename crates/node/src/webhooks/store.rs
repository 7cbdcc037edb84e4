//! The endpoints of a home: three files each in its folder `webhooks`, named by a random name.
//!
//! `NAME.json` is what the operator says, with the secrets; commands alone write it, and the running node looks at it every two seconds.
//! `NAME.state` is how far the endpoint is, and `NAME.log` what became of each attempt; the running node alone writes these. So nobody
//! writes a file that another one writes.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use super::endpoint::{Begin, Endpoint, EndpointError, Signer};
use super::log::{Attempt, Log};
use super::signing::Secret;
use super::state::State;
use crate::backup::socket;
use crate::durable::{self, Readers};
use crate::feed::Cursor;
use crate::home::Home;

/// Endpoints of one home. Each has a task, a connection, and a page of events in memory.
pub const ENDPOINTS_MAX: usize = 32;
/// Most hours for which a replaced secret still signs.
pub const OVERLAP_HOURS_MAX: u32 = 24 * 30;
/// Secrets that sign at the same time.
const SIGNERS_MAX: usize = 4;
/// Longest file, in bytes.
const FILE_BYTES_MAX: u64 = 65_536;
/// Bytes of a name.
const ID_BYTES: usize = 4;
const SECONDS_AN_HOUR: i64 = 3_600;

/// Why an endpoint cannot be made, found or changed.
#[derive(Debug, Error)]
pub enum WebhookError {
    /// No endpoint of this home has the name.
    #[error("this home has no webhook of that name")]
    Unknown,
    /// What was said of it does not fit.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The home has as many as it may.
    #[error("this home has {ENDPOINTS_MAX} webhooks, and may have no more")]
    TooMany,
    /// As many secrets sign as may.
    #[error("{SIGNERS_MAX} secrets of this webhook sign already")]
    TooManySecrets,
    /// Nothing is being tried that could be skipped.
    #[error("no event of this webhook is being tried")]
    NothingTried,
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
    #[error("{0} is not a webhook of this program")]
    Damaged(PathBuf),
    /// The system has no randomness to give.
    #[error("the system gives no randomness: {0}")]
    Randomness(getrandom::Error),
    /// There can be no TLS, or this process ends.
    #[error("{0}")]
    Unready(String),
}

/// What the operator's file of an endpoint holds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    /// Grows where the endpoint is to begin anew.
    pub(super) revision: u64,
    /// When it was made, in Unix seconds.
    pub(super) made: i64,
    pub(super) endpoint: Endpoint,
    /// The newest first.
    pub(super) secrets: Vec<Signer>,
}

/// An endpoint as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its name: 8 hex digits.
    pub id: String,
    /// When it was made, in Unix seconds.
    pub made: i64,
    /// What the operator said of it.
    pub endpoint: Endpoint,
    /// How many secrets sign by now.
    pub secrets: usize,
    /// How it does; `None` where no node has begun with it.
    pub state: Option<State>,
}

/// Where an endpoint goes on that was disabled, or is failing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoOn {
    /// Where it was: nothing is left out.
    Where,
    /// After the event that is being tried, which never arrives then.
    AfterTried,
    /// With what happens from now on.
    Now,
}

/// The endpoints of a home.
#[derive(Debug, Clone)]
pub struct Webhooks {
    home: Home,
    dir: PathBuf,
}

impl Webhooks {
    /// Those of the home at a path; nothing is touched.
    pub fn of(home: &Path) -> Self {
        Self { home: Home::new(home), dir: home.join("webhooks") }
    }

    /// Where what happens from this moment on begins. The node that runs says where its ledger ends; beside one that does not run nothing
    /// happens before it has settled that itself ([`Webhooks::settle`]).
    fn begin_now(&self) -> Begin {
        let end = socket::ask_height(&self.home);
        end.map_or(Begin::Now, |height| Begin::After(Cursor::after_block(height)))
    }

    /// Settles where the endpoints begin that were added while no node ran, at the height at which the ledger was opened.
    pub(crate) fn settle(&self, opened_at: u64) {
        let ids = self.ids().unwrap_or_else(|error| {
            tracing::warn!("where new webhooks begin cannot be kept yet: {error}");
            Vec::new()
        });
        for id in ids {
            // One that cannot be read holds up no other; its task says why.
            let Ok(kept) = self.kept(&id) else { continue };
            if let Err(error) = self.begun(&id, &kept, opened_at) {
                tracing::warn!("where the webhook {id} begins cannot be kept yet: {error}");
            }
        }
    }

    /// How an endpoint does, which has begun on disk then. `newest` is the ledger's newest height.
    ///
    /// # Errors
    /// [`WebhookError`].
    pub(super) fn begun(&self, id: &str, kept: &Kept, newest: u64) -> Result<State, WebhookError> {
        let earlier = match self.state(id)? {
            Some(state) if state.revision == kept.revision => return Ok(state),
            earlier => earlier,
        };
        let begin = match kept.endpoint.begin {
            Begin::Now => Cursor::after_block(newest),
            Begin::Start => Cursor::start(),
            Begin::After(cursor) => cursor,
        };
        let (delivered, last_delivered) =
            earlier.map_or((0, None), |earlier| (earlier.delivered, earlier.last_delivered));
        let state = State { delivered, last_delivered, ..State::at(kept.revision, begin) };
        self.save(id, &state)?;
        Ok(state)
    }

    /// Adds an endpoint, and gives its name and its secret, a new one unless one is given. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`WebhookError`]; nothing is added then.
    pub fn add(
        &self,
        endpoint: &Endpoint,
        secret: Option<Secret>,
        now: i64,
    ) -> Result<(String, Zeroizing<String>), WebhookError> {
        endpoint.check()?;
        endpoint.check_address()?;
        if self.ids()?.len() >= ENDPOINTS_MAX {
            return Err(WebhookError::TooMany);
        }
        let secret = secret.map_or_else(Secret::generate, Ok).map_err(WebhookError::Randomness)?;
        let mut id = [0; ID_BYTES];
        getrandom::fill(&mut id).map_err(WebhookError::Randomness)?;
        let (id, shown) = (hex::encode(id), secret.reveal());
        let mut endpoint = endpoint.clone();
        if endpoint.begin == Begin::Now {
            endpoint.begin = self.begin_now();
        }
        let kept = Kept { revision: 1, made: now, endpoint, secrets: vec![Signer { secret, until: None }] };
        durable::create_dir(&self.dir).map_err(|error| io(&self.dir, error))?;
        let path = self.kept_file(&id);
        durable::create(&path, &text(&kept, &path)?, Readers::Owner).map_err(|error| io(&path, error))?;
        Ok((id, shown))
    }

    /// Every endpoint, in the order in which they were made; of a file that cannot be used, why. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`WebhookError::Io`] where the folder cannot be read.
    pub fn list(&self, now: i64) -> Result<Vec<Result<Webhook, WebhookError>>, WebhookError> {
        let webhook = |id: String| {
            let kept = self.kept(&id)?;
            let secrets = kept.secrets.iter().filter(|signer| signer.signs(now)).count();
            let state = self.state(&id)?.filter(|state| state.revision == kept.revision);
            Ok(Webhook { id, made: kept.made, endpoint: kept.endpoint, secrets, state })
        };
        let mut all: Vec<_> = self.ids()?.into_iter().map(webhook).collect();
        all.retain(|listed| !matches!(listed, Err(WebhookError::Unknown)));
        all.sort_by_key(|listed| listed.as_ref().map_or(i64::MAX, |webhook| webhook.made));
        Ok(all)
    }

    /// Removes an endpoint: nothing is posted there any more.
    ///
    /// # Errors
    /// [`WebhookError::Unknown`] where there is none of that name.
    pub fn remove(&self, id: &str) -> Result<(), WebhookError> {
        let path = self.kept_file(named(id)?);
        fs::remove_file(&path).map_err(|error| missing(&path, error))?;
        self.forget_state(id)?;
        let log = self.log_of(id);
        log.remove().map_err(|error| io(&self.dir, error))?;
        fs::File::open(&self.dir).and_then(|dir| dir.sync_all()).map_err(|error| io(&self.dir, error))
    }

    /// Gives an endpoint another secret, a new one unless one is given. The one before signs too for so many hours. `now` is in Unix
    /// seconds.
    ///
    /// # Errors
    /// [`WebhookError`]; everything stays as it was then.
    pub fn rotate(
        &self,
        id: &str,
        secret: Option<Secret>,
        hours: u32,
        now: i64,
    ) -> Result<Zeroizing<String>, WebhookError> {
        let mut kept = self.kept(named(id)?)?;
        let secret = secret.map_or_else(Secret::generate, Ok).map_err(WebhookError::Randomness)?;
        let until = now.saturating_add(i64::from(hours.min(OVERLAP_HOURS_MAX)) * SECONDS_AN_HOUR);
        kept.secrets.retain(|signer| signer.signs(now));
        for signer in &mut kept.secrets {
            signer.until = Some(signer.until.map_or(until, |earlier| earlier.min(until)));
        }
        // Without an overlap nothing but the new one signs from this moment on.
        kept.secrets.retain(|signer| hours > 0 && signer.signs(now));
        if kept.secrets.len() >= SIGNERS_MAX {
            return Err(WebhookError::TooManySecrets);
        }
        let shown = secret.reveal();
        kept.secrets.insert(0, Signer { secret, until: None });
        self.replace(id, &kept)?;
        Ok(shown)
    }

    /// Has an endpoint go on that was disabled, or tried again at once that is failing.
    ///
    /// # Errors
    /// [`WebhookError`]; everything stays as it was then.
    pub fn enable(&self, id: &str, go_on: GoOn) -> Result<(), WebhookError> {
        let mut kept = self.kept(named(id)?)?;
        kept.endpoint.begin = match go_on {
            GoOn::Now => self.begin_now(),
            GoOn::Where => match self.current(id, &kept)? {
                Some(state) => Begin::After(state.cursor),
                None => kept.endpoint.begin,
            },
            GoOn::AfterTried => {
                let tried = self.current(id, &kept)?.and_then(|state| state.trying);
                Begin::After(tried.ok_or(WebhookError::NothingTried)?)
            }
        };
        kept.revision = kept.revision.saturating_add(1);
        self.replace(id, &kept)
    }

    /// What became of the newest attempts, oldest first.
    ///
    /// # Errors
    /// [`WebhookError`].
    pub fn log(&self, id: &str, lines: usize) -> Result<Vec<Attempt>, WebhookError> {
        self.kept(named(id)?)?;
        self.log_of(id).newest(lines).map_err(|error| io(&self.dir, error))
    }

    pub(super) fn log_of(&self, id: &str) -> Log {
        Log::at(self.dir.join(format!("{id}.log")))
    }

    fn kept_file(&self, id: &str) -> PathBuf {
        self.dir.join(format!("{id}.json"))
    }

    fn state_file(&self, id: &str) -> PathBuf {
        self.dir.join(format!("{id}.state"))
    }

    /// The names of all that there are, bounded by what may be.
    pub(super) fn ids(&self) -> Result<Vec<String>, WebhookError> {
        let mut ids = durable::names_in(&self.dir, ".json").map_err(|error| io(&self.dir, error))?;
        ids.retain(|id| named(id).is_ok());
        ids.truncate(ENDPOINTS_MAX);
        Ok(ids)
    }

    /// The bytes of the operator's file, by which a change is noticed.
    pub(super) fn bytes(&self, id: &str) -> Result<Zeroizing<Vec<u8>>, WebhookError> {
        let path = self.kept_file(id);
        read(&path)?.ok_or(WebhookError::Unknown)
    }

    pub(super) fn read(&self, id: &str, bytes: &[u8]) -> Result<Kept, WebhookError> {
        let kept: Kept =
            serde_json::from_slice(bytes).map_err(|_| WebhookError::Damaged(self.kept_file(id)))?;
        kept.endpoint.check()?;
        Ok(kept)
    }

    pub(super) fn kept(&self, id: &str) -> Result<Kept, WebhookError> {
        let bytes = self.bytes(id)?;
        self.read(id, &bytes)
    }

    /// The same, by a name that somebody typed.
    pub(super) fn find(&self, id: &str) -> Result<Kept, WebhookError> {
        self.kept(named(id)?)
    }

    /// How an endpoint does, by what is on disk.
    pub(super) fn state(&self, id: &str) -> Result<Option<State>, WebhookError> {
        let path = self.state_file(id);
        let Some(bytes) = read(&path)? else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|_| WebhookError::Damaged(path))
    }

    /// The same, unless the operator has said since that it begins anew.
    fn current(&self, id: &str, kept: &Kept) -> Result<Option<State>, WebhookError> {
        Ok(self.state(id)?.filter(|state| state.revision == kept.revision))
    }

    /// Keeps how an endpoint does. An endpoint that was removed meanwhile leaves nothing behind.
    pub(super) fn save(&self, id: &str, state: &State) -> Result<(), WebhookError> {
        let path = self.state_file(id);
        let text = serde_json::to_vec(state).map_err(|_| WebhookError::Damaged(path.clone()))?;
        durable::replace(&path, &text, Readers::Owner).map_err(|error| io(&path, error))?;
        if self.kept_file(id).exists() { Ok(()) } else { self.forget_state(id) }
    }

    fn forget_state(&self, id: &str) -> Result<(), WebhookError> {
        let path = self.state_file(id);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(io(&path, error)),
            _ => Ok(()),
        }
    }

    fn replace(&self, id: &str, kept: &Kept) -> Result<(), WebhookError> {
        let path = self.kept_file(id);
        durable::replace(&path, &text(kept, &path)?, Readers::Owner).map_err(|error| io(&path, error))
    }
}

/// A name, if it can be one: it becomes the name of files.
fn named(id: &str) -> Result<&str, WebhookError> {
    let plain = id.len() == 2 * ID_BYTES && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if plain { Ok(id) } else { Err(WebhookError::Unknown) }
}

fn text(kept: &Kept, path: &Path) -> Result<Zeroizing<Vec<u8>>, WebhookError> {
    serde_json::to_vec_pretty(kept).map(Zeroizing::new).map_err(|_| WebhookError::Damaged(path.to_owned()))
}

fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, WebhookError> {
    durable::read_at_most(path, FILE_BYTES_MAX).map_err(|error| io(path, error))
}

fn io(path: &Path, error: std::io::Error) -> WebhookError {
    WebhookError::Io { path: path.to_owned(), error }
}

fn missing(path: &Path, error: std::io::Error) -> WebhookError {
    match error.kind() {
        ErrorKind::NotFound => WebhookError::Unknown,
        _ => io(path, error),
    }
}
