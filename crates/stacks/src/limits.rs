//! Every fixed bound of Stacks that this crate keeps, with unit and qualifier last.

/// Longest transaction, in bytes.
pub const TX_BYTES_MAX: usize = 2_097_152;
/// Longest encoded Clarity value, in bytes.
pub const VALUE_BYTES_MAX: usize = 1_048_576;
/// How deep a Clarity value may nest: `u1` is one deep, `(some u1)` two.
pub const VALUE_DEPTH_MAX: u8 = 32;
/// Longest Clarity name (a function, a field of a tuple, an asset), in bytes.
pub const NAME_BYTES_MAX: usize = 128;
/// Longest contract name, in bytes.
pub const CONTRACT_NAME_BYTES_MAX: usize = 40;
/// Longest source that this program deploys, in bytes. Every read-only call reads the source, and older nodes let one read 100 kB.
pub const CONTRACT_SOURCE_BYTES_MAX: usize = 100_000;
/// Length of the memo of a transfer, in bytes.
pub const MEMO_BYTES: usize = 34;

/// Transactions of one account that may wait for a block at once.
pub const CHAINED_TX_MAX: usize = 25;
/// What a node asks at least, in micro-STX for a byte of the transaction.
pub const FEE_PER_BYTE_MIN: u64 = 1;

/// Longest payload or grants of the desk's contract, in bytes.
pub const PAYLOAD_BYTES_MAX: usize = 4_096;
/// Longest category of the desk's contract, in bytes.
pub const CATEGORY_BYTES_MAX: usize = 32;
/// Most comments of a ticket of the desk's contract.
pub const COMMENTS_MAX: u64 = 100;
/// Ids on a page of the desk's contract.
pub const PAGE_IDS_MAX: usize = 20;
