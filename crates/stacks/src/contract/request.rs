//! What the contract can be asked to do: its public functions.

use thiserror::Error;

use super::values::{Priority, Status, payload_hash};
use crate::limits::{CATEGORY_BYTES_MAX, PAYLOAD_BYTES_MAX};
use crate::name::{Name, NameError};
use crate::principal::{ContractId, Principal};
use crate::transaction::Call;
use crate::value::{Value, ValueError};

/// A call of a public function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// `create-ticket`. Answers with the ticket's number.
    CreateTicket {
        /// One of the desk's categories.
        category: String,
        /// How urgent.
        priority: Priority,
        /// The sealed envelope; its hash is computed here.
        payload: Vec<u8>,
    },
    /// `add-comment`. Answers with the comment's index.
    AddComment {
        /// The ticket's number.
        ticket: u64,
        /// The sealed envelope.
        payload: Vec<u8>,
        /// Whether it is a note that the customer shall not read.
        internal: bool,
    },
    /// `update-ticket-status`.
    UpdateTicketStatus {
        /// The ticket's number.
        ticket: u64,
        /// Any but assigned.
        status: Status,
    },
    /// `assign-ticket`.
    AssignTicket {
        /// The ticket's number.
        ticket: u64,
        /// A staff member or administrator.
        agent: Principal,
    },
    /// `grant-access`.
    GrantAccess {
        /// The ticket's number.
        ticket: u64,
        /// Protobuf bytes of `MsgGrantAccess`.
        grants: Vec<u8>,
    },
    /// `set-ticket-priority`.
    SetTicketPriority {
        /// The ticket's number.
        ticket: u64,
        /// How urgent.
        priority: Priority,
    },
    /// `close-expired-ticket`.
    CloseExpiredTicket {
        /// The ticket's number.
        ticket: u64,
    },
    /// `register-key`. Answers with the key's version.
    RegisterKey {
        /// X25519, to which others seal.
        public_key: [u8; 32],
        /// Ed25519, by which the account signs envelopes.
        signing_key: [u8; 32],
        /// That the holder of the signing key means this address, contract and encryption key.
        proof: [u8; 64],
    },
    /// `revoke-key`.
    RevokeKey {
        /// From 1.
        version: u64,
    },
    /// `add-staff-member`.
    AddStaffMember(Principal),
    /// `remove-staff-member`.
    RemoveStaffMember(Principal),
    /// `add-administrator`.
    AddAdministrator(Principal),
    /// `remove-administrator`.
    RemoveAdministrator(Principal),
    /// `propose-owner`.
    ProposeOwner(Principal),
    /// `accept-owner`.
    AcceptOwner,
}

/// Why a request cannot be made of these parts.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RequestError {
    /// A payload or grants of no bytes, or of too many.
    #[error("{what} of {bytes} bytes cannot be sent: 1 to {PAYLOAD_BYTES_MAX} bytes go into one transaction")]
    Length {
        /// Payload or grants.
        what: &'static str,
        /// How many bytes.
        bytes: usize,
    },
    /// A category that no contract would accept.
    #[error("a category has 1 to {CATEGORY_BYTES_MAX} ASCII characters")]
    Category,
    /// A part is no Clarity value.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The function has no proper name.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl Request {
    /// The function's name.
    pub fn function(&self) -> &'static str {
        match self {
            Self::CreateTicket { .. } => "create-ticket",
            Self::AddComment { .. } => "add-comment",
            Self::UpdateTicketStatus { .. } => "update-ticket-status",
            Self::AssignTicket { .. } => "assign-ticket",
            Self::GrantAccess { .. } => "grant-access",
            Self::SetTicketPriority { .. } => "set-ticket-priority",
            Self::CloseExpiredTicket { .. } => "close-expired-ticket",
            Self::RegisterKey { .. } => "register-key",
            Self::RevokeKey { .. } => "revoke-key",
            Self::AddStaffMember(_) => "add-staff-member",
            Self::RemoveStaffMember(_) => "remove-staff-member",
            Self::AddAdministrator(_) => "add-administrator",
            Self::RemoveAdministrator(_) => "remove-administrator",
            Self::ProposeOwner(_) => "propose-owner",
            Self::AcceptOwner => "accept-owner",
        }
    }

    /// The arguments, in the contract's order.
    ///
    /// # Errors
    /// [`RequestError`] for what the contract would refuse for its form alone.
    pub fn arguments(&self) -> Result<Vec<Value>, RequestError> {
        Ok(match self {
            Self::CreateTicket { category, priority, payload } => {
                if category.is_empty() || category.len() > CATEGORY_BYTES_MAX {
                    return Err(RequestError::Category);
                }
                let category = Value::ascii(category).map_err(|_| RequestError::Category)?;
                vec![category, Value::uint(priority.number()), hash(payload)?, sized("a payload", payload)?]
            }
            Self::AddComment { ticket, payload, internal } => vec![
                Value::uint(*ticket),
                hash(payload)?,
                sized("a payload", payload)?,
                Value::bool(*internal),
            ],
            Self::UpdateTicketStatus { ticket, status } => {
                vec![Value::uint(*ticket), Value::uint(status.number())]
            }
            Self::AssignTicket { ticket, agent } => {
                vec![Value::uint(*ticket), Value::principal(agent.clone())]
            }
            Self::GrantAccess { ticket, grants } => vec![Value::uint(*ticket), sized("grants", grants)?],
            Self::SetTicketPriority { ticket, priority } => {
                vec![Value::uint(*ticket), Value::uint(priority.number())]
            }
            Self::CloseExpiredTicket { ticket: number } | Self::RevokeKey { version: number } => {
                vec![Value::uint(*number)]
            }
            Self::RegisterKey { public_key, signing_key, proof } => {
                vec![Value::buffer(public_key)?, Value::buffer(signing_key)?, Value::buffer(proof)?]
            }
            Self::AddStaffMember(who)
            | Self::RemoveStaffMember(who)
            | Self::AddAdministrator(who)
            | Self::RemoveAdministrator(who)
            | Self::ProposeOwner(who) => vec![Value::principal(who.clone())],
            Self::AcceptOwner => Vec::new(),
        })
    }

    /// The call of a transaction.
    ///
    /// # Errors
    /// As [`Request::arguments`].
    pub fn to_call(&self, contract: &ContractId) -> Result<Call, RequestError> {
        let function = Name::parse(self.function())?;
        Ok(Call { contract: contract.clone(), function, arguments: self.arguments()? })
    }
}

fn hash(payload: &[u8]) -> Result<Value, ValueError> {
    Value::buffer(&payload_hash(payload))
}

fn sized(what: &'static str, bytes: &[u8]) -> Result<Value, RequestError> {
    if bytes.is_empty() || bytes.len() > PAYLOAD_BYTES_MAX {
        return Err(RequestError::Length { what, bytes: bytes.len() });
    }
    Ok(Value::buffer(bytes)?)
}
