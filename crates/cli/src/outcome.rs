//! What a durable transaction made, as it is told.

use sealdesk_client::outcome::Outcome;
use serde_json::{Map, Value};

use crate::context::Context;
use crate::failure::Failure;

/// Says that a transaction is durable, and what it made.
pub(crate) fn done(
    context: &Context,
    outcome: &Outcome,
    text: impl FnOnce() -> String,
) -> Result<(), Failure> {
    context.output().answer(&as_json(outcome), || {
        format!("{}\n  height {}, transaction {}", text(), outcome.height, outcome.txhash)
    })
}

/// A durable transaction as one object.
pub(crate) fn as_json(outcome: &Outcome) -> Value {
    let mut object = Map::new();
    object.insert("height".to_owned(), outcome.height.into());
    object.insert("txhash".to_owned(), outcome.txhash.to_string().into());
    object.insert("code".to_owned(), outcome.code.into());
    if let Some(ticket) = outcome.ticket_id {
        object.insert("ticket_id".to_owned(), ticket.to_string().into());
    }
    if let Some(index) = outcome.response_index {
        object.insert("response_index".to_owned(), index.into());
    }
    if let Some(key) = &outcome.registered_key {
        object.insert("key_fingerprint".to_owned(), key.to_string().into());
    }
    if let Some(applied) = outcome.validator_applied {
        object.insert("applied".to_owned(), applied.into());
    }
    Value::Object(object)
}
