//! How many transactions of accounts that are new to the ledger one source may send: anyone can make such accounts without end, and
//! whoever sends from one address should not be able to use up what all newcomers together have.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::http::source::Source;

/// Transactions that a source may send at once: the first day of a small office behind one address.
pub(super) const AT_ONCE: u32 = 32;
/// How long it takes until one more may follow.
pub(super) const ONE_MORE_AFTER: Duration = Duration::from_secs(2);
/// Sources that are remembered. With more, those that are not are bounded by what all newcomers together have.
const SOURCES_MAX: usize = 4_096;

/// See the module. It counts by the clock of this node, which no rule of the ledger knows.
#[derive(Debug, Default)]
pub(super) struct Newcomers(Mutex<BTreeMap<Source, Instant>>);

impl Newcomers {
    /// Counts a transaction of a newcomer. False where its source has to wait. The operator's own machine never has to.
    pub(super) fn admit(&self, source: Source) -> bool {
        if source.is_own() {
            return true;
        }
        let now = Instant::now();
        let mut sources = self.lock();
        // Of each source there is the time at which it has its whole allowance again.
        let whole = sources.get(&source).copied().unwrap_or(now).max(now) + ONE_MORE_AFTER;
        if whole > now + ONE_MORE_AFTER * AT_ONCE {
            return false;
        }
        if sources.len() >= SOURCES_MAX {
            sources.retain(|_, whole| *whole > now);
        }
        if sources.len() < SOURCES_MAX || sources.contains_key(&source) {
            sources.insert(source, whole);
        }
        true
    }

    /// No code panics while it holds this lock.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Source, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_source_has_some_at_once_and_then_one_by_one_and_others_do_not_notice() {
        let newcomers = Newcomers::default();
        let (one, other) = (Source::of([10, 0, 0, 1].into()), Source::of([10, 0, 0, 2].into()));
        let admitted = |source| (0..3 * AT_ONCE).filter(|_| newcomers.admit(source)).count();
        assert_eq!(admitted(one), AT_ONCE as usize);
        assert_eq!(admitted(other), AT_ONCE as usize);
        assert_eq!(admitted(Source::Own), 3 * AT_ONCE as usize);
        tokio::time::advance(ONE_MORE_AFTER * 3).await;
        assert_eq!(admitted(one), 3);
        tokio::time::advance(Duration::from_secs(3_600)).await;
        assert_eq!(admitted(one), AT_ONCE as usize, "and never more");
    }

    #[tokio::test(start_paused = true)]
    async fn no_number_of_sources_takes_memory_without_bound() {
        let newcomers = Newcomers::default();
        let source = |n: u32| Source::of(n.to_be_bytes().into());
        let most = u32::try_from(SOURCES_MAX).unwrap();
        assert!((1..2 * most).all(|n| newcomers.admit(source(n))));
        assert_eq!(newcomers.lock().len(), SOURCES_MAX);
        tokio::time::advance(ONE_MORE_AFTER).await;
        assert!(newcomers.admit(source(3 * most)));
        assert_eq!(newcomers.lock().len(), 1, "whose time has passed is forgotten");
    }
}
