//! `sealdesk query support ticket`.

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::json;
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;

use crate::commands::stacks;
use crate::commands::tx::words;
use crate::context::Context;
use crate::error::Failure;
use crate::table;

/// Options of `ticket`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = words::ticket)]
    ticket: TicketId,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.is_on_stacks() {
        return stacks::ticket(context, args.ticket).await;
    }
    let ticket = super::about(args.ticket, context.node().await?.ticket(args.ticket).await)?;
    let text = text(context, &ticket);
    context.output().answer(&json::Ticket::from(ticket), || text)
}

fn text(context: &Context, ticket: &SupportTicket) -> String {
    let shown = json::Ticket::from(ticket.clone());
    let resource = shown.resource_ref.map(|r| format!("{}:{}", r.r#type, r.id)).unwrap_or_default();
    let readers = shown.encrypted_payload.map_or(0, |payload| payload.wrapped_keys.len());
    let granted = match shown.grants.len() {
        0 => String::new(),
        n => format!(", {n} more by grants"),
    };
    table::fields(&[
        ("ticket", shown.ticket_id),
        ("status", shown.status.to_owned()),
        ("priority", shown.priority.to_owned()),
        ("category", table::safe(&shown.category)),
        ("customer", context.named(&shown.customer_address)),
        ("assigned to", context.named(&shown.assigned_to)),
        ("provider", context.named(&shown.provider_address)),
        ("resource", table::safe(&resource)),
        ("answers", shown.response_count.to_string()),
        ("created", table::time(ticket.created_at)),
        ("changed", table::time(ticket.updated_at)),
        ("resolved", table::time(ticket.resolved_at)),
        ("resolution", table::safe(&shown.resolution_ref)),
        ("closed", table::time(ticket.closed_at)),
        ("sealed for", format!("{readers} keys{granted}")),
    ])
}
