//! Turns to do work: so many at a time, and a bounded number of calls that wait.
//!
//! Who waits has a place of a [`Budget`], so that one source cannot have all of them. A turn that ends goes to the call whose source has had
//! the least of such turns lately: who asks little is next, however many others ask much, and those share what is left. Who has had much
//! lately, and work that takes long whoever asks for it, leave some turns to the others even where nobody else waits: a turn cannot be taken
//! back. The operator's own machine has turns beside those that everyone shares.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tonic::Status;

use crate::http::budget::{Bounds, Budget, Share};
use crate::http::busy;
use crate::http::source::Source;

/// Calls of each kind that wait for their turn or have it; more are sent away. The operator's own machine may be a proxy too, so it has as
/// many as all others.
pub(super) const WAITING: Bounds = Bounds { all: 1_024, per_source: 64, own: 1_024 };
/// In this time what somebody has had counts half.
const HALF_LIFE: Duration = Duration::from_secs(1);
/// Who has had more than this lately has had much: a fourteenth of the time of one turn, if it goes on.
const MUCH: Duration = Duration::from_millis(100);
/// Who differ by less than this have had as much as each other.
const ABOUT: Duration = Duration::from_millis(2);
/// Of so many it is known what they have had: more than may wait.
const REMEMBERED_MAX: usize = 4 * WAITING.all;

/// What is done in a turn. Each kind of a source's work has its own line: whoever reads does not wait for what they have sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Work {
    /// It is soon done: an answer is read and written.
    Short,
    /// The signatures of a transaction are verified.
    Check,
    /// It may take long: a search, or a transaction that is tried.
    Long,
}

/// How many turns there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    /// For everyone.
    pub(super) shared: usize,
    /// Of these, for work that takes long, and for those who have had much lately: at least one.
    pub(super) long: usize,
    /// For the operator's own machine, beside them.
    pub(super) own: usize,
}

/// See the module.
pub(super) struct Turns {
    /// Places of each kind of work: those of one take none from another.
    waiting: [Arc<Budget>; 3],
    line: Arc<Line>,
}

/// A turn, until this is dropped.
pub(super) struct Turn {
    _place: Share,
    _given: Given,
}

/// A turn that is followed by a rest, in which nobody else has it: of so much time as its work took, so many times over. Who waits for such
/// turns gets only so much of the processor, all together.
pub(super) struct Resting {
    turn: Option<Turn>,
    begun: Instant,
    times: u32,
    runtime: Handle,
}

/// Whose work, and what of theirs.
type Asker = (Source, Work);

/// Who waits, what is free, and who has had how much.
struct Line(Mutex<Inner>);

struct Inner {
    /// Turns that nobody has: of those that everyone shares, and of the operator's own.
    free: [usize; 2],
    /// Of the shared turns, how many more may be long.
    long: usize,
    /// The oldest call of each asker comes first.
    calls: BTreeMap<Asker, VecDeque<Call>>,
    /// How many have come to wait so far.
    came: u64,
    /// Who has had something lately.
    had: BTreeMap<Asker, Had>,
}

/// A call that waits.
struct Call {
    /// How many came before it.
    after: u64,
    give: oneshot::Sender<Given>,
}

/// How much somebody has had, as it counted at a time.
#[derive(Clone, Copy)]
struct Had {
    seconds: f64,
    at: Instant,
}

/// Which turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Shared,
    /// One of those shared turns that may be long.
    Long,
    Own,
}

/// A turn that was given to a call. It goes on to the next one when it is dropped, also where its call has ended before it came.
struct Given {
    line: Arc<Line>,
    kind: Kind,
    asker: Asker,
    since: Instant,
    /// Whether there is nothing to pass on.
    is_over: bool,
}

impl Turns {
    /// So many turns, and a bound for those who wait with each kind of work: short, checks, and long.
    pub(super) fn new(count: Count, waiting: [Arc<Budget>; 3]) -> Self {
        let Count { shared, long, own } = count;
        let inner =
            Inner { free: [shared, own], long, calls: BTreeMap::new(), came: 0, had: BTreeMap::new() };
        Self { waiting, line: Arc::new(Line(Mutex::new(inner))) }
    }

    /// Waits for a turn to do work; with many calls waiting already, it is not worth waiting for.
    pub(super) async fn next(&self, source: Source, work: Work) -> Result<Turn, Status> {
        let [short, check, long] = &self.waiting;
        let waiting = match work {
            Work::Short => short,
            Work::Check => check,
            Work::Long => long,
        };
        let place = waiting.take(source, 1);
        let place = place.map_err(|_| busy("too many wait for their turn, all told or of your address"))?;
        let (give, given) = oneshot::channel();
        let at_once = self.line.ask((source, work), give);
        let given = match at_once {
            Some(given) => given,
            None => given.await.map_err(|_| Status::unavailable("the node is shutting down"))?,
        };
        Ok(Turn { _place: place, _given: given })
    }
}

impl Resting {
    /// Work begins that ends when this is dropped.
    pub(super) fn after(turn: Turn, times: u32) -> Self {
        Self { turn: Some(turn), begun: Instant::now(), times, runtime: Handle::current() }
    }
}

impl Drop for Resting {
    fn drop(&mut self) {
        let (turn, rest) = (self.turn.take(), self.begun.elapsed().saturating_mul(self.times));
        self.runtime.spawn(async move {
            tokio::time::sleep(rest).await;
            drop(turn);
        });
    }
}

impl Line {
    /// A turn that is free; else the call waits in its asker's line.
    fn ask(self: &Arc<Self>, asker: Asker, give: oneshot::Sender<Given>) -> Option<Given> {
        let (mut inner, now) = (self.lock(), Instant::now());
        if let Some(kind) = inner.free_for(asker, now) {
            inner.take(kind);
            return Some(self.give(kind, asker, now));
        }
        let after = inner.came;
        inner.came = after.wrapping_add(1);
        let calls = inner.calls.entry(asker).or_default();
        // Calls that were taken back hold no place any more, so that nothing else bounds how many of them are in line.
        if calls.len() >= WAITING.per_source {
            calls.retain(|call| !call.give.is_closed());
        }
        calls.push_back(Call { after, give });
        // Nor how many askers have only such calls: of those who wait there are fewer than this.
        if inner.calls.len() > REMEMBERED_MAX {
            inner.calls.retain(|_, calls| {
                calls.retain(|call| !call.give.is_closed());
                !calls.is_empty()
            });
        }
        None
    }

    fn give(self: &Arc<Self>, kind: Kind, asker: Asker, since: Instant) -> Given {
        Given { line: self.clone(), kind, asker, since, is_over: false }
    }

    /// Gives what is free to those whom it is for, the next one first.
    fn pass_on(self: &Arc<Self>, inner: &mut Inner, now: Instant) {
        while let Some((kind, asker, give)) = inner.next(now) {
            inner.take(kind);
            // A call that has ended costs nobody a turn.
            if let Err(mut back) = give.send(self.give(kind, asker, now)) {
                back.is_over = true;
                inner.give_back(kind);
            }
        }
    }

    /// No code panics while it holds this lock.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// The kind of turn that is free for somebody.
    fn free_for(&self, (source, work): Asker, now: Instant) -> Option<Kind> {
        let [shared, own] = self.free;
        // The operator's own machine may be many people's too, all of whom have what it has had.
        let has_had_much = !source.is_own() && self.had((source, work), now) > MUCH.as_secs_f64();
        let is_long = work == Work::Long || has_had_much;
        match is_long {
            false if shared > 0 => Some(Kind::Shared),
            true if shared > 0 && self.long > 0 => Some(Kind::Long),
            _ => (source.is_own() && own > 0).then_some(Kind::Own),
        }
    }

    /// The call that is next, of those for whom a turn is free.
    fn next(&mut self, now: Instant) -> Option<(Kind, Asker, oneshot::Sender<Given>)> {
        if self.free == [0, 0] {
            return None;
        }
        let those = self.calls.keys().filter_map(|asker| Some((*asker, self.free_for(*asker, now)?)));
        let those = those.map(|(asker, kind)| {
            // Of those who have had about as much, whoever came first.
            let after = self.calls.get(&asker).and_then(|calls| calls.front()).map(|call| call.after);
            let had = (self.had(asker, now) / ABOUT.as_secs_f64()).floor();
            (had, after, asker, kind)
        });
        let order = |one: f64, other: f64| one.total_cmp(&other);
        let (_, _, asker, kind) =
            those.min_by(|one, other| order(one.0, other.0).then_with(|| one.1.cmp(&other.1)))?;
        let calls = self.calls.get_mut(&asker)?;
        let call = calls.pop_front()?;
        if calls.is_empty() {
            self.calls.remove(&asker);
        }
        Some((kind, asker, call.give))
    }

    /// How much somebody has had lately, in seconds.
    fn had(&self, asker: Asker, now: Instant) -> f64 {
        self.had.get(&asker).map_or(0.0, |had| had.still(now))
    }

    /// Somebody has had a turn for so long.
    fn add(&mut self, asker: Asker, took: Duration, now: Instant) {
        let seconds = self.had(asker, now) + took.as_secs_f64();
        self.had.insert(asker, Had { seconds, at: now });
        if self.had.len() > REMEMBERED_MAX {
            self.forget(now);
        }
    }

    /// Forgets the half of all who have had less than the others: they are as if they had had nothing.
    fn forget(&mut self, now: Instant) {
        let mut all: Vec<f64> = self.had.values().map(|had| had.still(now)).collect();
        let half = all.len() / 2;
        let (_, median, _) = all.select_nth_unstable_by(half, f64::total_cmp);
        let least = *median;
        self.had.retain(|_, had| had.still(now) > least);
    }

    fn take(&mut self, kind: Kind) {
        let (free, long) = self.of(kind);
        *free = free.saturating_sub(1);
        if let Some(long) = long {
            *long = long.saturating_sub(1);
        }
    }

    fn give_back(&mut self, kind: Kind) {
        let (free, long) = self.of(kind);
        *free += 1;
        if let Some(long) = long {
            *long += 1;
        }
    }

    /// What is free of a kind, and how many more of it may be long.
    fn of(&mut self, kind: Kind) -> (&mut usize, Option<&mut usize>) {
        let [shared, own] = &mut self.free;
        match kind {
            Kind::Shared => (shared, None),
            Kind::Long => (shared, Some(&mut self.long)),
            Kind::Own => (own, None),
        }
    }
}

impl Had {
    /// What is left of it.
    fn still(self, now: Instant) -> f64 {
        let halves = now.saturating_duration_since(self.at).as_secs_f64() / HALF_LIFE.as_secs_f64();
        self.seconds * (-halves).exp2()
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let (mut inner, now) = (self.line.lock(), Instant::now());
        inner.add(self.asker, now.saturating_duration_since(self.since), now);
        inner.give_back(self.kind);
        self.line.pass_on(&mut inner, now);
    }
}

#[cfg(test)]
mod tests {
    use prometheus::Gauge;
    use tonic::Code;

    use super::*;

    fn turns(shared: usize, own: usize) -> Arc<Turns> {
        counted(Count { shared, long: shared, own })
    }

    fn counted(count: Count) -> Arc<Turns> {
        let shown = || Gauge::new("held", "What is held.").unwrap();
        Arc::new(Turns::new(count, std::array::from_fn(|_| Budget::new(WAITING, shown()))))
    }

    fn stranger(number: u8) -> Source {
        Source::of([10, 0, 0, number].into())
    }

    /// Asks for a turn in a task of its own, and gives it once that waits.
    async fn asking(turns: &Arc<Turns>, source: Source) -> tokio::task::JoinHandle<Result<Turn, Status>> {
        let turns = turns.clone();
        let asking = tokio::spawn(async move { turns.next(source, Work::Short).await });
        tokio::task::yield_now().await;
        asking
    }

    #[tokio::test(start_paused = true)]
    async fn strangers_who_fill_the_line_keep_nobody_else_from_their_turn() {
        let turns = turns(1, 1);
        had(&turns, stranger(1), Work::Short, Duration::from_millis(80)).await;
        let held = turns.next(stranger(1), Work::Short).await.unwrap();
        let mut flood = Vec::new();
        for _ in 0..WAITING.per_source - 1 {
            flood.push(asking(&turns, stranger(1)).await);
        }
        let refused = turns.next(stranger(1), Work::Short).await.err().unwrap();
        assert_eq!(refused.code(), Code::ResourceExhausted, "one source has had its places");
        let own = turns.next(Source::Own, Work::Short).await.unwrap();
        let honest = asking(&turns, stranger(2)).await;
        drop(held);
        let honest = honest.await.unwrap().unwrap();
        assert!(flood.iter().all(|call| !call.is_finished()), "they come after the others");
        drop(honest);
        let second = asking(&turns, Source::Own).await;
        drop(own);
        drop(second.await.unwrap().unwrap());
        for call in flood {
            drop(call.await.unwrap().unwrap());
        }
        assert_eq!(turns.line.lock().free, [1, 1], "no turn is lost");
    }

    #[tokio::test]
    async fn calls_that_are_taken_back_fill_no_memory() {
        let turns = turns(1, 0);
        let held = turns.next(stranger(1), Work::Short).await.unwrap();
        for _ in 0..10 * WAITING.per_source {
            let gone = asking(&turns, stranger(2)).await;
            gone.abort();
            drop(gone.await);
        }
        let waiting = |inner: &Inner| (inner.calls[&(stranger(2), Work::Short)].len(), inner.calls.len());
        let (calls, askers) = waiting(&turns.line.lock());
        assert!(calls <= WAITING.per_source && askers == 1);
        for number in 0..2 * REMEMBERED_MAX {
            let number = u32::try_from(number).unwrap();
            let source = Source::of(std::net::Ipv4Addr::from_bits(0x0b00_0000 | number).into());
            let gone = asking(&turns, source).await;
            gone.abort();
            drop(gone.await);
        }
        assert!(turns.line.lock().calls.len() <= REMEMBERED_MAX, "nor do those of many sources");
        drop(held);
    }

    #[tokio::test]
    async fn a_call_that_ends_before_its_turn_comes_costs_nobody_a_turn() {
        let turns = turns(1, 0);
        let held = turns.next(stranger(1), Work::Short).await.unwrap();
        let (gone, waits) = (asking(&turns, stranger(2)).await, asking(&turns, stranger(3)).await);
        gone.abort();
        assert!(gone.await.err().unwrap().is_cancelled());
        drop(held);
        let turn = waits.await.unwrap().unwrap();
        // Given, and never looked at.
        let late = asking(&turns, stranger(2)).await;
        drop(turn);
        late.abort();
        drop(late.await);
        drop(turns.next(stranger(4), Work::Short).await.unwrap());
        assert_eq!(turns.line.lock().free, [1, 0]);
        assert!(turns.line.lock().calls.is_empty());
    }

    /// Gives once its caller has had a turn of some kind for so long.
    async fn had(turns: &Arc<Turns>, source: Source, work: Work, long: Duration) {
        let turn = turns.next(source, work).await.unwrap();
        tokio::time::advance(long).await;
        drop(turn);
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_had_little_is_next_however_many_others_wait() {
        let turns = turns(1, 0);
        for number in 1..=20 {
            had(&turns, stranger(number), Work::Short, Duration::from_millis(80)).await;
        }
        had(&turns, stranger(99), Work::Short, Duration::from_millis(1)).await;
        let held = turns.next(stranger(1), Work::Short).await.unwrap();
        let mut flood = Vec::new();
        for number in (1..=20).cycle().take(100) {
            let turns = turns.clone();
            flood.push(tokio::spawn(async move {
                drop(turns.next(stranger(number), Work::Short).await.unwrap())
            }));
            tokio::task::yield_now().await;
        }
        let honest = asking(&turns, stranger(99)).await;
        drop(held);
        let turn = honest.await.unwrap().unwrap();
        assert!(flood.iter().all(|call| !call.is_finished()), "they came first, and have had more");
        // What was had long ago is as good as never had.
        tokio::time::advance(20 * HALF_LIFE).await;
        drop(turn);
        for call in flood {
            call.await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_that_checks_much_does_not_wait_with_what_it_reads() {
        let turns = turns(1, 0);
        had(&turns, stranger(1), Work::Check, Duration::from_millis(50)).await;
        let held = turns.next(stranger(1), Work::Check).await.unwrap();
        let line = turns.clone();
        let check = tokio::spawn(async move { line.next(stranger(1), Work::Check).await });
        tokio::task::yield_now().await;
        let read = asking(&turns, stranger(1)).await;
        drop(held);
        drop(read.await.unwrap().unwrap());
        drop(check.await.unwrap().unwrap());
    }

    #[tokio::test]
    async fn of_equals_the_first_is_next_and_searches_take_no_place_of_a_reader() {
        let turns = turns(1, 0);
        let held = turns.next(stranger(5), Work::Short).await.unwrap();
        let (one, other) = (asking(&turns, stranger(9)).await, asking(&turns, stranger(1)).await);
        let mut searches = Vec::new();
        for number in 0..2 * WAITING.all {
            let (turns, number) = (turns.clone(), u8::try_from(number % 32).unwrap() + 100);
            searches
                .push(tokio::spawn(async move { turns.next(stranger(number), Work::Long).await.map(drop) }));
            tokio::task::yield_now().await;
        }
        let late = asking(&turns, stranger(2)).await;
        drop(held);
        let first = one.await.unwrap().unwrap();
        assert!(!other.is_finished() && !late.is_finished());
        drop(first);
        drop(other.await.unwrap().unwrap());
        let mut refused = 0;
        for search in searches {
            refused += usize::from(search.await.unwrap().is_err());
        }
        assert_eq!(refused, WAITING.all);
        drop(late.await.unwrap().expect("there is room to wait"));
    }

    #[tokio::test(start_paused = true)]
    async fn long_work_and_those_who_have_had_much_leave_a_turn_to_others() {
        let turns = counted(Count { shared: 2, long: 1, own: 0 });
        for number in 1..=2 {
            had(&turns, stranger(number), Work::Short, 2 * MUCH).await;
        }
        let first = turns.next(stranger(1), Work::Short).await.unwrap();
        let second = asking(&turns, stranger(2)).await;
        let line = turns.clone();
        let search = tokio::spawn(async move { line.next(stranger(3), Work::Long).await });
        tokio::task::yield_now().await;
        assert!(!second.is_finished() && !search.is_finished(), "one of the two turns is left");
        drop(turns.next(stranger(4), Work::Short).await.unwrap());
        drop(first);
        drop(search.await.unwrap().unwrap());
        drop(second.await.unwrap().unwrap());
        let left = |inner: &Inner| (inner.free, inner.long);
        assert_eq!(left(&turns.line.lock()), ([2, 0], 1), "no turn is lost");
        // After some time nobody has had much.
        tokio::time::advance(10 * HALF_LIFE).await;
        let both = (turns.next(stranger(1), Work::Short).await, turns.next(stranger(2), Work::Short).await);
        assert!(both.0.is_ok() && both.1.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_is_followed_by_a_rest_is_nobody_s_until_that_is_over() {
        let turns = turns(1, 0);
        let work = Resting::after(turns.next(stranger(1), Work::Long).await.unwrap(), 9);
        tokio::time::advance(Duration::from_millis(2)).await;
        let begun = Instant::now();
        drop(work);
        drop(turns.next(stranger(2), Work::Long).await.unwrap());
        let waited = begun.elapsed().as_millis();
        assert!((18..25).contains(&waited), "{waited} ms");
    }

    #[tokio::test(start_paused = true)]
    async fn what_strangers_have_had_fills_no_memory_and_the_most_is_not_forgotten() {
        let turns = turns(1, 0);
        had(&turns, stranger(1), Work::Short, MUCH).await;
        for number in 0..2 * REMEMBERED_MAX {
            let number = u32::try_from(number).unwrap();
            let source = Source::of(std::net::Ipv4Addr::from_bits(0x0b00_0000 | number).into());
            had(&turns, source, Work::Short, Duration::from_micros(100)).await;
        }
        let inner = turns.line.lock();
        assert!(inner.had.len() <= REMEMBERED_MAX, "{}", inner.had.len());
        assert!(inner.had.contains_key(&(stranger(1), Work::Short)));
    }
}
