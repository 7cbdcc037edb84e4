//! Who did what to a ticket in which status: every cell of it must have been tried.

use std::collections::{BTreeMap, BTreeSet};

use sealdesk_protocol::ticket::Action;

use super::desk::{Desk, Refused, Role, State, Status};

/// What someone is to a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    OwnerCustomer,
    OtherCustomer,
    Assignee,
    OtherAgent,
    Administrator,
    Suspended,
    Terminated,
    /// An agent who works on the ticket beside its assignee.
    Collaborator,
    /// Another agent whom a member appointed, where the queue is open.
    QueueAgent,
    /// Had the ticket as an agent and is none any more.
    FormerAssignee,
    /// Wrote the ticket as a customer and is an agent by now.
    OwnerBecameAgent,
    /// Wrote the ticket as a customer and is an administrator by now.
    OwnerBecameAdministrator,
}

impl Actor {
    pub const ALL: [Self; 12] = [
        Self::OwnerCustomer,
        Self::OtherCustomer,
        Self::Assignee,
        Self::OtherAgent,
        Self::Administrator,
        Self::Suspended,
        Self::Terminated,
        Self::Collaborator,
        Self::QueueAgent,
        Self::FormerAssignee,
        Self::OwnerBecameAgent,
        Self::OwnerBecameAdministrator,
    ];

    pub fn of(desk: &Desk, who: &str, number: u64) -> Self {
        let ticket = &desk.tickets[&number];
        let owner = ticket.customer == who;
        match (desk.state(who), desk.role(who)) {
            (State::Suspended, _) => Self::Suspended,
            (State::Terminated, _) => Self::Terminated,
            (_, Some(Role::Agent)) if owner => Self::OwnerBecameAgent,
            (_, Some(Role::Administrator)) if owner => Self::OwnerBecameAdministrator,
            (_, Some(Role::Administrator)) => Self::Administrator,
            (_, Some(Role::Agent)) if ticket.assignee.as_deref() == Some(who) => Self::Assignee,
            (_, Some(Role::Agent)) if ticket.is_worked_on_by(who) => Self::Collaborator,
            (_, Some(Role::Agent)) if desk.is_of_queue(who, ticket) => Self::QueueAgent,
            (_, Some(Role::Agent)) => Self::OtherAgent,
            _ if owner => Self::OwnerCustomer,
            _ if ticket.had.contains(who) => Self::FormerAssignee,
            _ => Self::OtherCustomer,
        }
    }
}

/// An action on a ticket that exists, or a creation by someone who stands so to a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    Create,
    On(Action),
}

impl Deed {
    pub fn all() -> Vec<Self> {
        std::iter::once(Self::Create).chain(Action::ALL.map(Self::On)).collect()
    }
}

const SHARES: u64 = 5;

pub type Cell = (Actor, Deed, Status);

/// No ticket is open and assigned: opening it again clears the assignee.
pub fn is_possible((actor, _, status): &Cell) -> bool {
    !(matches!(actor, Actor::Assignee | Actor::Collaborator) && *status == Status::Open)
}

/// The cells that the campaign of a seed looks for: campaigns share them out.
pub fn share(seed: u64) -> Vec<usize> {
    let share = usize::try_from(seed % SHARES).unwrap();
    (0..all().len()).filter(|place| place % usize::try_from(SHARES).unwrap() == share).collect()
}

pub fn place(cell: &Cell) -> usize {
    all().iter().position(|other| other == cell).unwrap()
}

pub fn all() -> Vec<Cell> {
    let mut cells = Vec::new();
    for actor in Actor::ALL {
        for deed in Deed::all() {
            cells.extend(Status::ALL.map(|status| (actor, deed, status)));
        }
    }
    cells
}

/// What a campaign has seen.
#[derive(Default)]
pub struct Tally {
    /// The cells to look for.
    wanted: Vec<Cell>,
    pub hits: BTreeMap<Cell, usize>,
    pub codes: BTreeMap<Refused, usize>,
    pub events: BTreeSet<String>,
    pub accepted: usize,
    pub refused: usize,
    pub auto_closed: usize,
}

impl Tally {
    pub fn hit(&mut self, cell: Cell) {
        assert!(is_possible(&cell), "{cell:?} should not exist");
        let (actor, deed, status) = cell;
        *self.hits.entry(cell).or_default() += 1;
        // One message, told apart by who sends it: what the owner sends is a customer's response, for everyone else the
        // ledger has to find out that it is none. So each try counts for both actions.
        let twin = match deed {
            Deed::On(Action::RespondAsCustomer) => Action::RespondAsStaff,
            Deed::On(Action::RespondAsStaff) => Action::RespondAsCustomer,
            _ => return,
        };
        *self.hits.entry((actor, Deed::On(twin), status)).or_default() += 1;
    }

    /// What one campaign sees that looks for these cells, by their places in the list of all. With its seed they replay it.
    pub fn looking_for(places: &[usize]) -> Self {
        let cells = all();
        let wanted = places.iter().map(|place| cells[*place]).filter(is_possible).collect();
        Self { wanted, ..Self::default() }
    }

    pub fn unhit(&self) -> Vec<Cell> {
        self.wanted.iter().filter(|cell| !self.hits.contains_key(cell)).copied().collect()
    }

    pub fn add(&mut self, campaign: Self) {
        for (cell, times) in campaign.hits {
            *self.hits.entry(cell).or_default() += times;
        }
        for (code, times) in campaign.codes {
            *self.codes.entry(code).or_default() += times;
        }
        self.events.extend(campaign.events);
        self.accepted += campaign.accepted;
        self.refused += campaign.refused;
        self.auto_closed += campaign.auto_closed;
    }

    pub fn judged(&mut self, refused: Option<Refused>) {
        match refused {
            Some(refused) => {
                self.refused += 1;
                *self.codes.entry(refused).or_default() += 1;
            }
            None => self.accepted += 1,
        }
    }
}
