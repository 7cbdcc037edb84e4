//! The places for websockets. A source has a few of all. Where all are taken, a newcomer gets that of a source that has more of them than
//! the newcomer will have, so that a few addresses cannot keep everyone else out; the operator's own machine has places beside strangers'.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus::Gauge;
use tokio_util::sync::CancellationToken;

use crate::http::budget::Bounds;
use crate::http::source::Source;

/// See the module.
pub(super) struct Seats {
    bounds: Bounds,
    shown: Gauge,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    next: u64,
    /// The oldest comes first.
    taken: BTreeMap<u64, (Source, CancellationToken)>,
}

/// A place that is taken until this is dropped, or somebody else takes it.
pub(super) struct Seat {
    seats: Arc<Seats>,
    id: u64,
    /// Cancelled when somebody else has it.
    pub(super) displaced: CancellationToken,
}

impl Seats {
    /// Places of which none is taken. `shown` is kept at how many are.
    pub(super) fn new(bounds: Bounds, shown: Gauge) -> Arc<Self> {
        Arc::new(Self { bounds, shown, inner: Mutex::default() })
    }

    /// A place for a newcomer; `None` where they have as many as they may, or as many as anybody else would be left with.
    pub(super) fn take(self: &Arc<Self>, source: Source) -> Option<Seat> {
        let mut inner = self.lock();
        let of_source = inner.count(|of| of == source);
        let most = if source.is_own() { self.bounds.own } else { self.bounds.per_source };
        if of_source >= most {
            return None;
        }
        if !source.is_own() && inner.count(|of| !of.is_own()) >= self.bounds.all {
            inner.displace(of_source + 1)?;
        }
        let (id, displaced) = (inner.next, CancellationToken::new());
        inner.next = inner.next.wrapping_add(1);
        inner.taken.insert(id, (source, displaced.clone()));
        self.show(&inner);
        Some(Seat { seats: self.clone(), id, displaced })
    }

    fn show(&self, inner: &Inner) {
        self.shown.set(u32::try_from(inner.taken.len()).map_or(f64::from(u32::MAX), f64::from));
    }

    /// No code panics while it holds this lock.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn count(&self, which: impl Fn(Source) -> bool) -> usize {
        self.taken.values().filter(|(source, _)| which(*source)).count()
    }

    /// Ends the oldest websocket of the stranger who has most, if that is more than so many.
    fn displace(&mut self, more_than: usize) -> Option<()> {
        let mut counts: BTreeMap<Source, usize> = BTreeMap::new();
        for (source, _) in self.taken.values().filter(|(source, _)| !source.is_own()) {
            *counts.entry(*source).or_default() += 1;
        }
        let (source, most) = counts.into_iter().max_by_key(|(_, count)| *count)?;
        let oldest = self.taken.iter().find(|(_, (of, _))| *of == source).map(|(id, _)| *id);
        let (_, displaced) = self.taken.remove(&oldest.filter(|_| most > more_than)?)?;
        displaced.cancel();
        Some(())
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut inner = self.seats.lock();
        inner.taken.remove(&self.id);
        self.seats.show(&inner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { all: 6, per_source: 3, own: 2 };

    fn stranger(number: u8) -> Source {
        Source::of([10, 0, 0, number].into())
    }

    #[test]
    fn whoever_has_most_makes_room_for_a_newcomer_until_all_have_as_many() {
        let shown = Gauge::new("held", "What is held.").unwrap();
        let seats = Seats::new(BOUNDS, shown.clone());
        let mut first: Vec<Seat> = (0..3).map(|_| seats.take(stranger(1)).unwrap()).collect();
        assert!(seats.take(stranger(1)).is_none(), "it has its own");
        let second: Vec<Seat> = (0..3).map(|_| seats.take(stranger(2)).unwrap()).collect();
        let third: Vec<Seat> = (0..2).map(|_| seats.take(stranger(3)).expect("others have three")).collect();
        let left = |of: &[Seat]| of.iter().filter(|seat| !seat.displaced.is_cancelled()).count();
        assert_eq!((left(&first), left(&second), left(&third)), (2, 2, 2));
        assert!(seats.take(stranger(3)).is_none(), "nobody has more than that");
        assert!(seats.take(stranger(4)).is_some(), "whoever has none gets one of two");
        let own: Vec<Seat> = (0..2).map(|_| seats.take(Source::Own).unwrap()).collect();
        assert!(seats.take(Source::Own).is_none() && left(&own) == 2);
        first.clear();
        drop((second, third, own));
        assert!(shown.get().abs() < f64::EPSILON, "nothing is left behind");
    }
}
