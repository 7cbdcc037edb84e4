//! What a node counts of itself, and how Prometheus reads it: under the names that dashboards of CometBFT use, and ours beside
//! them, all from one address.
//!
//! Where something happens, it is counted: [`blocks`] by the engines, [`pool`] at their doors, [`calls`] by the API, [`replica`]
//! between this node and CometBFT, [`snapshots`] where they are made and restored, [`webhooks`] where events are posted. What can be looked up cheaply is looked up when somebody asks: [`present`]. The embedded engine
//! gives CometBFT's names itself ([`cometbft`]); under the other engine they come from CometBFT, and [`scrape`] passes them on.
//! [`serve`] answers.
//!
//! No metric holds an address, a ticket's id, or anything a person wrote: labels are words of this program and numbers of
//! `protocol::codes`. Nothing here scans; nothing here is read by what decides a block.

mod blobs;
mod blocks;
mod calls;
mod cometbft;
mod families;
mod pool;
mod present;
mod replica;
mod scrape;
mod serve;
mod snapshots;
#[cfg(test)]
mod tests;
mod webhooks;

use std::path::Path;

use prometheus::TextEncoder;
use sealdesk_protocol::ids::ChainId;

pub(crate) use blocks::{Blocks, Phase, Tally};
pub(crate) use calls::Counted;
pub(crate) use cometbft::SeenBlock;
pub(crate) use scrape::Instrumentation;
pub(crate) use serve::{Source, router, serve};
pub(crate) use snapshots::Snapshots;

use crate::ledger::Ledger;
use calls::Calls;
use cometbft::CometNames;
use families::Families;
use pool::Pool;
use present::Present;
use replica::Replica;
use webhooks::Webhooks;

/// Everything that one ledger counts.
pub struct Metrics {
    families: Families,
    present: Present,
    /// Pieces of attached files.
    pub(crate) blobs: blobs::Blobs,
    pub(crate) blocks: Blocks,
    pub(crate) pool: Pool,
    pub(crate) calls: Calls,
    pub(crate) webhooks: Webhooks,
    /// CometBFT's names, where no CometBFT gives them.
    pub(crate) names: Option<CometNames>,
    /// What is between this node and CometBFT.
    pub(crate) replica: Option<Replica>,
    /// What is made for nodes that join, where there are any.
    pub(crate) snapshots: Option<Snapshots>,
}

impl Metrics {
    /// Those of the embedded ledger.
    pub(crate) fn solo(chain_id: &ChainId) -> Self {
        let mut metrics = Self::of_any(chain_id);
        metrics.names = Some(CometNames::new(&metrics.families));
        metrics
    }

    /// Those of a replicated ledger.
    pub(crate) fn comet(chain_id: &ChainId) -> Self {
        let mut metrics = Self::of_any(chain_id);
        metrics.replica = Some(Replica::new(&metrics.families));
        metrics.snapshots = Some(Snapshots::new(&metrics.families));
        metrics
    }

    fn of_any(chain_id: &ChainId) -> Self {
        let families = Families::new(chain_id);
        Self {
            present: Present::new(&families),
            blobs: blobs::Blobs::new(&families),
            blocks: Blocks::new(&families),
            pool: Pool::new(&families),
            calls: Calls::new(&families),
            webhooks: Webhooks::new(&families),
            names: None,
            replica: None,
            snapshots: None,
            families,
        }
    }

    /// Everything in Prometheus's text format, version 0.0.4. `data_dir` is where the ledger's files are.
    pub fn text(&self, ledger: &dyn Ledger, data_dir: &Path) -> String {
        self.present.look(ledger, data_dir);
        if let Some(names) = &self.names {
            names.look(ledger);
        }
        let text = TextEncoder::new().encode_to_string(&self.families.gather());
        text.unwrap_or_else(|error| {
            tracing::error!("the metrics cannot be written: {error}");
            String::new()
        })
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}
