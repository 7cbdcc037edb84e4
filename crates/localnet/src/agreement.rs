//! Whether all validators have one state: each one's own word, its CometBFT's, and the headers that more than two thirds signed.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use sealdesk_node::comet::Rpc;
use tokio::time::sleep;

use crate::error::{Error, Result};
use crate::network::Network;
use crate::validator::Standing;

/// How long the validators may take to stand at one height when nothing is written any more.
const SETTLE_WAIT: Duration = Duration::from_secs(600);
/// How long the block may take that names the state of the last one: an empty one comes every 10 seconds.
const NEXT_BLOCK_WAIT: Duration = Duration::from_secs(300);
/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(200);

/// What the validators say of one height.
#[derive(Debug)]
pub(crate) struct Agreement {
    /// Where each stands: all at the last common height.
    pub(crate) standings: Vec<Standing>,
    /// Heights whose headers were compared.
    pub(crate) heights: u64,
    /// Where they differ; empty if they agree.
    pub(crate) differences: Vec<String>,
}

impl Agreement {
    /// Waits until all stand at one height, and compares every height up to it.
    pub(crate) async fn find(network: &Network) -> Result<Self> {
        let standings = settle(network).await?;
        let rpcs: Vec<Rpc> = network.validators().iter().map(|validator| validator.asked()).collect();
        let mut found = Self { standings, heights: 0, differences: Vec::new() };
        found.compare_headers(&rpcs).await?;
        found.compare_states(network).await?;
        Ok(found)
    }

    /// The last common height.
    pub(crate) fn height(&self) -> u64 {
        self.standings.first().map_or(0, |standing| standing.height)
    }

    /// A header names the root of the state before its block, so equal headers are equal states, at every height.
    async fn compare_headers(&mut self, rpcs: &[Rpc]) -> Result<()> {
        let mut first = 1;
        for rpc in rpcs {
            first = first.max(rpc.heights().await.map_err(Error::other)?.0);
        }
        for height in first..=self.height() {
            let mut headers = Vec::new();
            for rpc in rpcs {
                let signed = rpc.signed_header(height).await.map_err(Error::other)?;
                headers.push(signed.header().clone());
            }
            if headers.windows(2).any(|pair| pair[0] != pair[1]) {
                self.differences.push(format!("the headers of block {height} differ"));
            }
            self.heights += 1;
        }
        Ok(())
    }

    /// The state of each, who joined included, must be at the last common height what the signed header of that state names.
    async fn compare_states(&mut self, network: &Network) -> Result<()> {
        let height = self.height();
        let Some(first) = network.validators().first() else { return Ok(()) };
        let named = named_root(&first.asked(), height, &self.standings).await?;
        for (standing, node) in self.standings.iter().zip(network.everyone()) {
            let name = node.name();
            if standing.app_hash != named {
                let text = format!("the state of {name} is not what the header names for height {height}");
                self.differences.push(text);
            }
            let (told, root) = node.asked().app_state().await.map_err(Error::other)?;
            if told == height && root != standing.app_hash {
                self.differences.push(format!("{name} tells its CometBFT another state than others"));
            }
        }
        Ok(())
    }
}

/// The root of the state after a block, as the next header names it; if the block changed nothing, as its own does.
async fn named_root(rpc: &Rpc, height: u64, standings: &[Standing]) -> Result<Vec<u8>> {
    let begun = Instant::now();
    let header = rpc.signed_header(height).await.map_err(Error::other)?;
    let own = header.header().app_hash.as_bytes().to_vec();
    if standings.iter().all(|standing| standing.app_hash == own) {
        return Ok(own);
    }
    loop {
        match rpc.signed_header(height + 1).await {
            Ok(next) => return Ok(next.header().app_hash.as_bytes().to_vec()),
            Err(error) if begun.elapsed() > NEXT_BLOCK_WAIT => return Err(Error::other(error)),
            Err(_) => sleep(PAUSE).await,
        }
    }
}

/// Waits until everyone answers, and all from one height.
async fn settle(network: &Network) -> Result<Vec<Standing>> {
    let (begun, mut seen) = (Instant::now(), Vec::new());
    while begun.elapsed() < SETTLE_WAIT {
        let standings = network.standings().await;
        seen = standings.iter().map(|standing| standing.as_ref().map(|standing| standing.height)).collect();
        let all: Option<Vec<Standing>> = standings.into_iter().collect();
        let heights = |all: &[Standing]| all.iter().map(|standing| standing.height).collect::<BTreeSet<_>>();
        if let Some(all) = all.filter(|all| heights(all).len() == 1 && all[0].height > 0) {
            return Ok(all);
        }
        sleep(PAUSE).await;
    }
    let seen = network.everyone().zip(seen).map(|(node, height)| match height {
        Some(height) => format!("{} at {height}", node.name()),
        None => format!("{} does not answer", node.name()),
    });
    let seen = seen.collect::<Vec<_>>().join(", ");
    Err(Error::other(format!("the validators do not come to one height: {seen}")))
}
