//! What can go wrong between a person and the contract, with the fields that a program needs to say what to do next.

use sealdesk_stacks::contract::{AnswerError, Refusal, RequestError};
use sealdesk_stacks::principal::Principal;
use sealdesk_stacks::transaction::{TermsError, TxId, VerifyError};
use thiserror::Error;

use super::net::NetError;
use super::rejection::Rejection;
use crate::compose::ComposeError;
use crate::trust::remembered::Contradiction;

/// The result of whatever talks to a Stacks node.
pub type Result<T> = std::result::Result<T, Error>;

/// Why something did not happen.
#[derive(Debug, Error)]
pub enum Error {
    /// The node could not be asked. Nothing was changed by this call.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The node answered with something else than was asked for.
    #[error("{node} answers {what} with {why}")]
    Node {
        /// The node's address.
        node: String,
        /// What was asked.
        what: &'static str,
        /// What is wrong with the answer.
        why: String,
    },
    /// The node says "not now", for longer than it was waited for. Nothing was changed by this call.
    #[error("{node} answers that it is asked too much{}", again_in(*.seconds))]
    Busy {
        /// The node's address.
        node: String,
        /// After how many seconds it says to come back, if it does.
        seconds: Option<u64>,
    },
    /// The contract's answer is not of the desk's contract.
    #[error("this is not the desk's contract: {0}")]
    Answer(#[from] AnswerError),
    /// There is no such contract, or the node cannot run it.
    #[error("the node cannot ask the contract: {0}")]
    NoContract(String),
    /// The node did not take a transaction. Nothing was changed.
    #[error(transparent)]
    Rejected(#[from] Box<Rejection>),
    /// The contract refused; the fee is spent.
    #[error("{refusal}; the fee of transaction 0x{txid} is spent")]
    Refused {
        /// The transaction.
        txid: TxId,
        /// Why.
        refusal: Refusal,
    },
    /// The chain did not carry a transaction out, and not because the contract refused.
    #[error("transaction 0x{txid} was not carried out: {status}")]
    Aborted {
        /// The transaction.
        txid: TxId,
        /// The chain's word for it.
        status: String,
    },
    /// A transaction was sent and its fate is not known. The same bytes were sent as often as there was no answer; no other
    /// transaction was made.
    #[error("no answer from {node}: transaction 0x{txid} may or may not be under way")]
    Unanswered {
        /// The transaction.
        txid: TxId,
        /// The node's address.
        node: String,
    },
    /// A transaction waits for a block for longer than was waited.
    #[error("transaction 0x{0} waits for a block still")]
    Waiting(TxId),
    /// A transaction is in a block, and this node does not tell what came of it.
    #[error("transaction 0x{0} is in a block, but this node keeps no index that tells what came of it")]
    NoIndex(TxId),
    /// Events are kept by indexers only.
    #[error("{0} serves no events, and without them no sealed text and no list of administrators")]
    NoEvents(String),
    /// More was printed than is read, so that what was read is not the whole.
    #[error("{node} tells of more than {max} events of the contract")]
    TooManyEvents {
        /// The node's address.
        node: String,
        /// The bound.
        max: usize,
    },
    /// More would wait for blocks than a node lets wait.
    #[error("{waiting} transactions of {account} wait already; a node takes {max} at most")]
    TooManyChained {
        /// Whose.
        account: Principal,
        /// How many there would be.
        waiting: usize,
        /// The bound.
        max: usize,
    },
    /// The fee is above what the sender allows.
    #[error("the node asks for {fee} microSTX, and at most {max} are allowed")]
    FeeTooHigh {
        /// What would be paid.
        fee: u64,
        /// What may be paid.
        max: u64,
    },
    /// The account cannot pay.
    #[error("{account} has {balance} microSTX, and {needed} are needed for fees")]
    CannotPay {
        /// Whose.
        account: Principal,
        /// What there is.
        balance: u128,
        /// What is needed.
        needed: u64,
    },
    /// Whoever was asked said no. Nothing was sent.
    #[error("nothing was sent")]
    Declined,
    /// The contract has no such ticket.
    #[error("this contract has no ticket {0}")]
    NoSuchTicket(sealdesk_protocol::ids::TicketId),
    /// The address is of another network than the contract.
    #[error("{0} is an address of another network than the contract's")]
    OtherNetwork(Principal),
    /// The newest block is too far from the clock to seal or grant by what the node says.
    #[error(
        "the node's newest block, {height}, is {} seconds {} than this computer's clock says, at most {max} are allowed. The node or the clock may be wrong",
        .off.saturating_abs(), if *.off < 0 { "later" } else { "older" }
    )]
    Age {
        /// The height of the block.
        height: u64,
        /// By how many seconds it is older than the clock; negative where it is ahead.
        off: i64,
        /// What is allowed, in seconds.
        max: i64,
    },
    /// The node contradicts what this home remembers of the contract.
    #[error("{0}. The node lies, or is behind; or the chain was set back")]
    Contradiction(#[from] Box<Contradiction<Principal>>),
    /// No administrator has a key that counts, and the node names some.
    #[error("nothing can be sealed: no administrator's keys and appointment are shown to be signed")]
    NobodySigned,
    /// Nothing is sealed to a key that only the node calls somebody's.
    #[error("only the node says that the key of {0} is theirs, so nothing is sealed to it")]
    KeyNotSigned(Principal),
    /// Nothing can be sealed to someone who published no key.
    #[error("{0} has registered no key yet, so nothing can be sealed to it")]
    NoKey(Principal),
    /// Whom a grant would let in has no business there.
    #[error("{reader} may not be let into {ticket}: neither its customer nor its agent nor an administrator")]
    NotEntitled {
        /// Who.
        reader: Principal,
        /// Which ticket.
        ticket: sealdesk_protocol::ids::TicketId,
    },
    /// Neither staff nor administrator.
    #[error("{0} is neither staff nor administrator")]
    NotStaff(Principal),
    /// What was asked for cannot be sealed.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// What was asked for cannot be put into a call.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// What was asked for cannot be put into a transaction.
    #[error(transparent)]
    Terms(#[from] TermsError),
    /// The account's signature is not its own: the key is damaged.
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

/// When to come back, where that is known.
fn again_in(seconds: Option<u64>) -> String {
    match seconds {
        None => String::new(),
        Some(1) => ", and to come back in 1 second".to_owned(),
        Some(seconds) => format!(", and to come back in {seconds} seconds"),
    }
}

impl From<sealdesk_envelope::IdentityError> for Error {
    fn from(error: sealdesk_envelope::IdentityError) -> Self {
        ComposeError::from(error).into()
    }
}

impl From<sealdesk_envelope::SigningFailed> for Error {
    fn from(error: sealdesk_envelope::SigningFailed) -> Self {
        ComposeError::from(error).into()
    }
}
