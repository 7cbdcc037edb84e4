//! What a person should hear of whom was sealed for, so that a page can say it in words of its own.

use sealdesk_client::notes::{Note, Why};
use serde::Serialize;

/// One thing to hear.
#[derive(Serialize)]
pub(super) struct Said {
    /// All of it, in English.
    text: String,
    /// Who is a reader now and was none before; `None` = something else.
    reader: Option<NewReader>,
}

/// Somebody for whom something was sealed, or to whom something was opened, for the first time.
#[derive(Serialize)]
struct NewReader {
    address: String,
    /// Why, by its stable name.
    why: &'static str,
    ticket: Option<String>,
    /// The change by which an administrator joined, and who voted for them.
    change: Option<u64>,
    voters: Vec<String>,
}

impl Said {
    pub(super) fn of(note: &Note) -> Self {
        let reader = match note {
            Note::Other(_) => None,
            Note::NewReader { address, why } => {
                let (change, voters) = match why {
                    Why::Administrator { change, voters } => (Some(*change), voters.clone()),
                    _ => (None, Vec::new()),
                };
                let ticket = why.ticket().map(|ticket| ticket.to_string());
                Some(NewReader { address: address.to_string(), why: why.name(), ticket, change, voters })
            }
        };
        Self { text: note.to_string(), reader }
    }
}
