//! Strangers who hold what a server gives away without thinking, from addresses of their own.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{FollowRequest, ProofRequest};
use sealdesk_testkit::peer::{Peer, framed};
use sealdesk_testkit::people::Person;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::Attack;
use crate::floods::Floods;
use crate::program::Program;
use crate::wire::BROADCAST;

/// What strangers hold.
#[derive(Clone, Copy, Debug)]
pub enum Hold {
    Pings,
    Unread,
    Follow,
    HalfSent,
}

/// Addresses, connections of each, and calls on each connection.
#[derive(Clone, Copy)]
struct Size {
    addresses: u8,
    connections: usize,
    calls: usize,
}

const FOLLOW: &str = "/sealdesk.ledger.v1.Ledger/Follow";
const PROOF: &str = "/sealdesk.ledger.v1.Ledger/Proof";
/// What a peer lets an answer send before it is read.
const WINDOW: u32 = 65_535;
/// Bytes of a request of which the rest never comes.
const HALF_BYTES: usize = 60_000;
/// Keys that one proof is asked for, as many as may be.
const PROOF_KEYS: u16 = 128;
/// Pause between two pings of one socket.
const PING_PAUSE: Duration = Duration::from_millis(200);
/// How long one call may take to be sent: past its bound a stranger is not read from.
const CALL_WAIT: Duration = Duration::from_millis(500);
/// Pause before somebody who was hung up on comes back.
const BACK_PAUSE: Duration = Duration::from_millis(100);
/// How long all of them may take to come.
const COMING_WAIT: Duration = Duration::from_secs(5);

/// Counts of what they did.
#[derive(Default)]
pub struct Done {
    pub connections: AtomicU64,
    pub hung_up: AtomicU64,
    pub calls: AtomicU64,
    pub pings: AtomicU64,
    pub sent: AtomicU64,
    pub taken: AtomicU64,
    pub no_room: AtomicU64,
    pub refused: AtomicU64,
}

pub fn add(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}

/// All who attack one desk.
pub struct Strangers {
    address: SocketAddr,
    floods: Floods,
}

/// An attack that goes on until it is ended.
pub struct Attacking {
    done: Arc<Done>,
    tasks: JoinSet<()>,
}

/// Where strangers run: they have processors of their own elsewhere, so here the node comes before them, and they still get enough to keep
/// it at work.
pub fn runtime() -> Runtime {
    const LATER: i32 = 5;
    let mut builder = Builder::new_multi_thread();
    // On Linux a priority is a thread's.
    let threads = builder.worker_threads(2).on_thread_start(|| {
        let _ = rustix::process::setpriority_process(None, LATER);
    });
    threads.enable_all().build().unwrap()
}

impl Strangers {
    /// Gets everything ready that is not to be measured.
    pub async fn new(program: &Program) -> Self {
        let address = program.url.strip_prefix("http://").unwrap().parse().unwrap();
        Self { address, floods: Floods::prepare(program).await }
    }

    /// Begins an attack, and gives it once all are there.
    pub async fn begin(&self, attack: Attack) -> Attacking {
        let (done, tasks) = (Arc::new(Done::default()), JoinSet::new());
        let mut attacking = Attacking { done, tasks };
        match attack {
            Attack::Flood(flood) => self.floods.begin(flood, &attacking.done, &mut attacking.tasks).await,
            Attack::Hold(hold) => self.hold(hold, &mut attacking).await,
        }
        attacking
    }

    async fn hold(&self, hold: Hold, attacking: &mut Attacking) {
        let Size { addresses, connections, .. } = hold.size();
        let all = u64::from(addresses) * connections as u64;
        for number in 1..=addresses {
            for _ in 0..connections {
                let (to, done) = (self.address, attacking.done.clone());
                attacking.tasks.spawn(async move {
                    loop {
                        stay(hold, Ipv4Addr::new(127, 0, 1, number), to, &done).await;
                        add(&done.hung_up);
                        sleep(BACK_PAUSE).await;
                    }
                });
            }
        }
        let there = async {
            while attacking.done.connections.load(Ordering::Relaxed) < all {
                sleep(BACK_PAUSE).await;
            }
        };
        let _ = timeout(COMING_WAIT, there).await;
    }
}

impl Hold {
    fn size(self) -> Size {
        let (addresses, connections, calls) = match self {
            // More than there are places.
            Self::Pings => (34, 16, 0),
            // What the first report of this needed: sixty connections.
            Self::Unread => (8, 8, 16),
            // As many subscribers as there are places for strangers, and some more.
            Self::Follow => (17, 1, 16),
            // All that the budget has, and more.
            Self::HalfSent => (17, 16, 16),
        };
        Size { addresses, connections, calls }
    }

    /// The method that is called, what is sent, whether that is all of it, and what of the answer is read.
    fn call(self) -> (&'static str, Vec<u8>, bool, u32) {
        match self {
            Self::Pings => ("", Vec::new(), true, WINDOW),
            Self::Unread => {
                let keys = (0..PROOF_KEYS).map(|n| tree::account(&Person::number(n).address)).collect();
                (PROOF, framed(&ProofRequest { state_keys: keys, ..Default::default() }), true, 0)
            }
            Self::Follow => (FOLLOW, framed(&FollowRequest::default()), true, WINDOW),
            Self::HalfSent => {
                let mut half = vec![0; HALF_BYTES];
                half[1..5].copy_from_slice(&500_000u32.to_be_bytes());
                (BROADCAST, half, false, WINDOW)
            }
        }
    }
}

/// One connection, until the node ends it.
async fn stay(hold: Hold, from: Ipv4Addr, to: SocketAddr, done: &Done) {
    let (path, body, whole, window) = hold.call();
    let connected = Peer::connect(from, to, window).await;
    add(&done.connections);
    let Ok(mut peer) = connected else { return };
    for _ in 0..hold.size().calls {
        match timeout(CALL_WAIT, peer.call(path, &body, whole)).await {
            Ok(Ok(())) => add(&done.calls),
            Ok(Err(_)) => return,
            Err(_) => break,
        }
    }
    while !peer.is_over() {
        sleep(PING_PAUSE).await;
        if matches!(hold, Hold::Pings) {
            match peer.ping().await {
                Ok(()) => add(&done.pings),
                Err(_) => return,
            }
        }
    }
}

impl Attacking {
    /// What was done, in words.
    pub fn did(&self) -> String {
        let Done { connections, hung_up, calls, pings, sent, taken, no_room, refused } = &*self.done;
        let counts = [
            (connections, "connections"),
            (hung_up, "of them ended"),
            (calls, "calls"),
            (pings, "pings"),
            (sent, "transactions sent"),
            (taken, "taken"),
            (no_room, "without room"),
            (refused, "refused"),
        ];
        let counts = counts.map(|(count, what)| (count.load(Ordering::Relaxed), what));
        let some = counts.iter().filter(|(count, _)| *count > 0);
        some.map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
    }

    pub async fn end(mut self) {
        self.tasks.shutdown().await;
    }
}
