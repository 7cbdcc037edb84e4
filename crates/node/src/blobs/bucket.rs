//! A bucket of S3, or of another store that speaks its protocol: `PREFIX/ab/abcd…`, as in the folder.
//!
//! What is in it is known from its list, which is read once the node runs and once a day after that, and from what this node does to it:
//! nobody else writes under the prefix. A piece is believed by its hash, and is there once the store says so. Each request ends within
//! [`BOUNDS`] and is made [`TRIES_MAX`] times at most. All of this blocks, so it is called where that may be.

mod place;
mod wire;

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path as Name;
use object_store::{BackoffConfig, ObjectMeta, ObjectStore as _, ObjectStoreExt as _, RetryConfig};
use sealdesk_protocol::attachment::{BLOB_BYTES_MAX, BlobHash};
use tokio::runtime::Handle;

use place::Place;
pub(crate) use place::PlaceError;
use wire::{Wire, crypto};

use super::folder::{hash_of, is_of};
use crate::home::BlobsConfig;
use crate::http::client::Bounds;
use crate::http::tls_client::connector;

/// What bounds one answer: a piece, or a page of 1,000 names.
const BOUNDS: Bounds = Bounds { body_bytes: 2 << 20, wait: Duration::from_secs(10) };
/// How often one thing is asked for.
const TRIES_MAX: usize = 3;
/// How long after the first one it is asked for again.
const TRIES_FOR: Duration = Duration::from_secs(20);
/// The pause before the second one, and the longest before another.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));
/// How long a start waits for a bucket that does not answer.
const START_WAIT: Duration = Duration::from_secs(5);
/// How long a list is believed.
const LIST_EVERY: Duration = Duration::from_secs(86_400);
/// How long after a list that could not be read it is asked for again.
const LIST_AGAIN: Duration = Duration::from_secs(30);

/// Statuses of answers that stay as they are until somebody changes something.
const REFUSALS: [u16; 5] = [301, 400, 401, 403, 404];

/// The pieces of a bucket, and the bytes of each.
type Lengths = BTreeMap<BlobHash, u64>;

/// Why a bucket cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BucketError {
    /// What names it.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// TLS cannot be spoken.
    #[error("s3 in [blobs] of config.toml: {0}")]
    Tls(String),
    /// The library refuses what names it.
    #[error("s3 in [blobs] of config.toml: {0}")]
    Form(object_store::Error),
    /// It answers, and refuses.
    #[error(
        "the bucket {url} refuses this node: {why}; its credentials must list {url}, and read, write and delete what is in it"
    )]
    Refused {
        /// What the configuration says.
        url: String,
        /// What the store says.
        why: object_store::Error,
    },
}

/// See the module.
pub(super) struct Bucket {
    store: AmazonS3,
    prefix: Name,
    runtime: Handle,
    /// The status of its newest answer; 0 before the first.
    status: Arc<AtomicU16>,
    known: Mutex<Known>,
}

/// What is known of what is there.
#[derive(Default)]
struct Known {
    /// `None` before the first list.
    lengths: Option<Lengths>,
    /// What was written, and removed, since the list began that is being read.
    since: Option<BTreeMap<BlobHash, Option<u64>>>,
    /// When the list is read next.
    next: Option<Instant>,
}

impl Known {
    fn wrote(&mut self, hash: BlobHash, bytes: u64) -> Option<u64> {
        self.note(hash, Some(bytes));
        self.lengths.as_mut()?.insert(hash, bytes)
    }

    fn removed(&mut self, hash: &BlobHash) -> Option<u64> {
        self.note(*hash, None);
        self.lengths.as_mut()?.remove(hash)
    }

    fn note(&mut self, hash: BlobHash, bytes: Option<u64>) {
        if let Some(since) = &mut self.since {
            since.insert(hash, bytes);
        }
    }

    /// Takes in a whole list.
    fn listed(&mut self, mut lengths: Lengths) {
        for (hash, bytes) in self.since.take().unwrap_or_default() {
            match bytes {
                Some(bytes) => lengths.insert(hash, bytes),
                None => lengths.remove(&hash),
            };
        }
        self.lengths = Some(lengths);
    }
}

/// What a variable of the environment says, if it says anything.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Bucket {
    /// The bucket that a configuration names; `None` where it names none.
    ///
    /// # Errors
    /// [`BucketError`], but for [`BucketError::Refused`]: nothing is asked of it yet.
    pub(super) fn of(
        config: &BlobsConfig,
        runtime: impl FnOnce() -> Handle,
    ) -> std::result::Result<Option<Self>, BucketError> {
        let Some(place) = Place::of(config, variable)? else { return Ok(None) };
        let secure = place.endpoint.as_ref().is_none_or(|endpoint| endpoint.starts_with("https:"));
        let tls = secure.then(|| connector(config.ca.as_deref())).transpose().map_err(BucketError::Tls)?;
        let backoff = BackoffConfig { init_backoff: PAUSES.0, max_backoff: PAUSES.1, base: 2.0 };
        let status = Arc::new(AtomicU16::new(0));
        let retry = RetryConfig { backoff, max_retries: TRIES_MAX - 1, retry_timeout: TRIES_FOR };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(place.bucket)
            .with_region(place.region)
            .with_access_key_id(place.credentials.id.as_str())
            .with_secret_access_key(place.credentials.secret.as_str())
            .with_allow_http(!secure)
            .with_disable_bulk_delete(true)
            .with_crypto_provider(crypto())
            .with_http_connector(Wire { tls, bounds: BOUNDS, status: status.clone() })
            .with_retry(retry);
        if let Some(token) = &place.credentials.token {
            builder = builder.with_token(token.as_str());
        }
        if let Some(endpoint) = place.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        let store = builder.build().map_err(BucketError::Form)?;
        let (prefix, known) = (Name::from(place.prefix), Mutex::default());
        Ok(Some(Self { store, prefix, runtime: runtime(), status, known }))
    }

    /// Looks whether it lets this node in. One that does not answer now may answer later.
    ///
    /// # Errors
    /// [`BucketError::Refused`].
    pub(super) fn check(&self, config: &BlobsConfig) -> std::result::Result<(), BucketError> {
        let url = config.s3.clone().unwrap_or_default();
        let asking = async {
            let mut names = self.store.list(Some(&self.prefix));
            tokio::time::timeout(START_WAIT, names.next()).await
        };
        match self.runtime.block_on(asking) {
            Ok(None | Some(Ok(_))) => Ok(()),
            Ok(Some(Err(why))) if REFUSALS.contains(&self.status.load(Ordering::Relaxed)) => {
                Err(BucketError::Refused { url, why })
            }
            Ok(Some(Err(why))) => {
                tracing::error!("the bucket {url} does not answer; retrying: {why}");
                Ok(())
            }
            Err(_) => {
                tracing::error!("the bucket {url} does not answer; retrying");
                Ok(())
            }
        }
    }

    /// No code panics while it holds this lock.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn name(&self, hash: &BlobHash) -> Name {
        let name = hex::encode(hash);
        let parts = [name.get(..2).unwrap_or_default(), &name];
        parts.into_iter().fold(self.prefix.clone(), |path, part| path.join(part))
    }

    /// Whether it is known by now what is there.
    pub(super) fn is_listed(&self) -> bool {
        self.known().lengths.is_some()
    }

    /// Whether a piece is there, as far as that is known.
    pub(super) fn has(&self, hash: &BlobHash) -> bool {
        self.length(hash).is_some()
    }

    /// A piece's length, as far as it is known.
    pub(super) fn length(&self, hash: &BlobHash) -> Option<u64> {
        self.known().lengths.as_ref()?.get(hash).copied()
    }

    /// A piece's bytes; `None` where it is not there. What is known not to be there is not asked for.
    ///
    /// # Errors
    /// [`ErrorKind::HostUnreachable`] where the store does not answer, or refuses; [`ErrorKind::InvalidData`] where it has something else.
    pub(super) fn read(&self, hash: &BlobHash) -> Result<Option<Vec<u8>>> {
        if self.is_listed() && !self.has(hash) {
            return Ok(None);
        }
        let name = self.name(hash);
        let asking = async {
            let found = self.store.get(&name).await?;
            if found.meta.size > u64::try_from(BLOB_BYTES_MAX).unwrap_or(u64::MAX) {
                return Ok(None);
            }
            found.bytes().await.map(Some)
        };
        match self.runtime.block_on(asking) {
            Ok(Some(bytes)) if is_of(hash, &bytes) => Ok(Some(bytes.into())),
            Ok(_) => Err(Error::new(ErrorKind::InvalidData, format!("{name} is not what its name says"))),
            // Somebody may be writing it meanwhile: what is there is known by the list, and by what is written and removed.
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(away(&error)),
        }
    }

    /// Keeps a piece; how many bytes were there before under its name.
    ///
    /// # Errors
    /// As [`Bucket::read`]. It may be there all the same.
    pub(super) fn keep(&self, hash: &BlobHash, bytes: &[u8]) -> Result<u64> {
        let (name, body) = (self.name(hash), bytes.to_vec());
        self.runtime.block_on(self.store.put(&name, body.into())).map_err(|error| away(&error))?;
        let bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(self.known().wrote(*hash, bytes).unwrap_or_default())
    }

    /// Removes a piece, also one of which nothing is known; whether one was known.
    ///
    /// # Errors
    /// As [`Bucket::read`].
    pub(super) fn remove(&self, hash: &BlobHash) -> Result<bool> {
        let removed = self.runtime.block_on(self.store.delete(&self.name(hash)));
        match removed {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(self.known().removed(hash).is_some()),
            Err(error) => Err(away(&error)),
        }
    }

    /// Reads the list where it is due; what is there by it, and the bytes together. `None` where it is not due, or broken off by `is_over`.
    ///
    /// # Errors
    /// As [`Bucket::read`].
    pub(super) fn list(&self, is_over: impl Fn() -> bool) -> Result<Option<(Vec<BlobHash>, u64)>> {
        {
            let mut known = self.known();
            if known.next.is_some_and(|next| Instant::now() < next) {
                return Ok(None);
            }
            (known.since, known.next) = (Some(BTreeMap::new()), Some(Instant::now() + LIST_AGAIN));
        }
        let Some(lengths) = self.runtime.block_on(self.lengths(is_over))? else { return Ok(None) };
        let mut known = self.known();
        known.listed(lengths);
        known.next = Some(Instant::now() + LIST_EVERY);
        let lengths = known.lengths.iter().flatten();
        let bytes = lengths.clone().fold(0_u64, |all, (_, bytes)| all.saturating_add(*bytes));
        Ok(Some((lengths.map(|(hash, _)| *hash).collect(), bytes)))
    }

    async fn lengths(&self, is_over: impl Fn() -> bool) -> Result<Option<Lengths>> {
        let mut lengths = Lengths::new();
        let mut names = self.store.list(Some(&self.prefix));
        while let Some(found) = names.next().await {
            if is_over() {
                return Ok(None);
            }
            let ObjectMeta { location, size, .. } = found.map_err(|error| away(&error))?;
            let name = location.filename().and_then(hash_of);
            lengths.extend(name.filter(|hash| self.name(hash) == location).map(|hash| (hash, size)));
        }
        Ok(Some(lengths))
    }
}

/// That the store does not answer, or refuses.
fn away(error: &object_store::Error) -> Error {
    Error::new(ErrorKind::HostUnreachable, format!("the bucket of pieces: {error}"))
}

/// Whether an error is the bucket's, which may be well later.
pub(super) fn is_away(error: &Error) -> bool {
    error.kind() == ErrorKind::HostUnreachable
}

/// Names of what a bucket holds, for whoever looks while no node runs.
///
/// # Errors
/// In words.
pub(super) fn find(config: &BlobsConfig) -> std::result::Result<Option<Lengths>, String> {
    let work = || -> std::result::Result<Option<Lengths>, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let bucket = Bucket::of(config, || runtime.handle().clone()).map_err(|error| error.to_string())?;
        let Some(bucket) = bucket else { return Ok(None) };
        runtime.block_on(bucket.lengths(|| false)).map_err(|error| error.to_string())
    };
    // A runtime of its own, on a thread that has none.
    std::thread::scope(|scope| scope.spawn(work).join())
        .unwrap_or_else(|_| Err("the bucket cannot be read".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_while_a_list_is_read_is_not_lost() {
        let mut known = Known { since: Some(BTreeMap::new()), ..Known::default() };
        assert_eq!(known.wrote([1; 32], 7), None);
        assert_eq!(known.removed(&[2; 32]), None);
        known.listed(Lengths::from([([2; 32], 5), ([3; 32], 6)]));
        assert_eq!(known.lengths, Some(Lengths::from([([1; 32], 7), ([3; 32], 6)])));
        assert_eq!(known.wrote([3; 32], 6), Some(6));
        assert_eq!(known.removed(&[3; 32]), Some(6));
        known.since = Some(BTreeMap::new());
        known.listed(Lengths::new());
        assert_eq!(known.lengths, Some(Lengths::new()), "what is there no more is known no more");
    }
}
