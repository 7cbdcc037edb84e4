//! Who on the staff can act, and which tickets wait for somebody who cannot.
//!
//! The ledger takes no ticket away from an agent whose role is revoked, whose account is suspended or who has no key: it stays assigned.
//! So whoever lists tickets asks here who of the assignees can act, and why not.

use std::collections::BTreeMap;

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::in_order::InOrder as _;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;

use crate::desk::Desk;
use crate::error::Result;
use crate::node::{QueueOf, Transport};
use crate::queue::{List, Texts};
use crate::trust::Person;
use crate::verify::Member;
use crate::view::{EndedGrant, Idle, Stranded, Ticket};

/// Most unfinished tickets, the most urgent first, that are looked through as a whole.
pub const TICKETS_MAX: usize = 10_000;
/// Most people who have tickets that are looked at: the agents that a ledger has at most, and as many who were.
const HOLDERS_MAX: usize = 2_000;
/// Most tickets that are shown of one person who cannot go on with them.
const STRANDED_OF_ONE_MAX: usize = 1_000;

/// What an account can do on the staff.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Role and state.
    pub member: Member,
    /// Whether the circle of administrators holds them.
    pub in_circle: bool,
    /// Keys of theirs that are sealed to.
    pub active_keys: usize,
}

impl Standing {
    /// Why they cannot act on a ticket that is assigned to them, if they cannot.
    pub fn idle(&self) -> Option<Idle> {
        match self.member.state {
            AccountState::Terminated => Some(Idle::Terminated),
            AccountState::Suspended => Some(Idle::Suspended),
            AccountState::Active if !self.in_circle && !self.member.is_active_staff() => Some(Idle::NotStaff),
            AccountState::Active if self.active_keys == 0 => Some(Idle::NoKey),
            AccountState::Active => None,
        }
    }
}

/// The tickets that are in work, by whether somebody goes on with them.
#[derive(Debug, Clone, PartialEq)]
pub struct InWork {
    /// Those whose assignee can act.
    pub tickets: Vec<Ticket>,
    /// Those whose assignee cannot, with the reason.
    pub stranded: Vec<Stranded>,
    /// Of the first those whose assignee has to be let in anew.
    pub ended_grants: Vec<EndedGrant>,
    /// How many more are in work and were not looked at, as the node counts them: up to a thousand.
    pub more: u64,
}

impl<T: Transport> Desk<T> {
    /// What an account can do on the staff, proven.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn standing(&self, address: &Address) -> Result<Standing> {
        let mut facts = self.records(vec![tree::ADMINISTRATORS.to_vec(), tree::member(address)]).await?;
        let circle = self.circle_of(&facts).await?;
        let active_keys =
            self.people_shown(&mut facts, std::slice::from_ref(address)).await?.iter().map(count_keys).sum();
        Ok(Standing { member: facts.member(address)?, in_circle: circle.contains(address), active_keys })
    }

    /// How many tickets were ever numbered, proven.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn ticket_count(&self) -> Result<u64> {
        Ok(self.records(vec![tree::TICKET_COUNT.to_vec()]).await?.ticket_count()?)
    }

    /// Every ticket that is in work, up to [`TICKETS_MAX`].
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn in_work(&self) -> Result<InWork> {
        let all = [List::Queue(QueueOf::Assigned, Texts::With)];
        let mut listed = self.read_lists(&all, TICKETS_MAX, Vec::new()).await?;
        let (tickets, more) = listed.take(0)?;
        Ok(InWork { more, ..self.in_work_among(tickets, listed.given).await? })
    }

    /// Of these tickets in work those that somebody goes on with, and whose assignee has to be let in; and of all that are in work those whose
    /// assignee cannot go on.
    pub(crate) async fn in_work_among(
        &self,
        mut tickets: Vec<Ticket>,
        mut given: BTreeMap<TicketId, SupportTicket>,
    ) -> Result<InWork> {
        given.retain(|id, _| tickets.iter().any(|ticket| ticket.id == *id));
        let idle = self.idle_holders(&tickets).await?;
        let is_stranded = |ticket: &Ticket| ticket.assigned_to.as_ref().and_then(|agent| idle.get(agent));
        tickets.retain(|ticket| is_stranded(ticket).is_none());
        let mut stranded = Vec::new();
        if !idle.is_empty() {
            let agents = idle.keys().map(|agent| self.listed(agent)).collect::<Result<Vec<_>>>()?;
            let queues: Vec<List> =
                agents.into_iter().map(|agent| List::Queue(QueueOf::Agent(agent), Texts::Without)).collect();
            let mut listed = self.read_lists(&queues, STRANDED_OF_ONE_MAX, Vec::new()).await?;
            for place in 0..queues.len() {
                for ticket in listed.take(place)?.0 {
                    if let Some(why) = is_stranded(&ticket).copied() {
                        stranded.push(Stranded { ticket, why });
                    }
                }
            }
            // One of two who cannot go on may help the other.
            stranded.sort_by_key(|stranded| stranded.ticket.id);
            stranded.dedup_by_key(|stranded| stranded.ticket.id);
        }
        let ended_grants = self.ended_among(given).await?;
        Ok(InWork { tickets, stranded, ended_grants, more: 0 })
    }

    /// Those who have tickets and cannot go on with them. The node says who has any; what these people are is proven.
    async fn idle_holders(&self, tickets: &[Ticket]) -> Result<BTreeMap<String, Idle>> {
        let mut agents = self.node().ticket_holders(HOLDERS_MAX).await?.into_iter().into_set();
        agents.extend(tickets.iter().filter_map(|ticket| ticket.assigned_to.clone()));
        let agents = agents.iter().map(|agent| self.listed(agent)).collect::<Result<Vec<_>>>()?;
        if agents.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut keys: Vec<Vec<u8>> =
            agents.iter().flat_map(|agent| [tree::member(agent), tree::keys(agent)]).collect();
        keys.push(tree::ADMINISTRATORS.to_vec());
        let mut facts = self.records(keys).await?;
        let circle = self.circle_of(&facts).await?;
        let mut idle = BTreeMap::new();
        for person in self.people_shown(&mut facts, &agents).await? {
            let standing = Standing {
                member: facts.member(&person.address)?,
                in_circle: circle.contains(&person.address),
                active_keys: count_keys(&person),
            };
            if let Some(why) = standing.idle() {
                idle.insert(person.address.to_string(), why);
            }
        }
        Ok(idle)
    }
}

fn count_keys(person: &Person) -> usize {
    person.active_keys().len()
}
