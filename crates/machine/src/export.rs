//! The whole state as the genesis of another ledger.
