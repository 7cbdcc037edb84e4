//! Why a file was not attached, or not saved. Apart from [`crate::files`], since every error of a desk can be one of these.

use std::io;

use sealdesk_envelope::attachment::{CannotOpenFile, SealFileError};
use sealdesk_envelope::content::NotAFile;
use sealdesk_protocol::codes::Refusal;
use sealdesk_protocol::ids::TicketId;
use thiserror::Error;

/// Why a file was not attached, or not saved.
#[derive(Debug, Error)]
pub enum FileError {
    /// It cannot be read or written.
    #[error("the file cannot be read or written: {0}")]
    Io(#[from] io::Error),
    /// It is not sealed.
    #[error(transparent)]
    Seal(#[from] SealFileError),
    /// Its name or type is not one that readers would be shown.
    #[error(transparent)]
    Description(#[from] NotAFile),
    /// The desk takes no files.
    #[error("this desk takes no files")]
    Off,
    /// It is larger than the desk takes.
    #[error("the file has {bytes} bytes with its padding, and this desk takes files of at most {max}")]
    TooLarge {
        /// What it has.
        bytes: u64,
        /// What the desk takes.
        max: u64,
    },
    /// A message has no room for so many.
    #[error(
        "{files} files of {bytes} bytes together do not fit into one message: at most 16 files and 64 MiB do"
    )]
    TooMany {
        /// How many.
        files: usize,
        /// Bytes together, with their padding.
        bytes: u64,
    },
    /// The node takes a piece from nobody, or not from this account.
    #[error("the node does not take the file: {0}")]
    Refused(String),
    /// The ledger would refuse the message, by what it proves now: nothing was brought.
    #[error(transparent)]
    Foreseen(Box<Refusal>),
    /// No such file in the ticket.
    #[error("file {number} does not exist in this ticket: it has {files}")]
    NoSuchFile {
        /// What was asked for.
        number: usize,
        /// How many it has.
        files: usize,
    },
    /// No such file among those that this reader can open, and the ticket has others.
    #[error(
        "file {number} is not one that you can open: of this ticket's files you can open {files}, and {closed} more belong to messages that you cannot open"
    )]
    NotAmongOpened {
        /// What was asked for.
        number: usize,
        /// How many of them the reader can open.
        files: usize,
        /// Files of messages that they cannot open, by the ledger's record.
        closed: usize,
    },
    /// No message of the ticket was sealed for this reader.
    #[error("nothing of {0} was sealed for you, and so none of its files")]
    NotForYou(TicketId),
    /// No message of the ticket can be opened, for another reason.
    #[error("no message of {ticket} can be opened, and so none of its files: {why}")]
    NotOpened {
        /// Which ticket.
        ticket: TicketId,
        /// Why its first message cannot.
        why: String,
    },
    /// What its author sealed of it is not the description of a file.
    #[error("file {0} is not described as a file can be: its author's program is at fault")]
    NotDescribed(usize),
    /// The ledger's record names no such file.
    #[error("file {0} is not named by the ledger's record of its message: it was never attached")]
    NotNamed(usize),
    /// The node does not have all of it.
    #[error("the node does not have piece {piece} of {pieces} of the file")]
    Missing {
        /// Which, from 1.
        piece: u32,
        /// Of how many.
        pieces: u32,
    },
    /// What came is not the file.
    #[error(transparent)]
    CannotOpen(#[from] CannotOpenFile),
}
