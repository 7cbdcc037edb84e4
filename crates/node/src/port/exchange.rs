//! One request and its answer: whose it is, how long it may take, and how many of its bytes are in memory.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{Request, Response, StatusCode, header};
use hyper::body::Incoming;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tonic::Status;
use tower::Service as _;

use super::config::Front;
use super::refusal::Face;
use super::router::for_page;
use crate::api::RESPONSE_BYTES_MAX;
use crate::http::activity::Activity;
use crate::http::body::{
    Ending, Memory, Outbox, REQUEST_KIB, REQUEST_WAIT, ReadThrottle, RequestBody, ResponseBody,
};
use crate::http::budget::{Bounds, Budget};
use crate::http::meter::Meter;
use crate::http::names::{Page, Parts};
use crate::http::places::Mark;
use crate::http::source::Source;
use crate::http::streams;
use crate::http::tls::Stream;
use crate::metrics::{Counted, Metrics};
use crate::page;

/// Bytes of requests that have arrived and are not answered. A source may have eight of the longest in flight; sixteen such sources use up
/// the whole, for no longer than a request may take.
const REQUEST_BYTES: Bounds = Bounds { all: 64 << 20, per_source: 4 << 20, own: 32 << 20 };
/// Bytes of answers that are not read. Pages are some 100 KiB, so that a source may leave dozens unread; four whole receipts of the longest
/// fit beside each other.
const ANSWER_BYTES: Bounds =
    Bounds { all: 4 * RESPONSE_BYTES_MAX, per_source: 8 << 20, own: 2 * RESPONSE_BYTES_MAX };

/// Whoever is to come back later is told so after this time: they have nothing to do until then, and those who come back at once, whatever
/// they are told, keep this node at work so much less.
const LATER: Duration = Duration::from_millis(500);

/// What all connections share. Cheap to clone.
#[derive(Clone)]
pub(super) struct Exchange {
    router: Router,
    front: Arc<Front>,
    metrics: Arc<Metrics>,
    memory: Memory,
}

/// Who has a connection, and what it is doing.
#[derive(Clone)]
pub(super) struct Peer {
    pub(super) address: IpAddr,
    pub(super) activity: Arc<Activity>,
    /// Its place.
    pub(super) mark: Mark,
}

impl Exchange {
    pub(super) fn new(router: Router, front: Front, metrics: Arc<Metrics>) -> Self {
        let front = Arc::new(front);
        let requests = Budget::new(REQUEST_BYTES, metrics.calls.held("request_bytes"));
        let answers = Budget::new(ANSWER_BYTES, metrics.calls.held("answer_bytes"));
        let pace = Arc::new(Meter::new(REQUEST_KIB));
        Self { router, front, metrics, memory: Memory { requests, answers, pace } }
    }

    /// A connection is open for as long as what this gives is kept.
    pub(super) fn connected(&self) -> Counted {
        self.metrics.calls.connected()
    }

    /// Shakes hands where the node speaks TLS.
    pub(super) async fn open(&self, stream: TcpStream) -> std::io::Result<Stream> {
        match &self.front.tls {
            None => Ok(Stream::Left(stream)),
            Some(tls) => Ok(Stream::Right(Box::new(tls.accept(stream).await?))),
        }
    }

    /// Answers one request in bounded time. What an answer streams afterwards is not bounded, as long as its peer reads.
    pub(super) async fn answer(
        self,
        peer: Peer,
        request: Request<Incoming>,
    ) -> Result<Response<ResponseBody>, Infallible> {
        let (open, begun) = (peer.activity.open_request(), Instant::now());
        let (mut head, body) = request.into_parts();
        let (path, face) = (head.uri.path().to_owned(), Face::of(&head.headers));
        let judged = self.front.names.judge(&Parts::of(&head));
        let origin = judged.is_ok().then(|| head.headers.get(header::ORIGIN).cloned()).flatten();
        let outbox = self.outbox(&peer, &Parts::of(&head), judged.as_ref().ok());
        let answer = match judged {
            Err(misdirected) => {
                // What it brings is thrown away, or its sender would not hear why.
                let held = Arc::new(Mutex::new(self.memory.requests.share(outbox.source)));
                let pace = self.pace(&head, &outbox);
                drop(RequestBody::new(body, 0, held, outbox.activity.clone()).at(pace));
                face.misdirected(&misdirected)
            }
            Ok(page) => {
                head.extensions.insert(page);
                head.extensions.insert(outbox.source);
                // Whoever upgrades the connection says by this what goes on in it.
                head.extensions.insert(peer.activity.clone());
                head.extensions.insert(self.memory.clone());
                match page::foreign_worker(&head) {
                    Some(ended) => ended,
                    None => self.routed(head, body, face, &outbox).await,
                }
            }
        };
        let (head, body) = answer.into_parts();
        if head.headers.contains_key(header::RETRY_AFTER) && !outbox.source.is_own() {
            tokio::time::sleep(LATER).await;
        }
        if head.status == StatusCode::SWITCHING_PROTOCOLS {
            peer.activity.upgraded();
        }
        let ending = Ending::of(head.headers.get(header::CONTENT_TYPE));
        let response = match ResponseBody::begin(body, ending, outbox.clone(), open).await {
            Ok(body) => Response::from_parts(head, body),
            Err((status, open)) => {
                let mut refused = face.refuse(status);
                for_page(origin, &mut refused);
                refused.map(|body| ResponseBody::short(body, outbox, open))
            }
        };
        self.metrics.calls.answered(&path, response.status(), response.headers(), begun.elapsed());
        Ok(response)
    }

    /// For whom a request's answer is counted. What another page makes the operator's browser ask is not the operator's own.
    fn outbox(&self, peer: &Peer, head: &Parts<'_>, page: Option<&Page>) -> Outbox {
        let asker = self.front.proxies.request(peer.address, head);
        let source = match page {
            Some(Page::Own) => asker.source,
            _ if asker.source.is_own() => Source::forwarded(Some(peer.address)),
            _ => asker.source,
        };
        let budget = self.memory.answers.clone();
        if asker.passed_on {
            peer.mark.passes_on();
            let activity = peer.activity.of_stream();
            // One who does not read ends their own answer, and not what the proxy carries for others.
            if streams::end_alone(activity.clone()) {
                return Outbox { budget, source, activity, ends_alone: true };
            }
        }
        Outbox { budget, source, activity: peer.activity.clone(), ends_alone: false }
    }

    /// How fast a request is read. Pieces of files are asked for before they are, and have bounds of their own; and what a proxy carries on
    /// one connection is for many, who would all wait for one.
    fn pace(&self, head: &http::request::Parts, outbox: &Outbox) -> Option<ReadThrottle> {
        let is_paced = !outbox.ends_alone && !is_piece(head);
        is_paced.then(|| ReadThrottle::new(self.memory.pace.clone(), outbox.source))
    }

    /// What the node's surfaces answer.
    async fn routed(
        &self,
        head: http::request::Parts,
        body: Incoming,
        face: Face,
        outbox: &Outbox,
    ) -> Response<Body> {
        // What has arrived stays counted until it is answered: until then it is somewhere in memory.
        let held = Arc::new(Mutex::new(self.memory.requests.share(outbox.source)));
        let body = RequestBody::new(body, head_bytes(&head), held.clone(), outbox.activity.clone());
        let body = body.at(self.pace(&head, outbox));
        let origin = head.headers.get(header::ORIGIN).cloned();
        let answer = self.router.clone().call(Request::from_parts(head, Body::new(body)));
        match tokio::time::timeout(REQUEST_WAIT, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(never)) => match never {},
            Err(_) => {
                let mut late = face.refuse(Status::deadline_exceeded("the request took too long"));
                for_page(origin, &mut late);
                late
            }
        }
    }
}

/// Whether a request brings a piece of a file.
fn is_piece(head: &http::request::Parts) -> bool {
    head.method == http::Method::PUT && head.uri.path().starts_with("/blobs/")
}

/// Bytes of a request's head.
fn head_bytes(head: &http::request::Parts) -> usize {
    let headers = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    let target = head.uri.path_and_query().map_or(0, |target| target.as_str().len());
    headers.sum::<usize>().saturating_add(target)
}
