//! Turns to do work: so many at a time, and a bounded number of calls that wait.
//!
//! Who waits has a place of a [`Budget`], so that one source cannot have all of them. A turn that ends goes on in a fair [`order`]: who asks
//! for little is next, however many others ask for much, and those share what is left. Who has had much lately, and work that takes long
//! whoever asks for it, leave some turns to the others even where nobody else waits: a turn cannot be taken back. The operator's own machine
//! has turns beside those that everyone shares.

mod order;

use std::collections::btree_map::Entry;
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
pub(super) struct FairQueue {
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
    free: Free,
    /// Who has turns that all share, and how many.
    at_work: BTreeMap<Asker, usize>,
    /// The oldest call of each asker comes first.
    calls: BTreeMap<Asker, VecDeque<Call>>,
    /// Who of them is next.
    order: Order,
}

/// Turns that nobody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Free {
    /// Of those that everyone shares.
    shared: usize,
    /// Of these, how many more may be long.
    long: usize,
    /// Of the operator's own.
    own: usize,
}

/// A call that waits.
struct Call {
    came: Arrival,
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
    /// What its asker was charged; nothing for a turn of the operator's own, which is beside those that all share.
    charge: Option<Charge>,
    since: Instant,
    /// Whether there is nothing to pass on.
    is_over: bool,
}

impl FairQueue {
    /// So many turns, and a bound for those who wait with each kind of work: short, checks, and long.
    pub(super) fn new(count: Count, waiting: [Arc<Budget>; 3]) -> Self {
        let Count { shared, long, own } = count;
        let (calls, order) = (BTreeMap::new(), Order::default());
        let inner = Inner { free: Free { shared, long, own }, at_work: BTreeMap::new(), calls, order };
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
        let place = place.map_err(|_| busy("too many wait for their turn, in total or from your address"))?;
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
        let came = inner.order.arrival();
        if let Some(kind) = inner.free_for(asker, now) {
            let charge = inner.take(kind, asker, came, now);
            return Some(self.give(kind, asker, charge, now));
        }
        let calls = inner.calls.entry(asker).or_default();
        // Calls that were taken back hold no place any more, so that nothing else bounds how many of them are in line.
        if calls.len() >= WAITING.per_source {
            calls.retain(|call| !call.give.is_closed());
        }
        calls.push_back(Call { came, give });
        // Nor how many askers have only such calls: of those who wait there are fewer than this.
        if inner.calls.len() > REMEMBERED_MAX {
            inner.leave_out();
        }
        None
    }

    fn give(self: &Arc<Self>, kind: Kind, asker: Asker, charge: Option<Charge>, since: Instant) -> Given {
        Given { line: self.clone(), kind, asker, charge, since, is_over: false }
    }

    /// Gives what is free to those whom it is for, the next one first.
    fn pass_on(self: &Arc<Self>, inner: &mut Inner, now: Instant) {
        while let Some((kind, asker, call)) = inner.next(now) {
            let charge = inner.take(kind, asker, call.came, now);
            // A call that has ended costs nobody a turn.
            if let Err(mut back) = call.give.send(self.give(kind, asker, charge, now)) {
                back.is_over = true;
                if let Some(charge) = charge {
                    inner.order.take_back(charge);
                }
                inner.give_back(kind, asker);
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
    fn free_for(&self, asker: Asker, now: Instant) -> Option<Kind> {
        self.free.kind_for(asker, self.order.has_had_much(asker, now))
    }

    /// How many ask: they wait, or have one of the turns that all share.
    fn asking(&self) -> usize {
        self.calls.len() + self.at_work.keys().filter(|asker| !self.calls.contains_key(asker)).count()
    }

    /// Leaves out the calls at the head of each line that were taken back.
    fn leave_out(&mut self) {
        self.calls.retain(|_, calls| {
            while calls.front().is_some_and(|call| call.give.is_closed()) {
                calls.pop_front();
            }
            !calls.is_empty()
        });
    }

    /// The call that is next, of those for whom a turn is free.
    fn next(&mut self, now: Instant) -> Option<(Kind, Asker, Call)> {
        let free = self.free;
        let own_waits = || self.calls.keys().any(|(source, _)| source.is_own());
        if free.shared == 0 && (free.own == 0 || !own_waits()) {
            return None;
        }
        let waiting = self.calls.iter().filter_map(|(asker, calls)| Some((*asker, calls.front()?.came)));
        let may = |asker, has_had_much| free.kind_for(asker, has_had_much).is_some();
        let Some(asker) = self.order.next(waiting, may, now) else {
            if free.shared > 0 {
                self.order.settle();
            }
            return None;
        };
        let kind = self.free_for(asker, now)?;
        let calls = self.calls.get_mut(&asker)?;
        let call = calls.pop_front()?;
        if calls.is_empty() {
            self.calls.remove(&asker);
        }
        Some((kind, asker, call))
    }

    fn take(&mut self, kind: Kind, asker: Asker, came: Arrival, now: Instant) -> Option<Charge> {
        self.free.take(kind);
        if kind == Kind::Own {
            return None;
        }
        *self.at_work.entry(asker).or_default() += 1;
        Some(self.order.begin(asker, came, now))
    }

    fn give_back(&mut self, kind: Kind, asker: Asker) {
        self.free.give_back(kind);
        if kind == Kind::Own {
            return;
        }
        if let Entry::Occupied(mut has) = self.at_work.entry(asker) {
            *has.get_mut() = has.get().saturating_sub(1);
            if *has.get() == 0 {
                has.remove();
            }
        }
    }
}

impl Free {
    /// The kind of turn that is free for somebody.
    fn kind_for(self, (source, work): Asker, has_had_much: bool) -> Option<Kind> {
        // The operator's own machine may be many people's too, all of whom have what it has had.
        let is_long = work == Work::Long || (has_had_much && !source.is_own());
        match is_long {
            false if self.shared > 0 => Some(Kind::Shared),
            true if self.shared > 0 && self.long > 0 => Some(Kind::Long),
            _ => (source.is_own() && self.own > 0).then_some(Kind::Own),
        }
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
        match kind {
            Kind::Shared => (&mut self.shared, None),
            Kind::Long => (&mut self.shared, Some(&mut self.long)),
            Kind::Own => (&mut self.own, None),
        }
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let (mut inner, now) = (self.line.lock(), Instant::now());
        inner.leave_out();
        if let Some(charge) = self.charge {
            let (took, asking) = (now.saturating_duration_since(self.since), inner.asking());
            inner.order.end(charge, took, asking, now);
        }
        inner.give_back(self.kind, self.asker);
        self.line.pass_on(&mut inner, now);
    }
}

#[cfg(test)]
mod tests;
