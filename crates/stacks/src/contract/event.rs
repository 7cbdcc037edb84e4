//! What the contract prints: one event for each change.

use super::EVENT_VERSION;
use super::fields::{AnswerError, Fields};
use super::values::{Priority, Status};
use crate::limits::{CATEGORY_BYTES_MAX, NAME_BYTES_MAX};
use crate::name::shown;
use crate::principal::Principal;
use crate::value::Value;

/// An event, as an indexer or a transaction's receipt shows it. Nothing in it is proven: payloads are compared with the hash
/// that the contract keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The height of the burn block.
    pub at: u64,
    /// What happened.
    pub what: Happening,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// `ticket-created`.
    TicketCreated {
        /// The ticket's number.
        ticket: u64,
        /// Who wrote it.
        owner: Principal,
        /// One of the desk's categories.
        category: String,
        /// How urgent.
        priority: Priority,
        /// What the contract compared with the payload.
        payload_hash: [u8; 32],
        /// The sealed envelope.
        payload: Vec<u8>,
    },
    /// `ticket-commented`.
    TicketCommented {
        /// The ticket's number.
        ticket: u64,
        /// The comment's place, from 0.
        index: u64,
        /// Who wrote it.
        author: Principal,
        /// Whether not the ticket's owner did.
        is_staff: bool,
        /// Whether it is a note.
        internal: bool,
        /// What the contract compared with the payload.
        payload_hash: [u8; 32],
        /// The sealed envelope.
        payload: Vec<u8>,
    },
    /// `ticket-assigned`.
    TicketAssigned {
        /// The ticket's number.
        ticket: u64,
        /// Who has it now.
        assignee: Principal,
        /// Who gave it.
        by: Principal,
    },
    /// `ticket-status-changed`.
    StatusChanged {
        /// The ticket's number.
        ticket: u64,
        /// Before.
        from: Status,
        /// After.
        to: Status,
        /// Who changed it.
        by: Principal,
    },
    /// `ticket-priority-changed`.
    PriorityChanged {
        /// The ticket's number.
        ticket: u64,
        /// Before.
        from: Priority,
        /// After.
        to: Priority,
        /// Who changed it.
        by: Principal,
    },
    /// `access-granted`.
    AccessGranted {
        /// The ticket's number.
        ticket: u64,
        /// Who granted.
        by: Principal,
        /// Protobuf bytes of `MsgGrantAccess`.
        grants: Vec<u8>,
    },
    /// `key-registered`.
    KeyRegistered {
        /// Whose.
        address: Principal,
        /// From 1.
        version: u64,
        /// X25519.
        public_key: [u8; 32],
        /// Ed25519.
        signing_key: [u8; 32],
        /// As it was given.
        proof: [u8; 64],
    },
    /// `key-revoked`.
    KeyRevoked {
        /// Whose.
        address: Principal,
        /// From 1.
        version: u64,
    },
    /// What an account may do has changed.
    Person {
        /// How.
        change: PersonChange,
        /// Whose.
        address: Principal,
        /// Who changed it.
        by: Principal,
    },
}

/// How an account's rights changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonChange {
    /// `staff-member-added`.
    StaffAdded,
    /// `staff-member-removed`.
    StaffRemoved,
    /// `administrator-added`.
    AdministratorAdded,
    /// `administrator-removed`.
    AdministratorRemoved,
    /// `owner-proposed`.
    OwnerProposed,
    /// `owner-changed`.
    OwnerChanged,
}

impl PersonChange {
    /// Every change.
    pub const ALL: [Self; 6] = [
        Self::StaffAdded,
        Self::StaffRemoved,
        Self::AdministratorAdded,
        Self::AdministratorRemoved,
        Self::OwnerProposed,
        Self::OwnerChanged,
    ];

    /// The event's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::StaffAdded => "staff-member-added",
            Self::StaffRemoved => "staff-member-removed",
            Self::AdministratorAdded => "administrator-added",
            Self::AdministratorRemoved => "administrator-removed",
            Self::OwnerProposed => "owner-proposed",
            Self::OwnerChanged => "owner-changed",
        }
    }
}

impl Event {
    /// Reads what the contract printed.
    ///
    /// # Errors
    /// [`AnswerError`], also for a version of events that this program does not know.
    pub fn read(printed: Value) -> Result<Self, AnswerError> {
        let mut fields = Fields::of("an event", printed)?;
        if fields.uint("v")? != EVENT_VERSION {
            return Err(AnswerError::Unexpected { what: "v", expected: "u1" });
        }
        let (name, at) = (fields.ascii("event", NAME_BYTES_MAX)?, fields.uint("at")?);
        let what = match name.as_str() {
            "ticket-created" => created(&mut fields)?,
            "ticket-commented" => commented(&mut fields)?,
            "ticket-assigned" | "access-granted" => given(&name, &mut fields)?,
            "ticket-status-changed" | "ticket-priority-changed" => changed(&name, &mut fields)?,
            "key-registered" | "key-revoked" => key(&name, &mut fields)?,
            _ => person(&name, &mut fields)?,
        };
        fields.finish()?;
        Ok(Self { at, what })
    }

    /// The ticket that it is about, if it is about one.
    pub fn ticket(&self) -> Option<u64> {
        match &self.what {
            Happening::TicketCreated { ticket, .. }
            | Happening::TicketCommented { ticket, .. }
            | Happening::TicketAssigned { ticket, .. }
            | Happening::StatusChanged { ticket, .. }
            | Happening::PriorityChanged { ticket, .. }
            | Happening::AccessGranted { ticket, .. } => Some(*ticket),
            Happening::KeyRegistered { .. } | Happening::KeyRevoked { .. } | Happening::Person { .. } => None,
        }
    }
}

fn created(fields: &mut Fields) -> Result<Happening, AnswerError> {
    Ok(Happening::TicketCreated {
        ticket: fields.uint("ticket-id")?,
        owner: fields.principal("owner")?,
        category: fields.ascii("category", CATEGORY_BYTES_MAX)?,
        priority: fields.named("priority", Priority::from_number)?,
        payload_hash: fields.exact("payload-hash")?,
        payload: fields.buffer("payload")?,
    })
}

fn commented(fields: &mut Fields) -> Result<Happening, AnswerError> {
    Ok(Happening::TicketCommented {
        ticket: fields.uint("ticket-id")?,
        index: fields.uint("index")?,
        author: fields.principal("author")?,
        is_staff: fields.bool("is-staff")?,
        internal: fields.bool("internal")?,
        payload_hash: fields.exact("payload-hash")?,
        payload: fields.buffer("payload")?,
    })
}

fn given(name: &str, fields: &mut Fields) -> Result<Happening, AnswerError> {
    let (ticket, by) = (fields.uint("ticket-id")?, fields.principal("by")?);
    Ok(match name {
        "ticket-assigned" => {
            Happening::TicketAssigned { ticket, assignee: fields.principal("assignee")?, by }
        }
        _ => Happening::AccessGranted { ticket, by, grants: fields.buffer("grants")? },
    })
}

fn changed(name: &str, fields: &mut Fields) -> Result<Happening, AnswerError> {
    let (ticket, by) = (fields.uint("ticket-id")?, fields.principal("by")?);
    Ok(match name {
        "ticket-status-changed" => Happening::StatusChanged {
            ticket,
            from: fields.named("from", Status::from_number)?,
            to: fields.named("to", Status::from_number)?,
            by,
        },
        _ => Happening::PriorityChanged {
            ticket,
            from: fields.named("from", Priority::from_number)?,
            to: fields.named("to", Priority::from_number)?,
            by,
        },
    })
}

fn key(name: &str, fields: &mut Fields) -> Result<Happening, AnswerError> {
    let (address, version) = (fields.principal("address")?, fields.uint("version")?);
    Ok(match name {
        "key-revoked" => Happening::KeyRevoked { address, version },
        _ => Happening::KeyRegistered {
            address,
            version,
            public_key: fields.exact("public-key")?,
            signing_key: fields.exact("signing-key")?,
            proof: fields.exact("proof")?,
        },
    })
}

fn person(name: &str, fields: &mut Fields) -> Result<Happening, AnswerError> {
    let change = PersonChange::ALL
        .into_iter()
        .find(|change| change.name() == name)
        .ok_or_else(|| AnswerError::UnknownEvent(shown(name)))?;
    Ok(Happening::Person { change, address: fields.principal("address")?, by: fields.principal("by")? })
}
