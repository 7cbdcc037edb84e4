//! Cosmos's description of a node: gas costs nothing, and the state is the newest.

use prost_types::Timestamp;
use sealdesk_protocol::block::Hash;
use sealdesk_protocol::wire::cosmos::base::node::v1beta1::{
    ConfigRequest, ConfigResponse, StatusRequest, StatusResponse,
};
use tonic::{Request, Response, Status, async_trait};

use crate::api::services::cosmos::base::node::v1beta1::service_server::Service;
use crate::api::{Api, status};

#[async_trait]
impl Service for Api {
    async fn config(&self, _: Request<ConfigRequest>) -> Result<Response<ConfigResponse>, Status> {
        Ok(Response::new(ConfigResponse {
            minimum_gas_price: String::new(),
            pruning_keep_recent: "0".to_owned(),
            pruning_interval: "0".to_owned(),
            halt_height: 0,
        }))
    }

    async fn status(&self, _: Request<StatusRequest>) -> Result<Response<StatusResponse>, Status> {
        let tip = self.ledger().tip();
        let start = self.ledger().machine().history_start(&tip.snapshot).map_err(status::of_query)?;
        let validator_hash = match self.ledger().validators().hash() {
            Hash::Sha256(hash) => hash.to_vec(),
            Hash::None => Vec::new(),
        };
        Ok(Response::new(StatusResponse {
            earliest_store_height: start.map_or(1, |start| start.from),
            height: tip.height,
            timestamp: Some(timestamp(&tip.time)),
            app_hash: tip.root().to_vec(),
            validator_hash,
        }))
    }
}

/// A time of a block in protobuf's form.
pub(super) fn timestamp(time: &sealdesk_protocol::block::Time) -> Timestamp {
    let time = tendermint_proto::google::protobuf::Timestamp::from(*time);
    Timestamp { seconds: time.seconds, nanos: time.nanos }
}
