//! Cosmos's bank: every address has nothing of every coin.

use sealdesk_machine::QueryError;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::wire::cosmos::bank::v1beta1::{
    Params, QueryAllBalancesRequest, QueryAllBalancesResponse, QueryBalanceRequest, QueryBalanceResponse,
    QueryDenomMetadataRequest, QueryDenomMetadataResponse, QueryDenomsMetadataRequest,
    QueryDenomsMetadataResponse, QueryParamsRequest, QueryParamsResponse,
    QuerySpendableBalanceByDenomRequest, QuerySpendableBalanceByDenomResponse, QuerySpendableBalancesRequest,
    QuerySpendableBalancesResponse, QuerySupplyOfRequest, QuerySupplyOfResponse, QueryTotalSupplyRequest,
    QueryTotalSupplyResponse,
};
use sealdesk_protocol::wire::cosmos::base::v1beta1::Coin;
use tonic::{Request, Response, Status, async_trait};

use super::whole;
use crate::api::services::cosmos::bank::v1beta1::query_server::Query;
use crate::api::{Api, status};

/// Longest name of a coin, as in Cosmos.
const DENOM_BYTES_MAX: usize = 128;

impl Api {
    fn check_holder(&self, address: &str) -> Result<(), Status> {
        let parsed = Address::parse(self.ledger().machine().prefix(), address);
        parsed.map(drop).map_err(|error| status::of_query(QueryError::Invalid(error.to_string())))
    }
}

/// None of a coin.
fn nothing_of(denom: String) -> Result<Coin, Status> {
    if denom.is_empty() || denom.len() > DENOM_BYTES_MAX {
        let why = format!("the name of a coin has 1 to {DENOM_BYTES_MAX} characters");
        return Err(Status::invalid_argument(why));
    }
    Ok(Coin { denom, amount: "0".to_owned() })
}

#[async_trait]
impl Query for Api {
    async fn balance(
        &self,
        request: Request<QueryBalanceRequest>,
    ) -> Result<Response<QueryBalanceResponse>, Status> {
        let QueryBalanceRequest { address, denom } = request.into_inner();
        self.check_holder(&address)?;
        Ok(Response::new(QueryBalanceResponse { balance: Some(nothing_of(denom)?) }))
    }

    async fn all_balances(
        &self,
        request: Request<QueryAllBalancesRequest>,
    ) -> Result<Response<QueryAllBalancesResponse>, Status> {
        self.check_holder(&request.into_inner().address)?;
        Ok(Response::new(QueryAllBalancesResponse { balances: Vec::new(), pagination: whole(0) }))
    }

    async fn spendable_balances(
        &self,
        request: Request<QuerySpendableBalancesRequest>,
    ) -> Result<Response<QuerySpendableBalancesResponse>, Status> {
        self.check_holder(&request.into_inner().address)?;
        Ok(Response::new(QuerySpendableBalancesResponse { balances: Vec::new(), pagination: whole(0) }))
    }

    async fn spendable_balance_by_denom(
        &self,
        request: Request<QuerySpendableBalanceByDenomRequest>,
    ) -> Result<Response<QuerySpendableBalanceByDenomResponse>, Status> {
        let QuerySpendableBalanceByDenomRequest { address, denom } = request.into_inner();
        self.check_holder(&address)?;
        Ok(Response::new(QuerySpendableBalanceByDenomResponse { balance: Some(nothing_of(denom)?) }))
    }

    async fn total_supply(
        &self,
        _: Request<QueryTotalSupplyRequest>,
    ) -> Result<Response<QueryTotalSupplyResponse>, Status> {
        Ok(Response::new(QueryTotalSupplyResponse { supply: Vec::new(), pagination: whole(0) }))
    }

    async fn supply_of(
        &self,
        request: Request<QuerySupplyOfRequest>,
    ) -> Result<Response<QuerySupplyOfResponse>, Status> {
        let amount = nothing_of(request.into_inner().denom)?;
        Ok(Response::new(QuerySupplyOfResponse { amount: Some(amount) }))
    }

    async fn params(&self, _: Request<QueryParamsRequest>) -> Result<Response<QueryParamsResponse>, Status> {
        let params = Params { send_enabled: Vec::new(), default_send_enabled: false };
        Ok(Response::new(QueryParamsResponse { params: Some(params) }))
    }

    async fn denom_metadata(
        &self,
        _: Request<QueryDenomMetadataRequest>,
    ) -> Result<Response<QueryDenomMetadataResponse>, Status> {
        Err(Status::not_found("this ledger has no coins, so none has a description"))
    }

    async fn denoms_metadata(
        &self,
        _: Request<QueryDenomsMetadataRequest>,
    ) -> Result<Response<QueryDenomsMetadataResponse>, Status> {
        Ok(Response::new(QueryDenomsMetadataResponse { metadatas: Vec::new(), pagination: whole(0) }))
    }
}
