//! Cosmos's account query: every well-formed address has an account, so that newcomers can sign their first transaction.

use prost::{Message as _, Name as _};
use prost_types::Any;
use sealdesk_machine::QueryError;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::limits::{MEMO_BYTES_MAX, PAGE_RECORDS_DEFAULT, PAGE_RECORDS_MAX, TX_MESSAGES_MAX};
use sealdesk_protocol::signer::SignerKey;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::cosmos::auth::v1beta1::{
    BaseAccount, Bech32PrefixRequest, Bech32PrefixResponse, Params, QueryAccountInfoRequest,
    QueryAccountInfoResponse, QueryAccountRequest, QueryAccountResponse, QueryAccountsRequest,
    QueryAccountsResponse, QueryModuleAccountsRequest, QueryModuleAccountsResponse, QueryParamsRequest,
    QueryParamsResponse,
};
use sealdesk_protocol::wire::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use sealdesk_protocol::wire::sealdesk::ledger::v1::AccountRecord;
use sealdesk_store::{KeyRange, Snapshot, StoreError};
use tonic::{Request, Response, Status, async_trait};

use super::services::cosmos::auth::v1beta1::query_server::Query;
use super::{Api, source_of};
use crate::http::source::Source;

impl Api {
    async fn base_account(&self, source: Source, address: String) -> Result<BaseAccount, Status> {
        self.read(source, move |machine, tip| {
            let address = Address::parse(machine.prefix(), &address)
                .map_err(|error| QueryError::Invalid(error.to_string()))?;
            let key = machine.account_public_key(&tip.snapshot, &address)?;
            Ok(BaseAccount {
                sequence: machine.account_sequence(&tip.snapshot, &address)?,
                address: address.to_string(),
                pub_key: key.and_then(|key| SignerKey::read(&key)).map(|key| key.to_any()),
                account_number: 0,
            })
        })
        .await
    }
}

fn any(account: &BaseAccount) -> Any {
    Any { type_url: BaseAccount::type_url(), value: account.encode_to_vec() }
}

/// A page of the accounts that have a record, in the order of their addresses.
fn accounts(snapshot: &Snapshot, page: &PageRequest) -> Result<QueryAccountsResponse, QueryError> {
    let most = u64::from(PAGE_RECORDS_MAX);
    if page.offset != 0 || page.reverse || page.key.len() > sealdesk_store::KEY_BYTES_MAX / 2 {
        let why = "page through accounts by `key`, and forwards";
        return Err(QueryError::Invalid(why.to_owned()));
    }
    // Whoever asks for a thousand goes on by `next_key`.
    let limit = if page.limit == 0 { u64::from(PAGE_RECORDS_DEFAULT) } else { page.limit.min(most) };
    let below = tree::ACCOUNTS;
    let mut range = KeyRange::prefix(below);
    if !page.key.is_empty() {
        range = range.after(&[below, &page.key].concat());
    }
    let (mut found, mut last) = (Vec::new(), Vec::new());
    for entry in snapshot.scan(&range)? {
        let (key, value) = entry?;
        if u64::try_from(found.len()).unwrap_or(u64::MAX) >= limit {
            let pagination = Some(PageResponse { next_key: last, total: 0 });
            return Ok(QueryAccountsResponse { accounts: found, pagination });
        }
        last = key.get(below.len()..).unwrap_or_default().to_vec();
        let damaged = |what: &str| StoreError::Corrupt { what: what.to_owned() };
        let record = AccountRecord::decode(value.as_slice()).map_err(|_| damaged("an account"))?;
        let key = SignerKey::read(&record.pub_key).ok_or_else(|| damaged("an account's key"))?;
        found.push(any(&BaseAccount {
            address: String::from_utf8(last.clone()).map_err(|_| damaged("an account's address"))?,
            pub_key: Some(key.to_any()),
            account_number: 0,
            sequence: record.sequence,
        }));
    }
    Ok(QueryAccountsResponse { accounts: found, pagination: Some(PageResponse::default()) })
}

#[async_trait]
impl Query for Api {
    async fn accounts(
        &self,
        request: Request<QueryAccountsRequest>,
    ) -> Result<Response<QueryAccountsResponse>, Status> {
        let source = source_of(&request);
        let page = request.into_inner().pagination.unwrap_or_default();
        self.read(source, move |_, tip| accounts(&tip.snapshot, &page)).await.map(Response::new)
    }

    async fn params(&self, _: Request<QueryParamsRequest>) -> Result<Response<QueryParamsResponse>, Status> {
        let number = |limit: usize| u64::try_from(limit).unwrap_or(u64::MAX);
        let params = Params {
            max_memo_characters: number(MEMO_BYTES_MAX),
            tx_sig_limit: number(TX_MESSAGES_MAX),
            ..Params::default()
        };
        Ok(Response::new(QueryParamsResponse { params: Some(params) }))
    }

    async fn module_accounts(
        &self,
        _: Request<QueryModuleAccountsRequest>,
    ) -> Result<Response<QueryModuleAccountsResponse>, Status> {
        Ok(Response::new(QueryModuleAccountsResponse { accounts: Vec::new() }))
    }

    async fn bech32_prefix(
        &self,
        _: Request<Bech32PrefixRequest>,
    ) -> Result<Response<Bech32PrefixResponse>, Status> {
        let bech32_prefix = self.ledger().machine().prefix().as_str().to_owned();
        Ok(Response::new(Bech32PrefixResponse { bech32_prefix }))
    }

    async fn account(
        &self,
        request: Request<QueryAccountRequest>,
    ) -> Result<Response<QueryAccountResponse>, Status> {
        let account = self.base_account(source_of(&request), request.into_inner().address).await?;
        Ok(Response::new(QueryAccountResponse { account: Some(any(&account)) }))
    }

    async fn account_info(
        &self,
        request: Request<QueryAccountInfoRequest>,
    ) -> Result<Response<QueryAccountInfoResponse>, Status> {
        let info = self.base_account(source_of(&request), request.into_inner().address).await?;
        Ok(Response::new(QueryAccountInfoResponse { info: Some(info) }))
    }
}
