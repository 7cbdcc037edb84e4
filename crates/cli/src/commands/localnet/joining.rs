//! Nodes that join the running network by state sync, while customers write.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use sealdesk_client::node::Node;
use sealdesk_node::comet::{StateSyncConfig, agree_on_header, node_id};
use sealdesk_node::home::Home;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::network::Network;
use super::validator::{Standing, Validator};
use super::watch::Watch;
use crate::error::{Failure, at};

/// Blocks between two snapshots of a validator, where somebody joins.
pub(super) const SNAPSHOT_INTERVAL: u64 = 10;
/// Height at which there is a snapshot, and blocks behind it that prove it.
const FIRST_HEIGHT: u64 = SNAPSHOT_INTERVAL + 4;
/// How long the network may take to get there.
const HEIGHT_WAIT: Duration = Duration::from_secs(600);
/// How long a node may take to join.
const JOIN_WAIT: Duration = Duration::from_secs(600);
/// How long the servers may take to agree on a header.
const SERVERS_WAIT: Duration = Duration::from_secs(60);
/// Servers that bear witness to the trusted header.
const SERVERS: usize = 2;

/// A node that has joined.
#[derive(Clone, Debug)]
pub(super) struct Joined {
    name: String,
    /// The block whose state it began with.
    at: u64,
    /// From its start until it was where the others had been then.
    took: Duration,
}

/// Lets every joiner join, one after the other.
pub(super) async fn happen(network: &Network, watch: &Watch) -> Result<Vec<Joined>, Failure> {
    let mut all = Vec::new();
    for joiner in network.joiners() {
        wait_for(network, FIRST_HEIGHT, HEIGHT_WAIT).await?;
        prepare(network, joiner).await?;
        let others = newest(network).await;
        watch.doing(&format!("{} joins at height {others}", joiner.name()));
        let begun = Instant::now();
        network.restart(joiner).await?;
        while joiner.standing().await.is_none_or(|standing| standing.height < others) {
            if begun.elapsed() > JOIN_WAIT {
                return Err(Failure::hinted(
                    format!("{} does not come to height {others}", joiner.name()),
                    format!("see {}", joiner.home.join("comet/cometbft.log").display()),
                ));
            }
            sleep(Duration::from_millis(100)).await;
        }
        let took = begun.elapsed();
        let status = Node::connect(&joiner.grpc()).await?.status().await?;
        let at = u64::try_from(status.history_from).unwrap_or(1).saturating_sub(1);
        watch.doing(&format!(
            "{} has joined with the state of block {at} after {:.1} s",
            joiner.name(),
            took.as_secs_f64()
        ));
        all.push(Joined { name: joiner.name(), at, took });
    }
    Ok(all)
}

/// Its home: the genesis of the others, where they are, and what they agree on now.
async fn prepare(network: &Network, joiner: &Validator) -> Result<(), Failure> {
    let [first, ..] = network.validators() else { return Err(Failure::new("nobody is there to join")) };
    let (home, genesis) = (Home::new(&joiner.home), Home::new(&first.home).genesis()?);
    home.prepare()?;
    write_config(&home, joiner, network.validators())?;
    let servers: Vec<String> = network.validators().iter().take(SERVERS).map(Validator::rpc).collect();
    let point = agree_on_header(&servers, &genesis.chain_id, SERVERS_WAIT).await?;
    home.add_state_sync(&StateSyncConfig {
        servers,
        trust_height: point.height,
        trust_hash: point.hash,
        key_never_signed: false,
    })?;
    Ok(home.join(&genesis)?)
}

fn write_config(home: &Home, joiner: &Validator, validators: &[Validator]) -> Result<(), Failure> {
    let mut peers = Vec::new();
    for validator in validators {
        let id = node_id(&Home::new(&validator.home))?;
        peers.push(format!("{:?}", format!("{id}@{}", validator.addresses.p2p)));
    }
    let (name, addresses) = (joiner.name(), joiner.addresses);
    let mut text =
        format!("[comet]\nmoniker = \"{name}\"\np2p = \"{}\"\nrpc = \"{}\"\n", addresses.p2p, addresses.rpc);
    let _ = writeln!(text, "peers = [{}]", peers.join(", "));
    write(&home.config_file(), &text)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| at(path, &error))
}

async fn newest(network: &Network) -> u64 {
    let standings = network.standings().await;
    standings.into_iter().flatten().map(|standing| standing.height).max().unwrap_or(0)
}

async fn wait_for(network: &Network, height: u64, most: Duration) -> Result<(), Failure> {
    let begun = Instant::now();
    while newest(network).await < height {
        if begun.elapsed() > most {
            return Err(Failure::new(format!("the network does not come to height {height}")));
        }
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// The report's part about those who joined, with where they stand at its end.
pub(super) fn told(network: &Network, joined: &[Joined], standings: &[Standing]) -> Vec<Value> {
    let joined = network.joiners().iter().zip(joined).zip(standings);
    let tenth = |seconds: f64| (seconds * 10.0).round() / 10.0;
    let one = |((joiner, joined), standing): ((&Validator, &Joined), &Standing)| {
        json!({
            "name": joined.name,
            "grpc_address": joiner.grpc(),
            "joined_at": joined.at,
            "seconds": tenth(joined.took.as_secs_f64()),
            "height": standing.height,
            "app_hash": hex::encode_upper(&standing.app_hash),
        })
    };
    joined.map(one).collect()
}
