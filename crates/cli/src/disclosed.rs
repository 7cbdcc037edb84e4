//! A message that somebody disclosed, held against a receipt: what it proves, and what not.

use std::path::Path;

use sealdesk_client::disclosure::{DisclosureFault, FILE_BYTES_MAX, ProvenMessage};
use sealdesk_client::receipt::TicketReceipt;
use sealdesk_client::view::Body;
use sealdesk_protocol::codes::Moment;
use sealdesk_protocol::json;
use sealdesk_protocol::text::line;
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::Failure;
use crate::table::Lines;
use crate::text_input;

/// Reads a disclosure and holds it against a verified receipt.
pub(crate) fn matched(
    context: &Context,
    receipt: &TicketReceipt,
    file: &Path,
) -> Result<ProvenMessage, Failure> {
    let bytes = text_input::document(context, file, u64::try_from(FILE_BYTES_MAX).unwrap_or(u64::MAX))?;
    receipt.disclosed(&bytes).map_err(|fault| {
        let hint = match fault {
            DisclosureFault::NotYet { .. } => "ask for a newer receipt of the ticket",
            DisclosureFault::OtherTicket { .. } | DisclosureFault::OtherLedger { .. } => {
                "ask for a receipt of that ticket"
            }
            DisclosureFault::Form(_) => "name a file that `sealdesk disclose` wrote",
            DisclosureFault::Differs { .. } | DisclosureFault::Seal(_) => {
                "it proves nothing: do not believe its content; ask the person who gave it to you for the original"
            }
        };
        Failure::hinted(format!("{}: {fault}", file.display()), hint)
    })
}

/// Which message it is, in words.
fn which(message: &ProvenMessage) -> String {
    match message.index {
        None => format!("the first message of {}", message.ticket),
        Some(index) if message.internal => format!("reply {index} of {}, a note for staff", message.ticket),
        Some(index) => format!("reply {index} of {}", message.ticket),
    }
}

/// What it proves, a sentence each; times as `when` writes them.
fn proves(message: &ProvenMessage, when: &dyn Fn(i64) -> String) -> Vec<String> {
    vec![
        format!("This text, and no other, is what was sealed as {}.", which(message)),
        match &message.earlier {
            None => format!(
                "{} sealed it, and it came at {}, into a block of that time.",
                message.author,
                when(message.created_at)
            ),
            Some(ledger) => format!("{} sealed it on the earlier ledger {}.", message.author, line(ledger)),
        },
    ]
}

/// What it does not prove, a sentence each.
fn does_not_prove(message: &ProvenMessage) -> Vec<String> {
    let mut sentences = vec!["That what the text says is true.".to_owned()];
    if let Some(ledger) = &message.earlier {
        sentences.push(format!(
            "When it was written, and that it stood on {}: that is only claimed by the maker of this ledger.",
            line(ledger)
        ));
    }
    sentences.extend([
        "Who could read it then, and who gave it to you: every reader can.".to_owned(),
        "What the other messages say: they stay sealed.".to_owned(),
    ]);
    if matches!(message.body, Body::Ticket(ref content) if !content.attachments.is_empty())
        || matches!(message.body, Body::Message(ref content) if !content.attachments.is_empty())
    {
        sentences.push("What is in the attached files, which are not here.".to_owned());
    }
    sentences
}

/// Subject and text.
fn texts(message: &ProvenMessage) -> (Option<&str>, Option<&str>) {
    match &message.body {
        Body::Ticket(content) => (Some(&content.subject), Some(&content.description)),
        Body::Message(content) => (None, Some(&content.message)),
        _ => (None, None),
    }
}

/// For a program.
pub(crate) fn as_json(message: &ProvenMessage) -> Value {
    let (subject, text) = texts(message);
    json!({
        "ticket_id": message.ticket.to_string(),
        "response_index": message.index,
        "author": message.author,
        "internal": message.internal,
        "created_at": json::time(message.created_at),
        "earlier_ledger": message.earlier,
        "subject": subject,
        "text": text,
        "payload_digest": hex::encode(message.digest),
        "proves": proves(message, &|at| Moment(at).to_string()),
        "does_not_prove": does_not_prove(message),
    })
}

/// For a person, below what the receipt says.
pub(crate) fn add_to(lines: &mut Lines, message: &ProvenMessage, when: &dyn Fn(i64) -> String) {
    let (subject, text) = texts(message);
    lines.blank();
    lines.line(&format!("Disclosed: {}", which(message)));
    if let Some(subject) = subject {
        lines.item(&format!("subject: {subject}"));
    }
    match (&message.body, text) {
        (_, Some(text)) => lines.block(text),
        (Body::Unreadable(why), _) => lines.item(&format!("(not what a desk writes: {why})")),
        _ => {}
    }
    lines.blank();
    lines.line("What that proves:");
    proves(message, when).iter().for_each(|sentence| lines.item(sentence));
    lines.blank();
    lines.line("What that does not prove:");
    does_not_prove(message).iter().for_each(|sentence| lines.item(sentence));
}
