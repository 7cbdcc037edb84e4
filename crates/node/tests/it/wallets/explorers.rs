//! What an explorer (ping.pub) and a wallet (Keplr) ask of a chain that they were told of, in the order in which they ask: each is answered
//! in the form that they read, or told in their form that it is not here. The same on both engines.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::SinkExt as _;
use sealdesk_protocol::tx::TxHash;
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::people::Person;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::asking::Node;
use super::solo;
use super::surface::next;
use crate::comet::network::{Network, execute, turn};

/// A path of REST, and where the answer has what is read of it. `ADDRESS`, `HASH` and `HEIGHT` are those of a transaction that there is.
const ANSWERED: [(&str, &str); 45] = [
    // An explorer finds out what it talks to, and shows the newest blocks.
    ("base/tendermint/v1beta1/node_info", "/application_version/cosmos_sdk_version"),
    ("base/tendermint/v1beta1/node_info", "/default_node_info/network"),
    ("base/tendermint/v1beta1/blocks/latest", "/block/header/height"),
    ("base/tendermint/v1beta1/blocks/HEIGHT", "/block/data/txs/0"),
    ("base/tendermint/v1beta1/blocks/HEIGHT", "/block_id/hash"),
    (
        "base/tendermint/v1beta1/validatorsets/latest?pagination.limit=100&pagination.offset=0",
        "/validators/0/address",
    ),
    ("base/tendermint/v1beta1/validatorsets/HEIGHT?pagination.limit=100", "/validators/0/pub_key/key"),
    ("base/tendermint/v1beta1/syncing", "/syncing"),
    // Its dashboard.
    ("staking/v1beta1/pool", "/pool/bonded_tokens"),
    ("staking/v1beta1/params", "/params/bond_denom"),
    ("staking/v1beta1/validators?pagination.limit=300&status=BOND_STATUS_BONDED", "/validators"),
    ("staking/v1beta1/validators?pagination.limit=500&status=BOND_STATUS_UNBONDED", "/validators"),
    ("bank/v1beta1/params", "/params"),
    ("bank/v1beta1/supply", "/supply"),
    ("bank/v1beta1/supply/by_denom?denom=seal", "/amount/amount"),
    ("bank/v1beta1/denoms_metadata?pagination.limit=1000", "/metadatas"),
    ("distribution/v1beta1/params", "/params"),
    ("distribution/v1beta1/community_pool", "/pool"),
    ("mint/v1beta1/params", "/params"),
    ("mint/v1beta1/inflation", "/inflation"),
    ("mint/v1beta1/annual_provisions", "/annual_provisions"),
    ("slashing/v1beta1/params", "/params"),
    ("slashing/v1beta1/signing_infos?pagination.limit=500", "/info"),
    ("gov/v1/params/voting", "/params"),
    ("gov/v1/params/tallying", "/params"),
    ("gov/v1/params/deposit", "/params"),
    (
        "gov/v1/proposals?proposal_status=2&pagination.limit=50&pagination.reverse=true&pagination.key=",
        "/proposals",
    ),
    ("consensus/v1/params", "/params/block/max_bytes"),
    ("base/node/v1beta1/config", "/minimum_gas_price"),
    ("base/node/v1beta1/status", "/height"),
    // An account's page, of an explorer and of a wallet.
    ("auth/v1beta1/params", "/params"),
    ("auth/v1beta1/accounts", "/accounts/0/address"),
    ("auth/v1beta1/accounts/ADDRESS", "/account/sequence"),
    ("auth/v1beta1/account_info/ADDRESS", "/info/account_number"),
    ("auth/v1beta1/bech32", "/bech32_prefix"),
    ("bank/v1beta1/balances/ADDRESS?pagination.limit=1000", "/balances"),
    ("bank/v1beta1/spendable_balances/ADDRESS?pagination.limit=1000", "/balances"),
    ("bank/v1beta1/balances/ADDRESS/by_denom?denom=seal", "/balance/amount"),
    ("staking/v1beta1/delegations/ADDRESS?pagination.limit=1000", "/delegation_responses"),
    (
        "staking/v1beta1/delegators/ADDRESS/unbonding_delegations?pagination.limit=1000",
        "/unbonding_responses",
    ),
    ("staking/v1beta1/delegators/ADDRESS/redelegations", "/redelegation_responses"),
    ("distribution/v1beta1/delegators/ADDRESS/rewards", "/total"),
    (
        "tx/v1beta1/txs?events=message.sender=%27ADDRESS%27&pagination.limit=20&order_by=ORDER_BY_DESC",
        "/tx_responses/0/txhash",
    ),
    (
        "tx/v1beta1/txs?query=message.sender=%27ADDRESS%27&limit=20&page=1&order_by=2",
        "/tx_responses/0/txhash",
    ),
    ("tx/v1beta1/txs/HASH", "/tx/body/messages/0/@type"),
];

/// Modules that this ledger does not have.
const NOT_HERE: [&str; 10] = [
    "/cosmos/params/v1beta1/params?subspace=staking&key=MaxValidators",
    "/cosmos/distribution/v1beta1/validators/ADDRESS/commission",
    "/cosmos/staking/v1beta1/validators/ADDRESS/delegations",
    "/cosmos/gov/v1/proposals/1/votes",
    "/cosmos/feegrant/v1beta1/allowances/ADDRESS",
    "/cosmos/authz/v1beta1/grants/granter/ADDRESS",
    "/ibc/core/channel/v1/channels?pagination.limit=1",
    "/ibc/apps/transfer/v1/denom_traces/ABCD",
    "/feemarket/v1/gas_price/seal",
    "/osmosis/txfees/v1beta1/cur_eip_base_fee",
];

async fn replay(running: &sealdesk_node::Node) {
    let (node, admin) = (Node(running.listening()), Person::number(0));
    let tx = admin.appoint(0, &Person::number(1));
    let height = execute(&running.ledger(), &tx).await;
    let hash = TxHash::of(&tx).to_string();
    let filled = |path: &str| {
        path.replace("ADDRESS", &admin.text).replace("HASH", &hash).replace("HEIGHT", &height.to_string())
    };
    for (path, place) in ANSWERED {
        let (status, answer) = node.get(&filled(&format!("/cosmos/{path}"))).await;
        let found = answer.pointer(place).filter(|found| !found.is_null());
        assert!(status == 200 && found.is_some(), "{path}: {status} {answer}");
    }
    for path in NOT_HERE {
        let (status, answer) = node.get(&filled(path)).await;
        assert!([404, 501].contains(&status), "{path}: {status} {answer}");
        let is_cosmos = path.starts_with("/cosmos") || path.starts_with("/ibc");
        assert!(!is_cosmos || (answer["code"] == 12 && answer["details"] == json!([])), "{path}: {answer}");
        let said = answer["message"].as_str().or(answer["detail"].as_str());
        assert!(said.is_some_and(|said| said.len() > 10), "{path}: {answer}");
    }
    sends(node, &admin).await;
    waits(node, &TxHash::of(&tx)).await;
}

/// A wallet tries a transaction, sends it, and has it sent once more.
async fn sends(node: Node, admin: &Person) {
    let status = node.get("/status").await.1;
    assert_eq!(status.pointer("/result/node_info/network"), Some(&json!(CHAIN_ID)), "{status}");
    let tx = admin.appoint(1, &Person::number(2));
    let tx_bytes = BASE64.encode(&tx);
    let (status, tried) = node.post_to("/cosmos/tx/v1beta1/simulate", &json!({ "tx_bytes": tx_bytes })).await;
    let gas = tried["gas_info"]["gas_used"].as_str().and_then(|gas| gas.parse::<u64>().ok());
    assert!(status == 200 && gas.is_some_and(|gas| gas > 0), "{status} {tried}");
    let body = json!({ "tx_bytes": tx_bytes, "mode": "BROADCAST_MODE_SYNC" });
    let (status, sent) = node.post_to("/cosmos/tx/v1beta1/txs", &body).await;
    assert_eq!((status, &sent["tx_response"]["code"]), (200, &json!(0)), "{sent}");
    assert_eq!(sent["tx_response"]["txhash"], TxHash::of(&tx).to_string());
    let (status, again) = node.post_to("/cosmos/tx/v1beta1/txs", &body).await;
    assert_eq!((status, &again["tx_response"]["codespace"]), (200, &json!("sdk")), "{again}");
}

/// A wallet waits for its transaction over a websocket, and asks for it.
async fn waits(node: Node, hash: &TxHash) {
    let (mut socket, _) =
        tokio_tungstenite::connect_async(format!("ws://{}/websocket", node.0)).await.unwrap();
    let base64 = BASE64.encode(hash.0);
    for (id, method, params, place) in [
        (1, "subscribe", json!(["tm.event='NewBlock'"]), ""),
        (2, "tx", json!([base64, false]), "/tx_result/events/0/type"),
        (3, "tx", json!({ "hash": base64, "prove": false }), "/height"),
        (
            4,
            "tx_search",
            json!({ "query": format!("tx.hash='{hash}'"), "prove": false, "page": "1", "per_page": "1", "order_by": "asc" }),
            "/txs/0/hash",
        ),
        (5, "status", json!([]), "/sync_info/latest_block_height"),
    ] {
        let call = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        socket.send(Message::text(call.to_string())).await.unwrap();
        let answer: Value = loop {
            let answer = next(&mut socket).await;
            // What was subscribed to is told in between.
            if answer["id"] == id && answer.pointer("/result/data").is_none() {
                break answer;
            }
        };
        let result = answer.get("result").and_then(|result| result.pointer(place));
        assert!(result.is_some_and(|found| !found.is_null()), "{method} {params}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explorer_s_and_a_wallet_s_usual_requests_are_answered_by_both_engines() {
    let (node, _dir) = solo().await;
    replay(&node).await;
    node.stop().await.unwrap();
    let _turn = turn().await;
    let mut network = Network::prepare(&[10]);
    network.start_all().await;
    network.reaches(0, 1).await;
    replay(network.node(0)).await;
    network.stop_all().await;
}
