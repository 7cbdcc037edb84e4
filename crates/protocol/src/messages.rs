//! What an account can ask of the ledger: one file a message, each with the checks that need no state.
//!
//! docs/adding-a-message.md lists the places that a new one touches.

mod assign_role;
mod assign_ticket;
mod close_ticket;
mod continue_ledger;
mod create_ticket;
mod grant_access;
mod import_ticket;
mod link_tickets;
mod propose_validator;
mod put_document;
mod rate_ticket;
mod register_key;
mod reopen_ticket;
mod resolve_ticket;
mod respond_to_ticket;
mod revoke_key;
mod revoke_role;
mod set_account_state;
mod snooze_ticket;
mod transfer_ticket;
mod update_params;
mod update_ticket_priority;
mod update_ticket_status;

use prost::Name;
use prost_types::Any;

pub use assign_role::{AssignRole, AssignableRole, SignedVote};
pub use assign_ticket::AssignTicket;
pub use close_ticket::CloseTicket;
pub use continue_ledger::ContinueLedger;
pub use create_ticket::CreateTicket;
pub(crate) use create_ticket::resource as resource_of;
pub use grant_access::{Grant, GrantAccess, GrantTarget};
pub use import_ticket::{ImportTicket, ImportedResponse};
pub use link_tickets::LinkTickets;
pub use propose_validator::ProposeValidator;
pub use put_document::{DocumentChange, PutDocument};
pub use rate_ticket::RateTicket;
pub use register_key::RegisterKey;
pub use reopen_ticket::ReopenTicket;
pub use resolve_ticket::ResolveTicket;
pub use respond_to_ticket::RespondToTicket;
pub use revoke_key::RevokeKey;
pub use revoke_role::RevokeRole;
pub use set_account_state::SetAccountState;
pub use snooze_ticket::SnoozeTicket;
pub use transfer_ticket::TransferTicket;
pub use update_params::UpdateParams;
pub use update_ticket_priority::UpdateTicketPriority;
pub use update_ticket_status::{UpdateTicketStatus, WorkStatus};

use crate::attachment::{Attachment, AttachmentsError, attachments_from_wire};
use crate::canonical;
use crate::codes::{EncryptionError, Refusal, RolesError, SdkError, SupportError};
use crate::ids::{Address, Prefix, TicketId};
use crate::wire;

/// A message whose wire form has been checked; what depends on the state is the machine's to judge.
trait Checked: Sized {
    /// Its generated type.
    type Wire: prost::Message + Name + Default;

    /// The checks that need no state.
    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal>;
}

macro_rules! messages {
    ($($name:ident { signer: $signer:ident, module: $module:literal })*) => {
        /// Every message, checked.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs, clippy::large_enum_variant)] // each variant is documented at its type
        pub enum Message {
            $($name($name),)*
        }

        impl Message {
            /// Reads one message of a transaction.
            ///
            /// # Errors
            /// Code 6 of `sdk` for an unknown type, 2 for an encoding that is not canonical, else the module's own code.
            pub fn decode(any: &Any, prefix: &Prefix) -> Result<Self, Refusal> {
                $(if any.type_url == <$name as Checked>::Wire::type_url() {
                    let wire = canonical::decode(&any.value, &any.type_url).map_err(SdkError::TxDecode)?;
                    return $name::check(wire, prefix).map(Self::$name);
                })*
                let shown: String = any.type_url.chars().take(80).flat_map(char::escape_debug).collect();
                Err(SdkError::UnknownRequest(format!("this ledger has no message '{shown}'")).into())
            }

            /// Whose signature the message needs.
            pub fn signer(&self) -> &Address {
                match self {
                    $(Self::$name(message) => &message.$signer,)*
                }
            }

            /// The type URL, `/virtengine.support.v1.MsgCreateTicket` and so on.
            pub fn type_url(&self) -> String {
                match self {
                    $(Self::$name(_) => <$name as Checked>::Wire::type_url(),)*
                }
            }

            /// The module whose message it is: `support`, `roles`, `encryption` or `ledger`.
            pub fn module(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => $module,)*
                }
            }

            /// The type URLs of all messages, in the order of this list.
            pub fn type_urls() -> Vec<String> {
                vec![$(<$name as Checked>::Wire::type_url(),)*]
            }
        }
    };
}

messages! {
    CreateTicket { signer: customer, module: "support" }
    AssignTicket { signer: sender, module: "support" }
    RespondToTicket { signer: responder, module: "support" }
    UpdateTicketStatus { signer: sender, module: "support" }
    UpdateTicketPriority { signer: sender, module: "support" }
    ResolveTicket { signer: sender, module: "support" }
    CloseTicket { signer: sender, module: "support" }
    ReopenTicket { signer: sender, module: "support" }
    TransferTicket { signer: sender, module: "support" }
    RateTicket { signer: customer, module: "support" }
    LinkTickets { signer: sender, module: "support" }
    SnoozeTicket { signer: sender, module: "support" }
    ImportTicket { signer: sender, module: "support" }
    GrantAccess { signer: sender, module: "support" }
    UpdateParams { signer: authority, module: "support" }
    PutDocument { signer: sender, module: "support" }
    RegisterKey { signer: sender, module: "encryption" }
    RevokeKey { signer: sender, module: "encryption" }
    AssignRole { signer: sender, module: "roles" }
    RevokeRole { signer: sender, module: "roles" }
    SetAccountState { signer: sender, module: "roles" }
    ProposeValidator { signer: sender, module: "ledger" }
    ContinueLedger { signer: sender, module: "ledger" }
}

impl Message {
    /// How many grants and readers it lists: the entries whose number nothing but its length bounds before they are judged.
    pub(crate) fn list_entries(&self) -> usize {
        match self {
            Self::CreateTicket(CreateTicket { envelope, attachments, .. })
            | Self::RespondToTicket(RespondToTicket { envelope, attachments, .. }) => {
                listed(envelope) + attachments.len()
            }
            Self::RateTicket(RateTicket { comment: envelope, .. }) => listed(envelope),
            Self::PutDocument(PutDocument { change: DocumentChange::Seal(envelope), .. }) => listed(envelope),
            Self::ImportTicket(message) => {
                let listed = message.responses.iter().map(|response| listed(&response.envelope));
                message.responses.len() + listed.sum::<usize>() + self::listed(&message.envelope)
            }
            Self::GrantAccess(message) => message.grants.len(),
            Self::AssignRole(_)
            | Self::AssignTicket(_)
            | Self::CloseTicket(_)
            | Self::ContinueLedger(_)
            | Self::LinkTickets(_)
            | Self::ProposeValidator(_)
            | Self::PutDocument(_)
            | Self::RegisterKey(_)
            | Self::ReopenTicket(_)
            | Self::ResolveTicket(_)
            | Self::RevokeKey(_)
            | Self::RevokeRole(_)
            | Self::SetAccountState(_)
            | Self::SnoozeTicket(_)
            | Self::TransferTicket(_)
            | Self::UpdateParams(_)
            | Self::UpdateTicketPriority(_)
            | Self::UpdateTicketStatus(_) => 0,
        }
    }
}

/// The entries of an envelope's lists.
fn listed(envelope: &RawEnvelope) -> usize {
    envelope.as_ref().map_or(0, |envelope| envelope.wrapped_keys.len() + envelope.metadata.len())
}

/// Wraps a generated message for a transaction's body.
pub fn to_any<M: prost::Message + Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}

/// An address in a message of the support module.
fn support_address(prefix: &Prefix, text: &str) -> Result<Address, Refusal> {
    Address::parse(prefix, text).map_err(|error| SupportError::InvalidAddress(error.to_string()).into())
}

/// An address in a message of the roles module.
fn roles_address(prefix: &Prefix, text: &str) -> Result<Address, Refusal> {
    Address::parse(prefix, text).map_err(|error| RolesError::InvalidAddress(error.to_string()).into())
}

/// An address in a message of the encryption module.
fn encryption_address(prefix: &Prefix, text: &str) -> Result<Address, Refusal> {
    Address::parse(prefix, text).map_err(|error| EncryptionError::InvalidAddress(error.to_string()).into())
}

/// A ticket id in a message.
fn ticket_id(text: &str) -> Result<TicketId, Refusal> {
    TicketId::parse(text).map_err(|error| SupportError::InvalidTicketId(error.to_string()).into())
}

/// The files of a message.
fn attachments(wire: &[wire::virtengine::support::v1::Attachment]) -> Result<Vec<Attachment>, Refusal> {
    attachments_from_wire(wire).map_err(|error| {
        match error {
            AttachmentsError::TooMany(found) => SupportError::TooManyAttachments { found },
            AttachmentsError::TooLarge(found) => SupportError::AttachmentsTooLarge { found },
            AttachmentsError::File { .. } => SupportError::InvalidAttachment(error.to_string()),
        }
        .into()
    })
}

/// The sealed payload as it came. Its shape is judged last, at the envelope stage: docs/spec/desk.md's order of refusals.
pub type RawEnvelope = Option<wire::virtengine::encryption::v1::MultiRecipientEnvelope>;
