//! `sealdesk read TKT --from NAME`.

use sealdesk_client::read::{Conversation, Happened, Message, Reader};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::json;
use serde_json::{Value, json};

use crate::commands::stacks;
use crate::context::Context;
use crate::failure::Failure;
use crate::happened;
use crate::parse;
use crate::table::{self, safe};

/// Options of `read`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Every record is checked against the ledger's signature, and that no answer is missing. What \
    happened when is the node's word; a receipt proves where the ticket stands."
)]
pub(crate) struct Args {
    /// Which ticket
    #[arg(value_name = "TKT", value_parser = parse::ticket)]
    ticket: TicketId,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    if context.is_on_stacks() {
        return stacks::read(context, args.ticket).await;
    }
    let me = context.actor()?;
    let desk = context.desk().await?;
    let conversation = desk.read(&me, args.ticket).await?;
    let opened = conversation.messages.iter().any(|message| message.text().is_some());
    context.output().answer(&as_json(&conversation), || as_text(context, &conversation))?;
    if opened {
        return Ok(());
    }
    // The answer is out already, as one object; this goes beside it.
    context.output().note(&format!("error: nothing of {} was sealed for you", args.ticket));
    context
        .output()
        .note("hint: an administrator can let you in: `sealdesk tx support assign-ticket` or `grant-access`");
    Err(Failure::Quiet(1))
}

fn as_json(conversation: &Conversation) -> Value {
    let messages: Vec<Value> = conversation.messages.iter().map(message_json).collect();
    let readers: Vec<Value> = conversation.readers.iter().map(reader_json).collect();
    let events: Vec<Value> = conversation.events.iter().map(event_json).collect();
    json!({
        "ticket": json::Ticket::from(conversation.ticket.clone()),
        "height": conversation.height,
        "messages": messages,
        "readers": readers,
        "events": events,
        "events_from": conversation.events_from,
    })
}

fn message_json(message: &Message) -> Value {
    json!({
        "author": message.author.as_str(),
        "internal": message.internal,
        "text": message.text(),
        "created_at": json::time(message.created_at),
        "response_index": message.index,
        "subject": message.subject(),
        "is_agent": message.is_agent,
        "height": message.height,
        "attachments": message.attachments(),
        "not_shown": message.reason(),
        "warnings": message.warnings,
    })
}

fn reader_json(reader: &Reader) -> Value {
    let addresses: Vec<&str> = reader.addresses.iter().map(|address| address.as_str()).collect();
    json!({
        "addresses": addresses,
        "key_fingerprint": reader.fingerprint.to_string(),
        "messages": reader.messages,
        "granted": reader.granted,
    })
}

fn event_json(happened: &Happened) -> Value {
    let mut event = json::event(&happened.event);
    if let (Value::Object(fields), Some(hash)) = (&mut event, happened.txhash) {
        fields.insert("txhash".to_owned(), hash.to_string().into());
    }
    event
}

fn as_text(context: &Context, conversation: &Conversation) -> String {
    let mut lines = head(context, conversation);
    for message in &conversation.messages {
        lines.push(String::new());
        lines.extend(message_lines(context, message));
    }
    lines.push("\nWho can read it".to_owned());
    lines.extend(reader_lines(context, conversation));
    lines.push("\nWhat happened, as the node tells it".to_owned());
    match conversation.events_from {
        Some(from) => lines.push(format!("  what happened before height {from} is not on this node")),
        None if conversation.events.is_empty() => lines.push("  nothing since this ledger began".to_owned()),
        None => {}
    }
    for happened in &conversation.events {
        let time = table::time(happened.timestamp);
        let words = happened::in_words(context, &happened.event);
        lines.push(format!("  {time}  height {:<4}  {words}", happened.height));
    }
    lines.join("\n")
}

fn head(context: &Context, conversation: &Conversation) -> Vec<String> {
    let ticket = json::Ticket::from(conversation.ticket.clone());
    let subject = conversation.messages.first().and_then(Message::subject).map(safe).unwrap_or_default();
    let assigned = match ticket.assigned_to.as_str() {
        "" => "assigned to nobody".to_owned(),
        address => format!("assigned to {}", context.name_of(address)),
    };
    let facts = [ticket.status, ticket.priority, &safe(&ticket.category), &assigned].join(", ");
    vec![format!("{}  {subject}", ticket.ticket_id).trim_end().to_owned(), facts]
}

fn message_lines(context: &Context, message: &Message) -> Vec<String> {
    let kind = match (message.internal, message.is_agent) {
        (true, _) => ", a note for staff",
        (false, true) => ", staff",
        (false, false) => "",
    };
    let author = context.name_of(message.author.as_str());
    let mut lines = vec![format!("{author}{kind}  {}", table::time(message.created_at))];
    match (message.text(), message.reason()) {
        (Some(text), _) => lines.extend(safe(text).lines().map(|line| format!("  {line}"))),
        (None, reason) => lines.push(format!("  ({})", safe(reason.unwrap_or("not shown")))),
    }
    lines.extend(message.warnings.iter().map(|warning| format!("  warning: {}", safe(warning))));
    lines
}

/// Readers by name. Whoever reads with several keys is named with each of them.
fn reader_lines(context: &Context, conversation: &Conversation) -> Vec<String> {
    let all = conversation.messages.len();
    let name = |reader: &Reader| {
        let names: Vec<String> =
            reader.addresses.iter().map(|address| context.name_of(address.as_str())).collect();
        if names.is_empty() { "nobody known".to_owned() } else { names.join(" or ") }
    };
    let mut readers: Vec<(String, &Reader)> = conversation.readers.iter().map(|r| (name(r), r)).collect();
    readers.sort_by(|one, other| one.0.cmp(&other.0));
    let line = |(who, reader): &(String, &Reader)| {
        let keys = readers.iter().filter(|(other, _)| other == who).count();
        let key: String = reader.fingerprint.to_string().chars().take(8).collect();
        let key = if keys > 1 { format!(" with key {key}") } else { String::new() };
        let how_much = match reader.messages {
            n if n == all => "everything".to_owned(),
            n => format!("{n} of {all} messages"),
        };
        let granted = if reader.granted { ", let in later" } else { "" };
        format!("  {who}{key}: {how_much}{granted}")
    };
    readers.iter().map(line).collect()
}
