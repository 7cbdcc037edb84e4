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
            let is_named = ledger.machine().names_blob(&tip.snapshot, &hash)?;
            if !is_named && !is_old {
                continue;
            }
            let done = if is_named { self.name(&account, &hash) } else { self.forget(&account, &hash) };
            if let Err(error) = done {
                tracing::error!("a piece of a file cannot be moved or removed: {error}");
            }
        }
        self.show_pending(&self.pending());
        Ok(())
    }

    fn name(&self, account: &str, hash: &BlobHash) -> std::io::Result<()> {
        let (folder, _alone) = (&self.0.folder, self.alone());
        let before = folder.length(hash, None).unwrap_or_default();
        let is_moved = folder.name(account, hash)?;
        let now = folder.length(hash, None).unwrap_or_default();
        let mut pending = self.pending();
        if is_moved {
            pending.removed(before);
            pending.kept(now);
        }
        pending.ends(hash);
        drop(pending);
        self.came().add(&[*hash]);
        Ok(())
    }

    fn forget(&self, account: &str, hash: &BlobHash) -> std::io::Result<()> {
        let _alone = self.alone();
        self.0.folder.forget(account, hash)?;
        self.pending().ends(hash);
        Ok(())
    }

    fn look(&self) -> Result<(), QueryError> {
        let ledger = self.0.api.ledger();
        let tip = ledger.tip();
        let mut walk = self.0.walk.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..PAGES {
            let page = ledger.machine().blobs(&tip.snapshot, walk.after, PAGE)?;
            for hash in &page {
                walk.found.count(self.0.folder.has(hash), || self.came().has(hash));
            }
            walk.after = page.last().copied();
            if page.is_empty() {
                let found = std::mem::take(&mut walk.found);
                ledger.metrics().blobs.found(found.named, found.missing, found.never_came);
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
