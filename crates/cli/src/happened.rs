//! Events in words.

use sealdesk_protocol::events::Event;

use crate::context::Context;
use crate::table::safe;

/// What happened, in one line. Texts in it are public and were written by others.
pub(crate) fn in_words(context: &Context, event: &Event) -> String {
    let who = |address: &str| context.name_of(address);
    match event {
        Event::TicketCreated(e) => {
            format!("{} wrote it: {}, {}", who(&e.customer), safe(&e.category), e.priority)
        }
        Event::TicketAssigned(e) => format!("{} assigned it to {}", who(&e.assigned_by), who(&e.assigned_to)),
        Event::TicketResponded(e) if e.internal => format!("{} left a note", who(&e.responder)),
        Event::TicketResponded(e) => format!("{} answered", who(&e.responder)),
        Event::TicketStatusChanged(e) => match e.changed_by.as_str() {
            "" => format!("it went from {} to {}", e.previous_status, e.status),
            by => format!("{} moved it from {} to {}", who(by), e.previous_status, e.status),
        },
        Event::TicketEscalated(e) => {
            format!(
                "{} made it {} instead of {}{}",
                who(&e.escalated_by),
                e.new_priority,
                e.previous_priority,
                why(&e.reason)
            )
        }
        Event::TicketResolved(e) => format!("{} resolved it{}", who(&e.resolved_by), why(&e.resolution)),
        Event::TicketClosed(e) if e.closed_by == "auto" => "it closed by itself".to_owned(),
        Event::TicketClosed(e) => format!("{} closed it{}", who(&e.closed_by), why(&e.reason)),
        Event::TicketReopened(e) => format!("{} reopened it{}", who(&e.reopened_by), why(&e.reason)),
        Event::AccessGranted(e) => {
            let what = match e.target.checked_sub(1) {
                None => "its first message".to_owned(),
                Some(index) => format!("response {index}"),
            };
            format!("{} opened {what} to key {}", who(&e.granted_by), shortened(&e.recipient_id))
        }
        other => of_people(context, other),
    }
}

/// What happened to the desk and its people.
fn of_people(context: &Context, event: &Event) -> String {
    let who = |address: &str| context.name_of(address);
    match event {
        Event::ParamsUpdated(e) => format!("{} changed the desk's limits", who(&e.authority)),
        Event::RecipientKeyRegistered(e) => {
            format!(
                "{} published key {} (version {})",
                who(&e.address),
                shortened(&e.key_fingerprint),
                e.key_version
            )
        }
        Event::RecipientKeyRevoked(e) => {
            format!("key {} of {} was revoked", shortened(&e.key_fingerprint), who(&e.address))
        }
        Event::RoleAssigned(e) => format!("{} made {} {}", who(&e.assigned_by), who(&e.address), e.role),
        Event::RoleRevoked(e) => {
            format!("{} took the role {} from {}", who(&e.revoked_by), e.role, who(&e.address))
        }
        Event::AccountStateChanged(e) => {
            format!(
                "{} set {} from {} to {}{}",
                who(&e.changed_by),
                who(&e.address),
                e.previous_state,
                e.state,
                why(&e.reason)
            )
        }
        other => of_validators(context, other),
    }
}

/// What happened to those who make the blocks.
fn of_validators(context: &Context, event: &Event) -> String {
    let of = |key: &str, moniker: &str| match moniker {
        "" => shortened(key),
        _ => format!("{} ({})", shortened(key), safe(moniker)),
    };
    match event {
        Event::ValidatorProposed(e) => {
            let (who, validator) = (context.name_of(&e.proposed_by), of(&e.pub_key, &e.moniker));
            format!("{who} proposed power {} for validator {validator}", e.power)
        }
        Event::ValidatorChanged(e) => {
            let validator = of(&e.pub_key, &e.moniker);
            format!("validator {validator} has power {} instead of {}", e.power, e.previous_power)
        }
        other => other.type_name(),
    }
}

fn why(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": \"{}\"", safe(text)) }
}

/// Enough of a fingerprint to tell keys apart on a screen.
fn shortened(fingerprint: &str) -> String {
    fingerprint.chars().take(8).collect()
}
