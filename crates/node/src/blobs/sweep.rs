//! Once a minute: what a message names by now is kept for good, what no message named within a day goes, and what is missing is counted
//! and asked for.

use std::sync::{Arc, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use sealdesk_machine::QueryError;
use sealdesk_machine::admission::Standing;
use sealdesk_protocol::attachment::BlobHash;

use super::bucket::is_away;
use super::peers::Peers;
use super::pending::Bringer;
use super::requests::OnItsWay;
use super::{Blobs, BlobsFound, PAGE, Shared};
use crate::http::source::Source;

/// How often.
const EVERY: Duration = Duration::from_secs(60);
/// Pages of the ledger's list that are looked at in one sweep; the next goes on from there.
const PAGES: usize = 20;
/// Pieces that peers are asked for after one sweep.
const FETCHED_MAX: usize = 256;
/// Pieces that are moved from the folder into a bucket in one sweep.
const MOVED_MAX: usize = 256;

/// How far the look for missing pieces has come, and what it has found so far.
#[derive(Debug, Default)]
pub(super) struct Walk {
    after: Option<BlobHash>,
    found: BlobsFound,
    /// Missing pieces that peers are asked for next, ascending.
    lacking: Vec<BlobHash>,
    /// The last one that they were asked for: the next round goes on behind it, so that what nobody has keeps nothing else away.
    asked: Option<BlobHash>,
    /// The last piece that was to be moved from the folder into a bucket.
    moved: Option<BlobHash>,
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
        if let Err(error) = self.fill_bucket() {
            tracing::error!("the pieces of files cannot be brought into their bucket: {error}");
        }
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
                // Each try takes its time, and the next sweep goes on.
                if is_away(&error) || ledger.is_closed() {
                    break;
                }
            }
        }
        self.show_pending(&self.pending());
        Ok(())
    }

    /// Reads what the bucket holds where that is due, and moves what the folder kept before into it.
    fn fill_bucket(&self) -> std::io::Result<()> {
        let (pieces, ledger) = (&self.0.pieces, self.0.api.ledger());
        let Some(bucket) = pieces.bucket() else { return Ok(()) };
        if let Some((hashes, bytes)) = bucket.list(|| ledger.is_closed())? {
            let (_, here) = pieces.folder().all_kept()?;
            self.pending().counted(bytes.saturating_add(here));
            self.came().add(&hashes);
        }
        if !bucket.is_listed() {
            return Ok(());
        }
        let tried = self.walk().moved;
        for hash in &next_to_move(pieces.folder().all_kept()?.0, tried) {
            if ledger.is_closed() {
                return Ok(());
            }
            self.walk().moved = Some(*hash);
            let _alone = self.alone(hash);
            let before = pieces.length(hash, None).unwrap_or_default();
            if let Err(error) = pieces.move_out(hash) {
                if is_away(&error) {
                    return Err(error);
                }
                tracing::error!("a piece of a file cannot be brought into its bucket: {error}");
                continue;
            }
            let now = pieces.length(hash, None).unwrap_or_default();
            let mut pending = self.pending();
            pending.removed(before);
            pending.kept(now);
        }
        Ok(())
    }

    /// No code panics while it holds this lock.
    fn walk(&self) -> MutexGuard<'_, Walk> {
        self.0.walk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a piece that a peer gave, where the disk and the node's bound on files have room for it.
    fn take(&self, hash: &BlobHash, piece: &[u8]) {
        let bytes = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        let bringer = Bringer { account: None, source: Source::Own, standing: Standing::Staff };
        if self.room(bytes).is_err() {
            return;
        }
        let Ok(place) = OnItsWay::begin(self, bytes, &bringer) else { return };
        // It may have been erased while it was on its way, which is no fault.
        if let Err(why) = place.write(hash, None, piece) {
            tracing::warn!("a piece of a file that a peer gave is not kept: {}", why.message());
        }
    }

    fn name(&self, account: &str, hash: &BlobHash) -> std::io::Result<()> {
        let _alone = self.alone(hash);
        let moved = self.0.pieces.name(account, hash)?;
        let mut pending = self.pending();
        if let Some((now, before)) = moved {
            pending.removed(before);
            pending.kept(now);
        }
        pending.ends(hash);
        drop(pending);
        self.came().add(&[*hash]);
        Ok(())
    }

    fn forget(&self, account: &str, hash: &BlobHash) -> std::io::Result<()> {
        let _alone = self.alone(hash);
        self.0.pieces.folder().forget(account, hash)?;
        self.pending().ends(hash);
        Ok(())
    }

    fn look(&self) -> Result<(), QueryError> {
        let ledger = self.0.api.ledger();
        let tip = ledger.tip();
        let mut walk = self.walk();
        for _ in 0..PAGES {
            let page = ledger.machine().blobs(&tip.snapshot, walk.after, PAGE)?;
            for hash in &page {
                // What was named since the settled tip waits for the next sweep, and is here.
                let is_here = self.0.pieces.has(hash) || self.pending().account_of(hash).is_some();
                walk.found.count(is_here, || self.came().has(hash));
                let is_next = walk.asked.is_none_or(|asked| *hash > asked);
                if !is_here && is_next && walk.lacking.len() < FETCHED_MAX {
                    walk.lacking.push(*hash);
                }
            }
            walk.after = page.last().copied();
            if page.is_empty() {
                let found = std::mem::take(&mut walk.found);
                ledger.metrics().blobs.found(found.named, found.missing, found.never_came);
                *self.found() = Some(found);
                return Ok(());
            }
        }
        Ok(())
    }
}

/// The pieces that are moved next: those behind the last one that was tried, and from the first again. Damaged ones stay, and keep no other one back.
fn next_to_move(mut kept: Vec<BlobHash>, tried: Option<BlobHash>) -> Vec<BlobHash> {
    kept.sort_unstable();
    let next = kept.partition_point(|hash| tried.is_some_and(|tried| *hash <= tried));
    kept.rotate_left(next);
    kept.truncate(MOVED_MAX);
    kept
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn pieces_that_cannot_be_moved_keep_no_other_one_back() {
        // None of them leaves the folder, as where all are damaged.
        let kept: Vec<BlobHash> = (0..600_u16)
            .map(|n| {
                let mut hash = [0; 32];
                hash[..2].copy_from_slice(&n.wrapping_mul(40_503).to_be_bytes());
                hash
            })
            .collect();
        let (mut tried, mut seen) = (None, BTreeSet::new());
        for _ in 0..3 {
            let next = next_to_move(kept.clone(), tried);
            assert_eq!(next.len(), MOVED_MAX);
            tried = next.last().copied();
            seen.extend(next);
        }
        assert_eq!(seen.len(), 600);
        assert_eq!(next_to_move(kept[..3].to_vec(), tried).len(), 3, "a few are all tried each time");
        assert!(next_to_move(Vec::new(), tried).is_empty());
    }
}
