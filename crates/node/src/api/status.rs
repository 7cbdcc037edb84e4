//! Errors as gRPC names them.

use sealdesk_machine::QueryError;
use tonic::Status;

use crate::ledger::SubmitError;

/// A query without an answer.
pub(super) fn of_query(error: QueryError) -> Status {
    match error {
        QueryError::Invalid(reason) => Status::invalid_argument(reason),
        QueryError::NotFound(what) => Status::not_found(format!("{what} not found")),
        QueryError::Fatal(fatal) => {
            tracing::error!("a query failed: {fatal}");
            Status::internal("the state cannot be read")
        }
    }
}

/// A transaction that was not even refused: the ledger has stopped.
pub(super) fn of_stop(error: &SubmitError) -> Status {
    match error {
        SubmitError::NoSpace => Status::resource_exhausted(error.to_string()),
        _ => Status::unavailable(error.to_string()),
    }
}
