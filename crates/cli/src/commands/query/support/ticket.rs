//! `sealdesk query support ticket`.

use sealdesk_client::view::{Record, Ticket, Time};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;

use crate::context::Context;
use crate::failure::Failure;
use crate::parse;
use crate::table;
use crate::ticket_table;

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
    let ratings: Vec<String> = native.ratings.iter().map(|one| format!("{} of 5", one.score)).collect();
    let before: Vec<String> = native.previous_customers.iter().map(|who| context.named(who)).collect();
    let before = before.join(", ");
    let imported = native
        .imported
        .as_ref()
        .map(|it| format!("from {} {} by {}", it.source, it.source_id, context.named(&it.imported_by)));
    let imported = imported.unwrap_or_default();
    let helpers: Vec<String> = native.collaborators.iter().map(|who| context.named(who)).collect();
    let granted = match native.grants.len() {
        0 => String::new(),
        n => format!(", {n} more by grants"),
    };
    let sealed = match &ticket.record {
        Record::Native(_) => ("sealed for", format!("{readers} keys{granted}")),
        Record::Contract(hash) => ("sealed text", format!("SHA-256 {}", hex::encode(hash))),
    };
    let at = |time: Option<Time>| time.map(|time| context.zone().when(time)).unwrap_or_default();
    table::fields(&[
        ("ticket", ticket.id.to_string()),
        ("status", ticket.status.name().to_owned()),
        ("priority", ticket.priority.name().to_owned()),
        ("category", ticket.category.clone()),
        ("customer", context.named(&ticket.customer)),
        ("before", before),
        ("imported", imported),
        ("assigned to", ticket.assigned_to.as_deref().map(|agent| context.named(agent)).unwrap_or_default()),
        ("collaborators", helpers.join(", ")),
        ("provider", context.named(&native.provider_address)),
        ("resource", resource),
        ("replies and notes", ticket.answers.to_string()),
        ("created", at(Some(ticket.created_at))),
        ("changed", at(Some(ticket.updated_at))),
        ("resolved", at(ticket.resolved_at)),
        ("resolution", native.resolution_ref),
        ("closed", at(ticket.closed_at)),
        ("links", ticket_table::links(&native.links).join(", ")),
        ("ratings", ratings.join(", ")),
        ("aside until", at(ticket.snoozed_until)),
        sealed,
    ])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hostile::{context, is_harmless};

    fn ticket(field: &str) -> Ticket {
        let mut ticket = crate::hostile::ticket(field, field, field);
        let wire = SupportTicket {
            provider_address: field.to_owned(),
            resolution_ref: field.to_owned(),
            previous_customers: vec![field.to_owned()],
            collaborators: vec![field.to_owned()],
            ..SupportTicket::default()
        };
        ticket.record = Record::Native(Box::new(wire));
        ticket
    }

    proptest! {
        #[test]
        fn bug_88_no_field_of_a_query_adds_a_line(field in crate::hostile::text()) {
            let context = context();
            let names = |shown: &str| -> Vec<String> {
                shown.lines().map(|line| line.chars().take(12).collect()).collect()
            };
            let shown = super::text(&context, &ticket(&field));
            prop_assert!(is_harmless(&shown), "{}", shown);
            prop_assert_eq!(names(&shown), names(&super::text(&context, &ticket("x"))));
        }
    }
}
