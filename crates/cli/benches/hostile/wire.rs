//! Calls from an address of this machine.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use prost::Message;
use sealdesk_protocol::wire::cosmos::auth::v1beta1::{QueryAccountInfoRequest, QueryAccountInfoResponse};
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{BroadcastMode, BroadcastTxRequest, BroadcastTxResponse};
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

/// How often somebody tries to connect, and how long they wait in between.
const TRIES: usize = 200;
const PAUSE: Duration = Duration::from_millis(50);

pub const BROADCAST: &str = "/cosmos.tx.v1beta1.Service/BroadcastTx";
const ACCOUNT: &str = "/cosmos.auth.v1beta1.Query/AccountInfo";

/// Connects from an address.
pub async fn connect(url: &str, from: Ipv4Addr) -> Channel {
    let endpoint = Endpoint::from_shared(url.to_owned()).unwrap();
    let endpoint = endpoint.tcp_nodelay(true).local_address(Some(IpAddr::V4(from)));
    for _ in 0..TRIES {
        if let Ok(channel) = endpoint.connect().await {
            return channel;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("no connection from {from}");
}

pub async fn call<Q, A>(channel: &Channel, path: &'static str, request: Q) -> Result<A, Status>
where
    Q: Message + Send + Sync + 'static,
    A: Message + Default + Send + Sync + 'static,
{
    let mut grpc = Grpc::new(channel.clone());
    grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let codec = tonic_prost::ProstCodec::<Q, A>::default();
    grpc.unary(Request::new(request), path.parse().unwrap(), codec).await.map(tonic::Response::into_inner)
}

/// Hands in a transaction: the code of the answer, and its codespace.
pub async fn hand_in(channel: &Channel, tx: &[u8], mode: BroadcastMode) -> Result<(u32, String), Status> {
    let request = BroadcastTxRequest { tx_bytes: tx.to_vec(), mode: mode.into() };
    let answer: BroadcastTxResponse = call(channel, BROADCAST, request).await?;
    let answer = answer.tx_response.unwrap_or_default();
    Ok((answer.code, format!("{}: {}", answer.codespace, answer.raw_log)))
}

/// The sequence that an account has on the ledger.
pub async fn sequence(channel: &Channel, address: &str) -> u64 {
    let request = QueryAccountInfoRequest { address: address.to_owned() };
    let answer: Result<QueryAccountInfoResponse, Status> = call(channel, ACCOUNT, request).await;
    answer.ok().and_then(|answer| answer.info).map_or(0, |info| info.sequence)
}
