//! What has happened: transactions by hash, events in their order; and when a ticket will close by itself.

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::limits::PAGE_RECORDS_MAX;
use sealdesk_protocol::state::side;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{EventRecord, TxRecord};
use sealdesk_store::{KeyRange, Snapshot};

use crate::errors::{Fatal, QueryError};
use crate::machine::Machine;
use crate::state::{StateView, decode};

/// An event with its place in the history.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEvent {
    /// The block it happened in.
    pub height: u64,
    /// Its place among the block's events, from 0.
    pub n: u32,
    /// What happened; with the hash of the transaction that caused it.
    pub record: EventRecord,
}

/// The last block that changed the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastChanged {
    /// Its height; 0 for genesis.
    pub height: u64,
    /// Its time in Unix seconds.
    pub time: i64,
}

/// Where a node's history begins that has its state from another node, or has dropped what was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryStart {
    /// The first block whose results and events are here.
    pub from: u64,
    /// The last ticket of which something may have happened before it.
    pub tickets: u64,
}

impl Machine {
    /// Where the history begins; `None` where all of it is here.
    ///
    /// # Errors
    /// [`QueryError::Fatal`] where the store failed.
    pub fn history_start(&self, snapshot: &Snapshot) -> Result<Option<HistoryStart>, QueryError> {
        let Some(start) = self.reading(snapshot, |view| Ok(view.history_start()?))? else {
            return Ok(None);
        };
        let from =
            u64::try_from(start.from).map_err(|_| Fatal::damaged(side::HISTORY_START, "not a height"))?;
        Ok(Some(HistoryStart { from, tickets: start.tickets }))
    }

    /// Refuses to read from before the beginning of the history: an empty answer would say that nothing happened then.
    fn check_history(
        &self,
        snapshot: &Snapshot,
        after: Option<(u64, u32)>,
        ticket: Option<TicketId>,
    ) -> Result<(), QueryError> {
        let Some(HistoryStart { from, tickets }) = self.history_start(snapshot)? else { return Ok(()) };
        let whole = after.unwrap_or_default() >= (from.saturating_sub(1), u32::MAX)
            || ticket.is_some_and(|ticket| ticket.number() > tickets);
        if whole { Ok(()) } else { Err(QueryError::BeforeHistory { from }) }
    }

    /// The result of a transaction that used up its sequence; `None` for any other.
    ///
    /// # Errors
    /// [`QueryError::Fatal`] where the store failed.
    pub fn tx(&self, snapshot: &Snapshot, hash: TxHash) -> Result<Option<TxRecord>, QueryError> {
        let key = side::tx(hash);
        let Some(bytes) = snapshot.get_side(&key)? else { return Ok(None) };
        Ok(Some(decode(&key, &bytes)?))
    }

    /// Events after a place (height and number), in their order; from the first where it is `None`. At most `limit`,
    /// never more than [`PAGE_RECORDS_MAX`].
    ///
    /// # Errors
    /// [`QueryError::BeforeHistory`] where the place lies before what is here, [`QueryError::Fatal`] where the store failed.
    pub fn events_after(
        &self,
        snapshot: &Snapshot,
        after: Option<(u64, u32)>,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, QueryError> {
        self.check_history(snapshot, after, None)?;
        let range = KeyRange::prefix(side::EVENTS);
        let range = after.map_or(range.clone(), |(height, n)| range.after(&side::event(height, n)));
        let mut events = Vec::new();
        for entry in snapshot.scan_side(&range)?.take(page_length(limit)) {
            let (key, value) = entry?;
            let (height, n) = event_place(&key)?;
            events.push(StoredEvent { height, n, record: decode(&key, &value)? });
        }
        Ok(events)
    }

    /// The same for the events of one ticket; a ticket with a higher number than [`HistoryStart::tickets`] has all of them here.
    ///
    /// # Errors
    /// As [`Machine::events_after`].
    pub fn ticket_events_after(
        &self,
        snapshot: &Snapshot,
        ticket: TicketId,
        after: Option<(u64, u32)>,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, QueryError> {
        self.check_history(snapshot, after, Some(ticket))?;
        let list = [side::TICKET_EVENTS, &ticket.number().to_be_bytes()].concat();
        let range = KeyRange::prefix(&list);
        let from = after.map(|(height, n)| side::ticket_event(ticket, height, n));
        let range = from.map_or(range.clone(), |key| range.after(&key));
        let mut events = Vec::new();
        for entry in snapshot.scan_side(&range)?.take(page_length(limit)) {
            let (key, _) = entry?;
            let (height, n) = event_place(&key)?;
            let key = side::event(height, n);
            let value = snapshot.get_side(&key)?;
            let value = value.ok_or_else(|| Fatal::damaged(&key, "a ticket's event is missing"))?;
            events.push(StoredEvent { height, n, record: decode(&key, &value)? });
        }
        Ok(events)
    }

    /// The first second at which a block would close a ticket by itself; `None` while none waits.
    ///
    /// # Errors
    /// [`QueryError::Fatal`] where the store failed.
    pub fn next_auto_close(&self, snapshot: &Snapshot) -> Result<Option<i64>, QueryError> {
        self.reading(snapshot, |view| Ok(view.next_auto_close()?))
    }

    /// The last block that changed the state.
    ///
    /// # Errors
    /// [`QueryError::Fatal`] where the store failed.
    pub fn last_change(&self, snapshot: &Snapshot) -> Result<LastChanged, QueryError> {
        self.reading(snapshot, |view| Ok(last_changed(view)?))
    }
}

pub(crate) fn last_changed(view: &StateView<'_>) -> Result<LastChanged, Fatal> {
    let change = view.last_change()?;
    let height =
        u64::try_from(change.height).map_err(|_| Fatal::damaged(side::LAST_CHANGE, "not a height"))?;
    Ok(LastChanged { height, time: change.timestamp })
}

fn page_length(limit: u32) -> usize {
    usize::try_from(limit.min(PAGE_RECORDS_MAX)).unwrap_or(usize::MAX)
}

/// Height and number, which end an event's key.
pub(crate) fn event_place(key: &[u8]) -> Result<(u64, u32), Fatal> {
    let damaged = || Fatal::damaged(key, "not the place of an event");
    let (rest, n) = key.split_last_chunk::<4>().ok_or_else(damaged)?;
    let (_, height) = rest.split_last_chunk::<8>().ok_or_else(damaged)?;
    Ok((u64::from_be_bytes(*height), u32::from_be_bytes(*n)))
}
