//! `MsgGrantAccess`: lets a later reader open a ticket and its responses.

use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::{AssignableRole, GrantTarget};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::virtengine::support::v1::TargetedGrant;

use crate::actor::{Actor, key_version};
use crate::compose::{self, ComposeError, OwnKey, Person};
use crate::desk::{Desk, Registering};
use crate::error::{Error, Result};
use crate::granter::{Granter, Grants};
use crate::node::{TicketsBy, Transport};
use crate::outcome::Outcome;

/// Most tickets of a customer that granting everything goes through.
const OWN_TICKETS_MAX: usize = 1_000_000;

/// What granting did.
#[derive(Debug, Default)]
pub struct Granted {
    /// The transactions, in order; none where the reader had everything already.
    pub outcomes: Vec<Outcome>,
    /// How many messages of the ticket were opened to the reader.
    pub granted: usize,
    /// What the granter cannot open, so that it was left out.
    pub unopened: Vec<GrantTarget>,
    /// What has as many grants already as the ledger takes, so that it was left out.
    pub no_room: Vec<GrantTarget>,
}

/// How far the grants of one ticket have come, where one transaction does not hold them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantsSent {
    /// Grants that the ledger has taken.
    pub done: usize,
    /// Grants in all.
    pub total: usize,
}

/// How far granting everything has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Tickets gone through.
    pub done: usize,
    /// Tickets to go through.
    pub total: usize,
    /// The ticket just done; give its successor to `from` to go on after an interruption.
    pub ticket: TicketId,
    /// Messages of it that were opened to the reader.
    pub granted: usize,
}

/// What granting everything did.
#[derive(Debug, Default)]
pub struct GrantAllReport {
    /// Tickets of which something was granted.
    pub tickets: usize,
    /// Messages that were granted.
    pub granted: usize,
    /// Tickets of which something could not be opened by the granter.
    pub unopened: Vec<TicketId>,
    /// Tickets that the ledger refused, with its reason.
    pub refused: Vec<(TicketId, String)>,
    /// The last transaction; none where the reader had everything already.
    pub last: Option<Outcome>,
    /// How many of the transactions are the node's word alone: the ledger does not prove them.
    pub unproven: usize,
}

impl<T: Transport> Desk<T> {
    /// Opens a ticket and all its responses to a later reader: an active administrator, the assignee, the customer or the
    /// provider. What they can open already is left alone, so that this can be repeated.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn grant_access(&self, actor: &Actor, ticket: TicketId, reader: &Address) -> Result<Granted> {
        self.grant_access_telling(actor, ticket, reader, &mut |_| {}).await
    }

    /// As [`Desk::grant_access`]; `progress` hears of each transaction once the ledger has taken it.
    ///
    /// # Errors
    /// [`crate::Error`]; what `progress` heard of is granted all the same, and doing it again goes on.
    pub async fn grant_access_telling(
        &self,
        actor: &Actor,
        ticket: TicketId,
        reader: &Address,
        progress: &mut (impl FnMut(GrantsSent) + ?Sized),
    ) -> Result<Granted> {
        let person = self.person_with_key(reader).await?;
        let grants = self.grants_for(actor, ticket, &person).await?;
        let total = grants.grants.len();
        let mut report = Granted { unopened: grants.unopened, no_room: grants.no_room, ..Granted::default() };
        for part in compose::chunks(grants.grants).into_iter().filter(|part| !part.is_empty()) {
            report.outcomes.push(self.send_grants(actor, ticket, &part).await?);
            report.granted += part.len();
            progress(GrantsSent { done: report.granted, total });
        }
        Ok(report)
    }

    /// Opens every ticket that the sender can open to a new administrator, one after the other in the order of their ids,
    /// beginning with `from`. `progress` hears of each.
    ///
    /// # Errors
    /// [`crate::Error`]; what was granted until then stays, and doing it again goes on.
    pub async fn grant_all(
        &self,
        actor: &Actor,
        reader: &Address,
        from: Option<TicketId>,
        progress: &mut (impl FnMut(&Progress) + ?Sized),
    ) -> Result<GrantAllReport> {
        if !self.circle().await?.contains(reader) {
            return Err(ComposeError::NoAdministrator(reader.clone()).into());
        }
        self.person_with_key(reader).await?;
        let tickets = self.tickets_of_granter(actor, from).await?;
        let total = tickets.len();
        let mut report = GrantAllReport::default();
        for (place, ticket) in tickets.into_iter().enumerate() {
            let granted = match self.grant_access(actor, ticket, reader).await {
                Ok(granted) => granted,
                Err(Error::Refused(outcome)) => {
                    report.refused.push((ticket, outcome.log));
                    Granted::default()
                }
                Err(error) => return Err(error),
            };
            report.tickets += usize::from(granted.granted > 0);
            report.granted += granted.granted;
            report.unproven += granted.outcomes.iter().filter(|outcome| !outcome.proven).count();
            report.last = granted.outcomes.into_iter().next_back().or(report.last);
            if !granted.unopened.is_empty() {
                report.unopened.push(ticket);
            }
            progress(&Progress { done: place + 1, total, ticket, granted: granted.granted });
        }
        Ok(report)
    }

    /// An administrator's tickets are all that were ever numbered, by proof; a customer's are their own, as the node tells.
    async fn tickets_of_granter(&self, actor: &Actor, from: Option<TicketId>) -> Result<Vec<TicketId>> {
        let me = self.address_of(actor);
        let facts = self.records(vec![tree::member(&me), tree::TICKET_COUNT.to_vec()]).await?;
        let mut ids: Vec<TicketId> = if facts.member(&me)?.role == Some(AssignableRole::Administrator) {
            (1..=facts.ticket_count()?).filter_map(TicketId::new).collect()
        } else {
            let own = self.node().all_tickets(&TicketsBy::Customer(me, None), OWN_TICKETS_MAX).await?;
            own.iter().filter_map(|ticket| TicketId::parse(&ticket.ticket_id).ok()).collect()
        };
        ids.sort_unstable();
        ids.retain(|id| from.is_none_or(|from| *id >= from));
        Ok(ids)
    }

    /// What of a ticket the person lacks, wrapped for them.
    pub(super) async fn grants_for(
        &self,
        actor: &Actor,
        ticket: TicketId,
        reader: &Person,
    ) -> Result<Grants> {
        let sender = self.address_of(actor);
        let members = self.granting_members().await?;
        let listed = self.keys(&sender).await?;
        let own = OwnKey::find(actor, &listed)?;
        let granting = Person::verified(self.chain(), &sender, &listed);
        let (records, pairs) = self.records_for(actor, ticket).await?;
        let granter = Granter {
            sender: &sender,
            granting: &granting,
            own: own.pair(),
            own_version: key_version(own.pair(), &listed),
            pairs: &pairs,
            reader,
            is_assignee: reader.address.as_str() == records.ticket.assigned_to,
            members: &members,
        };
        Ok(granter.grants(&records, &mut getrandom::SysRng)?)
    }

    pub(super) async fn send_grants(
        &self,
        actor: &Actor,
        ticket: TicketId,
        grants: &[TargetedGrant],
    ) -> Result<Outcome> {
        self.send(actor, Registering::IfNeeded, |mut builder| async move {
            for message in compose::grant_messages(builder.sender(), ticket, grants) {
                builder.push(&message);
            }
            Ok(builder)
        })
        .await
    }
}
