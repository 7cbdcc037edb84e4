//! What can go wrong between a person and the ledger, with the fields that a program needs to say what to do next.

use sealdesk_protocol::ids::{ChainId, TicketId};
use sealdesk_protocol::tx::TxHash;
use thiserror::Error;

use crate::admission::AdmissionError;
use crate::compose::{ComposeError, UnsignedTx};
use crate::node::NodeError;
use crate::outcome::Outcome;
use crate::signing::SigningError;
use crate::verify::VerifyError;
use crate::wallet::WalletError;

/// The result of whatever talks to a ledger.
pub type Result<T> = std::result::Result<T, Error>;

/// Why something did not happen.
#[derive(Debug, Error)]
pub enum Error {
    /// The node could not be reached or asked, or gave no answer in time. Nothing was changed by this call.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// A transaction was sent and its fate is not known: it may stand in the ledger by now. It must not be made again
    /// before its hash, and then the sender's sequence, have been looked up.
    #[error(
        "no answer from {node} for {seconds} seconds: transaction {txhash} may or may not be in the ledger"
    )]
    Unanswered {
        /// The transaction's name: look it up before trying again.
        txhash: TxHash,
        /// The sequence it was signed with: once the account's is higher and the hash is not found, it never will be.
        sequence: u64,
        /// The node's address.
        node: String,
        /// How long it was silent.
        seconds: u64,
    },
    /// The ledger refused. Its code, codespace and words are in the outcome.
    #[error("{} (codespace {}, code {})", .0.log, .0.codespace, .0.code)]
    Refused(Box<Outcome>),
    /// Something that only a retry could heal came back in every try.
    #[error("gave up after {tries} tries: {}", .last.log)]
    GaveUp {
        /// How often it was composed and sent.
        tries: u32,
        /// The last refusal.
        last: Box<Outcome>,
    },
    /// The node's word could not be verified.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// What was asked for cannot be put into a transaction.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// It was composed for an account that signs elsewhere, and is neither signed nor sent.
    #[error("the transaction is composed, and neither signed nor sent")]
    Unsigned(Box<UnsignedTx>),
    /// A transaction from elsewhere cannot be signed or sent.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// A ticket could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The ledger proves that there is no such ticket.
    #[error("this ledger has no ticket {0}")]
    NoSuchTicket(TicketId),
    /// The node does not let this account in. Nothing was changed.
    #[error(transparent)]
    Admission(#[from] AdmissionError),
    /// A file was not attached, or not saved.
    #[error(transparent)]
    File(#[from] crate::file_error::FileError),
    /// A message was not disclosed.
    #[error(transparent)]
    NotDisclosed(#[from] crate::disclosure_error::NotDisclosed),
    /// A node did not erase a ticket.
    #[error(transparent)]
    Erase(#[from] crate::erase::EraseError),
    /// The ledger at this address is not the one that was asked for.
    #[error("the node serves the ledger {found}, not {expected}")]
    OtherChain {
        /// The chain id that was asked for.
        expected: ChainId,
        /// The chain id that the node proves.
        found: ChainId,
    },
}

/// Why a ticket cannot be read at all. A single message that cannot be opened is not an error: it says so itself.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    /// Two records claim one message of one transaction: one of them is a copy, and nobody can say which.
    #[error(transparent)]
    PlaceUsedTwice(#[from] sealdesk_envelope::PlaceUsedTwice),
    /// The ticket changed under every attempt to read it.
    #[error("ticket {0} changes faster than it can be read")]
    Restless(TicketId),
}

impl From<WalletError> for Error {
    fn from(error: WalletError) -> Self {
        Self::Compose(error.into())
    }
}

impl Error {
    /// The ledger's refusal behind this error, if it was one.
    pub fn refusal(&self) -> Option<&Outcome> {
        match self {
            Self::Refused(outcome) | Self::GaveUp { last: outcome, .. } => Some(outcome),
            _ => None,
        }
    }
}
