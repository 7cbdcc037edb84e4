//! A whole node: its home, its ledger, its API.

mod listen;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use sealdesk_protocol::block::Hash;
use sealdesk_store::PAGE_CACHE_BYTES;
use thiserror::Error;
use tokio::sync::watch;

use crate::admission::{AdmissionConfig, Door};
use crate::api::dispatch::Dispatch;
use crate::api::{Api, Context};
use crate::backup::socket;
use crate::blobs::{self, Blobs};
use crate::clock::SystemClock;
use crate::comet::{self, CometError};
use crate::erase;
use crate::home::{BlobsConfig, Config, Home, HomeError};
use crate::http::tls::Tls;
use crate::http::{Endpoint, TlsError};
use crate::ledger::Ledger;
use crate::metrics::{self, Source};
use crate::page::{Webcat, WebcatError};
use crate::port::{self, PortConfig, PortError};
use crate::presence::Presence;
use crate::push::{self, Push};
use crate::solo::driver::Driver;
use crate::solo::{Setup, Solo, SoloError, file_disks};
use crate::webhooks::{Deliveries, RetryPolicy, Webhooks};
use listen::{Listening, MetricsAt, listen, plan};

/// What a node calls itself that was given no name.
const DEFAULT_MONIKER: &str = "sealdesk";

/// What a node is started with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeConfig {
    /// Where it lives; [`Home::init`] must have been there.
    pub home: PathBuf,
    /// Where it listens; `None` = what the configuration file says, or 127.0.0.1:9090. Port 0 = any free one.
    pub listen: Option<SocketAddr>,
    /// TLS, names, pages, proxies and places, beside what the configuration file says.
    pub port: PortConfig,
    /// The folder of what its operator signed of the page for WEBCAT; `None` = `webcat` in the home, where there is one.
    pub webcat: Option<PathBuf>,
    /// Where its metrics are read, which may be where it listens; `None` = what the configuration file says, or nowhere.
    pub metrics: Option<SocketAddr>,
    /// Most memory for pages of the state's file, in MiB; `None` = what the configuration file says, or 128.
    pub page_cache: Option<u32>,
    /// How many of the newest blocks an embedded ledger keeps whole, 0 = all; `None` = what the configuration file says, or all.
    pub keep_blocks: Option<u32>,
    /// What it asks of accounts that the ledger has never seen, beside what the configuration file says.
    pub admission: AdmissionConfig,
}

/// Why a node does not start, or stopped.
#[derive(Debug, Error)]
pub enum NodeError {
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The ledger cannot be opened, or failed.
    #[error(transparent)]
    Ledger(#[from] SoloError),
    /// The replicated ledger cannot be opened, or failed.
    #[error(transparent)]
    Comet(#[from] CometError),
    /// The ledger of the home is a replicated one.
    #[error("{0} holds a replicated ledger: start it with --engine comet")]
    MadeByComet(PathBuf),
    /// The port cannot be opened as it was told to.
    #[error(transparent)]
    Port(#[from] PortError),
    /// What was signed of the page cannot be used.
    #[error(transparent)]
    Webcat(#[from] WebcatError),
    /// The address cannot be listened at.
    #[error("cannot listen at {address}: {error}")]
    Listen {
        /// Where.
        address: String,
        /// What the system said.
        #[source]
        error: std::io::Error,
    },
    /// Blocks of a replicated ledger are CometBFT's.
    #[error(
        "how many blocks are kept is said by retain_blocks in [comet]: this ledger's blocks are CometBFT's"
    )]
    KeepBlocks,
    /// Both CometBFT and this node are told to serve metrics at one address.
    #[error("metrics and the section [comet]'s metrics are both {0}")]
    SameMetrics(SocketAddr),
    /// The pieces of attached files cannot be kept, or asked for, as the configuration names them.
    #[error("cannot start the node: {why}")]
    Blobs {
        /// What is wrong with the section.
        why: String,
        /// Whether it is only that nothing says by which credentials a bucket is used, which the environment of a start may do.
        lacks_credentials: bool,
    },
    /// A part of the node cannot be started.
    #[error("cannot start the node: {0}")]
    Start(String),
}

impl NodeError {
    /// Whether the configuration file lacks something that options or variables of a start may well say.
    pub fn is_mended_by_options(&self) -> bool {
        match self {
            Self::Port(error) => matches!(error, PortError::Exposed(_) | PortError::NoProxy),
            Self::Blobs { lacks_credentials, .. } => *lacks_credentials,
            _ => false,
        }
    }
}

/// A running node. It runs until [`Node::stop`]; dropping it leaves the ledger's thread running.
#[derive(Debug)]
pub struct Node {
    home: Home,
    chain_id: String,
    validators_hash: Vec<u8>,
    addresses: BTreeMap<String, String>,
    serving: Endpoint,
    tls: Option<Tls>,
    webcat: Webcat,
    metrics: Option<Endpoint>,
    webhooks: Deliveries,
    push: Push,
    asked: Option<socket::Serving>,
    engine: Running,
}

/// The engine that orders a node's transactions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// This node alone.
    #[default]
    Solo,
    /// CometBFT, among many.
    Comet(comet::Supervision),
}

/// The ledger of a running node.
#[derive(Debug)]
enum Running {
    Solo { driver: Driver, opened_at: u64, ended: watch::Receiver<Option<String>> },
    Comet(comet::Driver),
}

/// Starts a node with the embedded ledger: opens it, then listens. When this returns, requests are answered.
///
/// # Errors
/// [`NodeError`]; nothing of it runs then.
pub async fn run(config: NodeConfig) -> Result<Node, NodeError> {
    run_engine(config, Engine::Solo).await
}

/// Whether a node could listen where it is told to, for whoever makes a home for it first. Nothing listens afterwards.
///
/// # Errors
/// [`NodeError`], as [`run`].
pub async fn can_listen(config: &NodeConfig) -> Result<(), NodeError> {
    let said = Home::new(config.home.clone()).config()?;
    check_parts(&said)?;
    listen(config, &said).await.map(drop)
}

/// Whether a node would start as config.toml says, as far as that shows without listening, opening the ledger or asking anybody.
///
/// # Errors
/// [`NodeError`], as [`run`]; what options of a start say beside the file could mend it where [`NodeError::is_mended_by_options`].
pub fn check_config(home: &Home) -> Result<(), NodeError> {
    let said = home.config()?;
    check_parts(&said)?;
    plan(&NodeConfig::default(), &said)?;
    if comet::is_replicated(home) && said.keep_blocks.is_some_and(|keep| keep > 0) {
        return Err(NodeError::KeepBlocks);
    }
    Webcat::open(None, home.webcat_dir())?;
    Ok(())
}

/// Whether what is opened last can be opened as it is named: who hears that late has waited for the ledger.
fn check_parts(said: &Config) -> Result<(), NodeError> {
    blobs::check(&said.blobs).map_err(|error| NodeError::Blobs {
        lacks_credentials: error.is_without_credentials(),
        why: error.to_string(),
    })?;
    said.push.check().map_err(NodeError::Start)
}

/// The pieces of attached files, which may be in a bucket that takes its time.
async fn open_blobs(
    home: &Home,
    most: Option<u32>,
    config: BlobsConfig,
    api: Api,
) -> Result<Blobs, NodeError> {
    let data = home.data_dir();
    let opened = tokio::task::spawn_blocking(move || Blobs::open(&data, api, most, &config)).await;
    opened.map_err(start_failed)?.map_err(start_failed)
}

/// [`run`] with any engine.
///
/// # Errors
/// [`NodeError`]; nothing of it runs then.
pub async fn run_engine(config: NodeConfig, engine: Engine) -> Result<Node, NodeError> {
    let home = Home::new(config.home.clone());
    let said = home.config()?;
    check_parts(&said)?;
    let page_cache = page_cache_bytes(config.page_cache.or(said.page_cache));
    let keep_blocks = config.keep_blocks.or(said.keep_blocks).unwrap_or_default();
    let Listening { api: listeners, front, metrics, addresses } = listen(&config, &said).await?;
    let webcat = Webcat::open(config.webcat.as_deref(), home.webcat_dir())?;
    let admission = config.admission.or(said.admission);
    let measured = !matches!(metrics, MetricsAt::Nowhere);
    let engine = match engine {
        Engine::Solo => start_solo(&home, page_cache, keep_blocks).await?,
        Engine::Comet(_) if keep_blocks > 0 => return Err(NodeError::KeepBlocks),
        Engine::Comet(engine) => {
            Running::Comet(comet::Driver::start(&home, engine, measured, page_cache).await?)
        }
    };
    let ledger = engine.ledger();
    let chain_id = ledger.machine().chain_id().to_string();
    let validators_hash = hash_of_validators(ledger.as_ref());
    let counted = ledger.metrics().clone();
    let door =
        Door::new(&admission, home.path(), ledger.machine().chain_id(), &counted).map_err(start_failed)?;
    let api = Api::behind(door, front.capacity.subscribers, ledger, addresses.clone());
    let routes = api.routes().map_err(start_failed)?;
    let context = Context {
        dispatch: Dispatch::new(routes.clone()),
        api,
        genesis: Arc::new(home.genesis()?),
        moniker: said.comet.moniker.as_deref().unwrap_or(DEFAULT_MONIKER).into(),
        addresses: Arc::new(addresses.clone()),
    };
    let blobs = open_blobs(&home, said.files_max, said.blobs, context.api.clone()).await?;
    blobs.keep_swept();
    let push =
        Push::start(&home, &context.api, said.push, push::RetryPolicy::default()).map_err(start_failed)?;
    let erasing = erase::router(context.api.clone(), blobs.clone(), front.names.public.clone());
    let beside = blobs
        .router()
        .merge(erasing)
        .merge(push.router())
        .merge(Presence::new(&context.api, &said.presence, engine.is_replicated()).router())
        .merge(webcat.clone().router());
    let router = port::router(routes, context, beside);
    let (router, metrics) = serve_metrics(metrics, router, measured_by(&home, &engine))?;
    // Commands that add a webhook ask here where it begins; what was added before that is settled, and then transactions are taken.
    let asked = asked_of(&home, &engine);
    let hooks = Webhooks::of(home.path());
    hooks.settle(engine.opened_at());
    let tls = front.tls.clone();
    let serving = port::serve(listeners, router, front, counted).map_err(start_failed)?;
    let webhooks = Deliveries::start(hooks, engine.ledger(), RetryPolicy::default());
    Ok(Node {
        asked,
        home,
        chain_id,
        validators_hash,
        addresses,
        serving,
        tls,
        webcat,
        metrics,
        webhooks,
        push,
        engine,
    })
}

/// What a client pins; nothing where there is no validator.
fn hash_of_validators(ledger: &dyn Ledger) -> Vec<u8> {
    match ledger.validators().hash() {
        Hash::Sha256(hash) => hash.to_vec(),
        Hash::None => Vec::new(),
    }
}

/// Where commands of this home ask the node. A node serves without that, and says so: its home may be on a disk that has no sockets.
fn asked_of(home: &Home, engine: &Running) -> Option<socket::Serving> {
    let serving = socket::serve(home, &engine.ledger());
    let unasked = "this node gives no backups while it runs, and a new webhook begins up to two seconds late";
    serving.inspect_err(|error| tracing::warn!("{unasked}: {error}")).ok()
}

/// Serves metrics where they are wanted: among what the port answers, or on a listener of their own.
fn serve_metrics(
    at: MetricsAt,
    router: Router,
    source: Source,
) -> Result<(Router, Option<Endpoint>), NodeError> {
    Ok(match at {
        MetricsAt::Nowhere => (router, None),
        MetricsAt::Here => (router.merge(metrics::router(source)), None),
        MetricsAt::Elsewhere(listener) => {
            (router, Some(metrics::serve(listener, source).map_err(start_failed)?))
        }
    })
}

/// Where metrics come from.
fn measured_by(home: &Home, engine: &Running) -> Source {
    let cometbft = match engine {
        Running::Solo { .. } => None,
        Running::Comet(driver) => driver.instrumentation().cloned(),
    };
    Source { ledger: engine.ledger(), data_dir: home.data_dir(), cometbft }
}

async fn start_solo(home: &Home, page_cache: usize, keep_blocks: u32) -> Result<Running, NodeError> {
    if comet::is_replicated(home) {
        return Err(NodeError::MadeByComet(home.path().to_owned()));
    }
    let mut solo = open(home.clone(), page_cache).await?;
    solo.keep_blocks(keep_blocks.into());
    let opened_at = solo.height();
    let (notified, ended) = watch::channel(None);
    let driver = Driver::start(solo, move |reason| {
        notified.send_replace(Some(reason.unwrap_or_default()));
    });
    Ok(Running::Solo { driver: driver.map_err(start_failed)?, opened_at, ended })
}

impl Running {
    /// The newest height when the ledger was opened, before anything more came to it.
    fn opened_at(&self) -> u64 {
        match self {
            Self::Solo { opened_at, .. } => *opened_at,
            Self::Comet(driver) => driver.opened_at(),
        }
    }

    fn is_replicated(&self) -> bool {
        matches!(self, Self::Comet(_))
    }

    fn ledger(&self) -> Arc<dyn Ledger> {
        match self {
            Self::Solo { driver, .. } => driver.handle().clone(),
            Self::Comet(driver) => driver.handle().clone(),
        }
    }
}

/// Opening may replay many blocks, so it has a thread of its own.
async fn open(home: Home, page_cache: usize) -> Result<Solo, NodeError> {
    let opened = tokio::task::spawn_blocking(move || -> Result<Solo, NodeError> {
        let genesis = home.genesis()?;
        let setup = Setup {
            disks: file_disks(&home)?,
            genesis,
            key: home.key()?,
            clock: Arc::new(SystemClock::default()),
        };
        Ok(Solo::open_with(setup, page_cache)?)
    });
    opened.await.map_err(start_failed)?
}

/// Bytes of so many MiB, or what a store takes by itself.
fn page_cache_bytes(mib: Option<u32>) -> usize {
    mib.and_then(|mib| usize::try_from(mib).ok()?.checked_mul(1 << 20)).unwrap_or(PAGE_CACHE_BYTES)
}

fn start_failed(error: impl ToString) -> NodeError {
    NodeError::Start(error.to_string())
}

impl Node {
    /// Where it lives.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The ledger's name.
    pub fn chain_id(&self) -> &str {
        &self.chain_id
    }

    /// What a client pins: the hash of the validators.
    pub fn validators_hash(&self) -> &[u8] {
        &self.validators_hash
    }

    /// Where it listens, by surface: `grpc` = `http://127.0.0.1:9090`, and `metrics` where they are served.
    pub fn addresses(&self) -> &BTreeMap<String, String> {
        &self.addresses
    }

    /// The bound address of the API.
    pub fn listening(&self) -> SocketAddr {
        self.serving.address()
    }

    /// Whether its port speaks TLS.
    pub fn speaks_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Reads the certificate and its key again: connections from now on are shown what the files hold.
    ///
    /// # Errors
    /// [`TlsError`] where there is none, or the files cannot be used: then everything stays as it was.
    pub fn reload_tls(&self) -> Result<(), TlsError> {
        self.tls.as_ref().ok_or(TlsError::None)?.reload()
    }

    /// Reads again what was signed of the page, and says whether there is a folder of it by now.
    ///
    /// # Errors
    /// [`WebcatError`]: then what is served stays what it was.
    pub fn reload_webcat(&self) -> Result<bool, WebcatError> {
        self.webcat.reload()
    }

    /// The ledger, for code in the same process.
    pub fn ledger(&self) -> Arc<dyn Ledger> {
        self.engine.ledger()
    }

    /// Waits until the ledger ends by itself, and gives the reason. A node whose ledger has failed is of no more use: stop it,
    /// and start it again when the cause is gone.
    pub async fn ended(&self) -> String {
        match &self.engine {
            Running::Comet(driver) => driver.ended().await,
            Running::Solo { ended, .. } => {
                let mut ended = ended.clone();
                let reason = ended.wait_for(Option::is_some).await.map(|reason| reason.clone());
                reason.ok().flatten().unwrap_or_default()
            }
        }
    }

    /// Stops listening, finishes the block at hand, and makes the state durable.
    ///
    /// # Errors
    /// What had stopped the ledger, if it did not run any more.
    pub async fn stop(self) -> Result<(), NodeError> {
        let Self { serving, metrics, webhooks, push, asked, engine, .. } = self;
        if let Some(asked) = asked {
            asked.stop();
        }
        push.stop().await;
        webhooks.stop().await;
        if let Some(metrics) = metrics {
            metrics.stop().await;
        }
        match engine {
            Running::Solo { driver, .. } => {
                let ledger = tokio::task::spawn_blocking(move || driver.stop());
                serving.stop().await;
                Ok(ledger.await.map_err(start_failed)??)
            }
            Running::Comet(driver) => {
                let (stopped, ()) = tokio::join!(driver.stop(), serving.stop());
                Ok(stopped?)
            }
        }
    }
}
