//! Who on the staff can act, and which tickets wait for somebody who cannot.
//!
//! The ledger takes no ticket away from an agent whose role is revoked, whose account is suspended or who has no key: it stays assigned.
//! So whoever lists tickets asks here who of the assignees can act, and why not.

use std::collections::BTreeMap;
use std::time::Duration;

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::in_order::InOrder as _;
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::author;
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;

use crate::desk::{Desk, head};
use crate::error::Result;
use crate::node::{QueueOf, Transport};
use crate::queue::{List, Texts};
use crate::read::{Reading, Records, SealedRecord};
use crate::time::within;
use crate::trust::Person;
use crate::verify::{Member, Proven};
use crate::view::{EndedGrant, Idle, Stranded, Ticket};

/// Most unfinished tickets, the most urgent first, that are looked through as a whole.
pub const TICKETS_MAX: usize = 10_000;
/// Most people who have tickets that are looked at: the agents that a ledger has at most, and as many who were.
const HOLDERS_MAX: usize = 2_000;
/// Most tickets that are shown of one person who cannot go on with them.
const STRANDED_OF_ONE_MAX: usize = 1_000;
/// Most tickets, the newest first, that are looked through for a reader who leaves.
pub const ONLY_READER_TICKETS_MAX: u64 = 2_000;
/// How long they are looked through at most, as a whole, in patiences of the node: somebody waits for it who takes a stolen key out.
pub const ONLY_READER_PATIENCES: u32 = 3;

/// What an account can do on the staff.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Role and state.
    pub member: Member,
    /// Whether the circle of administrators holds them.
    pub in_circle: bool,
    /// Keys of theirs that are sealed to.
    pub active_keys: usize,
}

impl Standing {
    /// Why they cannot act on a ticket that is assigned to them, if they cannot.
    pub fn idle(&self) -> Option<Idle> {
        match self.member.state {
            AccountState::Terminated => Some(Idle::Terminated),
            AccountState::Suspended => Some(Idle::Suspended),
            AccountState::Active if !self.in_circle && !self.member.is_active_staff() => Some(Idle::NotStaff),
            AccountState::Active if self.active_keys == 0 => Some(Idle::NoKey),
            AccountState::Active => None,
        }
    }
}

/// The tickets that are in work, by whether somebody goes on with them.
#[derive(Debug, Clone, PartialEq)]
pub struct InWork {
    /// Those whose assignee can act.
    pub tickets: Vec<Ticket>,
    /// Those whose assignee cannot, with the reason.
    pub stranded: Vec<Stranded>,
    /// Of the first those whose assignee has to be let in anew.
    pub ended_grants: Vec<EndedGrant>,
    /// How many more are in work and were not looked at, as the node counts them: up to a thousand.
    pub more: u64,
}

/// What nobody else on the staff can open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OnlyReader {
    /// The tickets, the newest first.
    pub tickets: Vec<TicketId>,
    /// Tickets of which the node keeps something back, so that it could not be told.
    pub withheld: Vec<TicketId>,
    /// How many older tickets were not looked at.
    pub unseen: u64,
}

/// A ticket that is not over, and administrators with a key who cannot open it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unopened {
    /// Which ticket.
    pub ticket: TicketId,
    /// Who wrote it.
    pub customer: Address,
    /// Who cannot open what it began with.
    pub by: Vec<Address>,
    /// Whether nobody on the staff can.
    pub by_all: bool,
}

impl<T: Transport> Desk<T> {
    /// What an account can do on the staff, proven.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn standing(&self, address: &Address) -> Result<Standing> {
        let mut facts = self.records(vec![tree::ADMINISTRATORS.to_vec(), tree::member(address)]).await?;
        let circle = self.circle_of(&facts).await?;
        let active_keys =
            self.people(&mut facts, std::slice::from_ref(address)).await?.iter().map(count_keys).sum();
        Ok(Standing { member: facts.member(address)?, in_circle: circle.contains(address), active_keys })
    }

    /// How many tickets were ever numbered, proven.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn ticket_count(&self) -> Result<u64> {
        Ok(self.records(vec![tree::TICKET_COUNT.to_vec()]).await?.ticket_count()?)
    }

    /// The tickets that an account has or works on and that are not over, at most [`TICKETS_MAX`]. The node lists them, each is proven.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn unfinished_of(&self, agent: &Address) -> Result<Vec<Ticket>> {
        Ok(self.queued(&QueueOf::Agent(agent.clone()), TICKETS_MAX).await?.0)
    }

    /// Every ticket that is in work, up to [`TICKETS_MAX`].
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn in_work(&self) -> Result<InWork> {
        let all = [List::Queue(QueueOf::Assigned, Texts::With)];
        let mut listed = self.read_lists(&all, TICKETS_MAX, Vec::new()).await?;
        let (tickets, more) = listed.take(0)?;
        Ok(InWork { more, ..self.in_work_among(tickets, listed.given).await? })
    }

    /// Of these tickets in work those that somebody goes on with, and whose assignee has to be let in; and of all that are in work those whose
    /// assignee cannot go on.
    pub(crate) async fn in_work_among(
        &self,
        mut tickets: Vec<Ticket>,
        mut given: BTreeMap<TicketId, SupportTicket>,
    ) -> Result<InWork> {
        given.retain(|id, _| tickets.iter().any(|ticket| ticket.id == *id));
        let idle = self.idle_holders(&tickets).await?;
        let is_stranded = |ticket: &Ticket| ticket.assigned_to.as_ref().and_then(|agent| idle.get(agent));
        tickets.retain(|ticket| is_stranded(ticket).is_none());
        let mut stranded = Vec::new();
        if !idle.is_empty() {
            let agents = idle.keys().map(|agent| self.listed(agent)).collect::<Result<Vec<_>>>()?;
            let queues: Vec<List> =
                agents.into_iter().map(|agent| List::Queue(QueueOf::Agent(agent), Texts::Without)).collect();
            let mut listed = self.read_lists(&queues, STRANDED_OF_ONE_MAX, Vec::new()).await?;
            for place in 0..queues.len() {
                for ticket in listed.take(place)?.0 {
                    if let Some(why) = is_stranded(&ticket).copied() {
                        stranded.push(Stranded { ticket, why });
                    }
                }
            }
            // One of two who cannot go on may help the other.
            stranded.sort_by_key(|stranded| stranded.ticket.id);
            stranded.dedup_by_key(|stranded| stranded.ticket.id);
        }
        let ended_grants = self.ended_among(given).await?;
        Ok(InWork { tickets, stranded, ended_grants, more: 0 })
    }

    /// Those who have tickets and cannot go on with them. The node says who has any; what these people are is proven.
    async fn idle_holders(&self, tickets: &[Ticket]) -> Result<BTreeMap<String, Idle>> {
        let mut agents = self.node().ticket_holders(HOLDERS_MAX).await?.into_iter().into_set();
        agents.extend(tickets.iter().filter_map(|ticket| ticket.assigned_to.clone()));
        let agents = agents.iter().map(|agent| self.listed(agent)).collect::<Result<Vec<_>>>()?;
        if agents.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut keys: Vec<Vec<u8>> =
            agents.iter().flat_map(|agent| [tree::member(agent), tree::keys(agent)]).collect();
        keys.push(tree::ADMINISTRATORS.to_vec());
        let mut facts = self.records(keys).await?;
        let circle = self.circle_of(&facts).await?;
        let mut idle = BTreeMap::new();
        for person in self.people(&mut facts, &agents).await? {
            let standing = Standing {
                member: facts.member(&person.address)?,
                in_circle: circle.contains(&person.address),
                active_keys: count_keys(&person),
            };
            if let Some(why) = standing.idle() {
                idle.insert(person.address.to_string(), why);
            }
        }
        Ok(idle)
    }

    /// The tickets that are not over and that an administrator with a key cannot open: written before they were one, and not granted. At most
    /// [`TICKETS_MAX`] are looked through, the most urgent first; beside them how many more there are by the node's word.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn unopened(&self) -> Result<(Vec<Unopened>, u64)> {
        let all = [List::Queue(QueueOf::All, Texts::With)];
        let mut listed = self.read_lists(&all, TICKETS_MAX, Vec::new()).await?;
        let ((tickets, more), mut given) = (listed.take(0)?, listed.given);
        let (mut facts, members) = self.tickets_with_members(&tickets).await?;
        let mut found = Vec::new();
        for ticket in tickets.iter().map(|ticket| ticket.id) {
            let Some(given) = given.remove(&ticket) else { continue };
            let proven = head(&facts, ticket)?;
            let customer = self.listed(&proven.customer_address)?;
            self.people(&mut facts, &[self.listed(author(&proven))?]).await?;
            let agent = self.named(&proven.assigned_to)?;
            let people: Vec<Address> = std::iter::once(customer.clone()).chain(agent.clone()).collect();
            let people = self.people(&mut facts, &people).await?;
            // What changed meanwhile, or is kept back, is not judged.
            let Ok(sealed) = self.sealed_ticket(&facts, ticket, given) else { continue };
            let keys: Vec<Fingerprint> = sealed.readers_by(|_| true).collect();
            let opens = |who: &&Person| keys.iter().any(|key| who.has(key));
            let with_key = || members.iter().filter(|member| !member.active_keys().is_empty());
            let by: Vec<Address> =
                with_key().filter(|who| !opens(who)).map(|who| who.address.clone()).collect();
            let agent_opens = people.get(1).is_some_and(|agent| opens(&agent));
            let by_all = !agent_opens && members.iter().all(|who| !opens(&who));
            if !by.is_empty() || by_all {
                found.push(Unopened { ticket, customer, by, by_all });
            }
        }
        Ok((found, more))
    }

    /// The records of these tickets, and the circle with its keys.
    async fn tickets_with_members(&self, tickets: &[Ticket]) -> Result<(Proven, Vec<Person>)> {
        let mut keys: Vec<Vec<u8>> = tickets.iter().map(|ticket| tree::ticket(ticket.id)).collect();
        keys.push(tree::ADMINISTRATORS.to_vec());
        let mut facts = self.records(keys).await?;
        let circle = self.circle_of(&facts).await?;
        let members: Vec<Address> = circle.members().iter().map(|member| member.address.clone()).collect();
        let members = self.people(&mut facts, &members).await?;
        Ok((facts, members))
    }

    /// Which tickets somebody can open of which nobody else on the staff can open everything that they can. `progress` hears how many of
    /// how many were looked at. At most [`ONLY_READER_TICKETS_MAX`], the newest first, and no longer than [`ONLY_READER_PATIENCES`]; the
    /// rest is unseen. It is a look: the tickets do not count as used.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn only_reader(
        &self,
        leaver: &Address,
        progress: &mut (impl FnMut(u64, u64) + ?Sized),
    ) -> Result<OnlyReader> {
        let limit = self.node().patience().saturating_mul(ONLY_READER_PATIENCES);
        self.only_reader_within(limit, leaver, progress).await
    }

    /// As [`Desk::only_reader`], and no longer than this.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn only_reader_within(
        &self,
        limit: Duration,
        leaver: &Address,
        progress: &mut (impl FnMut(u64, u64) + ?Sized),
    ) -> Result<OnlyReader> {
        let count = self.records(vec![tree::TICKET_COUNT.to_vec()]).await?.ticket_count()?;
        let mut found = OnlyReader { unseen: count, ..OnlyReader::default() };
        match within(limit, self.look_through(leaver, &mut found, progress)).await {
            Some(Err(error)) => Err(error),
            // What was found until then counts.
            Some(Ok(())) | None => Ok(found),
        }
    }

    /// Looks through the unseen tickets, the newest first.
    async fn look_through(
        &self,
        leaver: &Address,
        found: &mut OnlyReader,
        progress: &mut (impl FnMut(u64, u64) + ?Sized),
    ) -> Result<()> {
        let (count, all) = (found.unseen, found.unseen.min(ONLY_READER_TICKETS_MAX));
        let person = Person::verified(self.chain(), leaver, &self.keys(leaver).await?);
        for done in 1..=all {
            let number = count - (done - 1);
            progress(done, all);
            if let Some(id) = TicketId::new(number) {
                self.look_at(&person, id, found).await?;
            }
            found.unseen = count - done;
        }
        Ok(())
    }

    /// Notes whether somebody alone opens something of a ticket.
    async fn look_at(&self, leaver: &Person, id: TicketId, found: &mut OnlyReader) -> Result<()> {
        let records = self.ticket_records_to(Reading::Look, id).await?;
        let others = self.other_staff(&records, &leaver.address).await?;
        if records.targets.iter().any(|target| target.sealed.is_none()) {
            found.withheld.push(id);
        }
        let is_member =
            |granter: &str| records.circle.members().iter().any(|member| member.address.as_str() == granter);
        // Anyone could have granted to the others so that it does not open: of them only members' grants count.
        let others_open = |one: &SealedRecord| {
            one.readers_by(is_member).any(|key| others.iter().any(|other| other.has(&key)))
        };
        let opens = |one: &SealedRecord| one.readers_by(|_| true).any(|key| leaver.has(&key));
        let mut sealed = records.targets.iter().filter_map(|target| target.sealed.as_ref());
        if sealed.any(|one| opens(one) && !others_open(one)) {
            found.tickets.push(id);
        }
        Ok(())
    }

    /// For which administrators a ticket's own text is sealed or granted, proven; `None` where the node keeps it back, so that nobody can
    /// tell.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn administrators_who_read(&self, ticket: TicketId) -> Result<Option<Vec<(Address, bool)>>> {
        let records = self.ticket_records(ticket).await?;
        let sealed = records.targets.first().and_then(|target| target.sealed.as_ref());
        let Some(sealed) = sealed else { return Ok(None) };
        let keys: Vec<_> = sealed.readers_by(|_| true).collect();
        let reads = |address: &Address| {
            let person = records.person(self.chain(), address);
            keys.iter().any(|key| person.has(key))
        };
        let members = records.circle.members().iter().map(|member| member.address.clone());
        Ok(Some(members.map(|address| (address.clone(), reads(&address))).collect()))
    }

    /// The circle and the ticket's assignee, while they can act, without the one who leaves.
    async fn other_staff(&self, records: &Records, leaver: &Address) -> Result<Vec<Person>> {
        let members = records.circle.members().iter().map(|member| member.address.clone());
        let mut addresses = members.into_set();
        if let Some(agent) = self.named(&records.ticket.assigned_to)?
            && agent != *leaver
            && self.member(&agent).await?.is_active_staff()
        {
            addresses.insert(agent);
        }
        addresses.remove(leaver);
        Ok(addresses.iter().map(|address| records.person(self.chain(), address)).collect())
    }
}

fn count_keys(person: &Person) -> usize {
    person.active_keys().len()
}
