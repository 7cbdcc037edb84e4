//! A desk in memory with what vectors/bad-input/setup.json tells, and REST over it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use sealdesk_protocol::genesis::Genesis;
use sealdesk_testkit::people::{Person, seed};
use serde::Deserialize;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::api::dispatch::Dispatch;
use crate::api::{Api, Context};
use crate::blobs::Blobs;
use crate::clock::ManualClock;
use crate::desk::{Memory, settle, submit};
use crate::home::BlobsConfig;
use crate::http::source::Source;
use crate::solo::{Setup, Solo};
use crate::validator::ValidatorKey;

/// A folder of the catalogue.
pub(crate) fn vectors(file: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors/bad-input").join(file);
    std::fs::read_to_string(path).unwrap()
}

#[derive(Deserialize)]
struct Told {
    genesis: Genesis,
    blocks: Vec<Block>,
}

#[derive(Deserialize)]
struct Block {
    time: i64,
    #[serde(default)]
    tx: String,
}

/// The desk's people, by the names that the catalogue gives them.
pub(crate) fn person(name: &str) -> Person {
    Person::new(name)
}

/// A desk of which nothing is lost.
pub(crate) struct Desk {
    pub(crate) solo: Solo,
    pub(crate) clock: ManualClock,
    pub(crate) router: Router,
    pub(crate) api: Api,
    pub(crate) context: Context,
    memory: Memory,
    genesis: Genesis,
    /// Where pieces of files are, as long as the desk is there.
    _files: Arc<tempfile::TempDir>,
    /// Of the administrator's next transaction.
    pub(crate) sequence: u64,
}

impl Desk {
    /// The desk as the catalogue leaves it: tickets 1 open; 2 in progress with a response and a note; 3 resolved; 4 closed; 5 waits for
    /// its customer.
    pub(crate) fn new() -> Self {
        let told: Told = serde_json::from_str(&vectors("setup.json")).unwrap();
        let clock = ManualClock::at(told.genesis.time().unwrap() * 1_000);
        let mut desk = Self::open(Memory::default(), told.genesis, clock);
        for block in told.blocks {
            desk.clock.set(block.time * 1_000);
            if !block.tx.is_empty() {
                let told = submit(&desk.solo, &hex::decode(block.tx).unwrap()).unwrap();
                settle(&mut desk.solo, &desk.clock);
                assert_eq!(told.record().code, 0, "{}", told.record().log);
            }
        }
        desk.clock.advance(61_000);
        let admin = person("admin").address;
        desk.sequence = desk.machine_sequence(&admin);
        desk
    }

    fn open(memory: Memory, genesis: Genesis, clock: ManualClock) -> Self {
        let key = ValidatorKey::from_seed(&seed("ed25519", "validator", 0));
        let setup =
            Setup { disks: memory.disks(), genesis: genesis.clone(), key, clock: Arc::new(clock.clone()) };
        let solo = Solo::open(setup).unwrap();
        let api = Api::new(solo.handle().clone(), BTreeMap::new());
        let context = Context {
            dispatch: Dispatch::new(api.routes().unwrap()),
            api: api.clone(),
            genesis: Arc::new(genesis.clone()),
            moniker: "test".into(),
            addresses: Arc::default(),
        };
        let files = Arc::new(tempfile::tempdir().unwrap());
        let blobs = Blobs::open(files.path(), api.clone(), None, &BlobsConfig::default()).unwrap();
        let router = crate::rest::router(context.clone()).merge(blobs.router());
        Self { _files: files, router, solo, clock, api, context, memory, genesis, sequence: 0 }
    }

    /// Another desk with the same past, which goes its own way.
    pub(crate) fn copy(&mut self) -> Self {
        self.solo.sync().unwrap();
        let clock = ManualClock::at(0);
        clock.set(crate::clock::Clock::now(&self.clock));
        let copy = Self::open(self.memory.copy(), self.genesis.clone(), clock);
        Self { sequence: self.sequence, ..copy }
    }

    fn machine_sequence(&self, address: &sealdesk_protocol::ids::Address) -> u64 {
        let tip = self.api.ledger().tip();
        self.api.ledger().machine().account_sequence(&tip.snapshot, address).unwrap()
    }

    /// Lists somebody as a customer, which is an event.
    pub(crate) fn appoint(&mut self, number: u16) {
        let tx = person("admin").appoint(self.sequence, &Person::number(number));
        self.sequence += 1;
        let told = submit(&self.solo, &tx).unwrap();
        settle(&mut self.solo, &self.clock);
        assert_eq!(told.record().code, 0, "{}", told.record().log);
    }

    /// The answer to a request as it comes.
    pub(crate) async fn send(&self, mut request: Request<Body>) -> Response<Body> {
        request.extensions_mut().insert(Source::Own);
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// A whole answer.
    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        let (head, body) = self.send(request).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: head.status, headers: head.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }
}
