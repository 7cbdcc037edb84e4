//! Turns to do work: so many at a time, and a bounded number of calls that wait.
//!
//! Who waits has a place of a [`Budget`], so that one source cannot have all of them. Turns go round those who have not had much of them
//! lately, one to each source and kind of work: who has many calls waiting gets no more of them than who has one, and waits no longer than a
//! round. Who has had
//! much comes after them, whoever had least first, and leaves some turns to the others even where nobody else waits, as work that takes long
//! does whoever asks for it: a turn cannot be taken back. The operator's own machine has turns beside those that everyone shares.

use std::collections::{BTreeMap, VecDeque};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
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
/// Who has had more than this lately has had much: a fourteenth of what one processor does, if it goes on.
const MUCH: Duration = Duration::from_millis(100);
/// Of the time that a turn takes, it costs at least one part of so many.
const WAITED_SHARE: u32 = 4;
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

/// A turn, until this is dropped. It costs whoever has it the time that it takes, or what is computed in it ([`Turn::begin`]).
pub(super) struct Turn {
    _place: Share,
    given: Given,
}

/// A turn in which this thread works, until this is dropped there. It costs what the processor does in it: where more threads than
/// processors work, the rest of the time is others'. But it costs some of the time that it takes, too, since nobody else has it meanwhile.
pub(super) struct Working {
    turn: Turn,
    begun: Duration,
    /// It measures one thread.
    _here: PhantomData<*const ()>,
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
    /// Who waits, and since when.
    lines: BTreeMap<Asker, Waiting>,
    /// How many have come to wait so far.
    came: u64,
    /// Who has had something lately.
    had: BTreeMap<Asker, Had>,
}

/// The calls of one asker.
#[derive(Default)]
struct Waiting {
    /// The oldest comes first.
    calls: VecDeque<Call>,
    /// How many had come to wait when the last of them was given a turn: whoever waited behind it comes then.
    served: u64,
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
    /// What was computed in it, where that was measured.
    computed: Option<Duration>,
    /// Whether there is nothing to pass on.
    is_over: bool,
}

impl Turns {
    /// So many turns, and a bound for those who wait with each kind of work: short, checks, and long.
    pub(super) fn new(count: Count, waiting: [Arc<Budget>; 3]) -> Self {
        let Count { shared, long, own } = count;
        let inner =
            Inner { free: [shared, own], long, lines: BTreeMap::new(), came: 0, had: BTreeMap::new() };
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
        Ok(Turn { _place: place, given })
    }
}

impl Turn {
    /// The work begins that it is for, on this thread.
    pub(super) fn begin(self) -> Working {
        Working { turn: self, begun: processor_time(), _here: PhantomData }
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.turn.given.computed = Some(processor_time().saturating_sub(self.begun));
    }
}

/// What a turn costs that took so long, and in which so much was computed, where that was measured.
fn cost_of(took: Duration, computed: Option<Duration>) -> Duration {
    computed.map_or(took, |computed| computed.max(took / WAITED_SHARE))
}

/// How long this thread has computed so far.
fn processor_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
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
        let call = Call { after: inner.stamp(), give };
        let calls = &mut inner.lines.entry(asker).or_default().calls;
        // Calls that were taken back hold no place any more, so that nothing else bounds how many of them are in line.
        if calls.len() >= WAITING.per_source {
            calls.retain(|call| !call.give.is_closed());
        }
        calls.push_back(call);
        // Nor how many askers have only such calls: of those who wait there are fewer than this.
        if inner.lines.len() > REMEMBERED_MAX {
            inner.lines.retain(|_, waiting| {
                waiting.calls.retain(|call| !call.give.is_closed());
                !waiting.calls.is_empty()
            });
        }
        None
    }

    fn give(self: &Arc<Self>, kind: Kind, asker: Asker, since: Instant) -> Given {
        Given { line: self.clone(), kind, asker, since, computed: None, is_over: false }
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
    /// How many have come so far.
    fn stamp(&mut self) -> u64 {
        self.came = self.came.wrapping_add(1);
        self.came
    }

    /// The kind of turn that is free for somebody.
    fn free_for(&self, asker: Asker, now: Instant) -> Option<Kind> {
        self.free_to(asker, self.had(asker, now))
    }

    /// The kind of turn that is free for somebody who has had so much.
    fn free_to(&self, (source, work): Asker, had: f64) -> Option<Kind> {
        let [shared, own] = self.free;
        // The operator's own machine may be many people's too, all of whom have what it has had.
        let has_had_much = !source.is_own() && had > MUCH.as_secs_f64();
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
        // Who took all of their calls back is in nobody's way.
        self.lines.retain(|_, waiting| {
            while waiting.calls.front().is_some_and(|call| call.give.is_closed()) {
                waiting.calls.pop_front();
            }
            !waiting.calls.is_empty()
        });
        let those = self.lines.iter().filter_map(|(asker, waiting)| {
            let had = self.had(*asker, now);
            let kind = self.free_to(*asker, had)?;
            // Of those who have not had much, whoever came first.
            let after = waiting.calls.front()?.after.max(waiting.served);
            Some(((had - MUCH.as_secs_f64()).max(0.0), after, *asker, kind))
        });
        let order = |one: f64, other: f64| one.total_cmp(&other);
        let (_, _, asker, kind) =
            those.min_by(|one, other| order(one.0, other.0).then_with(|| one.1.cmp(&other.1)))?;
        let served = self.stamp();
        let waiting = self.lines.get_mut(&asker)?;
        waiting.served = served;
        let call = waiting.calls.pop_front()?;
        if waiting.calls.is_empty() {
            self.lines.remove(&asker);
        }
        Some((kind, asker, call.give))
    }

    /// How much somebody has had lately, in seconds.
    fn had(&self, asker: Asker, now: Instant) -> f64 {
        self.had.get(&asker).map_or(0.0, |had| had.still(now))
    }

    /// Somebody has had a turn that cost so much.
    fn add(&mut self, asker: Asker, cost: Duration, now: Instant) {
        let seconds = self.had(asker, now) + cost.as_secs_f64();
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
        let took = now.saturating_duration_since(self.since);
        inner.add(self.asker, cost_of(took, self.computed), now);
        inner.give_back(self.kind);
        self.line.pass_on(&mut inner, now);
    }
}

#[cfg(test)]
mod tests;
