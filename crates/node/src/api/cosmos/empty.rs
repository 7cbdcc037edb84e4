//! What explorers ask of ledgers with stakes: nobody stakes, earns, mints or proposes here, so every list is empty and every number 0.

use prost_types::Duration;
use sealdesk_protocol::block::BLOCK_BYTES_MAX;
use sealdesk_protocol::wire::cosmos::{
    consensus::v1 as consensus, distribution::v1beta1 as distribution, gov::v1 as gov, mint::v1beta1 as mint,
    slashing::v1beta1 as slashing, staking::v1beta1 as staking,
};
use sealdesk_protocol::wire::tendermint::types;
use tonic::{Request, Response, Status, async_trait};

use super::whole;
use crate::api::Api;
use crate::api::services::cosmos::{
    consensus::v1::query_server as consensus_server,
    distribution::v1beta1::query_server as distribution_server, gov::v1::query_server as gov_server,
    mint::v1beta1::query_server as mint_server, slashing::v1beta1::query_server as slashing_server,
    staking::v1beta1::query_server as staking_server,
};

macro_rules! constant {
    ($($service:path { $($name:ident($request:ty) -> $response:ty = $answer:expr;)* })*) => {
        $(#[async_trait]
        impl $service for Api {
            $(async fn $name(&self, _: Request<$request>) -> Result<Response<$response>, Status> {
                Ok(Response::new($answer))
            })*
        })*
    };
}

constant! {
    staking_server::Query {
        validators(staking::QueryValidatorsRequest) -> staking::QueryValidatorsResponse =
            staking::QueryValidatorsResponse { validators: Vec::new(), pagination: whole(0) };
        delegator_delegations(staking::QueryDelegatorDelegationsRequest) -> staking::QueryDelegatorDelegationsResponse =
            staking::QueryDelegatorDelegationsResponse { delegation_responses: Vec::new(), pagination: whole(0) };
        delegator_unbonding_delegations(staking::QueryDelegatorUnbondingDelegationsRequest)
            -> staking::QueryDelegatorUnbondingDelegationsResponse =
            staking::QueryDelegatorUnbondingDelegationsResponse { unbonding_responses: Vec::new(), pagination: whole(0) };
        redelegations(staking::QueryRedelegationsRequest) -> staking::QueryRedelegationsResponse =
            staking::QueryRedelegationsResponse { redelegation_responses: Vec::new(), pagination: whole(0) };
        pool(staking::QueryPoolRequest) -> staking::QueryPoolResponse =
            staking::QueryPoolResponse { pool: Some(staking::Pool { not_bonded_tokens: zero(), bonded_tokens: zero() }) };
        params(staking::QueryParamsRequest) -> staking::QueryParamsResponse =
            staking::QueryParamsResponse { params: Some(staking_params()) };
    }
    gov_server::Query {
        proposals(gov::QueryProposalsRequest) -> gov::QueryProposalsResponse =
            gov::QueryProposalsResponse { proposals: Vec::new(), pagination: whole(0) };
        params(gov::QueryParamsRequest) -> gov::QueryParamsResponse = gov_params();
    }
    distribution_server::Query {
        params(distribution::QueryParamsRequest) -> distribution::QueryParamsResponse =
            distribution::QueryParamsResponse { params: Some(distribution_params()) };
        delegation_total_rewards(distribution::QueryDelegationTotalRewardsRequest)
            -> distribution::QueryDelegationTotalRewardsResponse =
            distribution::QueryDelegationTotalRewardsResponse { rewards: Vec::new(), total: Vec::new() };
        community_pool(distribution::QueryCommunityPoolRequest) -> distribution::QueryCommunityPoolResponse =
            distribution::QueryCommunityPoolResponse { pool: Vec::new() };
    }
    mint_server::Query {
        params(mint::QueryParamsRequest) -> mint::QueryParamsResponse = mint::QueryParamsResponse { params: Some(mint_params()) };
        inflation(mint::QueryInflationRequest) -> mint::QueryInflationResponse =
            mint::QueryInflationResponse { inflation: zero() };
        annual_provisions(mint::QueryAnnualProvisionsRequest) -> mint::QueryAnnualProvisionsResponse =
            mint::QueryAnnualProvisionsResponse { annual_provisions: zero() };
    }
    slashing_server::Query {
        params(slashing::QueryParamsRequest) -> slashing::QueryParamsResponse =
            slashing::QueryParamsResponse { params: Some(slashing_params()) };
        signing_infos(slashing::QuerySigningInfosRequest) -> slashing::QuerySigningInfosResponse =
            slashing::QuerySigningInfosResponse { info: Vec::new(), pagination: whole(0) };
    }
    consensus_server::Query {
        params(consensus::QueryParamsRequest) -> consensus::QueryParamsResponse =
            consensus::QueryParamsResponse { params: Some(consensus_params()) };
    }
}

fn zero() -> String {
    "0".to_owned()
}

fn staking_params() -> staking::Params {
    staking::Params {
        unbonding_time: Some(Duration::default()),
        min_commission_rate: zero(),
        ..staking::Params::default()
    }
}

fn gov_params() -> gov::QueryParamsResponse {
    let period = || Some(Duration::default());
    gov::QueryParamsResponse {
        voting_params: Some(gov::VotingParams { voting_period: period() }),
        deposit_params: Some(gov::DepositParams { min_deposit: Vec::new(), max_deposit_period: period() }),
        tally_params: Some(gov::TallyParams { quorum: zero(), threshold: zero(), veto_threshold: zero() }),
        params: Some(gov::Params {
            min_deposit: Vec::new(),
            max_deposit_period: period(),
            voting_period: period(),
            quorum: zero(),
            threshold: zero(),
            veto_threshold: zero(),
        }),
    }
}

fn distribution_params() -> distribution::Params {
    distribution::Params {
        community_tax: zero(),
        base_proposer_reward: zero(),
        bonus_proposer_reward: zero(),
        withdraw_addr_enabled: false,
    }
}

fn mint_params() -> mint::Params {
    mint::Params {
        mint_denom: String::new(),
        inflation_rate_change: zero(),
        inflation_max: zero(),
        inflation_min: zero(),
        goal_bonded: zero(),
        blocks_per_year: 0,
    }
}

fn slashing_params() -> slashing::Params {
    slashing::Params {
        signed_blocks_window: 0,
        min_signed_per_window: zero(),
        downtime_jail_duration: Some(Duration::default()),
        slash_fraction_double_sign: zero(),
        slash_fraction_downtime: zero(),
    }
}

/// What every ledger of this program begins with, and no message changes.
fn consensus_params() -> types::ConsensusParams {
    types::ConsensusParams {
        block: Some(types::BlockParams { max_bytes: i64::from(BLOCK_BYTES_MAX), max_gas: -1 }),
        evidence: Some(types::EvidenceParams {
            max_age_num_blocks: 100_000,
            max_age_duration: Some(Duration { seconds: 172_800, nanos: 0 }),
            max_bytes: 1_048_576,
        }),
        validator: Some(types::ValidatorParams { pub_key_types: vec!["ed25519".to_owned()] }),
        version: Some(types::VersionParams { app: sealdesk_protocol::block::APP_VERSION }),
        abci: Some(types::AbciParams { vote_extensions_enable_height: 0 }),
    }
}
