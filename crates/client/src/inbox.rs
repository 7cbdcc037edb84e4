//! What waits for a person, by role: the most urgent first, then the oldest.

use std::cmp::Reverse;

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::Status;
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;

use crate::desk::{Desk, head};
use crate::error::Result;
use crate::node::{TicketsBy, Transport};
use crate::verify::VerifyError;

/// Most tickets of one list of an inbox.
pub const INBOX_TICKETS_MAX: usize = 1_000;

/// A person's tickets. Every record is proven; that a node left none out is not, since lists have no proof.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inbox {
    /// The role given, if any.
    pub role: Option<AssignableRole>,
    /// Whether the account may act.
    pub is_active: bool,
    /// Written by this person, and not closed.
    pub own: Vec<SupportTicket>,
    /// Assigned to this person, and not resolved or closed.
    pub assigned: Vec<SupportTicket>,
    /// Without an agent; of administrators only.
    pub open: Vec<SupportTicket>,
    /// With an agent, and not resolved or closed; of administrators only.
    pub in_work: Vec<SupportTicket>,
}

impl<T: Transport> Desk<T> {
    /// What waits for a person. Nothing is opened, so the address is enough.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn inbox(&self, person: &Address) -> Result<Inbox> {
        let member = self.member(person).await?;
        let mut inbox = Inbox {
            role: member.role,
            is_active: member.state == AccountState::Active,
            own: self.listed_tickets(&[TicketsBy::Customer(person.clone(), None)]).await?,
            ..Inbox::default()
        };
        inbox.own.retain(|ticket| ticket.status != Status::Closed.to_wire());
        if matches!(member.role, Some(AssignableRole::SupportAgent | AssignableRole::Administrator)) {
            inbox.assigned = self.listed_tickets(&[TicketsBy::Agent(person.clone(), None)]).await?;
            inbox.assigned.retain(is_unfinished);
        }
        if member.role == Some(AssignableRole::Administrator) {
            inbox.open = self.listed_tickets(&[TicketsBy::Open(None)]).await?;
            let statuses = [Status::Assigned, Status::InProgress, Status::PendingCustomer];
            inbox.in_work = self.listed_tickets(&statuses.map(TicketsBy::Status)).await?;
        }
        Ok(inbox)
    }

    /// The tickets of lists that the node tells, each record read again by proof.
    pub(crate) async fn listed_tickets(&self, lists: &[TicketsBy]) -> Result<Vec<SupportTicket>> {
        let mut ids = Vec::new();
        for list in lists {
            for ticket in self.node().all_tickets(list, INBOX_TICKETS_MAX).await? {
                let id = TicketId::parse(&ticket.ticket_id);
                ids.push(id.map_err(|_| VerifyError::Differs("list of tickets".to_owned()))?);
            }
        }
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let facts = self.records(ids.iter().map(|id| tree::ticket(*id)).collect()).await?;
        let mut tickets = ids.into_iter().map(|id| head(&facts, id)).collect::<Result<Vec<_>>>()?;
        tickets.sort_by_key(|ticket| (Reverse(ticket.priority), ticket.created_at));
        Ok(tickets)
    }
}

fn is_unfinished(ticket: &SupportTicket) -> bool {
    ![Status::Resolved, Status::Closed].iter().any(|status| ticket.status == status.to_wire())
}
