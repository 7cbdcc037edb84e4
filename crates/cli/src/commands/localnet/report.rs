//! What a localnet has shown: nothing acknowledged lost or doubled, and one state.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use sealdesk_client::node::{Node, TicketsBy};
use sealdesk_protocol::ids::Prefix;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::faults::Happened;
use super::joining::{self, Joined};
use super::load::Written;
use super::network::Network;
use super::validator::Standing;
use crate::context::Context;
use crate::error::Failure;
use crate::words::count;

/// How long the validators may take to stand at one height when nothing is written any more.
const SETTLE_WAIT: Duration = Duration::from_secs(60);
/// Most tickets of a customer that are looked at.
const TICKETS_MAX: usize = 10_000;

/// See the module.
pub(super) struct Report {
    value: Value,
    good: bool,
}

impl Report {
    /// Waits until all validators stand at one height, and looks for everything that was acknowledged.
    pub(super) async fn make(
        network: &Network,
        written: Written,
        faults: Vec<Happened>,
        joined: Vec<Joined>,
    ) -> Result<Self, Failure> {
        let standings = settle(network, joined.len()).await?;
        let (lost, doubled) = search(network, &written).await?;
        let agreed = standings.windows(2).all(|pair| pair[0] == pair[1]);
        let of_joined = standings.get(network.validators().len()..).unwrap_or_default();
        let joined = joining::told(network, &joined, of_joined);
        let slowest = faults.iter().map(|fault| fault.recovery.as_secs_f64()).fold(0.0, f64::max);
        let rounded = |seconds: f64| (seconds * 10.0).round() / 10.0;
        let validators = network.validators().iter().zip(&standings).map(|(validator, standing)| {
            json!({
                "name": validator.name(),
                "rpc_address": validator.rpc(),
                "grpc_address": validator.grpc(),
                "height": standing.height,
                "app_hash": hex::encode_upper(&standing.app_hash),
            })
        });
        let faults = faults.iter().map(|fault| {
            json!({
                "kind": fault.kind.name(),
                "validator": fault.validator,
                "recovery_seconds": rounded(fault.recovery.as_secs_f64()),
            })
        });
        let good = agreed && lost.is_empty() && doubled == 0;
        let value = json!({
            "acknowledged": written.acknowledged.len(),
            "lost": lost.len(),
            "lost_transactions": lost,
            "doubled": doubled,
            "in_doubt": written.in_doubt,
            "recovery_seconds_max": rounded(slowest),
            "agreed": agreed,
            "faults": faults.collect::<Vec<_>>(),
            "validators": validators.collect::<Vec<_>>(),
            "joined": joined,
        });
        Ok(Self { value, good })
    }

    /// Says it; a report of something lost, doubled or divided is a failure.
    pub(super) fn tell(&self, context: &Context) -> Result<(), Failure> {
        let report = &self.value;
        context.output().answer(report, || {
            let number = |name: &str| report[name].as_u64().unwrap_or_default();
            let seconds = &report["recovery_seconds_max"];
            let state = if report["agreed"] == true { "agree on one state" } else { "DO NOT AGREE" };
            let joined = report["joined"].as_array().map_or(0, Vec::len);
            let joined = match joined {
                0 => String::new(),
                _ => format!(" {joined} joined by state sync."),
            };
            format!(
                "{} acknowledged, {} lost, {} doubled, {} without an answer.\nBack after at most {seconds} s. All validators {state}.{joined}",
                count(number("acknowledged"), "ticket"),
                number("lost"),
                number("doubled"),
                number("in_doubt")
            )
        })?;
        if self.good { Ok(()) } else { Err(Failure::new("the network did not keep what it had promised")) }
    }
}

/// Waits until every validator answers, and who has joined, and all from one height.
async fn settle(network: &Network, joined: usize) -> Result<Vec<Standing>, Failure> {
    let begun = Instant::now();
    while begun.elapsed() < SETTLE_WAIT {
        let mut standings = network.standings().await;
        for joiner in network.joiners().iter().take(joined) {
            standings.push(joiner.standing().await);
        }
        let all: Option<Vec<Standing>> = standings.into_iter().collect();
        let heights = |all: &[Standing]| all.iter().map(|standing| standing.height).collect::<BTreeSet<_>>();
        if let Some(all) = all.filter(|all| heights(all).len() == 1 && all[0].height > 0) {
            return Ok(all);
        }
        sleep(Duration::from_millis(200)).await;
    }
    Err(Failure::new("the validators do not come to one height"))
}

/// Looks for every acknowledged ticket on the ledger, and for tickets that nobody can have written.
async fn search(network: &Network, written: &Written) -> Result<(Vec<String>, u64), Failure> {
    let Some(validator) = network.validators().first() else { return Ok((Vec::new(), 0)) };
    let node = Node::connect(&validator.grpc()).await?;
    let mut lost = Vec::new();
    for outcome in &written.acknowledged {
        let found = node.get_tx(outcome.txhash).await?;
        if found.is_none_or(|found| found.code != 0) {
            lost.push(outcome.txhash.to_string());
        }
    }
    let prefix = Prefix::parse(Prefix::DEFAULT).map_err(|error| Failure::new(error.to_string()))?;
    let mut there = 0;
    for customer in &network.customers {
        let by = TicketsBy::Customer(customer.address(&prefix), None);
        there += node.all_tickets(&by, TICKETS_MAX).await?.len();
    }
    // Whoever got no answer may have written one ticket each time.
    let ids: BTreeSet<_> = written.acknowledged.iter().map(|outcome| outcome.ticket_id).collect();
    let may_be = ids.len().saturating_add(usize::try_from(written.in_doubt).unwrap_or(usize::MAX));
    let same_twice = written.acknowledged.len() - ids.len();
    let doubled = there.saturating_sub(may_be).saturating_add(same_twice);
    Ok((lost, u64::try_from(doubled).unwrap_or(u64::MAX)))
}
