//! Tickets as a table.

use sealdesk_client::trust::Clock;
use sealdesk_client::view::{Ticket, Time};
use sealdesk_protocol::ticket::LinkKind;
use sealdesk_protocol::wire::virtengine::support::v1::TicketLink;

use crate::args::Ledger;
use crate::context::Context;
use crate::table;

/// Tickets, one a line.
pub(crate) fn rows(context: &Context, tickets: &[Ticket]) -> String {
    if tickets.is_empty() {
        return "no tickets".to_owned();
    }
    let row = |ticket: &Ticket| {
        vec![
            ticket.id.to_string(),
            status(ticket),
            ticket.priority.name().to_owned(),
            ticket.category.clone(),
            context.name_of(&ticket.customer),
            ticket.assigned_to.as_deref().map(|agent| context.name_of(agent)).unwrap_or_default(),
            ticket.answers.to_string(),
            match ticket.updated_at {
                Time::Unix(seconds) => context.zone().in_column(seconds),
                Time::BurnBlock(height) => format!("block {height}"),
            },
        ]
    };
    let changed = match context.ledger() {
        Ledger::Native => context.zone().column("CHANGED"),
        Ledger::Stacks => "CHANGED".to_owned(),
    };
    let head = ["TICKET", "STATUS", "PRIORITY", "CATEGORY", "CUSTOMER", "ASSIGNED TO", "ANSWERS", &changed];
    table::fitted(&head, tickets.iter().map(row).collect(), context.output().width(), &[3, 4, 5])
}

/// Where a ticket stands, and whether it was put aside.
pub(crate) fn status(ticket: &Ticket) -> String {
    let status = ticket.status.name();
    match ticket.snoozed_until {
        None => status.to_owned(),
        Some(_) if is_back(ticket) => format!("{status}, back"),
        Some(_) => format!("{status}, put aside"),
    }
}

/// What became of a ticket that was put aside, in words that end where the time stands; by this computer's clock.
pub(crate) fn aside(ticket: &Ticket) -> Option<&'static str> {
    ticket.snoozed_until?;
    Some(if is_back(ticket) { "back since" } else { "put aside until" })
}

fn is_back(ticket: &Ticket) -> bool {
    matches!(ticket.snoozed_until, Some(Time::Unix(until)) if until <= Clock::system().now())
}

/// How a ticket stands to others: `duplicate of TKT-00000007`.
pub(crate) fn links(links: &[TicketLink]) -> Vec<String> {
    let kind = |link: &TicketLink| LinkKind::from_wire(link.kind).map_or("linked to", LinkKind::name);
    links.iter().map(|link| format!("{} {}", kind(link).replace('_', " "), link.ticket_id)).collect()
}
