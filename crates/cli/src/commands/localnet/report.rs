//! What a localnet has shown: nothing acknowledged lost or doubled, and one state.

use std::collections::BTreeSet;

use sealdesk_client::node::{Node, TicketsBy};
use serde_json::{Value, json};

use super::agreement::Agreement;
use super::faults::Disturbed;
use super::joining::{self, Joined};
use super::load::Written;
use super::network::Network;
use super::watch::Seen;
use crate::context::Context;
use crate::error::Failure;
use crate::table;
use crate::words::count;

/// Most tickets of a customer that are looked at.
const TICKETS_MAX: usize = 10_000;

/// What has happened while the network ran.
pub(super) struct Run {
    pub(super) written: Written,
    pub(super) disturbed: Disturbed,
    pub(super) joined: Vec<Joined>,
    pub(super) seen: Vec<Seen>,
}

/// See the module.
pub(super) struct Report {
    value: Value,
    good: bool,
}

impl Report {
    /// Waits until all stand at one height, compares them, and looks for everything that was acknowledged.
    pub(super) async fn make(network: &Network, run: Run) -> Result<Self, Failure> {
        let agreement = Agreement::find(network).await?;
        let (lost, doubled) = search(network, &run.written).await?;
        let agreed = agreement.differences.is_empty();
        let faults = &run.disturbed.faults;
        let of_joined = agreement.standings.get(network.validators().len()..).unwrap_or_default();
        let joined = joining::told(network, &run.joined, of_joined);
        let slowest = faults.iter().map(|fault| fault.recovery.as_secs_f64()).fold(0.0, f64::max);
        let faults = faults.iter().map(|fault| {
            json!({
                "kind": fault.kind.name(),
                "validator": fault.validator,
                "recovery_seconds": rounded(fault.recovery.as_secs_f64()),
            })
        });
        let good = agreed && lost.is_empty() && doubled == 0;
        let value = json!({
            "acknowledged": run.written.acknowledged.len(),
            "lost": lost.len(),
            "lost_transactions": lost,
            "doubled": doubled,
            "in_doubt": run.written.in_doubt,
            "recovery_seconds_max": rounded(slowest),
            "agreed": agreed,
            "heights_compared": agreement.heights,
            "differences": agreement.differences,
            "faults": faults.collect::<Vec<_>>(),
            "flood": { "sent": run.disturbed.flooded.sent, "taken": run.disturbed.flooded.taken },
            "validators": validators(network, &agreement, &run.seen),
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
        if !context.output().is_json() {
            for difference in report["differences"].as_array().into_iter().flatten() {
                context.output().line(difference.as_str().unwrap_or_default())?;
            }
            context.output().line(&stands(report))?;
        }
        if self.good { Ok(()) } else { Err(Failure::new("the network did not keep what it had promised")) }
    }
}

/// Each validator at the last common height.
fn validators(network: &Network, agreement: &Agreement, seen: &[Seen]) -> Vec<Value> {
    let all = network.validators().iter().zip(&agreement.standings).zip(seen);
    let one = all.map(|((validator, standing), seen)| {
        json!({
            "name": validator.name(),
            "rpc_address": validator.rpc(),
            "grpc_address": validator.grpc(),
            "height": standing.height,
            "app_hash": hex::encode_upper(&standing.app_hash),
            "memory_bytes_max": seen.most.memory_bytes,
            "memory_bytes_max_until_half": seen.until_half.memory_bytes,
            "open_files_max": seen.most.files,
            "open_files_max_until_half": seen.until_half.files,
        })
    });
    one.collect()
}

/// Where the validators stand, as a table.
fn stands(report: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = report["validators"].as_array().into_iter().flatten().map(|validator| {
        let height = validator["height"].as_u64().unwrap_or_default().to_string();
        vec![text(&validator["name"]), text(&validator["rpc_address"]), height, text(&validator["app_hash"])]
    });
    table::rows(&["VALIDATOR", "COMETBFT", "HEIGHT", "APP HASH"], rows.collect())
}

fn rounded(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
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
    let mut there = 0;
    for customer in &network.customers {
        let by = TicketsBy::Customer(customer.address(&network.chain.prefix), None);
        there += node.all_tickets(&by, TICKETS_MAX).await?.len();
    }
    // Whoever got no answer may have written one ticket each time.
    let ids: BTreeSet<_> = written.acknowledged.iter().map(|outcome| outcome.ticket_id).collect();
    let may_be = ids.len().saturating_add(usize::try_from(written.in_doubt).unwrap_or(usize::MAX));
    let same_twice = written.acknowledged.len() - ids.len();
    let doubled = there.saturating_sub(may_be).saturating_add(same_twice);
    Ok((lost, u64::try_from(doubled).unwrap_or(u64::MAX)))
}
