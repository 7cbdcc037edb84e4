//! The services of Cosmos that wallets and explorers ask by default, through `abci_query` as CosmJS asks them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use prost::Message;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::cosmos::auth::v1beta1 as auth;
use sealdesk_protocol::wire::cosmos::bank::v1beta1 as bank;
use sealdesk_protocol::wire::cosmos::base::node::v1beta1 as node_service;
use sealdesk_protocol::wire::cosmos::base::query::v1beta1::PageRequest;
use sealdesk_protocol::wire::cosmos::base::tendermint::v1beta1 as blocks;
use sealdesk_protocol::wire::cosmos::tx::v1beta1 as tx;
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::people::Person;
use serde_json::{Value, json};

use super::asking::Node;
use super::solo;
use crate::comet::network::{Network, execute, turn};

/// The response to a query with an empty request.
const EMPTY: [&str; 16] = [
    "auth.v1beta1.Query/ModuleAccounts",
    "bank.v1beta1.Query/DenomsMetadata",
    "bank.v1beta1.Query/TotalSupply",
    "bank.v1beta1.Query/Params",
    "base.node.v1beta1.Service/Config",
    "consensus.v1.Query/Params",
    "distribution.v1beta1.Query/CommunityPool",
    "distribution.v1beta1.Query/Params",
    "gov.v1.Query/Proposals",
    "gov.v1.Query/Params",
    "mint.v1beta1.Query/Inflation",
    "mint.v1beta1.Query/AnnualProvisions",
    "slashing.v1beta1.Query/SigningInfos",
    "staking.v1beta1.Query/Validators",
    "staking.v1beta1.Query/Pool",
    "staking.v1beta1.Query/Params",
];

async fn query(node: Node, path: &str, request: &impl Message) -> Value {
    let asked = json!({ "path": format!("/cosmos.{path}"), "data": hex::encode(request.encode_to_vec()) });
    node.call("abci_query", asked).await["response"].take()
}

async fn ask<A: Message + Default>(node: Node, path: &str, request: &impl Message) -> A {
    let answer = query(node, path, request).await;
    assert_eq!(answer["code"], 0, "{path}: {answer}");
    A::decode(BASE64.decode(answer["value"].as_str().unwrap_or_default()).unwrap().as_slice()).unwrap()
}

async fn check(running: &sealdesk_node::Node) {
    let (node, admin, ledger) = (Node(running.listening()), Person::number(0), running.ledger());
    for path in EMPTY {
        assert_eq!(query(node, path, &()).await["code"], 0, "{path}");
    }
    let balance = bank::QueryBalanceRequest { address: admin.text.clone(), denom: "uve".to_owned() };
    let balance: bank::QueryBalanceResponse = ask(node, "bank.v1beta1.Query/Balance", &balance).await;
    assert_eq!(balance.balance.unwrap().amount, "0");
    let nobody = bank::QueryAllBalancesRequest { address: "cosmos1x".to_owned(), ..Default::default() };
    assert_eq!(query(node, "bank.v1beta1.Query/AllBalances", &nobody).await["code"], 18);
    let described = bank::QueryDenomMetadataRequest { denom: "uve".to_owned() };
    assert_eq!(query(node, "bank.v1beta1.Query/DenomMetadata", &described).await["code"], 22);
    let prefix: auth::Bech32PrefixResponse = ask(node, "auth.v1beta1.Query/Bech32Prefix", &()).await;
    assert!(admin.text.starts_with(&prefix.bech32_prefix));

    let mut heights = Vec::new();
    for n in 0..3u16 {
        heights.push(execute(&ledger, &admin.appoint(n.into(), &Person::number(n + 1))).await);
    }
    let accounts: auth::QueryAccountsResponse = ask(node, "auth.v1beta1.Query/Accounts", &()).await;
    let account = auth::BaseAccount::decode(accounts.accounts[0].value.as_slice()).unwrap();
    assert_eq!((accounts.accounts.len(), account.address, account.sequence), (1, admin.text.clone(), 3));

    let found = async |page, limit, order_by: tx::OrderBy| {
        let query = format!("message.sender='{}'", admin.text);
        let request =
            tx::GetTxsEventRequest { query, page, limit, order_by: order_by.into(), ..Default::default() };
        let found: tx::GetTxsEventResponse = ask(node, "tx.v1beta1.Service/GetTxsEvent", &request).await;
        assert_eq!((found.total, found.txs.len()), (3, found.tx_responses.len()));
        found.tx_responses.iter().map(|tx| u64::try_from(tx.height).unwrap()).collect::<Vec<u64>>()
    };
    assert_eq!(found(0, 0, tx::OrderBy::Unspecified).await, heights);
    assert_eq!(found(2, 2, tx::OrderBy::Asc).await, heights[2..]);
    assert_eq!(found(1, 2, tx::OrderBy::Desc).await, [heights[2], heights[1]]);
    let events = vec![format!("message.sender='{}'", admin.text), format!("tx.height={}", heights[1])];
    let request = tx::GetTxsEventRequest { events, ..Default::default() };
    let one: tx::GetTxsEventResponse = ask(node, "tx.v1beta1.Service/GetTxsEvent", &request).await;
    assert_eq!(one.tx_responses[0].txhash, TxHash::of(&admin.appoint(1, &Person::number(2))).to_string());
    let unindexed =
        tx::GetTxsEventRequest { query: "transfer.recipient='x'".to_owned(), ..Default::default() };
    assert_eq!(query(node, "tx.v1beta1.Service/GetTxsEvent", &unindexed).await["code"], 18);

    let height = i64::try_from(heights[2]).unwrap();
    let request = blocks::GetBlockByHeightRequest { height };
    let block: blocks::GetBlockByHeightResponse =
        ask(node, "base.tendermint.v1beta1.Service/GetBlockByHeight", &request).await;
    let (plain, sdk) = (block.block.unwrap(), block.sdk_block.unwrap());
    let header = ledger.commit(heights[2]).await.unwrap().signed.header().clone();
    assert_eq!(block.block_id.unwrap().hash, header.hash().as_bytes());
    assert_eq!(plain.header.unwrap().app_hash, header.app_hash.as_bytes());
    assert_eq!((plain.data.unwrap().txs.len(), plain.last_commit.unwrap().signatures.len()), (1, 1));
    assert!(sdk.header.unwrap().proposer_address.starts_with(&format!("{}valcons1", prefix.bech32_prefix)));
    let request = tx::GetBlockWithTxsRequest { height, pagination: Some(PageRequest::default()) };
    let whole: tx::GetBlockWithTxsResponse = ask(node, "tx.v1beta1.Service/GetBlockWithTxs", &request).await;
    assert_eq!((whole.txs.len(), whole.pagination.unwrap().total), (1, 1));
    let above = blocks::GetBlockByHeightRequest { height: i64::MAX };
    assert_eq!(query(node, "base.tendermint.v1beta1.Service/GetBlockByHeight", &above).await["code"], 18);

    let latest: blocks::GetLatestBlockResponse =
        ask(node, "base.tendermint.v1beta1.Service/GetLatestBlock", &()).await;
    assert!(latest.block.unwrap().header.unwrap().height >= height);
    let set: blocks::GetLatestValidatorSetResponse =
        ask(node, "base.tendermint.v1beta1.Service/GetLatestValidatorSet", &()).await;
    assert_eq!((set.validators.len(), set.validators[0].voting_power > 0), (1, true));
    let info: blocks::GetNodeInfoResponse =
        ask(node, "base.tendermint.v1beta1.Service/GetNodeInfo", &()).await;
    assert_eq!(info.default_node_info.unwrap().network, CHAIN_ID);
    let syncing: blocks::GetSyncingResponse =
        ask(node, "base.tendermint.v1beta1.Service/GetSyncing", &()).await;
    assert!(!syncing.syncing);
    let status: node_service::StatusResponse = ask(node, "base.node.v1beta1.Service/Status", &()).await;
    assert!(status.height >= heights[2] && status.app_hash.len() == 32 && status.earliest_store_height == 1);
    let itself = query(node, "base.tendermint.v1beta1.Service/ABCIQuery", &()).await;
    assert_eq!(itself["code"], 6, "a query does not wrap a query");
}

#[tokio::test(flavor = "multi_thread")]
async fn cosmos_services_are_answered_by_both_engines() {
    let (node, _dir) = solo().await;
    check(&node).await;
    node.stop().await.unwrap();
    let _turn = turn().await;
    let mut network = Network::prepare(&[10]);
    network.start_all().await;
    network.reaches(0, 1).await;
    check(network.node(0)).await;
    network.stop_all().await;
}
