//! Errors for those who speak plain HTTP: `application/problem+json` (RFC 9457).

use axum::body::Body;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;
use tonic::{Code, Status};

/// Its content type.
pub(crate) const CONTENT_TYPE: &str = "application/problem+json";
/// The metadata that names the seconds after which to come back.
const RETRY_AFTER: &str = "retry-after";

/// An error, and in `detail` what happened, why, and what to do.
pub(crate) fn response(status: StatusCode, detail: &str) -> Response<Body> {
    let title = status.canonical_reason().unwrap_or("Error");
    let body = json!({ "title": title, "status": status.as_u16(), "detail": detail });
    let mut response = Response::new(Body::from(format!("{body}\n")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What gRPC would say.
pub(crate) fn of_status(status: &Status) -> Response<Body> {
    let mut response = response(http_status(status.code()), status.message());
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
