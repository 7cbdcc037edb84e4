//! The tickets that wait for someone.

use sealdesk_protocol::ids::TicketId;
use sealdesk_stacks::contract::{AnswerError, Question, Status, Ticket};
use sealdesk_stacks::limits::PAGE_IDS_MAX;
use sealdesk_stacks::principal::Principal;

use super::error::{Error, Result};
use super::net::Http;
use super::{Desk, ticket_id};

/// Tickets that are looked through for staff, the newest first: each is a question to the node.
const TICKETS_SEEN_MAX: u64 = 2_000;

/// What someone is on a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everyone who is nothing else.
    Customer,
    /// Answers what is assigned to him.
    Staff,
    /// Assigns, and reads everything.
    Administrator,
}

impl Role {
    /// As the native ledger calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Staff => "support_agent",
            Self::Administrator => "administrator",
        }
    }
}

/// Someone's tickets that are not closed. The node's word.
#[derive(Debug, Clone)]
pub struct Inbox {
    /// What he is.
    pub role: Role,
    /// Written by him.
    pub own: Vec<(TicketId, Ticket)>,
    /// Assigned to him.
    pub assigned: Vec<(TicketId, Ticket)>,
    /// Nobody has these yet; for administrators.
    pub open: Vec<(TicketId, Ticket)>,
    /// Assigned to anyone; for administrators.
    pub in_work: Vec<(TicketId, Ticket)>,
    /// How many older tickets were not looked at.
    pub unseen: u64,
}

impl<H: Http> Desk<H> {
    /// What someone is.
    ///
    /// # Errors
    /// What asking says.
    pub async fn role(&self, who: &Principal) -> Result<Role> {
        if self.is_administrator(who).await? {
            return Ok(Role::Administrator);
        }
        Ok(if self.is_staff(who).await? { Role::Staff } else { Role::Customer })
    }

    /// What waits for someone.
    ///
    /// # Errors
    /// What asking says.
    pub async fn inbox(&self, who: &Principal) -> Result<Inbox> {
        let role = self.role(who).await?;
        let own = self.tickets_of(who).await?.into_iter().filter(is_not_closed).collect();
        let mut inbox =
            Inbox { role, own, assigned: Vec::new(), open: Vec::new(), in_work: Vec::new(), unseen: 0 };
        if role == Role::Customer {
            return Ok(inbox);
        }
        let (tickets, unseen) = self.newest_tickets().await?;
        inbox.unseen = unseen;
        for (id, ticket) in tickets.into_iter().filter(is_not_closed) {
            match &ticket.assignee {
                Some(agent) if agent == who => inbox.assigned.push((id, ticket)),
                Some(_) if role == Role::Administrator => inbox.in_work.push((id, ticket)),
                None if role == Role::Administrator => inbox.open.push((id, ticket)),
                _ => {}
            }
        }
        Ok(inbox)
    }

    /// Every ticket that someone ever wrote, the oldest first.
    ///
    /// # Errors
    /// What asking says.
    pub async fn tickets_of(&self, owner: &Principal) -> Result<Vec<(TicketId, Ticket)>> {
        let mut tickets: Vec<(TicketId, Ticket)> = Vec::new();
        let mut offset = 0;
        loop {
            let ask = Question::TicketsByOwner { owner: owner.clone(), offset };
            let page = self.node().read(self.contract(), &ask).await?.page()?;
            let found = page.ids.len();
            for number in page.ids {
                let id = ticket_id(number)?;
                if tickets.last().is_some_and(|(last, _)| *last >= id) {
                    return Err(AnswerError::Unexpected { what: "ids", expected: "ascending" }.into());
                }
                tickets.push((id, self.ticket(id).await?));
            }
            offset += u64::try_from(found).unwrap_or(u64::MAX);
            if found < PAGE_IDS_MAX || offset >= page.total {
                return Ok(tickets);
            }
        }
    }

    /// The newest tickets, the oldest of them first, and how many older ones there are.
    ///
    /// # Errors
    /// What asking says.
    pub async fn newest_tickets(&self) -> Result<(Vec<(TicketId, Ticket)>, u64)> {
        let count = self.ticket_count().await?;
        let unseen = count.saturating_sub(TICKETS_SEEN_MAX);
        let mut tickets = Vec::new();
        for number in unseen + 1..=count {
            let id = ticket_id(number)?;
            match self.ticket(id).await {
                Ok(ticket) => tickets.push((id, ticket)),
                // A node behind a balancer may be one block behind the one that counted.
                Err(Error::NoSuchTicket(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok((tickets, unseen))
    }
}

fn is_not_closed((_, ticket): &(TicketId, Ticket)) -> bool {
    ticket.status != Status::Closed
}
