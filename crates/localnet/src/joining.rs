//! Nodes that join the running network by state sync, while customers write.

use std::time::{Duration, Instant};

use sealdesk_client::node::Node;
use sealdesk_node::comet::{StateSyncConfig, agree_on_header};
use sealdesk_node::home::Home;
use tokio::time::sleep;

use crate::error::{Error, Result};
use crate::network::Network;
use crate::validator::Validator;
use crate::watch::Watch;

/// Blocks between two snapshots of a validator, where somebody joins.
pub(crate) const SNAPSHOT_INTERVAL: u64 = 10;
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

/// How a node has joined.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Joined {
    /// The block whose state it began with.
    pub(crate) at: u64,
    /// From its start until it was where the others had been then.
    pub(crate) took: Duration,
}

/// Lets every joiner join, one after the other.
pub(crate) async fn happen(network: &Network, watch: &Watch) -> Result<Vec<Joined>> {
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
                return Err(Error::NotJoined {
                    name: joiner.name(),
                    height: others,
                    log: joiner.home.join("comet/cometbft.log"),
                });
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
        all.push(Joined { at, took });
    }
    Ok(all)
}

/// Its home: the genesis of the others, where they are, and what they agree on now.
async fn prepare(network: &Network, joiner: &Validator) -> Result<()> {
    let [first, ..] = network.validators() else { return Err(Error::other("there is no validator to join")) };
    let (home, genesis) = (Home::new(&joiner.home), Home::new(&first.home).genesis()?);
    home.prepare()?;
    let peers: Vec<String> = network.validators().iter().map(Validator::peer).collect::<Result<_>>()?;
    joiner.configure(&peers, None)?;
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

async fn newest(network: &Network) -> u64 {
    let standings = network.standings().await;
    standings.into_iter().flatten().map(|standing| standing.height).max().unwrap_or(0)
}

async fn wait_for(network: &Network, height: u64, most: Duration) -> Result<()> {
    let begun = Instant::now();
    while newest(network).await < height {
        if begun.elapsed() > most {
            return Err(Error::other(format!("the network does not come to height {height}")));
        }
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
