//! What waits for a person.

use sealdesk_protocol::messages::AssignableRole;
use serde::Serialize;

use super::Ticket;

/// A change of the administrators for which there are votes, and not yet enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenVote {
    /// Who would join or leave.
    pub address: String,
    /// Whether they would leave.
    pub removes: bool,
    /// Who has voted for it, by address.
    pub voters: Vec<String>,
    /// How many members there are.
    pub members: usize,
}

/// Why whoever a ticket is assigned to cannot go on with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Idle {
    /// They are neither an agent nor an administrator any more.
    NotStaff,
    /// Their account is suspended.
    Suspended,
    /// Their account is terminated.
    Terminated,
    /// They have no active key: nothing is sealed for them.
    NoKey,
    /// No grant of an administrator counts any more that names an active key of theirs: later answers are not sealed for them.
    NotGranted,
}

/// A ticket that is assigned to somebody who cannot go on with it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stranded {
    /// The ticket.
    pub ticket: Ticket,
    /// Why its assignee cannot.
    pub why: Idle,
}

/// A person's tickets. The native ledger proves each record, but not that a node left none out; a contract's are the node's
/// word.
#[derive(Debug, Clone, PartialEq)]
pub struct Inbox {
    /// The person's role; whoever was given none is a customer.
    pub role: AssignableRole,
    /// Whether the account may act.
    pub is_active: bool,
    /// Written by this person, and not closed.
    pub own: Vec<Ticket>,
    /// Assigned to this person, and not over.
    pub assigned: Vec<Ticket>,
    /// Without an agent; of administrators only.
    pub open: Vec<Ticket>,
    /// With an agent, and not over; of administrators only.
    pub in_work: Vec<Ticket>,
    /// With somebody who cannot go on with it, and not over; of administrators only.
    pub stranded: Vec<Stranded>,
    /// Votes of other members that this person has not cast; of administrators only.
    pub votes: Vec<OpenVote>,
    /// How many older tickets were not looked at; a contract lists only its newest.
    pub unseen: u64,
}

impl Inbox {
    /// An inbox with nothing in it.
    pub(crate) fn empty(role: AssignableRole, is_active: bool) -> Self {
        let none = Vec::new;
        let (open, in_work, votes) = (none(), none(), Vec::new());
        let stranded = Vec::new();
        Self { role, is_active, own: none(), assigned: none(), open, in_work, stranded, votes, unseen: 0 }
    }

    /// Every ticket of it once, in the order of the lists: open, stranded, assigned, in work, own.
    pub fn tickets(&self) -> Vec<&Ticket> {
        let mut tickets: Vec<&Ticket> = Vec::new();
        let stranded = self.stranded.iter().map(|stranded| &stranded.ticket);
        for ticket in
            self.open.iter().chain(stranded).chain(&self.assigned).chain(&self.in_work).chain(&self.own)
        {
            if tickets.iter().all(|known| known.id != ticket.id) {
                tickets.push(ticket);
            }
        }
        tickets
    }
}
