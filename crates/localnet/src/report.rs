//! What a localnet has shown: nothing acknowledged lost or doubled, and one state.

use std::collections::BTreeSet;
use std::time::Duration;

use sealdesk_client::node::{Node, TicketsBy};
use serde::Serialize;

use crate::agreement::Agreement;
use crate::error::Result;
use crate::faults::Disturbed;
use crate::flood::Flooded;
use crate::joining::Joined;
use crate::load::Written;
use crate::network::Network;
use crate::validator::{Standing, Validator};
use crate::watch::Seen;

/// Most tickets of a customer that are looked at.
const TICKETS_MAX: usize = 10_000;

/// What has happened while the network ran.
pub(crate) struct Run {
    pub(crate) written: Written,
    pub(crate) disturbed: Disturbed,
    pub(crate) joined: Vec<Joined>,
    pub(crate) seen: Vec<Seen>,
}

/// What a network came to.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Tickets that stand on the ledger, as their customers were told.
    pub acknowledged: usize,
    /// How many of them are not there.
    pub lost: usize,
    /// Hashes of the transactions that are not there, in hex.
    pub lost_transactions: Vec<String>,
    /// Tickets that nobody can have written.
    pub doubled: u64,
    /// Tickets whose customer got no answer.
    pub in_doubt: u64,
    /// The longest time from the end of a fault until its validator was where the others were.
    pub recovery_seconds_max: f64,
    /// Whether all validators have one state.
    pub agreed: bool,
    /// Heights whose headers were compared.
    pub heights_compared: u64,
    /// Where the validators differ.
    pub differences: Vec<String>,
    /// What happened to validators, in order.
    pub faults: Vec<FaultReport>,
    /// What strangers sent.
    pub flood: Flooded,
    /// Every validator at the last common height.
    pub validators: Vec<ValidatorReport>,
    /// Every node that joined.
    pub joined: Vec<JoinedReport>,
}

/// A fault that happened.
#[derive(Clone, Debug, Serialize)]
pub struct FaultReport {
    /// Its name.
    pub kind: &'static str,
    /// The validator's name.
    pub validator: String,
    /// From its end until the validator was where the others were.
    pub recovery_seconds: f64,
}

/// A validator at the last common height.
#[derive(Clone, Debug, Serialize)]
pub struct ValidatorReport {
    /// Its name.
    pub name: String,
    /// The URL of its CometBFT's RPC.
    pub rpc_address: String,
    /// The URL of its gRPC.
    pub grpc_address: String,
    /// The last common height.
    pub height: u64,
    /// The root of its state there, in hex.
    pub app_hash: String,
    /// The most memory that its two processes used together.
    pub memory_bytes_max: u64,
    /// The same until half of the time was over: what grows without end is far above it in the end.
    pub memory_bytes_max_until_half: u64,
    /// The most files, sockets among them, that its two processes had open together.
    pub open_files_max: u64,
    /// The same until half of the time was over.
    pub open_files_max_until_half: u64,
}

/// A node that joined by state sync.
#[derive(Clone, Debug, Serialize)]
pub struct JoinedReport {
    /// Its name.
    pub name: String,
    /// The URL of its gRPC.
    pub grpc_address: String,
    /// The block whose state it began with.
    pub joined_at: u64,
    /// From its start until it was where the others had been then.
    pub seconds: f64,
    /// The last common height.
    pub height: u64,
    /// The root of its state there, in hex.
    pub app_hash: String,
}

impl Report {
    /// Waits until all stand at one height, compares them, and looks for everything that was acknowledged.
    pub(crate) async fn make(network: &Network, run: Run) -> Result<Self> {
        let Agreement { standings, heights, differences } = Agreement::find(network).await?;
        let Found { lost, doubled } = search(network, &run.written).await?;
        let slowest = run.disturbed.faults.iter().map(|fault| fault.recovery).max().unwrap_or_default();
        let faults = run.disturbed.faults.into_iter().map(|fault| FaultReport {
            kind: fault.kind.name(),
            validator: fault.validator,
            recovery_seconds: tenths(fault.recovery),
        });
        let validators = network.validators().iter().zip(&standings).zip(&run.seen);
        let joiners = standings.get(network.validators().len()..).unwrap_or_default();
        let joined = network.joiners().iter().zip(joiners).zip(&run.joined);
        Ok(Self {
            acknowledged: run.written.acknowledged.len(),
            lost: lost.len(),
            lost_transactions: lost,
            doubled,
            in_doubt: run.written.in_doubt,
            recovery_seconds_max: tenths(slowest),
            agreed: differences.is_empty(),
            heights_compared: heights,
            differences,
            faults: faults.collect(),
            flood: run.disturbed.flooded,
            validators: validators
                .map(|((v, standing), seen)| ValidatorReport::of(v, standing, seen))
                .collect(),
            joined: joined.map(|((node, standing), how)| JoinedReport::of(node, standing, how)).collect(),
        })
    }

    /// Whether the network kept what it had promised: nothing is lost or doubled, and nobody disagrees.
    pub fn is_good(&self) -> bool {
        self.agreed && self.lost == 0 && self.doubled == 0
    }
}

impl ValidatorReport {
    fn of(validator: &Validator, standing: &Standing, seen: &Seen) -> Self {
        Self {
            name: validator.name(),
            rpc_address: validator.rpc(),
            grpc_address: validator.grpc(),
            height: standing.height,
            app_hash: hex::encode_upper(&standing.app_hash),
            memory_bytes_max: seen.most.memory_bytes,
            memory_bytes_max_until_half: seen.until_half.memory_bytes,
            open_files_max: seen.most.files,
            open_files_max_until_half: seen.until_half.files,
        }
    }
}

impl JoinedReport {
    fn of(node: &Validator, standing: &Standing, joined: &Joined) -> Self {
        Self {
            name: node.name(),
            grpc_address: node.grpc(),
            joined_at: joined.at,
            seconds: tenths(joined.took),
            height: standing.height,
            app_hash: hex::encode_upper(&standing.app_hash),
        }
    }
}

/// Seconds, rounded to tenths.
fn tenths(time: Duration) -> f64 {
    (time.as_secs_f64() * 10.0).round() / 10.0
}

/// What a search of the ledger came to.
struct Found {
    /// Hashes of acknowledged transactions that are not there.
    lost: Vec<String>,
    /// Tickets that nobody can have written.
    doubled: u64,
}

/// Looks for every acknowledged ticket on the ledger, and for tickets that nobody can have written.
async fn search(network: &Network, written: &Written) -> Result<Found> {
    let mut lost = Vec::new();
    let Some(validator) = network.validators().first() else { return Ok(Found { lost, doubled: 0 }) };
    let node = Node::connect(&validator.grpc()).await?;
    for outcome in &written.acknowledged {
        let found = node.get_tx(outcome.txhash).await?;
        if found.is_none_or(|found| found.code != 0) {
            lost.push(outcome.txhash.to_string());
        }
    }
    let mut there = 0;
    for customer in &network.customers {
        let by = TicketsBy::Customer(customer.address(&network.chain.prefix), None);
        there += node.all_tickets(&by, TICKETS_MAX).await?.len();
    }
    // A customer who got no answer may have written one ticket each time.
    let named: Vec<_> = written.acknowledged.iter().filter_map(|outcome| outcome.ticket_id).collect();
    let ids: BTreeSet<_> = named.iter().collect();
    let may_be = written
        .acknowledged
        .len()
        .saturating_sub(named.len() - ids.len())
        .saturating_add(usize::try_from(written.in_doubt).unwrap_or(usize::MAX));
    let same_twice = named.len() - ids.len();
    let doubled = there.saturating_sub(may_be).saturating_add(same_twice);
    Ok(Found { lost, doubled: u64::try_from(doubled).unwrap_or(u64::MAX) })
}
