//! What everyone may ask of a committed state. Every list is an index read from a cursor on: at most
//! [`PAGE_RECORDS_MAX`] records and [`PAGE_BYTES_MAX`] bytes a page, never a scan.

mod accounts;
mod blobs;
mod documents;
mod history;
mod page;
mod queue;
mod ratings;
mod tickets;
mod transactions;
mod validators;

use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::limits::{PAGE_BYTES_MAX, PAGE_RECORDS_DEFAULT, PAGE_RECORDS_MAX};
use sealdesk_protocol::ticket::Status;
use sealdesk_store::{Snapshot, State};

pub(crate) use history::event_place;
pub use history::{HistoryStart, LastChanged, StoredEvent};
pub use transactions::{FoundTx, TxCondition, TxPage, TxSearch, WALK_MAX};
pub use validators::ValidatorsSince;

use crate::errors::QueryError;
use crate::machine::Machine;
use crate::state::StateView;

impl Machine {
    /// Reads a snapshot in the machine's own terms.
    fn reading<T>(
        &self,
        snapshot: &Snapshot,
        read: impl FnOnce(&StateView<'_>) -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        let mut state = State::new(snapshot.clone());
        read(&StateView::new(&mut state, self.prefix()))
    }

    fn asked_address(&self, text: &str) -> Result<Address, QueryError> {
        Address::parse(self.prefix(), text).map_err(|error| QueryError::Invalid(error.to_string()))
    }
}

fn asked_ticket(text: &str) -> Result<TicketId, QueryError> {
    TicketId::parse(text).map_err(|error| QueryError::Invalid(error.to_string()))
}

/// A status by its short name; empty for any.
fn asked_status(text: &str) -> Result<Option<Status>, QueryError> {
    if text.is_empty() {
        return Ok(None);
    }
    let unknown = || {
        let names: Vec<&str> = Status::ALL.into_iter().map(Status::name).collect();
        QueryError::Invalid(format!("no such status: use one of {}", names.join(", ")))
    };
    Status::parse(text).map(Some).ok_or_else(unknown)
}
