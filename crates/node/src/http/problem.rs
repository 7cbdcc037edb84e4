//! Errors for those who speak plain HTTP: `application/problem+json` (RFC 9457).

use axum::body::{Body, to_bytes};
use http::{HeaderValue, Response, StatusCode, header};
use sealdesk_protocol::text;
use serde_json::{Map, Value};
use tonic::{Code, Status};

use super::body::{self, Unread};

/// Its content type.
pub(crate) const CONTENT_TYPE: &str = "application/problem+json";
/// The metadata that names the seconds after which to come back.
const RETRY_AFTER: &str = "retry-after";
/// Most that is taken of what a library says of an error, in bytes.
const WORDS_BYTES_MAX: usize = 1_024;

/// The codespace of what is no refusal of the ledger: its codes are gRPC's.
pub(crate) const NODE: &str = "node";

/// What every problem says, as `Problem` in the description of REST has it.
pub(crate) struct Members<'a> {
    pub(crate) status: StatusCode,
    pub(crate) codespace: &'a str,
    pub(crate) code: u32,
    /// What happened and why.
    pub(crate) detail: &'a str,
    /// What to do next.
    pub(crate) hint: &'a str,
}

impl Members<'_> {
    /// In JSON.
    pub(crate) fn to_json(&self) -> Map<String, Value> {
        let members = [
            ("type", "about:blank".into()),
            ("title", self.status.canonical_reason().unwrap_or("Error").into()),
            ("status", self.status.as_u16().into()),
            ("detail", self.detail.into()),
            ("codespace", self.codespace.into()),
            ("code", self.code.into()),
            ("hint", self.hint.into()),
        ];
        members.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
    }
}

/// An error, and in `detail` what happened, why, and what to do. Its code is the one that gRPC has for such a status.
pub(crate) fn response(status: StatusCode, detail: &str) -> Response<Body> {
    of_code(status, code_of(status), detail)
}

/// An error with gRPC's code, which says more than the status.
pub(crate) fn of_code(status: StatusCode, code: Code, detail: &str) -> Response<Body> {
    let (hint, code) = (hint(status, code), code_number(code));
    let members = Members { status, codespace: NODE, code, detail, hint };
    let body = text::escaped_json(&Value::from(members.to_json()).to_string());
    let mut response = Response::new(Body::from(body + "\n"));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// An error as a problem, whoever made it: what a library answers by itself has no body, or words in plain text. Its headers stay: they name the
/// methods that a path takes, or what to upgrade to.
pub(crate) async fn in_full(answer: Response<Body>) -> Response<Body> {
    let status = answer.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let media_type = answer.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if !is_error || media_type.is_some_and(|media_type| !media_type.starts_with(b"text/plain")) {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    let said = to_bytes(body, WORDS_BYTES_MAX).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let (mut full, body) = match said.trim() {
        "" => response(status, in_words(status)),
        said => response(status, said),
    }
    .into_parts();
    for name in [header::CONTENT_LENGTH, header::CONTENT_TYPE] {
        head.headers.remove(name);
    }
    full.headers.extend(head.headers);
    Response::from_parts(full, body)
}

/// What happened, where nobody said it.
fn in_words(status: StatusCode) -> &'static str {
    match status {
        StatusCode::METHOD_NOT_ALLOWED => "this path takes another method: the header Allow names it",
        StatusCode::NOT_FOUND => "there is nothing at this path",
        StatusCode::PAYLOAD_TOO_LARGE => "the request is longer than this path takes",
        _ => "the request cannot be answered",
    }
}

/// What to say of a body that was not read to its end by this node's doing; `None` where it ended by itself.
pub(crate) fn of_unread(error: axum::Error) -> Option<Response<Body>> {
    Some(match body::unread(error.into())? {
        Unread::Late(why) => response(StatusCode::REQUEST_TIMEOUT, &why),
        Unread::NoRoom(status) => of_status(&status),
    })
}

/// What gRPC would say.
pub(crate) fn of_status(status: &Status) -> Response<Body> {
    let mut response = of_code(http_status(status.code()), status.code(), status.message());
    let seconds = status.metadata().get(RETRY_AFTER);
    if let Some(Ok(seconds)) = seconds.map(|seconds| HeaderValue::from_bytes(seconds.as_bytes())) {
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

/// HTTP's word for a code of gRPC, as `google/rpc/code.proto` has it.
pub(crate) fn http_status(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::Cancelled | Code::Unknown | Code::Internal | Code::DataLoss => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

/// The code of gRPC that says what a status of HTTP does.
fn code_of(status: StatusCode) -> Code {
    match status {
        StatusCode::UNAUTHORIZED => Code::Unauthenticated,
        StatusCode::FORBIDDEN | StatusCode::MISDIRECTED_REQUEST => Code::PermissionDenied,
        StatusCode::NOT_FOUND | StatusCode::GONE => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED
        | StatusCode::NOT_IMPLEMENTED
        | StatusCode::HTTP_VERSION_NOT_SUPPORTED => Code::Unimplemented,
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => Code::DeadlineExceeded,
        StatusCode::CONFLICT => Code::Aborted,
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Code::OutOfRange,
        StatusCode::UPGRADE_REQUIRED => Code::FailedPrecondition,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::INSUFFICIENT_STORAGE => Code::ResourceExhausted,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE => Code::Unavailable,
        status if status.is_server_error() => Code::Internal,
        _ => Code::InvalidArgument,
    }
}

/// gRPC's number of a code.
pub(crate) fn code_number(code: Code) -> u32 {
    u32::try_from(i32::from(code)).unwrap_or(2)
}

/// What to do next where the ledger refused nothing.
pub(crate) fn hint(status: StatusCode, code: Code) -> &'static str {
    match code {
        // Of the two that gRPC has one code for, this one is of a request that was never whole.
        _ if status == StatusCode::REQUEST_TIMEOUT => {
            "send the whole request again: the part that arrived was discarded"
        }
        Code::InvalidArgument | Code::OutOfRange => "/api lists what each path takes",
        Code::Unimplemented => "/api lists the paths that there are",
        Code::NotFound => "look the name up again; what another node has may not be here yet",
        Code::ResourceExhausted | Code::Unavailable => "ask again after the seconds that Retry-After names",
        Code::DeadlineExceeded => {
            "ask again; where a transaction was handed in, look it up by its hash before anything else is sent"
        }
        Code::Internal | Code::Unknown | Code::DataLoss => "the node's log says more; ask another node",
        Code::Unauthenticated => "sign the request again, on a computer whose clock is right",
        Code::PermissionDenied => "do what the detail says, or ask the node's operator",
        Code::FailedPrecondition | Code::AlreadyExists | Code::Aborted => {
            "change what the detail names, and ask again"
        }
        Code::Cancelled | Code::Ok => "ask again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn shown(answer: Response<Body>) -> (http::HeaderMap, Value) {
        let (head, body) = in_full(answer).await.into_parts();
        let body = to_bytes(body, 10_000).await.unwrap();
        (head.headers, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    #[tokio::test]
    async fn what_a_library_answers_becomes_a_problem_and_what_is_data_stays() {
        let mut bare = Response::new(Body::empty());
        *bare.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        bare.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET"));
        let (headers, problem) = shown(bare).await;
        assert_eq!(
            (&headers[header::ALLOW], &headers[header::CONTENT_TYPE]),
            (&"GET".parse::<HeaderValue>().unwrap(), &HeaderValue::from_static(CONTENT_TYPE))
        );
        assert_eq!((&problem["status"], &problem["code"]), (&405.into(), &12.into()), "{problem}");
        let mut text = Response::new(Body::from("the path is not UTF-8"));
        *text.status_mut() = StatusCode::BAD_REQUEST;
        text.headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        assert_eq!(shown(text).await.1["detail"], "the path is not UTF-8");
        let mut data = Response::new(Body::from("[]"));
        *data.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        data.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        assert_eq!(shown(data).await.1, Value::Array(Vec::new()), "JSON-RPC has errors of its own");
        assert_eq!(shown(Response::new(Body::from("[]"))).await.1, Value::Array(Vec::new()));
    }

    #[test]
    fn every_status_has_a_code_and_something_to_do_next() {
        for status in 400..600 {
            let status = StatusCode::from_u16(status).unwrap();
            let code = code_of(status);
            assert!(code != Code::Ok && !hint(status, code).is_empty(), "{status} {code:?}");
        }
        for code in (1..=16).map(Code::from_i32) {
            let status = http_status(code);
            assert!(status.is_client_error() || status.is_server_error(), "{code:?}");
            assert!(!hint(status, code).is_empty() && code_number(code) > 0, "{code:?}");
        }
    }
}
