//! `sealdesk inbox --from NAME`.

use sealdesk_client::view::{Inbox, OpenVote};
use serde_json::json;

use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::{count, safe};
use crate::ticket_table;

/// Options of `inbox`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Each record is checked against the ledger's signature. Nothing is opened here, so no passphrase is asked for; \
    `sealdesk read TKT` opens a ticket."
)]
pub(crate) struct Args {}

pub(super) async fn run(context: &Context, Args {}: Args) -> Result<(), Failure> {
    let inbox = context.inbox().await?;
    let mut value = json!({
        "role": inbox.role.name(),
        "active": inbox.is_active,
        "tickets": inbox.tickets(),
        "own": inbox.own,
        "assigned": inbox.assigned,
        "open": inbox.open,
        "in_work": inbox.in_work,
        "votes": inbox.votes,
    });
    if context.ledger() == Ledger::Stacks {
        value["older_not_looked_at"] = inbox.unseen.into();
    }
    context.output().answer(&value, || as_text(context, &inbox))
}

fn as_text(context: &Context, inbox: &Inbox) -> String {
    let mut parts = Vec::new();
    if !inbox.is_active {
        parts.push("Your account is not active: you can read, and do nothing else.".to_owned());
    }
    parts.extend(inbox.votes.iter().map(|vote| open_vote(context, vote)));
    let lists = [
        ("Nobody has these yet", &inbox.open),
        ("Assigned to you", &inbox.assigned),
        ("Assigned, to you or others", &inbox.in_work),
        ("Your own", &inbox.own),
    ];
    for (title, tickets) in lists.into_iter().filter(|(_, tickets)| !tickets.is_empty()) {
        parts.push(format!("{title}\n{}", ticket_table::rows(context, tickets)));
    }
    if parts.is_empty() {
        parts.push("nothing waits for you".to_owned());
    }
    if inbox.unseen > 0 {
        parts.push(format!("{} were not looked at", count(inbox.unseen, "older ticket")));
    }
    parts.join("\n\n")
}

/// A vote that waits for this person, with the command that casts theirs.
fn open_vote(context: &Context, vote: &OpenVote) -> String {
    let voters: Vec<String> = vote.voters.iter().map(|voter| context.name_of(voter)).collect();
    let (change, command) = if vote.removes { ("remove", "revoke-role") } else { ("add", "assign-role") };
    let (votes, members, who) = (vote.voters.len(), vote.members, safe(&vote.address));
    format!(
        "A vote to {change} an administrator: {}\n  {votes} of {members} have voted for it: {}\n  if you agree: sealdesk tx roles {command} {who} administrator",
        safe(&context.named(&vote.address)),
        safe(&voters.join(", "))
    )
}
