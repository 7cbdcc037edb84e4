//! Attached files: sealed and brought to the node piece by piece before the message that names them, and saved from there.
//!
//! One piece is in memory at a time. What a node gives is believed by nothing but its hash under the root that the ledger proves and
//! the sealed text repeats.

mod foresee;
mod save;
mod upload;

pub use crate::file_error::FileError;
pub use foresee::Attaching;
pub use save::TicketFile;
pub use upload::{Attached, FileToAttach, Progress};
