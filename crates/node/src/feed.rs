//! What the ledger tells of by itself: its typed events, in order, from the side tables that the same commit wrote.
//!
//! Nothing is queued for a subscriber. Each goes on from a cursor at their own pace, through what was just read for all or else from the
//! state, so they get every event once, and a cursor takes up exactly where it left off, also after a restart or at another node of the
//! same ledger.

use sealdesk_machine::{Machine, QueryError, StoredEvent};
use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::limits::PAGE_RECORDS_MAX;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{EventRecord, LedgerEvent};
use sealdesk_store::{Snapshot, StoreError};
use serde::{Deserialize, Serialize};

use crate::tip::Tip;

/// Most events that one read looks at.
pub const EVENTS_PER_READ_MAX: u32 = PAGE_RECORDS_MAX;
const CURSOR_BYTES: usize = 12;

/// The place of an event: its block and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
pub struct Cursor {
    height: u64,
    n: u32,
}

impl Cursor {
    /// Behind everything up to and including a block.
    pub fn after_block(height: u64) -> Self {
        Self { height, n: u32::MAX }
    }

    /// Before everything.
    pub fn start() -> Self {
        Self { height: 0, n: 0 }
    }

    /// The bytes that a subscriber keeps.
    pub fn encode(self) -> Vec<u8> {
        [self.height.to_be_bytes().as_slice(), &self.n.to_be_bytes()].concat()
    }

    /// The event's block.
    pub fn height(self) -> u64 {
        self.height
    }

    /// The event's number in its block.
    pub fn number(self) -> u32 {
        self.n
    }

    /// Reads a subscriber's bytes; `None` if they are not a cursor.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; CURSOR_BYTES] = bytes.try_into().ok()?;
        let (height, n) = bytes.split_first_chunk()?;
        Some(Self { height: u64::from_be_bytes(*height), n: u32::from_be_bytes(n.try_into().ok()?) })
    }
}

/// Which events a subscriber wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Full names; empty = all.
    pub types: Vec<String>,
    /// Of one ticket only.
    pub ticket: Option<TicketId>,
}

/// A page of the feed.
#[derive(Clone, Debug, PartialEq)]
pub struct EventPage {
    /// What the subscriber wants of it, in order.
    pub events: Vec<LedgerEvent>,
    /// Where it ends.
    pub end: Cursor,
    /// Whether the state has more behind it.
    pub more: bool,
}

/// Reads what comes after a cursor, up to [`EVENTS_PER_READ_MAX`] events.
///
/// # Errors
/// [`QueryError`] if the table cannot be read.
pub fn read(
    machine: &Machine,
    snapshot: &Snapshot,
    after: Cursor,
    filter: &Filter,
) -> Result<EventPage, QueryError> {
    let place = Some((after.height, after.n));
    let found = match filter.ticket {
        Some(ticket) => machine.ticket_events_after(snapshot, ticket, place, EVENTS_PER_READ_MAX)?,
        None => machine.events_after(snapshot, place, EVENTS_PER_READ_MAX)?,
    };
    let more = u32::try_from(found.len()) == Ok(EVENTS_PER_READ_MAX);
    let mut page = EventPage { events: Vec::new(), end: after, more };
    for StoredEvent { height, n, record } in found {
        page.end = Cursor { height, n };
        if filter.types.is_empty() || filter.types.contains(&record.r#type) {
            page.events.push(ledger_event(page.end, record)?);
        }
    }
    Ok(page)
}

/// The same from the newest block's state. A page with nothing behind it ends behind that block: once the blocks before are dropped, whoever
/// goes on from there has missed nothing.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_to_tip(
    machine: &Machine,
    tip: &Tip,
    after: Cursor,
    filter: &Filter,
) -> Result<EventPage, QueryError> {
    let mut page = read(machine, &tip.snapshot, after, filter)?;
    if !page.more {
        page.end = page.end.max(Cursor::after_block(tip.height));
    }
    Ok(page)
}

fn ledger_event(place: Cursor, record: EventRecord) -> Result<LedgerEvent, QueryError> {
    let event = Event::decode(&record.r#type, &record.value).map_err(|_| damaged())?;
    let tx_hash =
        <[u8; 32]>::try_from(record.tx_hash).map(|hash| TxHash(hash).to_string()).unwrap_or_default();
    Ok(LedgerEvent {
        cursor: place.encode(),
        height: i64::try_from(place.height).map_err(|_| damaged())?,
        timestamp: event.timestamp(),
        tx_hash,
        r#type: record.r#type,
        value: record.value,
    })
}

fn damaged() -> QueryError {
    StoreError::Corrupt { what: "the table of events".to_owned() }.into()
}
