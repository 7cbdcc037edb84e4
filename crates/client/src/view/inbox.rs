//! What waits for a person.

use std::collections::BTreeMap;

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::messages::AssignableRole;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::{About, Ticket};

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
}

/// A ticket that is assigned to somebody who cannot go on with it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stranded {
    /// The ticket.
    pub ticket: Ticket,
    /// Why its assignee cannot.
    pub why: Idle,
}

/// A ticket whose assignee, or whose customer after a transfer, cannot read what is new in it: no grant that counts names a key of theirs. The grant ended with the key or
/// the office of whoever gave it, or there never was one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct EndedGrant {
    /// Which ticket.
    #[serde(serialize_with = "as_text")]
    pub ticket: TicketId,
    /// Who has it, or whose it is, by address.
    pub assignee: String,
}

/// A vote of this person for a change of the administrators that ended before it decided, as all open ones do with each change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct EndedVote {
    /// Who would join or leave.
    pub address: String,
    /// Whether they would leave.
    pub removes: bool,
    /// Which change it was for.
    pub change: u64,
}

/// A person's tickets. The native ledger proves each record, but not that a node left none out; a contract's are the node's
/// word.
#[derive(Debug, Clone, PartialEq)]
pub struct Inbox {
    /// The person's role; whoever was given none is a customer.
    pub role: AssignableRole,
    /// Whether the account may act.
    pub is_active: bool,
    /// Written by this person, and not closed: what is unfinished first.
    pub own: Vec<Ticket>,
    /// Assigned to this person, and not over.
    pub assigned: Vec<Ticket>,
    /// Without an agent; of administrators only.
    pub open: Vec<Ticket>,
    /// With an agent, and not over; of administrators only.
    pub in_work: Vec<Ticket>,
    /// With somebody who cannot go on with it, and not over; of administrators only.
    pub stranded: Vec<Stranded>,
    /// Closed ones, the newest first: of customers their last ones, of staff where they were asked for, together with resolved ones.
    pub closed: Vec<Ticket>,
    /// Votes of other members that this person has not cast; of administrators only.
    pub votes: Vec<OpenVote>,
    /// Votes of this person that ended and can be cast anew, as far as this home remembers them; of administrators only.
    pub ended_votes: Vec<EndedVote>,
    /// Tickets whose assignee has to be let in anew; of administrators only.
    pub ended_grants: Vec<EndedGrant>,
    /// How many older tickets were not looked at; a contract lists only its newest.
    pub unseen: u64,
    /// How many more each list has.
    pub more: More,
    /// How many of this person's own tickets the ledger counts as not closed, by proof, that the node does not list.
    pub withheld: u64,
    /// What is shown of each of these tickets beside its record.
    pub about: BTreeMap<TicketId, About>,
}

/// How many tickets of each list were not asked for, as the node counts them: up to a thousand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct More {
    /// Of those that this person wrote.
    pub own: u64,
    /// Of those that are assigned to them.
    pub assigned: u64,
    /// Of those without an agent.
    pub open: u64,
    /// Of those with one.
    pub in_work: u64,
    /// Of those that are closed.
    pub closed: u64,
}

impl Inbox {
    /// An inbox with nothing in it.
    pub(crate) fn empty(role: AssignableRole, is_active: bool) -> Self {
        Self {
            role,
            is_active,
            own: Vec::new(),
            assigned: Vec::new(),
            open: Vec::new(),
            in_work: Vec::new(),
            stranded: Vec::new(),
            votes: Vec::new(),
            ended_votes: Vec::new(),
            ended_grants: Vec::new(),
            unseen: 0,
            more: More::default(),
            withheld: 0,
            closed: Vec::new(),
            about: BTreeMap::new(),
        }
    }

    /// Every ticket of every list.
    pub(crate) fn every_ticket(&self) -> impl Iterator<Item = &Ticket> {
        let stranded = self.stranded.iter().map(|stranded| &stranded.ticket);
        let lists = self.own.iter().chain(&self.assigned).chain(&self.open).chain(&self.in_work);
        lists.chain(stranded).chain(&self.closed)
    }

    /// Every unfinished ticket of it, and the resolved ones of one's own, once, in the order of the lists: open, stranded, assigned, in work, own.
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

impl Serialize for Inbox {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { role, is_active, own, assigned, open, in_work, stranded, votes, .. } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("role", role.name())?;
        map.serialize_entry("active", is_active)?;
        map.serialize_entry("tickets", &self.tickets())?;
        map.serialize_entry("own", own)?;
        map.serialize_entry("assigned", assigned)?;
        map.serialize_entry("open", open)?;
        map.serialize_entry("in_work", in_work)?;
        map.serialize_entry("stranded", stranded)?;
        map.serialize_entry("votes", votes)?;
        map.serialize_entry("ended_votes", &self.ended_votes)?;
        map.serialize_entry("ended_grants", &self.ended_grants)?;
        map.serialize_entry("more", &self.more)?;
        map.serialize_entry("withheld", &self.withheld)?;
        map.serialize_entry("closed", &self.closed)?;
        map.serialize_entry("about", &Abouts(&self.about))?;
        map.end()
    }
}

/// By the names of the tickets.
struct Abouts<'a>(&'a BTreeMap<TicketId, About>);

impl Serialize for Abouts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(id, about)| (id.to_string(), about)))
    }
}

fn as_text<S: Serializer>(ticket: &TicketId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(ticket)
}
