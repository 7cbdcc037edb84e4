//! Customers who write tickets all the while, and remember every answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sealdesk_client::desk::Desk;
use sealdesk_client::messages::NewTicket;
use sealdesk_client::node::Node;
use sealdesk_client::outcome::Outcome;
use sealdesk_client::trust::Trust;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::error::{Error, Result};
use crate::network::Network;
use crate::watch::Watch;

/// How long one ticket may take, tries and all, before its customer gives up hope of an answer.
const ANSWER_WAIT: Duration = Duration::from_secs(15);

/// What customers were told.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// Tickets that stand on the ledger, as someone was told.
    pub(crate) acknowledged: Vec<Outcome>,
    /// Tickets of which nobody was told whether they do.
    pub(crate) in_doubt: u64,
}

/// Lets every customer write for so long, each to whichever validator answers.
pub(crate) async fn write(network: &Arc<Network>, watch: &Arc<Watch>, time: Duration) -> Result<Written> {
    let end = Instant::now() + time;
    let mut customers = JoinSet::new();
    for index in 0..network.customers.len() {
        let (network, watch) = (network.clone(), watch.clone());
        customers.spawn(async move { write_alone(&network, &watch, index, end).await });
    }
    let mut written = Written::default();
    while let Some(alone) = customers.join_next().await {
        let alone = alone.map_err(Error::other)?;
        written.acknowledged.extend(alone.acknowledged);
        written.in_doubt += alone.in_doubt;
    }
    Ok(written)
}

async fn write_alone(network: &Network, watch: &Watch, index: usize, end: Instant) -> Written {
    let mut written = Written::default();
    let Some(customer) = network.customers.get(index) else { return written };
    let urls: Vec<String> = network.validators().iter().map(|validator| validator.grpc()).collect();
    let mut turns = urls.iter().cycle().skip(index);
    while Instant::now() < end {
        let Some(url) = turns.next() else { break };
        let met =
            timeout(ANSWER_WAIT, async { Desk::open(Node::connect(url).await?, Trust::FirstUse).await });
        let Ok(Ok(desk)) = met.await else {
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        while Instant::now() < end {
            let ticket = NewTicket::new("technical", "It does not start", "Since this morning.");
            match timeout(ANSWER_WAIT, desk.create_ticket(customer, &ticket)).await {
                Ok(Ok(outcome)) if outcome.code == 0 => {
                    written.acknowledged.push(outcome);
                    watch.acknowledge();
                }
                // Whatever went wrong, another validator may know better.
                _ => {
                    written.in_doubt += 1;
                    break;
                }
            }
        }
    }
    written
}
