//! What is wrong with a desk on Stacks: the node, its chain, the contract, and who could read a new ticket.

use sealdesk_client::stacks::wire::transaction::Network;
use sealdesk_client::stacks::{AGE_SECONDS_MAX, AHEAD_SECONDS_MAX, Connection, Desk, Node};
use sealdesk_client::trust::Clock;

use super::Finding;
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger_clock::in_words;
use crate::table::count;

/// Looks at everything that can be asked. What cannot be is a finding by itself.
pub(super) async fn findings(context: &Context) -> Vec<Finding> {
    let node = match context.stacks_node() {
        Ok(node) => node,
        Err(failure) => return vec![Finding::bad("node", &failure)],
    };
    let mut findings = vec![Finding::of("node", network(context, &node).await)];
    if findings.iter().any(|finding| !finding.ok) {
        return findings;
    }
    findings.push(Finding::of("clock", clock(&node).await));
    let desk = match context.contract_desk() {
        Ok(desk) => desk,
        Err(failure) => {
            findings.push(Finding::bad("contract", &failure));
            return findings;
        }
    };
    findings.push(Finding::of("contract", contract(&desk).await));
    findings.push(Finding::of("readers", readers(&desk).await));
    findings
}

/// Whether the node answers, and is of the contract's network.
async fn network(context: &Context, node: &Node<Connection>) -> Result<String, Failure> {
    let (id, url) = (node.chain_id().await?, node.address());
    let meant = context.settings().stacks.as_ref().map(|stacks| stacks.network);
    match (Network::from_chain_id(id), meant) {
        (Some(found), Some(meant)) if found != meant => Err(Failure::hinted(
            format!("{url} is of network {id}, and the contract of network {}", meant.chain_id()),
            "name a node of the contract's network with --node",
        )),
        (None, _) => Err(Failure::hinted(
            format!("{url} is of network {id}, which this program does not know"),
            "name another node with --node",
        )),
        (Some(_), _) => Ok(format!("{url} answers, for network {id}")),
    }
}

/// Whether the newest block is one to seal by.
async fn clock(node: &Node<Connection>) -> Result<String, Failure> {
    let block = node.newest_block().await?;
    let age = Clock::system().now().saturating_sub(block.time);
    if (-AHEAD_SECONDS_MAX..=AGE_SECONDS_MAX).contains(&age) {
        return Ok(format!("the newest block, {}, is {} old", block.height, in_words(age.max(0))));
    }
    let side = if age < 0 { "ahead of this computer's clock" } else { "old" };
    Err(Failure::hinted(
        format!("the newest block, {}, is {} {side}: nothing is sealed by it", block.height, in_words(age)),
        "look at this computer's clock; if it is right, the node has stopped: name another with --node",
    ))
}

/// Whether the contract is there and is a desk.
async fn contract(desk: &Desk<Connection>) -> Result<String, Failure> {
    let tickets = desk.ticket_count().await?;
    Ok(format!("{} answers, with {}", desk.contract(), count(tickets, "ticket")))
}

/// Whether anybody could read a new ticket.
async fn readers(desk: &Desk<Connection>) -> Result<String, Failure> {
    let administrators = desk.administrators(&desk.history().await?).await?;
    let with_key = administrators.iter().filter(|person| !person.active().is_empty()).count();
    if with_key == 0 {
        return Err(Failure::hinted(
            "no administrator has a key that their account signed: nobody can write a ticket",
            "an administrator publishes one: `sealdesk keys register NAME`",
        ));
    }
    Ok(format!("{with_key} of {} administrators have a key", administrators.len()))
}
