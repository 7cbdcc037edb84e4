//! `MsgAssignTicket`: an administrator gives a ticket to an agent, and with it everything said so far.

use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::wire::virtengine::support::v1::{MsgAssignTicket, TargetedGrant};

use super::grant_access::GrantsSent;
use crate::access::Access;
use crate::actor::{Actor, key_version};
use crate::compose::{self, Person, TxBuilder};
use crate::desk::{Desk, Registering};
use crate::error::{Error, Result};
use crate::granter::Granter;
use crate::node::Transport;
use crate::outcome::Outcome;
use crate::trust::Doubtful;

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
    /// Texts that name another place than where they stand, and that nobody said to grant: the agent lacks them.
    pub doubtful: Vec<Doubtful>,
    /// True where the agent has not registered a key: they can read nothing until they have, and access is granted then.
    pub agent_has_no_key: bool,
    /// What the agent can open afterwards, as the ledger proves it; `None` where it could not be asked.
    pub access: Option<Access>,
    /// What ended it after the ticket was assigned: `grant_access` goes on.
    pub stopped: Option<Error>,
}

/// What one attempt to compose made, kept for after the transaction.
struct Attempt {
    later: Vec<Vec<TargetedGrant>>,
    granted: usize,
    unopened: Vec<GrantTarget>,
    no_room: Vec<GrantTarget>,
    doubtful: Vec<Doubtful>,
    agent_has_no_key: bool,
}

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
        let mut stopped = None;
        for part in &attempt.later {
            match self.send_grants(actor, ticket, part).await {
                Ok(outcome) => later.push(outcome),
                Err(error) => {
                    stopped = Some(error);
                    break;
                }
            }
            done += part.len();
            progress(GrantsSent { done, total });
        }
        let Attempt { later: _, granted: _, unopened, no_room, doubtful, agent_has_no_key } = attempt;
        // What was taken stays taken, whether or not it can be looked at.
        let access = self.access(actor, ticket, agent).await.ok().map(|access| access.without(&doubtful));
        let granted = done;
        Ok(Assigned {
            outcome,
            later,
            granted,
            unopened,
            no_room,
            doubtful,
            agent_has_no_key,
            access,
            stopped,
        })
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
        let marks = self.marks(&records, &pairs).await?;
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
            assigns: true,
            members: &members,
            doubts: (&marks, self.doubts()),
        };
        let made = granter.grants(&records, &mut getrandom::SysRng)?;
        self.name_granted(&person, ticket, true);
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
            doubtful: made.doubtful,
            agent_has_no_key: person.active_keys().is_empty(),
        };
        Ok((builder, attempt))
    }
}
