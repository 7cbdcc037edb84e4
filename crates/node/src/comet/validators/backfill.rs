//! Handovers from before this node's own blocks, which it asks of the servers that it joined through.
//!
//! They do not travel in snapshots. Nodes keep different signatures of a header, and keep them at different times. With handovers in
//! them, snapshots of one height would differ; CometBFT would take each for another snapshot, and fetch it from fewer peers, or from
//! none that is still there.

use std::sync::Arc;
use std::time::Duration;

use prost::Message as _;
use sealdesk_protocol::receipt::Handover;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as wire;
use tokio_util::sync::CancellationToken;

use super::changes::{HANDOVER, ValidatorChanges};
use super::sets::Change;
use crate::comet::error::CometError;
use crate::comet::process::config::RpcAddress;
use crate::comet::process::rpc::Rpc;

/// Pause before the handovers that no server had are asked for again.
const AGAIN: Duration = Duration::from_secs(600);

/// What this node lacks.
enum Lack {
    /// No block is here yet, or the state may still be replaced by another node's.
    NotKnown,
    /// These, and no others.
    Of(Vec<Change>),
}

/// Asks until all are here. They are written with the next block.
pub(in crate::comet) async fn fetch(
    changes: Arc<ValidatorChanges>,
    servers: &[String],
    stop: &CancellationToken,
) {
    let parsed = servers.iter().filter_map(|server| server.parse::<RpcAddress>().ok());
    let rpcs: Vec<Rpc> = parsed.map(Rpc::new).collect();
    let mut heights = changes.view().heights();
    while !rpcs.is_empty() && !stop.is_cancelled() {
        let looked = changes.clone();
        let lack = tokio::task::spawn_blocking(move || lack(&looked)).await;
        match lack.map_err(|error| CometError::Stopped(error.to_string())).flatten() {
            Ok(Lack::NotKnown) => {
                if heights.changed().await.is_err() {
                    return;
                }
            }
            Ok(Lack::Of(missing)) if missing.is_empty() => return,
            Ok(Lack::Of(missing)) => {
                if ask_for_all(&changes, &rpcs, &missing).await < missing.len() {
                    // Something else than waiting could only be done by the operator.
                    tokio::time::sleep(AGAIN).await;
                }
            }
            Err(error) => return tracing::warn!("earlier handovers are not looked for: {error}"),
        }
    }
}

fn lack(changes: &ValidatorChanges) -> Result<Lack, CometError> {
    let tip = changes.view().tip();
    let Some(start) = changes.view().machine().history_start(&tip.snapshot)? else {
        // A node that has executed every block keeps each handover when it happens.
        return Ok(if tip.height == 0 { Lack::NotKnown } else { Lack::Of(Vec::new()) });
    };
    let missing = changes.missing(start.from.saturating_sub(1))?;
    // Until a block is executed a later snapshot may come.
    Ok(if missing.is_empty() && tip.height < start.from { Lack::NotKnown } else { Lack::Of(missing) })
}

/// Asks for each, and gives how many were found.
async fn ask_for_all(changes: &ValidatorChanges, servers: &[Rpc], missing: &[Change]) -> usize {
    let mut found = 0;
    for change in missing {
        match ask(changes, servers, change).await {
            Ok(_) => found += 1,
            Err(why) => tracing::warn!(
                "receipts cannot begin with the validators of before block {}: no server has its header ({why})",
                change.height
            ),
        }
    }
    found
}

/// Asks one server after the other: its application, which keeps handovers for ever, then its CometBFT.
async fn ask(changes: &ValidatorChanges, servers: &[Rpc], change: &Change) -> Result<Handover, String> {
    let mut said = String::new();
    for server in servers {
        if let Ok(kept) = ask_kept(changes, server, change).await {
            return Ok(kept);
        }
        match changes.ask(server, change).await {
            Ok(handover) => return Ok(handover),
            Err(why) => said = why,
        }
    }
    Err(said)
}

async fn ask_kept(changes: &ValidatorChanges, server: &Rpc, change: &Change) -> Result<Handover, String> {
    let bytes = server.query(HANDOVER, &change.height.to_be_bytes()).await?;
    let given = wire::Handover::decode(bytes.as_slice()).map_err(|error| error.to_string())?;
    changes.keep(change, Handover::from_wire(&given).map_err(|error| error.to_string())?)
}
