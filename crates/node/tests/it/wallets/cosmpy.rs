//! cosmpy, as it is installed from PyPI, with its default settings: over gRPC and REST, on both engines.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sealdesk_node::Node;
use sealdesk_testkit::people::{Person, seed};
use sealdesk_testkit::{CHAIN_ID, prefix};
use serde_json::json;
use tokio::process::Command;

use super::solo;
use super::stranger::{folder, saw};
use crate::comet::network::{Network, turn};

const SCRIPT: &str = include_str!("cosmpy.py");
const DOORS: [&str; 2] = ["grpc+http", "rest+http"];

/// Lists a customer through each door in turn.
async fn walk(node: &Node) {
    let sender = Person::number(0);
    for (n, door) in (0u16..).zip(DOORS) {
        let asked = json!({
            "url": format!("{door}://{}", node.listening()),
            "chain": CHAIN_ID,
            "prefix": prefix().as_str(),
            "key": BASE64.encode(seed("account", &sender.name, 0)),
            "newcomer": Person::new("a newcomer").text,
            "customer": Person::number(n + 1).text,
        });
        assert!(folder("cosmpy").join("packages").exists(), "`make clients` installs what this test runs");
        let mut python = Command::new("python3");
        python.arg("-").current_dir(folder("cosmpy")).env("PYTHONPATH", "packages");
        let seen = saw(python, SCRIPT, &asked).await;
        let events = json!(["message", "tx", "virtengine.roles.v1.EventRoleAssigned"]);
        let height = &seen["good"]["height"];
        let expected = json!({
            "address": sender.text, "chain": CHAIN_ID, "before": n, "after": n + 1, "newcomer": 0, "balance": 0, "balances": 0,
            "validators": 0, "app": "sealdesk", "good": { "code": 0, "height": height, "events": events }, "refused": seen["refused"],
            "found": 0, "block": height, "by_sender": 1,
        });
        assert_eq!(seen, expected, "{door}");
        let refused = seen["refused"].as_str().unwrap();
        assert!(refused.contains("has that role already"), "{door}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cosmpy_works_with_an_embedded_ledger() {
    let (node, _dir) = solo().await;
    walk(&node).await;
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn cosmpy_works_with_a_replicated_ledger() {
    let _turn = turn().await;
    let mut network = Network::prepare(&[10]);
    network.start_all().await;
    network.reaches(0, 1).await;
    walk(network.node(0)).await;
    network.stop_all().await;
}
