//! What one connection is doing: the requests that are open on it, and the answers that its peer has yet to read. From this follows
//! when it has to end. Pings are no activity: who only answers them does nothing here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// How long a connection without a request lasts, whatever else its peer sends.
pub(crate) const IDLE_MAX: Duration = Duration::from_secs(60);
/// The same of a connection that was upgraded: who has a websocket may ask something now and then.
pub(crate) const UPGRADED_IDLE_MAX: Duration = Duration::from_secs(600);
/// How long an answer may wait for its peer to read on. It is longer than a subscriber's patience, so that their farewell comes first.
pub(crate) const UNREAD_MAX: Duration = Duration::from_secs(45);
/// Bytes of an answer in each second that its peer has to read at least, beside [`UNREAD_MAX`]: who reads a little now and then would
/// otherwise hold it for hours.
pub(crate) const READ_PER_SECOND: u64 = 16_384;

/// See the module.
#[derive(Debug)]
pub(crate) struct Activity {
    inner: Mutex<Inner>,
    /// The connection's, of which this is one stream.
    connection: Option<Arc<Activity>>,
    /// Notified when part of an answer is read whole.
    read: Notify,
}

#[derive(Debug)]
struct Inner {
    /// Requests whose answers have not been given whole.
    requests: usize,
    /// How long the connection lasts without one.
    idle_max: Duration,
    /// When something happened last.
    last: Instant,
    /// Parts of answers that were handed on to be sent.
    unread: BTreeMap<u64, Deadline>,
    /// Number of the next such part.
    next: u64,
}

impl Inner {
    /// When what is not read should have been.
    fn unread_end(&self) -> Option<Instant> {
        self.unread.values().map(|deadline| deadline.end()).min()
    }
}

/// How long a part of an answer may stay unread.
#[derive(Debug, Clone, Copy)]
struct Deadline {
    /// When its peer last read of it.
    read: Instant,
    /// When all of it has to be read.
    whole: Instant,
}

impl Deadline {
    fn end(self) -> Instant {
        self.whole.min(self.read + UNREAD_MAX)
    }
}

impl Activity {
    pub(crate) fn new() -> Arc<Self> {
        Self::within(None)
    }

    /// That of one stream of a connection: what is not read of it is this stream's fault, and what is read keeps the connection.
    pub(crate) fn of_stream(self: &Arc<Self>) -> Arc<Self> {
        Self::within(Some(self.clone()))
    }

    fn within(connection: Option<Arc<Self>>) -> Arc<Self> {
        let inner =
            Inner { requests: 0, idle_max: IDLE_MAX, last: Instant::now(), unread: BTreeMap::new(), next: 0 };
        Arc::new(Self { inner: Mutex::new(inner), connection, read: Notify::new() })
    }

    /// A request is open for as long as what this gives is kept.
    pub(crate) fn open_request(self: &Arc<Self>) -> OpenRequest {
        let mut inner = self.lock();
        inner.requests = inner.requests.saturating_add(1);
        inner.last = Instant::now();
        OpenRequest(self.clone())
    }

    /// The connection speaks something else than HTTP from now on. Whoever serves that opens a request for whatever its peer asks or
    /// waits for.
    pub(crate) fn upgraded(&self) {
        self.lock().idle_max = UPGRADED_IDLE_MAX;
    }

    /// Part of an answer, of so many bytes, is handed on; it is unread for as long as what this gives is kept.
    pub(crate) fn unread(self: &Arc<Self>, bytes: usize) -> Unread {
        let mut inner = self.lock();
        let id = inner.next;
        inner.next = inner.next.wrapping_add(1);
        let read = Instant::now();
        let seconds = u64::try_from(bytes).unwrap_or(u64::MAX).div_ceil(READ_PER_SECOND);
        let whole = read + UNREAD_MAX + Duration::from_secs(seconds);
        inner.unread.insert(id, Deadline { read, whole });
        Unread { activity: self.clone(), id }
    }

    /// Part of a request has arrived.
    pub(crate) fn progress(&self) {
        self.lock().last = Instant::now();
        if let Some(connection) = &self.connection {
            connection.progress();
        }
    }

    /// Who has to go first when there is no room: those with nothing to do, then those for whom nothing has happened longest.
    pub(crate) fn standing(&self) -> (bool, Instant) {
        let inner = self.lock();
        (inner.requests > 0 || !inner.unread.is_empty(), inner.last)
    }

    /// Waits until the connection has lasted too long: with no request, or with an answer that its peer does not read.
    pub(crate) async fn overstayed(&self) {
        loop {
            let end = self.end();
            if end <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(end).await;
        }
    }

    /// Waits until part of an answer was not read for too long.
    pub(crate) async fn unread_too_long(&self) {
        loop {
            let end = self.lock().unread_end();
            if end.is_some_and(|end| end <= Instant::now()) {
                return;
            }
            // What is handed on from now on has at least so long.
            tokio::time::sleep_until(end.unwrap_or_else(|| Instant::now() + UNREAD_MAX)).await;
        }
    }

    /// Waits until all is read that was handed on.
    pub(crate) async fn all_read(&self) {
        loop {
            let mut read = std::pin::pin!(self.read.notified());
            read.as_mut().enable();
            if self.is_read() {
                return;
            }
            read.await;
        }
    }

    /// Whether all is read that was handed on.
    pub(crate) fn is_read(&self) -> bool {
        self.lock().unread.is_empty()
    }

    /// When the connection ends unless something happens; while requests are open, when to look again.
    fn end(&self) -> Instant {
        let inner = self.lock();
        if let Some(end) = inner.unread_end() {
            return end;
        }
        if inner.requests == 0 { inner.last + inner.idle_max } else { Instant::now() + UNREAD_MAX }
    }

    /// No code panics while it holds this lock.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is open until this is dropped.
#[derive(Debug)]
pub(crate) struct OpenRequest(Arc<Activity>);

impl Drop for OpenRequest {
    fn drop(&mut self) {
        let mut inner = self.0.lock();
        inner.requests = inner.requests.saturating_sub(1);
        inner.last = Instant::now();
    }
}

/// Part of an answer that is unread until this is dropped.
#[derive(Debug)]
pub(crate) struct Unread {
    activity: Arc<Activity>,
    id: u64,
}

impl Unread {
    /// Its peer has read some of it.
    pub(crate) fn progress(&self) {
        self.activity.progress();
        if let Some(deadline) = self.activity.lock().unread.get_mut(&self.id) {
            deadline.read = Instant::now();
        }
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        self.activity.lock().unread.remove(&self.id);
        self.activity.read.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of an answer that may take ten minutes.
    const LONG: usize = 600 * 16_384;

    /// How long the connection lasts from now on, if nothing else happens.
    async fn lasts(activity: &Activity) -> Duration {
        let begun = Instant::now();
        activity.overstayed().await;
        begun.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_lasts_while_there_is_something_to_do() {
        let activity = Activity::new();
        assert_eq!(lasts(&activity).await, IDLE_MAX);
        let request = activity.open_request();
        let hour = Duration::from_secs(3_600);
        let waited = tokio::time::timeout(hour, activity.overstayed()).await;
        assert!(waited.is_err(), "a subscriber may wait long for an event");
        assert!(activity.standing().0);
        drop(request);
        assert_eq!(lasts(&activity).await, IDLE_MAX);
        let activity = Activity::new();
        activity.upgraded();
        assert_eq!(lasts(&activity).await, UPGRADED_IDLE_MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_reads_ends_the_connection_and_a_slow_reader_does_not() {
        let activity = Activity::new();
        let _request = activity.open_request();
        let (slow, quick) = (activity.unread(LONG), activity.unread(LONG));
        for _ in 0..10 {
            tokio::time::sleep(UNREAD_MAX / 2).await;
            slow.progress();
            quick.progress();
        }
        drop(quick);
        assert_eq!(lasts(&activity).await, UNREAD_MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_read_in_drips_ends_the_connection() {
        let activity = Activity::new();
        let (_request, begun) = (activity.open_request(), Instant::now());
        let unread = activity.unread(10 * 16_384);
        let drips = async {
            loop {
                tokio::time::sleep(UNREAD_MAX - Duration::from_secs(1)).await;
                unread.progress();
            }
        };
        tokio::select! {
            () = drips => {}
            () = activity.overstayed() => {}
            () = tokio::time::sleep(Duration::from_secs(3_600)) => panic!("it is held for an hour"),
        }
        assert_eq!(begun.elapsed(), UNREAD_MAX + Duration::from_secs(10));
    }
}
