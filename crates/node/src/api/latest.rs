//! What happened lately, read once for all subscribers: the newest events, in order, for as long as somebody follows.
//!
//! Whoever is up to date takes each new page from here and shares it with all others, so that a block is read once, however many follow.
//! Whose place is before what is kept reads the ledger's feed alone until it is here. Nothing is lost and nothing doubled where one
//! goes over into the other: both go by cursors, and what is kept has no gap.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};

use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::wire::sealdesk::ledger::v1::LedgerEvent;
use tokio::sync::watch;

use super::{Api, Shared};
use crate::feed::{self, Cursor, EventPage, Filter};

/// Newest pages that are kept for whoever is a little behind, or comes back: with their texts some 2 MiB, for all subscribers together.
const PAGES_KEPT: usize = 16;
/// Groups in which subscribers are woken, one after the other: whoever asks something meanwhile waits for the work of one group, and not for
/// that of all.
const GROUPS: usize = 128;

/// An event that subscribers are told of. What is made of it for one is there for all.
#[derive(Debug)]
pub(crate) struct Told {
    /// The event.
    pub(crate) event: LedgerEvent,
    ticket: OnceLock<Option<TicketId>>,
    text: OnceLock<Option<EventText>>,
}

/// An event as text.
#[derive(Debug)]
pub(crate) struct EventText {
    /// Its cursor.
    pub(crate) id: String,
    /// All of it.
    pub(crate) data: String,
}

/// Some events, in order.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) events: Vec<Arc<Told>>,
    /// Where it ends: behind its last event, or further.
    pub(super) end: Cursor,
}

/// All that happened between two places.
#[derive(Debug)]
struct EventWindow {
    from: Cursor,
    pages: VecDeque<Arc<Page>>,
    to: Cursor,
}

/// What comes after a subscriber's place.
#[derive(Debug)]
pub(super) enum Next {
    /// More than what is kept: the feed has it.
    Older,
    /// This, and maybe more.
    Page(Arc<Page>),
    /// Nothing, up to here.
    Nothing(Cursor),
}

/// See the module.
pub(super) struct Latest {
    window: RwLock<EventWindow>,
    /// By which subscribers are woken, so many of them at a time.
    groups: Vec<watch::Sender<()>>,
    /// The group of the next one.
    next: AtomicUsize,
    begun: OnceLock<()>,
}

/// Waits for what happens.
#[derive(Debug)]
pub(super) struct Subscription(watch::Receiver<()>);

impl Told {
    pub(super) fn of(event: LedgerEvent) -> Arc<Self> {
        Arc::new(Self { event, ticket: OnceLock::new(), text: OnceLock::new() })
    }

    /// It as text, which the first one who needs it writes. `None` where it cannot be written.
    pub(crate) fn text(&self, write: impl FnOnce(&LedgerEvent) -> Option<EventText>) -> Option<&EventText> {
        self.text.get_or_init(|| write(&self.event)).as_ref()
    }

    /// Whether a subscriber wants it.
    pub(super) fn is_wanted(&self, filter: &Filter) -> bool {
        let of_type = || filter.types.is_empty() || filter.types.contains(&self.event.r#type);
        let of_ticket = |wanted| {
            *self.ticket.get_or_init(|| {
                let event = Event::decode(&self.event.r#type, &self.event.value).ok()?;
                TicketId::parse(event.ticket_id()?).ok()
            }) == Some(wanted)
        };
        of_type() && filter.ticket.is_none_or(of_ticket)
    }
}

impl EventWindow {
    fn at(place: Cursor) -> Self {
        Self { from: place, pages: VecDeque::new(), to: place }
    }

    /// What comes after a place.
    fn after(&self, place: Cursor) -> Next {
        if place < self.from {
            return Next::Older;
        }
        let begins = self.pages.partition_point(|page| page.end <= place);
        self.pages.get(begins).map_or(Next::Nothing(self.to), |page| Next::Page(page.clone()))
    }

    /// Goes on with what came next. True if that is anything.
    fn add(&mut self, EventPage { events, end, .. }: EventPage) -> bool {
        self.to = self.to.max(end);
        if events.is_empty() {
            return false;
        }
        let events = events.into_iter().map(Told::of).collect();
        self.pages.push_back(Arc::new(Page { events, end }));
        if self.pages.len() > PAGES_KEPT
            && let Some(oldest) = self.pages.pop_front()
        {
            self.from = oldest.end;
        }
        true
    }
}

impl Subscription {
    /// Waits for what happens after the last look.
    pub(super) async fn changed(&mut self) {
        // The groups are there as long as the API, and so as long as whoever follows: this cannot fail.
        let _ = self.0.changed().await;
    }

    /// What comes after a place.
    pub(super) fn after(&mut self, place: Cursor, latest: &Latest) -> Next {
        self.0.mark_unchanged();
        latest.window.read().unwrap_or_else(PoisonError::into_inner).after(place)
    }
}

impl Latest {
    pub(super) fn new(place: Cursor) -> Self {
        let groups = (0..GROUPS).map(|_| watch::Sender::new(())).collect();
        Self {
            window: RwLock::new(EventWindow::at(place)),
            groups,
            next: AtomicUsize::new(0),
            begun: OnceLock::new(),
        }
    }

    /// Begins to follow the ledger for one more. The first one has it kept from now on.
    pub(super) fn subscribe(self: &Arc<Self>, api: &Api) -> Subscription {
        let number = self.next.fetch_add(1, Ordering::Relaxed) % GROUPS;
        // There is one of every number.
        let group = self.groups.get(number).map_or_else(|| watch::channel(()).1, watch::Sender::subscribe);
        self.begun.get_or_init(|| {
            let weak = Arc::downgrade(&api.0);
            // Nobody wants what came before the first one.
            self.begin_anew(&weak);
            tokio::spawn(keep(self.clone(), weak, api.ledger().heights()));
        });
        Subscription(group)
    }

    fn is_followed(&self) -> bool {
        self.groups.iter().any(|group| group.receiver_count() > 0)
    }

    /// Reads what is new, if anybody follows.
    async fn renew(&self, api: &Weak<Shared>) {
        if !self.is_followed() {
            self.begin_anew(api);
            // Somebody may have come just now, and have seen what was there before.
            return self.wake().await;
        }
        loop {
            let Some(reader) = api.upgrade().map(Api) else { return };
            let place = self.change(|window| window.to);
            // Nobody's turn is taken: it is the node's own work, and once a block.
            let read = tokio::task::spawn_blocking(move || {
                let tip = reader.ledger().tip();
                feed::read_to_tip(reader.ledger().machine(), &tip, place, &Filter::default())
            });
            let read = read.await.map_err(|failed| failed.to_string());
            let page = match read.and_then(|page| page.map_err(|error| error.to_string())) {
                Ok(page) => page,
                Err(why) => {
                    tracing::error!(
                        why,
                        "what happened in the newest blocks cannot be read for all who follow"
                    );
                    // Whoever follows reads alone, and is told what is wrong.
                    self.begin_anew(api);
                    return self.wake().await;
                }
            };
            let more = page.more;
            // Blocks in which nothing happened wake nobody.
            if self.change(|window| window.add(page)) {
                self.wake().await;
            }
            if !more {
                return;
            }
        }
    }

    /// Keeps nothing from before the newest block.
    fn begin_anew(&self, api: &Weak<Shared>) {
        let Some(api) = api.upgrade().map(Api) else { return };
        let place = Cursor::after_block(api.ledger().tip().height);
        self.change(|window| *window = EventWindow::at(place));
    }

    /// No code panics while it holds this lock.
    fn change<T>(&self, change: impl FnOnce(&mut EventWindow) -> T) -> T {
        change(&mut self.window.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Has everyone look again, one group after the other.
    async fn wake(&self) {
        for group in self.groups.iter().filter(|group| group.receiver_count() > 0) {
            group.send_replace(());
            tokio::task::yield_now().await;
        }
    }
}

/// Keeps what happened lately until the ledger ends, or nobody has the API any more. Only what is read just now holds the ledger: whoever has
/// stopped it can open it again at once.
async fn keep(latest: Arc<Latest>, api: Weak<Shared>, mut heights: watch::Receiver<u64>) {
    loop {
        heights.mark_unchanged();
        latest.renew(&api).await;
        if api.upgrade().is_none_or(|api| Api(api).ledger().is_closed()) {
            return latest.wake().await;
        }
        if heights.changed().await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
