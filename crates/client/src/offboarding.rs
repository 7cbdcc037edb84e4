//! What somebody on the staff holds: what waits for nobody, or ends, once they leave.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::limits::CIRCLE_VOTE_SECONDS_MAX;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::Status;
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;

use crate::assigned_readers::workers;
use crate::desk::{Desk, head};
use crate::error::Result;
use crate::node::{TicketsBy, Transport};
use crate::staff::Standing;
use crate::verify::{Proven, VerifyError};
use crate::view::{Ticket, Time};

/// Most tickets of each status that one account is asked for.
const TICKETS_OF_ONE_MAX: usize = 100_000;
/// In which states somebody has a ticket.
pub(crate) const IN_WORK: [Status; 3] = [Status::Assigned, Status::InProgress, Status::PendingCustomer];

/// What somebody on the staff holds, each part proven; which tickets and agents there are, the node lists.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// Role, state and keys.
    pub standing: Standing,
    /// Tickets in work that are assigned to them, the most urgent first.
    pub assigned: Vec<Ticket>,
    /// Of these, the ones that somebody put aside and that are not back yet.
    pub snoozed: Vec<TicketId>,
    /// Tickets in work of others with which they help.
    pub helps: Vec<TicketId>,
    /// Resolved tickets of theirs: an answer of the customer brings such a ticket back to them.
    pub resolved: Vec<TicketId>,
    /// Whether nobody else is an administrator.
    pub is_last_administrator: bool,
    /// Their votes for changes of the administrators that are not decided: these end.
    pub votes: Vec<CastVote>,
    /// Active agents whom they appointed, as a member of the circle: these appointments count no more once they leave it, and those of
    /// whoever has left it already count no more.
    pub appointed: Vec<Address>,
}

/// A member's vote that is not decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CastVote {
    /// Whom the vote is about.
    pub address: String,
    /// Whether they shall leave.
    pub removes: bool,
}

impl Held {
    /// The tickets in work of one state.
    pub fn in_state(&self, status: Status) -> impl Iterator<Item = TicketId> + '_ {
        self.assigned.iter().filter(move |ticket| ticket.status == status).map(|ticket| ticket.id)
    }
}

impl<T: Transport> Desk<T> {
    /// The tickets in work that an account has, or helps with, the most urgent first. The node lists them, each is proven. Finished ones are
    /// not asked for: however many there are of these, none in work is missing.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn in_work_of(&self, agent: &Address) -> Result<Vec<Ticket>> {
        self.tickets_of(agent, &IN_WORK).await
    }

    /// The tickets of these states that an account has, or helps with, the most urgent first.
    async fn tickets_of(&self, agent: &Address, states: &[Status]) -> Result<Vec<Ticket>> {
        let list = |status: Status| TicketsBy::Agent(agent.clone(), Some(status));
        let mut tickets = self.in_states(&list, states).await?;
        // What the ledger does not prove to be theirs is left out.
        tickets.retain(|ticket| workers(ticket).contains(&agent.as_str()));
        tickets.sort_by_key(|ticket| (Reverse(ticket.priority), ticket.created_at));
        Ok(tickets.into_iter().map(Ticket::try_from).collect::<std::result::Result<_, _>>()?)
    }

    /// The tickets of a list that are in one of these states, each proven, ascending by number.
    pub(crate) async fn in_states(
        &self,
        list: &impl Fn(Status) -> TicketsBy,
        states: &[Status],
    ) -> Result<Vec<SupportTicket>> {
        let mut ids = BTreeSet::new();
        for status in states {
            for ticket in self.node().all_tickets(&list(*status), TICKETS_OF_ONE_MAX).await? {
                let id = TicketId::parse(&ticket.ticket_id);
                ids.insert(id.map_err(|_| VerifyError::Differs("list of tickets".to_owned()))?);
            }
        }
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut facts = self.records(ids.iter().map(|id| tree::ticket(*id)).collect()).await?;
        // A list is of the newest state, of which no header may be there yet: what is new in it shows with the next one.
        let is_new = |id: &&TicketId| facts.ticket(**id).is_ok_and(|found| found.is_none());
        let new: Vec<Vec<u8>> = ids.iter().filter(is_new).map(|id| tree::ticket(*id)).collect();
        if !new.is_empty() {
            facts.extend(self.records_since(facts.height().saturating_add(1), new).await?);
        }
        let mut tickets = ids.iter().map(|id| head(&facts, *id)).collect::<Result<Vec<_>>>()?;
        tickets.retain(|ticket| states.iter().any(|status| ticket.status == status.to_wire()));
        Ok(tickets)
    }

    /// What somebody holds. Nothing is opened; their tickets do not count as used.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn held(&self, address: &Address) -> Result<Held> {
        let standing = self.standing(address).await?;
        let is_theirs = |ticket: &Ticket| ticket.assigned_to.as_deref() == Some(address.as_str());
        let (assigned, helps): (Vec<Ticket>, Vec<Ticket>) =
            self.in_work_of(address).await?.into_iter().partition(is_theirs);
        let mut resolved = self.tickets_of(address, &[Status::Resolved]).await?;
        resolved.retain(is_theirs);
        let now = Time::Unix(self.now_millis() / 1_000);
        let is_aside = |ticket: &&Ticket| ticket.snoozed_until.is_some_and(|until| until > now);
        let snoozed = assigned.iter().filter(is_aside).map(|ticket| ticket.id).collect();
        let mut held = Held {
            standing,
            snoozed,
            assigned,
            helps: helps.iter().map(|ticket| ticket.id).collect(),
            resolved: resolved.iter().map(|ticket| ticket.id).collect(),
            is_last_administrator: false,
            votes: Vec::new(),
            appointed: Vec::new(),
        };
        self.add_held_as_member(address, &mut held).await?;
        Ok(held)
    }

    /// What a member of the circle holds beside tickets; of one who has left it, the appointments that nobody has made again.
    async fn add_held_as_member(&self, address: &Address, held: &mut Held) -> Result<()> {
        let mut facts =
            self.records(vec![tree::ADMINISTRATORS.to_vec(), tree::CIRCLE_VOTES.to_vec()]).await?;
        let circle = self.circle_of(&facts).await?;
        held.is_last_administrator = circle.members().len() == 1 && circle.contains(address);
        held.votes = cast_by(address, &facts)?;
        let (counted, not_counted) = self.believed_agents(&circle, &mut facts).await?;
        for agent in counted.into_iter().chain(not_counted) {
            if facts.member(&agent)?.assigned_by == address.as_str() {
                held.appointed.push(agent);
            }
        }
        Ok(())
    }
}

/// The votes of a member that are open still.
fn cast_by(address: &Address, facts: &Proven) -> Result<Vec<CastVote>> {
    let open = facts.circle_votes()?.proposals.into_iter().filter(|open| {
        // The ledger drops votes that have ended with the next one only.
        open.votes.iter().any(|vote| {
            let is_open = facts.time().saturating_sub(vote.made) <= CIRCLE_VOTE_SECONDS_MAX;
            is_open && vote.voter == address.as_str()
        })
    });
    Ok(open.map(|open| CastVote { address: open.address, removes: open.removes }).collect())
}
