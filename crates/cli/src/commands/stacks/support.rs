//! The verbs of tickets, as calls of the contract.

use sealdesk_client::stacks::wire::contract::{Priority as Urgency, Request, Status};
use sealdesk_client::stacks::{Error, Granted, NewTicket};
use sealdesk_envelope::content::{MessageContent, TicketContent};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::ticket::Priority;
use serde_json::json;

use super::sending::{Acting, done, one};
use super::{person_of, shown};
use crate::context::Context;
use crate::failure::Failure;
use crate::table::count;

/// What a new ticket says. Subject and message are sealed.
pub(crate) struct Words<'a> {
    pub(crate) category: &'a str,
    pub(crate) priority: Priority,
    pub(crate) subject: &'a str,
    pub(crate) message: &'a str,
}

pub(crate) async fn create_ticket(context: &Context, words: Words<'_>) -> Result<(), Failure> {
    let ticket = NewTicket {
        content: TicketContent::new(words.subject, words.message),
        category: words.category.to_owned(),
        priority: urgency(words.priority),
    };
    let mut acting = Acting::new(context)?;
    let (desk, mut sender) = acting.parts();
    let outcome = desk.create_ticket(&mut sender, &ticket).await;
    let outcome = acting.judge(outcome)?;
    let id = outcome.number.and_then(TicketId::new).map(|id| id.to_string()).unwrap_or_default();
    done(context, &outcome, &[("ticket_id", id.clone().into())], || {
        format!("{id} is written; you and the administrators can read it")
    })
}

pub(crate) async fn comment(
    context: &Context,
    ticket: TicketId,
    (text, internal): (&str, bool),
) -> Result<(), Failure> {
    let content = MessageContent::new(text);
    let mut acting = Acting::new(context)?;
    let (desk, mut sender) = acting.parts();
    let outcome = desk.comment(&mut sender, ticket, (&content, internal)).await;
    let outcome = acting.judge(outcome)?;
    let more = [("ticket_id", ticket.to_string().into()), ("response_index", json!(outcome.number))];
    done(context, &outcome, &more, || match internal {
        true => format!("{ticket} has your note; its customer cannot read it"),
        false => format!("{ticket} has your answer"),
    })
}

pub(crate) async fn set_status(
    context: &Context,
    ticket: TicketId,
    (status, text): (Status, &str),
) -> Result<(), Failure> {
    one(context, Request::UpdateTicketStatus { ticket: ticket.number(), status }, text).await
}

pub(crate) async fn set_priority(
    context: &Context,
    ticket: TicketId,
    priority: Priority,
) -> Result<(), Failure> {
    let request = Request::SetTicketPriority { ticket: ticket.number(), priority: urgency(priority) };
    one(context, request, &format!("{ticket} has priority {priority} now")).await
}

pub(crate) async fn assign(context: &Context, ticket: TicketId, person: &str) -> Result<(), Failure> {
    let agent = person_of(context, person)?;
    let mut acting = Acting::new(context)?;
    let (desk, mut sender) = acting.parts();
    let granted = desk.assign(&mut sender, ticket, &agent).await;
    let granted = acting.judge(granted)?;
    told(context, &granted, || match (granted.has_no_key, granted.unopened.len()) {
        (true, _) => format!(
            "{ticket} is assigned to {person}, who has published no key yet and cannot read it.\n\
             Once he has (`sealdesk keys register`), let him in: `sealdesk tx support grant-access {ticket} {person}`"
        ),
        (false, 0) => format!("{ticket} is assigned to {person}, who can read all of it now"),
        (false, n) => format!(
            "{ticket} is assigned to {person}; {} could not be opened by you, nor by him",
            count(n, "message")
        ),
    })
}

pub(crate) async fn grant_access(context: &Context, ticket: TicketId, person: &str) -> Result<(), Failure> {
    let reader = person_of(context, person)?;
    let mut acting = Acting::new(context)?;
    let (desk, mut sender) = acting.parts();
    let granted = desk.grant_access(&mut sender, ticket, &reader).await;
    let granted = acting.judge(granted)?;
    told(context, &granted, || match (granted.outcomes.is_empty(), granted.unopened.len()) {
        (true, 0) => format!("{person} can read {ticket} already"),
        (_, 0) => format!("{person} can read {ticket} now"),
        (_, n) => format!("{person} can read {ticket}, but for {} that you cannot open", count(n, "message")),
    })
}

/// Lets a new administrator open everything that the sender can open, one ticket after the other.
pub(crate) async fn grant_all(
    context: &Context,
    person: &str,
    begin: Option<TicketId>,
) -> Result<(), Failure> {
    let reader = person_of(context, person)?;
    let mut acting = Acting::new(context)?;
    let tickets = acting.desk.ticket_count().await?;
    let (mut messages, mut opened) = (0, 0_u64);
    // One sender, so that what may be paid is for all of it together.
    let (desk, mut sender) = acting.parts();
    let mut failed = None;
    for number in begin.map_or(1, TicketId::number)..=tickets {
        let Some(ticket) = TicketId::new(number) else { continue };
        let granted = match desk.grant_access(&mut sender, ticket, &reader).await {
            // What another may not be let into is no reason to stop: he would be no administrator.
            Err(Error::NoSuchTicket(_)) => continue,
            Err(error) => {
                failed = Some(error);
                break;
            }
            Ok(granted) => granted,
        };
        if granted.granted > 0 {
            (messages, opened) = (messages + granted.granted, opened + 1);
            context.output().note(&format!("{ticket}  {number} of {tickets} tickets"));
        }
    }
    acting.judge(failed.map_or(Ok(()), Err))?;
    let value = json!({ "code": 0, "tickets": opened, "messages": messages });
    context.output().answer(&value, || match messages {
        0 => format!("{person} can open already whatever you can"),
        n => format!("{person} can read {} now, of {}", count(n, "more message"), count(opened, "ticket")),
    })
}

fn told(context: &Context, granted: &Granted, text: impl FnOnce() -> String) -> Result<(), Failure> {
    let more = [
        ("granted", json!(granted.granted)),
        ("transactions", json!(granted.outcomes.iter().map(|o| o.txid.to_string()).collect::<Vec<_>>())),
        ("unopened", json!(granted.unopened.len())),
    ];
    match granted.outcomes.last() {
        Some(outcome) => done(context, outcome, &more, text),
        None => context.output().answer(&json!({ "code": 0, "granted": 0 }), text),
    }
}

/// The contract's number of a priority.
fn urgency(priority: Priority) -> Urgency {
    shown::PRIORITIES
        .iter()
        .find(|(known, _)| *known == priority)
        .map_or(Urgency::Normal, |(_, urgency)| *urgency)
}
