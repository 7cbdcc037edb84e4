//! Many who follow: what is read for them, and that each is told everything once.

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::Duration;

use futures_util::FutureExt as _;
use sealdesk_protocol::wire::sealdesk::ledger::v1::FollowRequest;
use sealdesk_testkit::people::Person;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

use super::*;
use crate::clock::ManualClock;
use crate::desk::slow::Slow;
use crate::desk::waiting::within;
use crate::desk::{Memory, clock, execute, open};
use crate::http::source::Source;
use crate::rest::tests::kit::Desk as Catalogue;
use crate::solo::Solo;

type Stream = ReceiverStream<Result<Arc<Told>, Status>>;

/// A desk that counts how often it is read.
struct Desk {
    api: Api,
    ledger: Arc<Slow>,
    solo: Solo,
    clock: ManualClock,
    made: u16,
}

impl Desk {
    fn new() -> Self {
        let clock = clock();
        let solo = open(Memory::default().disks(), &clock).unwrap();
        let ledger = Arc::new(Slow::new(solo.handle().clone()));
        Self { api: Api::new(ledger.clone(), BTreeMap::new()), ledger, solo, clock, made: 0 }
    }

    /// A block in which one thing happens.
    fn make_block(&mut self) {
        let tx = Person::number(0).appoint(self.made.into(), &Person::number(self.made + 1));
        execute(&mut self.solo, &self.clock, &tx);
        self.made += 1;
    }

    fn follow(&self, from: Option<Cursor>, source: Source) -> Stream {
        let cursor = from.map(Cursor::encode).unwrap_or_default();
        let begun = self.api.start_follower(FollowRequest { cursor, ..FollowRequest::default() }, source);
        begun.now_or_never().expect("nothing is waited for").unwrap()
    }
}

fn stranger(number: usize) -> Source {
    Source::of([10, 0, 0, u8::try_from(number).unwrap()].into())
}

async fn next(stream: &mut Stream) -> Arc<Told> {
    within("an event", stream.next()).await.unwrap().unwrap()
}

fn place(told: &Told) -> Cursor {
    Cursor::decode(&told.event.cursor).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_is_read_once_however_many_follow() {
    let mut desk = Desk::new();
    let mut followers: Vec<_> = (0..200).map(|number| desk.follow(None, stranger(number))).collect();
    let (read, height) = (desk.ledger.read(), desk.api.ledger().tip().height);
    for _ in 0..5 {
        desk.make_block();
        let first = next(&mut followers[0]).await;
        for follower in &mut followers[1..] {
            let told = next(follower).await;
            assert!(Arc::ptr_eq(&told, &first), "it is one event, and not a copy for each");
        }
    }
    let (read, blocks) = (desk.ledger.read() - read, desk.api.ledger().tip().height - height);
    let most = usize::try_from(blocks).unwrap() + 1;
    assert!((5..=most).contains(&read), "{read} times for {blocks} blocks and 200 followers");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_goes_on_where_they_were_however_far_behind() {
    let mut desk = Desk::new();
    let mut always = desk.follow(None, Source::Own);
    let begin = desk.api.newest();
    let mut all = vec![begin];
    let blocks = u16::try_from(3 * PAGES_KEPT).unwrap();
    for _ in 0..blocks {
        desk.make_block();
        all.push(place(&*next(&mut always).await));
    }
    assert!(all.windows(2).all(|two| two[0] < two[1]));
    // From each place, in all that is kept and before it; more happens while they read.
    let mut back: Vec<_> = all.iter().map(|from| desk.follow(Some(*from), Source::Own)).collect();
    desk.make_block();
    all.push(place(&*next(&mut always).await));
    for (behind, follower) in back.iter_mut().enumerate() {
        for expected in &all[behind + 1..] {
            assert_eq!(place(&*next(follower).await), *expected, "from place {behind}");
        }
    }
    let kept = desk.api.0.latest.change(|stretch| stretch.pages.len());
    assert_eq!(kept, PAGES_KEPT);
    desk.solo.handle().close();
    for follower in back.iter_mut().chain([&mut always, &mut desk.follow(None, Source::Own)]) {
        let end = within("the end", follower.next()).await.unwrap().unwrap_err();
        assert_eq!(end.code(), Code::Unavailable);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_read_or_kept_while_nobody_follows() {
    let mut desk = Desk::new();
    let mut one = desk.follow(None, Source::Own);
    desk.make_block();
    next(&mut one).await;
    drop(one);
    let api = desk.api.clone();
    let latest = &api.0.latest;
    crate::desk::waiting::until("the follower has gone", async || {
        if !latest.is_followed() { Ok(()) } else { Err("it is there") }
    })
    .await;
    let begin = desk.api.newest();
    for _ in 0..3 {
        desk.make_block();
    }
    crate::desk::waiting::until("what was kept is let go of", async || {
        if latest.change(|stretch| stretch.pages.is_empty()) { Ok(()) } else { Err("it is there") }
    })
    .await;
    let read = desk.ledger.read();
    desk.make_block();
    crate::desk::waiting::until("the newest block is known", async || {
        let to = latest.change(|stretch| stretch.to);
        if to >= desk.api.newest() { Ok(()) } else { Err(to) }
    })
    .await;
    assert_eq!(desk.ledger.read(), read);
    // Who comes then has missed nothing.
    let mut back = desk.follow(Some(begin), Source::Own);
    for _ in 0..4 {
        next(&mut back).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_wants_of_what_all_share_is_what_the_feed_has_of_it() {
    let desk = Catalogue::new();
    let (machine, tip) = (desk.api.ledger().machine(), desk.api.ledger().tip());
    let read = |filter: &Filter| feed::read_to_tip(machine, &tip, Cursor::start(), filter).unwrap().events;
    let all: Vec<_> = read(&Filter::default()).into_iter().map(Told::of).collect();
    let types: std::collections::BTreeSet<_> = all.iter().map(|told| told.event.r#type.clone()).collect();
    let tickets = (1..=6).map(TicketId::new).chain([None]);
    for ticket in tickets {
        for wanted in types.iter().map(|one| vec![one.clone()]).chain([Vec::new()]) {
            let filter = Filter { types: wanted, ticket };
            let found = all.iter().filter(|told| told.is_wanted(&filter)).map(|told| told.event.clone());
            assert_eq!(found.collect::<Vec<_>>(), read(&filter), "{filter:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_who_is_behind_waits_for_a_turn_to_read_in_place_of_being_sent_away() {
    let mut desk = Desk::new();
    desk.make_block();
    // One address has all the calls that wait for their turn which it may have.
    let (go_on, gate) = mpsc::channel::<()>();
    let gate = Arc::new(std::sync::Mutex::new(gate));
    let busy: Vec<_> = (0..70)
        .map(|_| {
            let (api, gate) = (desk.api.clone(), gate.clone());
            tokio::spawn(async move {
                let work = move |_: &Api| {
                    let _ = gate.lock().unwrap().recv();
                    Ok(())
                };
                api.work(stranger(1), work).await
            })
        })
        .collect();
    let reads = desk.api.ledger().metrics().calls.held("reads");
    crate::desk::waiting::until("the address to have its share", async || match reads.get() {
        held if held >= 64.0 => Ok(()),
        held => Err(held),
    })
    .await;
    let mut behind = desk.follow(Some(Cursor::start()), stranger(1));
    assert!(tokio::time::timeout(Duration::from_millis(300), behind.next()).await.is_err());
    drop(go_on);
    next(&mut behind).await;
    let mut done = 0;
    for one in busy {
        done += usize::from(one.await.unwrap().is_ok());
    }
    assert!((60..=64).contains(&done), "{done} had a place");
}
