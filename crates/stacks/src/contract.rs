//! The desk's contract, `ticket-system`, as types: what it can be asked to do ([`Request`]), what it can be asked
//! ([`Question`]), what it answers, what it prints ([`Event`]) and how it refuses ([`Refusal`]).
//!
//! docs/spec/clarity.md fixes the names. Whatever comes from a node is read as a stranger's: a field too many, too few or of another
//! type is an [`AnswerError`], never a guess.

mod answer;
mod event;
mod fields;
mod question;
mod refusal;
mod request;
mod values;

pub use answer::{Answer, Comment, Page, RegisteredKey, Ticket, answer_of};
pub use event::{Event, Happening, PersonChange};
pub use fields::AnswerError;
pub use question::Question;
pub use refusal::Refusal;
pub use request::{Request, RequestError};
pub use values::{Priority, Status, payload_hash};

/// The contract's name where nobody chose another.
pub const CONTRACT_NAME: &str = "ticket-system";
/// The version of events that this program reads.
pub const EVENT_VERSION: u64 = 1;
