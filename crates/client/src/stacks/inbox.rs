//! The tickets that wait for someone.

use std::cmp::Reverse;

use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::ticket::Status;
use sealdesk_stacks::contract::{AnswerError, Question};
use sealdesk_stacks::limits::PAGE_IDS_MAX;
use sealdesk_stacks::principal::Principal;

use super::error::{Error, Result};
use super::net::Http;
use super::{Desk, ticket_id};
use crate::inbox::InboxAsk;
use crate::node::TicketsBy;
use crate::view::{About, Inbox, More, Ticket};

/// Tickets that are looked through for staff, the newest first: each is a question to the node.
const TICKETS_SEEN_MAX: u64 = 2_000;

impl<H: Http> Desk<H> {
    /// What someone is.
    ///
    /// # Errors
    /// What asking says.
    pub async fn role(&self, who: &Principal) -> Result<AssignableRole> {
        if self.is_administrator(who).await? {
            return Ok(AssignableRole::Administrator);
        }
        Ok(if self.is_staff(who).await? { AssignableRole::SupportAgent } else { AssignableRole::Customer })
    }

    /// What waits for someone: of each list the most urgent first, and of those who wait equally urgently the oldest. A contract keeps no
    /// subjects, and no word of who spoke last.
    ///
    /// # Errors
    /// What asking says.
    pub async fn inbox(&self, who: &Principal, ask: &InboxAsk) -> Result<Inbox> {
        let role = self.role(who).await?;
        let mut inbox = Inbox::empty(role, true);
        let fits = |ticket: &Ticket| ask.filter.fits(ticket) && ask.filter.finds(ticket, None);
        let own = self.tickets_of(who).await?.into_iter().filter(fits);
        (inbox.own, inbox.closed) = own.partition(is_not_closed);
        if role != AssignableRole::Customer {
            let (tickets, unseen) = self.newest_tickets().await?;
            inbox.unseen = unseen;
            let (me, assigns) = (Some(who.to_string()), role == AssignableRole::Administrator && !ask.mine);
            for ticket in tickets.into_iter().filter(|ticket| is_not_closed(ticket) && fits(ticket)) {
                if ticket.assigned_to == me {
                    inbox.assigned.push(ticket.clone());
                }
                match ticket.assigned_to {
                    Some(_) if assigns => inbox.in_work.push(ticket),
                    None if assigns => inbox.open.push(ticket),
                    _ => {}
                }
            }
        }
        inbox.more = More {
            own: cut(&mut inbox.own, ask.most),
            assigned: cut(&mut inbox.assigned, ask.most),
            open: cut(&mut inbox.open, ask.most),
            in_work: cut(&mut inbox.in_work, ask.most),
            closed: cut(&mut inbox.closed, ask.most),
        };
        let about =
            |ticket: &Ticket| (ticket.id, About { waits_since: Some(ticket.updated_at), ..About::unknown() });
        inbox.about = inbox.every_ticket().map(about).collect();
        Ok(inbox)
    }

    /// The tickets of a list, the oldest first, and how many older ones were not looked at. A contract knows no providers, so
    /// that a list by one is empty.
    ///
    /// # Errors
    /// What asking says.
    pub async fn tickets(&self, by: &TicketsBy<Principal>) -> Result<(Vec<Ticket>, u64)> {
        let (mut tickets, unseen) = match by {
            TicketsBy::Customer(owner, _) => (self.tickets_of(owner).await?, 0),
            _ => self.newest_tickets().await?,
        };
        tickets.retain(|ticket| is_on(ticket, by));
        Ok((tickets, unseen))
    }

    /// Every ticket that someone ever wrote, the oldest first.
    ///
    /// # Errors
    /// What asking says.
    pub async fn tickets_of(&self, owner: &Principal) -> Result<Vec<Ticket>> {
        let mut tickets: Vec<Ticket> = Vec::new();
        let mut offset = 0;
        loop {
            let ask = Question::TicketsByOwner { owner: owner.clone(), offset };
            let page = self.node().read(self.contract(), &ask).await?.page()?;
            let found = page.ids.len();
            for number in page.ids {
                let id = ticket_id(number)?;
                if tickets.last().is_some_and(|last| last.id >= id) {
                    return Err(AnswerError::Unexpected { what: "ids", expected: "ascending" }.into());
                }
                tickets.push(self.ticket_view(id).await?);
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
    async fn newest_tickets(&self) -> Result<(Vec<Ticket>, u64)> {
        let count = self.ticket_count().await?;
        let unseen = count.saturating_sub(TICKETS_SEEN_MAX);
        let mut tickets = Vec::new();
        for number in unseen + 1..=count {
            let id = ticket_id(number)?;
            match self.ticket_view(id).await {
                Ok(ticket) => tickets.push(ticket),
                // A node behind a balancer may be one block behind the one that counted.
                Err(Error::NoSuchTicket(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok((tickets, unseen))
    }
}

/// Leaves the first so many by their place in a queue, and says how many others there were.
fn cut(tickets: &mut Vec<Ticket>, most: usize) -> u64 {
    let turn = |ticket: &Ticket| match ticket.status {
        Status::Open | Status::Assigned | Status::InProgress => 1,
        Status::PendingCustomer => 2,
        Status::Resolved | Status::Closed => 3,
    };
    tickets.sort_by_key(|ticket| (turn(ticket), Reverse(ticket.priority), ticket.id));
    let more = tickets.len().saturating_sub(most);
    tickets.truncate(most);
    u64::try_from(more).unwrap_or(u64::MAX)
}

fn is_not_closed(ticket: &Ticket) -> bool {
    ticket.status != Status::Closed
}

fn is_on(ticket: &Ticket, list: &TicketsBy<Principal>) -> bool {
    let stands = |status: &Option<Status>| status.is_none_or(|status| ticket.status == status);
    match list {
        TicketsBy::Customer(_, status) => stands(status),
        TicketsBy::Agent(agent, status) => {
            ticket.assigned_to.as_deref() == Some(&*agent.to_string()) && stands(status)
        }
        TicketsBy::Provider(..) => false,
        TicketsBy::Status(status) => ticket.status == *status,
        TicketsBy::Open(priority) => {
            let is_free = ticket.status == Status::Open && ticket.assigned_to.is_none();
            is_free && priority.is_none_or(|priority| ticket.priority == priority)
        }
    }
}
