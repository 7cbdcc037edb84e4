//! A ticket: its fields, and the table of what may happen to it in which state.

use std::fmt;

use prost::Message as _;
use sha2::{Digest as _, Sha256};

use crate::codes::{Refusal, SupportError};
use crate::ids::{Address, TicketId};
use crate::wire::virtengine::support::v1 as wire;

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Status {
    /// Waits for an agent.
    Open = 1,
    /// Has an agent who has not begun.
    Assigned = 2,
    /// Is being worked on.
    InProgress = 3,
    /// Waits for the customer.
    PendingCustomer = 4,
    /// Is answered; closes by itself after a while.
    Resolved = 5,
    /// Is over.
    Closed = 6,
}

impl Status {
    /// Every status, in the order of the numbers on the wire.
    pub const ALL: [Self; 6] =
        [Self::Open, Self::Assigned, Self::InProgress, Self::PendingCustomer, Self::Resolved, Self::Closed];

    /// The short name: `open`, `in_progress` …
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Assigned => "assigned",
            Self::InProgress => "in_progress",
            Self::PendingCustomer => "pending_customer",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
        }
    }

    /// The status of a short name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// The number on the wire.
    pub fn to_wire(self) -> i32 {
        match self {
            Self::Open => wire::TicketStatus::Open as i32,
            Self::Assigned => wire::TicketStatus::Assigned as i32,
            Self::InProgress => wire::TicketStatus::InProgress as i32,
            Self::PendingCustomer => wire::TicketStatus::PendingCustomer as i32,
            Self::Resolved => wire::TicketStatus::Resolved as i32,
            Self::Closed => wire::TicketStatus::Closed as i32,
        }
    }

    /// The status of a number on the wire; `None` for 0 and for numbers that no status has.
    pub fn from_wire(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.to_wire() == number)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How urgent a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Priority {
    /// Can wait.
    Low = 1,
    /// The usual.
    Normal = 2,
    /// Urgent.
    High = 3,
    /// Needs someone now.
    Urgent = 4,
}

impl Priority {
    /// Every priority, in the order of the numbers on the wire.
    pub const ALL: [Self; 4] = [Self::Low, Self::Normal, Self::High, Self::Urgent];

    /// The short name: `low`, `normal`, `high`, `urgent`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }

    /// The priority of a short name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.name() == name)
    }

    /// The number on the wire.
    pub fn to_wire(self) -> i32 {
        match self {
            Self::Low => wire::TicketPriority::Low as i32,
            Self::Normal => wire::TicketPriority::Normal as i32,
            Self::High => wire::TicketPriority::High as i32,
            Self::Urgent => wire::TicketPriority::Urgent as i32,
        }
    }

    /// The priority of a number on the wire; `None` for 0 and for numbers that no priority has.
    pub fn from_wire(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.to_wire() == number)
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What can be done to a ticket that exists. Who may do it is `machine`'s `access.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Give it to an agent, again or for the first time.
    Assign,
    /// Status `in_progress`.
    StartWork,
    /// Status `pending_customer`.
    AwaitCustomer,
    /// A response by the ticket's customer.
    RespondAsCustomer,
    /// A response by staff.
    RespondAsStaff,
    /// An internal note.
    Note,
    /// Change the priority.
    SetPriority,
    /// Say that it is answered.
    Resolve,
    /// End it.
    Close,
    /// Begin it again.
    Reopen,
    /// Let another reader open it.
    Grant,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 11] = [
        Self::Assign,
        Self::StartWork,
        Self::AwaitCustomer,
        Self::RespondAsCustomer,
        Self::RespondAsStaff,
        Self::Note,
        Self::SetPriority,
        Self::Resolve,
        Self::Close,
        Self::Reopen,
        Self::Grant,
    ];

    /// The action in words, as refusals name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Assign => "assign",
            Self::StartWork => "start-work",
            Self::AwaitCustomer => "await-customer",
            Self::RespondAsCustomer => "respond as its customer",
            Self::RespondAsStaff => "respond as staff",
            Self::Note => "note",
            Self::SetPriority => "set-priority",
            Self::Resolve => "resolve",
            Self::Close => "close",
            Self::Reopen => "reopen",
            Self::Grant => "grant-access",
        }
    }
}

/// The table "Life of a ticket" of DESK.md: where an action leads from a state, or the refusal.
///
/// What depends on more than the state stays with the machine: that the first response to an assigned ticket begins
/// work, who is assigned already, the reopen window, and that a reply to a resolved ticket without assignee opens it.
///
/// # Errors
/// The code that DESK.md gives the pair, with the state the ticket was in.
pub fn transition(ticket: TicketId, from: Status, action: Action) -> Result<Status, Refusal> {
    use Action as A;
    use Status as S;
    let impossible = || SupportError::InvalidStatus { ticket, status: from, action: action.name() };
    let refusal = match (from, action) {
        (S::Open | S::Assigned | S::InProgress | S::PendingCustomer, A::Assign) => return Ok(S::Assigned),
        (S::Assigned | S::PendingCustomer, A::StartWork) => return Ok(S::InProgress),
        (S::InProgress, A::AwaitCustomer) => return Ok(S::PendingCustomer),
        (S::PendingCustomer | S::Resolved, A::RespondAsCustomer) => return Ok(S::InProgress),
        (S::Assigned, A::RespondAsStaff) => return Ok(S::InProgress),
        (S::Assigned | S::InProgress | S::PendingCustomer, A::Resolve) => return Ok(S::Resolved),
        (S::Resolved | S::Closed, A::Reopen) => return Ok(S::Open),
        // A grant changes who can read what was written: it stays possible when the ticket is over.
        (_, A::Grant) => return Ok(from),
        (S::Closed, _) => SupportError::TicketClosed(ticket),
        (_, A::Close) => return Ok(S::Closed),
        (S::Open, A::StartWork | A::AwaitCustomer | A::Resolve) => SupportError::NotAssigned(ticket),
        (S::Resolved, A::Assign | A::StartWork | A::AwaitCustomer | A::Resolve | A::RespondAsStaff) => {
            SupportError::AlreadyResolved(ticket)
        }
        (S::InProgress, A::StartWork) | (S::Assigned | S::PendingCustomer, A::AwaitCustomer) => impossible(),
        (_, A::RespondAsCustomer | A::RespondAsStaff | A::Note | A::SetPriority) => return Ok(from),
        (_, A::Reopen) => SupportError::CannotReopen {
            ticket,
            reason: format!("it is {from}, neither resolved nor closed"),
        },
    };
    Err(refusal.into())
}

/// The order, lease, deployment, provider or bid that a ticket is about. Public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// `order`, `lease`, `deployment`, `provider` or `bid`.
    pub kind: String,
    /// The id as VirtEngine writes it.
    pub id: String,
    /// The owner that the id begins with; empty where the sender gave none.
    pub owner: String,
}

/// A ticket as the ledger keeps it, without its envelope and grants. Times are Unix seconds of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its name.
    pub id: TicketId,
    /// Who wrote it.
    pub customer: Address,
    /// The provider it concerns.
    pub provider: Option<Address>,
    /// The resource it concerns.
    pub resource: Option<Resource>,
    /// Where it stands.
    pub status: Status,
    /// How urgent it is.
    pub priority: Priority,
    /// One of the allowed categories.
    pub category: String,
    /// The agent or administrator who has it.
    pub assignee: Option<Address>,
    /// Responses and notes so far.
    pub response_count: u32,
    /// When it was written.
    pub created_at: i64,
    /// When anything last happened to it.
    pub updated_at: i64,
    /// When it was resolved, while it is.
    pub resolved_at: Option<i64>,
    /// When it was closed, while it is.
    pub closed_at: Option<i64>,
    /// What the resolver wrote for everyone to see.
    pub resolution_ref: String,
    /// What a reader needs to rebuild the envelope's context.
    pub payload_context: wire::EnvelopeContext,
}

impl Ticket {
    /// The wire form, without envelope and grants.
    pub fn to_wire(&self) -> wire::SupportTicket {
        wire::SupportTicket {
            ticket_id: self.id.to_string(),
            customer_address: self.customer.to_string(),
            provider_address: text_of(self.provider.as_ref()),
            resource_ref: self.resource.as_ref().map(|resource| wire::ResourceReference {
                r#type: resource.kind.clone(),
                id: resource.id.clone(),
                owner: resource.owner.clone(),
            }),
            status: self.status.to_wire(),
            priority: self.priority.to_wire(),
            category: self.category.clone(),
            encrypted_payload: None,
            assigned_to: text_of(self.assignee.as_ref()),
            response_count: self.response_count,
            created_at: self.created_at,
            updated_at: self.updated_at,
            resolved_at: self.resolved_at.unwrap_or(0),
            closed_at: self.closed_at.unwrap_or(0),
            resolution_ref: self.resolution_ref.clone(),
            payload_context: Some(self.payload_context.clone()),
            grants: Vec::new(),
        }
    }

    /// Reads back what [`Ticket::to_wire`] wrote; `None` where a field is not what the ledger writes.
    pub fn from_wire(wire: wire::SupportTicket, prefix: &crate::ids::Prefix) -> Option<Self> {
        let optional = |text: &str| match text {
            "" => Some(None),
            _ => Address::parse(prefix, text).ok().map(Some),
        };
        Some(Self {
            id: TicketId::parse(&wire.ticket_id).ok()?,
            customer: Address::parse(prefix, &wire.customer_address).ok()?,
            provider: optional(&wire.provider_address)?,
            resource: wire.resource_ref.map(|r| Resource { kind: r.r#type, id: r.id, owner: r.owner }),
            status: Status::from_wire(wire.status)?,
            priority: Priority::from_wire(wire.priority)?,
            category: wire.category,
            assignee: optional(&wire.assigned_to)?,
            response_count: wire.response_count,
            created_at: wire.created_at,
            updated_at: wire.updated_at,
            resolved_at: (wire.resolved_at != 0).then_some(wire.resolved_at),
            closed_at: (wire.closed_at != 0).then_some(wire.closed_at),
            resolution_ref: wire.resolution_ref,
            payload_context: wire.payload_context?,
        })
    }
}

/// What a head says of the grants beside it: SHA-256 of the canonical `GrantList`, in the order in which they are stored.
pub fn grants_hash(grants: &[wire::AccessGrant]) -> [u8; 32] {
    let list = crate::wire::sealdesk::ledger::v1::GrantList { grants: grants.to_vec() };
    Sha256::digest(list.encode_to_vec()).into()
}

fn text_of(address: Option<&Address>) -> String {
    address.map(Address::to_string).unwrap_or_default()
}
