//! What a program with cosmrs and tendermint-rpc does, with their defaults: connects, asks for its account, signs bytes and JSON,
//! broadcasts, confirms, searches, and is told what happens. Prints what it saw as one line of JSON and ends by itself.

use cosmrs::crypto::secp256k1::SigningKey;
use cosmrs::proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
use cosmrs::proto::prost::Message;
use cosmrs::proto::cosmos::tx::v1beta1::TxRaw;
use cosmrs::tx::{Body, Fee, ModeInfo, SignDoc, SignMode, SignerInfo};
use cosmrs::{AccountId, Any};
use futures::StreamExt;
use serde_json::{Value, json};
use tendermint_rpc::query::{EventType, Query};
use tendermint_rpc::{Client, HttpClient, Order, Paging, SubscriptionClient, WebSocketClient};

type Failure = Box<dyn std::error::Error>;

const GAS: u64 = 200_000;

struct Signer {
    key: SigningKey,
    id: AccountId,
    client: HttpClient,
    chain_id: cosmrs::tendermint::chain::Id,
}

impl Signer {
    async fn sequence(&self) -> Result<u64, Failure> {
        let data = QueryAccountRequest { address: self.id.to_string() }.encode_to_vec();
        let path = Some("/cosmos.auth.v1beta1.Query/Account".to_owned());
        let answer = self.client.abci_query(path, data, None, false).await?;
        let account = QueryAccountResponse::decode(answer.value.as_slice())?.account.ok_or("no account")?;
        Ok(BaseAccount::decode(account.value.as_slice())?.sequence)
    }

    /// The transaction of a message, by a signature over its bytes, or over its JSON where that is given.
    async fn sign(&self, message: Any, json: Option<&Value>) -> Result<Vec<u8>, Failure> {
        let sequence = self.sequence().await?;
        let body = Body::new(vec![message], "", 0u32);
        let fee = Fee { amount: Vec::new(), gas_limit: GAS, payer: None, granter: None };
        let mode = if json.is_some() { SignMode::LegacyAminoJson } else { SignMode::Direct };
        let public_key = Some(self.key.public_key().into());
        let info = SignerInfo { public_key, mode_info: ModeInfo::single(mode), sequence };
        let auth_info = info.auth_info(fee);
        let Some(json) = json else {
            return Ok(SignDoc::new(&body, &auth_info, &self.chain_id, 0)?.sign(&self.key)?.to_bytes()?);
        };
        // serde_json's objects are sorted.
        let doc = json!({
            "account_number": "0", "chain_id": self.chain_id.as_str(), "fee": { "amount": [], "gas": GAS.to_string() }, "memo": "",
            "msgs": [json], "sequence": sequence.to_string(),
        });
        let signature = self.key.sign(doc.to_string().as_bytes())?;
        let (body_bytes, auth_info_bytes) = (body.into_bytes()?, auth_info.into_bytes()?);
        Ok(TxRaw { body_bytes, auth_info_bytes, signatures: vec![signature.to_vec()] }.encode_to_vec())
    }

    /// The height of a transaction that was sent.
    async fn confirm(&self, tx: Vec<u8>) -> Result<(u64, u32), Failure> {
        let sent = self.client.broadcast_tx_sync(tx).await?;
        if sent.code.is_err() {
            return Err(sent.log.into());
        }
        for _ in 0..600 {
            if let Ok(found) = self.client.tx(sent.hash, false).await {
                return Ok((found.height.value(), found.tx_result.code.value()));
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        Err("the transaction is in no block".into())
    }
}

fn text<'a>(asked: &'a Value, field: &str) -> &'a str {
    asked[field].as_str().unwrap_or_default()
}

fn bytes(asked: &Value) -> Vec<u8> {
    asked.as_array().into_iter().flatten().filter_map(|byte| u8::try_from(byte.as_u64()?).ok()).collect()
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let asked: Value = serde_json::from_str(&std::env::var("SEALDESK_ASKED")?)?;
    let client = HttpClient::new(text(&asked, "url"))?;
    let status = client.status().await?;
    let key = SigningKey::from_slice(&bytes(&asked["key"]))?;
    let id = key.public_key().account_id(text(&asked, "prefix"))?;
    let me = Signer { key, id, client: client.clone(), chain_id: status.node_info.network.clone() };
    let before = me.sequence().await?;

    let url = format!("{}/websocket", text(&asked, "url").replacen("http", "ws", 1));
    let (socket, driver) = WebSocketClient::new(url.as_str()).await?;
    let driver = tokio::spawn(driver.run());
    let mut told = socket.subscribe(Query::from(EventType::Tx)).await?;
    let mut blocks = socket.subscribe(Query::from(EventType::NewBlock)).await?;

    let message = |at: usize| Any {
        type_url: text(&asked, "type_url").to_owned(),
        value: bytes(&asked["messages"][at]["value"]),
    };
    let direct = me.confirm(me.sign(message(0), None).await?).await?;
    let amino = me.confirm(me.sign(message(1), Some(&asked["messages"][1]["amino"])).await?).await?;
    let committed = client.broadcast_tx_commit(me.sign(message(2), None).await?).await?;
    let again = me.confirm(me.sign(message(2), None).await?).await?;

    let events = [told.next().await.is_some_and(|event| event.is_ok()), blocks.next().await.is_some_and(|event| event.is_ok())];
    let mine = Query::eq("message.sender", me.id.to_string());
    let found = client.tx_search(mine, false, 1, 30, Order::Ascending).await?;
    let height = u32::try_from(direct.0)?;
    let seen = json!({
        "address": me.id.to_string(),
        "before": before,
        "after": me.sequence().await?,
        "direct": direct.1,
        "amino": amino.1,
        "committed": committed.tx_result.code.value(),
        "again": again.1,
        "told": events,
        "found": found.txs.iter().map(|tx| tx.tx_result.code.value()).collect::<Vec<_>>(),
        "block": client.block(height).await?.block.data.len(),
        "results": client.block_results(height).await?.txs_results.map(|results| results.len()),
        "commit": client.commit(height).await?.canonical,
        "validators": client.validators(height, Paging::All).await?.validators.len(),
        "info": client.abci_info().await?.data,
        "genesis": client.genesis::<Value>().await?.chain_id.to_string(),
        "listed": client.block_search(Query::eq("block.height", direct.0), 1, 30, Order::Ascending).await?.total_count,
        "bytes": client.consensus_params(height).await?.consensus_params.block.max_bytes,
        "metas": !client.blockchain(1u32, height).await?.block_metas.is_empty(),
        "peers": client.net_info().await?.n_peers,
    });
    client.health().await?;
    socket.close()?;
    driver.await??;
    println!("{seen}");
    Ok(())
}
