//! What a person should hear of whom was sealed for: in words, and so that a page can say it in words of its own.

use std::fmt::{self, Display};

use sealdesk_protocol::ids::{Address, TicketId};

/// A line for whoever acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Something was sealed for somebody, or opened to them, for the first time.
    NewReader {
        /// Who can read it.
        address: Address,
        /// Why they can.
        why: Why,
    },
    /// Anything else, in words.
    Other(String),
}

/// Why somebody is a reader. `None` for a ticket is the one that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// They are in the circle from before the ledger was first met.
    AdministratorFromBefore,
    /// They joined the circle.
    Administrator {
        /// The change by which they did.
        change: u64,
        /// Who voted for them.
        voters: Vec<String>,
    },
    /// The ledger calls them the assignee, by a key that an administrator granted.
    Assignee(Option<TicketId>),
    /// The ledger calls them a collaborator, by a key that an administrator granted.
    Collaborator(Option<TicketId>),
    /// An administrator appointed them, and the queue is open.
    OpenQueue,
    /// An administrator appointed them.
    Appointed,
    /// They wrote the ticket.
    Customer(Option<TicketId>),
    /// They are the provider of the ticket.
    Provider(Option<TicketId>),
    /// A ticket of theirs is imported.
    Imported,
    /// The ticket is given to them.
    Given(TicketId),
    /// They are let into the ticket.
    LetIn(TicketId),
}

impl Why {
    /// A stable name for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AdministratorFromBefore => "administrator-from-before",
            Self::Administrator { .. } => "administrator",
            Self::Assignee(_) => "assignee",
            Self::Collaborator(_) => "collaborator",
            Self::OpenQueue => "open-queue",
            Self::Appointed => "appointed",
            Self::Customer(_) => "customer",
            Self::Provider(_) => "provider",
            Self::Imported => "imported",
            Self::Given(_) => "given",
            Self::LetIn(_) => "let-in",
        }
    }

    /// The ticket that it is about, where it is about one that has a number already.
    pub fn ticket(&self) -> Option<TicketId> {
        match self {
            Self::Assignee(ticket)
            | Self::Collaborator(ticket)
            | Self::Customer(ticket)
            | Self::Provider(ticket) => *ticket,
            Self::Given(ticket) | Self::LetIn(ticket) => Some(*ticket),
            Self::AdministratorFromBefore
            | Self::Administrator { .. }
            | Self::OpenQueue
            | Self::Appointed
            | Self::Imported => None,
        }
    }
}

impl Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of =
            |ticket: &Option<TicketId>| ticket.map_or_else(|| "a new ticket".to_owned(), |id| id.to_string());
        let by_grant = "by a key that an administrator granted";
        match self {
            Self::AdministratorFromBefore => {
                write!(f, "administrator since before this ledger was known here")
            }
            Self::Administrator { change, voters } => {
                write!(f, "administrator since change {change}, voted by {}", voters.join(", "))
            }
            Self::Assignee(ticket) => {
                write!(f, "whom the ledger calls the assignee of {}, {by_grant}", of(ticket))
            }
            Self::Collaborator(ticket) => {
                write!(f, "whom the ledger calls a collaborator of {}, {by_grant}", of(ticket))
            }
            Self::OpenQueue => write!(f, "agent whom an administrator appointed, in the open queue"),
            Self::Appointed => write!(f, "agent whom an administrator appointed"),
            Self::Customer(ticket) => write!(f, "who wrote {}", of(ticket)),
            Self::Provider(ticket) => write!(f, "provider of {}", of(ticket)),
            Self::Imported => write!(f, "customer of a ticket that you import"),
            Self::Given(ticket) => write!(f, "who is given {ticket}"),
            Self::LetIn(ticket) => write!(f, "who is let into {ticket}"),
        }
    }
}

impl Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NewReader { address, why } => write!(f, "new reader: {address}, {why}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// Whom one transaction is sealed for or lets in. It is said and remembered once the ledger has taken the transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Named {
    /// Everyone but the writer who can read it, and why.
    pub(crate) reading: Vec<(Address, Why)>,
    /// Staff, whom the pin remembers as well.
    pub(crate) staff: Vec<Address>,
    /// What else there is to say.
    pub(crate) notes: Vec<String>,
}
