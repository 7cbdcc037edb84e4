//! JSON-RPC asked over HTTP, the same questions on both engines, and what a stranger may not do with it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::{SinkExt as _, StreamExt as _};
use prost::Message as _;
use sealdesk_node::Node as Running;
use sealdesk_node::home::Home;
use sealdesk_protocol::block::SignedHeader;
use sealdesk_protocol::engine::EngineKind;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::cosmos::auth::v1beta1::{QueryAccountInfoRequest, QueryAccountInfoResponse};
use sealdesk_testkit::people::Person;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::asking::Node;
use super::{solo, start};
use crate::comet::network::{Network, execute, turn};
use crate::desk::waiting::within;

const ACCOUNT: &str = "/cosmos.auth.v1beta1.Query/AccountInfo";
const ASSIGNED: &str = "virtengine.roles.v1.EventRoleAssigned";

/// What the same transactions came to, without what engines give differently: heights and times.
async fn walk(running: &Running) -> Vec<Value> {
    let (node, admin, agent) = (Node(running.listening()), Person::number(0), Person::number(1));
    let ledger = running.ledger();
    let (good, refused) = (admin.appoint(0, &agent), admin.attempt(1, &agent));
    let height = execute(&ledger, &good).await;
    let answer = node.call("broadcast_tx_commit", json!({ "tx": BASE64.encode(&refused) })).await;
    assert_eq!(
        (&answer["check_tx"]["code"], &answer["tx_result"]["codespace"]),
        (&json!(0), &json!("support"))
    );

    let search = async |query: String| {
        let found = node.call("tx_search", json!({ "query": query, "order_by": "desc" })).await;
        let hashes = found["txs"].as_array().unwrap().iter();
        let hashes: Vec<String> = hashes.map(|tx| tx["hash"].as_str().unwrap().to_owned()).collect();
        assert_eq!(found["total_count"], hashes.len().to_string(), "{query}");
        hashes
    };
    let (first, second) = (TxHash::of(&good).to_string(), TxHash::of(&refused).to_string());
    let both = vec![second.clone(), first.clone()];
    let (one, two) = (vec![first.clone()], vec![second.clone()]);
    assert_eq!(search(format!("message.sender='{}'", admin.text)).await, both);
    assert_eq!(search(format!("message.sender='{}' AND tx.height<={height}", admin.text)).await, one);
    assert_eq!(search(format!("tx.acc_seq='{}/1'", admin.text)).await, two);
    assert_eq!(search("message.action='/virtengine.support.v1.MsgCloseTicket'".to_owned()).await, two);
    assert_eq!(search(format!("{ASSIGNED}.address='{}'", agent.text)).await, one);
    assert_eq!(search(format!("{ASSIGNED}.address='\"{}\"'", agent.text)).await, one, "as JSON has it");
    assert_eq!(search(format!("tx.hash='{first}'")).await, one);
    assert_eq!(search(format!("tm.event='Tx' AND tx.height={height}")).await, one);
    assert!(search(format!("message.sender='{}'", agent.text)).await.is_empty());

    let mut results = Vec::new();
    for (hash, bytes) in [(TxHash::of(&good), &good), (TxHash::of(&refused), &refused)] {
        let found = node.call("tx", json!({ "hash": BASE64.encode(hash.0) })).await;
        assert_eq!(found["tx"], BASE64.encode(bytes), "also of one that was refused");
        let at = json!({ "height": found["height"] });
        let of_block = node.call("block_results", at.clone()).await;
        assert_eq!(of_block["txs_results"], json!([found["tx_result"]]));
        let block = node.call("block", at.clone()).await;
        assert_eq!(block["block"]["data"]["txs"], json!([found["tx"]]));
        let commit = node.call("commit", at).await;
        assert_eq!(commit["signed_header"]["commit"]["block_id"], block["block_id"]);
        assert_eq!(commit["signed_header"]["header"], block["block"]["header"]);
        results.push(found["tx_result"].clone());
    }
    // What a client of CometBFT reads is the header that the validators signed.
    let commit = node.call("commit", json!({ "height": height.to_string() })).await;
    let read: SignedHeader = serde_json::from_value(commit["signed_header"].clone()).unwrap();
    let tip = ledger.tips().at(height).unwrap();
    assert_eq!(read.header().hash(), ledger.signed(&tip).await.unwrap().header.header().hash());
    results
}

/// A block by its hash, in every form in which CometBFT's clients write one.
async fn ask_by_hash(node: Node, height: u64) {
    let known = node.call("block", json!({ "height": height.to_string() })).await;
    let header = json!({ "header": known["block"]["header"] });
    let large = known["block_id"]["hash"].as_str().unwrap();
    let (small, base64) = (large.to_lowercase(), BASE64.encode(hex::decode(large).unwrap()));
    for (method, expected) in [("block_by_hash", &known), ("header_by_hash", &header)] {
        for hash in [large, &small, &base64, &format!("0x{large}")] {
            assert_eq!(
                &node.call(method, json!({ "hash": hash })).await,
                expected,
                "{method} {height} {hash}"
            );
            assert_eq!(&node.call(method, json!([hash])).await, expected, "{method} {height} {hash}");
        }
        for hash in
            [format!("0x{large}"), format!("0x{small}"), format!("%22{large}%22"), format!("%220x{small}%22")]
        {
            let (code, answer) = node.get(&format!("/{method}?hash={hash}")).await;
            assert_eq!((code, &answer["result"]), (200, expected), "{method} {height} {hash}: {answer}");
        }
        for no_hash in [json!({}), json!({ "hash": "AAAA" }), json!({ "hash": 7 })] {
            assert_eq!(node.refused(method, no_hash).await["code"], -32_602, "{method}");
        }
        let unknown = node.refused(method, json!({ "hash": "0".repeat(64) })).await;
        assert_eq!(unknown["code"], -32_603, "{unknown}");
    }
    for tx in known["block"]["data"]["txs"].as_array().unwrap() {
        let hash = TxHash::of(&BASE64.decode(tx.as_str().unwrap()).unwrap());
        for given in [BASE64.encode(hash.0), hash.to_string()] {
            assert_eq!(&node.call("tx", json!({ "hash": given })).await["tx"], tx, "{given}");
        }
        for given in [format!("0x{hash}"), format!("%22{hash}%22")] {
            assert_eq!(&node.get(&format!("/tx?hash={given}")).await.1["result"]["tx"], tx, "{given}");
        }
    }
}

/// What is said of blocks whose states are not at hand any more is what was said of them when they were new.
async fn ask_of_old_blocks(running: &Running) {
    let (node, admin, ledger) = (Node(running.listening()), Person::number(0), running.ledger());
    for n in 2..22u16 {
        execute(&ledger, &admin.appoint(n.into(), &Person::number(n))).await;
    }
    let newest = ledger.tip().height;
    assert!(ledger.tips().at(2).is_none(), "it is older than what is at hand");
    for height in 1..newest {
        let results = node.call("block_results", json!({ "height": height.to_string() })).await;
        let next = node.call("header", json!({ "height": (height + 1).to_string() })).await;
        let root = hex::decode(next["header"]["app_hash"].as_str().unwrap()).unwrap();
        assert_eq!(results["app_hash"], BASE64.encode(root), "block {height} of {newest}");
    }
    ask_by_hash(node, newest).await;
    // The embedded ledger has no list of hashes.
    match ledger.engine() {
        EngineKind::Solo => {
            let old = node.call("header", json!({ "height": "3" })).await["header"]["last_block_id"].clone();
            let refused = node.refused("block_by_hash", json!({ "hash": old["hash"] })).await;
            assert!(refused["data"].as_str().unwrap().contains("newest blocks"), "{refused}");
        }
        EngineKind::Comet => ask_by_hash(node, 2).await,
    }
}

/// What needs no transaction.
async fn ask_around(running: &Running) {
    let node = Node(running.listening());
    let status = node.call("status", json!([])).await;
    assert!(status["node_info"]["version"].as_str().unwrap().starts_with("0.38."), "{status}");
    assert_eq!(status["sync_info"]["latest_block_hash"].as_str().unwrap().len(), 64, "{status}");
    assert_eq!(status["sync_info"]["earliest_block_height"], "1");
    assert_eq!(status["validator_info"]["address"].as_str().unwrap().len(), 40, "{status}");
    let (code, by_uri) = node.get("/status").await;
    assert_eq!((code, &by_uri["id"]), (200, &json!(-1)));
    assert_eq!(by_uri["result"]["node_info"], status["node_info"]);

    let request = QueryAccountInfoRequest { address: Person::number(5).text };
    let data = hex::encode(request.encode_to_vec());
    let by_name = node.call("abci_query", json!({ "path": ACCOUNT, "data": data })).await;
    assert_eq!(by_name["response"]["code"], 0, "{by_name}");
    let value = BASE64.decode(by_name["response"]["value"].as_str().unwrap()).unwrap();
    let info = QueryAccountInfoResponse::decode(value.as_slice()).unwrap().info.unwrap();
    assert_eq!((info.address, info.sequence), (request.address, 0));
    let by_position = node.call("abci_query", json!([ACCOUNT, data, null, false])).await;
    assert_eq!(by_position["response"]["value"], by_name["response"]["value"]);
    let (_, by_uri) = node.get(&format!("/abci_query?path=%22{ACCOUNT}%22&data=0x{data}")).await;
    assert_eq!(by_uri["result"]["response"]["value"], by_name["response"]["value"], "{by_uri}");

    let batch = json!([
        { "jsonrpc": "2.0", "id": "a", "method": "health" },
        { "jsonrpc": "2.0", "method": "health" },
        { "jsonrpc": "2.0", "id": 7, "method": "no_such_thing", "params": [] },
    ]);
    let (code, answers) = node.post(&batch).await;
    assert_eq!(
        (code, answers.as_array().unwrap().len()),
        (200, 2),
        "nobody waits for one without an id: {answers}"
    );
    assert_eq!((&answers[0]["id"], &answers[0]["result"]), (&json!("a"), &json!({})));
    assert_eq!((&answers[1]["id"], &answers[1]["error"]["code"]), (&json!(7), &json!(-32_601)));
    refused_around(node, &batch[0]).await;
}

/// What is refused, and how.
async fn refused_around(node: Node, call: &Value) {
    for (method, params, expected) in [
        ("dump_consensus_state", json!({}), -32_601),
        ("unconfirmed_txs", json!({}), -32_601),
        ("subscribe", json!({ "query": "tm.event='Tx'" }), -32_601),
        ("block", json!({ "height": "1000000" }), -32_603),
        ("block", json!({ "height": "0" }), -32_603),
        ("block", json!({ "height": "-1" }), -32_603),
        ("tx", json!({ "hash": BASE64.encode([0; 32]) }), -32_603),
        ("tx", json!({ "hash": "AAAA" }), -32_602),
        ("tx_search", json!({ "query": "transfer.amount='5'" }), -32_602),
        ("tx_search", json!({ "query": "message.sender='a' OR tx.height=1" }), -32_602),
        ("tx_search", json!({ "query": "tx.height=1", "page": "0" }), -32_603),
        ("tx_search", json!({ "query": "tx.height=1", "prove": true }), -32_602),
        ("validators", json!({ "page": "9" }), -32_603),
    ] {
        let error = node.refused(method, params.clone()).await;
        assert_eq!(error["code"], expected, "{method} {params}: {error}");
        assert!(error["data"].as_str().is_some_and(|why| why.len() > 10), "{error}");
    }
    for method in [
        "broadcast_evidence",
        "consensus_state",
        "dial_peers",
        "dial_seeds",
        "dump_consensus_state",
        "subscribe",
        "unsafe_flush_mempool",
        "unsubscribe",
        "unsubscribe_all",
    ] {
        let (code, by_uri) = node.get(&format!("/{method}")).await;
        let posted = node.refused(method, json!({})).await;
        assert_eq!((code, &by_uri["id"], &by_uri["error"]), (500, &json!(-1), &posted), "{method}: {by_uri}");
        let why = posted["data"].as_str().unwrap();
        assert!(posted["code"] == -32_601 && why.contains("is not here: "), "{posted}");
    }
    let many = vec![call.clone(); 21];
    assert_eq!(node.post(&json!(many)).await.1["error"]["code"], -32_600);
    assert_eq!(node.post(&json!("x")).await.1["error"]["code"], -32_600);
    assert_eq!(node.get("/block?height=1000000").await.0, 500);
    for (path, code) in [
        ("/store/bank/key", 6),
        ("/a.B/C", 6),
        ("/sealdesk.ledger.v1.Ledger/Follow", 6),
        ("/cosmos.bank.v1beta1.Query/Balance", 18),
    ] {
        let refused = node.call("abci_query", json!({ "path": path, "data": "" })).await;
        assert_eq!(refused["response"]["code"], code, "{refused}");
        assert_eq!(refused["response"]["codespace"], "sdk");
    }
    let genesis = node.call("genesis", json!({})).await;
    let parts = node.call("genesis_chunked", json!({ "chunk": 0 })).await;
    let part = BASE64.decode(parts["data"].as_str().unwrap()).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&part).unwrap(), genesis["genesis"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_engines_have_one_surface() {
    let (node, _dir) = solo().await;
    ask_around(&node).await;
    let embedded = walk(&node).await;
    ask_of_old_blocks(&node).await;
    node.stop().await.unwrap();
    let _turn = turn().await;
    let mut network = Network::prepare(&[10]);
    network.start_all().await;
    network.reaches(0, 1).await;
    ask_around(network.node(0)).await;
    let replicated = walk(network.node(0)).await;
    ask_of_old_blocks(network.node(0)).await;
    network.stop_all().await;
    for (one, other) in embedded.iter().zip(&replicated) {
        let untimed = |result: &Value| {
            let mut result = result.clone();
            for event in result["events"].as_array_mut().unwrap() {
                let attributes = event["attributes"].as_array_mut().unwrap();
                attributes.retain(|at| at["key"] != "block_height" && at["key"] != "timestamp");
            }
            result
        };
        assert_eq!(untimed(one), untimed(other));
    }
    assert_eq!(embedded.len(), replicated.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_tells_what_it_was_asked_to_and_no_more() {
    let (node, _dir) = solo().await;
    let admin = Person::number(0);
    let (mut socket, _) =
        tokio_tungstenite::connect_async(format!("ws://{}/websocket", node.listening())).await.unwrap();
    let queries = [
        format!("tm.event='Tx' AND message.sender='{}'", Person::number(9).text),
        "tm.event='Tx'".to_owned(),
    ];
    for (id, query) in queries.iter().enumerate() {
        let request =
            json!({ "jsonrpc": "2.0", "id": id, "method": "subscribe", "params": { "query": query } });
        socket.send(Message::text(request.to_string())).await.unwrap();
        assert_eq!(next(&mut socket).await, json!({ "jsonrpc": "2.0", "id": id, "result": {} }));
    }
    for n in 0..3u16 {
        execute(&node.ledger(), &admin.appoint(n.into(), &Person::number(n + 1))).await;
    }
    for n in 0..3u64 {
        let told = next(&mut socket).await;
        assert_eq!((&told["id"], &told["result"]["query"]), (&json!(1), &json!(queries[1])), "{told}");
        let events = &told["result"]["events"];
        assert_eq!(events["tx.acc_seq"], json!([format!("{}/{n}", admin.text)]), "each once and in order");
    }
    for (method, params, is_known) in [
        ("unsubscribe", json!([queries[1]]), true),
        ("unsubscribe", json!([queries[1]]), false),
        ("status", json!({}), true),
    ] {
        let request = json!({ "jsonrpc": "2.0", "id": method, "method": method, "params": params });
        socket.send(Message::text(request.to_string())).await.unwrap();
        let answer = next(&mut socket).await;
        assert_eq!((&answer["id"], answer["error"].is_null()), (&json!(method), is_known), "{answer}");
    }
    socket.send(Message::text("not JSON")).await.unwrap();
    assert_eq!(next(&mut socket).await["error"]["code"], -32_700);
    node.stop().await.unwrap();
    let end = async { while let Some(Ok(_)) = socket.next().await {} };
    within("the end of the websocket", end).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_dropped_old_blocks_says_so_and_finds_the_rest() {
    let (running, dir) = solo().await;
    let admin = Person::number(0);
    for n in 0..4u16 {
        execute(&running.ledger(), &admin.appoint(n.into(), &Person::number(n + 1))).await;
    }
    let header = Node(running.listening()).call("header", json!({ "height": 2 })).await;
    running.stop().await.unwrap();
    let pruned = sealdesk_node::prune(&Home::new(dir.path()), 2).unwrap();
    let running = start(dir.path()).await;
    let node = Node(running.listening());
    let status = node.call("status", json!({})).await;
    assert_eq!(status["sync_info"]["earliest_block_height"], pruned.history_from.to_string());
    assert_eq!(status["sync_info"]["earliest_block_hash"].as_str().unwrap().len(), 64, "{status}");
    let gone = node.refused("block", json!({ "height": 2 })).await;
    assert!(gone["data"].as_str().unwrap().contains("lowest height is"), "{gone}");
    assert_eq!(node.call("header", json!({ "height": 2 })).await, header, "the signed header stays");
    let by_sender = json!({ "query": format!("message.sender='{}'", admin.text) });
    let found = node.call("tx_search", by_sender).await;
    assert_eq!(found["history_from"], pruned.history_from.to_string());
    let left = found["txs"].as_array().unwrap();
    assert!(left.len() < 4, "{found}");
    assert_eq!(found["total_count"], json!(left.len().to_string()));
    let first = TxHash::of(&admin.appoint(0, &Person::number(1)));
    let lost = node.refused("tx", json!({ "hash": BASE64.encode(first.0) })).await;
    assert!(lost["data"].as_str().unwrap().contains("history begins with block"), "{lost}");
    let metas = node.call("blockchain", json!({})).await["block_metas"].as_array().unwrap().len();
    assert!((1..=3).contains(&metas), "only what is here: {metas}");
    running.stop().await.unwrap();
}

/// The next text of a websocket.
pub async fn next<S>(socket: &mut S) -> Value
where
    S: futures_util::Stream<Item = Result<Message, tokio_tungstenite::tungstenite::Error>> + Unpin,
{
    loop {
        match within("a message", socket.next()).await.unwrap().unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    }
}
