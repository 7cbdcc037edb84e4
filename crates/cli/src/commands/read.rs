//! `sealdesk read TKT --from NAME`.

use sealdesk_client::view::{Conversation, Message, MessageKind, Reader};
use sealdesk_protocol::ids::TicketId;
use serde_json::json;

use crate::args::Ledger;
use crate::context::Context;
use crate::event_text;
use crate::failure::Failure;
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
    let conversation = context.read(args.ticket).await?;
    let opened = conversation.messages.iter().any(|message| message.text().is_some());
    context.output().answer(&json!(conversation), || as_text(context, &conversation))?;
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

fn as_text(context: &Context, conversation: &Conversation) -> String {
    let mut lines = head(context, conversation);
    for message in &conversation.messages {
        lines.push(String::new());
        lines.extend(message_lines(context, message));
    }
    lines.push("\nWho can read it".to_owned());
    lines.extend(reader_lines(context, conversation));
    let is_native = context.ledger() == Ledger::Native;
    let teller = if is_native { "node" } else { "indexer" };
    lines.push(format!("\nWhat happened, as the {teller} tells it"));
    if let Some(from) = conversation.events_from {
        lines.push(format!("  what happened before height {from} is not on this node"));
    } else if is_native && conversation.events.is_empty() {
        lines.push("  nothing since this ledger began".to_owned());
    }
    for event in &conversation.events {
        lines.push(format!("  {}  {}", event_text::when(event), event_text::what(context, event)));
    }
    lines.join("\n")
}

fn head(context: &Context, conversation: &Conversation) -> Vec<String> {
    let ticket = &conversation.ticket;
    let subject = conversation.messages.first().and_then(Message::subject).map(safe).unwrap_or_default();
    let assigned = match &ticket.assigned_to {
        None => "assigned to nobody".to_owned(),
        Some(address) => format!("assigned to {}", context.name_of(address)),
    };
    let facts = [ticket.status.name(), ticket.priority.name(), &safe(&ticket.category), &assigned].join(", ");
    vec![format!("{}  {subject}", ticket.id).trim_end().to_owned(), facts]
}

fn message_lines(context: &Context, message: &Message) -> Vec<String> {
    let kind = match message.kind() {
        MessageKind::Note => ", a note for staff",
        MessageKind::Staff => ", staff",
        MessageKind::Customer => "",
    };
    let author = context.name_of(&message.author);
    let mut lines = vec![format!("{author}{kind}  {}", table::when(message.created_at))];
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
        let names: Vec<String> = reader.addresses.iter().map(|address| context.name_of(address)).collect();
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
