//! The document that a ledger begins with, and that `export` writes: CometBFT's form, with the whole desk in `app_state`.
//!
//! A person can read it: names instead of numbers, RFC 3339 times, addresses as they are used. Reading is strict: a field
//! that this program does not know is refused, and [`Genesis::check`] judges every record and how they hang together, so
//! that a ledger never begins in a state that it could not have come to by itself.

mod attachments;
mod check;
mod document;
mod encoding;
mod moving;
mod records;
#[cfg(test)]
mod tests;
mod validators;

use thiserror::Error;

pub use attachments::{AttachedHour, Attachment};
pub use check::{
    CheckedDocument, CheckedGenesis, CheckedPayload, CheckedPublished, CheckedSealed, CheckedShelf,
    CheckedTicket,
};
pub use document::{
    AbciParams, BlockParams, ConsensusParams, EvidenceParams, Genesis, GenesisValidator, PublicKey,
    ValidatorParams, VersionParams, seconds_of,
};
pub use records::Key;
pub use records::{
    Account, AppState, Appointment, Beginning, CircleChange, Context, Continues, Customer, Document,
    DocumentWriter, Entry, Erased, Grant, Imported, Keys, Link, Member, MemberVote, Params, Payload,
    Published, PublishedVersion, Rating, Resource, Response, Shelf, Step, Ticket, UserSignature,
};
pub use validators::validators_of;

/// The form of `app_state` that this program writes and reads.
pub const APP_STATE_SCHEMA: u32 = 1;

/// Why a document is not a genesis.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GenesisError {
    /// Not JSON, or a field is missing, unknown, or of another type.
    #[error("not a genesis document: {0}")]
    Json(String),
    /// Written by a newer program.
    #[error("app_state has schema {found}, this program reads {supported}: use a newer program")]
    NewerSchema {
        /// The document's schema.
        found: u32,
        /// The newest schema that this program reads.
        supported: u32,
    },
    /// A value is not what it must be.
    #[error("{path}: {reason}")]
    Invalid {
        /// Where it stands: `app_state.tickets[3].payload`.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl GenesisError {
    /// A wrong value at a place.
    pub(crate) fn at(path: impl Into<String>, reason: impl ToString) -> Self {
        Self::Invalid { path: path.into(), reason: reason.to_string() }
    }
}
