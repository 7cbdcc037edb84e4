//! Why nothing is disclosed, and why a file is not the message of a receipt.

use sealdesk_envelope::{DisclosureError, SealError};
use sealdesk_protocol::ids::{ChainId, TicketId};
use thiserror::Error;

/// Why nothing is disclosed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotDisclosed {
    /// There is no such message.
    #[error("{ticket} has {messages} messages, so none is number {number}")]
    NoSuchMessage {
        /// The ticket.
        ticket: TicketId,
        /// How many it has, its first one included.
        messages: usize,
        /// The number that was asked for, from 1.
        number: usize,
    },
    /// It cannot be opened here.
    #[error("message {number} of {ticket} cannot be disclosed: {why}")]
    NotOpened {
        /// The ticket.
        ticket: TicketId,
        /// Which message, from 1.
        number: usize,
        /// Why it is not open.
        why: String,
    },
    /// It cannot be written.
    #[error(transparent)]
    Form(#[from] DisclosureError),
}

/// Why a file is not the message of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DisclosureFault {
    /// Not a disclosure.
    #[error(transparent)]
    Form(#[from] DisclosureError),
    /// It says that it is of another ledger.
    #[error("it is of the ledger {file}, and the receipt of {receipt}")]
    OtherLedger {
        /// In the file.
        file: String,
        /// In the receipt.
        receipt: ChainId,
    },
    /// It says that it is of another ticket.
    #[error("it is of {file}, and the receipt of {receipt}")]
    OtherTicket {
        /// In the file.
        file: TicketId,
        /// In the receipt.
        receipt: TicketId,
    },
    /// The receipt shows fewer answers.
    #[error(
        "it is answer {index} of the ticket, counted from 0, and the receipt is of a time when there were {answers}"
    )]
    NotYet {
        /// Which answer.
        index: u32,
        /// How many there were.
        answers: u32,
    },
    /// The text and the keys in the file do not make the digest that the receipt proves.
    #[error(
        "what is in the file is not what was sealed: its digest is {found}, and the receipt proves {proven}"
    )]
    Differs {
        /// Made from the file.
        found: String,
        /// By the receipt.
        proven: String,
    },
    /// Longer than what is sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
}
