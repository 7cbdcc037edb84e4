//! `sealdesk query support params`.

use sealdesk_protocol::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::table;

/// Options of `params`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(super) async fn run(context: &Context, Args {}: Args) -> Result<(), Failure> {
    let desk = context.desk().await?;
    let params = json::Params::from(desk.params().await?.to_wire());
    context.output().answer(&params, || text(&params))
}

fn text(params: &json::Params) -> String {
    let categories = params.allowed_categories.join(", ");
    table::fields(&[
        ("max_tickets_per_customer_per_day", params.max_tickets_per_customer_per_day.to_string()),
        ("max_responses_per_ticket", params.max_responses_per_ticket.to_string()),
        ("ticket_cooldown_seconds", params.ticket_cooldown_seconds.to_string()),
        ("auto_close_after_days", params.auto_close_after_days.to_string()),
        ("max_open_tickets_per_customer", params.max_open_tickets_per_customer.to_string()),
        ("reopen_window_days", params.reopen_window_days.to_string()),
        ("allowed_categories", categories),
        ("max_envelope_bytes", params.max_envelope_bytes.to_string()),
        ("max_recipients", params.max_recipients.to_string()),
        ("listed_customers", params.listed_customers.to_string()),
        ("max_attachment_bytes", params.max_attachment_bytes.to_string()),
        (
            "max_attachment_bytes_per_customer_per_day",
            params.max_attachment_bytes_per_customer_per_day.to_string(),
        ),
        ("import_open", params.import_open.to_string()),
        ("open_queue", params.open_queue.to_string()),
    ])
}
