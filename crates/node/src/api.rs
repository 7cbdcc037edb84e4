//! What a node answers over gRPC: the three Query services of the desk, the ledger's own, and the calls of Cosmos that wallets use.
//! Other surfaces reach them through [`dispatch`], and are made from a [`Context`].
//!
//! Every answer is read from one block's state. Reading happens on threads of its own, as many at a time as there are cores ([`turns`]), so
//! that a slow query holds up neither the connections nor the ledger, and nobody with many queries those of others.

mod admission;
mod at_height;
mod auth;
mod block_wire;
mod context;
mod cosmos;
pub(crate) mod dispatch;
mod engine;
mod error_info;
mod fair_queue;
mod follow;
mod health;
mod history;
pub(crate) mod latest;
mod ledger;
pub(crate) mod node_info;
mod proof;
mod query;
mod reached;
pub(crate) mod search;
pub(crate) mod status;
mod tx;
pub(crate) mod tx_response;
pub(crate) mod validators;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use sealdesk_machine::{Machine, QueryError};
use sealdesk_protocol::wire;
use sealdesk_protocol::wire::cosmos::base::query::v1beta1::PageRequest;
use tokio::sync::Semaphore;
use tonic::Status;
use tonic::service::Routes;

use crate::admission::Door;
use crate::feed::Cursor;
use crate::http::budget::{Bounds, Budget};
use crate::http::meter::{Meter, Rate};
use crate::http::source::Source;
use crate::ledger::{Ledger, Tip};
use engine::KnownStatus;
use fair_queue::{Count, FairQueue, Turn, WAITING, Work};
use health::Services;
use latest::Latest;

pub(crate) use at_height::BLOCK_HEIGHT;
pub(crate) use context::Context;

#[allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]
mod services {
    include!(concat!(env!("OUT_DIR"), "/services.rs"));
}

/// Longest request, in bytes. The longest transaction fits twice.
pub const REQUEST_BYTES_MAX: usize = 524_288;
/// Longest answer, in bytes: a receipt, and what surrounds it.
pub const RESPONSE_BYTES_MAX: usize = sealdesk_protocol::receipt::RECEIPT_BYTES_MAX + 65_536;
/// Fewest turns to compute. There are as many as the machine has cores: more would only take turns with each other, and keep a caller with
/// little to do as long as those with much.
const COMPUTING_MIN: usize = 2;
/// Of so many turns to compute one is for work that takes long, and for callers who have had much.
const LONG_SHARE: usize = 2;
/// Transactions that are handed to CometBFT at the same time, which may take its time.
const SUBMISSIONS_MAX: usize = 32;
/// Readers who are led from one set of validators to another at the same time. What leads them is asked of CometBFT.
const LEADING_MAX: usize = 8;
/// Pieces of files that are read or written at the same time, on this disk or in a bucket, and other small files that are written. Each has
/// at most 2 MiB in memory.
const STORING_MAX: usize = 16;
/// Blocks that are read whole at the same time, and made into answers: each takes some of the longest answers' memory.
const BLOCKS_MAX: usize = 4;
/// Questions to CometBFT about the network at the same time. Each opens a connection, of which CometBFT takes only so many.
const NETWORK_MAX: usize = 8;
/// Bytes of which an answer in JSON is written without a turn: that takes as long as reading a request.
const WRITTEN_AT_ONCE_BYTES: usize = 4_096;
/// Turns of each kind that the operator's own machine has beside these.
const OWN_TURNS: usize = 4;
/// Transactions of one address that may be refused: each costs as much as a good one. Until it is known what comes of one, it counts.
const REFUSED: Rate = Rate { at_once: 64, once_more_after: Duration::from_millis(100) };
/// Subscribers at the same time, unless the operator says otherwise. Each has at most a page of events and 65 more in memory, none longer
/// than some 500 bytes: 100 KiB; those who keep up share them.
pub(crate) const SUBSCRIBERS: Bounds = Bounds { all: 256, per_source: 16, own: 256 };
/// Readers of past events at the same time. They take no subscriber's place, since they have soon read, or are cut off.
const PAST_READERS: Bounds = Bounds { all: 256, per_source: 16, own: 256 };

/// What the services share. Cheap to clone.
#[derive(Clone)]
pub struct Api(Arc<Shared>);

struct Shared {
    ledger: Arc<dyn Ledger>,
    addresses: BTreeMap<String, String>,
    /// Of all kinds of work that take the processor; the others wait for something.
    computing: FairQueue,
    submitting: FairQueue,
    /// To verify what new accounts send, beside a turn to compute.
    newcomers: FairQueue,
    leading: FairQueue,
    storing: FairQueue,
    blocks: FairQueue,
    network: FairQueue,
    comet_status: KnownStatus,
    followers: Arc<Budget>,
    latest: Arc<Latest>,
    /// Of those, who read what came before they came.
    catching_up: Semaphore,
    past_readers: Arc<Budget>,
    /// Transactions that were refused.
    refused: Arc<Meter>,
    door: Door,
}

impl Api {
    /// The services of a ledger. `addresses` is what `status` prints: where the node listens, by surface.
    pub fn new(ledger: Arc<dyn Ledger>, addresses: BTreeMap<String, String>) -> Self {
        let door = Door::open(ledger.metrics());
        Self::behind(door, SUBSCRIBERS, ledger, addresses)
    }

    /// The services of a ledger, for new accounts behind a door, and for so many subscribers.
    pub(crate) fn behind(
        door: Door,
        subscribers: Bounds,
        ledger: Arc<dyn Ledger>,
        addresses: BTreeMap<String, String>,
    ) -> Self {
        let metrics = ledger.metrics().clone();
        let calls = &metrics.calls;
        let followers = Budget::new(subscribers, calls.held("subscribers"));
        let past_readers = Budget::new(PAST_READERS, calls.held("past_readers"));
        let cores = thread::available_parallelism().map_or(1, NonZero::get).max(COMPUTING_MIN);
        let count = Count { shared: cores, long: cores / LONG_SHARE, own: OWN_TURNS };
        let waiting = ["reads", "checks", "long_work"].map(|kind| Budget::new(WAITING, calls.held(kind)));
        let computing = FairQueue::new(count, waiting);
        let turns = |kind: &str, shared: usize| {
            let count = Count { shared, long: shared.div_ceil(LONG_SHARE), own: OWN_TURNS };
            let waiting = Budget::new(WAITING, calls.held(kind));
            FairQueue::new(count, [waiting.clone(), waiting.clone(), waiting])
        };
        Self(Arc::new(Shared {
            computing,
            newcomers: turns("newcomers", cores / LONG_SHARE),
            submitting: turns("submissions", SUBMISSIONS_MAX),
            leading: turns("leads", LEADING_MAX),
            storing: turns("files", STORING_MAX),
            blocks: turns("blocks", BLOCKS_MAX),
            network: turns("network", NETWORK_MAX),
            comet_status: KnownStatus::default(),
            catching_up: Semaphore::new(cores),
            latest: Arc::new(Latest::new(Cursor::after_block(ledger.tip().height))),
            ledger,
            addresses,
            followers,
            past_readers,
            refused: Arc::new(Meter::new(REFUSED)),
            door,
        }))
    }

    /// The ledger that it answers from.
    pub(crate) fn ledger(&self) -> &Arc<dyn Ledger> {
        &self.0.ledger
    }

    /// Reads from the newest state, on a thread where that may take its time.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        source: Source,
        work: impl FnOnce(&Machine, &Tip) -> Result<T, QueryError> + Send + 'static,
    ) -> Result<T, Status> {
        self.work(source, move |api| {
            let tip = api.ledger().tip();
            work(api.ledger().machine(), &tip).map_err(status::of_query)
        })
        .await
    }

    /// Does work of a reader's that is soon done, in their turn.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        source: Source,
        work: impl FnOnce(&Api) -> Result<T, Status> + Send + 'static,
    ) -> Result<T, Status> {
        self.compute(source, Work::Short, work).await
    }

    /// Does work that waits for a disk, or for a store elsewhere, and keeps nobody from reading the ledger meanwhile.
    pub(crate) async fn store_work<T: Send + 'static>(
        &self,
        source: Source,
        work: impl FnOnce(&Api) -> Result<T, Status> + Send + 'static,
    ) -> Result<T, Status> {
        self.work_in(self.0.storing.next(source, Work::Short).await?, work).await
    }

    /// Does work that may take long.
    pub(crate) async fn long_work<T: Send + 'static>(
        &self,
        source: Source,
        work: impl FnOnce(&Api) -> Result<T, Status> + Send + 'static,
    ) -> Result<T, Status> {
        self.compute(source, Work::Long, work).await
    }

    /// Does work of some kind in a turn to compute.
    async fn compute<T: Send + 'static>(
        &self,
        source: Source,
        kind: Work,
        work: impl FnOnce(&Api) -> Result<T, Status> + Send + 'static,
    ) -> Result<T, Status> {
        self.work_in(self.0.computing.next(source, kind).await?, work).await
    }

    /// Writes an answer of what was read in so many bytes: what is long takes its time, and a reader's turn; what is short is written at
    /// once.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        source: Source,
        bytes: usize,
        write: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Status> {
        if bytes <= WRITTEN_AT_ONCE_BYTES {
            return Ok(write());
        }
        self.work(source, |_| Ok(write())).await
    }

    /// Does work that may block.
    async fn work_in<T: Send + 'static>(
        &self,
        turn: Turn,
        work: impl FnOnce(&Api) -> Result<T, Status> + Send + 'static,
    ) -> Result<T, Status> {
        let api = self.clone();
        // The turn goes with the work: who takes a request back does not get the next turn before the work has ended.
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work(&api)
        });
        let done = done.await;
        done.unwrap_or_else(|_| Err(Status::internal("the query failed")))
    }

    /// Every service, with health and reflection.
    ///
    /// # Errors
    /// [`tonic_reflection::server::Error`] if the descriptors are broken.
    pub fn routes(&self) -> Result<Routes, tonic_reflection::server::Error> {
        use services::{cosmos, sealdesk, virtengine};
        macro_rules! bounded {
            ($server:path) => {
                <$server>::new(self.clone())
                    .max_decoding_message_size(REQUEST_BYTES_MAX)
                    .max_encoding_message_size(RESPONSE_BYTES_MAX)
            };
        }
        let services = Services::default()
            .add_service(bounded!(sealdesk::ledger::v1::ledger_server::LedgerServer<Api>))
            .add_service(bounded!(sealdesk::ledger::v1::query_server::QueryServer<Api>))
            .add_service(bounded!(virtengine::support::v1::query_server::QueryServer<Api>))
            .add_service(bounded!(virtengine::encryption::v1::query_server::QueryServer<Api>))
            .add_service(bounded!(virtengine::roles::v1::query_server::QueryServer<Api>))
            .add_service(bounded!(cosmos::auth::v1beta1::query_server::QueryServer<Api>))
            .add_service(bounded!(cosmos::bank::v1beta1::query_server::QueryServer<Api>))
            .add_service(bounded!(cosmos::base::node::v1beta1::service_server::ServiceServer<Api>))
            .add_service(bounded!(cosmos::base::tendermint::v1beta1::service_server::ServiceServer<Api>))
            .add_service(bounded!(cosmos::consensus::v1::query_server::QueryServer<Api>))
            .add_service(bounded!(cosmos::distribution::v1beta1::query_server::QueryServer<Api>))
            .add_service(bounded!(cosmos::gov::v1::query_server::QueryServer<Api>))
            .add_service(bounded!(cosmos::mint::v1beta1::query_server::QueryServer<Api>))
            .add_service(bounded!(cosmos::slashing::v1beta1::query_server::QueryServer<Api>))
            .add_service(bounded!(cosmos::staking::v1beta1::query_server::QueryServer<Api>))
            .add_service(bounded!(cosmos::tx::v1beta1::service_server::ServiceServer<Api>))
            .add_service(reflection().build_v1()?.max_decoding_message_size(REQUEST_BYTES_MAX))
            .add_service(reflection().build_v1alpha()?.max_decoding_message_size(REQUEST_BYTES_MAX));
        let services = services.with_health(self.clone()).prepare();
        Ok(error_info::on(at_height::on(services, self)))
    }
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("ledger", self.ledger()).finish_non_exhaustive()
    }
}

/// Whose a request is, as its connection says. Where none says so, it is a stranger's.
fn source_of<T>(request: &tonic::Request<T>) -> Source {
    let unknown = Source::Other(std::net::Ipv4Addr::UNSPECIFIED.into());
    request.extensions().get().copied().unwrap_or(unknown)
}

/// Refuses the key of a page of a list that has none: whoever named one would get the first page again, and again.
fn no_key(page: &PageRequest) -> Result<(), Status> {
    match page.key.as_slice() {
        [] => Ok(()),
        _ => Err(Status::invalid_argument(
            "this list has no keys of pages: name an offset, and leave `key` out",
        )),
    }
}

fn reflection() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(wire::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}
