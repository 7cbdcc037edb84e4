//! The places for connections of one socket. Nobody waits for one: who comes is let in at once, instead of the connection that has
//! been idle longest, or not at all.
//!
//! A stranger's address has a few places of all; at its bound it gives up one of its own. The operator's own machine has places beside
//! those of strangers, so that its commands get in whatever strangers do; and proxies, which stand for many, have places beside both.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
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

/// As whose a place counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holder {
    /// The operator's own machine.
    Own,
    /// A proxy that the operator runs.
    Proxy,
    /// Anybody else.
    Stranger(Source),
}

impl Holder {
    /// The holder that a source is by itself.
    pub(crate) fn of(source: Source) -> Self {
        if source.is_own() { Self::Own } else { Self::Stranger(source) }
    }

    /// Whether this is somebody of whom few connections are enough for many requests.
    pub(crate) fn is_near(self) -> bool {
        !matches!(self, Self::Stranger(_))
    }
}

/// See the module.
pub(crate) struct Places {
    bounds: Bounds,
    proxies: usize,
    inner: Mutex<Inner>,
    freed: Notify,
}

#[derive(Default)]
struct Inner {
    next: u64,
    seats: BTreeMap<u64, Seat>,
    /// How many seats each holder has, and strangers together: who comes is counted against them, however many seats there are.
    held: BTreeMap<Holder, usize>,
    strangers: usize,
}

/// Somebody's place.
struct Seat {
    holder: Holder,
    activity: Arc<Activity>,
    displaced: CancellationToken,
}

impl Places {
    /// Places of which none is taken: with these bounds, and so many for proxies.
    pub(crate) fn new(bounds: Bounds, proxies: usize) -> Arc<Self> {
        Arc::new(Self { bounds, proxies, inner: Mutex::default(), freed: Notify::new() })
    }

    /// A place for a newcomer. `None` where all that they could have are in use.
    pub(crate) fn take(self: &Arc<Self>, holder: Holder) -> Option<Place> {
        let mut inner = self.lock();
        self.make_room(&mut inner, holder)?;
        let id = inner.next;
        inner.next = inner.next.wrapping_add(1);
        let (activity, displaced) = (Activity::new(), CancellationToken::new());
        inner.seat(id, Seat { holder, activity: activity.clone(), displaced: displaced.clone() });
        drop(inner);
        Some(Place { mark: Mark { places: self.clone(), id }, activity, displaced })
    }

    /// Sees to it that there is room for one more of a holder's. `None` where all that they could have are in use.
    fn make_room(&self, inner: &mut Inner, holder: Holder) -> Option<()> {
        let its_own = |seat: &Seat| seat.holder == holder;
        let most = match holder {
            Holder::Own => self.bounds.own,
            Holder::Proxy => self.proxies,
            Holder::Stranger(_) => self.bounds.per_source,
        };
        if inner.held.get(&holder).is_some_and(|held| *held >= most) {
            inner.displace(its_own)
        } else if !holder.is_near() && inner.strangers >= self.bounds.all {
            inner.displace(|seat| !seat.holder.is_near())
        } else {
            Some(())
        }
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
    fn seat(&mut self, id: u64, seat: Seat) {
        let held = self.held.entry(seat.holder).or_default();
        *held = held.saturating_add(1);
        self.strangers = self.strangers.saturating_add(usize::from(!seat.holder.is_near()));
        self.seats.insert(id, seat);
    }

    fn unseat(&mut self, id: u64) -> Option<Seat> {
        let seat = self.seats.remove(&id)?;
        self.strangers = self.strangers.saturating_sub(usize::from(!seat.holder.is_near()));
        // A holder who has nothing takes no memory either.
        if let Entry::Occupied(mut held) = self.held.entry(seat.holder) {
            match held.get().saturating_sub(1) {
                0 => drop(held.remove()),
                left => drop(held.insert(left)),
            }
        }
        Some(seat)
    }

    /// Ends the connection among these that has been idle longest. `None` where all are at work.
    fn displace(&mut self, which: impl Fn(&Seat) -> bool) -> Option<()> {
        let standing = |(id, seat): (&u64, &Seat)| (seat.activity.standing(), *id);
        let ((busy, last), id) = self.seats.iter().filter(|(_, seat)| which(seat)).map(standing).min()?;
        if busy && last + STILL_MAX > Instant::now() {
            return None;
        }
        self.unseat(id)?.displaced.cancel();
        Some(())
    }
}

/// Which place a connection has, for whoever serves it.
#[derive(Clone)]
pub(crate) struct Mark {
    places: Arc<Places>,
    id: u64,
}

impl Mark {
    /// The connection carries what others ask: from now on its place is a proxy's. Where those are all in use, it ends.
    pub(crate) fn passes_on(&self) {
        let mut inner = self.places.lock();
        if inner.seats.get(&self.id).is_none_or(|seat| seat.holder != Holder::Own) {
            return;
        }
        let Some(seat) = inner.unseat(self.id) else { return };
        match self.places.make_room(&mut inner, Holder::Proxy) {
            Some(()) => inner.seat(self.id, Seat { holder: Holder::Proxy, ..seat }),
            None => seat.displaced.cancel(),
        }
    }
}

impl std::fmt::Debug for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mark").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A place that is taken until this is dropped, or somebody else takes it.
pub(crate) struct Place {
    /// Which one it is.
    pub(crate) mark: Mark,
    /// What its connection is doing.
    pub(crate) activity: Arc<Activity>,
    /// Cancelled when somebody else has it: its connection ends at once then.
    pub(crate) displaced: CancellationToken,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.mark.places.lock().unseat(self.mark.id);
        self.mark.places.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { all: 4, per_source: 2, own: 2 };

    fn stranger(number: u8) -> Holder {
        Holder::of(Source::of([10, 0, 0, number].into()))
    }

    fn places() -> Arc<Places> {
        Places::new(BOUNDS, 2)
    }

    async fn later() {
        tokio::time::advance(Duration::from_secs(1)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_house_gives_up_what_is_idle_longest_and_the_operator_always_finds_room() {
        let places = places();
        let mut taken = Vec::new();
        for number in 1..=4 {
            taken.push(places.take(stranger(number)).unwrap());
            later().await;
        }
        let request = taken[0].activity.open_request();
        let newcomer = places.take(stranger(5)).unwrap();
        let displaced: Vec<bool> = taken.iter().map(|place| place.displaced.is_cancelled()).collect();
        assert_eq!(displaced, [false, true, false, false], "the second has had nothing to do for longest");
        let own = (places.take(Holder::Own).unwrap(), places.take(Holder::Own).unwrap());
        assert!(!newcomer.displaced.is_cancelled() && !taken[2].displaced.is_cancelled());
        let third = places.take(Holder::Own).unwrap();
        assert!(own.0.displaced.is_cancelled() && !own.1.displaced.is_cancelled());
        drop((request, taken, newcomer, own, third));
        places.all_free().await;
        let inner = places.lock();
        assert!(inner.held.is_empty() && inner.strangers == 0, "nothing is left behind");
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_gives_up_its_own_places_and_nobody_s_work_at_once() {
        let places = places();
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

    #[tokio::test(start_paused = true)]
    async fn what_a_proxy_passes_on_takes_none_of_the_operator_s_places() {
        let places = places();
        let mut proxied = Vec::new();
        for _ in 0..5 {
            let place = places.take(Holder::Own).unwrap();
            place.mark.passes_on();
            place.mark.passes_on();
            later().await;
            proxied.push(place);
        }
        let left = |places: &[Place]| places.iter().filter(|place| !place.displaced.is_cancelled()).count();
        assert_eq!(left(&proxied), 2, "proxies have two, and the newest keep theirs");
        let own = [places.take(Holder::Own).unwrap(), places.take(Holder::Own).unwrap()];
        assert_eq!((left(&own), left(&proxied)), (2, 2));
        let named = places.take(Holder::Proxy).unwrap();
        assert_eq!((left(&own), left(&proxied)), (2, 1));
        // Both are at work: one more that turns out to be a proxy's has to go, and nobody else.
        let work = (named.activity.open_request(), proxied[4].activity.open_request());
        own[0].mark.passes_on();
        assert_eq!((left(&own), left(&proxied)), (1, 1));
        assert!(own[0].displaced.is_cancelled() && !named.displaced.is_cancelled());
        drop(work);
    }
}
