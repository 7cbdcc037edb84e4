//! `sealdesk inbox --from NAME`.

use sealdesk_client::view::{EndedGrant, EndedVote, Inbox, OpenVote};
use sealdesk_protocol::limits::QUEUE_MORE_MAX;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::text::line;
use serde_json::json;

use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::staff;
use crate::table::count;
use crate::ticket_table;

/// Options of `inbox`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Each record is checked against the ledger's signature. Nothing is opened here, so no passphrase is asked for; \
    `sealdesk read TKT` opens a ticket. Of each list the most urgent come first, and of those who wait equally urgently who waits longest. \
    Which tickets there are is the node's word; of your own the ledger proves how many are not closed.\n\n\
    Examples:\n  \
    sealdesk inbox\n  \
    sealdesk inbox --limit 10"
)]
pub(crate) struct Args {
    /// Tickets of each list to show, 1 to 1000
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    limit: u16,
}

pub(super) async fn run(context: &Context, Args { limit }: Args) -> Result<(), Failure> {
    let inbox = context.inbox(limit.into()).await?;
    let mut value = json!(inbox);
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
    parts.extend(ended_votes(context, &inbox.ended_votes));
    parts.extend(ended_grants(context, &inbox.ended_grants));
    parts.extend(unassigned(context, inbox));
    let own = match inbox.role {
        AssignableRole::Customer | AssignableRole::Gateway => {
            "Still assigned to you, who have left the staff"
        }
        AssignableRole::SupportAgent | AssignableRole::Administrator => "Assigned to you",
    };
    let lists = [
        (own, &inbox.assigned, inbox.more.assigned),
        ("Assigned, to you or others", &inbox.in_work, inbox.more.in_work),
        ("Your own", &inbox.own, inbox.more.own),
    ];
    for (title, tickets, more) in lists.into_iter().filter(|(_, tickets, _)| !tickets.is_empty()) {
        parts.push(format!("{title}\n{}{}", ticket_table::rows(context, tickets), more_text(more)));
    }
    if parts.is_empty() {
        parts.push("nothing waits for you".to_owned());
    }
    if inbox.withheld > 0 {
        let withheld = count(inbox.withheld, "ticket");
        parts.push(format!(
            "The ledger counts {withheld} of yours more than the node lists: it keeps something back, or a ticket has just changed. Ask again, or name another node with --node."
        ));
    }
    if inbox.unseen > 0 {
        parts.push(format!("{} were not looked at", count(inbox.unseen, "older ticket")));
    }
    parts.join("\n\n")
}

/// What waits for somebody to whom it is assigned: nobody yet, or somebody who cannot go on with it. The reasons, and what to run, follow.
fn unassigned(context: &Context, inbox: &Inbox) -> Option<String> {
    let stranded = inbox.stranded.iter().map(|stranded| stranded.ticket.clone());
    let tickets: Vec<_> = inbox.open.iter().cloned().chain(stranded).collect();
    if tickets.is_empty() {
        return None;
    }
    let mut text =
        format!("Unassigned\n{}{}", ticket_table::rows(context, &tickets), more_text(inbox.more.open));
    if inbox.role == AssignableRole::SupportAgent {
        text.push_str("\n  to take one: sealdesk tx support take-ticket TKT");
    }
    for one in &inbox.stranded {
        let (said, mend) = staff::stranded(context, one);
        text.push_str(&format!("\n  {said}: {mend}"));
    }
    Some(text)
}

/// That a list has more than is shown. A node counts a thousand of them, and no further.
fn more_text(more: u64) -> String {
    match more {
        0 => String::new(),
        more if usize::try_from(more).is_ok_and(|more| more >= QUEUE_MORE_MAX) => {
            format!("\n  and {more} or more others: add --limit N")
        }
        1 => "\n  and 1 other, or more: add --limit N".to_owned(),
        more => format!("\n  and {more} others: add --limit N"),
    }
}

/// A vote that waits for this person, with the command that casts theirs.
fn open_vote(context: &Context, vote: &OpenVote) -> String {
    let voters: Vec<String> = vote.voters.iter().map(|voter| context.name_of(voter)).collect();
    let (change, command) = if vote.removes { ("remove", "revoke-role") } else { ("add", "assign-role") };
    let (votes, members, who) = (vote.voters.len(), vote.members, line(&vote.address));
    format!(
        "A vote to {change} an administrator: {}\n  {votes} of {members} have voted for it: {}\n  if you agree: sealdesk tx roles {command} {who} administrator",
        line(&context.named(&vote.address)),
        line(&voters.join(", "))
    )
}

/// Votes of this person that ended, with the command that casts them anew.
fn ended_votes(context: &Context, votes: &[EndedVote]) -> Option<String> {
    let line = |vote: &EndedVote| {
        let change = if vote.removes { "remove" } else { "add" };
        format!("  to {change} {}", line(&context.named(&vote.address)))
    };
    let lines: Vec<String> = votes.iter().map(line).collect();
    (!lines.is_empty()).then(|| {
        format!(
            "The administrators changed, and these votes of yours ended:\n{}\n  to cast them again: sealdesk tx roles renew-votes",
            lines.join("\n")
        )
    })
}

/// Tickets whose assignee, or customer after a transfer, cannot read what is new, with the command that lets them in.
fn ended_grants(context: &Context, grants: &[EndedGrant]) -> Option<String> {
    let line = |ended: &EndedGrant| format!("  {}  {}", ended.ticket, line(&context.named(&ended.assignee)));
    let lines: Vec<String> = grants.iter().map(line).collect();
    (!lines.is_empty()).then(|| {
        format!(
            "These people cannot read what is new in their tickets: no administrator's grant lets them in any more.\n{}\n  to let them in again: sealdesk tx support renew-grants",
            lines.join("\n")
        )
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sealdesk_client::view::{Idle, More, Stranded};
    use sealdesk_protocol::ids::TicketId;

    use super::*;
    use crate::hostile::{context, is_harmless, text, ticket};

    fn inbox(category: &str, customer: &str, agent: &str) -> Inbox {
        let tickets = || vec![ticket(category, customer, agent), ticket(category, agent, customer)];
        Inbox {
            role: AssignableRole::Administrator,
            is_active: false,
            own: tickets(),
            assigned: tickets(),
            open: tickets(),
            in_work: tickets(),
            stranded: vec![Stranded { ticket: ticket(category, customer, agent), why: Idle::NoKey }],
            unseen: 1,
            votes: Vec::new(),
            ended_votes: vec![EndedVote { address: agent.to_owned(), removes: true, change: 1 }],
            ended_grants: vec![EndedGrant {
                ticket: TicketId::new(1).unwrap(),
                assignee: customer.to_owned(),
            }],
            more: More { own: 1, assigned: 2, open: 1_000, in_work: 3 },
            withheld: 1,
        }
    }

    proptest! {
        #[test]
        fn bug_88_no_field_of_an_inbox_adds_a_line(category in text(), customer in text(), agent in text()) {
            let context = context();
            let plain = as_text(&context, &inbox("x", "x", "x"));
            let shown = as_text(&context, &inbox(&category, &customer, &agent));
            prop_assert!(is_harmless(&shown), "{}", shown);
            let begins = |text: &str| -> Vec<String> {
                text.lines().map(|line| line.chars().take(12).collect()).collect()
            };
            prop_assert_eq!(begins(&shown), begins(&plain), "{}", shown);
        }
    }
}
