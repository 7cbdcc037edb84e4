//! The ledger's own service: its name and its place, what happens on it, and what can be proven of it.

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use sealdesk_protocol::block::Hash;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{
    FollowRequest, LedgerEvent, ProofRequest, ProofResponse, StatusRequest, StatusResponse,
};
use tonic::{Request, Response, Status, async_trait};

use super::services::sealdesk::ledger::v1::ledger_server::Ledger;
use super::{Api, source_of, status};

#[async_trait]
impl Ledger for Api {
    type FollowStream = BoxStream<'static, Result<LedgerEvent, Status>>;

    async fn follow(&self, request: Request<FollowRequest>) -> Result<Response<Self::FollowStream>, Status> {
        let source = source_of(&request);
        let told = self.start_follower(request.into_inner(), source).await?;
        Ok(Response::new(told.map(|told| told.map(|told| told.event.clone())).boxed()))
    }

    async fn status(&self, _: Request<StatusRequest>) -> Result<Response<StatusResponse>, Status> {
        let tip = self.ledger().tip();
        let start = self.ledger().machine().history_start(&tip.snapshot).map_err(status::of_query)?;
        let validators_hash = match self.ledger().validators().hash() {
            Hash::Sha256(hash) => hash.to_vec(),
            Hash::None => Vec::new(),
        };
        Ok(Response::new(StatusResponse {
            chain_id: self.ledger().machine().chain_id().to_string(),
            engine: self.ledger().engine().name().to_owned(),
            height: i64::try_from(tip.height).unwrap_or(i64::MAX),
            timestamp: tip.time.unix_timestamp(),
            app_hash: tip.root().to_vec(),
            validators_hash,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            addresses: self.0.addresses.clone(),
            state_height: i64::try_from(tip.state_height()).unwrap_or(i64::MAX),
            history_from: start.map_or(1, |start| i64::try_from(start.from).unwrap_or(i64::MAX)),
        }))
    }

    async fn proof(&self, request: Request<ProofRequest>) -> Result<Response<ProofResponse>, Status> {
        let source = source_of(&request);
        let receipt = self.prove(request.into_inner(), source).await?;
        Ok(Response::new(ProofResponse { receipt }))
    }
}
