//! What waits for a person, by role: what is back after somebody put it aside first, then the most urgent, then the oldest.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::limits::CIRCLE_VOTE_SECONDS_MAX;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::Status;
use sealdesk_protocol::wire::sealdesk::ledger::v1::MemberVote;
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;

use crate::desk::{Desk, head};
use crate::error::Result;
use crate::node::{TicketsBy, Transport};
use crate::staff::InWork;
use crate::verify::VerifyError;
use crate::view::{Inbox, OpenVote, Ticket};
use crate::working::workers;

/// Most tickets of one list of an inbox.
const INBOX_TICKETS_MAX: usize = 1_000;

impl<T: Transport> Desk<T> {
    /// What waits for a person. Nothing is opened, so the address is enough.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn inbox(&self, person: &Address) -> Result<Inbox> {
        let member = self.member(person).await?;
        let role = member.role.unwrap_or(AssignableRole::Customer);
        let mut inbox = Inbox::empty(role, member.state == AccountState::Active);
        inbox.votes = self.open_votes(person).await?;
        inbox.ended_votes = self.ended_votes(person).await?;
        inbox.own = self.listed_tickets(&[TicketsBy::Customer(person.clone(), None)]).await?.0;
        inbox.own.retain(|ticket| ticket.status != Status::Closed);
        // Also of whoever is not staff any more: what was assigned to them still is.
        inbox.assigned = self.unfinished_of(person).await?;
        if role == AssignableRole::Administrator {
            inbox.open = self.listed_tickets(&[TicketsBy::Open(None)]).await?.0;
            let InWork { tickets, stranded, ended_grants } = self.in_work().await?;
            (inbox.in_work, inbox.stranded, inbox.ended_grants) = (tickets, stranded, ended_grants);
        }
        // What they can take, and is sealed for them.
        if role == AssignableRole::SupportAgent
            && self.params().await?.open_queue
            && self.is_believed_staff(person).await?
        {
            inbox.open = self.listed_tickets(&[TicketsBy::Open(None)]).await?.0;
        }
        Ok(inbox)
    }

    /// The open votes for changes of the administrators that a member has not cast, proven; none for whoever is not a member.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn open_votes(&self, person: &Address) -> Result<Vec<OpenVote>> {
        let facts = self.records(vec![tree::ADMINISTRATORS.to_vec(), tree::CIRCLE_VOTES.to_vec()]).await?;
        let circle = self.circle_of(&facts).await?;
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

    /// The tickets of lists that the node tells, each record read again by proof. What a list names and the ledger does not
    /// prove to be on it is left out, and nothing is told twice. Beside them, what the node gave of each.
    pub(crate) async fn listed_tickets(
        &self,
        lists: &[TicketsBy],
    ) -> Result<(Vec<Ticket>, BTreeMap<TicketId, SupportTicket>)> {
        let mut given = BTreeMap::new();
        for list in lists {
            for ticket in self.node().all_tickets(list, INBOX_TICKETS_MAX).await? {
                let id = TicketId::parse(&ticket.ticket_id);
                let id = id.map_err(|_| VerifyError::Differs("list of tickets".to_owned()))?;
                given.insert(id, ticket);
            }
        }
        if given.is_empty() {
            return Ok((Vec::new(), given));
        }
        let mut facts = self.records(given.keys().map(|id| tree::ticket(*id)).collect()).await?;
        // A list is of the newest state, of which no header may be there yet: what is new in it shows with the next one.
        let is_new = |id: &&TicketId| facts.ticket(**id).is_ok_and(|found| found.is_none());
        let new: Vec<Vec<u8>> = given.keys().filter(is_new).map(|id| tree::ticket(*id)).collect();
        if !new.is_empty() {
            facts.extend(self.records_since(facts.height().saturating_add(1), new).await?);
        }
        let mut tickets = given.keys().map(|id| head(&facts, *id)).collect::<Result<Vec<_>>>()?;
        tickets.retain(|ticket| lists.iter().any(|list| is_on(ticket, list)));
        let now = facts.time();
        tickets.sort_by_key(|ticket| (place(ticket, now), Reverse(ticket.priority), ticket.created_at));
        let tickets = tickets.into_iter().map(Ticket::try_from).collect::<std::result::Result<_, _>>()?;
        Ok((tickets, given))
    }
}

/// Where in an inbox a ticket stands: one that is back after somebody put it aside first, one that still is aside last.
fn place(ticket: &SupportTicket, now: i64) -> u8 {
    match ticket.snoozed_until {
        0 => 1,
        until if until <= now => 0,
        _ => 2,
    }
}

/// Whether a proven record stands on a list.
fn is_on(ticket: &SupportTicket, list: &TicketsBy) -> bool {
    let is = |address: &Address, field: &str| address.as_str() == field;
    let stands = |status: &Option<Status>| status.is_none_or(|status| ticket.status == status.to_wire());
    match list {
        TicketsBy::Customer(who, status) => is(who, &ticket.customer_address) && stands(status),
        TicketsBy::Provider(who, status) => is(who, &ticket.provider_address) && stands(status),
        TicketsBy::Agent(who, status) => {
            workers(ticket).into_iter().any(|works| is(who, works)) && stands(status)
        }
        TicketsBy::Status(status) => stands(&Some(*status)),
        TicketsBy::Open(priority) => {
            let fits = priority.is_none_or(|priority| ticket.priority == priority.to_wire());
            stands(&Some(Status::Open)) && fits
        }
    }
}

#[cfg(test)]
mod tests {
    use sealdesk_protocol::ids::Prefix;
    use sealdesk_protocol::ticket::Priority;

    use super::*;

    #[test]
    fn a_ticket_that_is_back_stands_first_and_one_put_aside_last() {
        let until = |snoozed_until| SupportTicket { snoozed_until, ..SupportTicket::default() };
        let mut tickets = [until(11), until(0), until(10)];
        tickets.sort_by_key(|ticket| place(ticket, 10));
        assert_eq!(tickets.map(|ticket| ticket.snoozed_until), [10, 0, 11]);
    }

    #[test]
    fn a_ticket_that_a_node_smuggles_into_a_list_is_not_on_it() {
        let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
        let [mine, other] = [[2; 33], [3; 33]].map(|key| Address::of_public_key(&prefix, &key));
        let ticket = SupportTicket {
            customer_address: mine.to_string(),
            provider_address: mine.to_string(),
            assigned_to: mine.to_string(),
            status: Status::Open.to_wire(),
            priority: Priority::High.to_wire(),
            ..SupportTicket::default()
        };
        for by in [TicketsBy::Customer, TicketsBy::Provider, TicketsBy::Agent] {
            for status in [None, Some(Status::Open)] {
                assert!(is_on(&ticket, &by(mine.clone(), status)));
                assert!(!is_on(&ticket, &by(other.clone(), status)));
            }
            assert!(!is_on(&ticket, &by(mine.clone(), Some(Status::Closed))));
        }
        assert!(is_on(&ticket, &TicketsBy::Status(Status::Open)));
        assert!(!is_on(&ticket, &TicketsBy::Status(Status::Resolved)));
        assert!(
            is_on(&ticket, &TicketsBy::Open(None)) && is_on(&ticket, &TicketsBy::Open(Some(Priority::High)))
        );
        assert!(!is_on(&ticket, &TicketsBy::Open(Some(Priority::Low))));
        let assigned = SupportTicket { status: Status::Assigned.to_wire(), ..ticket };
        assert!(!is_on(&assigned, &TicketsBy::Open(None)));
    }
}
