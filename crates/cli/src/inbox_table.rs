//! Tickets of an inbox as a table: what they are about, who spoke last, since when they wait, and when they are due.

use sealdesk_client::sla::Kind;
use sealdesk_client::trust::Clock;
use sealdesk_client::view::{About, Due, Inbox, Record, Section, SectionKind, Subject, Ticket, Time};

use crate::args::Ledger;
use crate::context::Context;
use crate::span::away;
use crate::table;
use crate::ticket_table;

/// Longest subject in a table, in characters; the rest is for `read`.
const SUBJECT_CHARS_MAX: usize = 40;

/// Where the subject stands, which is the first to be shortened.
const SUBJECT_COLUMN: usize = 3;

/// The tickets of a section, one a line.
pub(crate) fn rows(context: &Context, inbox: &Inbox, section: &Section<'_>) -> String {
    if section.kind == SectionKind::Closed {
        return closed_rows(context, inbox, section);
    }
    let about = |ticket: &Ticket| inbox.about.get(&ticket.id);
    let shows_agent = section.tickets.iter().any(|ticket| ticket.assigned_to.is_some())
        && !matches!(section.kind, SectionKind::Mine | SectionKind::WaitingForCustomer);
    let shows_due =
        section.tickets.iter().any(|ticket| about(ticket).is_some_and(|about| about.due.is_some()));
    // A contract tells neither, and --sealed no subject.
    let shows_subject = section.tickets.iter().any(|ticket| !subject(about(ticket)).is_empty());
    let shows_last = section.tickets.iter().any(|it| about(it).is_some_and(|about| about.last.is_some()));
    let row = |ticket: &&Ticket| {
        let about = about(ticket);
        let mut row =
            vec![ticket.id.to_string(), ticket_table::status(ticket), ticket.priority.name().to_owned()];
        row.push(if shows_subject { subject(about) } else { ticket.category.clone() });
        row.push(context.name_of(&ticket.customer));
        if shows_agent {
            row.push(ticket.assigned_to.as_deref().map(|agent| context.name_of(agent)).unwrap_or_default());
        }
        if shows_last {
            let last = about.and_then(|about| about.last.as_ref());
            row.push(last.map(|last| context.name_of(&last.by)).unwrap_or_default());
        }
        let time =
            if section.kind == SectionKind::Aside { ticket.snoozed_until } else { since(ticket, about) };
        row.push(cell(context, time));
        if shows_due {
            row.push(about.and_then(|about| about.due).map(|due| short(&due)).unwrap_or_default());
        }
        row
    };
    let waiting = match (section.kind, context.output().width()) {
        (SectionKind::Aside, _) => "UNTIL",
        (_, Some(_)) => "SINCE",
        (_, None) => "WAITING SINCE",
    };
    let waiting = column(context, waiting);
    let third = if shows_subject { "SUBJECT" } else { "CATEGORY" };
    let mut head = vec!["TICKET", "STATUS", "PRIORITY", third, "CUSTOMER"];
    head.extend(shows_agent.then_some("ASSIGNED TO"));
    head.extend(shows_last.then_some("LAST WORD"));
    head.push(&waiting);
    head.extend(shows_due.then_some("DUE"));
    let names =
        (4..head.len().saturating_sub(1)).filter(|column| head.get(*column) != Some(&waiting.as_str()));
    let shortened: Vec<usize> = std::iter::once(SUBJECT_COLUMN).chain(names).collect();
    let rows = section.tickets.iter().map(row).collect();
    table::fitted(&head, rows, context.output().width(), &shortened)
}

/// Tickets that are over, and why.
fn closed_rows(context: &Context, inbox: &Inbox, section: &Section<'_>) -> String {
    let row = |ticket: &&Ticket| {
        let about = inbox.about.get(&ticket.id);
        vec![
            ticket.id.to_string(),
            subject(about),
            context.name_of(&ticket.customer),
            cell(context, ticket.closed_at.or(ticket.resolved_at)),
            why(context, ticket, about),
        ]
    };
    let closed = column(context, "CLOSED");
    let head = ["TICKET", "SUBJECT", "CUSTOMER", &closed, "WHY"];
    let rows = section.tickets.iter().map(row).collect();
    table::fitted(&head, rows, context.output().width(), &[1, 4, 2])
}

/// Why a ticket is over: whose duplicate it is and how it was resolved are in its record, who closed it and their reason the node tells.
fn why(context: &Context, ticket: &Ticket, about: Option<&About>) -> String {
    let closing = about.and_then(|about| about.closed.as_ref());
    let mut parts = Vec::new();
    if ticket.closed_at.is_none() {
        parts.push(ticket.status.name().to_owned());
    }
    match closing.map(|closing| &closing.by) {
        Some(Some(by)) => parts.push(format!("by {}", context.name_of(by))),
        Some(None) => parts.push("automatically, after its resolution".to_owned()),
        None => {}
    }
    parts.extend(closing.map(|closing| closing.reason.clone()));
    if let Record::Native(record) = &ticket.record {
        parts.push(record.resolution_ref.clone());
        let duplicate = ticket_table::links(&record.links);
        parts.extend(duplicate.into_iter().filter(|link| link.starts_with("duplicate of")));
    }
    parts.retain(|part| !part.is_empty());
    parts.dedup();
    parts.join(", ")
}

fn subject(about: Option<&About>) -> String {
    match about.map(|about| &about.subject) {
        Some(Subject::Text(text)) if text.chars().count() > SUBJECT_CHARS_MAX => {
            let begin: String = text.chars().take(SUBJECT_CHARS_MAX.saturating_sub(1)).collect();
            format!("{begin}…")
        }
        Some(Subject::Text(text)) => text.clone(),
        Some(Subject::NotShown(why)) => format!("({why})"),
        Some(Subject::Locked) | None => String::new(),
    }
}

/// Since when a ticket waits; where only its record is known, when it changed. Whoever wrote one that the desk has put aside has waited since
/// its last word.
fn since(ticket: &Ticket, about: Option<&About>) -> Option<Time> {
    let waits = |about: &About| match about.is_aside() {
        true => about.last.as_ref().map(|last| last.at),
        false => about.waits_since,
    };
    about.and_then(waits).or(Some(ticket.updated_at))
}

fn cell(context: &Context, time: Option<Time>) -> String {
    match time {
        // At a terminal there is no room for what everyone knows.
        Some(Time::Unix(seconds)) if context.output().width().is_some() => {
            context.zone().in_narrow_column(seconds, Clock::system().now())
        }
        Some(Time::Unix(seconds)) => context.zone().in_column(seconds),
        Some(Time::BurnBlock(height)) => format!("block {height}"),
        None => String::new(),
    }
}

fn column(context: &Context, title: &str) -> String {
    match context.ledger() {
        Ledger::Native => context.zone().column(title),
        Ledger::Stacks => title.to_owned(),
    }
}

/// How much time there is, or since when there is none: `in 3 h`, `late 20 min`.
fn short(due: &Due) -> String {
    match due.is_late {
        false => format!("in {}", away(due.seconds_left())),
        true => format!("late {}", away(due.seconds_left().saturating_neg())),
    }
}

/// The same as a sentence: `due in 3 h (next response)`.
pub(crate) fn due(due: &Due) -> String {
    let what = match due.what {
        Kind::FirstResponse => "first response",
        Kind::NextResponse => "next response",
        Kind::Resolution => "resolution",
    };
    match due.is_late {
        false => format!("due in {} ({what})", away(due.seconds_left())),
        true => format!("late for {} ({what})", away(due.seconds_left().saturating_neg())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_says_how_much_time_there_is_and_what_is_late_says_so() {
        let at = |at, is_late| Due { what: Kind::NextResponse, at, is_late, counted_at: 1_000 };
        assert_eq!(short(&at(8_260, false)), "in 2 h 1 min");
        assert_eq!(short(&at(400, true)), "late 10 min");
        assert_eq!(due(&at(8_260, false)), "due in 2 h 1 min (next response)");
        assert_eq!(due(&at(400, true)), "late for 10 min (next response)");
    }

    #[test]
    fn a_long_subject_is_cut_and_one_that_was_not_opened_says_why() {
        let about = |subject| About {
            subject,
            last: None,
            turn: None,
            waits_since: None,
            is_back: false,
            due: None,
            closed: None,
        };
        let long = subject(Some(&about(Subject::Text("ä".repeat(200)))));
        assert_eq!((long.chars().count(), long.ends_with('…')), (SUBJECT_CHARS_MAX, true));
        assert_eq!(
            subject(Some(&about(Subject::NotShown("sealed for others".into())))),
            "(sealed for others)"
        );
        assert_eq!(subject(Some(&about(Subject::Locked))), "");
    }
}
