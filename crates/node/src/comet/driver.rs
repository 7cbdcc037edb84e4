//! The replicated ledger as a part of a node: application, socket, and CometBFT where this node runs it.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sealdesk_protocol::text::unmarked;
use sealdesk_store::{FileDisk, STATE_FILE};
use tokio::task::JoinHandle;

use super::abci::server::{AbciAddress, Server};
use super::app::{App, Setup};
use super::clone_guard::{CloneGuard, unrecorded_key};
use super::error::CometError;
use super::handle::LedgerHandle;
use super::process::config::{CometConfig, RpcAddress};
use super::process::home::{CometHome, find_program, remove_unfinished};
use super::process::supervisor::Process;
use super::snapshots::SnapshotSetup;
use super::validators::backfill::fetch;
use crate::data_files::BLOCKS_DIR;
use crate::home::{Home, HomeError};
use crate::ledger::Ledger as _;
use crate::metrics::Instrumentation;
use crate::validator::ValidatorKey;

/// How CometBFT is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Supervision {
    /// This node runs it; the program is the one given, or one that is found.
    Supervised {
        /// Where it is.
        program: Option<PathBuf>,
    },
    /// The operator runs it.
    External {
        /// Where this node listens for it.
        abci: AbciAddress,
        /// Where its RPC answers.
        rpc: Option<RpcAddress>,
    },
}

/// A running replicated ledger.
#[derive(Debug)]
pub struct Driver {
    app: Arc<App>,
    /// The newest height when it was opened.
    opened_at: u64,
    server: Server,
    process: Option<Process>,
    instrumentation: Option<Instrumentation>,
    /// Keeps the headers with which validators changed; ends with the ledger.
    keeper: JoinHandle<()>,
}

impl Driver {
    /// Opens the ledger of a home, listens for CometBFT, and starts it if that is this node's task. A node that is `measured`
    /// has CometBFT serve its metrics on loopback, where the configuration names no other place. `page_cache` is the most memory for
    /// pages of the state's file, in bytes.
    ///
    /// # Errors
    /// [`CometError`]; nothing of it runs then.
    pub async fn start(
        home: &Home,
        supervision: Supervision,
        measured: bool,
        page_cache: usize,
    ) -> Result<Self, CometError> {
        match supervision {
            Supervision::Supervised { program } => {
                Self::supervise(home, program.as_deref(), measured, page_cache).await
            }
            Supervision::External { abci, rpc } => {
                mark(home)?;
                let config = config(home)?;
                let app = open(home, &config, rpc, page_cache).await?;
                let opened_at = app.height();
                // Where that CometBFT uses this home's directory, as the units have it.
                remove_unfinished(&marker(home.path()).join("data"));
                let server = Server::start(app.clone(), &abci).await?;
                Ok(Self { opened_at, ..Self::running(app, server, None, &config) })
            }
        }
    }

    async fn supervise(
        home: &Home,
        program: Option<&Path>,
        measured: bool,
        page_cache: usize,
    ) -> Result<Self, CometError> {
        let program = find_program(program)?;
        let (mut config, comet) = (config(home)?, CometHome::open(home.path())?);
        if measured && config.metrics.is_none_or(|address| address.port() == 0) {
            config.metrics = Some(free_port(config.metrics)?);
        }
        let rpc = RpcAddress::Unix(comet.sockets().rpc.clone());
        // The state's lock comes first: it shows that no other process lives here.
        let app = open(home, &config, Some(rpc), page_cache).await?;
        let opened_at = app.height();
        let key = home.key()?;
        let guard = CloneGuard { comet: &comet, app: &app, key: &key };
        guard.check_signed()?;
        let follows = guard.must_follow()?;
        let told = CometConfig { state_sync: guard.state_sync(&config)?, ..config.clone() };
        let genesis = home.genesis_file();
        let text = std::fs::read(&genesis).map_err(|error| CometError::Io { path: genesis, error })?;
        if told.state_sync.is_some() && app.height() > 0 {
            comet.forget_chain()?;
        }
        let server = Server::start(app.clone(), &AbciAddress::Unix(comet.sockets().abci.clone())).await?;
        if follows {
            tracing::warn!(
                "this home is a copy: its validator signs nothing before the others have made a later block"
            );
            // With a key that no validator has, CometBFT follows and signs nothing.
            comet.write(&told, unmarked(&text), &ValidatorKey::generate().map_err(HomeError::from)?)?;
            let following = run(&program, &comet, &app);
            let followed = guard.later_block().await;
            following.stop().await?;
            followed?;
        }
        comet.write(&told, unmarked(&text), &key)?;
        guard.write_down()?;
        let process = run(&program, &comet, &app);
        Ok(Self { opened_at, ..Self::running(app, server, Some(process), &config) })
    }

    fn running(app: Arc<App>, server: Server, process: Option<Process>, config: &CometConfig) -> Self {
        let chain_id = app.handle().machine().chain_id().to_string();
        let instrumentation = config.metrics.map(|address| Instrumentation::new(address, &chain_id));
        let servers = config.state_sync.as_ref().map(|section| section.servers.clone());
        let keeper = keeper(&app, servers.unwrap_or_default());
        Self { opened_at: app.height(), app, server, process, instrumentation, keeper }
    }

    /// The way into the ledger.
    pub fn handle(&self) -> &Arc<LedgerHandle> {
        self.app.handle()
    }

    /// The newest height when the ledger was opened, before CometBFT brought more.
    pub(crate) fn opened_at(&self) -> u64 {
        self.opened_at
    }

    /// Where CometBFT serves its metrics.
    pub(crate) fn instrumentation(&self) -> Option<&Instrumentation> {
        self.instrumentation.as_ref()
    }

    /// Where it listens for CometBFT.
    pub fn abci(&self) -> &AbciAddress {
        self.server.address()
    }

    /// Waits until the ledger stops by itself, and gives the reason.
    pub async fn ended(&self) -> String {
        self.handle().ended().cancelled().await;
        self.handle().stopped().unwrap_or_default()
    }

    /// Stops CometBFT, then what answers it. The state is synced with every block, so nothing is left to write.
    ///
    /// # Errors
    /// What had stopped the ledger, if it did not run any more.
    pub async fn stop(self) -> Result<(), CometError> {
        let Self { app, server, process, keeper, .. } = self;
        let failed = app.handle().stopped();
        app.handle().stop("the node is shutting down");
        let ended = match process {
            Some(process) => process.stop().await,
            None => Ok(()),
        };
        server.stop().await;
        keeper.abort();
        match failed {
            Some(reason) => Err(ended.err().unwrap_or(CometError::Stopped(reason))),
            None => ended,
        }
    }
}

/// Starts CometBFT on its directory.
fn run(program: &Path, comet: &CometHome, app: &App) -> Process {
    let (handle, metrics) = (app.handle().clone(), app.handle().metrics().clone());
    let restarted = move || metrics.replica.iter().for_each(|replica| replica.restarted());
    let failed = move |error: &CometError| handle.stop(&error.to_string());
    Process::start(program.to_owned(), comet.clone(), restarted, failed)
}

/// Keeps the headers with which validators change, and asks the servers that this node joined through for those from before its
/// blocks.
fn keeper(app: &App, servers: Vec<String>) -> JoinHandle<()> {
    let (changes, ended) = (app.handle().changes().clone(), app.handle().ended().clone());
    tokio::spawn(async move {
        let _ = tokio::join!(changes.keep_all(&ended), fetch(changes.clone(), &servers, &ended));
    })
}

/// An address whose port nobody uses now. CometBFT cannot say which one it got if it is told to take any. Should another program
/// take it before CometBFT does, CometBFT's metrics are missing until the next start, and nothing else.
fn free_port(address: Option<SocketAddr>) -> Result<SocketAddr, CometError> {
    let address = address.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0)));
    let bound = TcpListener::bind(address).and_then(|listener| listener.local_addr());
    bound.map_err(|error| CometError::Io { path: address.to_string().into(), error })
}

/// The directory by which a home is known to be of this engine.
pub(super) fn marker(home: &Path) -> PathBuf {
    home.join("comet")
}

/// Whether the ledger of a home is replicated.
pub fn is_replicated(home: &Home) -> bool {
    marker(home.path()).exists()
}

/// Opens the stopped ledger of a home to read its state: nothing listens, and CometBFT is not run.
///
/// # Errors
/// [`CometError`]; [`CometError::is_in_use`] while it runs.
pub fn open_stopped(home: &Home) -> Result<App, CometError> {
    refuse_solo(home)?;
    let disk = FileDisk::open(&home.data_dir(), STATE_FILE)?;
    let genesis = home.genesis()?;
    App::open(Setup { disk, genesis, rpc: None, retain_blocks: None, snapshots: None })
}

fn mark(home: &Home) -> Result<(), CometError> {
    let path = marker(home.path());
    std::fs::create_dir_all(&path).map_err(|error| CometError::Io { path, error })
}

fn config(home: &Home) -> Result<CometConfig, CometError> {
    Ok(home.config()?.comet)
}

/// Opens the application on the home's disk, on a thread where that may take its time.
async fn open(
    home: &Home,
    config: &CometConfig,
    rpc: Option<RpcAddress>,
    page_cache: usize,
) -> Result<Arc<App>, CometError> {
    let (home, config) = (home.clone(), config.clone());
    let opened = tokio::task::spawn_blocking(move || {
        refuse_solo(&home)?;
        let genesis = home.genesis()?;
        let disk = FileDisk::open(&home.data_dir(), STATE_FILE)?;
        let unrecorded = unrecorded_key(&home, &config)?;
        let snapshots = Some(SnapshotSetup::of_home(&home, config.snapshot_interval, unrecorded)?);
        let setup = Setup { disk, genesis, rpc, retain_blocks: config.retain_blocks, snapshots };
        App::open_with(setup, page_cache)
    });
    let app = opened.await.map_err(|error| CometError::Stopped(error.to_string()))??;
    Ok(Arc::new(app))
}

/// Blocks that an embedded ledger made are not CometBFT's, and its key has signed their heights.
fn refuse_solo(home: &Home) -> Result<(), CometError> {
    let files = std::fs::read_dir(home.data_dir().join(BLOCKS_DIR)).into_iter().flatten().flatten();
    let of_before = std::fs::metadata(home.data_dir().join(sealdesk_store::LOG_FILE));
    let mut files = files.filter_map(|file| file.metadata().ok()).chain(of_before);
    let made = files.any(|meta| meta.len() > 0);
    if made { Err(CometError::MadeBySolo(home.path().to_owned())) } else { Ok(()) }
}
