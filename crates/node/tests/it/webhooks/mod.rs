//! Webhooks of a whole node, on both engines, verified by the library of Standard Webhooks as it is installed from npm.

use std::collections::BTreeMap;
use std::time::Duration;

use sealdesk_node::Node;
use sealdesk_node::clock::{Clock as _, SystemClock};
use sealdesk_node::webhooks::signing::Secret;
use sealdesk_node::webhooks::{Begin, Endpoint, TEST_TYPE, Webhooks};
use sealdesk_protocol::ids::ChainId;
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::people::Person;
use serde_json::{Value, json};

use crate::comet::network::{Network, execute, turn};
use crate::script::{Script, client};
use crate::wallets::asking;
use crate::wallets::{solo, start};

const SCRIPT: &str = include_str!("receiver.mjs");

/// An endpoint in a process of its own, which ends with this.
struct Receiver {
    script: Script,
    port: u64,
    /// What it has taken, by the names of the messages.
    taken: BTreeMap<String, Value>,
}

impl Receiver {
    async fn start(secrets: &[String]) -> Self {
        let args = ["--input-type=module", "--eval", SCRIPT];
        let secrets = json!(secrets).to_string();
        let mut script = Script::start(&client("standardwebhooks"), &args, ("SEALDESK_SECRETS", &secrets));
        let port = script.hear().await["port"].as_u64().unwrap();
        Self { script, port, taken: BTreeMap::new() }
    }

    /// Takes messages until it has so many, and gives by which secrets the last one was verified.
    async fn takes(&mut self, count: usize) -> Value {
        let mut by = Value::Null;
        while self.taken.len() < count {
            let mut said = self.script.hear().await;
            assert_eq!(said["forged"], false, "a body that somebody changed is believed: {said}");
            assert!(!said["message"].is_null(), "{said}");
            by = said["by"].take();
            self.taken.insert(said["id"].as_str().unwrap().to_owned(), said["message"].take());
        }
        by
    }
}

/// Everything that has happened, as REST tells it.
async fn history(node: &Node) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/history{cursor}");
        let (status, mut page) = asking::Node(node.listening()).get(&path).await;
        assert_eq!(status, 200, "{page}");
        all.extend(page["events"].take().as_array().unwrap().clone());
        match page["next_cursor"].as_str().unwrap() {
            "" => return all,
            next => cursor = format!("?cursor={next}"),
        }
    }
}

/// What stands before and after a restart of the node.
struct Trial {
    sequence: u16,
    receiver: Receiver,
    texts: [String; 2],
}

impl Trial {
    async fn new() -> Self {
        let texts = [(); 2].map(|()| Secret::generate().unwrap().reveal().to_string());
        let receiver = Receiver::start(&texts).await;
        Self { sequence: 0, receiver, texts }
    }

    /// Something happens, and the endpoint gets everything that has happened by then. Gives by which secrets the last message was verified.
    async fn happens(&mut self, node: &Node) -> Value {
        let tx = Person::number(0).appoint(self.sequence.into(), &Person::number(self.sequence + 1));
        self.sequence += 1;
        execute(&node.ledger(), &tx).await;
        self.receiver.takes(history(node).await.len()).await
    }

    async fn before(&mut self, node: &Node) {
        let webhooks = Webhooks::of(node.home().path());
        let secret = |n: usize| Secret::parse(&self.texts[n]).unwrap();
        let (old, new) = (secret(0), secret(1));
        let endpoint = Endpoint {
            url: format!("http://127.0.0.1:{}/desk", self.receiver.port),
            allowed: vec!["127.0.0.1/32".parse().unwrap()],
            plain_http: true,
            begin: Begin::Start,
            ..Endpoint::default()
        };
        let (id, _) = webhooks.add(&endpoint, Some(old), now()).unwrap();
        assert_eq!(self.happens(node).await, json!([true, false]));
        // Both secrets sign while one follows the other.
        webhooks.rotate(&id, Some(new), 24, now()).unwrap();
        while self.happens(node).await != json!([true, true]) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // The library takes no message that is older than five minutes.
        let chain_id = ChainId::parse(CHAIN_ID).unwrap();
        let posted = webhooks.test(&id, &chain_id, now() - 3_600).await.unwrap();
        assert_eq!(posted.status, Some(401));
        assert!(self.receiver.script.hear().await["message"].is_null());
        let posted = webhooks.test(&id, &chain_id, now()).await.unwrap();
        assert_eq!(posted.status, Some(204));
        assert_eq!(self.receiver.script.hear().await["message"]["type"], TEST_TYPE);
    }

    async fn after(mut self, node: &Node) {
        self.happens(node).await;
        let all = history(node).await;
        let of_message = |message: &Value| {
            assert_eq!(
                (&message["chain_id"], &message["type"]),
                (&CHAIN_ID.into(), &message["data"]["type"])
            );
            message["data"].clone()
        };
        let mut taken: Vec<Value> = self.receiver.taken.values().map(of_message).collect();
        taken.sort_by_key(|event| all.iter().position(|one| one == event));
        assert_eq!(taken, all, "what is posted is what REST tells");
    }
}

/// In Unix seconds.
fn now() -> i64 {
    SystemClock::default().now() / 1_000
}

#[tokio::test(flavor = "multi_thread")]
async fn the_library_of_standard_webhooks_believes_an_embedded_ledger() {
    let (node, dir) = solo().await;
    let mut trial = Trial::new().await;
    trial.before(&node).await;
    node.stop().await.unwrap();
    let node = start(dir.path()).await;
    trial.after(&node).await;
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_library_of_standard_webhooks_believes_a_replicated_ledger() {
    let _turn = turn().await;
    let mut network = Network::prepare(&[10]);
    network.start_all().await;
    network.reaches(0, 1).await;
    let mut trial = Trial::new().await;
    trial.before(network.node(0)).await;
    network.stop(0).await;
    network.start(0).await;
    trial.after(network.node(0)).await;
    network.stop_all().await;
}
