//! The full check behind `sealdesk doctor`.

use redb::ReadableTableMetadata;

use crate::error::{Result, StoreError};
use crate::head::Head;
use crate::range::KeyRange;
use crate::snapshot::Snapshot;
use crate::tables::Table;
use crate::tree;

/// What a full check has found to be whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Integrity {
    /// Records, each equal to its leaf.
    pub records: u64,
    /// Nodes of the state tree, each hashed into its parent up to the root.
    pub nodes: u64,
    /// Side values.
    pub side: u64,
}

impl Snapshot {
    /// Reads everything and checks it: each row against its checksum, each record against its leaf, the root against the
    /// tree, the length of every table against what a walk over it finds.
    pub fn check_integrity(&self) -> Result<Integrity> {
        let head = Head { version: self.version(), root: self.root() };
        let tree = self.reading(|| tree::check(self.table(Table::Tree), head.root))?;
        let records = self.check_records()?;
        expect_same("leaves of the state tree", tree.leaves, "records", records)?;
        let side = count(self.scan_side(&KeyRange::all())?)?;
        for (table, found) in [(Table::Tree, tree.nodes), (Table::Records, records), (Table::Side, side)] {
            let length = self.reading(|| Ok(self.table(table).len()?))?;
            expect_same("rows found in a table", found, "its length", length)?;
        }
        Ok(Integrity { records, nodes: tree.nodes, side })
    }

    fn check_records(&self) -> Result<u64> {
        count(self.scan(&KeyRange::all())?.map(|entry| {
            let (key, record) = entry?;
            let leaf = self.reading(|| tree::find_leaf(self.table(Table::Tree), self.root(), &key))?;
            if leaf != Some(tree::leaf_value(&record)) {
                return Err(StoreError::corrupt("a record differs from its leaf in the state tree"));
            }
            Ok((key, record))
        }))
    }
}

fn count<T>(mut entries: impl Iterator<Item = Result<T>>) -> Result<u64> {
    entries.try_fold(0, |count, entry| entry.map(|_| count + 1))
}

fn expect_same(one: &str, left: u64, other: &str, right: u64) -> Result<()> {
    if left == right {
        return Ok(());
    }
    Err(StoreError::corrupt(format!("{one} ({left}) do not match {other} ({right})")))
}
