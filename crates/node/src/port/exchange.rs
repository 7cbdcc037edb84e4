//! One request and its answer: whose it is, how long it may take, and how many of its bytes are in memory.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{Request, Response, StatusCode, header};
use hyper::body::Incoming;
use tokio::time::Instant;
use tonic::Status;
use tower::Service as _;

use super::refusal::Face;
use crate::api::RESPONSE_BYTES_MAX;
use crate::http::body::{Arriving, Ending, Leaving, Outbox};
use crate::http::budget::{Bounds, Budget};
use crate::metrics::{Counted, Metrics};

/// How long a request may take until its answer begins, the time to send it included.
const REQUEST_WAIT: Duration = Duration::from_secs(60);
/// Bytes of requests that have arrived and are not answered. A source may have eight of the longest in flight; sixteen such sources use up
/// the whole, for no longer than a request may take.
const REQUEST_BYTES: Bounds = Bounds { all: 64 << 20, per_source: 4 << 20, own: 32 << 20 };
/// Bytes of answers that are not read. Pages are some 100 KiB, so that a source may leave dozens unread; four whole receipts of the longest
/// fit beside each other.
const ANSWER_BYTES: Bounds =
    Bounds { all: 4 * RESPONSE_BYTES_MAX, per_source: 8 << 20, own: 2 * RESPONSE_BYTES_MAX };

/// What all connections share. Cheap to clone.
#[derive(Clone)]
pub(super) struct Exchange {
    router: Router,
    metrics: Arc<Metrics>,
    requests: Arc<Budget>,
    /// Bytes of answers that are not read.
    pub(super) answers: Arc<Budget>,
}

impl Exchange {
    pub(super) fn new(router: Router, metrics: Arc<Metrics>) -> Self {
        let requests = Budget::new(REQUEST_BYTES, metrics.calls.held("request_bytes"));
        let answers = Budget::new(ANSWER_BYTES, metrics.calls.held("answer_bytes"));
        Self { router, metrics, requests, answers }
    }

    /// A connection is open for as long as what this gives is kept.
    pub(super) fn connected(&self) -> Counted {
        self.metrics.calls.connected()
    }

    /// Answers one request in bounded time. What an answer streams afterwards is not bounded, as long as its peer reads.
    pub(super) async fn answer(
        mut self,
        outbox: Outbox,
        request: Request<Incoming>,
    ) -> Result<Response<Leaving>, Infallible> {
        let (open, begun) = (outbox.activity.open_request(), Instant::now());
        let (mut head, body) = request.into_parts();
        let (path, face) = (head.uri.path().to_owned(), Face::of(&head.headers));
        head.extensions.insert(outbox.source);
        // Whoever upgrades the connection says by this what goes on in it.
        head.extensions.insert(outbox.activity.clone());
        // What has arrived stays counted until it is answered: until then it is somewhere in memory.
        let held = Arc::new(Mutex::new(self.requests.share(outbox.source)));
        let body = Arriving::new(body, head_bytes(&head), held.clone(), outbox.activity.clone());
        let answer = self.router.call(Request::from_parts(head, Body::new(body)));
        let answer = tokio::time::timeout(REQUEST_WAIT, answer).await;
        let too_long = || Ok(face.refuse(Status::deadline_exceeded("the request took too long")));
        let (head, body) = answer.unwrap_or_else(|_| too_long())?.into_parts();
        drop(held);
        if head.status == StatusCode::SWITCHING_PROTOCOLS {
            outbox.activity.upgraded();
        }
        let ending = Ending::of(head.headers.get(header::CONTENT_TYPE));
        let response = match Leaving::begin(body, ending, outbox.clone(), open).await {
            Ok(body) => Response::from_parts(head, body),
            Err((status, open)) => face.refuse(status).map(|body| Leaving::short(body, outbox, open)),
        };
        self.metrics.calls.answered(&path, response.status(), response.headers(), begun.elapsed());
        Ok(response)
    }
}

/// Bytes of a request's head.
fn head_bytes(head: &http::request::Parts) -> usize {
    let headers = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    let target = head.uri.path_and_query().map_or(0, |target| target.as_str().len());
    headers.sum::<usize>().saturating_add(target)
}
