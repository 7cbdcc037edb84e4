//! What a person sees of a desk: a ticket, its conversation, an inbox, and what happened when.
//!
//! Plain types for every face: terminal, page, mail and reports. The native ledger (`read`, `inbox` and
//! [`crate::follow`]) and Stacks ([`crate::stacks`]) both fill them, so that no face has to know which of the two it shows.
//! Accounts are text, as their ledger writes addresses. `Serialize` gives the JSON that the program prints.

mod about;
mod conversation;
mod event;
mod inbox;
mod sections;
mod ticket;
mod warning;

pub use crate::trust::{Doubtful, Doubts, Mark};
pub use about::{About, Closing, Due, Spoke, Subject};
pub use conversation::{Body, Conversation, Message, MessageKind, Place, Reader};
pub use event::{Change, GrantedTo, HistoryEvent, KeyName, Validator};
pub use inbox::{EndedGrant, EndedVote, Idle, Inbox, More, OpenVote, Stranded};
pub use sections::{DUE_SOON_SECONDS, Section, SectionKind};
pub(crate) use ticket::erased_text;
pub use ticket::{Record, Ticket, not_shown};
pub use warning::Warning;

/// When something happened, as its ledger counts time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Time {
    /// The time of the block in Unix seconds: the native ledger.
    Unix(i64),
    /// The height of the burn block, of which there are about 144 a day: Stacks.
    BurnBlock(u64),
}
