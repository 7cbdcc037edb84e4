//! Results and answers as text. Each is written once, where it is made, and then only put together.

use serde_json::Value;

use super::error::RpcError;
use super::posted::Id;

/// What a call came to, in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    json: String,
    /// Seconds after which to come back, where what was asked for was not done now.
    retry_after: Option<u32>,
}

impl Reply {
    /// A result that is written already.
    pub(super) fn written(json: String) -> Self {
        Self { json, retry_after: None }
    }

    /// The same, and when to come back.
    pub(super) fn and_come_back(self, retry_after: Option<u32>) -> Self {
        Self { retry_after, ..self }
    }
}

impl From<Value> for Reply {
    fn from(value: Value) -> Self {
        Self::written(value.to_string())
    }
}

/// The answer to a request, or to several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// Empty where no answer is wanted.
    pub(super) text: String,
    pub(super) retry_after: Option<u32>,
}

impl Answer {
    /// An answer with the id of its request.
    pub(super) fn of(id: &Id, result: Result<Reply, RpcError>) -> Self {
        let id = id.as_json();
        match result {
            Ok(Reply { json, retry_after }) => {
                Self { text: format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{json}}}"#), retry_after }
            }
            Err(error) => Self {
                text: format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{}}}"#, error.to_json()),
                retry_after: error.retry_after(),
            },
        }
    }

    /// The answer to a request of which not even the id is known.
    pub(super) fn refused(error: RpcError) -> Self {
        Self::of(&Id::none(), Err(error))
    }

    /// No answer.
    pub(super) fn nothing() -> Self {
        Self { text: String::new(), retry_after: None }
    }
}
