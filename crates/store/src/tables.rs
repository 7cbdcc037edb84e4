//! The tables of the database and the form of their rows.
//!
//! Every row is `checksum (8 bytes) ‖ value`, the checksum being the head of SHA-256 over table, key and value. It is
//! checked at every read, because the database verifies its own page checksums only when it repairs a file.

use redb::{ReadOnlyTable, ReadTransaction, TableDefinition};
use sha2::{Digest, Sha256};

use crate::error::{Result, StoreError};

/// Rows of bytes by bytes.
type Rows = TableDefinition<'static, &'static [u8], &'static [u8]>;
/// A read-only view of such a table.
pub(crate) type View = ReadOnlyTable<&'static [u8], &'static [u8]>;

/// The tables, whose names are part of the file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    /// Schema version and head.
    Meta,
    /// State key → record.
    Records,
    /// Key → side value.
    Side,
    /// Nibble path → node of the state tree.
    Tree,
}

impl Table {
    pub(crate) const ALL: [Table; 4] = [Table::Meta, Table::Records, Table::Side, Table::Tree];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Table::Meta => "meta",
            Table::Records => "records",
            Table::Side => "side",
            Table::Tree => "tree",
        }
    }

    pub(crate) fn rows(self) -> Rows {
        TableDefinition::new(self.name())
    }

    pub(crate) fn open(self, read: &ReadTransaction) -> Result<View> {
        Ok(read.open_table(self.rows())?)
    }

    /// The row that stores `value` under `key`.
    pub(crate) fn seal(self, key: &[u8], value: &[u8]) -> Vec<u8> {
        let mut row = Vec::with_capacity(CHECKSUM_BYTES + value.len());
        row.extend_from_slice(&self.checksum(key, value));
        row.extend_from_slice(value);
        row
    }

    /// The value in a row, if it is what was once written under `key`.
    pub(crate) fn unseal<'r>(self, key: &[u8], row: &'r [u8]) -> Result<&'r [u8]> {
        match row.split_first_chunk::<CHECKSUM_BYTES>() {
            Some((sum, value)) if *sum == self.checksum(key, value) => Ok(value),
            _ => Err(StoreError::corrupt(format!("a row of table {} fails its checksum", self.name()))),
        }
    }

    fn checksum(self, key: &[u8], value: &[u8]) -> [u8; CHECKSUM_BYTES] {
        let mut hash = Sha256::new();
        hash.update([self as u8]);
        hash.update((key.len() as u64).to_be_bytes());
        hash.update(key);
        hash.update(value);
        let digest: [u8; 32] = hash.finalize().into();
        let mut sum = [0; CHECKSUM_BYTES];
        sum.copy_from_slice(&digest[..CHECKSUM_BYTES]);
        sum
    }
}

/// Size of a row's checksum.
pub(crate) const CHECKSUM_BYTES: usize = 8;

/// SHA-256, the only hash of this crate.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
