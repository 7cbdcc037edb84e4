//! `sealdesk read TKT`, of a contract.

use sealdesk_client::read::Body;
use sealdesk_client::stacks::read::{Conversation, Message, Reader};
use sealdesk_protocol::ids::TicketId;
use serde_json::{Value, json};

use super::{desk, shown};
use crate::context::Context;
use crate::failure::Failure;
use crate::table::safe;

pub(crate) async fn run(context: &Context, ticket: TicketId) -> Result<(), Failure> {
    let me = context.actor()?;
    let conversation = desk(context)?.read(&me, ticket).await?;
    let opened = conversation.messages.iter().any(|message| text(message).is_some());
    context.output().answer(&as_json(&conversation), || as_text(context, &conversation))?;
    if opened {
        return Ok(());
    }
    // The answer is out already, as one object; this goes beside it.
    context.output().note(&format!("error: nothing of {ticket} could be opened for you"));
    context
        .output()
        .note("hint: an administrator can let you in: `sealdesk tx support assign-ticket` or `grant-access`");
    Err(Failure::Quiet(1))
}

/// The text to show first: a ticket's description, a comment's message.
fn text(message: &Message) -> Option<&str> {
    match &message.body {
        Body::Ticket(content) => Some(&content.description),
        Body::Message(content) => Some(&content.message),
        _ => None,
    }
}

fn subject(message: &Message) -> Option<&str> {
    match &message.body {
        Body::Ticket(content) => Some(&content.subject),
        _ => None,
    }
}

fn reason(message: &Message) -> Option<&str> {
    match &message.body {
        Body::Ticket(_) | Body::Message(_) => None,
        Body::NotForYou => Some("sealed for others"),
        Body::CannotOpen => Some("cannot be opened: it is damaged, or not signed by its author"),
        Body::Withheld => Some("the indexer does not give it, though the contract keeps its hash"),
        Body::Unreadable(why) => Some(why),
    }
}

fn as_json(conversation: &Conversation) -> Value {
    let readers = |reader: &Reader| {
        json!({
            "addresses": reader.who.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "key_fingerprint": reader.fingerprint.to_string(),
            "messages": reader.messages,
            "granted": reader.granted,
        })
    };
    json!({
        "ticket": shown::ticket_json(conversation.id, &conversation.ticket),
        "messages": conversation.messages.iter().map(message_json).collect::<Vec<_>>(),
        "readers": conversation.readers.iter().map(readers).collect::<Vec<_>>(),
        "events": conversation.events.iter().map(shown::event_json).collect::<Vec<_>>(),
    })
}

fn message_json(message: &Message) -> Value {
    json!({
        "author": message.author.to_string(),
        "internal": message.internal,
        "text": text(message),
        "subject": subject(message),
        "created_at_burn_block": message.created_at,
        "response_index": message.index,
        "is_agent": message.is_staff,
        "txhash": message.txid.map(|id| id.to_string()),
        "not_shown": reason(message),
        "warnings": message.warnings,
    })
}

fn as_text(context: &Context, conversation: &Conversation) -> String {
    let ticket = &conversation.ticket;
    let title = conversation.messages.first().and_then(subject).map(safe).unwrap_or_default();
    let assigned = match &ticket.assignee {
        None => "assigned to nobody".to_owned(),
        Some(agent) => format!("assigned to {}", context.name_of(&agent.to_string())),
    };
    let (status, priority) = (shown::status(ticket.status).name(), shown::priority(ticket.priority));
    let facts = [status, priority, &safe(&ticket.category), &assigned].join(", ");
    let mut lines = vec![format!("{}  {title}", conversation.id).trim_end().to_owned(), facts];
    for message in &conversation.messages {
        lines.push(String::new());
        lines.extend(message_lines(context, message));
    }
    lines.push("\nWho can read it".to_owned());
    let mut readers: Vec<String> =
        conversation.readers.iter().map(|reader| reader_line(context, conversation, reader)).collect();
    readers.sort_unstable();
    lines.extend(readers);
    lines.push("\nWhat happened, as the indexer tells it".to_owned());
    for happened in &conversation.events {
        lines.push(format!(
            "  burn block {:<7} {}",
            happened.event.at,
            shown::event_words(context, happened)
        ));
    }
    lines.join("\n")
}

fn message_lines(context: &Context, message: &Message) -> Vec<String> {
    let kind = match (message.internal, message.is_staff) {
        (true, _) => ", a note for staff",
        (false, true) => ", staff",
        (false, false) => "",
    };
    let author = context.name_of(&message.author.to_string());
    let mut lines = vec![format!("{author}{kind}  burn block {}", message.created_at)];
    match (text(message), reason(message)) {
        (Some(text), _) => lines.extend(safe(text).lines().map(|line| format!("  {line}"))),
        (None, reason) => lines.push(format!("  ({})", safe(reason.unwrap_or("not shown")))),
    }
    lines.extend(message.warnings.iter().map(|warning| format!("  warning: {}", safe(warning))));
    lines
}

fn reader_line(context: &Context, conversation: &Conversation, reader: &Reader) -> String {
    let who = reader.who.as_ref().map_or("nobody known".to_owned(), |who| context.name_of(&who.to_string()));
    let how_much = match (reader.messages, conversation.messages.len()) {
        (n, all) if n == all => "everything".to_owned(),
        (n, all) => format!("{n} of {all} messages"),
    };
    let granted = if reader.granted { ", let in later" } else { "" };
    format!("  {who}: {how_much}{granted}")
}
