//! What waits for a person.

use sealdesk_protocol::messages::AssignableRole;

use super::Ticket;

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
    /// How many older tickets were not looked at; a contract lists only its newest.
    pub unseen: u64,
}

impl Inbox {
    /// An inbox with nothing in it.
    pub(crate) fn empty(role: AssignableRole, is_active: bool) -> Self {
        let none = Vec::new;
        Self { role, is_active, own: none(), assigned: none(), open: none(), in_work: none(), unseen: 0 }
    }

    /// Every ticket of it once, in the order of the lists: open, assigned, in work, own.
    pub fn tickets(&self) -> Vec<&Ticket> {
        let mut tickets: Vec<&Ticket> = Vec::new();
        for ticket in self.open.iter().chain(&self.assigned).chain(&self.in_work).chain(&self.own) {
            if tickets.iter().all(|known| known.id != ticket.id) {
                tickets.push(ticket);
            }
        }
        tickets
    }
}
