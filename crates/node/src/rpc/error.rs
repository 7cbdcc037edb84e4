//! Errors of JSON-RPC, with the numbers and words that CometBFT gives them; `data` says what happened, why, and what to do.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use tonic::{Code, Status};

/// The metadata that names the seconds after which to come back.
const RETRY_AFTER: &str = "retry-after";

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RpcError {
    code: i32,
    message: &'static str,
    data: String,
    /// Seconds after which to come back.
    retry_after: Option<u32>,
    /// What gRPC says beside the words: `google.rpc.Status`, encoded.
    details: Vec<u8>,
}

impl RpcError {
    fn new(code: i32, message: &'static str, data: impl Into<String>) -> Self {
        Self { code, message, data: data.into(), retry_after: None, details: Vec::new() }
    }

    /// The text is not JSON.
    pub(super) fn parse(data: impl Into<String>) -> Self {
        Self::new(-32_700, "Parse error. Invalid JSON", data)
    }

    /// The JSON is not a request.
    pub(super) fn request(data: impl Into<String>) -> Self {
        Self::new(-32_600, "Invalid Request", data)
    }

    /// There is no such method here.
    pub(super) fn method(data: impl Into<String>) -> Self {
        Self::new(-32_601, "Method not found", data)
    }

    /// The method is not asked for in this way.
    pub(super) fn params(data: impl Into<String>) -> Self {
        Self::new(-32_602, "Invalid params", data)
    }

    /// Everything else, as in CometBFT: also what is not found.
    pub(super) fn internal(data: impl Into<String>) -> Self {
        Self::new(-32_603, "Internal error", data)
    }

    /// What is not found, or not now, by CometBFT's number for both.
    pub(super) fn unfound(status: Status) -> Self {
        let other = Self::internal("");
        Self { code: other.code, message: other.message, ..status.into() }
    }

    /// Seconds after which to come back, where that helps.
    pub(super) fn retry_after(&self) -> Option<u32> {
        self.retry_after
    }

    /// The error as it stands in an answer. `details` is not in CometBFT: it has, in base64, what gRPC carries beside an error's words,
    /// such as what is asked for before an account is let in.
    pub(super) fn to_json(&self) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message, "data": self.data });
        if let (false, Some(members)) = (self.details.is_empty(), error.as_object_mut()) {
            members.insert("details".to_owned(), BASE64.encode(&self.details).into());
        }
        error
    }
}

impl From<Status> for RpcError {
    fn from(status: Status) -> Self {
        let mut error = match status.code() {
            Code::InvalidArgument | Code::OutOfRange => Self::params(status.message()),
            _ => Self::internal(status.message()),
        };
        let seconds = status.metadata().get(RETRY_AFTER).and_then(|seconds| seconds.to_str().ok());
        error.retry_after = seconds.and_then(|seconds| seconds.parse().ok());
        if let Some(seconds) = error.retry_after.filter(|_| !error.data.contains(" seconds")) {
            error.data = format!("{}; try again in {seconds} seconds", error.data);
        }
        error.details = status.details().to_vec();
        error
    }
}

#[cfg(test)]
mod tests {
    use sealdesk_protocol::wire::sealdesk::ledger::v1::AdmissionRequired;

    use super::*;
    use crate::http::busy;
    use crate::http::retry::{with_details, with_retry};

    #[test]
    fn who_should_come_back_is_told_when_and_what_is_asked_for_is_not_lost() {
        let busy = RpcError::from(busy("too many"));
        assert_eq!(busy.retry_after(), Some(5));
        let silent = RpcError::unfound(with_retry(Code::InvalidArgument, "not now".to_owned(), 7));
        assert!(silent.data.contains("7 seconds") && silent.code == -32_603, "{silent:?}");
        let required = AdmissionRequired::default();
        let status = with_details(Code::FailedPrecondition, "not yet".to_owned(), &required);
        let shown = RpcError::from(status.clone()).to_json();
        assert_eq!(BASE64.decode(shown["details"].as_str().unwrap()).unwrap(), status.details());
    }
}
