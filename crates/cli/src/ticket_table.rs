//! Tickets as a table.

use sealdesk_client::view::{Ticket, Time};

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
            ticket.status.name().to_owned(),
            ticket.priority.name().to_owned(),
            table::safe(&ticket.category),
            context.name_of(&ticket.customer),
            ticket.assigned_to.as_deref().map(|agent| context.name_of(agent)).unwrap_or_default(),
            ticket.answers.to_string(),
            match ticket.updated_at {
                Time::Unix(seconds) => table::time(seconds),
                Time::BurnBlock(height) => format!("block {height}"),
            },
        ]
    };
    let changed = match context.ledger() {
        Ledger::Native => "CHANGED (UTC)",
        Ledger::Stacks => "CHANGED",
    };
    let head = ["TICKET", "STATUS", "PRIORITY", "CATEGORY", "CUSTOMER", "ASSIGNED TO", "ANSWERS", changed];
    table::rows(&head, tickets.iter().map(row).collect())
}
