//! Notices over a desk in memory, and a push service on loopback that opens what it is given: who is told of what, and what never leaves.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use p256::SecretKey;
use prost_types::Any;
use sealdesk_protocol::genesis::GenesisValidator;
use sealdesk_protocol::node_request::{NodeRequest as _, SignedRequest};
use sealdesk_protocol::push::{PushAct, PushRequest};
use sealdesk_testkit::desk::{Desk, genesis_at};
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{assign, assign_role, create, note, register, respond};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use super::sealing::{MESSAGE_BYTES, TEXT_BYTES, open as opened};
use super::*;
use crate::clock::ManualClock;
use crate::desk::waiting::until;
use crate::desk::{BEGIN, Memory, clock, execute, validator};
use crate::ledger::Ledger as _;
use crate::signed_request::now;
use crate::solo::{Setup, Solo};

/// A pace at which a test can wait.
fn quick() -> RetryPolicy {
    RetryPolicy {
        between: Duration::from_millis(20),
        pauses: vec![Duration::from_millis(20); 2],
        wait: Duration::from_secs(5),
    }
}

/// A desk with three people whose keys have aged, its notices, and the same desk once more, by which messages are made.
struct World {
    twin: Desk,
    solo: Solo,
    clock: ManualClock,
    push: Push,
    dir: tempfile::TempDir,
}

impl World {
    fn new(config: PushConfig) -> Self {
        let clock = clock();
        let [admin, agent, customer] = ["admin", "agent", "customer"].map(Person::new);
        let one = GenesisValidator::new(&validator().public_key(), 10, "test");
        let genesis = genesis_at(BEGIN, &[&admin], one);
        let twin = Desk::from_genesis(&genesis);
        let setup = Setup {
            disks: Memory::default().disks(),
            genesis,
            key: validator(),
            clock: Arc::new(clock.clone()),
        };
        let (solo, dir) = (Solo::open(setup).unwrap(), tempfile::tempdir().unwrap());
        let api = Api::new(solo.handle().clone(), BTreeMap::new());
        let push = Push::start(&Home::new(dir.path()), &api, config, quick()).unwrap();
        let mut world = Self { twin, solo, clock, push, dir };
        world.act(&admin, vec![register(&admin, 0), assign_role(&admin, &agent, "support_agent")]);
        world.act(&agent, vec![register(&agent, 0)]);
        world.act(&customer, vec![register(&customer, 0)]);
        world.clock.advance(61_000);
        world.twin.pass_to(world.twin.time + 61);
        world
    }

    fn act(&mut self, person: &Person, messages: Vec<Any>) {
        self.twin.must(person, messages);
        let (.., txs) = self.twin.blocks.last().unwrap();
        let tx = txs.last().unwrap().clone();
        let record = execute(&mut self.solo, &self.clock, &tx);
        assert_eq!(record.code, 0, "{}", record.log);
    }

    /// Asks for a method, by the signature of somebody or of nobody.
    async fn ask(&self, method: &str, who: Option<&Person>, body: &Value) -> (StatusCode, Value) {
        let body = body.to_string();
        let mut request = Request::builder().method(method).uri("/push");
        if let Some(person) = who {
            request = request.header(header::AUTHORIZATION, self.signed(person, method, body.as_bytes(), 0));
        }
        let answer = self.push.router().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    fn signed(&self, person: &Person, method: &str, body: &[u8], ago: i64) -> String {
        let act = if method == "PUT" { PushAct::Subscribe } else { PushAct::Unsubscribe };
        let machine = self.solo.handle().machine();
        let request = PushRequest { ledger: machine.chain_id(), identity: machine.identity(), act, body };
        let (account, made) = (person.address.clone(), now() - ago);
        let signature = person.sign_text(&request.text(&account, made)).try_into().unwrap();
        SignedRequest { account, made, public_key: person.public, signature }.to_header::<PushRequest<'_>>()
    }

    async fn subscribe(&self, person: &Person, browser: &Browser) {
        let (status, said) = self.ask("PUT", Some(person), &browser.device()).await;
        assert_eq!(status, StatusCode::OK, "{said}");
    }
}

/// What a push service got.
#[derive(Clone, Debug)]
struct Got {
    headers: HeaderMap,
    body: Vec<u8>,
}

/// A browser, and its push service.
#[derive(Clone)]
struct Browser {
    secret: SecretKey,
    address: SocketAddr,
    got: Arc<Mutex<Vec<Got>>>,
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Browser {
    /// One whose push service answers so, one after the other, and then with 201.
    async fn start(answers: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let browser = Self {
            secret: vapid::random_scalar().unwrap(),
            address: listener.local_addr().unwrap(),
            got: Arc::default(),
            answers: Arc::new(Mutex::new(answers.to_vec())),
        };
        let own = browser.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let own = own.clone();
                tokio::spawn(async move {
                    let service = service_fn(|request| own.clone().answer(request));
                    let http = hyper::server::conn::http1::Builder::new();
                    let _ = http.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        browser
    }

    async fn answer(self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        self.got.lock().unwrap().push(Got { headers: head.headers, body });
        let mut answers = self.answers.lock().unwrap();
        let status = if answers.is_empty() { 201 } else { answers.remove(0) };
        let mut response = Response::new(Full::new(Bytes::new()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        Ok(response)
    }

    fn device(&self) -> Value {
        json!({
            "endpoint": format!("http://{}/device", self.address),
            "p256dh": URL_SAFE_NO_PAD.encode(self.secret.public_key().to_sec1_bytes()),
            "auth": URL_SAFE_NO_PAD.encode([7; 16]),
            "page": "https://desk.example",
            "language": "de",
        })
    }

    fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    async fn gets(&self, count: usize) -> Vec<Got> {
        until("messages", async || {
            let got = self.got().len();
            if got >= count { Ok(()) } else { Err(got) }
        })
        .await;
        self.got()
    }
}

fn here() -> PushConfig {
    PushConfig { allowed: vec!["127.0.0.0/8".parse().unwrap()], ..PushConfig::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_told_of_an_assignment_and_of_answers_and_always_the_same() {
    let mut world = World::new(here());
    let [admin, agent, customer] = ["admin", "agent", "customer"].map(Person::new);
    let everyone = [&admin, &agent, &customer];
    let (theirs, agents, admins) =
        (Browser::start(&[]).await, Browser::start(&[]).await, Browser::start(&[]).await);
    for (person, browser) in [(&customer, &theirs), (&agent, &agents), (&admin, &admins)] {
        world.subscribe(person, browser).await;
    }
    let message = create(&world.twin, &customer, &[&admin, &customer]);
    world.act(&customer, vec![message]);
    world.act(&admin, vec![assign(&admin, 1, &agent)]);
    agents.gets(1).await;
    let message = note(&world.twin, &admin, 1, &[&admin, &agent]);
    world.act(&admin, vec![message]);
    let message = respond(&world.twin, &agent, 1, &everyone);
    world.act(&agent, vec![message]);
    let got = theirs.gets(1).await;
    let message = respond(&world.twin, &customer, 1, &everyone);
    world.act(&customer, vec![message]);
    agents.gets(2).await;
    // Who takes a ticket is not told so. The answer is the last of all: the others have heard of everything by then.
    world.act(&admin, vec![assign(&admin, 1, &admin)]);
    let message = respond(&world.twin, &customer, 1, &[&admin, &customer]);
    world.act(&customer, vec![message]);
    admins.gets(1).await;
    assert_eq!((theirs.got().len(), agents.got().len(), admins.got().len()), (1, 2, 1));

    let Got { headers, body } = &got[0];
    assert_eq!(body.len(), MESSAGE_BYTES);
    let text = opened(body, &theirs.secret, [7; 16]).unwrap();
    assert_eq!(text.len(), TEXT_BYTES);
    let text: Vec<u8> = text.into_iter().take_while(|byte| *byte != 2).collect();
    let expected = json!({ "web_push": 8030, "notification": {
        "title": "Sealdesk: etwas Neues", "lang": "de", "dir": "ltr", "tag": "sealdesk", "navigate": "https://desk.example/",
    }});
    assert_eq!(serde_json::from_slice::<Value>(&text).unwrap(), expected);
    assert_eq!(
        (&headers["ttl"], &headers["content-encoding"]),
        (&"43200".parse().unwrap(), &"aes128gcm".parse().unwrap())
    );
    let (_, said) = world.ask("GET", None, &Value::Null).await;
    let key = format!("k={}", said["key"].as_str().unwrap());
    assert!(headers[header::AUTHORIZATION].to_str().unwrap().ends_with(&key));
    let topics: Vec<_> = agents.got().iter().map(|got| got.headers["topic"].clone()).collect();
    assert!(
        topics[0] == topics[1] && topics[0] != headers["topic"],
        "a ticket of a device has one: {topics:?}"
    );
    assert!(agents.got()[0].body != agents.got()[1].body, "each is sealed anew");
    let told = format!("{headers:?}");
    assert!(!told.contains("TKT") && !told.contains(customer.address.as_str()), "{told}");
    world.push.clone().stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_busy_is_asked_again_and_a_device_that_is_gone_is_forgotten() {
    let mut world = World::new(here());
    let [admin, agent, customer] = ["admin", "agent", "customer"].map(Person::new);
    let (busy, gone) = (Browser::start(&[503, 429, 201]).await, Browser::start(&[410]).await);
    world.subscribe(&agent, &busy).await;
    world.subscribe(&admin, &gone).await;
    let message = create(&world.twin, &customer, &[&admin, &customer]);
    world.act(&customer, vec![message]);
    world.act(&admin, vec![assign(&admin, 1, &agent)]);
    busy.gets(3).await;
    world.act(&admin, vec![assign(&admin, 1, &admin)]);
    let message = respond(&world.twin, &customer, 1, &[&admin, &customer]);
    world.act(&customer, vec![message]);
    gone.gets(1).await;
    let file = |person: &Person| world.dir.path().join(DIR).join(format!("{}.json", person.address));
    until("the device is forgotten", async || if file(&admin).exists() { Err(()) } else { Ok(()) }).await;
    assert!(file(&agent).exists());
    // Somebody who ends it hears of nothing more.
    let endpoint = json!({ "endpoint": busy.device()["endpoint"] });
    assert_eq!(world.ask("DELETE", Some(&agent), &endpoint).await, (StatusCode::OK, json!({ "devices": 0 })));
    assert!(!file(&agent).exists());
    world.push.clone().stop().await;
}

/// A device of a push service that is far away.
fn far(browser: &Browser) -> Value {
    let mut device = browser.device();
    device["endpoint"] = "https://push.example/device".into();
    device
}

#[tokio::test(flavor = "multi_thread")]
async fn no_device_is_kept_without_the_signature_of_an_account_that_wrote() {
    let world = World::new(PushConfig::default());
    let (customer, stranger) = (Person::new("customer"), Person::new("nobody-knows"));
    let device = far(&Browser::start(&[]).await);
    assert_eq!(world.ask("PUT", Some(&stranger), &device).await.0, StatusCode::FORBIDDEN);
    assert_eq!(world.ask("PUT", None, &device).await.0, StatusCode::UNAUTHORIZED);
    let body = device.to_string();
    for authorization in [
        world.signed(&customer, "DELETE", body.as_bytes(), 0),
        world.signed(&customer, "PUT", b"another body", 0),
        world.signed(&customer, "PUT", body.as_bytes(), 3_700),
        world
            .signed(&customer, "PUT", body.as_bytes(), 0)
            .replace(customer.address.as_str(), stranger.address.as_str()),
    ] {
        let request = Request::put("/push")
            .header(header::AUTHORIZATION, &authorization)
            .body(Body::from(body.clone()));
        let answer = world.push.router().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{authorization}");
    }
    assert!(!world.dir.path().join(DIR).join(format!("{}.json", customer.address)).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_ended_by_its_own_account_and_none_by_whoever_knows_where_it_is() {
    let world = World::new(PushConfig::default());
    let [customer, agent] = ["customer", "agent"].map(Person::new);
    let device = far(&Browser::start(&[]).await);
    assert_eq!(world.ask("PUT", Some(&customer), &device).await.0, StatusCode::OK);
    let ended = json!({ "endpoint": device["endpoint"] });
    let file = world.dir.path().join(DIR).join(format!("{}.json", customer.address));
    assert_eq!(world.ask("DELETE", Some(&agent), &ended).await, (StatusCode::OK, json!({ "devices": 0 })));
    assert!(file.exists(), "of the agent's there was none");
    assert_eq!(world.ask("DELETE", None, &ended).await.0, StatusCode::UNAUTHORIZED);
    assert!(file.exists());
    assert_eq!(world.ask("DELETE", Some(&customer), &ended).await, (StatusCode::OK, json!({ "devices": 0 })));
    assert!(!file.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_come_and_go_from_one_address_so_often_and_then_once_in_a_while() {
    let world = World::new(PushConfig::default());
    let device = far(&Browser::start(&[]).await);
    // Unsigned ones count, too: what is counted is the work of looking at a request.
    for number in 0..CHANGES.at_once {
        assert_eq!(world.ask("PUT", None, &device).await.0, StatusCode::UNAUTHORIZED, "{number}");
    }
    let customer = Person::new("customer");
    for method in ["PUT", "DELETE"] {
        let (status, said) = world.ask(method, Some(&customer), &device).await;
        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_device_is_kept_that_is_not_one_or_at_a_place_that_is_not_public() {
    let world = World::new(PushConfig::default());
    let customer = Person::new("customer");
    let device = far(&Browser::start(&[]).await);
    let with = |name: &str, value: Value| {
        let mut changed = device.clone();
        changed[name] = value;
        changed
    };
    for endpoint in [
        "http://push.example/x",
        "https://127.0.0.1/x",
        "http://127.0.0.1:9/x",
        "https://[::1]/x",
        "https://10.0.0.1/x",
        "https://169.254.169.254/latest",
        "https://[::ffff:10.0.0.1]/x",
        "https://me:secret@push.example/x",
        "file:///etc/passwd",
        "https://push.example/#x",
        "",
    ] {
        let (status, said) = world.ask("PUT", Some(&customer), &with("endpoint", endpoint.into())).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{endpoint}: {said}");
    }
    for (name, value) in [
        ("endpoint", json!(format!("https://push.example/{}", "x".repeat(1_024)))),
        ("p256dh", json!("AAAA")),
        ("p256dh", json!(URL_SAFE_NO_PAD.encode([4; 65]))),
        ("auth", json!("")),
        ("page", json!("http://desk.example")),
        ("page", json!("https://desk.example/path")),
        ("page", json!(format!("https://{}.example", "x".repeat(255)))),
        ("language", json!("tlh")),
        ("more", json!(1)),
    ] {
        let (status, said) = world.ask("PUT", Some(&customer), &with(name, value)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{name}: {said}");
    }
    let (status, said) = world.ask("PUT", Some(&customer), &with("page", json!("x".repeat(5_000)))).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{said}");
    for (devices, number) in [(1, 0), (1, 0), (2, 1)] {
        let endpoint = format!("https://push.example/{number}");
        let (status, said) = world.ask("PUT", Some(&customer), &with("endpoint", endpoint.into())).await;
        assert_eq!((status, said), (StatusCode::OK, json!({ "devices": devices })));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_into_the_own_network_is_not_connected_to() {
    let mut world = World::new(PushConfig::default());
    let [admin, agent, customer] = ["admin", "agent", "customer"].map(Person::new);
    let browser = Browser::start(&[]).await;
    let mut device = browser.device();
    // The name is public as far as anybody can see of it; what it leads to is not.
    device["endpoint"] = format!("https://localhost:{}/device", browser.address.port()).into();
    let (status, said) = world.ask("PUT", Some(&agent), &device).await;
    assert_eq!(status, StatusCode::OK, "{said}");
    let message = create(&world.twin, &customer, &[&admin, &customer]);
    world.act(&customer, vec![message]);
    let outbox = sending::Outbox::new();
    let device = world.push.0.devices.as_ref().unwrap().of(agent.address.as_str(), now()).remove(0);
    let unsent = post::post(&world.push, &outbox, &device, "TKT-00000001").await.unwrap_err();
    let post::Unsent::Later(why) = unsent else { panic!("{unsent:?}") };
    assert!(why.contains("is not an address of the public internet"), "{why}");
    assert_eq!(browser.got().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_can_turn_notices_off() {
    let world = World::new(PushConfig { enabled: Some(false), ..PushConfig::default() });
    assert_eq!(world.ask("GET", None, &Value::Null).await.1, json!({ "enabled": false }));
    let browser = Browser::start(&[]).await;
    let refused = world.ask("PUT", Some(&Person::new("customer")), &browser.device()).await;
    assert_eq!(refused.0, StatusCode::NOT_FOUND, "{}", refused.1);
    assert!(!world.dir.path().join(DIR).exists(), "nothing is made for what is off");
}

#[test]
fn a_contact_that_no_push_service_could_use_is_refused_at_the_start() {
    for (contact, fits) in [
        ("mailto:desk@example.org", true),
        ("https://desk.example", true),
        ("desk@example.org", false),
        ("mailto:a b@example.org", false),
        ("https://x\r\ny", false),
    ] {
        let config = PushConfig { contact: Some(contact.to_owned()), ..PushConfig::default() };
        assert_eq!(config.check().is_ok(), fits, "{contact}");
    }
}
