//! Turns to do work: so many at a time, one source after the other, and a bounded number of calls that wait.
//!
//! Who waits has a place of a [`Budget`], so that one source cannot have all of them. A turn that ends goes to the next source, whose oldest
//! call has it: a source with many calls waits for its own, and nobody else does. The operator's own machine has turns beside those that
//! everyone shares.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tonic::Status;

use crate::http::budget::{Bounds, Budget, Share};
use crate::http::busy;
use crate::http::source::Source;

/// Calls of each kind that wait for their turn or have it; more are sent away. The operator's own machine may be a proxy too, so it has as
/// many as all others.
pub(super) const WAITING: Bounds = Bounds { all: 1_024, per_source: 64, own: 1_024 };

/// See the module.
pub(super) struct Turns {
    waiting: Arc<Budget>,
    line: Arc<Line>,
}

/// A turn, until this is dropped.
pub(super) struct Turn {
    _place: Share,
    _given: Given,
}

/// Who waits, and what is free.
struct Line(Mutex<Inner>);

struct Inner {
    /// Turns that nobody has: of those that everyone shares, and of the operator's own.
    free: [usize; 2],
    /// The oldest call of each source comes first.
    calls: BTreeMap<Source, VecDeque<oneshot::Sender<Given>>>,
    /// The sources with calls, each once.
    order: VecDeque<Source>,
}

/// Which turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Shared,
    Own,
}

/// A turn that was given to a call. It goes on to the next one when it is dropped, also where its call has ended before it came.
struct Given {
    line: Arc<Line>,
    kind: Kind,
    /// Whether there is nothing to pass on.
    is_over: bool,
}

impl Turns {
    /// So many turns for everyone, and so many more for the operator's own machine.
    pub(super) fn new(shared: usize, own: usize, waiting: Arc<Budget>) -> Self {
        let inner = Inner { free: [shared, own], calls: BTreeMap::new(), order: VecDeque::new() };
        Self { waiting, line: Arc::new(Line(Mutex::new(inner))) }
    }

    /// Waits for a turn to do work; with many calls waiting already, it is not worth waiting for.
    pub(super) async fn next(&self, source: Source) -> Result<Turn, Status> {
        let place = self.waiting.take(source, 1);
        let place = place.map_err(|_| busy("too many wait for their turn, all told or of your address"))?;
        let (give, given) = oneshot::channel();
        let at_once = self.line.ask(source, give);
        let given = match at_once {
            Some(given) => given,
            None => given.await.map_err(|_| Status::unavailable("the node is shutting down"))?,
        };
        Ok(Turn { _place: place, _given: given })
    }
}

impl Line {
    /// A turn that is free; else the call waits in its source's line.
    fn ask(self: &Arc<Self>, source: Source, call: oneshot::Sender<Given>) -> Option<Given> {
        let mut inner = self.lock();
        let kinds = [Some(Kind::Shared), source.is_own().then_some(Kind::Own)];
        for kind in kinds.into_iter().flatten() {
            let free = inner.free_mut(kind);
            if *free > 0 {
                *free -= 1;
                return Some(Given { line: self.clone(), kind, is_over: false });
            }
        }
        if !inner.calls.contains_key(&source) {
            inner.order.push_back(source);
        }
        let calls = inner.calls.entry(source).or_default();
        // Calls that were taken back hold no place any more, so that nothing else bounds how many of them are in line.
        if calls.len() >= WAITING.per_source {
            calls.retain(|call| !call.is_closed());
        }
        calls.push_back(call);
        None
    }

    /// No code panics while it holds this lock.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn free_mut(&mut self, kind: Kind) -> &mut usize {
        let [shared, own] = &mut self.free;
        match kind {
            Kind::Shared => shared,
            Kind::Own => own,
        }
    }

    /// The call that has the next turn of a kind. Its source goes to the end of the line.
    fn next(&mut self, kind: Kind) -> Option<oneshot::Sender<Given>> {
        let place = self.order.iter().position(|source| kind == Kind::Shared || source.is_own())?;
        let source = self.order.remove(place)?;
        let calls = self.calls.get_mut(&source)?;
        let call = calls.pop_front();
        match calls.is_empty() {
            true => drop(self.calls.remove(&source)),
            false => self.order.push_back(source),
        }
        call
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let mut inner = self.line.lock();
        let mut given = Given { line: self.line.clone(), kind: self.kind, is_over: false };
        while let Some(call) = inner.next(self.kind) {
            match call.send(given) {
                Ok(()) => return,
                // That call has ended, and the turn goes to the next one.
                Err(back) => given = back,
            }
        }
        given.is_over = true;
        *inner.free_mut(self.kind) += 1;
    }
}

#[cfg(test)]
mod tests {
    use prometheus::Gauge;
    use tonic::Code;

    use super::*;

    fn turns(shared: usize, own: usize) -> Arc<Turns> {
        let shown = Gauge::new("held", "What is held.").unwrap();
        Arc::new(Turns::new(shared, own, Budget::new(WAITING, shown)))
    }

    fn stranger(number: u8) -> Source {
        Source::of([10, 0, 0, number].into())
    }

    /// Asks for a turn in a task of its own, and gives it once that waits.
    async fn asking(turns: &Arc<Turns>, source: Source) -> tokio::task::JoinHandle<Result<Turn, Status>> {
        let turns = turns.clone();
        let asking = tokio::spawn(async move { turns.next(source).await });
        tokio::task::yield_now().await;
        asking
    }

    #[tokio::test]
    async fn strangers_who_fill_the_line_keep_nobody_else_from_their_turn() {
        let turns = turns(1, 1);
        let held = turns.next(stranger(1)).await.unwrap();
        let mut flood = Vec::new();
        for _ in 0..WAITING.per_source - 1 {
            flood.push(asking(&turns, stranger(1)).await);
        }
        let refused = turns.next(stranger(1)).await.err().unwrap();
        assert_eq!(refused.code(), Code::ResourceExhausted, "one source has had its places");
        let own = turns.next(Source::Own).await.unwrap();
        let honest = asking(&turns, stranger(2)).await;
        drop(held);
        drop(flood.remove(0).await.unwrap().unwrap());
        drop(honest.await.unwrap().unwrap());
        assert!(flood.iter().skip(1).all(|call| !call.is_finished()), "they come after the others");
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
        let held = turns.next(stranger(1)).await.unwrap();
        for _ in 0..10 * WAITING.per_source {
            let gone = asking(&turns, stranger(2)).await;
            gone.abort();
            drop(gone.await);
        }
        let inner = turns.line.lock();
        assert!(inner.calls[&stranger(2)].len() <= WAITING.per_source && inner.order.len() == 1);
        drop((inner, held));
    }

    #[tokio::test]
    async fn a_call_that_ends_before_its_turn_comes_costs_nobody_a_turn() {
        let turns = turns(1, 0);
        let held = turns.next(stranger(1)).await.unwrap();
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
        drop(turns.next(stranger(4)).await.unwrap());
        assert_eq!(turns.line.lock().free, [1, 0]);
        assert!(turns.line.lock().calls.is_empty());
    }
}
