//! Errors of JSON-RPC, with the numbers and words that CometBFT gives them; `data` says what happened, why, and what to do.

use serde_json::{Value, json};
use tonic::{Code, Status};

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RpcError {
    code: i32,
    message: &'static str,
    data: String,
}

impl RpcError {
    /// The text is not JSON.
    pub(super) fn parse(data: impl Into<String>) -> Self {
        Self { code: -32_700, message: "Parse error. Invalid JSON", data: data.into() }
    }

    /// The JSON is not a request.
    pub(super) fn request(data: impl Into<String>) -> Self {
        Self { code: -32_600, message: "Invalid Request", data: data.into() }
    }

    /// There is no such method here.
    pub(super) fn method(data: impl Into<String>) -> Self {
        Self { code: -32_601, message: "Method not found", data: data.into() }
    }

    /// The method is not asked for in this way.
    pub(super) fn params(data: impl Into<String>) -> Self {
        Self { code: -32_602, message: "Invalid params", data: data.into() }
    }

    /// Everything else, as in CometBFT: also what is not found.
    pub(super) fn internal(data: impl Into<String>) -> Self {
        Self { code: -32_603, message: "Internal error", data: data.into() }
    }

    /// The error as it stands in an answer.
    pub(super) fn to_json(&self) -> Value {
        json!({ "code": self.code, "message": self.message, "data": self.data })
    }
}

impl From<Status> for RpcError {
    fn from(status: Status) -> Self {
        match status.code() {
            Code::InvalidArgument | Code::OutOfRange => Self::params(status.message()),
            _ => Self::internal(status.message()),
        }
    }
}
