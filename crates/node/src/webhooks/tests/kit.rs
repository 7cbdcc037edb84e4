//! A desk, its webhooks at a quick pace, and endpoints that answer as a test wants.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use sealdesk_protocol::wire::sealdesk::ledger::v1::LedgerEvent;
use sealdesk_testkit::people::Person;
use serde_json::Value;
use tokio::net::TcpListener;

use super::super::signing::Secret;
use super::super::{Attempt, Begin, Deliveries, Endpoint, RetryPolicy, State, Webhook, Webhooks};
use crate::backup::socket;
use crate::clock::ManualClock;
use crate::desk::waiting::until;
use crate::desk::{Memory, clock, execute, open};
use crate::feed::{self, Cursor, Filter};
use crate::home::Home;
use crate::ledger::Ledger;
use crate::solo::Solo;

/// When the operator types, in Unix seconds.
pub(super) const NOW: i64 = 1_700_000_000;

/// A pace at which a test can wait for what takes days.
pub(super) fn quick() -> RetryPolicy {
    RetryPolicy {
        first: Duration::from_millis(20),
        most: Duration::from_millis(100),
        asked_most: Duration::from_secs(20),
        give_up: Duration::from_secs(3_600),
        wait: Duration::from_secs(2),
        look: Duration::from_millis(20),
    }
}

/// A desk whose webhooks run.
pub(super) struct Desk {
    pub(super) solo: Solo,
    clock: ManualClock,
    made: u16,
    dir: tempfile::TempDir,
    pub(super) webhooks: Webhooks,
    policy: RetryPolicy,
    running: Option<Deliveries>,
}

impl Desk {
    pub(super) fn new(policy: RetryPolicy) -> Self {
        let (clock, dir) = (clock(), tempfile::tempdir().unwrap());
        let solo = open(Memory::default().disks(), &clock).unwrap();
        let webhooks = Webhooks::of(dir.path());
        let mut desk = Self { solo, clock, made: 0, dir, webhooks, policy, running: None };
        desk.start();
        desk
    }

    pub(super) fn start(&mut self) {
        let ledger = self.solo.handle().clone();
        self.running = Some(Deliveries::start(self.webhooks.clone(), ledger, self.policy));
    }

    /// Has the node answer its home's commands, as long as what this gives is there.
    pub(super) fn answers_commands(&self) -> socket::Serving {
        let ledger: Arc<dyn Ledger> = self.solo.handle().clone();
        socket::serve(&Home::new(self.home()), &ledger).unwrap()
    }

    pub(super) async fn stop(&mut self) {
        self.running.take().unwrap().stop().await;
    }

    pub(super) fn home(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// Makes so many events, a block each.
    pub(super) fn happen(&mut self, count: u16) {
        for _ in 0..count {
            let (sequence, agent) = (u64::from(self.made), Person::number(self.made + 1));
            let record = execute(&mut self.solo, &self.clock, &Person::number(0).appoint(sequence, &agent));
            assert_eq!(record.code, 0, "{}", record.log);
            self.made += 1;
        }
    }

    /// Adds an endpoint on loopback, and waits until the node has begun with it.
    pub(super) async fn add(&self, receiver: &Receiver) -> String {
        self.add_with(receiver, |_| {}).await
    }

    pub(super) async fn add_with(&self, receiver: &Receiver, change: impl FnOnce(&mut Endpoint)) -> String {
        let mut endpoint = receiver.endpoint();
        change(&mut endpoint);
        let (id, secret) = self.webhooks.add(&endpoint, None, NOW).unwrap();
        receiver.0.secrets.lock().unwrap().push(Secret::parse(&secret).unwrap());
        if self.running.is_some() {
            until("the node begins", async || self.listed(&id).state.map(drop).ok_or(())).await;
        }
        id
    }

    pub(super) fn listed(&self, id: &str) -> Webhook {
        let all = self.webhooks.list(NOW).unwrap();
        all.into_iter().map(Result::unwrap).find(|webhook| webhook.id == id).unwrap()
    }

    pub(super) fn state(&self, id: &str) -> State {
        self.webhooks.state(id).unwrap().unwrap()
    }

    pub(super) fn log(&self, id: &str) -> Vec<Attempt> {
        self.webhooks.log(id, 10_000).unwrap()
    }

    /// Waits until how an endpoint does is as somebody wants it.
    pub(super) async fn comes_to(&self, id: &str, wanted: impl Fn(&State) -> bool) -> State {
        until("a state", async || {
            let state = self.state(id);
            if wanted(&state) { Ok(()) } else { Err(state) }
        })
        .await;
        self.state(id)
    }

    /// Everything that the feed has behind a place.
    pub(super) fn feed(&self, mut after: Cursor) -> Vec<LedgerEvent> {
        let (ledger, mut all) = (self.solo.handle(), Vec::new());
        let tip = ledger.tip();
        loop {
            let page = feed::read(ledger.machine(), &tip.snapshot, after, &Filter::default()).unwrap();
            all.extend(page.events);
            after = page.end;
            if !page.more {
                return all;
            }
        }
    }

    /// A number of the metrics, by its family and the value of one of its labels.
    pub(super) fn metric(&self, family: &str, label: &str) -> String {
        let ledger: &dyn Ledger = self.solo.handle().as_ref();
        let text = ledger.metrics().text(ledger, self.home());
        let line = text.lines().find(|line| line.starts_with(family) && line.contains(label));
        line.unwrap_or_else(|| panic!("{family} {label}")).rsplit(' ').next().unwrap().to_owned()
    }

    /// Ends the webhooks as a crash does.
    pub(super) fn halt(&mut self) {
        self.running.take().unwrap().abort();
    }
}

/// What an endpoint got.
#[derive(Clone, Debug)]
pub(super) struct Got {
    pub(super) at: Instant,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) path: String,
    /// The status that it answered.
    pub(super) answered: u16,
}

impl Got {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(super) fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What an endpoint answers.
#[derive(Clone, Debug)]
pub(super) enum Rule {
    Status(u16),
    /// With a header.
    With(u16, &'static str, String),
    Hang,
    /// By turns, from the first; the last one stays.
    InTurn(Vec<Rule>),
}

#[derive(Default)]
struct Inner {
    got: Mutex<Vec<Got>>,
    rule: Mutex<Option<Rule>>,
    secrets: Mutex<Vec<Secret>>,
    connections: Mutex<usize>,
}

/// An endpoint on loopback.
#[derive(Clone)]
pub(super) struct Receiver(Arc<Inner>, SocketAddr);

impl Receiver {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self(Arc::default(), listener.local_addr().unwrap());
        let own = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *own.0.connections.lock().unwrap() += 1;
                own.clone().serve(stream);
            }
        });
        receiver
    }

    /// Serves one connection.
    pub(super) fn serve(
        self,
        stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
    ) {
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let own = self.clone();
                async move { Ok::<_, Infallible>(own.answer(request).await) }
            });
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }

    async fn answer(self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        assert_eq!(head.method, http::Method::POST);
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        let rule = self.next_rule();
        let mut response = Response::new(Full::new(Bytes::from_static(b"thanks")));
        let status = match &rule {
            Rule::Status(status) => *status,
            Rule::With(status, name, value) => {
                response.headers_mut().insert(*name, value.parse().unwrap());
                *status
            }
            Rule::Hang | Rule::InTurn(_) => 0,
        };
        let path = head.uri.to_string();
        let got = Got { at: Instant::now(), headers: head.headers, body, path, answered: status };
        self.0.got.lock().unwrap().push(got);
        if status == 0 {
            std::future::pending::<()>().await;
        }
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
        response
    }

    fn next_rule(&self) -> Rule {
        let mut rule = self.0.rule.lock().unwrap();
        match &mut *rule {
            None => Rule::Status(204),
            Some(Rule::InTurn(rules)) if rules.len() > 1 => rules.remove(0),
            Some(Rule::InTurn(rules)) => rules[0].clone(),
            Some(other) => other.clone(),
        }
    }

    pub(super) fn answers(&self, rule: Rule) {
        *self.0.rule.lock().unwrap() = Some(rule);
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.1
    }

    pub(super) fn endpoint(&self) -> Endpoint {
        Endpoint {
            url: format!("http://{}/hooks?key=1", self.1),
            allowed: vec!["127.0.0.0/8".parse().unwrap()],
            plain_http: true,
            begin: Begin::Start,
            ..Endpoint::default()
        }
    }

    pub(super) fn got(&self) -> Vec<Got> {
        self.0.got.lock().unwrap().clone()
    }

    pub(super) fn connections(&self) -> usize {
        *self.0.connections.lock().unwrap()
    }

    /// Waits until so many messages have come, however they were answered.
    pub(super) async fn gets(&self, count: usize) -> Vec<Got> {
        until("messages", async || {
            let got = self.got().len();
            if got >= count { Ok(()) } else { Err(got) }
        })
        .await;
        self.got()
    }

    /// What it has taken, each once, by the order in which it came first.
    pub(super) fn taken(&self) -> Vec<Got> {
        let mut taken: Vec<Got> = Vec::new();
        for got in self.got() {
            if (200..300).contains(&got.answered) && taken.iter().all(|earlier| earlier.id() != got.id()) {
                taken.push(got);
            }
        }
        taken
    }

    /// Whether a message bears the signature of each secret that this endpoint was given.
    pub(super) fn believes(&self, got: &Got) -> bool {
        let timestamp: i64 = got.header("webhook-timestamp").parse().unwrap();
        let secrets = self.0.secrets.lock().unwrap();
        let signed = |secret: &Secret| secret.sign(got.id(), timestamp, &got.body);
        secrets
            .iter()
            .any(|secret| got.header("webhook-signature").split(' ').any(|one| one == signed(secret)))
    }
}
