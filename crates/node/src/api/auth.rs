//! Cosmos's account query: every well-formed address has an account, so that newcomers can sign their first transaction.

use prost::{Message as _, Name as _};
use prost_types::Any;
use sealdesk_machine::QueryError;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::wire::cosmos::auth::v1beta1 as auth_wire;
use sealdesk_protocol::wire::cosmos::auth::v1beta1::{
    BaseAccount, QueryAccountInfoRequest, QueryAccountInfoResponse, QueryAccountRequest, QueryAccountResponse,
};
use sealdesk_protocol::wire::cosmos::crypto::secp256k1::PubKey;
use tonic::{Request, Response, Status, async_trait};

use super::services::cosmos::auth::v1beta1::query_server::Query;
use super::{Api, source_of};
use crate::http::source::Source;

impl Api {
    async fn base_account(&self, source: Source, address: String) -> Result<BaseAccount, Status> {
        self.read(source, move |machine, tip| {
            let address = Address::parse(machine.prefix(), &address)
                .map_err(|error| QueryError::Invalid(error.to_string()))?;
            let key = machine.account_public_key(&tip.snapshot, &address)?.map(|key| PubKey { key });
            Ok(BaseAccount {
                sequence: machine.account_sequence(&tip.snapshot, &address)?,
                address: address.to_string(),
                pub_key: key.map(|key| Any { type_url: PubKey::type_url(), value: key.encode_to_vec() }),
                account_number: 0,
            })
        })
        .await
    }
}

#[async_trait]
impl Query for Api {
    async fn account(
        &self,
        request: Request<QueryAccountRequest>,
    ) -> Result<Response<QueryAccountResponse>, Status> {
        let account = self.base_account(source_of(&request), request.into_inner().address).await?;
        let account = Any { type_url: BaseAccount::type_url(), value: account.encode_to_vec() };
        Ok(Response::new(QueryAccountResponse { account: Some(account) }))
    }

    async fn account_info(
        &self,
        request: Request<QueryAccountInfoRequest>,
    ) -> Result<Response<QueryAccountInfoResponse>, Status> {
        let info = self.base_account(source_of(&request), request.into_inner().address).await?;
        Ok(Response::new(QueryAccountInfoResponse { info: Some(info) }))
    }

    async fn accounts(&self, _: Request<auth_wire::QueryAccountsRequest>) -> Result<Response<auth_wire::QueryAccountsResponse>, Status> {
        Err(Status::unimplemented("not here yet"))
    }
    async fn params(&self, _: Request<auth_wire::QueryParamsRequest>) -> Result<Response<auth_wire::QueryParamsResponse>, Status> {
        Err(Status::unimplemented("not here yet"))
    }
    async fn module_accounts(&self, _: Request<auth_wire::QueryModuleAccountsRequest>) -> Result<Response<auth_wire::QueryModuleAccountsResponse>, Status> {
        Err(Status::unimplemented("not here yet"))
    }
    async fn bech32_prefix(&self, _: Request<auth_wire::Bech32PrefixRequest>) -> Result<Response<auth_wire::Bech32PrefixResponse>, Status> {
        Err(Status::unimplemented("not here yet"))
    }
}
