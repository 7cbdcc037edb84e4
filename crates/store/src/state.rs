//! A block in the making: pending writes over a snapshot.

use crate::changes::{Changes, Writes};
use crate::error::{Result, StoreError};
use crate::merge::Merge;
use crate::range::KeyRange;
use crate::snapshot::{Entry, Snapshot};

/// The working state of a block. Reads see its own writes; nothing reaches the store before [`State::into_changes`] is
/// staged and committed.
///
/// Writes of a transaction are kept apart between [`State::begin_tx`] and [`State::commit_tx`], so that one which fails
/// can be rolled back without a trace.
#[derive(Clone, Debug)]
pub struct State {
    base: Snapshot,
    block: Changes,
    tx: Option<Changes>,
}

impl State {
    /// A state without changes.
    pub fn new(base: Snapshot) -> Self {
        Self { base, block: Changes::default(), tx: None }
    }

    /// The snapshot below.
    pub fn base(&self) -> &Snapshot {
        &self.base
    }

    /// The record under `key`.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        match self.pending(|changes| &changes.records, key) {
            Some(record) => Ok(record.clone()),
            None => self.base.get(key),
        }
    }

    /// Writes a record.
    pub fn put(&mut self, key: impl Into<Vec<u8>>, record: impl Into<Vec<u8>>) {
        self.top().records.insert(key.into(), Some(record.into()));
    }

    /// Removes a record, if there is one.
    pub fn delete(&mut self, key: impl Into<Vec<u8>>) {
        self.top().records.insert(key.into(), None);
    }

    /// The side value under `key`.
    pub fn get_side(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        match self.pending(|changes| &changes.side, key) {
            Some(value) => Ok(value.clone()),
            None => self.base.get_side(key),
        }
    }

    /// Writes a side value.
    pub fn put_side(&mut self, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.top().side.insert(key.into(), Some(value.into()));
    }

    /// Removes a side value, if there is one.
    pub fn delete_side(&mut self, key: impl Into<Vec<u8>>) {
        self.top().side.insert(key.into(), None);
    }

    /// The records in a range, pending writes included, in order of their keys; `rev()` walks from the end.
    pub fn scan(&self, range: &KeyRange) -> Result<impl DoubleEndedIterator<Item = Result<Entry>> + '_> {
        let base = self.base.scan(range)?;
        Ok(self.merge(base, |changes| &changes.records, range))
    }

    /// The side values in a range, pending writes included, in order of their keys; `rev()` walks from the end.
    pub fn scan_side(&self, range: &KeyRange) -> Result<impl DoubleEndedIterator<Item = Result<Entry>> + '_> {
        let base = self.base.scan_side(range)?;
        Ok(self.merge(base, |changes| &changes.side, range))
    }

    /// Begins a transaction. They do not nest.
    pub fn begin_tx(&mut self) -> Result<()> {
        if self.tx.is_some() {
            return Err(StoreError::Transaction);
        }
        self.tx = Some(Changes::default());
        Ok(())
    }

    /// Makes the transaction's writes part of the block.
    pub fn commit_tx(&mut self) -> Result<()> {
        let tx = self.tx.take().ok_or(StoreError::Transaction)?;
        self.block.extend(tx);
        Ok(())
    }

    /// Forgets the transaction's writes, if one is open.
    pub fn rollback_tx(&mut self) {
        self.tx = None;
    }

    /// The block's changes. An open transaction was not committed, so it is not among them.
    pub fn into_changes(self) -> Changes {
        self.block
    }

    fn top(&mut self) -> &mut Changes {
        self.tx.as_mut().unwrap_or(&mut self.block)
    }

    fn pending(&self, space: fn(&Changes) -> &Writes, key: &[u8]) -> Option<&Option<Vec<u8>>> {
        let tx = self.tx.as_ref().and_then(|tx| space(tx).get(key));
        tx.or_else(|| space(&self.block).get(key))
    }

    fn merge<'s>(
        &'s self,
        base: impl DoubleEndedIterator<Item = Result<Entry>> + 's,
        space: fn(&Changes) -> &Writes,
        range: &KeyRange,
    ) -> impl DoubleEndedIterator<Item = Result<Entry>> + 's {
        let base = base.map(|entry| entry.map(|(key, value)| (key, Some(value))));
        let block = Merge::new(base, Some(space(&self.block)), range);
        let tx = Merge::new(block, self.tx.as_ref().map(space), range);
        tx.filter_map(|entry| entry.map(|(key, value)| value.map(|value| (key, value))).transpose())
    }
}
