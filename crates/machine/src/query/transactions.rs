//! Finding transactions: by name, by their place, and by what is in the index. A search walks one list of the index and looks the other
//! conditions up, so what it costs depends on the shortest way that its conditions offer. All that it reads on the way counts towards
//! [`WALK_MAX`].

use std::collections::BTreeSet;
use std::ops::{Bound, RangeInclusive};

use prost::Message as _;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::limits::PAGE_RECORDS_MAX;
use sealdesk_protocol::state::side;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::tx_index::Term;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{EventRecord, TxRecord};
use sealdesk_store::{KeyRange, Snapshot};

use super::event_place;
use crate::errors::{Fatal, QueryError};
use crate::machine::Machine;
use crate::state::decode;
use crate::tx_index::place;

/// Most rows that one search reads: of the list that it walks, and for each condition that it holds those against.
pub const WALK_MAX: usize = 10_000;

/// Most bytes of results on a page.
const RESULTS_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Where a transaction stands: its block and its number there.
type Place = (u64, u32);

/// What a transaction has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TxCondition {
    /// In the index under this term.
    Term(Term),
    /// One of those in which an event of this type happened to this ticket.
    Ticket {
        /// Full name of the typed event.
        event: String,
        /// The ticket.
        ticket: TicketId,
    },
}

/// Which transactions are looked for. All conditions must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TxSearch {
    /// The name of the one that it has to be, if it has one.
    pub hash: Option<TxHash>,
    /// The one that fewest transactions fit comes first: its list is walked.
    pub conditions: Vec<TxCondition>,
    /// Heights of their blocks.
    pub heights: RangeInclusive<u64>,
    /// The newest first.
    pub descending: bool,
    /// How many to pass over.
    pub skip: usize,
    /// How many to give, at most [`PAGE_RECORDS_MAX`].
    pub take: usize,
}

/// A transaction with its result.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundTx {
    /// Its name.
    pub hash: TxHash,
    /// Its result.
    pub record: TxRecord,
}

/// Part of what a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct TxPage {
    /// In the order of their places, or against it.
    pub found: Vec<FoundTx>,
    /// How many fit the search; where [`TxPage::counted_all`] is false, at least so many.
    pub total: usize,
    /// Whether everything that fits was counted.
    pub counted_all: bool,
}

impl Machine {
    /// A page of the transactions that fit a search, in the order of the ledger or against it.
    ///
    /// # Errors
    /// [`QueryError::TooBroad`] where the page begins behind the first [`WALK_MAX`] rows, [`QueryError::Fatal`] where the store failed.
    pub fn search_txs(&self, snapshot: &Snapshot, search: &TxSearch) -> Result<TxPage, QueryError> {
        let take = search.take.min(usize::try_from(PAGE_RECORDS_MAX).unwrap_or(usize::MAX));
        let mut conditions: Vec<&TxCondition> = Vec::new();
        for condition in &search.conditions {
            if !conditions.contains(&condition) {
                conditions.push(condition);
            }
        }
        let (mut left, mut conditions) = (Left(WALK_MAX), conditions.into_iter());
        let first = if search.hash.is_none() { conditions.next() } else { None };
        let checks = conditions.map(|condition| Check::of(snapshot, condition, search, &mut left));
        let checks = checks.collect::<Result<Vec<_>, _>>()?;
        let mut page = TxPage { found: Vec::new(), total: 0, counted_all: true };
        let (end, mut bytes) = (search.skip.saturating_add(take), 0_usize);
        for at in walk(snapshot, first, search, &mut left)? {
            let at = at?;
            if left.spend(1 + checks.len()).is_err() {
                page.counted_all = false;
                break;
            }
            if !fits(snapshot, &checks, at)? {
                continue;
            }
            if page.total >= search.skip && page.total < end {
                let found = found(snapshot, at)?;
                bytes = bytes.saturating_add(found.record.encoded_len());
                if bytes > RESULTS_BYTES_MAX {
                    let why = "these transactions are too long for one page: ask for fewer";
                    return Err(QueryError::Invalid(why.to_owned()));
                }
                page.found.push(found);
            }
            page.total = page.total.saturating_add(1);
        }
        if !page.counted_all && page.found.len() < take {
            return Err(TOO_BROAD);
        }
        Ok(page)
    }
}

const TOO_BROAD: QueryError = QueryError::TooBroad { rows: WALK_MAX };

/// How many rows a search may still read.
struct Left(usize);

impl Left {
    fn spend(&mut self, rows: usize) -> Result<(), QueryError> {
        self.0 = self.0.checked_sub(rows).ok_or(TOO_BROAD)?;
        Ok(())
    }
}

/// A condition that each transaction of another one's list is held against.
enum Check {
    Term(Term),
    Places(BTreeSet<Place>),
}

impl Check {
    fn of(
        snapshot: &Snapshot,
        condition: &TxCondition,
        search: &TxSearch,
        left: &mut Left,
    ) -> Result<Self, QueryError> {
        Ok(match condition {
            TxCondition::Term(term) => Self::Term(*term),
            TxCondition::Ticket { event, ticket } => {
                let places =
                    ticket_places(snapshot, TicketEvent { event, ticket: *ticket }, &search.heights, left)?;
                Self::Places(places.into_iter().collect())
            }
        })
    }
}

fn fits(snapshot: &Snapshot, checks: &[Check], at: Place) -> Result<bool, QueryError> {
    for check in checks {
        let holds = match check {
            Check::Term(term) => snapshot.get_side(&side::tx_term(*term, at.0, at.1))?.is_some(),
            Check::Places(places) => places.contains(&at),
        };
        if !holds {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The places of a list in a search's order.
fn walk<'s>(
    snapshot: &'s Snapshot,
    first: Option<&TxCondition>,
    search: &TxSearch,
    left: &mut Left,
) -> Result<Box<dyn Iterator<Item = Result<Place, QueryError>> + 's>, QueryError> {
    let (from, to) = (*search.heights.start(), *search.heights.end());
    if let Some(hash) = search.hash {
        let at = tx_place(snapshot, hash)?.filter(|(height, _)| search.heights.contains(height));
        return Ok(Box::new(at.into_iter().map(Ok)));
    }
    let key = |height: u64, index: u32| match first {
        Some(TxCondition::Term(term)) => side::tx_term(*term, height, index),
        _ => side::tx_at(height, index),
    };
    if let Some(TxCondition::Ticket { event, ticket }) = first {
        let mut places =
            ticket_places(snapshot, TicketEvent { event, ticket: *ticket }, &search.heights, left)?;
        if search.descending {
            places.reverse();
        }
        return Ok(Box::new(places.into_iter().map(Ok)));
    }
    let (start, end) = (key(from, 0), key(to, u32::MAX));
    let range = KeyRange::between(Bound::Included(&start), Bound::Included(&end));
    let rows = snapshot.scan_side(&range)?.map(|row| Ok(event_place(&row?.0)?));
    Ok(match search.descending {
        true => Box::new(rows.rev()),
        false => Box::new(rows),
    })
}

/// A type of event, and the ticket to which such happened.
struct TicketEvent<'a> {
    event: &'a str,
    ticket: TicketId,
}

/// The transactions in blocks of these heights in which events of a type happened to a ticket, each once, ascending.
fn ticket_places(
    snapshot: &Snapshot,
    TicketEvent { event, ticket }: TicketEvent<'_>,
    heights: &RangeInclusive<u64>,
    left: &mut Left,
) -> Result<Vec<Place>, QueryError> {
    let from = side::ticket_event(ticket, *heights.start(), 0);
    let to = side::ticket_event(ticket, *heights.end(), u32::MAX);
    let mut places: Vec<Place> = Vec::new();
    let mut known = None;
    for row in snapshot.scan_side(&KeyRange::between(Bound::Included(&from), Bound::Included(&to)))? {
        left.spend(2)?;
        let (height, n) = event_place(&row?.0)?;
        let key = side::event(height, n);
        let value = snapshot.get_side(&key)?;
        let value = value.ok_or_else(|| Fatal::damaged(&key, "a ticket's event is missing"))?;
        let record: EventRecord = decode(&key, &value)?;
        let Ok(hash) = <[u8; 32]>::try_from(record.tx_hash) else { continue };
        if record.r#type != event || known == Some(hash) {
            continue;
        }
        left.spend(1)?;
        let missing =
            || Fatal::damaged(&side::tx(TxHash(hash)), "the result of an event's transaction is missing");
        places.push(tx_place(snapshot, TxHash(hash))?.ok_or_else(missing)?);
        known = Some(hash);
    }
    Ok(places)
}

/// Where a transaction stands.
fn tx_place(snapshot: &Snapshot, hash: TxHash) -> Result<Option<Place>, QueryError> {
    let key = side::tx(hash);
    let value = snapshot.get_side(&key)?;
    Ok(value.map(|value| place(&decode(&key, &value)?)).transpose()?)
}

fn found(snapshot: &Snapshot, (height, index): Place) -> Result<FoundTx, QueryError> {
    let key = side::tx_at(height, index);
    let hash = snapshot.get_side(&key)?.and_then(|hash| hash.try_into().ok());
    let hash = TxHash(hash.ok_or_else(|| Fatal::damaged(&key, "the hash of a transaction is missing"))?);
    let key = side::tx(hash);
    let value = snapshot.get_side(&key)?;
    let value = value.ok_or_else(|| Fatal::damaged(&key, "the result of a transaction is missing"))?;
    Ok(FoundTx { hash, record: decode(&key, &value)? })
}
