//! `sealdesk query support …`: one file a question, as the reference document writes them.

mod open_tickets;
mod params;
mod responses;
mod ticket;
mod tickets_by_agent;
mod tickets_by_customer;
mod tickets_by_provider;
mod tickets_by_status;

use clap::Subcommand;
use sealdesk_client::node::{NodeError, TicketsBy};
use sealdesk_protocol::codes::{Refusal, SupportError};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::json;
use sealdesk_protocol::ticket::Status;
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;
use serde_json::json;

use super::page::{self, Paging};
use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// What can be asked about tickets.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// One ticket's public record
    Ticket(ticket::Args),
    /// The tickets of a customer
    TicketsByCustomer(tickets_by_customer::Args),
    /// The tickets that concern a provider
    TicketsByProvider(tickets_by_provider::Args),
    /// The tickets that an agent has
    TicketsByAgent(tickets_by_agent::Args),
    /// The tickets of a status
    TicketsByStatus(tickets_by_status::Args),
    /// The tickets that nobody has yet
    OpenTickets(open_tickets::Args),
    /// A ticket's responses, still sealed
    Responses(responses::Args),
    /// The desk's limits
    Params(params::Args),
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Ticket(args) => ticket::run(context, args).await,
        Command::TicketsByCustomer(args) => tickets_by_customer::run(context, args).await,
        Command::TicketsByProvider(args) => tickets_by_provider::run(context, args).await,
        Command::TicketsByAgent(args) => tickets_by_agent::run(context, args).await,
        Command::TicketsByStatus(args) => tickets_by_status::run(context, args).await,
        Command::OpenTickets(args) => open_tickets::run(context, args).await,
        Command::Responses(args) => responses::run(context, args).await,
        Command::Params(args) => params::run(context, args).await,
    }
}

/// Asks for a list of tickets and shows the page.
async fn list(context: &Context, by: TicketsBy, paging: &Paging) -> Result<(), Failure> {
    let answer = context.node().await?.tickets(&by, &paging.page()?).await?;
    let next = page::cursor(&answer.next_cursor);
    let text = tickets_table(context, &answer.tickets);
    let tickets: Vec<_> = answer.tickets.into_iter().map(json::Ticket::from).collect();
    context.output().answer(&json!({ "tickets": tickets, "next_cursor": next }), || text)?;
    page::more(context, &next);
    Ok(())
}

/// Tickets, one a line.
pub(crate) fn tickets_table(context: &Context, tickets: &[SupportTicket]) -> String {
    if tickets.is_empty() {
        return "no tickets".to_owned();
    }
    let row = |ticket: &SupportTicket| {
        let shown = json::Ticket::from(ticket.clone());
        vec![
            shown.ticket_id,
            shown.status.to_owned(),
            shown.priority.to_owned(),
            table::safe(&shown.category),
            context.name_of(&shown.customer_address),
            context.name_of(&shown.assigned_to),
            shown.response_count.to_string(),
            table::time(ticket.updated_at),
        ]
    };
    let head =
        ["TICKET", "STATUS", "PRIORITY", "CATEGORY", "CUSTOMER", "ASSIGNED TO", "ANSWERS", "CHANGED (UTC)"];
    table::rows(&head, tickets.iter().map(row).collect())
}

/// A node's answer about one ticket. That there is none is said as the ledger would.
fn about<T>(ticket: TicketId, answer: Result<T, NodeError>) -> Result<T, Failure> {
    answer.map_err(|error| match error {
        NodeError::NotFound { .. } => Refusal::from(SupportError::TicketNotFound(ticket)).into(),
        other => other.into(),
    })
}

/// Reads a status.
fn status(text: &str) -> Result<Status, String> {
    let names = || Status::ALL.map(Status::name).join(", ");
    Status::parse(text).ok_or_else(|| format!("use one of {}", names()))
}
