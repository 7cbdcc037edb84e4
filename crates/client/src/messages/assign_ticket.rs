//! `MsgAssignTicket`: an administrator gives a ticket to an agent, and with it everything said so far.

use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::wire::virtengine::support::v1::{MsgAssignTicket, TargetedGrant};

use super::grant_access::GrantsSent;
use crate::actor::{Actor, key_version};
use crate::compose::{self, Person, TxBuilder};
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::granter::Granter;
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
        self.assign_telling(actor, ticket, agent, &mut |_| {}).await
    }

    /// As [`Desk::assign`]; `progress` hears of each transaction once the ledger has taken it.
    ///
    /// # Errors
    /// As [`Desk::assign`]. Once `progress` has heard of anything, the ticket is assigned.
    pub async fn assign_telling(
        &self,
        actor: &Actor,
        ticket: TicketId,
        agent: &Address,
        progress: &mut (impl FnMut(GrantsSent) + ?Sized),
    ) -> Result<Assigned> {
        let sent = self.send_with(actor, Registering::IfNeeded, |builder| {
            self.fill_assignment(actor, ticket, agent, builder)
        });
        let (outcome, attempt) = sent.await?;
        let (mut later, total) = (Vec::new(), attempt.granted);
        let mut done = total.saturating_sub(attempt.later.iter().map(Vec::len).sum());
        progress(GrantsSent { done, total });
        for part in &attempt.later {
            later.push(self.send_grants(actor, ticket, part).await?);
            done += part.len();
            progress(GrantsSent { done, total });
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
        let person = self.fresh_person(agent).await?;
        let listed = self.keys(builder.sender()).await?;
        let own_version = key_version(builder.own(), &listed);
        let granting = Person::verified(self.chain(), builder.sender(), &listed);
        let granter = Granter {
            sender: builder.sender(),
            granting: &granting,
            own: builder.own(),
            own_version,
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
        for message in compose::grant_messages(builder.sender(), ticket, &first) {
            builder.push(&message);
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
