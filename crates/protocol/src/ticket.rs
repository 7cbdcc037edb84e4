//! A ticket: its fields, and the table of what may happen to it in which state.

mod queue;
mod steps;

use prost::Message as _;
use sha2::{Digest as _, Sha256};

use crate::attachment::{Attachment, attachments_from_wire, attachments_to_wire};
use crate::codes::{Refusal, SupportError};
use crate::envelope::Kind;
use crate::ids::{Address, TicketId};
use crate::import::Imported;
use crate::named_values;
use crate::wire::virtengine::support::v1 as wire;

pub use queue::{QueuePlace, Turn};
pub use steps::Step;

named_values! {
    /// Where a ticket stands.
    pub enum Status on the wire as wire::TicketStatus {
        /// Waits for an agent.
        Open = "open",
        /// Has an agent who has not begun.
        Assigned = "assigned",
        /// Is being worked on.
        InProgress = "in_progress",
        /// Waits for the customer.
        PendingCustomer = "pending_customer",
        /// Is answered; closes by itself after a while.
        Resolved = "resolved",
        /// Is over.
        Closed = "closed",
    }
}

named_values! {
    /// How urgent a ticket is.
    pub enum Priority on the wire as wire::TicketPriority {
        /// Can wait.
        Low = "low",
        /// The usual.
        Normal = "normal",
        /// Urgent.
        High = "high",
        /// Needs someone now.
        Urgent = "urgent",
    }
}

named_values! {
    /// How a ticket stands to another.
    pub enum LinkKind on the wire as wire::LinkKind {
        /// They have to do with each other.
        Related = "related",
        /// It says the same as the other.
        DuplicateOf = "duplicate_of",
        /// The other says the same.
        DuplicatedBy = "duplicated_by",
        /// It goes on where the other ended.
        FollowsUp = "follows_up",
        /// The other goes on where it ended.
        FollowedUpBy = "followed_up_by",
    }
}

impl LinkKind {
    /// How the other one stands to the first.
    #[must_use]
    pub fn inverse(self) -> Self {
        match self {
            Self::Related => Self::Related,
            Self::DuplicateOf => Self::DuplicatedBy,
            Self::DuplicatedBy => Self::DuplicateOf,
            Self::FollowsUp => Self::FollowedUpBy,
            Self::FollowedUpBy => Self::FollowsUp,
        }
    }

    /// Whether a message names it: the others follow from these.
    pub fn is_asked(self) -> bool {
        matches!(self, Self::Related | Self::DuplicateOf | Self::FollowsUp)
    }
}

/// How a ticket stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// In which way.
    pub kind: LinkKind,
    /// To which.
    pub other: TicketId,
}

impl Link {
    fn to_wire(self) -> wire::TicketLink {
        wire::TicketLink { kind: self.kind.to_wire(), ticket_id: self.other.to_string() }
    }

    fn from_wire(wire: &wire::TicketLink) -> Option<Self> {
        let other = TicketId::parse(&wire.ticket_id).ok()?;
        Some(Self { kind: LinkKind::from_wire(wire.kind)?, other })
    }
}

named_values! {
    /// What can be done to a ticket that exists, named as refusals name it. Who may do it is `machine`'s `access.rs`.
    pub enum Action {
        /// Give it to an agent, again or for the first time, or name others who work on it.
        Assign = "assign",
        /// Take one that nobody is assigned.
        Take = "take",
        /// Status `in_progress`.
        StartWork = "start-work",
        /// Status `pending_customer`.
        AwaitCustomer = "await-customer",
        /// A response by the ticket's customer.
        RespondAsCustomer = "respond as its customer",
        /// A response by staff.
        RespondAsStaff = "respond as staff",
        /// An internal note.
        Note = "note",
        /// Change the priority.
        SetPriority = "set-priority",
        /// Say that it is answered.
        Resolve = "resolve",
        /// End it.
        Close = "close",
        /// Begin it again.
        Reopen = "reopen",
        /// Let another reader open it.
        Grant = "grant-access",
        /// Give it to another customer.
        Transfer = "transfer",
        /// Say how well it was resolved.
        Rate = "rate",
        /// Say how it stands to another.
        Link = "link",
        /// Put it aside until a time, or take it up again.
        Snooze = "snooze",
    }
}

impl Action {
    /// The act as it stands behind "may" in a sentence of a refusal.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Assign => "assign it",
            Self::Take => "take it",
            Self::StartWork => "start work on it",
            Self::AwaitCustomer => "say that it waits for its customer",
            Self::RespondAsCustomer => "answer in it as its customer",
            Self::RespondAsStaff => "answer in it as staff",
            Self::Note => "leave a note in it",
            Self::SetPriority => "change its priority",
            Self::Resolve => "resolve it",
            Self::Close => "close it",
            Self::Reopen => "reopen it",
            Self::Grant => "give others access to it",
            Self::Transfer => "transfer it",
            Self::Rate => "rate it",
            Self::Link => "link it to others",
            Self::Snooze => "put it aside",
        }
    }
}

/// The table "Life of a ticket" of docs/spec/desk.md: where an action leads from a state, or the refusal.
///
/// What depends on more than the state stays with the machine: that the first response to an assigned ticket begins
/// work, who is assigned already, the reopen window, and that a reply to a resolved ticket without assignee opens it.
///
/// # Errors
/// The code that docs/spec/desk.md gives the pair, with the state the ticket was in.
pub fn transition(ticket: TicketId, from: Status, action: Action) -> Result<Status, Refusal> {
    use Action as A;
    use Status as S;
    let impossible = || SupportError::InvalidStatus { ticket, status: from, action: action.phrase() };
    let refusal = match (from, action) {
        (S::Open | S::Assigned | S::InProgress | S::PendingCustomer, A::Assign | A::Take) => {
            return Ok(S::Assigned);
        }
        (S::Assigned | S::PendingCustomer, A::StartWork) => return Ok(S::InProgress),
        (S::InProgress, A::AwaitCustomer) => return Ok(S::PendingCustomer),
        (S::PendingCustomer | S::Resolved, A::RespondAsCustomer) => return Ok(S::InProgress),
        (S::Assigned, A::RespondAsStaff) => return Ok(S::InProgress),
        (S::Assigned | S::InProgress | S::PendingCustomer, A::Resolve) => return Ok(S::Resolved),
        (S::Resolved | S::Closed, A::Reopen) => return Ok(S::Open),
        // Who can read what was written, and whose it is, can change when the ticket is over.
        (_, A::Grant | A::Transfer | A::Link) => return Ok(from),
        (S::Resolved | S::Closed, A::Rate) => return Ok(from),
        (_, A::Rate) => SupportError::NotResolved(ticket),
        (S::Closed, _) => SupportError::TicketClosed(ticket),
        (_, A::Close) => return Ok(S::Closed),
        (S::Open, A::StartWork | A::AwaitCustomer | A::Resolve) => SupportError::NotAssigned(ticket),
        (
            S::Resolved,
            A::Assign
            | A::Take
            | A::StartWork
            | A::AwaitCustomer
            | A::Resolve
            | A::RespondAsStaff
            | A::Snooze,
        ) => SupportError::AlreadyResolved(ticket),
        (S::InProgress, A::StartWork) | (S::Assigned | S::PendingCustomer, A::AwaitCustomer) => impossible(),
        (_, A::RespondAsCustomer | A::RespondAsStaff | A::Note | A::SetPriority | A::Snooze) => {
            return Ok(from);
        }
        (_, A::Reopen) => SupportError::CannotReopen {
            ticket,
            reason: format!("it is {from}, neither resolved nor closed"),
        },
    };
    Err(refusal.into())
}

named_values! {
    /// What of VirtEngine's a ticket can be about.
    pub enum ResourceKind {
        /// An order.
        Order = "order",
        /// A lease.
        Lease = "lease",
        /// A deployment.
        Deployment = "deployment",
        /// A provider.
        Provider = "provider",
        /// A bid.
        Bid = "bid",
    }
}

impl ResourceKind {
    /// The kind of a short name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The order, lease, deployment, provider or bid that a ticket is about. Public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Which of them.
    pub kind: ResourceKind,
    /// The id as VirtEngine writes it.
    pub id: String,
    /// The owner that the id begins with; empty where the sender gave none.
    pub owner: String,
}

/// What a ticket's customer said of a resolution. Times are Unix seconds of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rating {
    /// One of [`crate::limits::SCORES`].
    pub score: u32,
    /// When they said so.
    pub rated_at: i64,
    /// Which resolution: when it was made.
    pub resolved_at: i64,
    /// Who had the ticket then.
    pub agent: Option<Address>,
    /// Whose it was then.
    pub customer: Address,
    /// Index of the response that is their comment.
    pub comment: Option<u32>,
}

impl Rating {
    fn to_wire(&self) -> wire::TicketRating {
        wire::TicketRating {
            score: self.score,
            rated_at: self.rated_at,
            resolved_at: self.resolved_at,
            agent: text_of(self.agent.as_ref()),
            customer: self.customer.to_string(),
            comment: self.comment.map_or(0, |index| index.saturating_add(1)),
        }
    }

    fn from_wire(wire: wire::TicketRating, prefix: &crate::ids::Prefix) -> Option<Self> {
        let agent = match wire.agent.as_str() {
            "" => None,
            text => Some(Address::parse(prefix, text).ok()?),
        };
        Some(Self {
            score: wire.score,
            rated_at: wire.rated_at,
            resolved_at: wire.resolved_at,
            agent,
            customer: Address::parse(prefix, &wire.customer).ok()?,
            comment: wire.comment.checked_sub(1),
        })
    }
}

/// A ticket as the ledger keeps it, without its envelope and grants. Times are Unix seconds of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its name.
    pub id: TicketId,
    /// Whose it is: who wrote it, or got it by a transfer.
    pub customer: Address,
    /// Whose it was before transfers, the first one first: at most [`crate::limits::TRANSFERS_PER_TICKET_MAX`].
    pub previous_customers: Vec<Address>,
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
    /// Who works on it beside them, ascending: at most [`crate::limits::COLLABORATORS_MAX`], and none without an assignee.
    pub collaborators: Vec<Address>,
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
    /// The second at which it comes back, or came back, after somebody put it aside.
    pub snoozed_until: Option<i64>,
    /// Where it came from; `None` of one that its customer wrote here.
    pub imported: Option<Imported>,
    /// How it stands to others, ascending by these: at most [`crate::limits::LINKS_PER_TICKET_MAX`].
    pub links: Vec<Link>,
    /// What its customers said of its resolutions, in order: at most [`crate::limits::RATINGS_PER_TICKET_MAX`].
    pub ratings: Vec<Rating>,
    /// What its status and priority became, in order: the newest [`crate::limits::STEPS_PER_TICKET_MAX`]. The first is of when it was written, but for a
    /// ticket whose genesis does not know its history.
    pub steps: Vec<Step>,
    /// How many steps before these are not kept any more.
    pub steps_dropped: u32,
    /// What a reader needs to rebuild the envelope's context.
    pub payload_context: wire::EnvelopeContext,
    /// The files of its first message.
    pub attachments: Vec<Attachment>,
}

impl Ticket {
    /// One that is new: open, of normal priority, in no category yet.
    pub fn new(
        id: TicketId,
        customer: Address,
        created_at: i64,
        payload_context: wire::EnvelopeContext,
    ) -> Self {
        Self {
            id,
            customer,
            previous_customers: Vec::new(),
            provider: None,
            resource: None,
            status: Status::Open,
            priority: Priority::Normal,
            category: String::new(),
            assignee: None,
            collaborators: Vec::new(),
            response_count: 0,
            created_at,
            updated_at: created_at,
            resolved_at: None,
            closed_at: None,
            resolution_ref: String::new(),
            snoozed_until: None,
            imported: None,
            links: Vec::new(),
            ratings: Vec::new(),
            steps: Vec::new(),
            steps_dropped: 0,
            payload_context,
            attachments: Vec::new(),
        }
    }

    /// Who signed its own envelope: who wrote it, or the administrator who imported it.
    pub fn author(&self) -> &Address {
        let wrote = self.previous_customers.first().unwrap_or(&self.customer);
        self.imported.as_ref().map_or(wrote, |imported| &imported.by)
    }

    /// Whether the response of this index came with an import: its context names no ticket.
    pub fn is_imported_response(&self, index: u32) -> bool {
        self.imported.as_ref().is_some_and(|imported| index < imported.responses)
    }

    /// Whether it is somebody's to work on: the assignee's, or a collaborator's.
    pub fn is_worked_on_by(&self, address: &Address) -> bool {
        self.assignee.as_ref() == Some(address) || self.collaborators.contains(address)
    }

    /// Whether its customer is another one than wrote it. Then no signature of theirs stands in it: they read by grants alone.
    pub fn is_transferred(&self) -> bool {
        !self.previous_customers.is_empty()
    }

    /// The wire form, without envelope and grants.
    pub fn to_wire(&self) -> wire::SupportTicket {
        wire::SupportTicket {
            ticket_id: self.id.to_string(),
            customer_address: self.customer.to_string(),
            provider_address: text_of(self.provider.as_ref()),
            resource_ref: self.resource.as_ref().map(|resource| wire::ResourceReference {
                r#type: resource.kind.name().to_owned(),
                id: resource.id.clone(),
                owner: resource.owner.clone(),
            }),
            status: self.status.to_wire(),
            priority: self.priority.to_wire(),
            category: self.category.clone(),
            encrypted_payload: None,
            assigned_to: text_of(self.assignee.as_ref()),
            collaborators: self.collaborators.iter().map(Address::to_string).collect(),
            response_count: self.response_count,
            created_at: self.created_at,
            updated_at: self.updated_at,
            resolved_at: self.resolved_at.unwrap_or(0),
            closed_at: self.closed_at.unwrap_or(0),
            resolution_ref: self.resolution_ref.clone(),
            payload_context: Some(self.payload_context.clone()),
            grants: Vec::new(),
            previous_customers: self.previous_customers.iter().map(Address::to_string).collect(),
            snoozed_until: self.snoozed_until.unwrap_or(0),
            imported: self.imported.as_ref().map(Imported::to_wire),
            links: self.links.iter().map(|link| link.to_wire()).collect(),
            ratings: self.ratings.iter().map(Rating::to_wire).collect(),
            attachments: attachments_to_wire(&self.attachments),
            steps: self.steps.iter().map(|step| step.to_wire()).collect(),
            steps_dropped: self.steps_dropped,
            erased: None,
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
            previous_customers: addresses(&wire.previous_customers, prefix)?,
            provider: optional(&wire.provider_address)?,
            resource: match wire.resource_ref {
                None => None,
                Some(wire::ResourceReference { r#type, id, owner }) => {
                    Some(Resource { kind: ResourceKind::parse(&r#type)?, id, owner })
                }
            },
            status: Status::from_wire(wire.status)?,
            priority: Priority::from_wire(wire.priority)?,
            category: wire.category,
            assignee: optional(&wire.assigned_to)?,
            collaborators: addresses(&wire.collaborators, prefix)?,
            response_count: wire.response_count,
            created_at: wire.created_at,
            updated_at: wire.updated_at,
            resolved_at: (wire.resolved_at != 0).then_some(wire.resolved_at),
            closed_at: (wire.closed_at != 0).then_some(wire.closed_at),
            resolution_ref: wire.resolution_ref,
            ratings: wire
                .ratings
                .into_iter()
                .map(|one| Rating::from_wire(one, prefix))
                .collect::<Option<_>>()?,
            imported: match wire.imported {
                None => None,
                Some(imported) => Some(Imported::from_wire(imported, prefix)?),
            },
            links: wire.links.iter().map(Link::from_wire).collect::<Option<_>>()?,
            snoozed_until: (wire.snoozed_until != 0).then_some(wire.snoozed_until),
            steps: wire.steps.iter().map(Step::from_wire).collect::<Option<_>>()?,
            steps_dropped: wire.steps_dropped,
            payload_context: wire.payload_context?,
            attachments: attachments_from_wire(&wire.attachments).ok()?,
        })
    }
}

/// What kind of envelope a response's record names: its own word for a note, else what it was sealed as.
pub fn response_kind(internal: bool, context: &wire::EnvelopeContext) -> Kind {
    match Kind::from_number(context.kind) {
        _ if internal => Kind::Note,
        Some(Kind::Rating) => Kind::Rating,
        _ => Kind::Response,
    }
}

/// Who signed a ticket's own envelope, as its record has it: who wrote it, or imported it.
pub fn author(ticket: &wire::SupportTicket) -> &str {
    let wrote = ticket.previous_customers.first().unwrap_or(&ticket.customer_address);
    ticket.imported.as_ref().map_or(wrote, |imported| &imported.imported_by)
}

/// Whether the response of this index came with an import, as a ticket's record has it.
pub fn is_imported_response(ticket: &wire::SupportTicket, index: u32) -> bool {
    ticket.imported.as_ref().is_some_and(|imported| index < imported.responses)
}

/// Whether a ticket's customer signed nothing in it, so that they read by grants alone, as its record has it.
pub fn reads_by_grant(ticket: &wire::SupportTicket) -> bool {
    is_transferred(ticket) || ticket.imported.is_some()
}

/// Whether a ticket's customer is another one than wrote it, as its record has it.
pub fn is_transferred(ticket: &wire::SupportTicket) -> bool {
    !ticket.previous_customers.is_empty()
}

fn addresses(texts: &[String], prefix: &crate::ids::Prefix) -> Option<Vec<Address>> {
    texts.iter().map(|text| Address::parse(prefix, text).ok()).collect()
}

/// What a head says of the grants beside it: SHA-256 of the canonical `GrantList`, in the order in which they are stored.
pub fn grants_hash(grants: &[wire::AccessGrant]) -> [u8; 32] {
    let list = crate::wire::sealdesk::ledger::v1::GrantList { grants: grants.to_vec() };
    Sha256::digest(list.encode_to_vec()).into()
}

fn text_of(address: Option<&Address>) -> String {
    address.map(Address::to_string).unwrap_or_default()
}
