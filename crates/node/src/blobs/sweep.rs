//! Once a minute: what a message names by now is kept for good, what no message named within a day goes, and what is missing is counted
//! and asked for.

use std::sync::{Arc, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use sealdesk_machine::QueryError;
use sealdesk_protocol::attachment::BlobHash;

use super::peers::Peers;
use super::{Blobs, BlobsFound, PAGE, Shared};

/// How often.
const EVERY: Duration = Duration::from_secs(60);
/// Pages of the ledger's list that are looked at in one sweep; the next goes on from there.
const PAGES: usize = 20;
/// Pieces that peers are asked for after one sweep.
const FETCHED_MAX: usize = 256;

/// How far the look for missing pieces has come, and what it has found so far.
#[derive(Debug, Default)]
pub(super) struct Walk {
    after: Option<BlobHash>,
    found: BlobsFound,
    /// Missing pieces that peers are asked for next, ascending.
    lacking: Vec<BlobHash>,
    /// The last one that they were asked for: the next round goes on behind it, so that what nobody has keeps nothing else away.
    asked: Option<BlobHash>,
}

impl Blobs {
    /// Sweeps for as long as the pieces are in use.
    pub(crate) fn keep_swept(&self) {
        let shared = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            while sweep_once(&shared).await {
                tokio::time::sleep(EVERY).await;
            }
        });
    }

    /// One sweep. What fails is told in the log, and tried again the next time.
    pub(super) fn sweep(&self, now: SystemTime) {
        if let Err(error) = self.settle(now).and_then(|()| self.look()) {
            tracing::error!("the pieces of files cannot be looked through: {error}");
        }
    }

    fn settle(&self, now: SystemTime) -> Result<(), QueryError> {
        let ledger = self.0.api.ledger();
        let tip = ledger.tip();
        let waiting = self.pending().waiting(now);
        for (hash, account, is_old) in waiting {
            let done = if ledger.machine().names_blob(&tip.snapshot, &hash)? {
                self.0.folder.name(&account, &hash)
            } else if is_old {
                self.0.folder.forget(&account, &hash)
            } else {
                continue;
            };
            match done {
                Ok(()) => self.pending().ends(&hash),
                Err(error) => tracing::error!("a piece of a file cannot be moved or removed: {error}"),
            }
        }
        self.show_pending(&self.pending());
        Ok(())
    }

    /// No code panics while it holds this lock.
    fn walk(&self) -> MutexGuard<'_, Walk> {
        self.0.walk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a piece that a peer gave.
    fn take(&self, hash: &BlobHash, bytes: &[u8]) {
        if !self.is_named(hash) || self.room().is_err() {
            return;
        }
        if let Err(error) = self.keep_named(hash, bytes) {
            tracing::error!("a piece of a file cannot be written: {error}");
        }
    }

    fn look(&self) -> Result<(), QueryError> {
        let ledger = self.0.api.ledger();
        let tip = ledger.tip();
        let mut walk = self.walk();
        for _ in 0..PAGES {
            let page = ledger.machine().blobs(&tip.snapshot, walk.after, PAGE)?;
            for hash in &page {
                walk.found.named = walk.found.named.saturating_add(1);
                // What was named since the settled tip waits for the next sweep, and is here.
                let is_here = self.0.folder.has(hash) || self.pending().account_of(hash).is_some();
                walk.found.missing = walk.found.missing.saturating_add(u64::from(!is_here));
                let is_next = walk.asked.is_none_or(|asked| *hash > asked);
                if !is_here && is_next && walk.lacking.len() < FETCHED_MAX {
                    walk.lacking.push(*hash);
                }
            }
            walk.after = page.last().copied();
            if page.is_empty() {
                let found = std::mem::take(&mut walk.found);
                ledger.metrics().blobs.found(found.named, found.missing);
                *self.found() = Some(found);
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Whether there is more to do later.
async fn sweep_once(weak: &Weak<Shared>) -> bool {
    let Some(shared) = weak.upgrade() else { return false };
    let blobs = Blobs(shared);
    if blobs.0.api.ledger().is_closed() {
        return false;
    }
    let swept = tokio::task::spawn_blocking(move || {
        blobs.sweep(SystemTime::now());
        let lacking = std::mem::take(&mut blobs.walk().lacking);
        (blobs.0.peers.clone(), lacking)
    });
    let Ok((peers, lacking)) = swept.await else { return false };
    peers.is_empty() || fetch(weak, &peers, &lacking).await
}

/// Asks peers for pieces. Nothing of the node is held while a peer is waited for, so that it can stop. Whether it still runs.
async fn fetch(weak: &Weak<Shared>, peers: &Peers, lacking: &[BlobHash]) -> bool {
    let (mut round, mut asked) = (peers.round(), None);
    for hash in lacking {
        if round.is_over() {
            break;
        }
        let found = round.fetch(hash).await;
        let Some(shared) = weak.upgrade() else { return false };
        let blobs = Blobs(shared);
        if blobs.0.api.ledger().is_closed() {
            return false;
        }
        asked = Some(*hash);
        let Some(bytes) = found else { continue };
        let hash = *hash;
        if tokio::task::spawn_blocking(move || blobs.take(&hash, &bytes)).await.is_err() {
            return false;
        }
    }
    let Some(shared) = weak.upgrade() else { return false };
    // All of them were asked for: the next round begins with the first again.
    let is_whole = asked == lacking.last().copied() && lacking.len() < FETCHED_MAX;
    Blobs(shared).walk().asked = asked.filter(|_| !is_whole);
    true
}
