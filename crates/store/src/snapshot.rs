//! An immutable view of one committed version.

use std::sync::Arc;

use redb::{Range, ReadableDatabase};

use crate::engine::Engine;
use crate::error::{Result, StoreError};
use crate::head::Head;
use crate::range::KeyRange;
use crate::tables::{Table, View};
use crate::tree;

/// A key and its value, as scans yield them.
pub type Entry = (Vec<u8>, Vec<u8>);

/// The state as of one version. Cheap to clone; later commits do not change it. As long as one is held, the database's
/// files stay open and locked, and the pages it needs are not reused.
#[derive(Clone)]
pub struct Snapshot(Arc<Tables>);

/// Handles first, the database after them: fields are dropped in order.
struct Tables {
    head: Head,
    records: View,
    side: View,
    tree: View,
    engine: Arc<Engine>,
}

/// A record, or its absence, with the ICS-23 proof of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The record's bytes, if there is such a record.
    pub record: Option<Vec<u8>>,
    /// `ics23.CommitmentProof`, protobuf. Its key is the SHA-256 of the state key, its value the SHA-256 of the record,
    /// its specification jmt's (`JMT::LeafNode`, `JMT::IntrnalNode`), its root that of the snapshot.
    pub proof: Vec<u8>,
}

impl Snapshot {
    /// Opens a view of the latest commit.
    pub(crate) fn open(engine: &Arc<Engine>) -> Result<Self> {
        let read = engine.db()?.begin_read()?;
        Ok(Self(Arc::new(Tables {
            head: Head::read(&read)?,
            records: Table::Records.open(&read)?,
            side: Table::Side.open(&read)?,
            tree: Table::Tree.open(&read)?,
            engine: engine.clone(),
        })))
    }

    /// The committed version this is a view of; 0 before the first commit.
    pub fn version(&self) -> u64 {
        self.0.head.version
    }

    /// Root of the records.
    pub fn root(&self) -> [u8; 32] {
        self.0.head.root
    }

    /// The record under `key`. That there is none is confirmed by the state tree, so damage to the table cannot make a
    /// record disappear.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.reading(|| {
            let found = read_row(&self.0.records, Table::Records, key)?;
            if found.is_none() && tree::find_leaf(&self.0.tree, self.root(), key)?.is_some() {
                return Err(StoreError::corrupt("a record of the state tree is missing from its table"));
            }
            Ok(found)
        })
    }

    /// The side value under `key`.
    pub fn get_side(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.reading(|| read_row(&self.0.side, Table::Side, key))
    }

    /// The records in a range, in order of their keys; `rev()` walks from the end.
    pub fn scan(&self, range: &KeyRange) -> Result<Scan> {
        Scan::open(self, Table::Records, range)
    }

    /// The side values in a range, in order of their keys; `rev()` walks from the end.
    pub fn scan_side(&self, range: &KeyRange) -> Result<Scan> {
        Scan::open(self, Table::Side, range)
    }

    /// The record under `key`, or its absence, with a proof against [`Snapshot::root`]. In an empty state nothing can be
    /// proven: [`StoreError::EmptyTree`].
    pub fn prove(&self, key: &[u8]) -> Result<Proof> {
        let record = self.get(key)?;
        let (leaf, proof) = self.reading(|| tree::prove(&self.0.tree, self.root(), key))?;
        if leaf != record.as_deref().map(tree::leaf_value) {
            return Err(StoreError::corrupt("a record differs from its leaf in the state tree"));
        }
        Ok(Proof { record, proof })
    }

    pub(crate) fn reading<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.0.engine.health.reading(work)
    }

    pub(crate) fn table(&self, table: Table) -> &View {
        match table {
            Table::Side => &self.0.side,
            Table::Tree => &self.0.tree,
            Table::Records | Table::Meta => &self.0.records,
        }
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("head", &self.0.head).finish_non_exhaustive()
    }
}

fn read_row(view: &View, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>> {
    let Some(row) = view.get(key)? else { return Ok(None) };
    Ok(Some(table.unseal(key, row.value())?.to_vec()))
}

/// An ordered walk over one table of a snapshot. It ends after the first error.
pub struct Scan {
    rows: Option<Range<'static, &'static [u8], &'static [u8]>>,
    table: Table,
    snapshot: Snapshot,
}

impl Scan {
    fn open(snapshot: &Snapshot, table: Table, range: &KeyRange) -> Result<Self> {
        let rows = match range.is_void() {
            true => None,
            false => Some(snapshot.reading(|| Ok(snapshot.table(table).range::<&[u8]>(range.bounds())?))?),
        };
        Ok(Self { rows, table, snapshot: snapshot.clone() })
    }

    fn step(&mut self, forward: bool) -> Option<Result<Entry>> {
        let rows = self.rows.as_mut()?;
        let table = self.table;
        let entry = self.snapshot.reading(|| {
            let next = if forward { rows.next() } else { rows.next_back() };
            let Some(row) = next.transpose()? else { return Ok(None) };
            let (key, row) = (row.0.value(), row.1.value());
            Ok(Some((key.to_vec(), table.unseal(key, row)?.to_vec())))
        });
        if entry.is_err() {
            self.rows = None;
        }
        entry.transpose()
    }
}

impl Iterator for Scan {
    type Item = Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step(true)
    }
}

impl DoubleEndedIterator for Scan {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.step(false)
    }
}
