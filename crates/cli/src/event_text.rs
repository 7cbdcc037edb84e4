//! Events in words.

use sealdesk_client::view::{Change, HistoryEvent, KeyName, Reader, Time, Validator};
use sealdesk_protocol::text;

use crate::context::Context;

/// When it happened, in a column.
pub(crate) fn when(context: &Context, event: &HistoryEvent) -> String {
    let zone = context.zone();
    match (event.at, event.height) {
        (Time::Unix(seconds), Some(height)) => format!("{}  height {height:<4}", zone.alone(seconds)),
        (Time::Unix(seconds), None) => zone.alone(seconds),
        (Time::BurnBlock(height), _) => format!("burn block {height:<6}"),
    }
}

/// What happened, in one line. Every field in it is the node's word.
pub(crate) fn what(context: &Context, event: &HistoryEvent) -> String {
    what_among(context, event, &[])
}

/// The same, where it is known whose the keys are.
pub(crate) fn what_among(context: &Context, event: &HistoryEvent, readers: &[Reader]) -> String {
    text::line(&in_words(context, event, readers))
}

fn in_words(context: &Context, event: &HistoryEvent, readers: &[Reader]) -> String {
    let who = |address: &str| context.name_of(address);
    match &event.change {
        Change::Created { by, category, priority } => {
            format!("{} wrote it: {}, {priority}", who(by), category)
        }
        Change::Imported { by, customer, source, id } => {
            format!("{} imported it from {source} {id}, for {}", who(by), who(customer))
        }
        Change::Answered { by } => format!("{} answered", who(by)),
        Change::Noted { by } => format!("{} left a note", who(by)),
        Change::Assigned { by, to, with } => assigned(context, by, to, with),
        Change::Moved { by: None, from, to } => format!("it went from {from} to {to}"),
        Change::Moved { by: Some(by), from, to } => format!("{} moved it from {from} to {to}", who(by)),
        Change::Prioritized { by, from, to, reason } => {
            format!("{} made it {to} instead of {from}{}", who(by), why(reason))
        }
        Change::Resolved { by, resolution } => format!("{} resolved it{}", who(by), why(resolution)),
        Change::Closed { by: None, .. } => "it closed automatically".to_owned(),
        Change::Closed { by: Some(by), reason } => format!("{} closed it{}", who(by), why(reason)),
        Change::Reopened { by, reason } => format!("{} reopened it{}", who(by), why(reason)),
        Change::Granted { by, to: None } => format!("{} gave someone access", who(by)),
        Change::Granted { by, to: Some(to) } => {
            format!("{} gave {} access to {}", who(by), holder(context, &to.key, readers), opened(to.index))
        }
        Change::Document { by, shelf, name, removed, .. } => {
            let did = if *removed { "removed" } else { "wrote" };
            format!("{} {did} the document {shelf}/{name}", who(by))
        }
        Change::Transferred { by, from, to, reason } => {
            format!("{} transferred it from {} to {}{}", who(by), who(from), who(to), why(reason))
        }
        Change::Rated { by, score, comment } => rated(&who(by), *score, *comment),
        Change::Linked { by, kind, other, removed } => {
            let not = if *removed { "is no longer" } else { "is" };
            format!("{} says that it {not} {} {other}", who(by), kind.replace('_', " "))
        }
        Change::Snoozed { by, until: None } => format!("{} brought it back", who(by)),
        Change::Snoozed { by, until: Some(until) } => {
            format!("{} put it aside until {}", who(by), context.zone().when(*until))
        }
        Change::CameBack => "it is back: the time it was put aside for has passed".to_owned(),
        Change::Limits { by } => format!("{} changed the desk's limits", who(by)),
        Change::KeyPublished { of, key } => format!("{} published key {}", who(of), name(key)),
        Change::KeyRevoked { of, key } => format!("key {} of {} was revoked", name(key), who(of)),
        Change::RoleGiven { by, to, role } => format!("{} made {} {role}", who(by), who(to)),
        Change::RoleTaken { by, from, role } => {
            format!("{} took the role {role} from {}", who(by), who(from))
        }
        Change::OwnerProposed { by, to } => format!("{} offered the contract to {}", who(by), who(to)),
        Change::OwnerChanged { to, .. } => format!("{} became the contract's owner", who(to)),
        Change::AccountState { by, of, from, to, reason } => {
            format!("{} set {} from {from} to {to}{}", who(by), who(of), why(reason))
        }
        Change::ValidatorProposed { by, validator, power } => {
            format!("{} proposed power {power} for validator {}", who(by), shown(validator))
        }
        Change::ValidatorChanged { validator, power, before } => {
            format!("validator {} has power {power} instead of {before}", shown(validator))
        }
        Change::CircleVote { by, of, removes, votes, members } => {
            let (by, of) = (who(by), who(of));
            let change = if *removes { "to remove" } else { "to add" };
            format!("{by} voted {change} {of} as an administrator ({votes} of {members} have)")
        }
        Change::ContinueVote { by, votes, members } => {
            format!("{} voted that this ledger continues the one before ({votes} of {members} have)", who(by))
        }
    }
}

fn rated(by: &str, score: u32, has_comment: bool) -> String {
    let comment = if has_comment { ", with a comment" } else { "" };
    format!("{by} rated it {score} of 5{comment}")
}

fn assigned(context: &Context, by: &str, to: &str, with: &[String]) -> String {
    let by_name = context.name_of(by);
    if by == to && with.is_empty() {
        return format!("{by_name} took it");
    }
    let with: Vec<String> = with.iter().map(|one| context.name_of(one)).collect();
    let with = if with.is_empty() { String::new() } else { format!(", with {}", with.join(", ")) };
    format!("{by_name} assigned it to {}{with}", context.name_of(to))
}

/// Which message somebody was let in to.
fn opened(index: Option<u32>) -> String {
    index.map_or_else(|| "the first message".to_owned(), |index| format!("response {index}"))
}

/// Whose a key is, where that is one person.
fn holder(context: &Context, key: &str, readers: &[Reader]) -> String {
    let reader = readers.iter().find(|reader| reader.fingerprint.to_string() == key);
    match reader.map(|reader| &reader.addresses[..]) {
        Some([only]) => context.name_of(only),
        _ => format!("key {}", shortened(key)),
    }
}

fn shown(validator: &Validator) -> String {
    match validator.moniker.as_str() {
        "" => shortened(&validator.key),
        moniker => format!("{} ({})", shortened(&validator.key), moniker),
    }
}

fn name(key: &KeyName) -> String {
    match (&key.fingerprint, key.version) {
        (Some(fingerprint), Some(version)) => format!("{} (version {version})", shortened(fingerprint)),
        (Some(fingerprint), None) => shortened(fingerprint),
        (None, version) => version.map(|version| version.to_string()).unwrap_or_default(),
    }
}

fn why(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": \"{}\"", text) }
}

/// Enough of a fingerprint to tell keys apart on a screen.
fn shortened(fingerprint: &str) -> String {
    fingerprint.chars().take(8).collect()
}
