//! Errors: problem+json (RFC 9457) with the codespace, the code and what to do next; to Cosmos's clients as Cosmos shapes them.

use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use prost::Message as _;
use sealdesk_protocol::hints;
use sealdesk_protocol::wire::google::rpc;
use serde_json::{Map, Value, json};
use tonic::{Code, Status};

use crate::api::status;
use crate::http::problem::{CONTENT_TYPE, Members, NODE, code_number, hint, http_status};
use crate::http::retry::BUSY_SECONDS;

/// Details that a problem has members and headers for.
const ERROR_INFO: &str = "google.rpc.ErrorInfo";
const RETRY_INFO: &str = "google.rpc.RetryInfo";

/// What to do next after a refusal for which there is nothing better to say.
const SIGN_ANEW: &str = "change what the message names, and sign the transaction again";

/// What to do next with a cursor that is ahead of the ledger.
const GO_ON: &str =
    "read again what you keep of the ledger, and continue from ledger_cursor; or ask another node";

/// How a route's errors are shaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errors {
    /// As RFC 9457 has them.
    Problem,
    /// As Cosmos REST has them: gRPC's code, its message, its details.
    Cosmos,
}

/// Why a request is not answered with what it asks for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Problem {
    status: StatusCode,
    codespace: Box<str>,
    code: u32,
    detail: Box<str>,
    hint: Box<str>,
    retry_after: Option<u32>,
    /// gRPC's code, and details that are JSON already.
    grpc: (Code, Vec<Value>),
    more: Map<String, Value>,
}

impl Problem {
    fn of_node(status: StatusCode, code: Code, detail: impl Into<String>) -> Self {
        Self {
            status,
            codespace: NODE.into(),
            code: code_number(code),
            detail: detail.into().into(),
            hint: hint(status, code).into(),
            retry_after: None,
            grpc: (code, Vec::new()),
            more: Map::new(),
        }
    }

    /// The request is not one that its path takes.
    pub(super) fn invalid(detail: impl Into<String>) -> Self {
        Self::of_node(StatusCode::BAD_REQUEST, Code::InvalidArgument, detail)
    }

    /// The request's body is of another media type.
    pub(super) fn media_type(detail: impl Into<String>) -> Self {
        Self::of_node(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::InvalidArgument, detail)
    }

    /// The request did not come as a whole in time, and nothing was done with it.
    pub(super) fn late(detail: String) -> Self {
        Self::of_node(StatusCode::REQUEST_TIMEOUT, Code::DeadlineExceeded, detail)
    }

    /// The request is too long: no transaction is that long, so that the code is the one for such a transaction.
    pub(super) fn too_large(detail: &str) -> Self {
        let refused = Self::refused("sdk", 21, detail, None);
        Self { grpc: (Code::OutOfRange, Vec::new()), ..refused }
    }

    /// Nothing is served at that path.
    pub(super) fn no_such_path() -> Self {
        Self::of_node(StatusCode::NOT_FOUND, Code::Unimplemented, "there is nothing at this path")
    }

    /// The path is one of a module of Cosmos that is not here, as Cosmos says it.
    pub(super) fn no_module() -> Self {
        let why = "this ledger has no such module, or no such method of it: /api lists what it has";
        Self::of_node(StatusCode::NOT_IMPLEMENTED, Code::Unimplemented, why)
    }

    /// The path answers to another method.
    pub(super) fn method() -> Self {
        Self::of_node(StatusCode::METHOD_NOT_ALLOWED, Code::Unimplemented, "this path takes another method")
    }

    /// The node's own fault.
    pub(super) fn broken() -> Self {
        Self::of_node(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, "the answer cannot be written")
    }

    /// The ledger refuses a transaction.
    pub(super) fn refused(codespace: &str, code: u32, detail: &str, retry_after: Option<u32>) -> Self {
        Self {
            codespace: codespace.into(),
            code,
            hint: hints::of(codespace, code).unwrap_or(SIGN_ANEW).into(),
            retry_after,
            ..Self::of_node(refusal_status(codespace, code), Code::FailedPrecondition, detail)
        }
    }

    /// The same with one more member.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// The problem as RFC 9457 has it.
    pub(super) fn to_json(&self) -> Value {
        let mut members = self.more.clone();
        let Self { status, codespace, code, detail, hint, .. } = self;
        members.extend(Members { status: *status, codespace, code: *code, detail, hint }.to_json());
        let told = |detail: &&Value| {
            let name = detail["@type"].as_str().unwrap_or_default();
            ![ERROR_INFO, RETRY_INFO].iter().any(|known| name.ends_with(known))
        };
        let details: Vec<Value> = self.grpc.1.iter().filter(told).cloned().collect();
        if !details.is_empty() {
            members.insert("details".to_owned(), details.into());
        }
        members.into()
    }

    /// As Cosmos's clients know errors.
    pub(super) fn to_cosmos(&self) -> Response {
        let value =
            json!({ "code": code_number(self.grpc.0), "message": self.detail, "details": self.grpc.1 });
        // Its gateway knows a refusal by gRPC's code alone.
        let status = match self.status {
            StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT => http_status(self.grpc.0),
            other => other,
        };
        self.respond(status, super::answer::JSON, &value)
    }

    fn respond(&self, status: StatusCode, media_type: &'static str, value: &Value) -> Response {
        let text = sealdesk_protocol::text::escaped_json(&value.to_string()) + "\n";
        let mut response = (status, text).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl axum::response::IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.respond(self.status, CONTENT_TYPE, &self.to_json())
    }
}

impl Errors {
    /// An error as this route's callers expect it.
    pub(super) fn show(self, problem: Problem) -> Response {
        match self {
            Self::Problem => problem.into_response(),
            Self::Cosmos => problem.to_cosmos(),
        }
    }
}

impl From<Status> for Problem {
    fn from(said: Status) -> Self {
        let (code, detail) = (said.code(), said.message().to_owned());
        let mut problem = Self::of_node(http_status(code), code, detail);
        let details = rpc::Status::decode(said.details()).unwrap_or_default().details;
        for detail in &details {
            if detail.type_url.ends_with(ERROR_INFO) {
                problem.take(&rpc::ErrorInfo::decode(detail.value.as_slice()).unwrap_or_default());
            }
            problem.grpc.1.extend(super::cosmos::any_json(detail));
        }
        let metadata = |name: &str| said.metadata().get(name)?.to_str().ok();
        problem.retry_after = metadata("retry-after").and_then(|seconds| seconds.parse().ok());
        let place = |[block, cursor]: [&str; 2]| {
            let block = metadata(block)?.parse::<u64>().ok()?;
            Some((block, sealdesk_protocol::json::cursor(&hex::decode(metadata(cursor)?).ok()?)))
        };
        // Where this node's history begins, and the cursor that has no gap from there.
        if let Some((from, cursor)) = place(status::HISTORY) {
            problem = problem.with("history_from", from).with("history_cursor", cursor);
        }
        // Where a ledger ends that is behind a cursor.
        if let Some((newest, cursor)) = place(status::LEDGER) {
            problem.hint = GO_ON.into();
            problem = problem.with("ledger_height", newest).with("ledger_cursor", cursor);
        }
        if problem.status == StatusCode::SERVICE_UNAVAILABLE && problem.retry_after.is_none() {
            problem.retry_after = Some(BUSY_SECONDS);
        }
        problem
    }
}

impl Problem {
    /// What the error says of itself to programs.
    fn take(&mut self, info: &rpc::ErrorInfo) {
        let (Some(codespace), Some(code)) = (info.metadata.get("codespace"), info.metadata.get("code"))
        else {
            return;
        };
        let Ok(code) = code.parse() else { return };
        if codespace != NODE {
            self.hint = hints::of(codespace, code).unwrap_or(SIGN_ANEW).into();
            self.status = refusal_status(codespace, code);
        }
        (self.codespace, self.code) = (codespace.as_str().into(), code);
    }
}

/// The HTTP status of a refusal: most are what the request asks for, and not how it asks.
fn refusal_status(codespace: &str, code: u32) -> StatusCode {
    match (codespace, code) {
        ("sdk", 2) => StatusCode::BAD_REQUEST,
        ("sdk", 19 | 32) => StatusCode::CONFLICT,
        ("sdk", 20) => StatusCode::SERVICE_UNAVAILABLE,
        ("sdk", 21) => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
