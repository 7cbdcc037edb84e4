//! What was granted, as it is told.

use sealdesk_client::desk::Desk;
use sealdesk_client::messages::{Assigned, GrantsSent};
use sealdesk_client::outcome::Outcome;
use sealdesk_client::stacks::Granted as GrantedByCalls;
use sealdesk_protocol::ids::{Address, TicketId};
use serde_json::json;
use tonic::transport::Channel;

use crate::access_report::{self, AccessReport};
use crate::context::Context;
use crate::contract_call;
use crate::failure::Failure;
use crate::outcome::{self, Answer, End, as_json};

/// What every command takes that lets somebody in.
#[derive(Debug, clap::Args)]
pub(crate) struct Marked {
    /// Grant also texts that name another ticket, none, or administrators whom the ledger does not show; otherwise you are asked at a terminal
    #[arg(long)]
    grant_marked: bool,
}

impl Marked {
    /// The same desk, which asks before it grants such a text.
    pub(crate) fn ask(&self, context: &Context, desk: Desk<Channel>) -> Desk<Channel> {
        desk.with_doubts(context.doubts(self.grant_marked))
    }
}

/// Says how far the grants of a long ticket have come: nobody else can open more of it, should a later transaction fail.
pub(crate) fn progress(context: &Context, ticket: TicketId) -> impl FnMut(GrantsSent) {
    let output = context.output();
    move |GrantsSent { done, total }| {
        if done < total {
            output.note(&format!("{ticket}  {done} of {total} messages can be opened; the rest follows"));
        }
    }
}

/// What granting did, and what the reader can open by then.
pub(crate) fn answer(
    context: &Context,
    outcomes: &[Outcome],
    granted: usize,
    told: &AccessReport<'_>,
    first_line: Option<&str>,
) -> Answer {
    let mut value = outcomes.last().map_or_else(|| json!({ "code": 0 }), as_json);
    value["granted"] = granted.into();
    told.put(&mut value);
    let proven = outcomes.iter().all(|outcome| outcome.proven);
    let mut lines: Vec<String> = first_line.map(str::to_owned).into_iter().collect();
    lines.push(told.text());
    let below = match outcomes.last() {
        Some(last) => outcome::place(context, last),
        None => "\n  nothing had to be granted".to_owned(),
    };
    Answer::ending(value, End { proven, whole: told.is_whole() }, lines.join("\n") + &below)
}

/// A ticket that was passed on.
pub(crate) struct Passed<'a> {
    pub(crate) ticket: TicketId,
    /// Who got it, as they were named on the command line, and their address.
    pub(crate) to: &'a str,
    pub(crate) address: &'a Address,
    /// What was done, in a line.
    pub(crate) said: &'a str,
}

/// What passing a ticket on did.
pub(crate) fn passed_on(context: &Context, report: Assigned, passed: Passed<'_>) -> Answer {
    // What lacks is counted again from what the ledger proves: it is newer than what was left out when the grants were made.
    let Assigned {
        outcome,
        later,
        granted,
        unopened: _,
        no_room: _,
        doubtful,
        agent_has_no_key: _,
        keyless,
        access,
        stopped,
    } = report;
    let Passed { ticket, to, address, said } = passed;
    context.say_left_out(&doubtful);
    for who in &keyless {
        context.output().note(&format!(
            "{} has not published a key, and can read nothing until they do and are given access",
            context.name_of(who.as_str())
        ));
    }
    // The rest of the grants came after the first transaction, which is the one that is named.
    let outcomes: Vec<_> = later.into_iter().chain([outcome]).collect();
    let access = access_report::of_one(ticket, access);
    let stopped = stopped.map(|error| Failure::from(error).to_string());
    let again = format!("sealdesk tx support grant-access {ticket} {to}");
    let told = AccessReport {
        who: to,
        of: &ticket.to_string(),
        access: &access,
        again: &again,
        stopped: stopped.as_deref(),
        refused: &[],
    };
    answer(context, &outcomes, granted, &told, Some(said)).with("address", address.as_str().into())
}

/// Says what calls of a contract granted; where something lacks, it is not a success.
pub(crate) fn on_stacks(
    context: &Context,
    granted: &GrantedByCalls,
    whole: bool,
    text: impl FnOnce() -> String,
) -> Result<(), Failure> {
    let GrantedByCalls { outcomes, granted, unopened, has_no_key } = granted;
    let transactions: Vec<String> = outcomes.iter().map(|outcome| outcome.txid.to_string()).collect();
    let more = [
        ("granted", json!(granted)),
        ("transactions", json!(transactions)),
        ("unopened", json!(unopened.len())),
        ("has_no_key", json!(has_no_key)),
    ];
    match outcomes.last() {
        Some(outcome) => contract_call::done(context, outcome, &more, text),
        None => context.output().answer(&json!({ "code": 0, "granted": 0 }), text),
    }?;
    if whole { Ok(()) } else { Err(Failure::Quiet(1)) }
}
