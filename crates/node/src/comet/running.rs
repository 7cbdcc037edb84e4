//! The replicated ledger as a part of a node: application, socket, and CometBFT where this node runs it.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sealdesk_store::{FileDisk, LOG_FILE, STATE_FILE};
use tokio::task::JoinHandle;

use super::app::{App, Setup};
use super::config::{CometConfig, RpcAddress};
use super::copied;
use super::error::CometError;
use super::gate::Gate;
use super::handovers::keep;
use super::home::{CometHome, find_program};
use super::process::Process;
use super::server::{AbciAddress, Server};
use crate::home::{Home, HomeError};
use crate::ledger::Ledger as _;
use crate::metrics::Instrumentation;
use crate::validator::ValidatorKey;

/// Who runs CometBFT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Engine {
    /// This node; the program is the one given, or one that is found.
    Supervised {
        /// Where it is.
        program: Option<PathBuf>,
    },
    /// The operator.
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
    server: Server,
    process: Option<Process>,
    instrumentation: Option<Instrumentation>,
    /// Keeps the headers with which validators changed; ends with the ledger.
    keeper: JoinHandle<()>,
}

impl Driver {
    /// Opens the ledger of a home, listens for CometBFT, and starts it if that is this node's task. A node that is `measured`
    /// has CometBFT serve its metrics on loopback, where the configuration names no other place.
    ///
    /// # Errors
    /// [`CometError`]; nothing of it runs then.
    pub async fn start(home: &Home, engine: Engine, measured: bool) -> Result<Self, CometError> {
        match engine {
            Engine::Supervised { program } => Self::supervise(home, program.as_deref(), measured).await,
            Engine::External { abci, rpc } => {
                mark(home)?;
                let config = config(home)?;
                let app = open(home, &config, rpc).await?;
                let server = Server::start(app.clone(), &abci).await?;
                let instrumentation = instrumentation(&app, &config);
                let keeper = tokio::spawn(keep(app.gate().clone()));
                Ok(Self { app, server, process: None, instrumentation, keeper })
            }
        }
    }

    async fn supervise(home: &Home, program: Option<&Path>, measured: bool) -> Result<Self, CometError> {
        let program = find_program(program)?;
        let (mut config, comet) = (config(home)?, CometHome::open(home.path())?);
        if measured && config.metrics.is_none_or(|address| address.port() == 0) {
            config.metrics = Some(free_port(config.metrics)?);
        }
        let rpc = RpcAddress::Unix(comet.sockets().rpc.clone());
        // The state's lock comes first: it shows that no other process lives here.
        let app = open(home, &config, Some(rpc)).await?;
        let key = home.key()?;
        check_signed(&comet, &app, &key)?;
        let follows = must_follow(&comet, &app, &key)?;
        let genesis = home.genesis_file();
        let text = std::fs::read(&genesis).map_err(|error| CometError::Io { path: genesis, error })?;
        let server = Server::start(app.clone(), &AbciAddress::Unix(comet.sockets().abci.clone())).await?;
        let start = || {
            let (gate, metrics) = (app.gate().clone(), app.gate().metrics().clone());
            let restarted = move || metrics.replica.iter().for_each(|replica| replica.restarted());
            let failed = move |error: &CometError| gate.stop(&error.to_string());
            Process::start(program.clone(), comet.clone(), restarted, failed)
        };
        if follows {
            tracing::warn!(
                "this home is a copy: its validator signs nothing before the others have made a later block"
            );
            // With a key that no validator has, CometBFT follows and signs nothing.
            comet.write(&config, &text, &ValidatorKey::generate().map_err(HomeError::from)?)?;
            let following = start();
            let followed = copied::later_block(app.gate()).await;
            following.stop().await?;
            followed?;
        }
        comet.write(&config, &text, &key)?;
        copied::write_down(&comet.data())?;
        let process = start();
        let instrumentation = instrumentation(&app, &config);
        let keeper = tokio::spawn(keep(app.gate().clone()));
        Ok(Self { app, server, process: Some(process), instrumentation, keeper })
    }

    /// The way into the ledger.
    pub fn gate(&self) -> &Arc<Gate> {
        self.app.gate()
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
        self.gate().until_stopped().await;
        self.gate().stopped().unwrap_or_default()
    }

    /// Stops CometBFT, then what answers it. The state is synced with every block, so nothing is left to write.
    ///
    /// # Errors
    /// What had stopped the ledger, if it did not run any more.
    pub async fn stop(self) -> Result<(), CometError> {
        let Self { app, server, process, keeper, .. } = self;
        let failed = app.gate().is_closed().then(|| app.gate().stopped()).flatten();
        app.gate().stop("the node is shutting down");
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

fn instrumentation(app: &App, config: &CometConfig) -> Option<Instrumentation> {
    let chain_id = app.gate().machine().chain_id().to_string();
    config.metrics.map(|address| Instrumentation::new(address, &chain_id))
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

/// The stopped ledger of a home, for who reads its state: nothing is listened for, and nothing is run.
///
/// # Errors
/// [`CometError`]; [`CometError::is_in_use`] while it runs.
pub fn open_stopped(home: &Home) -> Result<App, CometError> {
    refuse_solo(home)?;
    let disk = FileDisk::open(&home.data_dir(), STATE_FILE)?;
    App::open(Setup { disk, genesis: home.genesis()?, rpc: None, retain_blocks: None })
}

fn mark(home: &Home) -> Result<(), CometError> {
    let path = marker(home.path());
    std::fs::create_dir_all(&path).map_err(|error| CometError::Io { path, error })
}

fn config(home: &Home) -> Result<CometConfig, CometError> {
    Ok(home.config()?.comet)
}

/// Opens the application on the home's disk, on a thread where that may take its time.
async fn open(home: &Home, config: &CometConfig, rpc: Option<RpcAddress>) -> Result<Arc<App>, CometError> {
    let (home, retain_blocks) = (home.clone(), config.retain_blocks);
    let opened = tokio::task::spawn_blocking(move || {
        refuse_solo(&home)?;
        let genesis = home.genesis()?;
        let disk = FileDisk::open(&home.data_dir(), STATE_FILE)?;
        App::open(Setup { disk, genesis, rpc, retain_blocks })
    });
    let app = opened.await.map_err(|error| CometError::Stopped(error.to_string()))??;
    Ok(Arc::new(app))
}

/// Blocks that an embedded ledger made are not CometBFT's, and its key has signed their heights.
fn refuse_solo(home: &Home) -> Result<(), CometError> {
    let made = std::fs::metadata(home.data_dir().join(LOG_FILE)).is_ok_and(|meta| meta.len() > 0);
    if made { Err(CometError::MadeBySolo(home.path().to_owned())) } else { Ok(()) }
}

/// No block is committed without the signature of a validator with a third of the power, so such a one's memory of what it has
/// signed is never behind the state but where one of them is a copy. Others have to catch up before they sign anyway.
fn check_signed(comet: &CometHome, app: &App, key: &ValidatorKey) -> Result<(), CometError> {
    let (signed, state) = (comet.signed_height()?.unwrap_or(0), app.height());
    let (power, total) = powers(app, key);
    if power.saturating_mul(3) >= total && signed < state {
        return Err(CometError::OlderCopy { signed, state });
    }
    Ok(())
}

/// Whether this home is a copy that has to see first how far its validator has signed. The others show it by the blocks that they
/// make, which they cannot without a third of the power; one that is alone signs against nobody.
fn must_follow(comet: &CometHome, app: &App, key: &ValidatorKey) -> Result<bool, CometError> {
    let (power, total) = powers(app, key);
    if power == 0 || power == total || !copied::is_copy(&comet.data())? {
        return Ok(false);
    }
    if power.saturating_mul(3) >= total {
        return Err(CometError::Copied(copied::note(&comet.data())));
    }
    Ok(true)
}

/// This validator's voting power, and everyone's.
fn powers(app: &App, key: &ValidatorKey) -> (u64, u64) {
    let validators = app.gate().validators();
    let own = validators.validators().iter().find(|v| v.pub_key.to_bytes() == key.public_key());
    (own.map_or(0, |own| own.power()), validators.total_voting_power().value())
}
