//! The state as rows that another node checks and makes its own state of: docs/snapshots.md.
//!
//! What travels is every record, whose root decides whether it is the right one, and of the side values those that cannot be
//! made anew and can be checked against the records: envelopes or what stays of erased ones, grants, and what stands in documents. Everything else is made anew or begins empty.

mod check;
mod restore;

use sealdesk_protocol::state::side;
use sealdesk_store::{Entry, KeyRange, Snapshot, StoreError};

pub use restore::Restoring;

/// What a row is, in the order in which they travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowKind {
    /// A record of the tree.
    Record,
    /// The envelope of a ticket or response.
    Envelope,
    /// The grants of a ticket or response.
    Grants,
    /// What stands in a document.
    Document,
    /// What stays of an erased envelope.
    Erased,
}

/// A row of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub kind: RowKind,
    /// Its whole key in the store.
    pub key: Vec<u8>,
    /// The record or side value.
    pub value: Vec<u8>,
}

/// Every row of a state, ascending by kind and key: the same on every node of the ledger that has erased the same texts.
///
/// # Errors
/// [`StoreError`], here and in the walk.
pub fn snapshot_rows(
    snapshot: &Snapshot,
) -> Result<impl Iterator<Item = Result<Row, StoreError>> + use<>, StoreError> {
    let records = snapshot.scan(&KeyRange::all())?;
    let envelopes = snapshot.scan_side(&KeyRange::prefix(side::ENVELOPES))?;
    let grants = snapshot.scan_side(&KeyRange::prefix(side::GRANTS))?;
    let documents = snapshot.scan_side(&KeyRange::prefix(side::DOCUMENTS))?;
    let erased = snapshot.scan_side(&KeyRange::prefix(side::ERASED))?;
    let rows =
        |kind| move |entry: Result<Entry, StoreError>| entry.map(|(key, value)| Row { kind, key, value });
    Ok(records
        .map(rows(RowKind::Record))
        .chain(envelopes.map(rows(RowKind::Envelope)))
        .chain(grants.map(rows(RowKind::Grants)))
        .chain(documents.map(rows(RowKind::Document)))
        .chain(erased.map(rows(RowKind::Erased))))
}
