//! What is seen of the validators all the while: a live line for whoever looks on, and how much memory and how many files they use.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::network::Network;
use super::validator::Usage;
use crate::output::Output;
use crate::words::count;

/// Between two looks at a validator.
const LOOK: Duration = Duration::from_millis(500);
/// Between two lines where no terminal can write one anew.
const LINE: Duration = Duration::from_secs(5);

/// See the module.
#[derive(Debug)]
pub(super) struct Watch {
    output: Output,
    begun: Instant,
    /// When half of the time is over.
    half: Duration,
    acknowledged: AtomicU64,
    deed: Mutex<String>,
    seen: Vec<Mutex<Seen>>,
}

/// What is known of one validator.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    height: Option<u64>,
    /// The most until half of the time was over; what grows without end is far above it in the end.
    pub(super) until_half: Usage,
    /// The most of all.
    pub(super) most: Usage,
}

impl Watch {
    /// Begins to watch so many validators for so long.
    pub(super) fn new(output: Output, validators: usize, time: Duration) -> Arc<Self> {
        let seen = (0..validators).map(|_| Mutex::default()).collect();
        let (begun, half) = (Instant::now(), time / 2);
        Arc::new(Self { output, begun, half, acknowledged: AtomicU64::new(0), deed: Mutex::default(), seen })
    }

    /// One more ticket was acknowledged.
    pub(super) fn acknowledge(&self) {
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
    }

    /// Says what is being done to whom; nothing any more, if it is empty.
    pub(super) fn doing(&self, deed: &str) {
        deed.clone_into(&mut lock(&self.deed));
        if deed.is_empty() {
            return;
        }
        self.output.progress("");
        self.output.note(&format!("{}  {deed}", self.time()));
    }

    /// What was seen of each validator.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.iter().map(|seen| *lock(seen)).collect()
    }

    /// Looks at all validators, each on its own, and shows the line. It ends when it is dropped.
    pub(super) async fn look(&self, network: &Arc<Network>, this: &Arc<Self>) {
        let mut looking = JoinSet::new();
        for index in 0..self.seen.len() {
            looking.spawn(look_at(network.clone(), this.clone(), index));
        }
        let step = if Output::writes_lines_anew() { LOOK } else { LINE };
        loop {
            sleep(step).await;
            self.show();
        }
    }

    fn keep(&self, index: usize, height: Option<u64>, usage: Usage) {
        let Some(mut seen) = self.seen.get(index).map(lock) else { return };
        seen.height = height;
        seen.most = seen.most.most(usage);
        if self.begun.elapsed() < self.half {
            seen.until_half = seen.most;
        }
    }

    fn show(&self) {
        let heights = self.seen.iter().map(|seen| lock(seen).height);
        let heights: Vec<String> =
            heights.map(|height| height.map_or("–".to_owned(), |height| height.to_string())).collect();
        let acknowledged = count(self.acknowledged.load(Ordering::Relaxed), "ticket");
        let (time, deed) = (self.time(), lock(&self.deed).clone());
        let line = format!("{time}  {acknowledged} acknowledged  heights {}  {deed}", heights.join(" "));
        if Output::writes_lines_anew() {
            self.output.progress(line.trim_end());
        } else {
            self.output.note(line.trim_end());
        }
    }

    fn time(&self) -> String {
        format!("{:>4} s", self.begun.elapsed().as_secs())
    }
}

async fn look_at(network: Arc<Network>, watch: Arc<Watch>, index: usize) {
    let Some(validator) = network.validators().get(index) else { return };
    loop {
        let height = validator.standing().await.map(|standing| standing.height);
        watch.keep(index, height, validator.usage());
        sleep(LOOK).await;
    }
}

/// No code panics while it holds one of these.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
