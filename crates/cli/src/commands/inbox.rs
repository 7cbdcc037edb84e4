//! `sealdesk inbox --from NAME`.

use sealdesk_client::inbox::{InboxAsk, InboxFilter};
use sealdesk_client::trust::Clock;
use sealdesk_client::view::{EndedGrant, EndedVote, Inbox, OpenVote, Section, SectionKind};
use sealdesk_protocol::limits::QUEUE_MORE_MAX;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::text::line;
use sealdesk_protocol::ticket::{Priority, Status};
use serde_json::json;

use crate::args::Ledger;
use crate::context::Context;
use crate::failure::Failure;
use crate::inbox_table;
use crate::parse;
use crate::staff;
use crate::table::count;

/// Options of `inbox`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Each record is checked against the ledger's signature, and each subject against its author's. Which tickets there are is the \
    node's word; of your own the ledger proves how many are not closed. Of each list the most urgent come first, and of those the longest waiting. \
    Opened subjects are kept in your home, sealed under a key of your phrase: removing that file (subjects-*.sealed) loses nothing.\n\n\
    Examples:\n  \
    sealdesk inbox\n  \
    sealdesk inbox --mine --priority urgent\n  \
    sealdesk inbox --search printer --since 2w\n  \
    sealdesk inbox --closed --limit 10\n  \
    sealdesk inbox --sealed"
)]
pub(crate) struct Args {
    /// Only tickets that you wrote or that are assigned to you
    #[arg(long)]
    mine: bool,
    /// Only those in this category
    #[arg(long, value_name = "CATEGORY")]
    category: Option<String>,
    /// Only those in this status: open, assigned, in_progress, pending_customer, resolved or closed
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Option<Status>,
    /// Only those of this priority: low, normal, high or urgent
    #[arg(long, value_name = "PRIORITY", value_parser = parse::priority)]
    priority: Option<Priority>,
    /// Closed ones, too
    #[arg(long)]
    closed: bool,
    /// Only those in which something happened since then: 2h, 3d, 2w, a day, or a time
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only those whose subject, number, category or people contain this text
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with = "sealed")]
    search: Option<String>,
    /// Tickets to show of each list, 1 to 1000
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    limit: u16,
    /// Leave subjects sealed: no key is needed
    #[arg(long)]
    sealed: bool,
}

fn status(text: &str) -> Result<Status, String> {
    let names = || Status::ALL.map(Status::name).join(", ");
    Status::parse(text).ok_or_else(|| format!("use one of {}", names()))
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let is_sealed = args.sealed;
    let ask = asked(context, args)?;
    let inbox = context.inbox(&ask, is_sealed).await?;
    let mut value = json!(inbox);
    if context.ledger() == Ledger::Stacks {
        value["older_not_looked_at"] = inbox.unseen.into();
    }
    context.output().answer(&value, || as_text(context, &inbox, &ask))
}

fn asked(context: &Context, args: Args) -> Result<InboxAsk, Failure> {
    let Args { mine, category, status, priority, closed, since, search, limit, sealed: _ } = args;
    let since = since.map(|text| moment(context, &text)).transpose()?;
    let filter = InboxFilter { category, status, priority, since, search };
    Ok(InboxAsk { most: limit.into(), filter, mine, closed })
}

/// The second of a time that is past: a span back from now, a day, or a time.
fn moment(context: &Context, text: &str) -> Result<i64, Failure> {
    let now = Clock::system().now();
    let second = context.zone().second_of(text, now).map_err(|why| {
        Failure::usage(
            format!("--since {}: {why}", line(text)),
            "write 2h, 3d, 2w, 2026-11-28 or 2026-11-28T09:30:00Z",
        )
    })?;
    // A span is meant backward.
    let is_span = text
        .strip_suffix(['m', 'h', 'd', 'w'])
        .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    Ok(if is_span { now.saturating_mul(2).saturating_sub(second) } else { second })
}

fn as_text(context: &Context, inbox: &Inbox, ask: &InboxAsk) -> String {
    let mut parts = Vec::new();
    if !inbox.is_active {
        parts.push("Your account is not active: you can read, but do nothing else.".to_owned());
    }
    parts.extend(inbox.votes.iter().map(|vote| open_vote(context, vote)));
    parts.extend(ended_votes(context, &inbox.ended_votes));
    parts.extend(ended_grants(context, &inbox.ended_grants));
    let sections = inbox.sections();
    parts.extend(sections.iter().map(|section| self::section(context, inbox, section)));
    if parts.is_empty() {
        let nothing = if ask.filter.is_none() { "nothing is waiting for you" } else { "no ticket matches" };
        parts.push(nothing.to_owned());
    }
    parts.extend(not_shown(inbox));
    if let Some(text) = &ask.filter.search {
        parts.push(searched(text));
    }
    if inbox.withheld > 0 {
        let withheld = count(inbox.withheld, "ticket");
        parts.push(format!(
            "The ledger counts {withheld} more of yours than the node lists: the node withholds something, or a ticket has just changed. Try again, or name another node with --node."
        ));
    }
    match (inbox.unseen, context.ledger()) {
        (0, _) => {}
        (unseen, Ledger::Stacks) => {
            parts.push(format!("{} were not looked at", count(unseen, "older ticket")));
        }
        (unseen, Ledger::Native) => {
            parts.push(format!(
                "{} or more were not looked at: they are less urgent, or older",
                count(unseen, "ticket")
            ));
        }
    }
    parts.join("\n\n")
}

/// A section with its title, and what to run where something has to be.
fn section(context: &Context, inbox: &Inbox, section: &Section<'_>) -> String {
    let title = match section.kind {
        SectionKind::DueSoon => "Due soon",
        SectionKind::WaitingForYou => "Waiting for you",
        SectionKind::Unassigned => "Unassigned",
        SectionKind::Mine => "Yours, waiting on the customer's reply",
        SectionKind::WaitingForCustomer => "Waiting for the customer",
        SectionKind::Aside => "Put aside",
        SectionKind::InWork => "With others",
        SectionKind::LeftBehind => "Still assigned to you although you left the staff",
        SectionKind::Own => "Waiting for the desk",
        SectionKind::Closed => "Finished",
    };
    let number = section.tickets.len();
    let mut text = format!("{title} ({number})\n{}", inbox_table::rows(context, inbox, section));
    if section.kind == SectionKind::Unassigned {
        if inbox.role == AssignableRole::SupportAgent {
            text.push_str("\n  to take one: sealdesk take TKT");
        }
        for one in &inbox.stranded {
            let (said, mend) = staff::stranded(context, one);
            text.push_str(&format!("\n  {said}: {mend}"));
        }
    }
    text
}

/// How many tickets fit and are not shown. A node counts a thousand of each list, and no further.
fn not_shown(inbox: &Inbox) -> Option<String> {
    let more = inbox.more;
    let lists = [
        (more.assigned, "assigned to you"),
        (more.open, "unassigned"),
        (more.in_work, "assigned to anyone"),
        (more.own, "of your own"),
        (more.closed, "finished"),
    ];
    let told = lists.into_iter().filter(|(more, _)| *more > 0).map(|(more, what)| {
        let is_bound = usize::try_from(more).is_ok_and(|more| more >= QUEUE_MORE_MAX);
        format!("{more}{} {what}", if is_bound { " or more" } else { "" })
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| format!("Not shown: {}. To see more: --limit N", told.join(", ")))
}

/// What was searched, and what was not.
fn searched(text: &str) -> String {
    format!(
        "Searched for \"{}\": subjects that you can open, numbers, categories and addresses. Not searched: the text below a subject, and replies.",
        line(text)
    )
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
            "These people cannot read new messages in their tickets: they have no valid grant any more.\n{}\n  to give them access again: sealdesk tx support renew-grants",
            lines.join("\n")
        )
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sealdesk_client::view::{About, Closing, Idle, More, Spoke, Stranded, Subject, Ticket, Time};
    use sealdesk_protocol::ids::TicketId;

    use super::*;
    use crate::hostile::{context, is_harmless, text, ticket};

    fn inbox(category: &str, customer: &str, agent: &str) -> Inbox {
        let numbered = |number, mut ticket: Ticket| {
            ticket.id = TicketId::new(number).unwrap();
            ticket
        };
        let mut number = 10;
        let mut tickets = || {
            number += 2;
            vec![
                numbered(number, ticket(category, customer, agent)),
                numbered(number + 1, ticket(category, agent, customer)),
            ]
        };
        let about = |number: u64| {
            let last =
                Some(Spoke { by: customer.to_owned(), is_staff: false, at: Time::Unix(1_763_717_623) });
            let closed = Some(Closing { by: Some(agent.to_owned()), reason: category.to_owned() });
            let subject = match number % 2 {
                0 => Subject::Text(category.to_owned()),
                _ => Subject::NotShown(customer.to_owned()),
            };
            let about =
                About { subject, last, turn: None, waits_since: None, is_back: false, due: None, closed };
            (TicketId::new(number).unwrap(), about)
        };
        Inbox {
            role: AssignableRole::Administrator,
            is_active: false,
            own: tickets(),
            assigned: tickets(),
            open: tickets(),
            in_work: tickets(),
            closed: tickets(),
            stranded: vec![Stranded { ticket: ticket(category, customer, agent), why: Idle::NoKey }],
            unseen: 1,
            votes: Vec::new(),
            ended_votes: vec![EndedVote { address: agent.to_owned(), removes: true, change: 1 }],
            ended_grants: vec![EndedGrant {
                ticket: TicketId::new(1).unwrap(),
                assignee: customer.to_owned(),
            }],
            more: More { own: 1, assigned: 2, open: 1_000, in_work: 3, closed: 4 },
            withheld: 1,
            about: (1..=22).map(about).collect(),
        }
    }

    proptest! {
        #[test]
        fn bug_88_no_field_of_an_inbox_adds_a_line(category in text(), customer in text(), agent in text()) {
            let context = context();
            let search = |text: &str| {
                let filter = InboxFilter { search: Some(text.to_owned()), ..InboxFilter::default() };
                InboxAsk { filter, ..InboxAsk::default() }
            };
            let plain = as_text(&context, &inbox("x", "x", "x"), &search("x"));
            let shown = as_text(&context, &inbox(&category, &customer, &agent), &search(&category));
            prop_assert!(is_harmless(&shown), "{}", shown);
            let begins = |text: &str| -> Vec<String> {
                text.lines().map(|line| line.chars().take(12).collect()).collect()
            };
            prop_assert_eq!(begins(&shown), begins(&plain), "{}", shown);
        }
    }

    #[test]
    fn what_is_not_shown_is_counted_as_far_as_the_node_counts() {
        let told = not_shown(&inbox("x", "x", "x")).unwrap();
        assert!(told.contains("2 assigned to you") && told.contains("1000 or more unassigned"), "{told}");
        assert!(told.ends_with("--limit N"), "{told}");
    }

    #[test]
    fn a_span_is_meant_backward_and_a_time_as_it_stands() {
        let context = context();
        let now = Clock::system().now();
        let day = moment(&context, "1d").unwrap();
        assert!((now - 86_410..=now - 86_390).contains(&day), "{day}");
        assert_eq!(moment(&context, "2025-11-21T09:33:43Z").unwrap(), 1_763_717_623);
        assert!(moment(&context, "yesterday").is_err());
    }
}
