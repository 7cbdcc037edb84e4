//! What people and programs ask of the API.

use std::collections::BTreeSet;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use prometheus::{Gauge, GaugeVec, HistogramVec, IntCounter, IntCounterVec};
use prost::Message as _;
use prost_types::FileDescriptorSet;
use sealdesk_protocol::wire;
use tonic::Code;

use super::families::Families;

/// Seconds that an answer may take: from a lookup in memory to a block under CometBFT.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// The label of what this node does not have: a caller may invent names without end.
const OTHER: &str = "other";

/// See the module.
pub(crate) struct Calls {
    /// Every path that this node answers.
    paths: BTreeSet<String>,
    requests: IntCounterVec,
    seconds: HistogramVec,
    connections: Gauge,
    held: GaugeVec,
    subscribers: Gauge,
    cut_off: IntCounter,
}

impl Calls {
    pub(super) fn new(families: &Families) -> Self {
        let made = Self {
            paths: [wire::DESCRIPTORS, tonic_health::pb::FILE_DESCRIPTOR_SET].into_iter().flat_map(paths).collect(),
            requests: families.counters(
                "sealdesk_api_requests_total",
                "Requests that the API has answered since the node began. A stream that fails later counts by how it began.",
                &["method", "status"],
            ),
            seconds: families.histograms(
                "sealdesk_api_request_duration_seconds",
                "How long a request waited until its answer began; broadcasts that wait for their block included.",
                &["method"],
                &SECONDS,
            ),
            connections: families.gauge("sealdesk_api_connections", "Open connections to the API."),
            held: families.gauges(
                "sealdesk_api_held",
                "What peers of the API make this node hold, each kind within its bound: bytes of requests that are not answered, bytes of \
                 answers that are not read, places of subscribers and of those who read past events, and calls that wait for a turn of each kind \
                 or have it.",
                &["kind"],
            ),
            subscribers: families.gauge("sealdesk_follow_subscribers", "Subscribers of the feed of events."),
            cut_off: families.counter(
                "sealdesk_follow_cut_off_total",
                "Subscribers who were cut off because they did not read, since the node began.",
            ),
        };
        made.requests.with_label_values(&["/sealdesk.ledger.v1.Ledger/Status", "ok"]);
        made.seconds.with_label_values(&["/sealdesk.ledger.v1.Ledger/Status"]);
        made
    }

    /// An answer begins. Its headers have the status where it is an error of gRPC.
    pub(crate) fn answered(&self, path: &str, status: StatusCode, headers: &HeaderMap, after: Duration) {
        let method = if self.paths.contains(path) { path } else { OTHER };
        let code = headers
            .get("grpc-status")
            .map_or_else(|| code_of(status), |code| Code::from_bytes(code.as_bytes()));
        self.requests.with_label_values(&[method, name_of(code)]).inc();
        self.seconds.with_label_values(&[method]).observe(after.as_secs_f64());
    }

    /// A connection is open for as long as what this gives is kept.
    pub(crate) fn connected(&self) -> Counted {
        Counted::new(&self.connections)
    }

    /// Shows how much of a kind is held.
    pub(crate) fn held(&self, kind: &str) -> Gauge {
        self.held.with_label_values(&[kind])
    }

    /// A subscriber is there for as long as what this gives is kept.
    pub(crate) fn subscribed(&self) -> Counted {
        Counted::new(&self.subscribers)
    }

    /// A subscriber did not read.
    pub(crate) fn cut_off(&self) {
        self.cut_off.inc();
    }
}

/// A peer that is counted until this is dropped.
#[derive(Debug)]
pub(crate) struct Counted(Gauge);

impl Counted {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// `/package.Service/Method` of everything that is described.
fn paths(descriptors: &[u8]) -> Vec<String> {
    let files = FileDescriptorSet::decode(descriptors).unwrap_or_default().file;
    let mut paths = Vec::new();
    for file in &files {
        for service in &file.service {
            let methods = service.method.iter();
            paths.extend(
                methods.map(|method| format!("/{}.{}/{}", file.package(), service.name(), method.name())),
            );
        }
    }
    paths
}

/// What gRPC would call a status of HTTP.
fn code_of(status: StatusCode) -> Code {
    match status {
        StatusCode::UNAUTHORIZED => Code::Unauthenticated,
        StatusCode::FORBIDDEN => Code::PermissionDenied,
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::TOO_MANY_REQUESTS => Code::ResourceExhausted,
        StatusCode::NOT_IMPLEMENTED => Code::Unimplemented,
        StatusCode::SERVICE_UNAVAILABLE => Code::Unavailable,
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => Code::DeadlineExceeded,
        other if other.is_client_error() => Code::InvalidArgument,
        other if other.is_server_error() => Code::Internal,
        _ => Code::Ok,
    }
}

/// A status as a label.
fn name_of(code: Code) -> &'static str {
    match code {
        Code::Ok => "ok",
        Code::Cancelled => "cancelled",
        Code::Unknown => "unknown",
        Code::InvalidArgument => "invalid_argument",
        Code::DeadlineExceeded => "deadline_exceeded",
        Code::NotFound => "not_found",
        Code::AlreadyExists => "already_exists",
        Code::PermissionDenied => "permission_denied",
        Code::ResourceExhausted => "resource_exhausted",
        Code::FailedPrecondition => "failed_precondition",
        Code::Aborted => "aborted",
        Code::OutOfRange => "out_of_range",
        Code::Unimplemented => "unimplemented",
        Code::Internal => "internal",
        Code::Unavailable => "unavailable",
        Code::DataLoss => "data_loss",
        Code::Unauthenticated => "unauthenticated",
    }
}
