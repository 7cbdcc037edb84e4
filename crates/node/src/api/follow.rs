//! Subscribers: each is told at their own pace, of what is read once for all ([`super::latest`]) or, further back, of what they read alone.
//! A subscriber that does not read is cut off, and told where it was.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::json;
use sealdesk_protocol::wire::sealdesk::ledger::v1::FollowRequest;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

use super::latest::{Next, Page, Subscription, Told};
use super::{Api, status};
use crate::feed::{self, Cursor, EventPage, Filter};
use crate::http::budget::Share;
use crate::http::busy;
use crate::http::source::Source;
use crate::metrics::Counted;

/// Events that wait for a subscriber.
const BUFFERED_EVENTS: usize = 64;
/// How long a subscriber may leave its buffer full.
const STALLED_MAX: Duration = Duration::from_secs(30);
/// After how long a subscriber who reads what came before looks again for a turn, where too many wait for one: they have their place, and
/// all may come back at once, as after a restart.
const TURN_AGAIN: Duration = Duration::from_millis(200);
/// What a subscriber is sent: an event, or why there are no more.
type Sent = Result<Arc<Told>, Status>;

/// One subscription.
struct Follower {
    api: Api,
    source: Source,
    at: Cursor,
    filter: Arc<Filter>,
    /// What happens; `None` where the subscriber wants the past only.
    latest: Option<Subscription>,
    events: mpsc::Sender<Sent>,
    _place: Share,
    _counted: Option<Counted>,
}

impl Api {
    /// Sends what a request asks for, until it ends or whoever reads it has gone.
    ///
    /// # Errors
    /// A status where the request is not understood, where the ledger has not come as far as its cursor, or where all places are taken.
    pub(crate) async fn start_follower(
        &self,
        request: FollowRequest,
        source: Source,
    ) -> Result<ReceiverStream<Sent>, Status> {
        let (follower, stream) = self.follower(request, source)?;
        self.reached(follower.at).await?;
        tokio::spawn(follower.run());
        Ok(ReceiverStream::new(stream))
    }

    /// A subscription that has not begun, and what its subscriber reads from.
    fn follower(
        &self,
        request: FollowRequest,
        source: Source,
    ) -> Result<(Follower, mpsc::Receiver<Sent>), Status> {
        let stop_at_end = request.stop_at_end;
        let (places, full) = match stop_at_end {
            true => (&self.0.past_readers, "too many read past events"),
            false => (&self.0.followers, "it has too many subscribers, in total or from your address"),
        };
        let place = places.take(source, 1).map_err(|_| busy(full))?;
        let at = match request.cursor.as_slice() {
            [] if request.from_start => Cursor::start(),
            [] => Cursor::after_block(self.ledger().tip().height),
            bytes => Cursor::decode(bytes)
                .ok_or_else(|| Status::invalid_argument("this is not a cursor of the feed"))?,
        };
        let filter = Arc::new(filter_of(request)?);
        let latest = (!stop_at_end).then(|| self.0.latest.subscribe(self));
        // One place more than the buffer has, so that the word of farewell always fits.
        let (events, stream) = mpsc::channel(BUFFERED_EVENTS + 1);
        let api = self.clone();
        let counted = (!stop_at_end).then(|| self.ledger().metrics().calls.subscribed());
        let (_place, _counted) = (place, counted);
        Ok((Follower { api, source, at, filter, latest, events, _place, _counted }, stream))
    }
}

fn filter_of(request: FollowRequest) -> Result<Filter, Status> {
    // Each name is looked for among all that there are.
    if request.types.len() > Event::type_names().len() {
        let most = format!("a subscription names at most {} events, each once", Event::type_names().len());
        return Err(Status::invalid_argument(most));
    }
    let types: Result<BTreeSet<String>, String> =
        request.types.iter().map(|name| Event::full_name(name)).collect();
    let types = types.map_err(Status::invalid_argument)?.into_iter().collect();
    let ticket = match request.ticket_id.as_str() {
        "" => None,
        id => Some(TicketId::parse(id).map_err(|error| Status::invalid_argument(error.to_string()))?),
    };
    Ok(Filter { types, ticket })
}

impl Follower {
    async fn run(mut self) {
        // An error ends the stream with its reason; a subscriber that left needs none.
        if let Err(Some(reason)) = self.follow().await {
            let _ = self.events.try_send(Err(reason));
        }
    }

    /// Sends what there is, then waits for what happens next unless the past was all that was wanted. An error is `None` where
    /// the subscriber has gone.
    async fn follow(&mut self) -> Result<(), Option<Status>> {
        loop {
            let latest = &self.api.0.latest;
            let next = self.latest.as_mut().map(|subscription| subscription.after(self.at, latest));
            match next {
                None if self.send_page().await? => {}
                None => return Ok(()),
                Some(Next::Older) => drop(self.send_page().await?),
                Some(Next::Page(page)) => self.send_shared(&page).await?,
                Some(Next::Nothing(end)) => {
                    // Nothing before was for this subscriber: once it is dropped, nothing is missed.
                    self.at = self.at.max(end);
                    if self.api.ledger().is_closed() {
                        return Err(Some(Status::unavailable("the node is shutting down")));
                    }
                    self.wait().await?;
                }
            }
        }
    }

    /// Waits until something happens.
    async fn wait(&mut self) -> Result<(), Option<Status>> {
        let Some(latest) = &mut self.latest else { return Ok(()) };
        tokio::select! {
            () = self.events.closed() => Err(None),
            () = latest.changed() => Ok(()),
        }
    }

    /// Sends what is wanted of a page that all share.
    async fn send_shared(&mut self, page: &Page) -> Result<(), Option<Status>> {
        for told in &page.events {
            let place = Cursor::decode(&told.event.cursor).unwrap_or(self.at);
            if place > self.at && told.is_wanted(&self.filter) {
                self.send(told.clone()).await?;
                self.at = place;
            }
        }
        self.at = self.at.max(page.end);
        Ok(())
    }

    /// Reads and sends the next page of the feed. True if there is more at once. Who has gone is noticed here, since a page may hold nothing
    /// to send.
    async fn send_page(&mut self) -> Result<bool, Option<Status>> {
        if self.events.is_closed() {
            return Err(None);
        }
        let page = match self.read().await {
            Err(busy) if self.latest.is_some() && busy.code() == Code::ResourceExhausted => {
                tokio::time::sleep(TURN_AGAIN).await;
                return Ok(true);
            }
            read => read?,
        };
        for event in page.events {
            let place = Cursor::decode(&event.cursor).unwrap_or(self.at);
            self.send(Told::of(event)).await?;
            self.at = place;
        }
        self.at = page.end;
        Ok(page.more)
    }

    async fn read(&self) -> Result<EventPage, Status> {
        // All may come back at once: those who are let in one after the other leave room to wait for whoever asks something meanwhile. Those
        // who want the past only are few, and are sent away instead.
        let _one_of_few = match &self.latest {
            Some(_) => self.api.0.catching_up.acquire().await.ok(),
            None => None,
        };
        let (at, filter) = (self.at, self.filter.clone());
        let read = move |api: &Api| {
            let ledger = api.ledger();
            feed::read_to_tip(ledger.machine(), &ledger.tip(), at, &filter).map_err(status::of_query)
        };
        self.api.work(self.source, read).await
    }

    async fn send(&self, told: Arc<Told>) -> Result<(), Option<Status>> {
        // Of two places one is used, so that the last is kept for the farewell.
        match tokio::time::timeout(STALLED_MAX, self.events.reserve_many(2)).await {
            Ok(Ok(mut places)) => {
                if let Some(place) = places.next() {
                    place.send(Ok(told));
                }
                Ok(())
            }
            Ok(Err(_gone)) => Err(None),
            Err(_) => {
                self.api.ledger().metrics().calls.cut_off();
                let cursor = json::cursor(&self.at.encode());
                Err(Some(Status::resource_exhausted(format!(
                    "cut off for not reading; continue at once from cursor {cursor}"
                ))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use futures_util::FutureExt as _;
    use sealdesk_protocol::tx::TxHash;
    use sealdesk_protocol::wire::cosmos::tx::v1beta1::GetTxRequest;
    use sealdesk_testkit::CHAIN_ID;
    use sealdesk_testkit::people::Person;
    use tokio_stream::StreamExt as _;
    use tonic::Code;

    use super::super::SUBSCRIBERS;
    use super::super::services::cosmos::tx::v1beta1::service_server::Service as _;
    use super::*;
    use crate::desk::{Memory, clock, open, settle, submit};

    /// An API over a ledger with that many events.
    fn api_with_events(count: u16) -> Api {
        let clock = clock();
        let mut solo = open(Memory::default().disks(), &clock).unwrap();
        let admin = Person::number(0);
        for n in 0..count {
            submit(&solo, &admin.appoint(n.into(), &Person::number(n + 1))).unwrap();
            if n % 50 == 49 {
                settle(&mut solo, &clock);
            }
        }
        settle(&mut solo, &clock);
        Api::new(solo.handle().clone(), BTreeMap::new())
    }

    /// Begins to follow a ledger that nobody else is ahead of.
    fn follow(api: &Api, request: FollowRequest, source: Source) -> Result<ReceiverStream<Sent>, Status> {
        api.start_follower(request, source).now_or_never().expect("nothing is waited for")
    }

    fn from_start(cursor: Vec<u8>) -> FollowRequest {
        FollowRequest { from_start: cursor.is_empty(), cursor, stop_at_end: true, ..Default::default() }
    }

    #[tokio::test]
    async fn a_subscription_names_events_in_full_or_short_and_none_that_there_are_not() {
        let api = api_with_events(3);
        let named = |name: &str| {
            let types = vec![name.to_owned(), name.to_owned()];
            follow(&api, FollowRequest { types, ..from_start(Vec::new()) }, Source::Own)
        };
        for name in ["EventRoleAssigned", "virtengine.roles.v1.EventRoleAssigned"] {
            assert_eq!(named(name).unwrap().collect::<Vec<_>>().await.len(), 3, "{name}");
        }
        for name in ["", "RoleAssigned", "EventRoleAsigned", &"x".repeat(1_000)] {
            let refused = named(name).err().unwrap();
            assert_eq!(refused.code(), Code::InvalidArgument);
            assert!(refused.message().contains("EventRoleAssigned"), "{refused}");
        }
    }

    #[tokio::test]
    async fn more_names_than_there_are_events_are_refused_before_any_is_looked_for() {
        let api = api_with_events(1);
        let types = vec!["EventRoleAssigned".to_owned(); 1_000];
        let refused = follow(&api, FollowRequest { types, ..from_start(Vec::new()) }, Source::Own);
        let refused = refused.err().unwrap();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert!(refused.message().contains("at most"), "{refused}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_subscriber_who_does_not_read_is_cut_off_and_misses_nothing_when_he_comes_back() {
        let api = api_with_events(150);
        let mut stream = follow(&api, from_start(Vec::new()), Source::Own).unwrap();
        tokio::time::sleep(STALLED_MAX * 2).await;
        let mut got = Vec::new();
        let reason = loop {
            match stream.next().await.expect("a farewell before the end") {
                Ok(told) => got.push(told.event.cursor.clone()),
                Err(reason) => break reason,
            }
        };
        assert!(stream.next().await.is_none());
        assert_eq!(reason.code(), Code::ResourceExhausted);
        assert!(got.len() <= BUFFERED_EVENTS, "{} events were kept for him", got.len());
        let ledger = api.ledger().as_ref();
        let counted = ledger.metrics().text(ledger, std::path::Path::new("/nowhere"));
        for (name, value) in [("cut_off_total", 1), ("subscribers", 0)] {
            let line = format!("sealdesk_follow_{name}{{chain_id=\"{CHAIN_ID}\"}} {value}\n");
            assert!(counted.contains(&line), "{counted}");
        }
        let cursor = got.last().unwrap().clone();
        assert!(reason.message().contains(&json::cursor(&cursor)), "{}", reason.message());

        let rest = follow(&api, from_start(cursor), Source::Own).unwrap();
        got.extend(rest.map(|told| told.unwrap().event.cursor.clone()).collect::<Vec<_>>().await);
        assert_eq!(got.len(), 150);
        assert!(got.windows(2).all(|pair| pair[0] < pair[1]), "no gap and no event twice");
    }

    #[tokio::test]
    async fn what_was_dropped_is_said_and_who_missed_nothing_goes_on() {
        let (memory, clock) = (Memory::default(), clock());
        let mut solo = open(memory.disks(), &clock).unwrap();
        let (admin, customer) = (Person::number(0), Person::number(40));
        let first = admin.appoint(0, &Person::number(1));
        submit(&solo, &first).unwrap();
        settle(&mut solo, &clock);
        let api = Api::new(solo.handle().clone(), BTreeMap::new());
        let (events, mut told) = mpsc::channel(BUFFERED_EVENTS + 1);
        let mut idle = Follower {
            api: api.clone(),
            at: Cursor::after_block(api.ledger().tip().height),
            filter: Arc::default(),
            source: Source::Own,
            latest: Some(api.0.latest.subscribe(&api)),
            events,
            _place: api.0.followers.take(Source::Own, 1).unwrap(),
            _counted: None,
        };
        // Blocks without an event.
        for n in 0..30 {
            submit(&solo, &customer.attempt(n, &admin)).unwrap();
            settle(&mut solo, &clock);
        }
        assert!(!idle.send_page().await.unwrap());
        let dropped = solo.prune(5).unwrap();
        submit(&solo, &admin.appoint(1, &Person::number(2))).unwrap();
        settle(&mut solo, &clock);
        assert!(!idle.send_page().await.unwrap());
        assert_eq!(told.try_recv().unwrap().unwrap().event.height, i64::try_from(solo.height() - 1).unwrap());

        let from = (dropped + 1).to_string();
        let mut past = follow(&api, from_start(Vec::new()), Source::Own).unwrap();
        let told = past.next().await.unwrap().unwrap_err();
        assert_eq!(told.code(), Code::FailedPrecondition);
        assert_eq!(told.metadata().get("sealdesk-history-from").unwrap().to_str().unwrap(), from);
        let cursor = told.metadata().get("sealdesk-history-cursor").unwrap().to_str().unwrap();
        let cursor = hex::decode(cursor).unwrap();
        assert!(told.message().ends_with(&format!("from cursor {}", json::cursor(&cursor))), "{told}");
        let since = follow(&api, from_start(cursor), Source::Own).unwrap();
        assert_eq!(since.collect::<Vec<_>>().await.len(), 1);
        let lookup = GetTxRequest { hash: TxHash::of(&first).to_string() };
        let told = api.get_tx(tonic::Request::new(lookup)).await.unwrap_err();
        assert_eq!(told.code(), Code::NotFound);
        assert_eq!(told.metadata().get("sealdesk-history-from").unwrap().to_str().unwrap(), from);
    }

    #[tokio::test]
    async fn a_reader_of_the_past_who_has_left_is_read_for_no_more() {
        let api = api_with_events(3);
        let nothing =
            FollowRequest { types: vec!["EventTicketCreated".to_owned()], ..from_start(Vec::new()) };
        let (mut follower, stream) = api.follower(nothing, Source::Own).unwrap();
        assert!(follower.send_page().await.is_ok());
        drop(stream);
        assert!(matches!(follower.send_page().await, Err(None)), "no page is read for nobody");
    }

    #[tokio::test]
    async fn idle_subscribers_keep_neither_others_nor_readers_of_the_past_away() {
        let api = api_with_events(3);
        let endless = || FollowRequest { from_start: true, ..Default::default() };
        let stranger = |number: usize| Source::of([10, 0, 0, u8::try_from(number).unwrap()].into());
        let (many, one) = (SUBSCRIBERS.all, SUBSCRIBERS.per_source);
        let mut streams: Vec<_> = (0..one).map(|_| follow(&api, endless(), stranger(0)).unwrap()).collect();
        let one_more = follow(&api, endless(), stranger(0)).err().unwrap();
        assert_eq!(one_more.code(), Code::ResourceExhausted);
        assert_eq!(one_more.metadata().get("retry-after").unwrap(), "5");
        assert!(one_more.message().contains("try again in 5 seconds"), "{one_more}");
        streams.extend((one..many).map(|n| follow(&api, endless(), stranger(n / one)).unwrap()));
        let no_place = follow(&api, endless(), stranger(200)).err().unwrap();
        assert_eq!(no_place.code(), Code::ResourceExhausted, "all places of strangers are taken");
        for source in [stranger(0), stranger(200), Source::Own] {
            let past = follow(&api, from_start(Vec::new()), source).unwrap();
            assert_eq!(past.collect::<Vec<_>>().await.len(), 3, "the past is there for everyone");
        }
        let own = follow(&api, endless(), Source::Own).unwrap();
        drop(streams);
        let room = async || follow(&api, endless(), stranger(200)).map(drop);
        crate::desk::waiting::until("the place of a subscriber who has left", room).await;
        drop(own);
    }
}
