//! What is seen of the validators all the while: news for whoever looks on, and how much memory and how many files they use.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::network::Network;
use crate::validator::Usage;

/// Between two looks at a validator.
const LOOK: Duration = Duration::from_millis(500);

/// What happens while a network runs.
#[derive(Debug)]
pub enum News<'a> {
    /// Something is being done to a validator, or is over.
    Deed {
        /// Seconds since the beginning.
        seconds: u64,
        /// What.
        deed: &'a str,
    },
    /// How the network stands; it comes again and again.
    Look {
        /// Seconds since the beginning.
        seconds: u64,
        /// Tickets that were acknowledged.
        acknowledged: u64,
        /// The height of each validator that answers.
        heights: Vec<Option<u64>>,
        /// The last deed; empty where nothing is being done.
        deed: &'a str,
    },
    /// No news come any more.
    Over,
}

/// Whoever looks on.
pub struct Audience {
    /// Between two [`News::Look`].
    pub pause: Duration,
    /// Hears of what happens.
    pub hear: Box<dyn Fn(News<'_>) + Send + Sync>,
}

/// See the module.
pub(crate) struct Watch {
    audience: Audience,
    begun: Instant,
    /// When half of the time is over.
    half: Duration,
    acknowledged: AtomicU64,
    deed: Mutex<String>,
    seen: Vec<Mutex<Seen>>,
}

/// What is known of one validator.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    height: Option<u64>,
    /// The most until half of the time was over; what grows without end is far above it in the end.
    pub(crate) until_half: Usage,
    /// The most of all.
    pub(crate) most: Usage,
}

impl Watch {
    /// Begins to watch so many validators for so long.
    pub(crate) fn new(audience: Audience, validators: usize, time: Duration) -> Arc<Self> {
        let seen = (0..validators).map(|_| Mutex::default()).collect();
        let (begun, half) = (Instant::now(), time / 2);
        Arc::new(Self {
            audience,
            begun,
            half,
            acknowledged: AtomicU64::new(0),
            deed: Mutex::default(),
            seen,
        })
    }

    /// One more ticket was acknowledged.
    pub(crate) fn acknowledge(&self) {
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
    }

    /// Says what is being done to whom; nothing any more, if it is empty.
    pub(crate) fn doing(&self, deed: &str) {
        deed.clone_into(&mut lock(&self.deed));
        if deed.is_empty() {
            return;
        }
        self.tell(News::Deed { seconds: self.seconds(), deed });
    }

    /// Tells the audience.
    pub(crate) fn tell(&self, news: News<'_>) {
        (self.audience.hear)(news);
    }

    /// What was seen of each validator.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.iter().map(|seen| *lock(seen)).collect()
    }

    /// Looks at all validators, each on its own, and tells how they stand. It ends when it is dropped.
    pub(crate) async fn look(self: &Arc<Self>, network: &Arc<Network>) -> Infallible {
        let mut looking = JoinSet::new();
        for index in 0..self.seen.len() {
            looking.spawn(look_at(network.clone(), self.clone(), index));
        }
        loop {
            sleep(self.audience.pause).await;
            let heights = self.seen.iter().map(|seen| lock(seen).height).collect();
            let acknowledged = self.acknowledged.load(Ordering::Relaxed);
            let (seconds, deed) = (self.seconds(), lock(&self.deed).clone());
            self.tell(News::Look { seconds, acknowledged, heights, deed: &deed });
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

    fn seconds(&self) -> u64 {
        self.begun.elapsed().as_secs()
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
