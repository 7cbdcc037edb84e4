//! Why the node's word is not believed.

use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::json;
use sealdesk_protocol::receipt::ReceiptError;
use thiserror::Error;

use crate::trust::Trust;
use crate::trust::remembered::Contradiction;

/// Why the node's word is not believed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// The proof itself is bad.
    #[error("the node's proof does not hold: {0}")]
    Receipt(ReceiptError),
    /// Other validators sign this ledger than were pinned, and it is not shown that those handed over to them.
    #[error(
        "the validators of {chain_id} changed: pinned are {pinned}, now {found} sign, and the node does not show that the pinned ones handed over to them. If you did not expect this, somebody answers in the ledger's place"
    )]
    ValidatorsChanged {
        /// The ledger.
        chain_id: ChainId,
        /// Hash of the pinned validators, upper-case hex.
        pinned: String,
        /// Hash of those that signed, upper-case hex.
        found: String,
    },
    /// The proof is of another ledger than was pinned.
    #[error("the node serves the ledger {found}, not the pinned {pinned}")]
    OtherLedger {
        /// The pinned chain id.
        pinned: String,
        /// The one that was proven.
        found: String,
    },
    /// A ledger of that name began otherwise than the one that was pinned or named.
    #[error(
        "this {chain_id} is another ledger than the one you trust: its identity is {found}, and you trust {wanted}"
    )]
    OtherIdentity {
        /// The name that both have.
        chain_id: ChainId,
        /// The identity that is believed, or several.
        wanted: String,
        /// The identity of the ledger shown.
        found: Identity,
    },
    /// Height and time disagree on which of two states is newer.
    #[error(
        "there are two histories of {chain_id}: height {} was made at {}, and now height {} is shown, made at {}",
        .seen.0, moment(.seen.1), .found.0, moment(.found.1)
    )]
    TwoHistories {
        /// The ledger.
        chain_id: ChainId,
        /// Height and time of the newest state seen before.
        seen: (u64, i64),
        /// Height and time of the state shown.
        found: (u64, i64),
    },
    /// No votes lead from the administrators that this home knows to those that are shown.
    #[error("the administrators shown are not those that their own votes lead to: {0}")]
    Circle(String),
    /// A ledger that nobody has agreed to shows so many changes of its administrators that they are not followed.
    #[error(
        "its administrators changed {0} times: that is more than this program follows of a ledger that nobody has agreed to"
    )]
    ManyChanges(u64),
    /// A ledger says that it continues a trusted one, and that one's administrators did not vote for it.
    #[error(
        "{new} says that it continues {old}, which this home trusts, and the votes of its administrators do not show that: {why}"
    )]
    NotContinued {
        /// The trusted ledger.
        old: ChainId,
        /// The one that is shown.
        new: ChainId,
        /// What is missing or wrong.
        why: String,
    },
    /// The state is too far from the clock to seal or grant by it.
    #[error(
        "the newest block that the node proves is of {}, and this computer's clock says {}: they are {} seconds apart, at most {max} are allowed. The node or the clock may be wrong",
        .header.as_deref().unwrap_or("1970"), .now.as_deref().unwrap_or("1970"), .off.saturating_abs()
    )]
    Age {
        /// Time of the header.
        header: Option<String>,
        /// Time of the clock.
        now: Option<String>,
        /// Seconds by which the header is older; negative where it is ahead.
        off: i64,
        /// Seconds that are allowed.
        max: i64,
    },
    /// The node is believed without proofs, so that nothing is sealed or granted by its word.
    #[error("--trust-node believes whatever the node says, so nothing is sealed and nothing granted with it")]
    NodeTrusted,
    /// The header and the state name different ledgers.
    #[error("the header is of {header}, and the state says it is of {state}")]
    ChainNamesDiffer {
        /// In the header.
        header: String,
        /// In the state.
        state: String,
    },
    /// The state is older than one that was proven before.
    #[error(
        "the node shows height {found}, though height {seen} was proven before: it is behind, or was set back"
    )]
    Stale {
        /// The highest height seen.
        seen: u64,
        /// The height shown.
        found: u64,
    },
    /// The proof leaves out a record that was asked for.
    #[error("the node's proof leaves out {0}")]
    Missing(String),
    /// A proven record is not of its form. It is the ledger's own, so that this program is too old for it.
    #[error("the ledger's record of {what} cannot be read: {why}")]
    Form {
        /// Which record.
        what: String,
        /// What is wrong.
        why: String,
    },
    /// The ledger contradicts what this home remembers of it.
    #[error("{0}. The node shows another history than the one that this home knows")]
    Contradiction(#[from] Contradiction),
    /// The node says that something does not exist, and the ledger proves that it does.
    #[error("the node says that {0} does not exist, and the ledger proves that it does")]
    Denied(String),
    /// What the node sent beside a proof does not fit it.
    #[error("the node's {0} is not the one that the ledger proves")]
    Differs(String),
}

impl VerifyError {
    /// Sorts what a receipt's verifier says, so that a changed validator set is never just a bad proof.
    pub(crate) fn of_receipt(error: ReceiptError, trust: &Trust) -> Self {
        match (error, trust.pin()) {
            (ReceiptError::OtherValidators { expected, found }, Some(pin)) => {
                Self::ValidatorsChanged { chain_id: pin.chain_id().clone(), pinned: expected, found }
            }
            (ReceiptError::OtherLedger { expected, found }, _) => {
                Self::OtherLedger { pinned: expected, found }
            }
            (error, _) => Self::Receipt(error),
        }
    }
}

/// A time as an error says it.
fn moment(seconds: i64) -> String {
    json::time(seconds).unwrap_or_else(|| "1970".to_owned())
}
