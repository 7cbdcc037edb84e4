//! What this node asks CometBFT: to take a transaction, and for the signatures over a block.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http_body_util::Full;
use hyper::body::Bytes;
use sealdesk_protocol::block::SignedHeader;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::{TcpStream, UnixStream};

use super::config::RpcAddress;
use crate::http::client::{self, Bounds};

/// A commit of 100 validators is a fiftieth of these bytes. Checking a transaction waits for a block that is being committed.
const BOUNDS: Bounds = Bounds { body_bytes: 4 * 1024 * 1024, wait: Duration::from_secs(20) };
/// The longest block is 4 MiB; in JSON it is a third longer.
const BLOCK_BOUNDS: Bounds = Bounds { body_bytes: 8 * 1024 * 1024, ..BOUNDS };
/// How CometBFT says that its mempool has seen a transaction.
const IN_CACHE: &str = "tx already exists in cache";

/// CometBFT's RPC.
#[derive(Clone, Debug)]
pub struct Rpc(RpcAddress);

/// What became of handing in a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broadcast {
    /// It is in the mempool.
    Taken,
    /// The mempool has seen it before.
    Known,
    /// The mempool does not take it.
    Refused(String),
    /// CometBFT does not answer.
    Unreachable(String),
}

#[derive(Debug, Deserialize)]
struct Answer {
    result: Option<Value>,
    error: Option<RpcError>,
}

#[derive(Debug, Deserialize)]
struct RpcError {
    message: String,
    #[serde(default)]
    data: String,
}

/// Why there is no result.
#[derive(Debug)]
enum Failure {
    Unreachable(String),
    Refused(String),
}

impl Rpc {
    /// Asks the CometBFT at this address, over a connection for each question.
    pub fn new(address: RpcAddress) -> Self {
        Self(address)
    }

    /// Hands in a transaction, and waits until the mempool has checked it.
    pub async fn broadcast(&self, tx: &[u8]) -> Broadcast {
        let code = |result: &Value| result["code"].as_u64();
        match self.call("broadcast_tx_sync", json!({ "tx": BASE64.encode(tx) })).await {
            Ok(result) if code(&result) == Some(0) => Broadcast::Taken,
            Ok(result) => Broadcast::Refused(result["log"].as_str().unwrap_or_default().to_owned()),
            Err(Failure::Refused(text)) if text.contains(IN_CACHE) => Broadcast::Known,
            Err(Failure::Refused(text)) => Broadcast::Refused(text),
            Err(Failure::Unreachable(text)) => Broadcast::Unreachable(text),
        }
    }

    /// The header of a block with the signatures over it.
    ///
    /// # Errors
    /// Why there is none, in CometBFT's words; also where it gives that of another block.
    pub async fn signed_header(&self, height: u64) -> Result<SignedHeader, String> {
        let mut result = self.ask("commit", json!({ "height": height.to_string() })).await?;
        let signed: SignedHeader =
            serde_json::from_value(result["signed_header"].take()).map_err(|error| error.to_string())?;
        // What is kept for a height is kept for long.
        match signed.header.height.value() {
            found if found == height => Ok(signed),
            found => Err(format!("it gives the header of block {found}, not of block {height}")),
        }
    }

    /// The first and the last height whose blocks it has.
    ///
    /// # Errors
    /// Why it does not say.
    pub async fn heights(&self) -> Result<(u64, u64), String> {
        let result = self.ask("status", json!({})).await?;
        let height = |name: &str| result["sync_info"][name].as_str()?.parse().ok();
        let both = height("earliest_block_height").zip(height("latest_block_height"));
        both.ok_or_else(|| "its status names no heights".to_owned())
    }

    /// The height and the root that its application names.
    ///
    /// # Errors
    /// Why it does not say.
    pub async fn app_state(&self) -> Result<(u64, Vec<u8>), String> {
        let result = self.ask("abci_info", json!({})).await?;
        let response = &result["response"];
        let height = response["last_block_height"].as_str().and_then(|height| height.parse().ok());
        let root = response["last_block_app_hash"].as_str().and_then(|root| BASE64.decode(root).ok());
        height.zip(root).ok_or_else(|| "its application names no state".to_owned())
    }

    /// What its application answers to a query.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn query(&self, path: &str, data: &[u8]) -> Result<Vec<u8>, String> {
        let asked = json!({ "path": path, "data": hex::encode(data), "height": "0", "prove": false });
        let result = self.ask("abci_query", asked).await?;
        let response = &result["response"];
        if response["code"].as_u64().unwrap_or(0) != 0 {
            return Err(response["log"].as_str().unwrap_or("its application refuses").to_owned());
        }
        let value = response["value"].as_str().unwrap_or_default();
        BASE64.decode(value).map_err(|error| error.to_string())
    }

    /// What it answers to a question, as JSON.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn ask(&self, method: &str, params: Value) -> Result<Value, String> {
        self.call(method, params).await.map_err(|failure| match failure {
            Failure::Unreachable(text) | Failure::Refused(text) => text,
        })
    }

    /// A whole block, as JSON.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(in crate::comet) async fn ask_for_block(&self, params: Value) -> Result<Value, String> {
        self.call_within("block", params, BLOCK_BOUNDS).await.map_err(|failure| match failure {
            Failure::Unreachable(text) | Failure::Refused(text) => text,
        })
    }

    async fn call(&self, method: &str, params: Value) -> Result<Value, Failure> {
        self.call_within(method, params, BOUNDS).await
    }

    async fn call_within(&self, method: &str, params: Value, bounds: Bounds) -> Result<Value, Failure> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let unreachable = |text: String| {
            Failure::Unreachable(format!("this node's CometBFT does not run, or does not answer ({text})"))
        };
        let bytes = self.post(request, bounds).await.map_err(unreachable)?;
        let answer: Answer =
            serde_json::from_slice(&bytes).map_err(|error| unreachable(error.to_string()))?;
        match (answer.result, answer.error) {
            (Some(result), None) => Ok(result),
            (_, Some(error)) => Err(Failure::Refused(format!("{}: {}", error.message, error.data))),
            (None, None) => Err(unreachable("its answer is empty".to_owned())),
        }
    }

    async fn post(&self, request: String, bounds: Bounds) -> Result<Bytes, String> {
        let request = http::Request::post("/")
            .header(http::header::HOST, "cometbft")
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(request)))
            .map_err(|error| error.to_string())?;
        let answer = match &self.0 {
            RpcAddress::Unix(path) => client::ask(UnixStream::connect(path), request, bounds).await,
            RpcAddress::Tcp(address) => client::ask(connect(address), request, bounds).await,
        };
        answer.map(http::Response::into_body)
    }
}

async fn connect(address: &str) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test fails by it
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};
    use sealdesk_protocol::block::{Block, Ground, Time, commit_with, validator_set};
    use sealdesk_protocol::ids::ChainId;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// The header of block 1.
    fn first_header() -> SignedHeader {
        let key = SigningKey::from_bytes(&[1; 32]);
        let validators = validator_set(&[(key.verifying_key().to_bytes(), 1)]).unwrap();
        let chain_id = ChainId::parse("desk-1").unwrap();
        let ground =
            Ground { chain_id: &chain_id, validators: &validators, app_hash: [9; 32], previous: None };
        let block = Block::build(ground, Time::from_unix_timestamp(1, 0).unwrap(), vec![]).unwrap();
        let (id, address) = (block.id().unwrap(), block.header.proposer_address);
        let commit = commit_with(&block, id, address, |bytes| key.sign(bytes).to_bytes()).unwrap();
        SignedHeader::new(block.header, commit).unwrap()
    }

    #[tokio::test]
    async fn the_header_of_another_block_than_was_asked_for_is_no_answer() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let rpc = Rpc::new(RpcAddress::Tcp(listener.local_addr().unwrap().to_string()));
        let result = json!({ "jsonrpc": "2.0", "id": 1, "result": { "signed_header": first_header() } });
        let body = result.to_string();
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        let served = tokio::spawn(async move {
            for _ in 0..2 {
                let (mut stream, _) = listener.accept().await.unwrap();
                let _ = stream.read(&mut [0; 4_096]).await.unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        assert_eq!(rpc.signed_header(1).await, Ok(first_header()));
        assert!(rpc.signed_header(7).await.is_err());
        served.await.unwrap();
    }
}
