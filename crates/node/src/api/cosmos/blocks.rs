//! Cosmos's view of blocks and validators.

use prost::Message;
use prost_types::Any;
use sealdesk_protocol::ids::consensus_address;
use sealdesk_protocol::wire::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use sealdesk_protocol::wire::cosmos::base::tendermint::v1beta1 as wire;
use sealdesk_protocol::wire::tendermint::p2p::{DefaultNodeInfo, DefaultNodeInfoOther, ProtocolVersion};
use sealdesk_protocol::wire::tendermint::types;
use tonic::{Request, Response, Status, async_trait};

use crate::api::node_info::{BLOCK_PROTOCOL, COMET_VERSION, P2P_PROTOCOL, SDK_VERSION};
use crate::api::services::cosmos::base::tendermint::v1beta1::service_server::Service;
use crate::api::validators::{VALIDATORS_MAX, ValidatorPage, ValidatorRow};
use crate::api::{Api, block_wire, no_key, source_of};
use crate::http::source::Source;

/// The type of a validator's key in Cosmos.
const ED25519: &str = "/cosmos.crypto.ed25519.PubKey";

/// A key as Cosmos has it; its file would have this one message.
#[derive(Clone, PartialEq, Message)]
struct Ed25519Key {
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
}

/// A block's name, and both forms of it.
type BothForms = (types::BlockId, types::Block, wire::Block);

impl Api {
    async fn both_forms(&self, source: Source, height: u64) -> Result<BothForms, Status> {
        let stored = self.whole_block(source, height).await?;
        let block = block_wire::block(&stored);
        let proposer = self.consensus_address(stored.header.proposer_address.as_bytes());
        Ok((block_wire::block_id(&stored.id), block.clone(), sdk_block(block, proposer)))
    }

    /// The address of a validator as Cosmos writes it.
    fn consensus_address(&self, address: &[u8]) -> String {
        consensus_address(self.ledger().machine().prefix(), address)
    }

    async fn validator_page(
        &self,
        source: Source,
        height: u64,
        page: Option<PageRequest>,
    ) -> Result<(Vec<wire::Validator>, Option<PageResponse>), Status> {
        let newest = self.ledger().tip().height;
        if height == 0 || height > newest {
            let why = format!("height {height} is not from 1 to the newest block's, {newest}");
            return Err(Status::invalid_argument(why));
        }
        let page = page.unwrap_or_default();
        no_key(&page)?;
        let PageRequest { offset, limit, .. } = page;
        let limit = if limit == 0 { VALIDATORS_MAX } else { limit.min(VALIDATORS_MAX) };
        if offset % limit != 0 {
            return Err(Status::invalid_argument("the offset of a page is a multiple of its limit"));
        }
        // The limit is never 0.
        let page = (offset / limit).checked_add(1);
        let page = page.ok_or_else(|| Status::invalid_argument(format!("no page begins at {offset}")))?;
        let ValidatorPage { rows, total, .. } = self.validators_at(source, height, page, limit).await?;
        let rows = rows.into_iter().map(|row| self.validator(row)).collect();
        Ok((rows, Some(PageResponse { next_key: Vec::new(), total })))
    }

    fn validator(&self, row: ValidatorRow) -> wire::Validator {
        let ValidatorRow { address, key, power, priority } = row;
        let key = Any { type_url: ED25519.to_owned(), value: Ed25519Key { key }.encode_to_vec() };
        wire::Validator {
            address: self.consensus_address(&address),
            pub_key: Some(key),
            voting_power: power,
            proposer_priority: priority,
        }
    }
}

/// A block with its proposer as text.
fn sdk_block(block: types::Block, proposer_address: String) -> wire::Block {
    let header = block.header.map(|header| wire::Header {
        version: header.version,
        chain_id: header.chain_id,
        height: header.height,
        time: header.time,
        last_block_id: header.last_block_id,
        last_commit_hash: header.last_commit_hash,
        data_hash: header.data_hash,
        validators_hash: header.validators_hash,
        next_validators_hash: header.next_validators_hash,
        consensus_hash: header.consensus_hash,
        app_hash: header.app_hash,
        last_results_hash: header.last_results_hash,
        evidence_hash: header.evidence_hash,
        proposer_address,
    });
    wire::Block { header, data: block.data, evidence: block.evidence, last_commit: block.last_commit }
}

fn asked_height(height: i64) -> Result<u64, Status> {
    u64::try_from(height).map_err(|_| Status::invalid_argument("heights are not negative"))
}

#[async_trait]
impl Service for Api {
    async fn get_node_info(
        &self,
        request: Request<wire::GetNodeInfoRequest>,
    ) -> Result<Response<wire::GetNodeInfoResponse>, Status> {
        let info = self.node_info(source_of(&request)).await?;
        let app = sealdesk_protocol::block::APP_VERSION;
        let default_node_info = DefaultNodeInfo {
            protocol_version: Some(ProtocolVersion { p2p: P2P_PROTOCOL, block: BLOCK_PROTOCOL, app }),
            default_node_id: info.id,
            listen_addr: info.listen,
            network: self.ledger().machine().chain_id().to_string(),
            version: COMET_VERSION.to_owned(),
            channels: Vec::new(),
            moniker: info.moniker,
            other: Some(DefaultNodeInfoOther { tx_index: "on".to_owned(), rpc_address: info.rpc }),
        };
        let application_version = wire::VersionInfo {
            name: "sealdesk".to_owned(),
            app_name: "sealdesk".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            cosmos_sdk_version: SDK_VERSION.to_owned(),
            ..wire::VersionInfo::default()
        };
        Ok(Response::new(wire::GetNodeInfoResponse {
            default_node_info: Some(default_node_info),
            application_version: Some(application_version),
        }))
    }

    async fn get_syncing(
        &self,
        request: Request<wire::GetSyncingRequest>,
    ) -> Result<Response<wire::GetSyncingResponse>, Status> {
        let syncing = self.is_catching_up(source_of(&request)).await?;
        Ok(Response::new(wire::GetSyncingResponse { syncing }))
    }

    async fn get_latest_block(
        &self,
        request: Request<wire::GetLatestBlockRequest>,
    ) -> Result<Response<wire::GetLatestBlockResponse>, Status> {
        let (id, block, sdk_block) = self.both_forms(source_of(&request), self.ledger().tip().height).await?;
        Ok(Response::new(wire::GetLatestBlockResponse {
            block_id: Some(id),
            block: Some(block),
            sdk_block: Some(sdk_block),
        }))
    }

    async fn get_block_by_height(
        &self,
        request: Request<wire::GetBlockByHeightRequest>,
    ) -> Result<Response<wire::GetBlockByHeightResponse>, Status> {
        let source = source_of(&request);
        let height = asked_height(request.into_inner().height)?;
        let (id, block, sdk_block) = self.both_forms(source, height).await?;
        Ok(Response::new(wire::GetBlockByHeightResponse {
            block_id: Some(id),
            block: Some(block),
            sdk_block: Some(sdk_block),
        }))
    }

    async fn get_latest_validator_set(
        &self,
        request: Request<wire::GetLatestValidatorSetRequest>,
    ) -> Result<Response<wire::GetLatestValidatorSetResponse>, Status> {
        let (source, height) = (source_of(&request), self.ledger().tip().height);
        let pagination = request.into_inner().pagination;
        let (validators, pagination) = self.validator_page(source, height, pagination).await?;
        let block_height = i64::try_from(height).unwrap_or(i64::MAX);
        Ok(Response::new(wire::GetLatestValidatorSetResponse { block_height, validators, pagination }))
    }

    async fn get_validator_set_by_height(
        &self,
        request: Request<wire::GetValidatorSetByHeightRequest>,
    ) -> Result<Response<wire::GetValidatorSetByHeightResponse>, Status> {
        let source = source_of(&request);
        let wire::GetValidatorSetByHeightRequest { height: block_height, pagination } = request.into_inner();
        let height = asked_height(block_height)?;
        let (validators, pagination) = self.validator_page(source, height, pagination).await?;
        Ok(Response::new(wire::GetValidatorSetByHeightResponse { block_height, validators, pagination }))
    }

    async fn abci_query(
        &self,
        _: Request<wire::AbciQueryRequest>,
    ) -> Result<Response<wire::AbciQueryResponse>, Status> {
        // Whoever speaks gRPC can call the method itself; answering it here would let a call wrap itself over and over.
        let why = "call the method itself, or POST abci_query to this node's JSON-RPC";
        Err(Status::unimplemented(why))
    }
}
