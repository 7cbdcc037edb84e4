//! What was granted, as it is told.

use sealdesk_client::desk::Desk;
use sealdesk_client::messages::GrantsSent;
use sealdesk_client::stacks::Granted;
use sealdesk_protocol::ids::TicketId;
use serde_json::json;
use tonic::transport::Channel;

use crate::context::Context;
use crate::contract_call;
use crate::failure::Failure;
use crate::table::count;

/// What every command takes that lets somebody in.
#[derive(Debug, clap::Args)]
pub(crate) struct Marked {
    /// Grant also texts that name another ticket, none, or administrators whom the ledger does not show; else a terminal is asked
    #[arg(long)]
    grant_marked: bool,
}

impl Marked {
    /// The same desk, which asks before it grants such a text.
    pub(super) fn ask(&self, context: &Context, desk: Desk<Channel>) -> Desk<Channel> {
        desk.with_doubts(context.doubts(self.grant_marked))
    }
}

/// What was left out, at the end of a sentence.
pub(super) fn but_for(left_out: usize) -> String {
    match left_out {
        0 => String::new(),
        n => format!("; left out: {}", count(n, "marked message")),
    }
}

/// Says how far the grants of a long ticket have come: nobody else can open more of it, should a later transaction fail.
pub(super) fn progress(context: &Context, ticket: TicketId) -> impl FnMut(GrantsSent) {
    let output = context.output();
    move |GrantsSent { done, total }| {
        if done < total {
            output.note(&format!("{ticket}  {done} of {total} messages can be opened; the rest follows"));
        }
    }
}

/// Says that nothing had to be granted.
pub(super) fn nothing(context: &Context, text: impl FnOnce() -> String) -> Result<(), Failure> {
    context.output().answer(&json!({ "code": 0, "granted": 0 }), text)
}

/// Says what calls of a contract granted.
pub(super) fn on_stacks(
    context: &Context,
    granted: &Granted,
    text: impl FnOnce() -> String,
) -> Result<(), Failure> {
    let transactions: Vec<String> = granted.outcomes.iter().map(|outcome| outcome.txid.to_string()).collect();
    let more = [
        ("granted", json!(granted.granted)),
        ("transactions", json!(transactions)),
        ("unopened", json!(granted.unopened.len())),
    ];
    match granted.outcomes.last() {
        Some(outcome) => contract_call::done(context, outcome, &more, text),
        None => nothing(context, text),
    }
}
