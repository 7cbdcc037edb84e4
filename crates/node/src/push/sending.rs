//! Posting: what happens becomes at most one message at a time to each device, tried a few times, to addresses of the public internet alone.
//!
//! Nothing of it is kept: a notice is a hint, and what it hints at stands in the ledger. What happened while the node did not run is told
//! to nobody. Whoever names a victim's address as their device's has this node post there once in [`RetryPolicy::between`], while somebody else
//! answers them; all devices together get no more than [`POSTS`].

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sealdesk_protocol::wire::sealdesk::ledger::v1::LedgerEvent;
use tokio::sync::{OnceCell, Semaphore};
use tokio_rustls::TlsConnector;

use super::devices::Device;
use super::events::{self, Told};
use super::{Push, post};
use crate::feed::{self, Cursor, EventPage, Filter};
use crate::http::meter::{Rate, Total};
use crate::http::tls_client;
use crate::signed_request::now;

/// Messages that are posted at the same time.
const POSTS_AT_ONCE: usize = 8;
/// Messages that this node posts in all.
const POSTS: Rate = Rate { at_once: 2_000, once_more_after: Duration::from_millis(100) };
/// Devices that have a message under way, or had one just now. Of more nobody is told.
const UNDER_WAY_MAX: usize = 4_096;
/// After how long what could not be read is read again.
const READ_AGAIN: Duration = Duration::from_secs(5);

/// How quickly things are sent.
#[derive(Clone, Debug)]
pub(crate) struct RetryPolicy {
    /// Between two messages to one device. What happens meanwhile is one message.
    pub(super) between: Duration,
    /// After which pauses a message is tried again that did not arrive.
    pub(super) pauses: Vec<Duration>,
    /// How long an attempt may take.
    pub(super) wait: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            between: Duration::from_secs(10),
            pauses: [30, 120, 600].map(Duration::from_secs).to_vec(),
            wait: Duration::from_secs(15),
        }
    }
}

/// A device of an account.
type Place = (String, String);

/// What all messages share.
pub(super) struct Outbox {
    turns: Semaphore,
    posts: Total,
    tls: OnceCell<TlsConnector>,
    /// Of each device that has a message under way, the ticket of the next one.
    under_way: Mutex<BTreeMap<Place, Option<String>>>,
}

impl Outbox {
    pub(super) fn new() -> Self {
        Self {
            turns: Semaphore::new(POSTS_AT_ONCE),
            posts: Total::new(POSTS),
            tls: OnceCell::new(),
            under_way: Mutex::default(),
        }
    }

    /// Made when the first one needs it: it reads the authorities that this machine believes.
    pub(super) async fn tls(&self) -> Result<TlsConnector, String> {
        let make = || async {
            let made = tokio::task::spawn_blocking(|| tls_client::connector(None)).await;
            made.unwrap_or_else(|error| Err(error.to_string()))
        };
        self.tls.get_or_try_init(make).await.cloned()
    }

    /// No code panics while it holds this lock.
    fn under_way(&self) -> MutexGuard<'_, BTreeMap<Place, Option<String>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a message to a device begins now; otherwise one is under way, and says it too or is followed by another.
    fn begins(&self, place: &Place, ticket: &str) -> bool {
        let mut under_way = self.under_way();
        let is_full = under_way.len() >= UNDER_WAY_MAX;
        match under_way.entry(place.clone()) {
            Entry::Occupied(mut entry) => {
                entry.insert(Some(ticket.to_owned()));
                false
            }
            Entry::Vacant(_) if is_full => false,
            Entry::Vacant(entry) => {
                entry.insert(None);
                true
            }
        }
    }

    /// The ticket of the next message to a device; where there is none, nothing is under way there any more.
    fn next(&self, place: &Place) -> Option<String> {
        let mut under_way = self.under_way();
        let next = under_way.get_mut(place).and_then(Option::take);
        if next.is_none() {
            under_way.remove(place);
        }
        next
    }
}

/// Tells of what happens from now on, until the node stops.
pub(super) async fn run(push: Push) {
    let ledger = push.0.api.ledger().clone();
    let (mut heights, mut cursor) = (ledger.heights(), Cursor::after_block(ledger.tip().height));
    let outbox = Arc::new(Outbox::new());
    loop {
        heights.mark_unchanged();
        cursor = read(&push, &outbox, cursor).await;
        tokio::select! {
            () = push.0.stop.cancelled() => return,
            changed = heights.changed() => if changed.is_err() || ledger.is_closed() { return },
        }
    }
}

/// Reads the feed to its end, and begins what is to be sent. Where it ended.
async fn read(push: &Push, outbox: &Arc<Outbox>, mut cursor: Cursor) -> Cursor {
    let filter = Filter { types: events::types(), ticket: None };
    loop {
        let (shared, filter) = (push.clone(), filter.clone());
        let read = tokio::task::spawn_blocking(move || {
            let ledger = shared.0.api.ledger();
            let tip = ledger.tip();
            let EventPage { events, end, more } = feed::read_to_tip(ledger.machine(), &tip, cursor, &filter)?;
            let recipients =
                |event: &LedgerEvent| events::recipients(ledger.machine(), &tip.snapshot, event).transpose();
            let told = events.iter().filter_map(recipients).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, sealdesk_machine::QueryError>((told, end, more))
        });
        match read.await {
            Ok(Ok((told, end, more))) => {
                told.into_iter().for_each(|told| begin(push, outbox, &told));
                cursor = end;
                if !more {
                    return cursor;
                }
            }
            Ok(Err(error)) => {
                tracing::warn!(
                    "notifications cannot read what happens, and continue with the next event: {error}"
                );
                tokio::time::sleep(READ_AGAIN).await;
                return Cursor::after_block(push.0.api.ledger().tip().height);
            }
            Err(_) => return cursor,
        }
    }
}

fn begin(push: &Push, outbox: &Arc<Outbox>, told: &Told) {
    let Some(devices) = &push.0.devices else { return };
    for device in devices.of(&told.account, now()) {
        let place = (told.account.clone(), device.endpoint.clone());
        if outbox.begins(&place, &told.ticket) {
            let (push, outbox, ticket) = (push.clone(), outbox.clone(), told.ticket.clone());
            tokio::spawn(async move {
                let stop = push.0.stop.clone();
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = deliver(&push, &outbox, &place, device, ticket) => {}
                }
            });
        }
    }
}

/// Sends a device one message after the other, until nothing more has happened.
async fn deliver(push: &Push, outbox: &Outbox, place: &Place, device: Device, first: String) {
    let mut next = Some(first);
    while let Some(ticket) = next {
        if !try_all(push, outbox, &device, &ticket).await {
            forget(push, place).await;
        }
        tokio::time::sleep(push.0.policy.between).await;
        next = outbox.next(place);
    }
}

/// Sends a message, a few times if it has to be. False where the device is gone.
async fn try_all(push: &Push, outbox: &Outbox, device: &Device, ticket: &str) -> bool {
    let mut pauses = push.0.policy.pauses.iter();
    loop {
        let Ok(turn) = outbox.turns.acquire().await else { return true };
        if outbox.posts.count().is_err() {
            tracing::warn!("a notice is left out: this node has posted as many as it may");
            return true;
        }
        let sent = post::post(push, outbox, device, ticket).await;
        drop(turn);
        match sent {
            Ok(()) => return true,
            Err(post::Unsent::Gone) => return false,
            Err(post::Unsent::Refused(why)) => {
                tracing::info!("a push service refuses a notice: {why}");
                return true;
            }
            Err(post::Unsent::Later(why)) => match pauses.next() {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => {
                    tracing::info!("a notice did not arrive: {why}");
                    return true;
                }
            },
        }
    }
}

/// Forgets a device that its push service does not know any more.
async fn forget(push: &Push, (account, endpoint): &Place) {
    let (push, account, endpoint) = (push.clone(), account.clone(), endpoint.clone());
    let forgotten = tokio::task::spawn_blocking(move || {
        push.0.devices.as_ref().map_or(Ok(0), |devices| devices.remove(&account, &endpoint))
    });
    if let Ok(Err(error)) = forgotten.await {
        tracing::warn!("a device that is gone cannot be forgotten: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What SECURITY.md says of how often this node posts where somebody named an address.
    #[test]
    fn notices_go_at_the_pace_that_is_promised() {
        let RetryPolicy { between, pauses, wait } = RetryPolicy::default();
        let attempts = u32::try_from(pauses.len() + 1).unwrap();
        assert_eq!((between, attempts, POSTS_AT_ONCE), (Duration::from_secs(10), 4, 8));
        assert!(pauses.iter().sum::<Duration>() + wait * attempts <= Duration::from_secs(900));
        let outbox = Outbox::new();
        let allowed = (0..3_000).take_while(|_| outbox.posts.count().is_ok()).count();
        assert!((2_000..2_100).contains(&allowed), "{allowed} at once, and then ten a second");
        assert_eq!(POSTS.once_more_after, Duration::from_millis(100));
    }

    #[test]
    fn what_happens_while_a_notice_is_under_way_is_one_more() {
        let (outbox, place) = (Outbox::new(), ("customer".to_owned(), "https://push.example".to_owned()));
        let begun = ["1", "2", "3"].map(|ticket| outbox.begins(&place, ticket));
        assert_eq!(begun, [true, false, false]);
        assert_eq!(outbox.next(&place).as_deref(), Some("3"));
        assert!(!outbox.begins(&place, "4"), "until the device has waited");
        assert_eq!((outbox.next(&place).as_deref(), outbox.next(&place)), (Some("4"), None));
        assert!(outbox.begins(&place, "5"));
    }
}
