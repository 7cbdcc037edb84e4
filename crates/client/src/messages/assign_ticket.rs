//! `MsgAssignTicket`: an administrator gives a ticket to an agent, and with it everything said so far.

use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::wire::virtengine::support::v1::{MsgAssignTicket, TargetedGrant};

use super::grant_access::message;
use crate::actor::Actor;
use crate::compose::{self, Person, TxBuilder};
use crate::desk::{Desk, Granter, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

/// What assigning did.
#[derive(Debug)]
pub struct Assigned {
    /// The transaction that assigned, and granted as much as it holds.
    pub outcome: Outcome,
    /// The transactions with the other grants, where one was not enough.
    pub later: Vec<Outcome>,
    /// How many messages of the ticket were opened to the agent.
    pub granted: usize,
    /// What the sender cannot open: the agent lacks it, too.
    pub unopened: Vec<GrantTarget>,
    /// What has as many grants already as the ledger takes: the agent lacks it, and is assigned all the same.
    pub no_room: Vec<GrantTarget>,
    /// True where the agent has not registered a key: they can read nothing until they have, and access is granted then.
    pub agent_has_no_key: bool,
}

/// What one attempt to compose made, kept for after the transaction.
struct Attempt {
    later: Vec<Vec<TargetedGrant>>,
    granted: usize,
    unopened: Vec<GrantTarget>,
    no_room: Vec<GrantTarget>,
    agent_has_no_key: bool,
}

impl<T: Transport> Desk<T> {
    /// Assigns a ticket. The ticket and all its responses are wrapped for the agent in the same transaction, which is refused
    /// and made anew if a response slips in between. Where they do not fit into one transaction, the rest follows in others:
    /// the ledger takes a grant for an agent only once the ticket is theirs.
    ///
    /// # Errors
    /// [`crate::Error`]. After an error between the first transaction and the last, `grant_access` goes on.
    pub async fn assign(&self, actor: &Actor, ticket: TicketId, agent: &Address) -> Result<Assigned> {
        let sent = self.send_with(actor, Registering::IfNeeded, |builder| {
            self.fill_assignment(actor, ticket, agent, builder)
        });
        let (outcome, attempt) = sent.await?;
        let mut later = Vec::new();
        for part in &attempt.later {
            later.push(self.send_grants(actor, ticket, part).await?);
        }
        let Attempt { granted, unopened, no_room, agent_has_no_key, .. } = attempt;
        Ok(Assigned { outcome, later, granted, unopened, no_room, agent_has_no_key })
    }

    async fn fill_assignment(
        &self,
        actor: &Actor,
        ticket: TicketId,
        agent: &Address,
        mut builder: TxBuilder,
    ) -> Result<(TxBuilder, Attempt)> {
        let members = self.granting_members().await?;
        let (records, pairs) = self.records_for(actor, ticket).await?;
        let person = Person::verified(self.chain(), agent, &self.keys(agent).await?);
        let granter = Granter {
            sender: builder.sender(),
            own: builder.own(),
            pairs: &pairs,
            reader: &person,
            is_assignee: true,
            members: &members,
        };
        let made = granter.grants(&records, &mut getrandom::SysRng)?;
        let granted = made.grants.len();
        let mut parts = compose::chunks(made.grants).into_iter();
        let first = parts.next().unwrap_or_default();
        let assignment = MsgAssignTicket {
            sender: builder.sender().to_string(),
            ticket_id: ticket.to_string(),
            assign_to: agent.to_string(),
            response_count: records.ticket.response_count,
            check_count: true,
        };
        builder.push(&assignment);
        if !first.is_empty() {
            let grants = message(builder.sender(), ticket, first);
            builder.push(&grants);
        }
        let attempt = Attempt {
            later: parts.collect(),
            granted,
            unopened: made.unopened,
            no_room: made.no_room,
            agent_has_no_key: person.active_keys().is_empty(),
        };
        Ok((builder, attempt))
    }
}
