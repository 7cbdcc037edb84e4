//! What waits for a person, by role: of each list the most urgent first, and of those who wait equally urgently the longest waiting first.

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::limits::CIRCLE_VOTE_SECONDS_MAX;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::Status;
use sealdesk_protocol::wire::sealdesk::ledger::v1::MemberVote;

use crate::desk::Desk;
use crate::error::Result;
use crate::node::{QueueOf, TicketsBy, Transport};
use crate::queue::{List, Texts};
use crate::staff::InWork;
use crate::verify::Proven;
use crate::view::{Inbox, OpenVote};

/// Tickets of each list of an inbox, where nobody says how many.
pub const INBOX_TICKETS_DEFAULT: usize = 50;

impl<T: Transport> Desk<T> {
    /// What waits for a person. Nothing is opened, so the address is enough.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn inbox(&self, person: &Address) -> Result<Inbox> {
        self.inbox_up_to(person, INBOX_TICKETS_DEFAULT).await
    }

    /// As [`Desk::inbox`], at most so many tickets of each list.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn inbox_up_to(&self, person: &Address, most: usize) -> Result<Inbox> {
        let facts = self.records(vec![
            tree::member(person),
            tree::PARAMS.to_vec(),
            tree::ADMINISTRATORS.to_vec(),
            tree::CIRCLE_VOTES.to_vec(),
        ]);
        let facts = facts.await?;
        let member = facts.member(person)?;
        let role = member.role.unwrap_or(AssignableRole::Customer);
        let mut inbox = Inbox::empty(role, member.state == AccountState::Active);
        inbox.votes = self.open_votes_in(&facts, person).await?;
        inbox.ended_votes = self.ended_votes(person).await?;
        let is_administrator = role == AssignableRole::Administrator;
        let takes = role == AssignableRole::SupportAgent
            && facts.params()?.open_queue
            && self.is_believed_staff(person).await?;
        let mut lists = vec![
            List::Queue(QueueOf::Customer(person.clone()), Texts::Without),
            List::Newest(TicketsBy::Customer(person.clone(), Some(Status::Resolved))),
            // Also of whoever is not staff any more: what was assigned to them still is.
            List::Queue(QueueOf::Agent(person.clone()), Texts::Without),
        ];
        if is_administrator || takes {
            lists.push(List::Queue(QueueOf::Unassigned, Texts::Without));
        }
        if is_administrator {
            lists.push(List::Queue(QueueOf::Assigned, Texts::With));
        }
        let mut listed = self.read_lists(&lists, most, vec![tree::customer(person)]).await?;
        (inbox.own, inbox.more.own) = listed.take(0)?;
        let (resolved, more) = listed.take(1)?;
        inbox.own.extend(resolved);
        inbox.more.own = inbox.more.own.saturating_add(more);
        (inbox.assigned, inbox.more.assigned) = listed.take(2)?;
        (inbox.open, inbox.more.open) = listed.take(3)?;
        let counted = listed.facts.customer(person)?.open_tickets;
        inbox.withheld = self.withheld(person, counted, &inbox).await?;
        if is_administrator {
            let (tickets, more) = listed.take(4)?;
            let InWork { tickets, stranded, ended_grants, .. } =
                self.in_work_among(tickets, listed.given).await?;
            (inbox.in_work, inbox.stranded, inbox.ended_grants) = (tickets, stranded, ended_grants);
            inbox.more.in_work = more;
        }
        Ok(inbox)
    }

    /// How many of a customer's tickets the ledger counts as not closed that the node does not list. What changed between list and proof is
    /// looked at once more.
    async fn withheld(&self, person: &Address, counted: u32, inbox: &Inbox) -> Result<u64> {
        let lacks =
            |listed: usize| u64::from(counted).saturating_sub(u64::try_from(listed).unwrap_or(u64::MAX));
        if inbox.more.own > 0 || lacks(inbox.own.len()) == 0 {
            return Ok(0);
        }
        let lists = [
            List::Queue(QueueOf::Customer(person.clone()), Texts::Without),
            List::Newest(TicketsBy::Customer(person.clone(), Some(Status::Resolved))),
        ];
        let mut again = self.read_lists(&lists, INBOX_TICKETS_DEFAULT, Vec::new()).await?;
        let (unfinished, resolved) = (again.take(0)?, again.take(1)?);
        let is_whole = unfinished.1 == 0 && resolved.1 == 0;
        Ok(if is_whole { lacks(unfinished.0.len().saturating_add(resolved.0.len())) } else { 0 })
    }

    /// The open votes for changes of the administrators that a member has not cast, proven; none for whoever is not a member.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn open_votes(&self, person: &Address) -> Result<Vec<OpenVote>> {
        let facts = self.records(vec![tree::ADMINISTRATORS.to_vec(), tree::CIRCLE_VOTES.to_vec()]).await?;
        self.open_votes_in(&facts, person).await
    }

    async fn open_votes_in(&self, facts: &Proven, person: &Address) -> Result<Vec<OpenVote>> {
        let circle = self.circle_of(facts).await?;
        if !circle.contains(person) {
            return Ok(Vec::new());
        }
        let members = circle.members().len();
        // The ledger drops votes that have ended with the next one only.
        let is_open = |vote: &MemberVote| facts.time().saturating_sub(vote.made) <= CIRCLE_VOTE_SECONDS_MAX;
        let open = facts.circle_votes()?.proposals.into_iter().map(|open| OpenVote {
            address: open.address,
            removes: open.removes,
            voters: open.votes.into_iter().filter(is_open).map(|vote| vote.voter).collect(),
            members,
        });
        let asks = |open: &OpenVote| {
            !open.voters.is_empty() && !open.voters.iter().any(|voter| voter == person.as_str())
        };
        Ok(open.filter(asks).collect())
    }
}
