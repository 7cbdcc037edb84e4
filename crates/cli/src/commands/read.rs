//! `sealdesk read TKT --from NAME`.

use sealdesk_client::view::{Body, Conversation, Message, MessageKind, Reader, Record, Ticket, Time};
use sealdesk_envelope::content::ImportedFrom;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::limits::TIME_RANGE;
use serde_json::json;

use crate::acts;
use crate::args::Ledger;
use crate::context::Context;
use crate::event_text;
use crate::failure::Failure;
use crate::inbox_table;
use crate::parse;
use crate::table::Lines;
use crate::ticket_table;

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
    context
        .output()
        .answer(&json!(conversation), || as_text(context, &conversation, context.output().width()))?;
    if opened {
        return Ok(());
    }
    // The answer is out already, as one object; this goes beside it.
    if conversation.messages.iter().all(|message| matches!(message.body, Body::Erased(_))) {
        context.output().note(&format!("error: the text of {} was erased on this node", args.ticket));
        context.output().note(
            "hint: a backup, or another node (--node), may still have it; its record and its proofs stay",
        );
        return Err(Failure::Quiet(1));
    }
    let (why, hint) = acts::of_read(context, args.ticket).await.unwrap_or_else(|| {
        let grant = "an administrator can let you in, if you may read it: `sealdesk assign TKT NAME`";
        (format!("nothing of {} was sealed for you", args.ticket), grant.to_owned())
    });
    context.output().note(&format!("error: {why}"));
    context.output().note(&format!("hint: {hint}"));
    Err(Failure::Quiet(1))
}

fn as_text(context: &Context, conversation: &Conversation, width: Option<usize>) -> String {
    let mut lines = Lines::new(width);
    head(context, conversation, &mut lines);
    let mut files_before = 0;
    for message in &conversation.messages {
        lines.blank();
        message_lines(context, message, &mut lines);
        files_before = file_lines(message, files_before, &mut lines);
    }
    lines.blank();
    lines.line("Who can read it");
    for reader in reader_lines(context, conversation) {
        lines.item(&reader);
    }
    let is_native = context.ledger() == Ledger::Native;
    let teller = if is_native { "node" } else { "indexer" };
    lines.blank();
    lines.line(&format!("History (as reported by the {teller})"));
    if let Some(why) = &conversation.events_missing {
        lines.item(&format!("not shown, the messages above are whole: {why}"));
    } else if let Some(from) = conversation.events_from {
        lines.item(&format!("what happened before height {from} is not on this node"));
    } else if is_native && conversation.events.is_empty() {
        lines.item("nothing since this ledger began");
    }
    for event in &conversation.events {
        lines.item(&format!(
            "{}  {}",
            event_text::when(context, event),
            event_text::what_among(context, event, &conversation.readers)
        ));
    }
    lines.text()
}

fn head(context: &Context, conversation: &Conversation, lines: &mut Lines) {
    let ticket = &conversation.ticket;
    let subject = conversation.messages.first().and_then(Message::subject).unwrap_or_default();
    let assigned = match &ticket.assigned_to {
        None => "assigned to nobody".to_owned(),
        Some(address) => format!("assigned to {}{}", context.name_of(address), helpers(context, ticket)),
    };
    let aside = ticket_table::aside(ticket).map(|aside| format!(", {aside} {}", when(context, ticket)));
    let facts = [ticket.status.name(), ticket.priority.name(), &ticket.category, &assigned].join(", ");
    let rating = rating(ticket).map(|score| format!(", rated {score} of 5"));
    let facts = facts + &aside.unwrap_or_default() + &rating.unwrap_or_default();
    lines.line(format!("{}  {subject}", ticket.id).trim_end());
    lines.line(&facts);
    if let Some(due) = &conversation.due {
        lines.line(&inbox_table::due(due));
    }
    let Record::Native(record) = &ticket.record else { return };
    if let Some(it) = &record.imported {
        let (by, customer) = (context.name_of(&it.imported_by), context.name_of(&ticket.customer));
        let from = format!("{} {}", it.source, it.source_id);
        lines.line(&format!("imported from {from} by {by}, who reports what was said; it is {customer}'s"));
    }
    if !record.previous_customers.is_empty() {
        let before: Vec<String> = record.previous_customers.iter().map(|who| context.name_of(who)).collect();
        let (before, now) = (before.join(", "), context.name_of(&ticket.customer));
        lines.line(&format!("transferred to {now}; it was {before}'s before"));
    }
    if !record.links.is_empty() {
        lines.line(&ticket_table::links(&record.links).join(", "));
    }
}

/// Who works on a ticket beside its assignee.
fn helpers(context: &Context, ticket: &Ticket) -> String {
    let Record::Native(record) = &ticket.record else { return String::new() };
    let names: Vec<String> = record.collaborators.iter().map(|who| context.name_of(who)).collect();
    if names.is_empty() { String::new() } else { format!(" with {}", names.join(", ")) }
}

/// What the customer said of the resolution that stands.
fn rating(ticket: &Ticket) -> Option<u32> {
    let Record::Native(record) = &ticket.record else { return None };
    let last = record.ratings.last().filter(|last| last.resolved_at == record.resolved_at);
    last.map(|rating| rating.score)
}

/// When a ticket that was put aside comes back, or came back.
fn when(context: &Context, ticket: &Ticket) -> String {
    ticket.snoozed_until.map(|until| context.zone().when(until)).unwrap_or_default()
}

fn message_lines(context: &Context, message: &Message, lines: &mut Lines) {
    let kind = match message.kind() {
        MessageKind::Note => ", a note for staff",
        MessageKind::Staff => ", staff",
        MessageKind::Customer => "",
    };
    let rated = message.score.map(|score| format!(", rated it {score} of 5")).unwrap_or_default();
    let author = context.name_of(&message.author);
    lines.line(&format!("{author}{kind}{rated}  {}", context.zone().when(message.created_at)));
    if let Some(told) = &message.imported {
        lines.item(&imported(context, told, message.text().is_some()));
    }
    match (message.text(), message.reason()) {
        (Some(text), _) => lines.block(text),
        (None, reason) => lines.item(&format!("({})", reason.unwrap_or("not shown"))),
    }
    for warning in &message.warnings {
        lines.item(&format!("warning: {warning}"));
    }
}

/// The files of a message, numbered over the whole ticket: by these numbers they are saved. How many there are so far.
fn file_lines(message: &Message, before: usize, lines: &mut Lines) -> usize {
    let all = message.files();
    for (place, file) in all.iter().enumerate() {
        let number = before.saturating_add(place).saturating_add(1);
        lines.item(&match file {
            Ok(file) if file.media_type().is_empty() => {
                format!("file {number}: {}, {} bytes", file.name(), file.size())
            }
            Ok(file) => {
                format!("file {number}: {}, {}, {} bytes", file.name(), file.media_type(), file.size())
            }
            Err(why) => format!("file {number}: {why}"),
        });
    }
    before.saturating_add(all.len())
}

/// Who wrote an imported text elsewhere, as the importer tells in it.
fn imported(context: &Context, told: &ImportedFrom, is_opened: bool) -> String {
    let author = match told.author.as_str() {
        "" if is_opened => "written by someone they do not name",
        "" => return "as reported by the importer".to_owned(),
        author => &format!("written by {author}"),
    };
    let staff = if told.by_staff { ", staff there" } else { "" };
    let at = told.at.filter(|at| TIME_RANGE.contains(at));
    let at = at.map(|at| format!(", {}", context.zone().when(Time::Unix(at)))).unwrap_or_default();
    format!("as reported by the importer: {author}{staff}{at}")
}

/// Those who could read from the beginning, by name, and then those who were let in. Whoever reads with several keys is named with each of them.
fn reader_lines(context: &Context, conversation: &Conversation) -> Vec<String> {
    let all = conversation.messages.len();
    let name = |reader: &Reader| {
        let names: Vec<String> = reader.addresses.iter().map(|address| context.name_of(address)).collect();
        if names.is_empty() { "nobody known".to_owned() } else { names.join(" or ") }
    };
    let mut readers: Vec<(String, &Reader)> = conversation.readers.iter().map(|r| (name(r), r)).collect();
    readers.sort_by(|one, other| (one.1.granted, &one.0).cmp(&(other.1.granted, &other.0)));
    let line = |(who, reader): &(String, &Reader)| {
        let keys = readers.iter().filter(|(other, _)| other == who).count();
        let key: String = reader.fingerprint.to_string().chars().take(8).collect();
        let key = if keys > 1 { format!(" with key {key}") } else { String::new() };
        let how_much = match reader.messages {
            n if n == all => "everything".to_owned(),
            n => format!("{n} of {all} messages"),
        };
        let granted = if reader.granted { ", given access later" } else { "" };
        format!("{who}{key}: {how_much}{granted}")
    };
    readers.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sealdesk_client::view::{Body, Change, GrantedTo, HistoryEvent, KeyName, Place, Validator, Warning};
    use sealdesk_envelope::content::{MessageContent, TicketContent};
    use sealdesk_protocol::keys::Fingerprint;

    use super::*;
    use crate::hostile::{context, is_harmless, text, ticket};

    /// A conversation whose every text comes from a list.
    fn conversation(mut next: impl FnMut() -> String) -> Conversation {
        let at = Time::Unix(1_763_717_623);
        let bodies = [
            Body::Ticket(TicketContent::new(next(), next())),
            Body::Message(MessageContent::new(next())),
            Body::Unreadable(next()),
            Body::NotForYou,
        ];
        let message = |(index, body)| Message {
            index: Some(index),
            author: next(),
            is_staff: index == 1,
            internal: index == 2,
            score: None,
            imported: Some(ImportedFrom {
                author: next(),
                by_staff: true,
                at: Some(i64::MAX),
                customer: None,
            }),
            created_at: at,
            place: Place::Block(1),
            body,
            warnings: vec![Warning::ClosedTo { who: next() }],
        };
        let messages = (0..).zip(bodies).map(message).collect();
        let fingerprint = Fingerprint::parse(&"0".repeat(40)).unwrap();
        let reader = Reader { fingerprint, addresses: vec![next(), next()], messages: 1, granted: true };
        Conversation {
            ticket: ticket(&next(), &next(), &next()),
            height: Some(1),
            due: None,
            messages,
            readers: vec![reader],
            events: changes(&mut next).into_iter().map(|change| event(change, at)).collect(),
            events_from: None,
            events_missing: None,
        }
    }

    fn event(change: Change, at: Time) -> HistoryEvent {
        let (name, fields) = (String::new(), serde_json::Map::new());
        HistoryEvent { name, at, height: Some(1), txhash: None, cursor: None, ticket: None, change, fields }
    }

    fn changes(next: &mut impl FnMut() -> String) -> Vec<Change> {
        let key = KeyName { fingerprint: Some(next()), version: None };
        vec![
            Change::Created { by: next(), category: next(), priority: next() },
            Change::Assigned { by: next(), to: next(), with: vec![next(), next()] },
            Change::Imported { by: next(), customer: next(), source: next(), id: next() },
            Change::Moved { by: Some(next()), from: next(), to: next() },
            Change::Prioritized { by: next(), from: next(), to: next(), reason: next() },
            Change::Resolved { by: next(), resolution: next() },
            Change::Closed { by: Some(next()), reason: next() },
            Change::Reopened { by: next(), reason: next() },
            Change::Granted { by: next(), to: Some(GrantedTo { index: Some(1), key: next() }) },
            Change::KeyPublished { of: next(), key },
            Change::RoleGiven { by: next(), to: next(), role: next() },
            Change::AccountState { by: next(), of: next(), from: next(), to: next(), reason: next() },
            Change::ValidatorProposed {
                by: next(),
                validator: Validator { key: next(), moniker: next() },
                power: 1,
            },
        ]
    }

    /// What each unindented line begins with: the words of the program, or of a line about a writer, that a writer is named.
    fn beginnings(shown: &str) -> Vec<&str> {
        let own = ["TKT-00000001", "open, normal,", "Who can read it", "History (as reported by the node)"];
        let of_program = |line: &str| own.into_iter().find(|own| line.starts_with(own));
        let lines = shown.lines().filter(|line| !line.starts_with("  ") && !line.is_empty());
        lines.map(|line| of_program(line).unwrap_or("somebody")).collect()
    }

    proptest! {
        #[test]
        fn bug_88_no_field_changes_the_number_or_the_beginning_of_the_unindented_lines(
            fields in proptest::collection::vec(text(), 64),
            width in proptest::option::of(42_usize..100),
        ) {
            let context = context();
            let mut fields = fields.iter().cycle().cloned();
            let plain = as_text(&context, &conversation(|| "x".to_owned()), None);
            let shown = as_text(&context, &conversation(|| fields.next().unwrap_or_default()), width);
            prop_assert!(is_harmless(&shown), "{}", shown);
            prop_assert_eq!(beginnings(&shown), beginnings(&plain), "{}", shown);
            if width.is_none() {
                let named = |line: &str| {
                    line.starts_with('"') || line.starts_with(|c: char| c.is_ascii_alphanumeric())
                };
                prop_assert!(shown.lines().filter(|line| !line.is_empty() && !line.starts_with(' ')).all(named));
            }
        }
    }
}
