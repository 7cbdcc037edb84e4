//! What a shell offers to complete beside words: tickets, documents, people and accounts.
//!
//! It comes from the files of the home, and from its node where that answers at once: nobody waits for a node when they press TAB, and
//! nobody is asked for anything. What cannot be had is not offered.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::time::Duration;

use clap::{CommandFactory as _, FromArgMatches as _};
use clap_complete::engine::CompletionCandidate;
use sealdesk_client::contacts::NameSource;
use sealdesk_client::node::{Node, Page, TicketsBy};
use sealdesk_client::trust::pins::Pins;
use sealdesk_protocol::document::{Shelf, ShelfKind};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::text;
use sealdesk_protocol::ticket::Status;
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;
use tonic::transport::Channel;

use crate::args::{Global, Ledger};
use crate::commands::Cli;
use crate::context::Context;

/// How long a node is waited for, as a whole.
const WAIT: Duration = Duration::from_millis(1_500);
/// Most tickets or documents that are offered.
const OFFERED_MAX: u32 = 100;

/// The newest tickets that are not closed, written as what was typed begins: `TKT-…`, or a number.
pub(crate) fn tickets(typed: &OsStr) -> Vec<CompletionCandidate> {
    of_lists(typed, &[TicketsBy::Open(None)])
}

/// The newest tickets that are over, written in the same way.
pub(crate) fn ended_tickets(typed: &OsStr) -> Vec<CompletionCandidate> {
    of_lists(typed, &[TicketsBy::Status(Status::Resolved), TicketsBy::Status(Status::Closed)])
}

fn of_lists(typed: &OsStr, lists: &[TicketsBy]) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else { return Vec::new() };
    let page = Page { limit: OFFERED_MAX, reverse: true, ..Page::default() };
    let found = ask(async |_, node| {
        let mut tickets = Vec::new();
        for list in lists {
            tickets.extend(node.tickets(list, &page).await.ok()?.tickets);
        }
        Some(tickets)
    });
    let is_number = typed.starts_with(|first: char| first.is_ascii_digit());
    let candidate = |ticket: SupportTicket| {
        let id = TicketId::parse(&ticket.ticket_id).ok()?;
        let word = if is_number { id.number().to_string() } else { id.to_string() };
        let help = about(&ticket);
        word.starts_with(typed).then(|| CompletionCandidate::new(word).help(Some(help.into())))
    };
    found.unwrap_or_default().into_iter().filter_map(candidate).collect()
}

/// What the ledger shows of a ticket beside its number.
fn about(ticket: &SupportTicket) -> String {
    let status = Status::ALL.into_iter().find(|status| status.to_wire() == ticket.status);
    let status = status.map(|status| status.name().replace('_', " ")).unwrap_or_default();
    format!("{}, {status}", text::line(&ticket.category))
}

/// The documents of the shelf that stands on the command line.
pub(crate) fn documents() -> Vec<CompletionCandidate> {
    let words = words();
    let kind = words.iter().rev().find_map(|word| ShelfKind::named(word.to_str()?).ok());
    let Some(kind) = kind else { return Vec::new() };
    let page = Page { limit: OFFERED_MAX, ..Page::default() };
    let found = ask(async |context, node| {
        let shelf = match kind {
            ShelfKind::Own => Shelf::Own(context.own_address().ok()?),
            // Whose it is makes no difference to the desk's two.
            kind => Shelf::of(kind, &Address::of_public_key(context.prefix(), &[0; 33])),
        };
        node.documents(&shelf, &page).await.ok()
    });
    let found = found.map(|(documents, _)| documents).unwrap_or_default();
    found
        .into_iter()
        .map(|document| CompletionCandidate::new(text::line(&document.head.unwrap_or_default().name)))
        .collect()
}

/// What people are called whose key is not in this home.
pub(crate) fn contacts() -> BTreeSet<String> {
    let Some(context) = context() else { return BTreeSet::new() };
    context
        .names()
        .iter()
        .filter(|known| known.source != NameSource::Key)
        .map(|known| known.name.clone())
        .collect()
}

/// Accounts for which this home has sealed something, and the administrators that it knows: for who begins to type an address.
pub(crate) fn accounts() -> BTreeSet<String> {
    let Some(context) = context() else { return BTreeSet::new() };
    let Ok(pins) = Pins::load(&context.home().join("pins.json")) else { return BTreeSet::new() };
    let members = |pin: &sealdesk_client::trust::Pin| -> Vec<String> {
        let members = pin.circle.members().iter().map(|member| member.address.to_string());
        members.chain(pin.readers.iter().map(ToString::to_string)).collect()
    };
    pins.iter().flat_map(members).collect()
}

/// Asks the node of the home, for a moment.
fn ask<T>(question: impl AsyncFnOnce(&Context, &Node<Channel>) -> Option<T>) -> Option<T> {
    let context = context().filter(|context| context.ledger() == Ledger::Native)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let asking = async {
        let node = context.node_for_a_moment(&context.settings().node(), WAIT).await?;
        question(&context, &node).await
    };
    let found = runtime.block_on(async { tokio::time::timeout(WAIT, asking).await.ok().flatten() });
    // A name that is still looked up is not waited for.
    runtime.shutdown_background();
    found
}

/// What the command line that is being typed works with, as far as it is understood.
fn context() -> Option<Context> {
    let line = crate::variables::without_empty(Cli::command()).ignore_errors(true);
    let matches = line.try_get_matches_from(words()).ok()?;
    let global = Global::from_arg_matches(&matches).ok()?;
    Context::new(global, &matches).ok()
}

/// The command line that is being typed: behind `--` are the program's name and its words.
fn words() -> Vec<OsString> {
    std::env::args_os().skip_while(|word| word != "--").skip(1).collect()
}
