//! The header that a new node trusts to begin with, where the operator names none: what all of several servers say.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::comet::error::CometError;
use crate::comet::process::config::RpcAddress;
use crate::comet::process::rpc::Rpc;

/// The pause before servers are asked again that have no header yet.
const PAUSE: Duration = Duration::from_millis(250);

/// A header to trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustPoint {
    /// Its height.
    pub height: u64,
    /// Its hash, in upper-case hexadecimal digits.
    pub hash: String,
    /// Its time, RFC 3339.
    pub time: String,
}

/// Asks every server for the newest header that all of them have, and takes it if they say the same. Whoever controls all of them
/// can name any header: people compare it with what they know from elsewhere. A server that is just starting, or has no block yet, is
/// waited for no longer than the patience.
///
/// # Errors
/// [`CometError::NoHeader`] if one of them gives none or is of another ledger, [`CometError::Disagree`] if they differ.
pub async fn agree_on_header(
    servers: &[String],
    chain_id: &str,
    patience: Duration,
) -> Result<TrustPoint, CometError> {
    let begun = Instant::now();
    loop {
        match ask_all(servers, chain_id).await {
            Err(CometError::NoHeader { .. }) if begun.elapsed() < patience => sleep(PAUSE).await,
            other => return other,
        }
    }
}

async fn ask_all(servers: &[String], chain_id: &str) -> Result<TrustPoint, CometError> {
    let mut newest = u64::MAX;
    for server in servers {
        newest = newest.min(newest_height(server, chain_id).await?);
    }
    let mut said = Vec::new();
    for server in servers {
        said.push((server, header(server, newest, chain_id).await?));
    }
    let Some((_, first)) = said.first() else {
        return Err(CometError::StateSync("name at least two servers".to_owned()));
    };
    if said.iter().all(|(_, point)| point == first) {
        return Ok(first.clone());
    }
    let said = said.iter().map(|(server, point)| format!("{server} says {}", point.hash));
    Err(CometError::Disagree { height: newest, said: said.collect::<Vec<_>>().join(", ") })
}

fn rpc(server: &str) -> Result<Rpc, CometError> {
    Ok(Rpc::new(server.parse::<RpcAddress>()?))
}

fn no_header(server: &str, reason: impl Into<String>) -> CometError {
    CometError::NoHeader { server: server.to_owned(), reason: reason.into() }
}

async fn newest_height(server: &str, chain_id: &str) -> Result<u64, CometError> {
    let status = rpc(server)?.ask("status", json!({})).await.map_err(|why| no_header(server, why))?;
    check_chain(server, &status["node_info"]["network"], chain_id)?;
    let height = status["sync_info"]["latest_block_height"].as_str().and_then(|height| height.parse().ok());
    height.filter(|height| *height > 0).ok_or_else(|| no_header(server, "it has no block yet"))
}

async fn header(server: &str, height: u64, chain_id: &str) -> Result<TrustPoint, CometError> {
    let signed = rpc(server)?.signed_header(height).await.map_err(|why| no_header(server, why))?;
    let header = signed.header();
    check_chain(server, &Value::from(header.chain_id.to_string()), chain_id)?;
    Ok(TrustPoint { height, hash: header.hash().to_string(), time: header.time.to_rfc3339() })
}

fn check_chain(server: &str, found: &Value, expected: &str) -> Result<(), CometError> {
    match found.as_str() {
        Some(found) if found == expected => Ok(()),
        found => Err(no_header(server, format!("it is of the ledger {}", found.unwrap_or("without a name")))),
    }
}
