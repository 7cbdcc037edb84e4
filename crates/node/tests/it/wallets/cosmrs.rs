//! cosmrs and tendermint-rpc, with their default settings, on both engines.

use sealdesk_node::Node;
use sealdesk_testkit::people::{Person, seed};
use sealdesk_testkit::transaction::appointment;
use sealdesk_testkit::{CHAIN_ID, prefix};
use serde_json::{Value, json};

use super::stranger::{installed, saw};
use super::{solo, url};
use crate::comet::network::{Network, turn};

async fn walk(node: &Node) {
    let sender = Person::number(0);
    let message = |n: u16| {
        let customer = Person::number(n);
        let any = appointment(&sender, &customer);
        let value = json!({ "address": customer.text, "role": "customer", "sender": sender.text });
        json!({ "value": any.value, "amino": { "type": "roles/MsgAssignRole", "value": value } })
    };
    let asked = json!({
        "url": url(node),
        "prefix": prefix().as_str(),
        "key": seed("account", &sender.name, 0),
        "type_url": "/virtengine.roles.v1.MsgAssignRole",
        "messages": [message(1), message(2), message(3)],
    });
    let program = installed("cosmrs", "target/debug/sealdesk-client-cosmrs");
    let seen: Value = saw(program, "", &asked).await;
    let expected = json!({
        "address": sender.text, "before": 0, "after": 4, "direct": 0, "amino": 0, "committed": 0, "again": 7, "told": [true, true],
        "found": [0, 0, 0, 7], "block": 1, "results": 1, "commit": true, "validators": 1, "info": "sealdesk", "genesis": CHAIN_ID,
        "listed": 1, "bytes": seen["bytes"], "metas": true, "peers": 0,
    });
    assert_eq!(seen, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn cosmrs_works_with_an_embedded_ledger() {
    let (node, _dir) = solo().await;
    walk(&node).await;
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn cosmrs_works_with_a_replicated_ledger() {
    let _turn = turn().await;
    let mut network = Network::prepare(&[10]);
    network.start_all().await;
    network.reaches(0, 1).await;
    walk(network.node(0)).await;
    network.stop_all().await;
}
