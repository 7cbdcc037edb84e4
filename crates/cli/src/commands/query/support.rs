//! `sealdesk query support …`: one file a question, as the reference document writes them.

mod open_tickets;
mod params;
mod ratings;
mod responses;
mod ticket;
mod tickets_by_agent;
mod tickets_by_customer;
mod tickets_by_provider;
mod tickets_by_status;

use clap::Subcommand;
use sealdesk_client::node::TicketsBy;
use sealdesk_protocol::ticket::Status;
use serde_json::json;

use super::page::{self, Paging};
use crate::context::{Context, Listed, Rest};
use crate::failure::Failure;
use crate::ticket_table;

/// What can be asked about tickets.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// One ticket's public record
    Ticket(ticket::Args),
    /// The tickets of a customer
    TicketsByCustomer(tickets_by_customer::Args),
    /// The tickets that concern a provider
    TicketsByProvider(tickets_by_provider::Args),
    /// The tickets assigned to an agent
    TicketsByAgent(tickets_by_agent::Args),
    /// The tickets of a status
    TicketsByStatus(tickets_by_status::Args),
    /// The unassigned tickets
    OpenTickets(open_tickets::Args),
    /// A ticket's responses, still sealed
    Responses(responses::Args),
    /// How often customers gave each score
    Ratings(ratings::Args),
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
        Command::Ratings(args) => ratings::run(context, args).await,
        Command::Params(args) => params::run(context, args).await,
    }
}

/// Asks for a list of tickets and shows the page.
async fn list(context: &Context, by: TicketsBy<String>, paging: &Paging) -> Result<(), Failure> {
    let Listed { tickets, rest } = context.tickets(by, &paging.page()?).await?;
    let text = || ticket_table::rows(context, &tickets);
    match rest {
        Rest::Cursor(next) => {
            let next = page::cursor(&next);
            context.output().answer(&json!({ "tickets": tickets, "next_cursor": next }), text)?;
            page::more(context, &next);
            Ok(())
        }
        Rest::Unseen(older) => {
            context.output().answer(&json!({ "tickets": tickets, "older_not_looked_at": older }), text)
        }
    }
}

/// Reads a status.
fn status(text: &str) -> Result<Status, String> {
    let names = || Status::ALL.map(Status::name).join(", ");
    Status::parse(text).ok_or_else(|| format!("use one of {}", names()))
}
