//! How often one source may do a thing: some times at once, and then once in a while. Anyone can make accounts without end, and whoever
//! sends from one address should not be able to use up what all strangers together have.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::source::Source;

/// Sources that are remembered. Of more, the one that has its whole allowance again first is forgotten.
const SOURCES_MAX: usize = 4_096;

/// The longest that anyone owes: others may come from the same address.
const OWED_MAX: Duration = Duration::from_secs(10);

/// How often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    /// Times at once.
    pub(crate) at_once: u32,
    /// How long it takes until once more is allowed.
    pub(crate) once_more_after: Duration,
}

/// It has been done too often: how long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooOften(pub(crate) Duration);

impl TooOften {
    /// Whole seconds, at least one.
    pub(crate) fn seconds(self) -> u32 {
        u32::try_from(self.0.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX).max(1)
    }
}

/// What was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    /// The only one that is held against its source, or the operator's own, of which none is.
    First,
    /// One of several.
    OneOfMany,
}

/// See the module. It counts by the clock of this node, which no rule of the ledger knows.
#[derive(Debug)]
pub(crate) struct Meter {
    rate: Rate,
    /// Of each source, the time at which it has its whole allowance again.
    whole: Mutex<BTreeMap<Source, Instant>>,
}

impl Meter {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, whole: Mutex::default() }
    }

    /// Counts one, and says whether it is the only one that is held against its source. The operator's own machine never has to wait.
    ///
    /// # Errors
    /// [`TooOften`]; then nothing is counted.
    pub(crate) fn count(&self, source: Source) -> Result<Counted, TooOften> {
        if source.is_own() {
            return Ok(Counted::First);
        }
        let now = Instant::now();
        let mut sources = self.lock();
        let before = sources.get(&source).copied().filter(|whole| *whole > now);
        let whole = self.rate.add(before.unwrap_or(now), now)?;
        if sources.len() >= SOURCES_MAX && !sources.contains_key(&source) {
            make_room(&mut sources, now);
        }
        sources.insert(source, whole);
        Ok(if before.is_none() { Counted::First } else { Counted::OneOfMany })
    }

    /// Counts so many whatever was before, and says how long whoever sent them is to wait before more: no time at all where that is within
    /// the rate, or where it is the operator's own machine.
    pub(crate) fn owe(&self, source: Source, count: u32) -> Duration {
        if source.is_own() || count == 0 {
            return Duration::ZERO;
        }
        let now = Instant::now();
        let mut sources = self.lock();
        let before = sources.get(&source).copied().filter(|whole| *whole > now);
        let most = now + self.rate.once_more_after * self.rate.at_once + OWED_MAX;
        let whole = (before.unwrap_or(now) + self.rate.once_more_after * count).min(most);
        if sources.len() >= SOURCES_MAX && !sources.contains_key(&source) {
            make_room(&mut sources, now);
        }
        sources.insert(source, whole);
        whole.saturating_duration_since(now + self.rate.once_more_after * self.rate.at_once)
    }

    /// Counts one, which is taken back when what this gives is dropped, unless it is kept.
    ///
    /// # Errors
    /// As [`Meter::count`].
    pub(crate) fn try_one(self: &Arc<Self>, source: Source) -> Result<Tried, TooOften> {
        self.count(source)?;
        Ok(Tried { meter: Some(self.clone()), source })
    }

    /// Takes back what was counted last of a source.
    pub(crate) fn take_back(&self, source: Source) {
        if let Some(whole) = self.lock().get_mut(&source) {
            *whole = whole.checked_sub(self.rate.once_more_after).unwrap_or(*whole);
        }
    }

    /// No code panics while it holds this lock.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Source, Instant>> {
        self.whole.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets the sources whose time has passed; where none is, the one whose time passes first. So a new source is always remembered, and what
/// the forgotten one gains is little.
fn make_room(sources: &mut BTreeMap<Source, Instant>, now: Instant) {
    sources.retain(|_, whole| *whole > now);
    if sources.len() >= SOURCES_MAX {
        let first = sources.iter().min_by_key(|(_, whole)| **whole).map(|(source, _)| *source);
        first.map(|source| sources.remove(&source));
    }
}

/// One that was counted, and may yet be taken back.
pub(crate) struct Tried {
    meter: Option<Arc<Meter>>,
    source: Source,
}

impl Tried {
    /// It counts for good.
    pub(crate) fn keep(mut self) {
        self.meter = None;
    }
}

impl Drop for Tried {
    fn drop(&mut self) {
        if let Some(meter) = self.meter.take() {
            meter.take_back(self.source);
        }
    }
}

impl Rate {
    /// When the allowance is whole again after one more, of one that is whole at `before`.
    fn add(self, before: Instant, now: Instant) -> Result<Instant, TooOften> {
        let (whole, latest) = (before + self.once_more_after, now + self.once_more_after * self.at_once);
        match whole.checked_duration_since(latest) {
            None | Some(Duration::ZERO) => Ok(whole),
            Some(wait) => Err(TooOften(wait)),
        }
    }
}

/// The same for many sources together: what is bounded is this node's work.
#[derive(Debug)]
pub(crate) struct Total {
    rate: Rate,
    whole: Mutex<Option<Instant>>,
}

impl Total {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, whole: Mutex::default() }
    }

    /// Counts one.
    ///
    /// # Errors
    /// [`TooOften`]; then nothing is counted.
    pub(crate) fn count(&self) -> Result<(), TooOften> {
        let now = Instant::now();
        let mut whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        *whole = Some(self.rate.add(whole.unwrap_or(now).max(now), now)?);
        Ok(())
    }

    /// Takes back what was counted last.
    pub(crate) fn take_back(&self) {
        let mut whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        *whole = whole.and_then(|whole| whole.checked_sub(self.rate.once_more_after));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { at_once: 32, once_more_after: Duration::from_secs(2) };

    #[tokio::test(start_paused = true)]
    async fn a_source_has_some_at_once_and_then_one_by_one_and_others_do_not_notice() {
        let meter = Meter::new(RATE);
        let (one, other) = (Source::of([10, 0, 0, 1].into()), Source::of([10, 0, 0, 2].into()));
        let counted = |source| (0..96).filter(|_| meter.count(source).is_ok()).count();
        assert_eq!(counted(one), 32);
        assert_eq!(meter.count(one), Err(TooOften(RATE.once_more_after)));
        assert_eq!(counted(other), 32);
        assert_eq!(counted(Source::Own), 96);
        tokio::time::advance(RATE.once_more_after * 3).await;
        assert_eq!(counted(one), 3);
        meter.take_back(one);
        assert_eq!(counted(one), 1);
        tokio::time::advance(Duration::from_secs(3_600)).await;
        assert_eq!(counted(one), 32, "and never more");
    }

    #[tokio::test(start_paused = true)]
    async fn who_owes_waits_until_it_is_within_the_rate_again() {
        let meter = Meter::new(RATE);
        let source = Source::of([10, 0, 0, 1].into());
        assert_eq!(meter.owe(source, 32), Duration::ZERO);
        assert_eq!(meter.owe(source, 3), 3 * RATE.once_more_after);
        assert_eq!(meter.owe(source, 1), 4 * RATE.once_more_after, "what is owed adds up");
        assert_eq!((meter.owe(source, 0), meter.owe(Source::Own, 99)), (Duration::ZERO, Duration::ZERO));
        tokio::time::advance(5 * RATE.once_more_after).await;
        assert_eq!(meter.owe(Source::of([10, 0, 0, 9].into()), 10_000), OWED_MAX, "and no more than that");
        assert_eq!((meter.owe(source, 1), meter.owe(source, 1)), (Duration::ZERO, RATE.once_more_after));
    }

    #[tokio::test(start_paused = true)]
    async fn all_together_have_a_bound_too() {
        let total = Total::new(RATE);
        assert_eq!((0..96).filter(|_| total.count().is_ok()).count(), 32);
        total.take_back();
        assert_eq!((total.count(), total.count().is_err()), (Ok(()), true));
    }

    #[tokio::test(start_paused = true)]
    async fn no_number_of_sources_takes_memory_without_bound() {
        let meter = Meter::new(RATE);
        let source = |n: u32| Source::of(n.to_be_bytes().into());
        let most = u32::try_from(SOURCES_MAX).unwrap();
        for n in 1..2 * most {
            assert_eq!(meter.count(source(n)), Ok(Counted::First));
            assert_eq!(meter.count(source(n)), Ok(Counted::OneOfMany), "who came last is remembered");
        }
        assert_eq!(meter.lock().len(), SOURCES_MAX);
        tokio::time::advance(2 * RATE.once_more_after).await;
        assert!(meter.count(source(3 * most)).is_ok());
        assert_eq!(meter.lock().len(), 1, "whose time has passed is forgotten");
    }
}
