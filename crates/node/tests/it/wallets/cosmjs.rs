//! CosmJS itself, as it is installed from npm, with its default settings: two of its versions, on both engines.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use prost_types::Any;
use sealdesk_testkit::people::{Person, seed};
use sealdesk_testkit::transaction::{appointment, attempt};
use sealdesk_testkit::{CHAIN_ID, prefix};
use serde_json::{Value, json};
use tokio::process::Command;

use super::stranger::{folder, saw};
use super::{solo, url};
use crate::comet::network::{Network, turn};

const SCRIPT: &str = include_str!("cosmjs.mjs");
pub const VERSIONS: [&str; 2] = ["cosmjs-032", "cosmjs-039"];

fn message(any: &Any) -> Value {
    json!({ "typeUrl": any.type_url, "value": BASE64.encode(&any.value) })
}

/// Has a version of CosmJS walk through the desk at a URL, and gives what it saw.
async fn walk(version: &str, url: &str, agent: &Person) -> Value {
    let sender = Person::number(0);
    let asked = json!({
        "url": url,
        "prefix": prefix().as_str(),
        "key": BASE64.encode(seed("account", &sender.name, 0)),
        "newcomer": Person::new("a newcomer").text,
        "good": message(&appointment(&sender, agent)),
        "refused": message(&attempt(&sender, agent)),
        "attribute": "virtengine.roles.v1.EventRoleAssigned.address",
        "value": agent.text,
    });
    script(version, SCRIPT, &asked).await
}

/// What a script that a version of CosmJS runs says it saw.
pub async fn script(version: &str, script: &str, asked: &Value) -> Value {
    assert!(folder(version).join("node_modules").exists(), "`make clients` installs what this test runs");
    let mut node = Command::new("node");
    node.args(["--input-type=module", "-"]).current_dir(folder(version));
    saw(node, script, asked).await
}

/// What each version must see, who comes n-th.
fn check(seen: &Value, n: u64) {
    let sender = Person::number(0).text;
    assert_eq!(seen["address"], sender, "{seen}");
    assert_eq!(seen["chainId"], CHAIN_ID);
    assert_eq!(seen["before"], json!({ "accountNumber": 0, "sequence": 2 * n }), "{seen}");
    assert_eq!(seen["after"], json!({ "accountNumber": 0, "sequence": 2 * n + 2 }), "{seen}");
    assert_eq!(seen["newcomer"]["sequence"], 0, "everyone has an account, so that they can sign: {seen}");
    assert_eq!(
        (&seen["balance"], &seen["balances"]),
        (&json!({ "denom": "uve", "amount": "0" }), &json!([]))
    );
    assert!(seen["simulated"].as_u64().unwrap() > 0);
    let types = json!(["tx", "tx", "tx", "message", "virtengine.roles.v1.EventRoleAssigned"]);
    assert_eq!((&seen["good"]["code"], &seen["good"]["events"]), (&json!(0), &types), "{seen}");
    assert_ne!(seen["refused"]["code"], 0);
    assert_eq!(seen["refused"]["events"], json!(["tx", "tx", "tx"]), "{seen}");
    let (height, hash) = (&seen["good"]["height"], &seen["good"]["hash"]);
    assert_eq!(seen["found"], json!({ "code": 0, "height": height, "index": 0 }));
    assert_eq!(seen["bySender"].as_array().unwrap().len() as u64, 2 * n + 2, "refused ones too: {seen}");
    assert_eq!((&seen["byHeight"], &seen["byEvent"]), (&json!([hash]), &json!([hash])), "{seen}");
    let unindexed = seen["unindexed"].as_str().unwrap();
    assert!(unindexed.contains("'transfer.recipient' is not in the index"), "{unindexed}");
    assert_eq!((&seen["block"], &seen["batch"]), (&json!(1), &json!([1, height, "sealdesk"])), "{seen}");
    assert!(seen["version"].as_str().unwrap().starts_with("0.38."));
    let expected = json!({
        "info": "sealdesk", "validators": 1, "results": [0], "canonical": true, "signatures": 1, "metas": seen["comet"]["metas"],
        "waiting": 0, "genesis": CHAIN_ID, "searched": 2 * n + 2, "blocks": 1,
    });
    assert_eq!(seen["comet"], expected);
    let told = json!([[height, 0], [seen["refused"]["height"], seen["refused"]["code"]]]);
    assert_eq!(
        (&seen["told"], &seen["blocks"], &seen["error"]),
        (&told, &json!(true), &Value::Null),
        "{seen}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cosmjs_works_with_an_embedded_ledger() {
    let (node, _dir) = solo().await;
    for (n, version) in (0u16..).zip(VERSIONS) {
        check(&walk(version, &url(&node), &Person::number(n + 1)).await, n.into());
    }
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn cosmjs_works_with_a_replicated_ledger() {
    let _turn = turn().await;
    let mut network = Network::prepare(&[10]);
    network.start_all().await;
    network.reaches(0, 1).await;
    for (n, version) in (0u16..).zip(VERSIONS) {
        check(&walk(version, &url(network.node(0)), &Person::number(n + 1)).await, n.into());
    }
    network.stop_all().await;
}
