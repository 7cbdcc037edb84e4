//! `sealdesk query support ticket`.

use sealdesk_client::view::{Record, Ticket, Time};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;

use crate::context::Context;
use crate::failure::Failure;
use crate::parse;
use crate::table;

/// Options of `ticket`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let ticket = context.ticket(args.ticket).await?;
    context.output().answer(&ticket, || text(context, &ticket))
}

fn text(context: &Context, ticket: &Ticket) -> String {
    let native = match &ticket.record {
        Record::Native(record) => (**record).clone(),
        Record::Contract(_) => SupportTicket::default(),
    };
    let resource = native.resource_ref.map(|r| format!("{}:{}", r.r#type, r.id)).unwrap_or_default();
    let readers = native.encrypted_payload.map_or(0, |payload| payload.wrapped_keys.len());
    let granted = match native.grants.len() {
        0 => String::new(),
        n => format!(", {n} more by grants"),
    };
    let sealed = match &ticket.record {
        Record::Native(_) => ("sealed for", format!("{readers} keys{granted}")),
        Record::Contract(hash) => ("sealed text", format!("SHA-256 {}", hex::encode(hash))),
    };
    let at = |time: Option<Time>| time.map(table::when).unwrap_or_default();
    table::fields(&[
        ("ticket", ticket.id.to_string()),
        ("status", ticket.status.name().to_owned()),
        ("priority", ticket.priority.name().to_owned()),
        ("category", table::safe(&ticket.category)),
        ("customer", context.named(&ticket.customer)),
        ("assigned to", ticket.assigned_to.as_deref().map(|agent| context.named(agent)).unwrap_or_default()),
        ("provider", context.named(&native.provider_address)),
        ("resource", table::safe(&resource)),
        ("answers", ticket.answers.to_string()),
        ("created", at(Some(ticket.created_at))),
        ("changed", at(Some(ticket.updated_at))),
        ("resolved", at(ticket.resolved_at)),
        ("resolution", table::safe(&native.resolution_ref)),
        ("closed", at(ticket.closed_at)),
        sealed,
    ])
}
