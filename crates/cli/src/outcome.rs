//! What a durable transaction made, as it is told.

use sealdesk_client::outcome::{Outcome, Tally, Vote};
use serde_json::{Map, Value};

use crate::context::Context;
use crate::failure::Failure;

/// Says that a transaction is durable, and what it made; what is the node's word alone fails.
pub(crate) fn done(
    context: &Context,
    outcome: &Outcome,
    text: impl FnOnce() -> String,
) -> Result<(), Failure> {
    done_with(context, outcome, &[], text)
}

/// As [`done`], with more for a program.
pub(crate) fn done_with(
    context: &Context,
    outcome: &Outcome,
    more: &[(&str, Value)],
    text: impl FnOnce() -> String,
) -> Result<(), Failure> {
    let mut answer = Answer::of(context, outcome, &text());
    for (name, field) in more {
        answer.value[*name] = field.clone();
    }
    answer.tell(context)
}

/// What a command says of a durable transaction.
pub(crate) struct Answer {
    value: Value,
    end: End,
    text: String,
}

impl Answer {
    /// The same with one more field, for a program.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
        self.value[name] = value;
        self
    }

    /// What it made, in a line.
    pub(crate) fn of(context: &Context, outcome: &Outcome, said: &str) -> Self {
        let text = format!("{said}{}", place(context, outcome));
        Self { value: as_json(outcome), end: End { proven: outcome.proven, whole: true }, text }
    }

    /// Of an act that may not be whole.
    pub(crate) fn ending(value: Value, end: End, text: String) -> Self {
        Self { value, end, text }
    }

    /// Whether it is proven and whole.
    pub(crate) fn is_success(&self) -> bool {
        self.end.exit().is_ok()
    }

    /// What a program gets of it.
    pub(crate) fn value(mut self) -> Value {
        self.value["proven"] = self.end.proven.into();
        self.value
    }

    /// Says it; what is not proven, or not whole, fails.
    pub(crate) fn tell(self, context: &Context) -> Result<(), Failure> {
        ended(context, self.value, self.end, || self.text)
    }
}

/// Where a transaction stands, on a line below what it did, for whoever asks for that.
pub(crate) fn place(context: &Context, outcome: &Outcome) -> String {
    match context.settings().verbose {
        true => format!("\n  height {}, transaction {}", outcome.height, outcome.txhash),
        false => String::new(),
    }
}

/// Says what came of several transactions, and whether the ledger proves all of it.
pub(crate) fn report(
    context: &Context,
    value: Value,
    proven: bool,
    text: impl FnOnce() -> String,
) -> Result<(), Failure> {
    ended(context, value, End { proven, whole: true }, text)
}

/// How an act ended.
#[derive(Clone, Copy)]
pub(crate) struct End {
    /// Whether the ledger proves that its transactions had their effect.
    pub(crate) proven: bool,
    /// Whether all came of it that the command is for.
    pub(crate) whole: bool,
}

impl End {
    /// What the process exits with: only what is proven and whole is a success.
    fn exit(self) -> Result<(), Failure> {
        if self.proven && self.whole { Ok(()) } else { Err(Failure::Quiet(1)) }
    }

    fn text(self, text: String) -> String {
        if self.proven { text } else { format!("the node claims this, not proven: {text}") }
    }
}

/// Says what came of an act; what is not proven, or not whole, fails.
pub(crate) fn ended(
    context: &Context,
    mut value: Value,
    end: End,
    text: impl FnOnce() -> String,
) -> Result<(), Failure> {
    value["proven"] = end.proven.into();
    context.output().done(&value, || end.text(text()))?;
    if !end.proven {
        context
            .output()
            .note("hint: check with `sealdesk read` or `sealdesk inbox`, at another node if you can");
    }
    end.exit()
}

/// A durable transaction as one object.
pub(crate) fn as_json(outcome: &Outcome) -> Value {
    let Outcome {
        height,
        txhash,
        code,
        codespace: _,
        log: _,
        timestamp: _,
        ticket_id,
        response_index,
        registered_key,
        vote,
        proven,
        tries: _,
    } = outcome;
    let mut object = Map::new();
    object.insert("height".to_owned(), (*height).into());
    object.insert("txhash".to_owned(), txhash.to_string().into());
    object.insert("code".to_owned(), (*code).into());
    object.insert("proven".to_owned(), (*proven).into());
    if let Some(ticket) = ticket_id {
        object.insert("ticket_id".to_owned(), ticket.to_string().into());
    }
    if let Some(index) = response_index {
        object.insert("response_index".to_owned(), (*index).into());
    }
    if let Some(key) = registered_key {
        object.insert("key_fingerprint".to_owned(), key.to_string().into());
    }
    if let Some(vote) = vote {
        object.insert("applied".to_owned(), (*vote == Vote::Decided).into());
    }
    if let Some(Vote::Open { tally: Some(Tally { votes, members }) }) = vote {
        object.insert("votes".to_owned(), (*votes).into());
        object.insert("members".to_owned(), (*members).into());
    }
    Value::Object(object)
}

/// What a member's vote came to; `said` where it decided, or where it was none.
pub(crate) fn of_vote(outcome: &Outcome, said: &str) -> String {
    match outcome.vote {
        Some(Vote::Open { tally: Some(Tally { votes, members }) }) => {
            format!(
                "your vote is recorded; {votes} of {members} administrators have voted for it, and more are needed"
            )
        }
        Some(Vote::Open { tally: None }) => "your vote is recorded; it does not decide yet".to_owned(),
        Some(Vote::Decided) | None => said.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use sealdesk_protocol::tx::TxHash;
    use serde_json::json;

    use super::*;

    fn outcome(vote: Option<Vote>) -> Outcome {
        Outcome {
            height: 5,
            txhash: TxHash::of(b"x"),
            code: 0,
            codespace: String::new(),
            log: String::new(),
            timestamp: String::new(),
            ticket_id: None,
            response_index: None,
            registered_key: None,
            vote,
            proven: true,
            tries: 1,
        }
    }

    #[test]
    fn only_what_is_proven_and_whole_is_a_success() {
        for (proven, whole) in [(true, true), (true, false), (false, true), (false, false)] {
            let end = End { proven, whole };
            assert_eq!(end.exit().is_ok(), proven && whole);
            assert_eq!(end.text("done".to_owned()).contains("not proven"), !proven);
        }
    }

    #[test]
    fn a_vote_that_does_not_decide_is_not_said_to_have_done_it() {
        let tally = Some(Tally { votes: 1, members: 3 });
        let cases = [
            (None, "bob is administrator now", json!([null, null, null])),
            (Some(Vote::Decided), "bob is administrator now", json!([true, null, null])),
            (Some(Vote::Open { tally }), "1 of 3 administrators have voted for it", json!([false, 1, 3])),
            (Some(Vote::Open { tally: None }), "it does not decide yet", json!([false, null, null])),
        ];
        for (vote, words, fields) in cases {
            let outcome = outcome(vote);
            assert!(of_vote(&outcome, "bob is administrator now").contains(words), "{vote:?}");
            let value = as_json(&outcome);
            assert_eq!(json!([value["applied"], value["votes"], value["members"]]), fields);
        }
    }
}
