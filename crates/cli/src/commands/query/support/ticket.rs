//! `sealdesk query support ticket`.

use sealdesk_client::view::{Record, Ticket, Time, not_shown};
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
    let why = why_not_shown(&ticket);
    if why.is_some() || is_erased(&ticket) {
        context.say_told(
            "`not_shown` and `erased`: the ledger proves that the sealed text is there, and where it is now the node alone says",
        );
    }
    let mut value = serde_json::to_value(&ticket).map_err(|error| Failure::new(error.to_string()))?;
    if let (Some(fields), Some(why)) = (value.as_object_mut(), why) {
        fields.insert("not_shown".to_owned(), why.into());
    }
    context.output().answer(&value, || text(context, &ticket))
}

/// Why the node shows no sealed text of a ticket; a contract keeps none.
fn why_not_shown(ticket: &Ticket) -> Option<String> {
    match &ticket.record {
        Record::Native(record) => not_shown(record.encrypted_payload.as_ref(), record.erased.as_ref()),
        Record::Contract(_) => None,
    }
}

fn is_erased(ticket: &Ticket) -> bool {
    matches!(&ticket.record, Record::Native(record) if record.erased.is_some())
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
        Record::Native(_) => {
            let shown = || format!("{readers} keys{granted}");
            ("sealed for", why_not_shown(ticket).unwrap_or_else(shown))
        }
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
    use sealdesk_protocol::wire::virtengine::support::v1::Erasure;

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

    #[test]
    fn a_text_that_the_node_keeps_back_is_not_said_to_be_sealed_for_nobody() {
        let mut ticket = ticket("x");
        let shown = |ticket: &Ticket| {
            let text = super::text(&context(), ticket);
            text.lines().find(|line| line.starts_with("sealed for")).unwrap().to_owned()
        };
        assert!(shown(&ticket).contains("not shown by this node") && !shown(&ticket).contains(" keys"));
        let Record::Native(record) = &mut ticket.record else { panic!("a native one") };
        record.erased = Some(Erasure { erased_at: 1_700_000_000, erased_by: "virtengine1eve".to_owned() });
        assert!(shown(&ticket).contains("(it says: erased there at 2023-11-14"), "{}", shown(&ticket));
        let Record::Native(record) = &mut ticket.record else { panic!("a native one") };
        record.encrypted_payload = Some(Default::default());
        assert!(shown(&ticket).contains("0 keys"), "{}", shown(&ticket));
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
