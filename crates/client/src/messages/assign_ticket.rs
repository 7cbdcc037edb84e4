//! `MsgAssignTicket`: an administrator gives a ticket to an agent, and with it everything said so far.

use sealdesk_protocol::ids::{Address, TicketId};

use super::grant_access::GrantsSent;
use super::passing_on::{Assigned, To};
use crate::actor::Actor;
use crate::desk::Desk;
use crate::error::Result;
use crate::node::Transport;

impl<T: Transport> Desk<T> {
    /// Assigns a ticket. The ticket and all its responses are wrapped for the agent in the same transaction, which is refused
    /// and made anew if a response slips in between. Where they do not fit into one transaction, the rest follows in others:
    /// the ledger takes a grant for an agent only once the ticket is theirs.
    ///
    /// # Errors
    /// [`crate::Error`]. An error between the first transaction and the last stands in [`Assigned::stopped`].
    pub async fn assign(&self, actor: &Actor, ticket: TicketId, agent: &Address) -> Result<Assigned> {
        self.assign_telling(actor, ticket, agent, &mut |_| {}).await
    }

    /// As [`Desk::assign`]; `progress` hears of each transaction once the ledger has taken it.
    ///
    /// # Errors
    /// As [`Desk::assign`]. Once `progress` has heard of anything, the ticket is assigned: `MsgAssignTicket` stands in the first one.
    pub async fn assign_telling(
        &self,
        actor: &Actor,
        ticket: TicketId,
        agent: &Address,
        progress: &mut (impl FnMut(GrantsSent) + ?Sized),
    ) -> Result<Assigned> {
        self.pass_on(actor, ticket, To::Agent(agent), progress).await
    }
}
