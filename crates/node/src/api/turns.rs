//! Turns to do work: so many at a time, and a bounded number of calls that wait.
//!
//! Who waits has a place of a [`Budget`], so that one source cannot have all of them. A turn that ends goes on in a fair [`order`]: who asks
//! for little is next, however many others ask for much, and those share what is left. Who has had much lately, and work that takes long
//! whoever asks for it, leave some turns to the others even where nobody else waits: a turn cannot be taken back. The operator's own machine
//! has turns beside those that everyone shares.

mod order;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tonic::Status;

use self::order::{Arrival, Charge, Order};
use crate::http::budget::{Bounds, Budget, Share};
use crate::http::busy;
use crate::http::source::Source;

/// Calls of each kind that wait for their turn or have it; more are sent away. The operator's own machine may be a proxy too, so it has as
/// many as all others.
pub(super) const WAITING: Bounds = Bounds { all: 1_024, per_source: 64, own: 1_024 };
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
    /// Turns that somebody has.
    given: usize,
    /// The oldest call of each asker comes first.
    calls: BTreeMap<Asker, VecDeque<Call>>,
    /// Who of them is next.
    order: Order,
    /// How many have come to wait so far.
    came: u64,
}

/// A call that waits.
struct Call {
    came: Arrival,
    /// How many came before it.
    after: u64,
    give: oneshot::Sender<Given>,
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
    charge: Charge,
    since: Instant,
    /// Whether there is nothing to pass on.
    is_over: bool,
}

impl Turns {
    /// So many turns, and a bound for those who wait with each kind of work: short, checks, and long.
    pub(super) fn new(count: Count, waiting: [Arc<Budget>; 3]) -> Self {
        let Count { shared, long, own } = count;
        let (calls, order) = (BTreeMap::new(), Order::default());
        let inner = Inner { free: [shared, own], long, given: 0, calls, order, came: 0 };
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
            let came = inner.order.arrival();
            let charge = inner.take(kind, asker, came, now);
            return Some(self.give(kind, asker, charge, now));
        }
        let (came, after) = (inner.order.arrival(), inner.came);
        inner.came = after.wrapping_add(1);
        let calls = inner.calls.entry(asker).or_default();
        // Calls that were taken back hold no place any more, so that nothing else bounds how many of them are in line.
        if calls.len() >= WAITING.per_source {
            calls.retain(|call| !call.give.is_closed());
        }
        calls.push_back(Call { came, after, give });
        // Nor how many askers have only such calls: of those who wait there are fewer than this.
        if inner.calls.len() > REMEMBERED_MAX {
            inner.calls.retain(|_, calls| {
                calls.retain(|call| !call.give.is_closed());
                !calls.is_empty()
            });
        }
        None
    }

    fn give(self: &Arc<Self>, kind: Kind, asker: Asker, charge: Charge, since: Instant) -> Given {
        Given { line: self.clone(), kind, asker, charge, since, is_over: false }
    }

    /// Gives what is free to those whom it is for, the next one first.
    fn pass_on(self: &Arc<Self>, inner: &mut Inner, now: Instant) {
        while let Some((kind, asker, call)) = inner.next(now) {
            let charge = inner.take(kind, asker, call.came, now);
            // A call that has ended costs nobody a turn.
            if let Err(mut back) = call.give.send(self.give(kind, asker, charge, now)) {
                back.is_over = true;
                inner.order.take_back(asker, charge);
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
        let has_had_much = !source.is_own() && self.order.has_had_much((source, work), now);
        let is_long = work == Work::Long || has_had_much;
        match is_long {
            false if shared > 0 => Some(Kind::Shared),
            true if shared > 0 && self.long > 0 => Some(Kind::Long),
            _ => (source.is_own() && own > 0).then_some(Kind::Own),
        }
    }

    /// How many ask: those who wait, and those who have a turn, twice where somebody does both.
    fn asking(&self) -> usize {
        self.calls.len() + self.given
    }

    /// The call that is next, of those for whom a turn is free.
    fn next(&mut self, now: Instant) -> Option<(Kind, Asker, Call)> {
        if self.free == [0, 0] {
            return None;
        }
        self.calls.retain(|_, calls| {
            while calls.front().is_some_and(|call| call.give.is_closed()) {
                calls.pop_front();
            }
            !calls.is_empty()
        });
        let waiting = || self.calls.iter().filter_map(|(asker, calls)| Some((*asker, calls.front()?)));
        self.order.keep_up(waiting().map(|(asker, call)| (asker, call.came)));
        let those = waiting().filter_map(|(asker, call)| {
            let kind = self.free_for(asker, now)?;
            Some((self.order.end_of(asker, call.came), call.after, asker, kind))
        });
        let order = |one: f64, other: f64| one.total_cmp(&other);
        // Of those who would be over at the same time, whoever came first.
        let (_, _, asker, kind) =
            those.min_by(|one, other| order(one.0, other.0).then_with(|| one.1.cmp(&other.1)))?;
        let calls = self.calls.get_mut(&asker)?;
        let call = calls.pop_front()?;
        if calls.is_empty() {
            self.calls.remove(&asker);
        }
        Some((kind, asker, call))
    }

    fn take(&mut self, kind: Kind, asker: Asker, came: Arrival, now: Instant) -> Charge {
        let (free, long) = self.of(kind);
        *free = free.saturating_sub(1);
        if let Some(long) = long {
            *long = long.saturating_sub(1);
        }
        self.given += 1;
        self.order.begin(asker, came, now)
    }

    fn give_back(&mut self, kind: Kind) {
        self.given = self.given.saturating_sub(1);
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

impl Drop for Given {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let (mut inner, now) = (self.line.lock(), Instant::now());
        let (took, asking) = (now.saturating_duration_since(self.since), inner.asking());
        inner.order.end(self.asker, self.charge, took, asking, now);
        inner.give_back(self.kind);
        self.line.pass_on(&mut inner, now);
    }
}

#[cfg(test)]
mod tests;
