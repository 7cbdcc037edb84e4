//! Sealed pieces of attached files (docs/spec/workday.md), under their SHA-256: `PUT`, `HEAD` and `GET /blobs/{sha256}`; `GET /blobs` says
//! how many there are, and are missing.
//!
//! The ledger never sees a piece; it says which ones its messages name, and those this node keeps for good. A piece comes before
//! the message that names it: until then it is pending, for a day, for the account that signed for it, within the bounds of
//! [`pending`]. [`pieces`] are in a [`folder`] of the home, or in a [`bucket`] once they are named; [`requests`] judges and answers,
//! [`sweep`] keeps what is named, lets go of what is not, and counts what is missing, for which it asks [`peers`].

mod backed_up;
mod bucket;
mod came;
mod folder;
mod peers;
mod pending;
mod pieces;
mod requests;
mod sweep;

pub(crate) use backed_up::HomePieces;
pub use backed_up::keep_piece;
pub(crate) use requests::source_of;

use std::array;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use sealdesk_machine::QueryError;
use sealdesk_machine::admission::Standing;
use sealdesk_protocol::attachment::{BLOB_BYTES_MAX, BlobHash};
use sealdesk_protocol::ids::Address;
use tokio::runtime::Handle;
use tonic::Status;

use crate::api::Api;
use crate::home::{BlobsConfig, Home, HomeError};
use crate::http::source::Source;
use crate::ledger::Ledger;
use bucket::{Bucket, BucketError, PlaceError};
use came::Came;
use folder::Folder;
use peers::{Peers, PeersError};
use pending::Pending;
use pieces::Pieces;

/// The folder in the directory of the ledger's data.
pub(crate) const BLOBS_DIR: &str = "blobs";

/// Why pieces cannot be kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// What the system says of the folder.
    #[error(transparent)]
    Folder(#[from] std::io::Error),
    /// The peers of the configuration.
    #[error(transparent)]
    Peers(#[from] PeersError),
    /// The bucket of the configuration.
    #[error(transparent)]
    Bucket(#[from] BucketError),
}

impl OpenError {
    /// Whether nothing says by which credentials a bucket is used, which the environment of a start may do.
    pub(crate) fn is_without_credentials(&self) -> bool {
        matches!(self, Self::Bucket(BucketError::Place(PlaceError::NoCredentials)))
    }
}

/// Whether pieces can be kept, and asked for, as a configuration says. Nobody is asked; a runtime has to be there.
///
/// # Errors
/// [`OpenError`].
pub(crate) fn check(config: &BlobsConfig) -> Result<(), OpenError> {
    Peers::new(config)?;
    Bucket::of(config, Handle::current)?;
    Ok(())
}

/// Why pieces cannot be looked for.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The state cannot be read.
    #[error(transparent)]
    State(#[from] QueryError),
    /// The configuration cannot be read.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The bucket cannot be asked.
    #[error("{0}")]
    Bucket(String),
}

/// Pieces that are worked on alone, by the first byte of their names.
const LOCKS: usize = 16;

/// The pieces that a node keeps. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Blobs(Arc<Shared>);

struct Shared {
    api: Api,
    pieces: Pieces,
    pending: Mutex<Pending>,
    /// Held by whoever changes a piece, so that what is there and what is counted are the same.
    alone: [Mutex<()>; LOCKS],
    came: Mutex<Came>,
    walk: Mutex<sweep::Walk>,
    /// What the last look at all pieces found.
    found: Mutex<Option<BlobsFound>>,
    peers: Arc<Peers>,
}

impl Blobs {
    /// The pieces in a directory of data, or in a bucket; what was pending when the node stopped is pending again. `most` is how many MiB
    /// all of them may have: by default half of the disk. May block.
    ///
    /// # Errors
    /// [`OpenError`].
    pub(crate) fn open(
        data_dir: &Path,
        api: Api,
        most: Option<u32>,
        config: &BlobsConfig,
    ) -> Result<Self, OpenError> {
        let folder = Folder::new(data_dir.join(BLOBS_DIR));
        let peers = Arc::new(Peers::new(config)?);
        let bucket = Bucket::of(config, Handle::current)?;
        bucket.as_ref().map_or(Ok(()), |bucket| bucket.check(config))?;
        let most = most.map_or_else(|| half_of_disk(data_dir), |mib| u64::from(mib) << 20);
        let (machine, tip) = (api.ledger().machine(), api.ledger().tip());
        let standing = |account: &str| {
            let account = Address::parse(machine.prefix(), account).ok();
            let standing = account.and_then(|account| machine.standing(&tip.snapshot, &account).ok());
            standing.unwrap_or(Standing::Newcomer)
        };
        let (kept, bytes) = folder.all_kept()?;
        let mut came = Came::read(data_dir)?;
        came.add(&kept);
        let pending = Pending::found(folder.pending()?, standing, bytes, most);
        let shared = Shared {
            api,
            pieces: Pieces::new(folder, bucket),
            pending: Mutex::new(pending),
            alone: array::from_fn(|_| Mutex::default()),
            came: Mutex::new(came),
            walk: Mutex::default(),
            found: Mutex::default(),
            peers,
        };
        Ok(Self(Arc::new(shared)))
    }

    /// The routes, with a bound on bodies of their own.
    pub(crate) fn router(&self) -> Router {
        let methods = get(requests::get).put(requests::put);
        Router::new()
            .route("/blobs/{hash}", methods)
            .route("/blobs", get(requests::found))
            .layer(DefaultBodyLimit::max(BLOB_BYTES_MAX))
            .with_state(self.clone())
    }

    /// Removes pieces, kept or waiting, and says how many files those were.
    ///
    /// # Errors
    /// What the system says; asked again, it goes on.
    pub(crate) fn destroy(&self, hashes: &[BlobHash]) -> std::io::Result<usize> {
        let mut removed = 0;
        for hash in hashes {
            let _alone = self.alone(hash);
            let bytes = self.0.pieces.length(hash, None).unwrap_or_default();
            if self.0.pieces.remove(hash)? {
                self.pending().removed(bytes);
                removed += 1;
            }
            let waiting = self.pending().account_of(hash);
            if let Some(account) = waiting {
                self.0.pieces.folder().forget(&account, hash)?;
                self.pending().ends(hash);
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// No code panics while it holds this lock.
    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.0.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the last look at all pieces found; `None` before the first one has ended.
    fn found(&self) -> MutexGuard<'_, Option<BlobsFound>> {
        self.0.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Held while a piece is changed.
    fn alone(&self, hash: &BlobHash) -> MutexGuard<'_, ()> {
        let [first, ..] = *hash;
        let [some, ..] = &self.0.alone;
        let lock = self.0.alone.get(usize::from(first) % LOCKS).unwrap_or(some);
        lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does work on pieces, which wait for the disk or for a bucket.
    async fn work<T: Send + 'static>(
        &self,
        source: Source,
        work: impl FnOnce(&Api) -> Result<T, Status> + Send + 'static,
    ) -> Result<T, Status> {
        self.0.api.store_work(source, work).await
    }

    /// What ever came. It is not held while anything else is taken.
    fn came(&self) -> MutexGuard<'_, Came> {
        self.0.came.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says in the metrics what is pending.
    fn show_pending(&self, pending: &Pending) {
        self.0.api.ledger().metrics().blobs.pending(pending.pieces(), pending.bytes());
    }
}

/// What the files may have by default: the ledger has the other half.
fn half_of_disk(data_dir: &Path) -> u64 {
    let disk = rustix::fs::statvfs(data_dir);
    disk.map_or(u64::MAX, |disk| disk.f_blocks.saturating_mul(disk.f_frsize) / 2)
}

/// How many pieces a ledger names, and how many of them a folder does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlobsFound {
    /// Named by messages.
    pub named: u64,
    /// Named, and not there any more: they came once.
    pub missing: u64,
    /// Named, and never brought here.
    pub never_came: u64,
}

impl BlobsFound {
    /// Counts one that a message names.
    fn count(&mut self, is_here: bool, has_come: impl FnOnce() -> bool) {
        self.named = self.named.saturating_add(1);
        if is_here {
            return;
        }
        let kind = if has_come() { &mut self.missing } else { &mut self.never_came };
        *kind = kind.saturating_add(1);
    }
}

/// Pieces that are looked at between two looks at anything else.
const PAGE: usize = 1_000;

/// Looks for every piece that the ledger of a home names, while no node runs there. Nothing is read of the pieces.
///
/// # Errors
/// [`FindError`].
pub fn find_blobs(home: &Home, ledger: &dyn Ledger) -> Result<BlobsFound, FindError> {
    let bucket = bucket::find(&home.config()?.blobs).map_err(FindError::Bucket)?.unwrap_or_default();
    let folder = Folder::new(home.data_dir().join(BLOBS_DIR));
    // What was named when the node stopped may still be among what waited.
    let waiting: BTreeSet<BlobHash> =
        folder.pending().unwrap_or_default().into_iter().map(|one| one.hash).collect();
    // What cannot be read does not hide what is missing.
    let came = Came::read(&home.data_dir()).ok();
    let (tip, mut found, mut after) = (ledger.tip(), BlobsFound::default(), None);
    loop {
        let page = ledger.machine().blobs(&tip.snapshot, after, PAGE)?;
        let Some(last) = page.last().copied() else { return Ok(found) };
        for hash in &page {
            let is_here = folder.has(hash) || waiting.contains(hash) || bucket.contains_key(hash);
            found.count(is_here, || came.as_ref().is_none_or(|came| came.has(hash)));
        }
        after = Some(last);
    }
}
