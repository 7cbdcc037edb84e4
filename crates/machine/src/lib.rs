//! The deterministic state machine of a Sealdesk ledger: the same blocks give the same state, results and events everywhere.
//!
//! **Input**: a [genesis](Machine::genesis) document, then blocks: a [`BlockContext`] (height, time) and transactions as
//! received. **State**: a [`sealdesk_store::State`], pending writes over a snapshot; docs/state.md lists its records.
//! **Transition**: [`Machine::begin`] closes the tickets whose time has come, [`Machine::execute`] judges and runs one transaction,
//! [`Machine::finish`] makes changed parameters valid. **Output**: an [`Executed`] for each transaction, events, and the
//! state, whose root is the app hash. [`Machine::check`] is what a mempool asks; the functions of `query` are what
//! everyone may ask; [`Machine::export`] writes the state as the genesis of another ledger; [`snapshot_rows`] and [`Restoring`]
//! carry it to another node of the same one; [`Machine::forget`] drops old history, [`Machine::erase`] the texts of a ticket.
//!
//! Nothing here reads a clock, a random number, a file or the environment, starts a thread, uses a float or walks a hash map.
//! A refusal is a result. A [`Fatal`] is not: the node stops.
//!
//! Read in this order: `machine` (what a block and a transaction are), `admission` and `execute` (how one is judged), `access`
//! (who may do what), `readers` (who must be able to read), `messages` (what each message does; what one runs with is in `call`),
//! `state` (how records are written; `state::change` is how a ticket changes), `begin`, `finish`, `history`, `tx_index`, `forget`, `erase`, `query`,
//! `genesis`, `export`, `snapshot`.

mod access;
pub mod admission;
mod ballot;
mod begin;
mod call;
mod erase;
mod errors;
mod execute;
mod export;
mod finish;
mod forget;
mod genesis;
mod history;
mod limits;
mod machine;
mod messages;
mod query;
mod readers;
mod sealed;
mod snapshot;
mod state;
mod tx_index;

pub use access::{Permission, permissions, permissions_table};
pub use erase::{EraseError, Erased};
pub use errors::{ExportError, Fatal, GenesisError, QueryError, RestoreError};
pub use finish::ValidatorUpdate;
pub use forget::PastBlock;
pub use machine::{BlockContext, Executed, ExecutedMessage, Machine, abci_events};
pub use query::{
    FoundTx, HistoryStart, LastChanged, StoredEvent, TxCondition, TxPage, TxSearch, ValidatorsSince, WALK_MAX,
};
pub use snapshot::{Restoring, Row, RowKind, snapshot_rows};
pub use state::index::rebuild as rebuild_indexes;
