//! What a durable transaction made, as it is told.

use sealdesk_client::outcome::Outcome;
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::failure::Failure;

/// Says that a transaction is durable, and what it made.
pub(crate) fn done(
    context: &Context,
    outcome: &Outcome,
    text: impl FnOnce() -> String,
) -> Result<(), Failure> {
    all_done(context, std::slice::from_ref(outcome), text)
}

/// Says that transactions which were one act are durable, and what they made. The last one stands for all.
pub(crate) fn all_done(
    context: &Context,
    outcomes: &[Outcome],
    text: impl FnOnce() -> String,
) -> Result<(), Failure> {
    let value = outcomes.last().map_or_else(|| json!({ "code": 0 }), as_json);
    let proven = outcomes.iter().all(|outcome| outcome.proven);
    told(context, value, proven, || match outcomes.last() {
        Some(last) => format!("{}\n  height {}, transaction {}", text(), last.height, last.txhash),
        None => text(),
    })
}

/// Says what came of an act, and whether the ledger proves all of it; what is the node's word alone fails.
pub(crate) fn told(
    context: &Context,
    mut value: Value,
    proven: bool,
    text: impl FnOnce() -> String,
) -> Result<(), Failure> {
    value["proven"] = proven.into();
    context.output().done(&value, || match proven {
        true => text(),
        false => format!("the node says so, not proven: {}", text()),
    })?;
    if proven {
        return Ok(());
    }
    context
        .output()
        .note("hint: look again with `sealdesk read` or `sealdesk inbox`, at another node if you can");
    Err(Failure::Quiet(1))
}

/// A durable transaction as one object.
pub(crate) fn as_json(outcome: &Outcome) -> Value {
    let mut object = Map::new();
    object.insert("height".to_owned(), outcome.height.into());
    object.insert("txhash".to_owned(), outcome.txhash.to_string().into());
    object.insert("code".to_owned(), outcome.code.into());
    object.insert("proven".to_owned(), outcome.proven.into());
    if let Some(ticket) = outcome.ticket_id {
        object.insert("ticket_id".to_owned(), ticket.to_string().into());
    }
    if let Some(index) = outcome.response_index {
        object.insert("response_index".to_owned(), index.into());
    }
    if let Some(key) = &outcome.registered_key {
        object.insert("key_fingerprint".to_owned(), key.to_string().into());
    }
    if let Some(applied) = outcome.validator_applied.or(outcome.vote_applied) {
        object.insert("applied".to_owned(), applied.into());
    }
    Value::Object(object)
}

/// What a member's vote came to; `said` where it decided, or where it was none.
pub(crate) fn of_vote(outcome: &Outcome, said: &str) -> String {
    match (outcome.vote_applied, outcome.votes) {
        (Some(false), Some((votes, members))) => {
            format!(
                "your vote is kept; {votes} of {members} administrators have voted for it, and more are needed"
            )
        }
        (Some(false), None) => "your vote is kept; it does not decide yet".to_owned(),
        (Some(true) | None, _) => said.to_owned(),
    }
}
