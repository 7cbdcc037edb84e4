//! The replicated ledger as a part of a node: application, socket, and CometBFT where this node runs it.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sealdesk_store::{FileDisk, LOG_FILE, STATE_FILE};
use tokio::task::JoinHandle;

use super::app::{App, Setup};
use super::config::{CometConfig, RpcAddress};
use super::copied;
use super::earlier::fetch;
use super::error::CometError;
use super::gate::Gate;
use super::handovers::keep;
use super::home::{CometHome, find_program};
use super::process::Process;
use super::server::{AbciAddress, Server};
use super::snapshots::SnapshotSetup;
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
                let keeper = keeper(&app, servers(&config));
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
        let servers = servers(&config);
        let config = joining(config, &comet, &app, &key)?;
        let genesis = home.genesis_file();
        let text = std::fs::read(&genesis).map_err(|error| CometError::Io { path: genesis, error })?;
        if config.state_sync.is_some() && app.height() > 0 {
            comet.forget_chain()?;
        }
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
        let keeper = keeper(&app, servers);
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

/// Keeps the headers with which validators change, and looks for those from before this node's blocks.
fn keeper(app: &App, servers: Vec<String>) -> JoinHandle<()> {
    let gate = app.gate().clone();
    tokio::spawn(async move {
        let _ = tokio::join!(keep(gate.clone()), fetch(gate, &servers));
    })
}

/// Whom this node joins through, or joined.
fn servers(config: &CometConfig) -> Vec<String> {
    config.state_sync.as_ref().map(|section| section.servers.clone()).unwrap_or_default()
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
async fn open(home: &Home, config: &CometConfig, rpc: Option<RpcAddress>) -> Result<Arc<App>, CometError> {
    let (home, config) = (home.clone(), config.clone());
    let opened = tokio::task::spawn_blocking(move || {
        refuse_solo(&home)?;
        let genesis = home.genesis()?;
        let disk = FileDisk::open(&home.data_dir(), STATE_FILE)?;
        let unrecorded = unrecorded_key(&home, &config)?;
        let snapshots = Some(SnapshotSetup::of_home(&home, config.snapshot_interval, unrecorded)?);
        App::open(Setup { disk, genesis, rpc, retain_blocks: config.retain_blocks, snapshots })
    });
    let app = opened.await.map_err(|error| CometError::Stopped(error.to_string()))??;
    Ok(Arc::new(app))
}

/// Blocks that an embedded ledger made are not CometBFT's, and its key has signed their heights.
fn refuse_solo(home: &Home) -> Result<(), CometError> {
    let made = std::fs::metadata(home.data_dir().join(LOG_FILE)).is_ok_and(|meta| meta.len() > 0);
    if made { Err(CometError::MadeBySolo(home.path().to_owned())) } else { Ok(()) }
}

/// The validator key of a home, where what it has signed is written nowhere and the operator does not say that this is nothing.
fn unrecorded_key(home: &Home, config: &CometConfig) -> Result<Option<[u8; 32]>, CometError> {
    // A home whose CometBFT the operator runs need not have the key.
    if !home.key_file().exists() || is_recorded(&CometHome::open(home.path())?, config)? {
        return Ok(None);
    }
    Ok(Some(home.key()?.public_key()))
}

/// Whether it is known what the validator's key has signed. Who catches up block by block signs nothing before the end either; but
/// where a key comes back without its record, what it may not sign again is nowhere, and the newest height, to which state sync leads
/// in seconds, is the one that it may have signed.
fn is_recorded(comet: &CometHome, config: &CometConfig) -> Result<bool, CometError> {
    let never_signed = config.state_sync.as_ref().is_some_and(|state_sync| state_sync.key_never_signed);
    Ok(never_signed || comet.signed_height()?.unwrap_or(0) > 0)
}

/// The configuration for CometBFT: with state sync only while no block was executed here. Later CometBFT would ignore it, and a
/// trust point of long ago means nothing.
fn joining(
    config: CometConfig,
    comet: &CometHome,
    app: &App,
    key: &ValidatorKey,
) -> Result<CometConfig, CometError> {
    let untouched = app.is_untouched()?;
    let state_sync = config.state_sync.clone().filter(|_| untouched);
    if let Some(state_sync) = &state_sync {
        state_sync.check()?;
        // Those of the genesis are known now; those who were voted in, when the state is here.
        if powers(app, key).0 > 0 && !is_recorded(comet, &config)? {
            return Err(CometError::NoSigningRecord);
        }
    }
    Ok(CometConfig { state_sync, ..config })
}

/// No block is committed without the signature of a validator with a third of the power, so such a one's memory of what it has
/// signed is never behind the state but where one of them is a copy. Others have to catch up before they sign anyway.
fn check_signed(comet: &CometHome, app: &App, key: &ValidatorKey) -> Result<(), CometError> {
    let (signed, state) = (comet.signed_height()?.unwrap_or(0), app.height());
    let (power, total) = powers(app, key);
    // A state that came from another node was made without this key.
    let came = app.machine.history_start(&app.store.latest())?.is_some();
    if power.saturating_mul(3) >= total && signed < state && !(came && signed == 0) {
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

#[cfg(test)]
mod tests {
    use sealdesk_protocol::state::side;
    use sealdesk_protocol::wire::sealdesk::ledger::v1::HistoryStart;
    use sealdesk_store::testing::MemoryDisk;
    use sealdesk_store::{Durability, State};
    use tendermint_proto::google::protobuf::Timestamp;
    use tendermint_proto::v0_38::abci::{Request, RequestCommit, RequestFinalizeBlock, request};

    use super::super::config::StateSyncConfig;
    use super::*;
    use crate::desk;

    struct Scene {
        dir: tempfile::TempDir,
        app: App,
        config: CometConfig,
    }

    impl Scene {
        /// A home whose key is the only validator's, told to join by state sync.
        fn new() -> Self {
            let (disk, genesis) = (MemoryDisk::new(), desk::genesis());
            let setup = Setup { disk, genesis, rpc: None, retain_blocks: None, snapshots: None };
            let state_sync = StateSyncConfig {
                servers: vec!["http://a:1".to_owned(), "http://b:1".to_owned()],
                trust_height: 7,
                trust_hash: "AB".repeat(32),
                key_never_signed: false,
            };
            let config = CometConfig { state_sync: Some(state_sync), ..CometConfig::default() };
            Self { dir: tempfile::tempdir().unwrap(), app: App::open(setup).unwrap(), config }
        }

        fn comet(&self) -> CometHome {
            CometHome::open(self.dir.path()).unwrap()
        }

        /// What CometBFT is told to do with this key.
        fn joining(&self, key: &ValidatorKey) -> Result<Option<StateSyncConfig>, CometError> {
            Ok(joining(self.config.clone(), &self.comet(), &self.app, key)?.state_sync)
        }

        fn record(&self, height: u64) {
            let record = format!(r#"{{"height":"{height}","round":0,"step":3}}"#);
            std::fs::write(self.comet().dir().join("data/priv_validator_state.json"), record).unwrap();
        }

        fn make_block(&self) {
            let seconds = self.app.last_time() + 1;
            let block = RequestFinalizeBlock {
                height: i64::try_from(self.app.height()).unwrap() + 1,
                time: Some(Timestamp { seconds, nanos: 0 }),
                ..Default::default()
            };
            for value in [request::Value::FinalizeBlock(block), request::Value::Commit(RequestCommit {})] {
                self.app.answer(Request { value: Some(value) });
            }
        }

        /// Notes that the state came from another node, as of a block.
        fn note_restored(&self, height: i64) {
            let start = HistoryStart { from: height + 1, tickets: 0 };
            let mut state = State::new(self.app.store.latest());
            state.put_side(side::HISTORY_START, prost::Message::encode_to_vec(&start));
            let version = self.app.store.latest().version() + 1;
            let staged = self.app.store.prepare(version, state.into_changes()).unwrap();
            self.app.store.commit(staged, Durability::Synced).unwrap();
        }
    }

    #[test]
    fn a_validators_key_that_comes_back_without_its_record_does_not_join_by_state_sync() {
        let mut scene = Scene::new();
        let key = desk::validator();
        let refused = scene.joining(&key).unwrap_err();
        assert!(matches!(refused, CometError::NoSigningRecord), "{refused}");
        // A new key is nobody's yet, and a record says what may not be signed again.
        assert!(scene.joining(&ValidatorKey::from_seed(&[77; 32])).unwrap().is_some());
        scene.record(9);
        assert!(scene.joining(&key).unwrap().is_some());
        scene.record(0);
        assert!(scene.joining(&key).is_err());
        if let Some(state_sync) = &mut scene.config.state_sync {
            state_sync.key_never_signed = true;
        }
        assert!(scene.joining(&key).unwrap().is_some());
    }

    #[test]
    fn a_home_tells_its_snapshots_which_key_has_no_record() {
        let mut scene = Scene::new();
        let home = Home::new(scene.dir.path());
        assert_eq!(unrecorded_key(&home, &scene.config).unwrap(), None, "there is no key");
        let own = home.prepare().unwrap();
        let carried = |config: &CometConfig| unrecorded_key(&home, config).unwrap();
        assert_eq!((carried(&scene.config), carried(&CometConfig::default())), (Some(own), Some(own)));
        scene.record(9);
        assert_eq!(carried(&scene.config), None);
        scene.record(0);
        assert_eq!(carried(&scene.config), Some(own));
        if let Some(state_sync) = &mut scene.config.state_sync {
            state_sync.key_never_signed = true;
        }
        assert_eq!(carried(&scene.config), None);
    }

    #[test]
    fn a_ledger_that_has_executed_a_block_is_never_synced_again() {
        let scene = Scene::new();
        scene.make_block();
        assert_eq!(scene.app.height(), 1);
        assert_eq!(scene.joining(&desk::validator()).unwrap(), None);
    }

    #[test]
    fn a_state_from_elsewhere_is_no_older_copy_of_a_key_that_has_signed_nothing() {
        let scene = Scene::new();
        scene.make_block();
        let check = || check_signed(&scene.comet(), &scene.app, &desk::validator());
        assert!(matches!(check(), Err(CometError::OlderCopy { signed: 0, state: 1 })));
        scene.note_restored(1);
        assert!(check().is_ok());
        // One that has signed must have signed up to here.
        scene.record(1);
        assert!(matches!(check(), Err(CometError::OlderCopy { signed: 1, state: 2 })));
    }
}
