//! Attached files: sealed and brought to the node piece by piece before the message that names them, and saved from there.
//!
//! One piece is in memory at a time. What a node gives is believed by nothing but its hash under the root that the ledger proves and
//! the sealed text repeats. [`FileToSeal`] and [`TicketFile::opener`] touch neither a node nor a file, so that a page carries the pieces
//! with the browser's own means; [`Desk::attach`](crate::desk::Desk::attach) and [`Desk::save`](crate::desk::Desk::save) do that for a program.

#[cfg(not(target_arch = "wasm32"))]
mod carry;
mod foresee;
mod found;
mod seal;

pub use crate::file_error::FileError;
#[cfg(not(target_arch = "wasm32"))]
pub use carry::{FileToAttach, Progress};
pub use foresee::Attaching;
pub use found::{FoundFile, TicketFile, TicketFiles};
pub use seal::{Attached, FileToSeal};
pub use sealdesk_envelope::attachment::{CannotOpenFile, Opener, SealedPiece};
