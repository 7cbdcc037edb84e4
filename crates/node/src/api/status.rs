//! Errors as gRPC names them.

use sealdesk_machine::QueryError;
use sealdesk_protocol::json;
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};

use crate::blocks::NoBlock;
use crate::feed::Cursor;
use crate::ledger::SubmitError;

/// What errors carry beside their words, by its names in gRPC's metadata. What is not among these cannot be carried, and all of them may be
/// read by pages of other origins.
pub(crate) const METADATA: [&str; 4] =
    ["sealdesk-history-from", "sealdesk-history-cursor", "sealdesk-ledger-height", "sealdesk-ledger-cursor"];

/// The first block whose results and events are here, in an error that is because of that; and the cursor from which such a node's feed
/// has no gap, in hexadecimal digits.
pub(crate) const HISTORY: [&str; 2] = [METADATA[0], METADATA[1]];

/// The newest block of a ledger that is behind a cursor, and the cursor from which it goes on, in hexadecimal digits.
pub(crate) const LEDGER: [&str; 2] = [METADATA[2], METADATA[3]];

/// A query without an answer.
pub(super) fn of_query(error: QueryError) -> Status {
    match error {
        QueryError::Invalid(reason) => Status::invalid_argument(reason),
        QueryError::NotListed(why) => Status::failed_precondition(why),
        QueryError::TooBroad { .. } => Status::out_of_range(error.to_string()),
        QueryError::NotFound(what) => Status::not_found(format!("{what} not found")),
        QueryError::BeforeHistory { from } => {
            before_history(Code::FailedPrecondition, &error.to_string(), from)
        }
        QueryError::Fatal(fatal) => {
            tracing::error!("a query failed: {fatal}");
            Status::internal("the state cannot be read")
        }
    }
}

/// An error that is because this node's history begins with a later block. What it asks of the reader is in its words; programs find
/// the block and the cursor in its metadata.
pub(super) fn before_history(code: Code, what: &str, from: u64) -> Status {
    let cursor = Cursor::after_block(from.saturating_sub(1)).encode();
    let words = format!(
        "{what}. Ask one of those, or read the records as they are now and follow from cursor {}",
        json::cursor(&cursor)
    );
    Status::with_metadata(code, words, metadata(HISTORY, from, &cursor))
}

/// A cursor of a block that this ledger does not have. What it asks of the reader is in its words; programs find the newest block, and the
/// cursor from which the ledger goes on, in its metadata.
pub(super) fn ahead_of_ledger(asked: u64, newest: u64) -> Status {
    let cursor = Cursor::after_block(newest).encode();
    let words = format!(
        "this cursor is of block {asked}, and the ledger's newest is {newest}: it was restored from an earlier backup, or this node is behind \
         the others. Read again what you keep of the ledger and follow from cursor {}, or ask another node",
        json::cursor(&cursor)
    );
    Status::with_metadata(Code::OutOfRange, words, metadata(LEDGER, newest, &cursor))
}

/// A block and a cursor, by their names. Words have a cursor as every door but this one takes it; here it is digits.
fn metadata(names: [&'static str; 2], block: u64, cursor: &[u8]) -> MetadataMap {
    let mut metadata = MetadataMap::new();
    for (name, value) in names.into_iter().zip([block.to_string(), hex::encode(cursor)]) {
        // Digits are always a value.
        if let Ok(value) = value.parse() {
            metadata.insert(name, value);
        }
    }
    metadata
}

/// A block that is not here.
pub(super) fn of_block(error: &NoBlock) -> Status {
    match error {
        NoBlock::Zero | NoBlock::NotYet { .. } => Status::invalid_argument(error.to_string()),
        NoBlock::Dropped { .. } => Status::not_found(error.to_string()),
        NoBlock::Unavailable { .. } => Status::unavailable(error.to_string()),
    }
}

/// A transaction that was not even refused: the ledger has stopped.
pub(super) fn of_stop(error: &SubmitError) -> Status {
    match error {
        SubmitError::NoSpace => Status::resource_exhausted(error.to_string()),
        _ => Status::unavailable(error.to_string()),
    }
}
