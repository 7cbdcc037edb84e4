//! Calls about blocks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sealdesk_machine::{Machine, QueryError};
use sealdesk_protocol::codes::{Refusal, SdkError};
use sealdesk_protocol::events::Emitted;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::tendermint::abci;
use sealdesk_store::Snapshot;
use serde_json::{Value, json};
use tonic::Code;

use super::error::RpcError;
use super::params::Params;
use super::reply::Reply;
use super::txs::{Page, descending};
use super::{Caller, Rpc, shape};
use crate::api::tx_response::WholeTx;
use crate::blocks::{NoBlock, StoredBlock, StoredCommit};
use crate::http::retry::busy_answering;
use crate::ledger::Tip;
use crate::search::{BlockPlan, Query};

/// Most blocks whose headers one call gives, as in CometBFT.
const METAS_MAX: u64 = 20;
/// Bytes of whole blocks that one call reads, or gives in JSON.
const BLOCKS_BYTES_MAX: u64 = 8 * 1024 * 1024;
const BLOCKS_JSON_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Events of a block that are read at once.
const EVENTS_PER_READ: u32 = 100;

impl Rpc {
    /// The height that a call names, or the newest.
    pub(super) fn height(&self, params: &Params) -> Result<u64, RpcError> {
        let newest = self.context.api.ledger().tip().height;
        let Some(height) = params.signed("height")? else { return Ok(newest) };
        let counted = u64::try_from(height).ok().filter(|height| *height > 0);
        match counted.ok_or_else(|| format!("height must be greater than 0, but got {height}")) {
            Ok(height) if height > newest => {
                Err(RpcError::internal(NoBlock::NotYet { height, newest }.to_string()))
            }
            Ok(height) => Ok(height),
            Err(why) => Err(RpcError::internal(why)),
        }
    }

    /// A block with its name, written in the turn in which it was read.
    async fn named(&self, caller: &Caller, height: u64) -> Result<String, RpcError> {
        let write = |_: &Machine, _: &Tip, block| Ok(shape::named_block(&block).to_string());
        let written = self.context.api.with_block(caller.source, height, write).await;
        written.map_err(RpcError::unfound)
    }

    pub(super) async fn block(&self, caller: &Caller, params: &Params) -> Result<Reply, RpcError> {
        Ok(Reply::written(self.named(caller, self.height(params)?).await?))
    }

    pub(super) async fn by_hash(
        &self,
        caller: &Caller,
        method: &str,
        params: &Params,
    ) -> Result<Reply, RpcError> {
        let hash = params.hash("hash")?;
        let height = self.height_of(caller, &hash).await?;
        match method {
            "header_by_hash" => {
                let signed = self.signed(caller, height).await?.signed;
                Ok(json!({ "header": shape::header(signed.header()) }).into())
            }
            _ => Ok(Reply::written(self.named(caller, height).await?)),
        }
    }

    /// The height of a block by its hash. CometBFT has a list of them; beside an embedded ledger only the newest blocks are compared.
    async fn height_of(&self, caller: &Caller, hash: &[u8]) -> Result<u64, RpcError> {
        let ledger = self.context.api.ledger();
        let known = (1..=crate::ledger::TIPS_KEPT as u64).find_map(|back| {
            let tip = ledger.tips().at((ledger.tip().height + 1).checked_sub(back)?)?;
            let found = tip.signed_header().is_some_and(|signed| signed.header().hash().as_bytes() == hash);
            found.then_some(tip.height)
        });
        if let Some(height) = known {
            return Ok(height);
        }
        // Of its calls, this one reads hexadecimal digits.
        let asked = json!({ "hash": hex::encode_upper(hash) });
        let answer = self.context.api.ask_comet(caller.source, "header_by_hash", asked).await?;
        let answer = answer.ok_or_else(|| {
            RpcError::internal("this node finds only its newest blocks by hash: ask by height")
        })?;
        let height = answer["header"]["height"].as_str().and_then(|height| height.parse().ok());
        height.ok_or_else(|| RpcError::internal("no block has this hash"))
    }

    pub(super) async fn signed(&self, caller: &Caller, height: u64) -> Result<StoredCommit, RpcError> {
        self.context.api.commit_at(caller.source, height).await.map_err(RpcError::unfound)
    }

    pub(super) async fn commit(&self, caller: &Caller, params: &Params) -> Result<Reply, RpcError> {
        Ok(shape::signed_header(&self.signed(caller, self.height(params)?).await?).into())
    }

    pub(super) async fn header(&self, caller: &Caller, params: &Params) -> Result<Reply, RpcError> {
        let signed = self.signed(caller, self.height(params)?).await?;
        Ok(json!({ "header": shape::header(signed.signed.header()) }).into())
    }

    pub(super) async fn blockchain(&self, caller: &Caller, params: &Params) -> Result<Reply, RpcError> {
        let newest = self.context.api.ledger().tip().height;
        let to = match params.number("maxHeight")? {
            None | Some(0) => newest,
            Some(to) => to.min(newest),
        };
        let lowest = to.saturating_sub(METAS_MAX - 1).max(1);
        let from = params.number("minHeight")?.unwrap_or(0).max(lowest);
        if from > to {
            return Err(RpcError::params(format!("minHeight {from} is above maxHeight {to}")));
        }
        let (mut metas, mut bytes) = (Vec::new(), 0_u64);
        for height in (from..=to).rev() {
            let meta = |_: &Machine, _: &Tip, block: StoredBlock| Ok((block.bytes, shape::meta(&block)));
            match self.context.api.with_block(caller.source, height, meta).await {
                Ok((of_block, meta)) => {
                    bytes = bytes.saturating_add(of_block);
                    metas.push(meta);
                }
                // What was dropped is left out; the newest of the range must be there.
                Err(status) if status.code() == Code::NotFound && height < to => break,
                Err(status) => return Err(RpcError::unfound(status)),
            }
            // The blocks are read whole: of long ones, one call reads fewer.
            if bytes >= BLOCKS_BYTES_MAX {
                break;
            }
        }
        Ok(json!({ "last_height": newest.to_string(), "block_metas": metas }).into())
    }

    pub(super) async fn block_results(&self, caller: &Caller, params: &Params) -> Result<Reply, RpcError> {
        let height = self.height(params)?;
        let app_hash = BASE64.encode(self.root_after(caller, height).await?);
        let write = move |machine: &Machine, tip: &Tip, block: StoredBlock| {
            let results = results_of(machine, &tip.snapshot, block)?;
            let events = own_events(machine, &tip.snapshot, height)?;
            let shown = json!({
                "height": height.to_string(),
                "txs_results": if results.is_empty() { Value::Null } else { results.into() },
                "finalize_block_events": shape::events(&events),
                "validator_updates": null,
                "consensus_param_updates": null,
                "app_hash": app_hash,
            });
            Ok(shown.to_string())
        };
        let written = self.context.api.with_block(caller.source, height, write).await;
        Ok(Reply::written(written.map_err(RpcError::unfound)?))
    }

    /// The root of the state after a block: the next block's header has it, and where there is none yet, the state.
    async fn root_after(&self, caller: &Caller, height: u64) -> Result<Vec<u8>, RpcError> {
        if let Some(tip) = self.context.api.ledger().tips().at(height) {
            return Ok(tip.root().to_vec());
        }
        let next = self.signed(caller, height.saturating_add(1)).await?.signed;
        Ok(next.header().app_hash.as_bytes().to_vec())
    }

    pub(super) async fn block_search(&self, caller: &Caller, params: &Params) -> Result<Reply, RpcError> {
        let text = params.needed_text("query")?;
        let query = Query::parse(&text).map_err(|error| RpcError::params(error.to_string()))?;
        let BlockPlan(heights) =
            BlockPlan::of(&query).map_err(|error| RpcError::params(error.to_string()))?;
        let page = Page::of(params)?;
        // Unlike transactions, in CometBFT.
        let descending = descending(params, true)?;
        let api = &self.context.api;
        let first = api.read(caller.source, |machine, tip| machine.history_start(&tip.snapshot)).await?;
        let first = first.map_or(1, |start| start.from).max(*heights.start());
        let last = api.ledger().tip().height.min(*heights.end());
        let total = (last + 1).saturating_sub(first);
        page.within(total)?;
        let skip = (page.number - 1).saturating_mul(page.length);
        let take = page.length.min(total.saturating_sub(skip));
        // Each block counts as it is written, before all of them are the answer.
        let (mut held, mut blocks) = (caller.memory.answers.share(caller.source), String::new());
        for n in skip..skip.saturating_add(take) {
            let height = if descending { last.saturating_sub(n) } else { first.saturating_add(n) };
            let block = self.named(caller, height).await?;
            if blocks.len().saturating_add(block.len()) > BLOCKS_JSON_BYTES_MAX {
                let why = "these blocks are too long for one page: ask for fewer by per_page";
                return Err(RpcError::params(why));
            }
            let room = held.grow(block.len());
            room.map_err(|_| busy_answering("too many of its answers have not been read"))?;
            if !blocks.is_empty() {
                blocks.push(',');
            }
            blocks.push_str(&block);
        }
        Ok(Reply::written(format!(r#"{{"blocks":[{blocks}],"total_count":"{total}"}}"#)))
    }

    pub(super) async fn validators(&self, caller: &Caller, params: &Params) -> Result<Reply, RpcError> {
        // Those of the next block are known: light clients ask for them.
        let newest = self.context.api.ledger().tip().height;
        let height = match params.signed("height")?.and_then(|height| u64::try_from(height).ok()) {
            Some(next) if next == newest.saturating_add(1) => next,
            _ => self.height(params)?,
        };
        let Page { number, length } = Page::of(params)?;
        let page = self.context.api.validators_at(caller.source, height, number, length).await;
        let page = page.map_err(RpcError::unfound)?;
        Ok(json!({
            "block_height": page.height.to_string(),
            "validators": page.rows.iter().map(shape::validator).collect::<Vec<_>>(),
            "count": page.rows.len().to_string(),
            "total": page.total.to_string(),
        })
        .into())
    }
}

/// The result of each transaction of a block. One that the block's proposer put out of sequence has none of its own.
fn results_of(machine: &Machine, snapshot: &Snapshot, block: StoredBlock) -> Result<Vec<Value>, QueryError> {
    let height = i64::try_from(block.header.height.value()).unwrap_or(i64::MAX);
    let mut results = Vec::with_capacity(block.txs.len());
    for bytes in block.txs {
        let hash = TxHash::of(&bytes);
        let record = machine.tx(snapshot, hash)?.filter(|record| record.height == height);
        results.push(match record {
            Some(record) => shape::result_of(&WholeTx { hash, record, bytes }, machine.prefix()),
            None => {
                let refusal = Refusal::from(SdkError::TxInMempool);
                let why = "it used up no sequence here: its result, if it has one, is that of another block";
                shape::tx_result(refusal.code(), refusal.codespace(), why, &[], &[])
            }
        });
    }
    Ok(results)
}

/// What the ledger did by itself in a block, before its transactions.
fn own_events(machine: &Machine, snapshot: &Snapshot, height: u64) -> Result<Vec<abci::Event>, QueryError> {
    let mut place = (height.saturating_sub(1), u32::MAX);
    let mut own = Vec::new();
    loop {
        let events = machine.events_after(snapshot, Some(place), EVENTS_PER_READ)?;
        for event in &events {
            if event.height != height || !event.record.tx_hash.is_empty() {
                return Ok(own);
            }
            own.extend(Emitted::from_record(&event.record).map(|emitted| emitted.to_abci()));
            place = (event.height, event.n);
        }
        if events.is_empty() {
            return Ok(own);
        }
    }
}
