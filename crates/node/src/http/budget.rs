//! What others can make this node hold, bounded as a whole: bytes of requests, bytes of answers, places of subscribers.
//!
//! Every [`Budget`] has a bound for all strangers together and one for each source, so that one stranger leaves room for others.
//! The operator's own machine has a bound of its own beside them: whatever strangers hold, its commands find room.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus::Gauge;

use super::source::Source;

/// The bounds of one kind, in its units: bytes or places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Of all strangers together.
    pub(crate) all: usize,
    /// Of one source among them. A single piece may be larger, if the source holds nothing else: so a whole receipt can be had, and
    /// still only a few sources together use up what there is for all.
    pub(crate) per_source: usize,
    /// Of the operator's own machine, beside the others; a single piece may be larger here too.
    pub(crate) own: usize,
}

/// Nothing is left of a budget, for all or for this source. It is not an error of the one who asks: later there is room again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spent;

/// See the module.
pub(crate) struct Budget {
    bounds: Bounds,
    shown: Gauge,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    strangers: usize,
    by_source: BTreeMap<Source, usize>,
}

impl Budget {
    /// A budget of which nothing is held. `shown` is kept at what is.
    pub(crate) fn new(bounds: Bounds, shown: Gauge) -> Arc<Self> {
        Arc::new(Self { bounds, shown, held: Mutex::default() })
    }

    /// A source's share, empty at first.
    pub(crate) fn share(self: &Arc<Self>, source: Source) -> Share {
        Share { budget: self.clone(), source, held: 0 }
    }

    /// A share of so many units.
    ///
    /// # Errors
    /// [`Spent`] if that is more than is left.
    pub(crate) fn take(self: &Arc<Self>, source: Source, units: usize) -> Result<Share, Spent> {
        let mut share = self.share(source);
        share.grow(units)?;
        Ok(share)
    }

    fn add(&self, source: Source, units: usize) -> Result<(), Spent> {
        let mut held = self.lock();
        let before = held.by_source.get(&source).copied().unwrap_or(0);
        let own = before.saturating_add(units);
        let most = if source.is_own() { self.bounds.own } else { self.bounds.per_source };
        let strangers = held.strangers.saturating_add(units);
        if (own > most && before > 0) || (!source.is_own() && strangers > self.bounds.all) {
            return Err(Spent);
        }
        if !source.is_own() {
            held.strangers = strangers;
        }
        held.by_source.insert(source, own);
        self.shown.add(amount(units));
        Ok(())
    }

    fn give_back(&self, source: Source, units: usize) {
        let mut held = self.lock();
        let left = held.by_source.get(&source).copied().unwrap_or(0).saturating_sub(units);
        // A source that holds nothing takes no memory either.
        match left {
            0 => drop(held.by_source.remove(&source)),
            left => drop(held.by_source.insert(source, left)),
        }
        if !source.is_own() {
            held.strangers = held.strangers.saturating_sub(units);
        }
        self.shown.sub(amount(units));
    }

    /// No code panics while it holds this lock.
    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one request, answer or subscriber holds. It is given back when this is dropped.
pub(crate) struct Share {
    budget: Arc<Budget>,
    source: Source,
    held: usize,
}

impl Share {
    /// Holds more.
    ///
    /// # Errors
    /// [`Spent`] if that is more than is left; then nothing changes.
    pub(crate) fn grow(&mut self, units: usize) -> Result<(), Spent> {
        if units > 0 {
            self.budget.add(self.source, units)?;
            self.held = self.held.saturating_add(units);
        }
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.held > 0 {
            self.budget.give_back(self.source, self.held);
        }
    }
}

impl std::fmt::Debug for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Share")
            .field("source", &self.source)
            .field("held", &self.held)
            .finish_non_exhaustive()
    }
}

/// A count as a gauge has it: no budget comes near what a gauge cannot count.
fn amount(units: usize) -> f64 {
    u32::try_from(units).map_or(f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget() -> (Arc<Budget>, Gauge) {
        let shown = Gauge::new("held", "What is held.").unwrap();
        (Budget::new(Bounds { all: 10, per_source: 4, own: 5 }, shown.clone()), shown)
    }

    fn stranger(number: u8) -> Source {
        Source::of([10, 0, 0, number].into())
    }

    #[test]
    fn strangers_share_one_bound_and_the_operator_has_another() {
        let (budget, shown) = budget();
        let mut first = budget.take(stranger(1), 4).unwrap();
        assert_eq!(first.grow(1), Err(Spent), "one source has had its part");
        let second = budget.take(stranger(2), 4).unwrap();
        let third = budget.take(stranger(3), 2).unwrap();
        assert_eq!(budget.take(stranger(4), 1).err(), Some(Spent), "so have all together");
        let own = budget.take(Source::Own, 5).unwrap();
        assert_eq!(budget.take(Source::Own, 1).err(), Some(Spent));
        assert!((shown.get() - 15.0).abs() < f64::EPSILON);
        drop((first, second, third, own));
        assert!(
            shown.get().abs() < f64::EPSILON && budget.lock().by_source.is_empty(),
            "nothing is left behind"
        );
        assert!(budget.take(stranger(4), 4).is_ok());
    }
}
