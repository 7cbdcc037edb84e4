//! A page with connect-web in a real Chromium, under a strict policy: from the origin that the operator allows, and from another one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sealdesk_node::Node;
use sealdesk_node::port::PortConfig;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire;
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::people::Person;
use serde_json::{Value, json};

use crate::comet::network::{Network, execute, turn};
use crate::port::start_in;
use crate::script::{Script, client};
use crate::wallets::url;

const EVENT: &str = "virtengine.roles.v1.EventRoleAssigned";

/// Has a page do what pages do with a node that allows one origin, and checks what it saw.
async fn pages_work(mut browser: Script, node: &Node) {
    browser.say(&json!({ "node": url(node), "descriptors": BASE64.encode(wire::DESCRIPTORS) })).await;
    let mut hashes = Vec::new();
    for number in 1..=3_u16 {
        assert_eq!(browser.hear().await, json!({ "act": number }));
        let tx = Person::number(0).appoint(u64::from(number) - 1, &Person::number(number));
        execute(&node.ledger(), &tx).await;
        hashes.push(TxHash::of(&tx).to_string());
        browser.say(&json!({})).await;
    }
    let seen = browser.hear().await;
    assert_eq!(seen["chainId"], CHAIN_ID, "{seen}");
    assert_eq!(seen["noTicket"]["code"], "NotFound", "{seen}");
    let info = &seen["noTicket"]["details"][0];
    assert_eq!(info["domain"], "sealdesk", "the details of an error reach a page: {seen}");
    let expected: Vec<Value> = hashes.iter().map(|hash| json!({ "type": EVENT, "txHash": hash })).collect();
    assert_eq!(seen["events"], json!(expected), "as they happen, each once, in order");
    assert_eq!(seen["ended"]["code"], "Canceled", "the page left by itself: {seen}");
    for refused in ["refused", "stream"] {
        assert_eq!(seen[refused]["code"], "Unknown", "no page of another origin is answered: {seen}");
    }
    assert_eq!((&seen["nothing"], &seen["problems"]), (&json!([]), &json!([])), "{seen}");
}

async fn begin() -> (Script, String) {
    let mut browser = Script::start(&client("browser"), &["connect.mjs"], ("SEALDESK_TEST", "connect"));
    let origin = browser.hear().await["origin"].as_str().unwrap().to_owned();
    (browser, origin)
}

#[tokio::test(flavor = "multi_thread")]
async fn connect_web_works_in_chromium_with_an_embedded_ledger() {
    let (browser, origin) = begin().await;
    let dir = tempfile::tempdir().unwrap();
    let config = PortConfig { cors_origins: vec![origin], ..PortConfig::default() };
    let node = start_in(&dir, config, "127.0.0.1:0").await.unwrap();
    pages_work(browser, &node).await;
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn connect_web_works_in_chromium_with_a_replicated_ledger() {
    let _turn = turn().await;
    let (browser, origin) = begin().await;
    let mut network = Network::prepare(&[10]);
    let file = network.homes[0].config_file();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}[port]\ncors_origins = [{origin:?}]\n")).unwrap();
    network.start_all().await;
    network.reaches(0, 1).await;
    pages_work(browser, network.node(0)).await;
    network.stop_all().await;
}
