//! Once a minute: what a message names by now is kept for good, what no message named within a day goes, and what is missing is counted.

use std::sync::{Arc, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use sealdesk_machine::QueryError;
use sealdesk_protocol::attachment::BlobHash;

use super::{Blobs, BlobsFound, PAGE, Shared};

/// How often.
const EVERY: Duration = Duration::from_secs(60);
/// Pages of the ledger's list that are looked at in one sweep; the next goes on from there.
const PAGES: usize = 20;

/// How far the look for missing pieces has come, and what it has found so far.
#[derive(Debug, Default)]
pub(super) struct Walk {
    after: Option<BlobHash>,
    found: BlobsFound,
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

    fn look(&self) -> Result<(), QueryError> {
        let ledger = self.0.api.ledger();
        let tip = ledger.tip();
        let mut walk = self.0.walk.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..PAGES {
            let page = ledger.machine().blobs(&tip.snapshot, walk.after, PAGE)?;
            for hash in &page {
                walk.found.named = walk.found.named.saturating_add(1);
                // What was named since the settled tip waits for the next sweep, and is here.
                let is_here = self.0.folder.has(hash) || self.pending().account_of(hash).is_some();
                walk.found.missing = walk.found.missing.saturating_add(u64::from(!is_here));
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
async fn sweep_once(shared: &Weak<Shared>) -> bool {
    let Some(shared) = shared.upgrade() else { return false };
    let blobs = Blobs(shared);
    if blobs.0.api.ledger().is_closed() {
        return false;
    }
    let swept = tokio::task::spawn_blocking(move || blobs.sweep(SystemTime::now()));
    swept.await.is_ok()
}
