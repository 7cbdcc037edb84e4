//! Several nodes with a real CometBFT each, in this process, on loopback.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sealdesk_node::comet::{Rpc, RpcAddress, Supervision, find_program, node_id};
use sealdesk_node::home::Home;
use sealdesk_node::ledger::{Ledger, TxOutcome};
use sealdesk_node::{Engine as AnyEngine, Node, NodeConfig, NodeError, run_engine};
use sealdesk_protocol::genesis::{Genesis, GenesisValidator};
use sealdesk_protocol::tx::TxHash;
use sealdesk_testkit::waiting::{Logs, PATIENCE, free_addresses};
use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard, oneshot};

use crate::desk::genesis;
use crate::desk::waiting::until;

/// Real networks take their turns, so that none is slow because of another.
pub async fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::const_new(());
    TURN.lock().await
}

pub fn cometbft() -> PathBuf {
    find_program(None).expect("`make test` installs cometbft")
}

/// A program that runs CometBFT after these lines of shell, with these arguments besides.
pub fn script(path: &Path, before: &str, arguments: &str) -> PathBuf {
    let text = format!("#!/bin/sh\n{before}\nexec {} \"$@\" {arguments}\n", cometbft().display());
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_owned()
}

pub async fn start(home: &Home, program: PathBuf) -> Result<Node, NodeError> {
    let config = NodeConfig {
        home: home.path().to_owned(),
        listen: Some("127.0.0.1:0".parse().unwrap()),
        ..NodeConfig::default()
    };
    run_engine(config, AnyEngine::Comet(Supervision::Supervised { program: Some(program) })).await
}

/// Hands in a transaction until it is on the ledger, as a client does that looks first what became of it.
pub async fn execute(ledger: &Arc<dyn Ledger>, tx: &[u8]) -> u64 {
    let (hash, begun) = (TxHash::of(tx), Instant::now());
    let mut seen = String::new();
    while begun.elapsed() < PATIENCE {
        if let Some(record) = ledger.committed(hash).unwrap() {
            assert_eq!(record.code, 0, "{}", record.log);
            return u64::try_from(record.height).unwrap();
        }
        // An outcome that nobody is told of, since the ledger was away, is looked up the next time.
        let outcome = async { hand_in(ledger, tx).await.map_err(|error| seen = error).ok()?.await.ok() };
        match tokio::time::timeout(Duration::from_secs(5), outcome).await {
            Ok(Some(TxOutcome::Committed(record))) => return u64::try_from(record.height).unwrap(),
            Ok(Some(other)) => seen = format!("{other:?}"),
            Ok(None) | Err(_) => {}
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("waited {PATIENCE:?} for a transaction to be on the ledger; last seen: {seen}");
}

/// Waits until a ledger is at this height at least.
pub async fn reaches(ledger: &Arc<dyn Ledger>, height: u64) {
    until(&format!("height {height}"), async || match ledger.tip().height {
        reached if reached >= height => Ok(()),
        reached => Err(reached),
    })
    .await;
}

/// Hands in a transaction once.
pub async fn hand_in(ledger: &Arc<dyn Ledger>, tx: &[u8]) -> Result<oneshot::Receiver<TxOutcome>, String> {
    let (told, outcome) = oneshot::channel();
    let waiter = Box::new(move |outcome| drop(told.send(outcome)));
    let taken = ledger.clone().submit(tx.to_vec(), Some(waiter), Box::new(())).await;
    taken.map(|_| outcome).map_err(|error| error.to_string())
}

/// The network; its nodes end with it.
pub struct Network {
    _logs: Logs,
    pub dir: TempDir,
    pub homes: Vec<Home>,
    pub programs: Vec<PathBuf>,
    nodes: Vec<Option<Node>>,
}

impl Network {
    /// The homes of validators of so much power each, which know one another.
    pub fn prepare(powers: &[u32]) -> Self {
        Self::prepare_with(genesis(), powers)
    }

    /// The same with another genesis, whose validators these become.
    pub fn prepare_with(mut genesis: Genesis, powers: &[u32]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let homes: Vec<Home> =
            (0..powers.len()).map(|n| Home::new(dir.path().join(format!("v{n}")))).collect();
        let validators = homes.iter().zip(powers).enumerate();
        genesis.validators = validators
            .map(|(n, (home, power))| {
                GenesisValidator::new(&home.prepare().unwrap(), *power, &format!("v{n}"))
            })
            .collect();
        let peers: Vec<(SocketAddr, String)> = homes
            .iter()
            .zip(free_addresses())
            .map(|(home, at)| {
                home.join(&genesis).unwrap();
                (at, format!("{}@{at}", node_id(home).unwrap()))
            })
            .collect();
        for (n, home) in homes.iter().enumerate() {
            let others = peers.iter().enumerate().filter(|(other, _)| *other != n);
            let others: Vec<String> = others.map(|(_, (_, peer))| format!("{peer:?}")).collect();
            let text = format!("[comet]\np2p = \"{}\"\npeers = [{}]\n", peers[n].0, others.join(", "));
            std::fs::write(home.config_file(), text).unwrap();
        }
        let (programs, nodes) = (vec![cometbft(); homes.len()], homes.iter().map(|_| None).collect());
        Self { _logs: Logs(dir.path().to_owned()), dir, homes, programs, nodes }
    }

    /// Adds to the section `[comet]` of a home's configuration, before it starts.
    pub fn configure(&self, n: usize, lines: &str) {
        let file = self.homes[n].config_file();
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{text}{lines}\n")).unwrap();
    }

    /// One more home, without a vote, which knows the others.
    pub fn add(&mut self) -> usize {
        let n = self.homes.len();
        let home = Home::new(self.dir.path().join(format!("v{n}")));
        home.prepare().unwrap();
        home.join(&self.homes[0].genesis().unwrap()).unwrap();
        let peers = self.homes.iter().map(|other| {
            let p2p = other.config().unwrap().comet.p2p.unwrap();
            format!("{:?}", format!("{}@{p2p}", node_id(other).unwrap()))
        });
        let peers: Vec<String> = peers.collect();
        std::fs::write(home.config_file(), format!("[comet]\npeers = [{}]\n", peers.join(", "))).unwrap();
        self.homes.push(home);
        self.programs.push(cometbft());
        self.nodes.push(None);
        n
    }

    pub async fn start_all(&mut self) {
        for n in 0..self.homes.len() {
            self.start(n).await;
        }
    }

    pub async fn start(&mut self, n: usize) {
        self.nodes[n] = Some(start(&self.homes[n], self.programs[n].clone()).await.unwrap());
    }

    pub async fn stop(&mut self, n: usize) {
        self.nodes[n].take().unwrap().stop().await.unwrap();
    }

    pub async fn stop_all(mut self) {
        for node in std::mem::take(&mut self.nodes).into_iter().flatten() {
            node.stop().await.unwrap();
        }
    }

    pub fn node(&self, n: usize) -> &Node {
        self.nodes[n].as_ref().unwrap()
    }

    pub fn ledger(&self, n: usize) -> Arc<dyn Ledger> {
        self.node(n).ledger()
    }

    pub fn height(&self, n: usize) -> u64 {
        self.ledger(n).tip().height
    }

    /// Waits until all of them are at this height at least.
    pub async fn all_reach(&self, height: u64) {
        until(&format!("all at height {height}"), async || {
            let heights: Vec<u64> = (0..self.nodes.len()).map(|n| self.height(n)).collect();
            if heights.iter().all(|reached| *reached >= height) { Ok(()) } else { Err(heights) }
        })
        .await;
    }

    /// Waits until one of them is at this height at least.
    pub async fn reaches(&self, n: usize, height: u64) {
        reaches(&self.ledger(n), height).await;
    }

    pub fn rpc(&self, n: usize) -> Rpc {
        Rpc::new(RpcAddress::Unix(self.homes[n].path().join("comet/rpc.sock")))
    }

    /// Every transaction of the blocks up to a height, as one node has them.
    pub async fn transactions(&self, n: usize, up_to: u64) -> Vec<String> {
        let mut all = Vec::new();
        for height in 1..=up_to {
            let block =
                self.rpc(n).ask("block", serde_json::json!({ "height": height.to_string() })).await.unwrap();
            let txs = block["block"]["data"]["txs"].as_array().unwrap();
            all.extend(txs.iter().map(|tx| tx.as_str().unwrap().to_owned()));
        }
        all
    }

    /// All headers up to the lowest height are one, and no block tells of a validator that signed twice.
    pub async fn agrees(&self) -> u64 {
        let running: Vec<usize> = (0..self.nodes.len()).filter(|n| self.nodes[*n].is_some()).collect();
        let height = running.iter().map(|n| self.height(*n)).min().unwrap();
        for height in 1..=height {
            let mut headers = Vec::new();
            for &n in &running {
                headers.push(self.rpc(n).signed_header(height).await.unwrap().header().clone());
            }
            assert!(headers.windows(2).all(|pair| pair[0] == pair[1]), "block {height} differs");
            let asked = serde_json::json!({ "height": height.to_string() });
            let block = self.rpc(running[0]).ask("block", asked).await.unwrap();
            let evidence = &block["block"]["evidence"]["evidence"];
            assert!(evidence.as_array().is_none_or(Vec::is_empty), "evidence in block {height}: {evidence}");
        }
        height
    }
}
