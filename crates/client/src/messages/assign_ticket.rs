//! `MsgAssignTicket`: an administrator gives a ticket to an agent and those who help, and with it everything said so far; or an agent takes
//! one that nobody has.

use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::wire::virtengine::support::v1::MsgAssignTicket;

use super::grant_access::GrantsSent;
use super::passing_on::{Assigned, To};
use crate::actor::Actor;
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

/// To whom a ticket is assigned.
#[derive(Debug, Clone, Copy)]
pub struct NewAssignees<'a> {
    /// The agent or administrator who gets it.
    pub agent: &'a Address,
    /// Up to four agents who work on it beside them.
    pub collaborators: &'a [Address],
}

impl<T: Transport> Desk<T> {
    /// Assigns a ticket. The ticket and all its responses are wrapped for the agent in the same transaction, which is refused
    /// and made anew if a response slips in between. Where they do not fit into one transaction, the rest follows in others:
    /// the ledger takes a grant for an agent only once the ticket is theirs.
    ///
    /// # Errors
    /// [`crate::Error`]. An error between the first transaction and the last stands in [`Assigned::stopped`].
    pub async fn assign(&self, actor: &Actor, ticket: TicketId, agent: &Address) -> Result<Assigned> {
        let to = NewAssignees { agent, collaborators: &[] };
        self.assign_telling(actor, ticket, to, &mut |_| {}).await
    }

    /// As [`Desk::assign`], to an agent and up to four others who work on it beside them; whoever is not named is none of these any more.
    /// `progress` hears of each transaction once the ledger has taken it.
    ///
    /// # Errors
    /// As [`Desk::assign`]. Once `progress` has heard of anything, the ticket is assigned: `MsgAssignTicket` stands in the first one.
    pub async fn assign_telling(
        &self,
        actor: &Actor,
        ticket: TicketId,
        to: NewAssignees<'_>,
        progress: &mut (impl FnMut(GrantsSent) + ?Sized),
    ) -> Result<Assigned> {
        self.pass_on(actor, ticket, To::Agent(to.agent, to.collaborators), progress).await
    }

    /// Takes a ticket that nobody has, for the agent who acts: where the queue is open, and a member of the circle appointed them.
    /// Nothing is granted: what was written while the queue was open is sealed for them.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn take(&self, actor: &Actor, ticket: TicketId) -> Result<Outcome> {
        self.send_plain(actor.into(), Registering::IfNeeded, &|builder| {
            builder.push(&MsgAssignTicket {
                sender: builder.sender().to_string(),
                ticket_id: ticket.to_string(),
                assign_to: builder.sender().to_string(),
                ..MsgAssignTicket::default()
            })
        })
        .await
    }
}
