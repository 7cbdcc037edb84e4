//! From verified facts to a signed transaction. Pure: facts, secrets and randomness come in, bytes go out.

mod builder;
mod grants;
mod readers;
mod transaction;

pub(crate) use builder::Registration;
pub use builder::{Content, OwnKey, TxBuilder, sign_text};
pub use grants::{GRANTS_PER_TRANSACTION_MAX, chunks, grant_messages};
pub use readers::{Audience, Facts, ProviderReads, Readers};

pub use crate::trust::Person;
pub(crate) use transaction::sign_by;
pub use transaction::{SignMode, SignedTx, UnsignedTx, sign};
pub(crate) use transaction::{auth_info, bounded};

use sealdesk_envelope::content::ContentError;
use sealdesk_envelope::{CannotOpen, IdentityError, SealError};
use sealdesk_protocol::codes::SupportError;
use sealdesk_protocol::ids::Address;
use thiserror::Error;

/// What every envelope of this program says of where it was sealed. Public.
pub const CLIENT_ID: &str = concat!("sealdesk/", env!("CARGO_PKG_VERSION"));

/// Why a transaction cannot be composed. Never says what was to be sealed.
#[derive(Debug, Error)]
pub enum ComposeError {
    /// The content breaks a limit.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// Sealing failed, mostly because the result is longer than the ledger takes.
    #[error("cannot seal: {0}")]
    Seal(#[from] SealError),
    /// The phrase gives no key.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// A signature would be of a time that has not come.
    #[error(
        "the ledger says that {address} was appointed at {last} (Unix seconds), which has not come yet: nothing is signed"
    )]
    AppointedAhead {
        /// Whose appointment it is.
        address: String,
        /// When they were appointed, as the ledger has it.
        last: i64,
    },
    /// What should be granted cannot be opened by the granter.
    #[error("cannot open {what}, so it cannot be granted to anyone")]
    CannotGrant {
        /// The ticket or response.
        what: String,
        /// The one opaque reason.
        source: CannotOpen,
    },
    /// The reader-to-be has no active key.
    #[error("{0} has registered no key yet, so nothing can be sealed to it")]
    NoKey(Address),
    /// The ledger takes no grant for this reader.
    #[error(
        "{reader} may not be let into {ticket}: they are not its customer, agent or provider, nor an active administrator"
    )]
    NotEntitled {
        /// Who.
        reader: Address,
        /// Which ticket.
        ticket: String,
    },
    /// A provider is to read an answer in a ticket that concerns none.
    #[error("{0} names no provider who could read it")]
    NoProvider(String),
    /// The provider's address is not what the sealed text of the ticket says.
    #[error("the sealed text of {0} names no provider who may read: give their address")]
    NoSealedProvider(String),
    /// The ticket names another provider than shall read: the ledger would refuse.
    #[error("{ticket} concerns another provider than {provider}")]
    OtherProvider {
        /// The ticket.
        ticket: String,
        /// Who should read.
        provider: Address,
    },
    /// Nobody can say who wrote a ticket: the key that signed it is not its customer's own.
    #[error(
        "no key that {customer} signed for themselves has signed {ticket}: it is not proven that they wrote it, so nothing is sealed for them"
    )]
    NotSignedByCustomer {
        /// The ticket.
        ticket: String,
        /// Who is said to have written it.
        customer: Address,
    },
    /// A note is to be sealed for somebody at work on the ticket who is, or may be, somebody whom notes are kept from.
    #[error(
        "the ledger says that {0} works on the ticket, by a key that the ticket's customer or provider has: no note is sealed for it"
    )]
    NoteForOutsider(Address),
    /// Everything is granted to administrators alone.
    #[error("{0} is not an active administrator: every ticket can be opened to administrators alone")]
    NoAdministrator(Address),
    /// Nothing is theirs to grant.
    #[error(
        "{0} is not an administrator, and has written no ticket: there is nothing that they could open to others"
    )]
    NothingToGrant(Address),
    /// Only grants of administrators let an assignee in.
    #[error("{0} is not an administrator, and only an administrator's grant lets an assignee in")]
    NoMember(Address),
    /// Only staff has tickets.
    #[error("{0} is not an active support agent or administrator, so no ticket can be given to them")]
    NotStaff(Address),
    /// Tickets go to somebody else than who has them.
    #[error("{0} has these tickets already")]
    SamePerson(Address),
    /// A document stands where another is to be written, and its writer cannot open it.
    #[error("{0} cannot be opened, so writing it would lose its content")]
    CannotMerge(String),
    /// What is to be published is not a public document.
    #[error("{0}")]
    Document(String),
    /// What is to stand in a document that service levels are counted by cannot be read.
    #[error(transparent)]
    ServiceDocument(#[from] crate::sla::DocumentFault),
    /// Another version of a document stands there than its writer has read.
    #[error("{document} now has version {found}, not {expected}")]
    DocumentChanged {
        /// Where it stands.
        document: String,
        /// The version that was read; 0 = none.
        expected: u64,
        /// The one that stands there.
        found: u64,
    },
    /// Somebody changed the same entry of a document, which its writer has not read.
    #[error("somebody else has changed the same entry of {0} meanwhile")]
    EntryChanged(String),
    /// No document of the staff can be sealed anew.
    #[error("no document of the staff can be opened, so none can be sealed again")]
    NothingToRenew,
    /// No administrator could read the ticket.
    #[error("no active administrator has registered a key, so nobody could read the ticket")]
    NoAdministratorCanRead,
    /// More messages or bytes than a transaction holds.
    #[error("the transaction has {actual} {what}, the limit is {max}")]
    TooLarge {
        /// Bytes or messages.
        what: &'static str,
        /// How many there are.
        actual: usize,
        /// How many there may be.
        max: usize,
    },
    /// The texts of an import do not fit into one transaction.
    #[error(
        "its {responses} responses do not fit into one transaction: sealed for everyone who reads them they have {actual} bytes, the limit is {max}, \
         and the first {fit} fit"
    )]
    ImportTooLarge {
        /// How many there are.
        responses: usize,
        /// Bytes of the message.
        actual: usize,
        /// How many there may be.
        max: usize,
        /// How many of the responses fit, from the first on.
        fit: usize,
    },
    /// A part of an import would have an id that is too long.
    #[error("the rest of its responses needs an id of its own: {0}")]
    ImportPart(SupportError),
    /// Something is to be sealed or granted, and the keys for it are not here.
    #[error("the keys of {0} are not here, so nothing can be sealed or granted by them")]
    KeysElsewhere(Address),
    /// The account key failed to sign.
    #[error(transparent)]
    Signing(#[from] sealdesk_envelope::SigningFailed),
    /// The account's wallet did not sign.
    #[error(transparent)]
    Wallet(#[from] crate::wallet::WalletError),
    /// The transaction has no JSON that a wallet could show.
    #[error("a wallet cannot be shown this transaction: {0}")]
    NoJson(sealdesk_protocol::codes::Refusal),
}
