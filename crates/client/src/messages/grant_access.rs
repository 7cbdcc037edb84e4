//! `MsgGrantAccess`: lets a later reader open a ticket and its responses.

use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::virtengine::support::v1::TargetedGrant;

use crate::access::{Access, AccessTotal, LetIn};
use crate::actor::Actor;
use crate::compose::{self, ComposeError};
use crate::desk::{Desk, Registering, head};
use crate::error::{Error, Result};
use crate::granter::Grants;
use crate::node::{TicketsBy, Transport};
use crate::outcome::Outcome;
use crate::trust::{Doubtful, Person};

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
    /// What the reader can open afterwards, as the ledger proves it; `None` where it could not be asked.
    pub access: Option<Access>,
    /// What ended it after some transactions were taken: doing it again goes on.
    pub stopped: Option<Error>,
    /// Texts that name another place than where they stand, and that nobody said to grant: they were left out.
    pub doubtful: Vec<Doubtful>,
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
    /// Texts that name another place than where they stand, and that nobody said to grant: they were left out.
    pub doubtful: Vec<Doubtful>,
    /// The last transaction; none where the reader had everything already.
    pub last: Option<Outcome>,
    /// How many of the transactions are the node's word alone: the ledger does not prove them.
    pub unproven: usize,
    /// Tickets of which something has as many grants already as the ledger takes.
    pub no_room: Vec<TicketId>,
    /// What the reader can open of all tickets gone through, as the ledger proves it.
    pub access: AccessTotal,
    /// Whether only the sender's own tickets were gone through, as the node lists them: they are not an administrator.
    pub only_own: bool,
    /// Where an error ended it after something was granted or refused: doing it again from this ticket on goes on.
    pub stopped: Option<(TicketId, Error)>,
}

/// Where grants are sent to.
#[derive(Clone, Copy)]
pub(super) struct Granting<'a> {
    pub(super) ticket: TicketId,
    /// The agent whose record the ledger has to look at.
    pub(super) agent: Option<&'a Address>,
    /// Whom they let in, and whether by grants alone; `None` where they were named before.
    pub(super) named: Option<(&'a Person, bool)>,
}

/// What is opened to whom, one ticket after the other.
pub(crate) struct Opening<'a> {
    pub(crate) reader: &'a Address,
    pub(crate) tickets: Vec<TicketId>,
    /// Whether these are only the sender's own: they are not an administrator.
    pub(crate) only_own: bool,
}

impl GrantAllReport {
    /// Takes in what granting one ticket did.
    fn add(&mut self, ticket: TicketId, granted: Granted) {
        let Granted { outcomes, granted, unopened, no_room, doubtful, access, stopped } = granted;
        self.tickets += usize::from(granted > 0);
        self.granted += granted;
        self.unproven += outcomes.iter().filter(|outcome| !outcome.proven).count();
        self.last = outcomes.into_iter().next_back().or(self.last.take());
        self.unopened.extend((!unopened.is_empty()).then_some(ticket));
        self.no_room.extend((!no_room.is_empty()).then_some(ticket));
        self.doubtful.extend(doubtful);
        self.access.add(ticket, access);
        self.stopped = stopped.map(|error| (ticket, error));
    }
}

impl<T: Transport> Desk<T> {
    /// Opens a ticket and all its responses to a later reader: an active administrator or agent, the customer or the provider. What they can open already is left alone, so that this can be repeated.
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
        let person = self.person_let_in(actor, reader).await?;
        let (LetIn { grants, by_grant }, before) = self.grants_for(actor, ticket, &person).await?;
        let Grants { grants, unopened, no_room, doubtful, names_agent } = grants;
        let total = grants.len();
        let mut report = Granted { unopened, no_room, doubtful, ..Granted::default() };
        for part in compose::chunks(grants).into_iter().filter(|part| !part.is_empty()) {
            let sending =
                Granting { ticket, agent: names_agent.then_some(reader), named: Some((&person, by_grant)) };
            match self.send_grants(actor, sending, &part).await {
                Ok(outcome) => report.outcomes.push(outcome),
                Err(error) if report.outcomes.is_empty() => return Err(error),
                Err(error) => {
                    report.stopped = Some(error);
                    break;
                }
            }
            report.granted += part.len();
            progress(GrantsSent { done: report.granted, total });
        }
        let access = match report.outcomes.is_empty() {
            true => Some(before),
            // What was taken stays taken, whether or not it can be looked at.
            false => self.access(actor, ticket, reader).await.ok(),
        };
        report.access = access.map(|access| access.without(&report.doubtful));
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
        let circle = self.circle().await?;
        if !circle.contains(reader) {
            return Err(ComposeError::NoAdministrator(reader.clone()).into());
        }
        self.person_with_key(reader).await?;
        let only_own = !circle.contains(&self.address_of(actor));
        let tickets = self.tickets_of_granter(actor, only_own, from).await?;
        self.grant_each(actor, Opening { reader, tickets, only_own }, progress).await
    }

    /// Opens these tickets to a reader, one after the other.
    pub(crate) async fn grant_each(
        &self,
        actor: &Actor,
        Opening { reader, tickets, only_own }: Opening<'_>,
        progress: &mut (impl FnMut(&Progress) + ?Sized),
    ) -> Result<GrantAllReport> {
        let (total, mut report) = (tickets.len(), GrantAllReport { only_own, ..GrantAllReport::default() });
        for (place, ticket) in tickets.into_iter().enumerate() {
            let granted = match self.grant_access(actor, ticket, reader).await {
                Ok(granted) => granted,
                Err(Error::Refused(outcome)) => {
                    report.refused.push((ticket, outcome.log));
                    let access = self.access(actor, ticket, reader).await.ok();
                    Granted { access, ..Granted::default() }
                }
                Err(error) if report.last.is_none() && report.refused.is_empty() => return Err(error),
                Err(error) => {
                    report.stopped = Some((ticket, error));
                    break;
                }
            };
            progress(&Progress { done: place + 1, total, ticket, granted: granted.granted });
            report.add(ticket, granted);
            if report.stopped.is_some() {
                break;
            }
        }
        Ok(report)
    }

    /// An administrator's tickets are all that were ever numbered, by proof; others' are their own, as the node tells.
    async fn tickets_of_granter(
        &self,
        actor: &Actor,
        only_own: bool,
        from: Option<TicketId>,
    ) -> Result<Vec<TicketId>> {
        let me = self.address_of(actor);
        let mut ids: Vec<TicketId> = if only_own {
            let own = TicketsBy::Customer(me.clone(), None);
            let own = self.node().all_tickets(&own, OWN_TICKETS_MAX).await?;
            self.written_by(&me, own.iter().filter_map(|ticket| TicketId::parse(&ticket.ticket_id).ok()))
                .await?
        } else {
            let facts = self.records(vec![tree::TICKET_COUNT.to_vec()]).await?;
            (1..=facts.ticket_count()?).filter_map(TicketId::new).collect()
        };
        // Whoever was an administrator and is none any more has nothing to grant, and must not believe that it is granted.
        if only_own && ids.is_empty() {
            return Err(ComposeError::NothingToGrant(me).into());
        }
        ids.sort_unstable();
        ids.retain(|id| from.is_none_or(|from| *id >= from));
        Ok(ids)
    }

    /// Of these tickets those that somebody wrote, proven: a node may list others' too.
    async fn written_by(
        &self,
        customer: &Address,
        listed: impl Iterator<Item = TicketId>,
    ) -> Result<Vec<TicketId>> {
        let mut ids: Vec<TicketId> = listed.collect();
        if ids.is_empty() {
            return Ok(ids);
        }
        let facts = self.records(ids.iter().map(|id| tree::ticket(*id)).collect()).await?;
        let is_theirs = |id: &TicketId| {
            head(&facts, *id).is_ok_and(|ticket| ticket.customer_address == customer.as_str())
        };
        ids.retain(is_theirs);
        Ok(ids)
    }

    pub(super) async fn send_grants(
        &self,
        actor: &Actor,
        Granting { ticket, agent, named }: Granting<'_>,
        grants: &[TargetedGrant],
    ) -> Result<Outcome> {
        self.send(actor, Registering::IfNeeded, |mut builder| async move {
            if let Some((person, by_grant)) = named {
                self.name_granted(&mut builder, person, ticket, by_grant);
            }
            for message in compose::grant_messages(builder.sender(), ticket, agent, grants) {
                builder.push(&message);
            }
            Ok(builder)
        })
        .await
    }
}
