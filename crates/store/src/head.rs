//! The two rows that say what a file holds: its schema version and its latest commit.

use redb::{ReadTransaction, ReadableTable, WriteTransaction};

use crate::error::{Result, StoreError};
use crate::tables::Table;
use crate::tree::EMPTY_ROOT;

/// The form of the file this program writes. An older program refuses a newer form instead of misreading it.
///
/// Version 2 has the side tables by which blocks judge envelopes, and since version 3 the table of appointed agents has those alone who count:
/// another file would lead to other states.
pub const SCHEMA_VERSION: u32 = 3;

const SCHEMA_KEY: &[u8] = b"schema";
const HEAD_KEY: &[u8] = b"head";

/// The latest commit: its version and the root of its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) version: u64,
    pub(crate) root: [u8; 32],
}

impl Head {
    /// The head of a store that nothing was committed to.
    pub(crate) const EMPTY: Head = Head { version: 0, root: EMPTY_ROOT };

    /// Reads the head of the file, after refusing a schema that this program does not know.
    pub(crate) fn read(read: &ReadTransaction) -> Result<Self> {
        let meta = Table::Meta.open(read)?;
        check_schema(&meta)?;
        let row = meta.get(HEAD_KEY)?.ok_or_else(|| StoreError::corrupt("the head is missing"))?;
        let value = Table::Meta.unseal(HEAD_KEY, row.value())?;
        let (version, root) =
            value.split_first_chunk().ok_or_else(|| StoreError::corrupt("the head is too short"))?;
        let root = root.try_into().map_err(|_| StoreError::corrupt("the head has the wrong length"))?;
        Ok(Self { version: u64::from_be_bytes(*version), root })
    }

    /// Writes the head, and nothing else, into a transaction.
    pub(crate) fn write(&self, write: &WriteTransaction) -> Result<()> {
        let mut value = self.version.to_be_bytes().to_vec();
        value.extend_from_slice(&self.root);
        let mut meta = write.open_table(Table::Meta.rows())?;
        meta.insert(HEAD_KEY, Table::Meta.seal(HEAD_KEY, &value).as_slice())?;
        Ok(())
    }
}

/// Stamps a new file with this program's schema.
pub(crate) fn write_schema(write: &WriteTransaction, schema: u32) -> Result<()> {
    let mut meta = write.open_table(Table::Meta.rows())?;
    let row = Table::Meta.seal(SCHEMA_KEY, &schema.to_be_bytes());
    meta.insert(SCHEMA_KEY, row.as_slice())?;
    Ok(())
}

fn check_schema(meta: &impl ReadableTable<&'static [u8], &'static [u8]>) -> Result<()> {
    let row = meta.get(SCHEMA_KEY)?.ok_or_else(|| StoreError::corrupt("the schema version is missing"))?;
    let value = Table::Meta.unseal(SCHEMA_KEY, row.value())?;
    let bytes = value.try_into().map_err(|_| StoreError::corrupt("the schema version is damaged"))?;
    match u32::from_be_bytes(bytes) {
        SCHEMA_VERSION => Ok(()),
        found if found > SCHEMA_VERSION => Err(StoreError::NewerSchema { found, supported: SCHEMA_VERSION }),
        0 => Err(StoreError::corrupt("schema version 0 never existed")),
        found => Err(StoreError::OlderSchema { found, supported: SCHEMA_VERSION }),
    }
}
