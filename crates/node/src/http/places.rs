//! The places for connections of one socket. Nobody waits for one: who comes is let in at once, instead of the connection that has
//! been idle longest, or not at all.
//!
//! A stranger's address has a few places of all; at its bound it gives up one of its own. The operator's own machine has places beside
//! those of strangers, so that its commands get in whatever strangers do.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::activity::Activity;
use super::budget::Bounds;
use super::source::Source;

/// How long nothing may happen for open requests of a connection before another one may take its place. Connections without a request
/// go first, at any time.
const STILL_MAX: Duration = Duration::from_secs(10);

/// See the module.
pub(crate) struct Places {
    bounds: Bounds,
    inner: Mutex<Inner>,
    freed: Notify,
}

#[derive(Default)]
struct Inner {
    next: u64,
    seats: BTreeMap<u64, Seat>,
}

/// Somebody's place.
struct Seat {
    source: Source,
    activity: Arc<Activity>,
    displaced: CancellationToken,
}

impl Places {
    /// Places of which none is taken.
    pub(crate) fn new(bounds: Bounds) -> Arc<Self> {
        Arc::new(Self { bounds, inner: Mutex::default(), freed: Notify::new() })
    }

    /// A place for a newcomer. `None` where all that they could have are in use.
    pub(crate) fn take(self: &Arc<Self>, source: Source) -> Option<Place> {
        let mut inner = self.lock();
        let of_source = inner.count(|seat| seat.source == source);
        let strangers = inner.count(|seat| !seat.source.is_own());
        if source.is_own() {
            if of_source >= self.bounds.own {
                inner.displace(|seat| seat.source.is_own())?;
            }
        } else if of_source >= self.bounds.per_source {
            inner.displace(|seat| seat.source == source)?;
        } else if strangers >= self.bounds.all {
            inner.displace(|seat| !seat.source.is_own())?;
        }
        let id = inner.next;
        inner.next = inner.next.wrapping_add(1);
        let (activity, displaced) = (Activity::new(), CancellationToken::new());
        inner.seats.insert(id, Seat { source, activity: activity.clone(), displaced: displaced.clone() });
        drop(inner);
        Some(Place { places: self.clone(), id, activity, displaced })
    }

    /// Waits until nobody is connected.
    pub(crate) async fn all_free(&self) {
        loop {
            let freed = self.freed.notified();
            if self.lock().seats.is_empty() {
                return;
            }
            freed.await;
        }
    }

    /// No code panics while it holds this lock.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn count(&self, which: impl Fn(&Seat) -> bool) -> usize {
        self.seats.values().filter(|seat| which(seat)).count()
    }

    /// Ends the connection among these that has been idle longest. `None` where all are at work.
    fn displace(&mut self, which: impl Fn(&Seat) -> bool) -> Option<()> {
        let standing = |(id, seat): (&u64, &Seat)| (seat.activity.standing(), *id);
        let ((busy, last), id) = self.seats.iter().filter(|(_, seat)| which(seat)).map(standing).min()?;
        if busy && last + STILL_MAX > Instant::now() {
            return None;
        }
        self.seats.remove(&id)?.displaced.cancel();
        Some(())
    }
}

/// A place that is taken until this is dropped, or somebody else takes it.
pub(crate) struct Place {
    places: Arc<Places>,
    id: u64,
    /// What its connection is doing.
    pub(crate) activity: Arc<Activity>,
    /// Cancelled when somebody else has it: its connection ends at once then.
    pub(crate) displaced: CancellationToken,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.lock().seats.remove(&self.id);
        self.places.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { all: 4, per_source: 2, own: 2 };

    fn stranger(number: u8) -> Source {
        Source::of([10, 0, 0, number].into())
    }

    async fn later() {
        tokio::time::advance(Duration::from_secs(1)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_house_gives_up_what_is_idle_longest_and_the_operator_always_finds_room() {
        let places = Places::new(BOUNDS);
        let mut taken = Vec::new();
        for number in 1..=4 {
            taken.push(places.take(stranger(number)).unwrap());
            later().await;
        }
        let request = taken[0].activity.open_request();
        let newcomer = places.take(stranger(5)).unwrap();
        let displaced: Vec<bool> = taken.iter().map(|place| place.displaced.is_cancelled()).collect();
        assert_eq!(displaced, [false, true, false, false], "the second has had nothing to do for longest");
        let own = (places.take(Source::Own).unwrap(), places.take(Source::Own).unwrap());
        assert!(!newcomer.displaced.is_cancelled() && !taken[2].displaced.is_cancelled());
        let third = places.take(Source::Own).unwrap();
        assert!(own.0.displaced.is_cancelled() && !own.1.displaced.is_cancelled());
        drop((request, taken, newcomer, own, third));
        places.all_free().await;
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_gives_up_its_own_places_and_nobody_s_work_at_once() {
        let places = Places::new(BOUNDS);
        let honest = places.take(stranger(1)).unwrap();
        later().await;
        let pair = (places.take(stranger(2)).unwrap(), places.take(stranger(2)).unwrap());
        let third = places.take(stranger(2)).unwrap();
        assert!(pair.0.displaced.is_cancelled() && !honest.displaced.is_cancelled());
        let work = (pair.1.activity.open_request(), third.activity.open_request());
        assert!(places.take(stranger(2)).is_none(), "both have just asked something");
        tokio::time::advance(STILL_MAX).await;
        assert!(places.take(stranger(2)).is_some(), "nothing has happened for them since");
        drop(work);
    }
}
