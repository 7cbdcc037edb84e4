//! Blocks that CometBFT keeps, read over its socket.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sealdesk_protocol::block::{BlockId, Commit, Header};
use serde_json::{Value, json};

use super::process::rpc::Rpc;
use crate::blocks::{NoBlock, StoredBlock, StoredCommit};

/// The block at a height, which must not be above the newest.
///
/// # Errors
/// [`NoBlock::Dropped`] where CometBFT keeps it no more, [`NoBlock::Unavailable`] with CometBFT's own words for all else.
pub(super) async fn block(rpc: &Rpc, height: u64) -> Result<StoredBlock, NoBlock> {
    match rpc.ask_for_block(json!({ "height": height.to_string() })).await {
        Ok(answer) => read(answer, height).map_err(|reason| NoBlock::Unavailable { height, reason }),
        Err(reason) => Err(why_not(rpc, height, reason).await),
    }
}

/// Why CometBFT gives nothing for a height: below its first one, because it has dropped that.
async fn why_not(rpc: &Rpc, height: u64, reason: String) -> NoBlock {
    match rpc.heights().await {
        Ok((first, _)) if height < first => NoBlock::Dropped { height, first },
        _ => NoBlock::Unavailable { height, reason },
    }
}

/// The header at a height with signatures over it.
///
/// # Errors
/// As [`block`].
pub(super) async fn commit(rpc: &Rpc, height: u64, newest: u64) -> Result<StoredCommit, NoBlock> {
    match rpc.signed_header(height).await {
        Ok(signed) => Ok(StoredCommit { signed, is_canonical: height < newest }),
        Err(reason) => Err(why_not(rpc, height, reason).await),
    }
}

fn read(mut answer: Value, height: u64) -> Result<StoredBlock, String> {
    let text = |error: serde_json::Error| error.to_string();
    let id: BlockId = serde_json::from_value(answer["block_id"].take()).map_err(text)?;
    let block = &mut answer["block"];
    let header: Header = serde_json::from_value(block["header"].take()).map_err(text)?;
    if header.height.value() != height {
        return Err(format!("it gives block {}, not block {height}", header.height));
    }
    let mut txs = Vec::new();
    for tx in block["data"]["txs"].as_array().into_iter().flatten() {
        let tx = tx.as_str().and_then(|tx| BASE64.decode(tx).ok());
        txs.push(tx.ok_or_else(|| "a transaction that is not base64".to_owned())?);
    }
    // The first block has an empty commit of height 0.
    let last_commit: Option<Commit> = match block["last_commit"].take() {
        commit if commit["height"].as_str() == Some("0") => None,
        commit => Some(serde_json::from_value(commit).map_err(text)?),
    };
    let whole = sealdesk_protocol::block::Block { header, txs, last_commit };
    let bytes = u64::try_from(whole.encode().len()).unwrap_or(u64::MAX);
    let sealdesk_protocol::block::Block { header, txs, last_commit } = whole;
    Ok(StoredBlock { id, header, txs, last_commit, bytes })
}
