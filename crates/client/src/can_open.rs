//! Who on the staff can open what of a ticket: one rule for whoever looks for what nobody opens, and before somebody leaves.
//!
//! That a copy of a text's key is good only whoever it was made for can see: of people whose keys are here the text is opened, and what does
//! not open counts as closed to them. Everybody else is at most named for it: by its author, or by a grant that was signed by somebody whose
//! interest it is that they can open it, which are the administrators and the customer who wrote the ticket. Whoever has left may have left spoiled copies behind, and
//! whoever is about to leave may make them now, so that neither's grants count.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::iter;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::state::tree;

use crate::actor::{Actor, Pair};
use crate::compose::ComposeError;
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::node::{QueueOf, Transport};
use crate::read::{Reading, Records, SealedRecord};
use crate::staff::TICKETS_MAX;
use crate::time::within;
use crate::trust::Person;
use crate::verify::Chain;

/// Most tickets, the newest first, that are looked through for a reader who leaves.
pub const ONLY_READER_TICKETS_MAX: u64 = 2_000;
/// How long tickets are looked through at most, as a whole, in patiences of the node: somebody waits for it who takes a stolen key out.
pub const ONLY_READER_PATIENCES: u32 = 3;
/// Tickets that are looked at at once.
const ASKED_TOGETHER: usize = 8;

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

/// What came of looking through the tickets that are not over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LookedThrough {
    /// Those of which an administrator cannot open everything, by number.
    pub unopened: Vec<Unopened>,
    /// Those that changed meanwhile, or of which the node keeps something back, so that it could not be told.
    pub withheld: Vec<TicketId>,
    /// How many were not looked at.
    pub unseen: u64,
    /// Administrators with a key that is not here: they are named for what they are said to open, and nothing was opened.
    pub named: Vec<Address>,
    /// Whether there are others on the staff whose keys are not here, so that they may open what nobody is known to.
    pub others: bool,
}

/// Somebody who is about to leave, and the keys that are here, by which texts are opened.
#[derive(Clone, Copy)]
pub struct Leaving<'a> {
    /// Who leaves.
    pub leaver: &'a Address,
    /// Whoever's keys are here.
    pub own: &'a [&'a Actor],
}

/// A ticket that is not over, and of which administrators cannot open everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unopened {
    /// Which ticket.
    pub ticket: TicketId,
    /// Whose it is.
    pub customer: Address,
    /// How many texts it has, notes among them.
    pub texts: usize,
    /// Administrators with a key who cannot open something that another administrator can.
    pub by: Vec<Address>,
    /// What no administrator can open.
    pub closed: Closed,
}

/// Texts of a ticket that no administrator can open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Closed {
    /// Those that nobody else on the staff can open either.
    pub to_all: usize,
    /// Those that an agent can open, who lets nobody in.
    pub to_administrators: usize,
    /// How many of both are notes: their customer lets nobody into these.
    pub notes: usize,
}

impl Closed {
    /// How many there are.
    pub fn texts(self) -> usize {
        self.to_all.saturating_add(self.to_administrators)
    }

    fn add(&mut self, agent_opens: bool, is_note: bool) {
        let counted = if agent_opens { &mut self.to_administrators } else { &mut self.to_all };
        *counted = counted.saturating_add(1);
        self.notes = self.notes.saturating_add(is_note.into());
    }
}

/// Everyone on the staff who can act and in whom a client believes, with all their keys.
struct Staff {
    /// Whose grants count, beside those of a ticket's customer.
    granters: Vec<Person>,
    /// Whose grants never do.
    leaver: Option<Address>,
    members: Vec<Person>,
    agents: Vec<Person>,
    /// Of those whose keys are here.
    pairs: BTreeMap<Address, Vec<Pair>>,
}

impl Staff {
    /// The rule: whether somebody can open a text, as far as it can be told. `granted` is what [`Staff::granted`] says of it.
    fn opens(&self, who: &Person, sealed: &SealedRecord, granted: &[Fingerprint]) -> bool {
        match self.pairs.get(&who.address) {
            Some(pairs) => sealed.open(pairs).is_some_and(|opened| opened.is_ok()),
            None => is_named(who, sealed, granted),
        }
    }

    /// The keys to which a text of this customer's ticket was opened by grants that count.
    fn granted(&self, sealed: &SealedRecord, customer: Option<&Person>) -> Vec<Fingerprint> {
        let granters = self.granters.iter().chain(customer);
        sealed.granted_by(granters.filter(|granter| self.leaver.as_ref() != Some(&granter.address)))
    }

    fn any_opens<'a>(
        &self,
        mut people: impl Iterator<Item = &'a Person>,
        sealed: &SealedRecord,
        granted: &[Fingerprint],
    ) -> bool {
        people.any(|who| self.opens(who, sealed, granted))
    }

    /// Who of the administrators cannot open what of a ticket; `None` where all that have a key can open all of it.
    fn judge(
        &self,
        chain: &Chain,
        records: &Records,
        ticket: TicketId,
        customer: Address,
    ) -> Option<Unopened> {
        let granting = granting_customer(chain, records, &customer);
        let mut found = Unopened { ticket, customer, texts: 0, by: Vec::new(), closed: Closed::default() };
        for target in &records.targets {
            // What nobody can open, because its author made it wrong, no grant mends.
            let Some(sealed) = target.sealed.as_ref().filter(|sealed| sealed.content().is_some()) else {
                continue;
            };
            found.texts += 1;
            let granted = self.granted(sealed, granting.as_ref());
            if !self.any_opens(self.members.iter(), sealed, &granted) {
                let agent_opens = self.any_opens(self.agents.iter(), sealed, &granted);
                found.closed.add(agent_opens, target.internal);
                continue;
            }
            let with_key = self.members.iter().filter(|member| !member.active_keys().is_empty());
            for member in with_key.filter(|member| !self.opens(member, sealed, &granted)) {
                if !found.by.contains(&member.address) {
                    found.by.push(member.address.clone());
                }
            }
        }
        (!found.by.is_empty() || found.closed.texts() > 0).then_some(found)
    }
}

/// Whether a text was sealed for one of somebody's keys, or opened to one by a grant that counts.
fn is_named(who: &Person, sealed: &SealedRecord, granted: &[Fingerprint]) -> bool {
    sealed.recipients.iter().chain(granted).any(|key| who.has(key))
}

/// Whether anything says that a text opens to somebody, whoever says so.
fn may_open(who: &Person, sealed: &SealedRecord) -> bool {
    sealed.recipients.iter().copied().chain(sealed.granted()).any(|key| who.has(&key))
}

/// The customer whose grants on a ticket count: whoever wrote it. To whom an administrator has given it, they may have chosen for their grants.
fn granting_customer(chain: &Chain, records: &Records, customer: &Address) -> Option<Person> {
    records.ticket.previous_customers.is_empty().then(|| records.person(chain, customer))
}

/// Whether the node keeps something of a ticket back. What it says it has erased is gone for everyone.
fn is_withheld(records: &Records) -> bool {
    records.targets.iter().any(|target| target.sealed.is_none() && target.erased.is_none())
}

impl<T: Transport> Desk<T> {
    /// Everyone on the staff who can act. Which agents there are, the node lists; what they are and which keys they have is proven, and one whom
    /// nobody in the circle vouches for is nobody's help.
    async fn staff_who_open(&self, own: &[&Actor]) -> Result<Staff> {
        let mut facts = self.records(vec![tree::ADMINISTRATORS.to_vec()]).await?;
        let circle = self.circle_of(&facts).await?;
        let members: Vec<Address> = circle.members().iter().map(|member| member.address.clone()).collect();
        let (mut agents, _) = self.believed_agents(&circle, &mut facts).await?;
        agents.retain(|agent| !circle.contains(agent));
        let members = self.people_shown(&mut facts, &members).await?;
        let agents = self.people_shown(&mut facts, &agents).await?;
        let mut pairs = BTreeMap::new();
        for actor in own {
            let address = self.address_of(actor);
            if members.iter().chain(&agents).any(|person| person.address == address) {
                let found = actor.registered(&facts.keys(&address)?).map_err(ComposeError::from)?;
                pairs.insert(address, found.into_iter().map(|(pair, _)| pair).collect());
            }
        }
        Ok(Staff { granters: members.clone(), leaver: None, members, agents, pairs })
    }

    /// The tickets that are not over and of which an administrator with a key cannot open everything: written before they were one, and not
    /// granted. Every text counts, notes too. At most [`TICKETS_MAX`] are looked through, the most urgent first, and no longer than
    /// [`ONLY_READER_PATIENCES`]; the rest is unseen. Texts are opened by the keys that are given.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn unopened(&self, own: &[&Actor]) -> Result<LookedThrough> {
        let (tickets, more) = self.queued(&QueueOf::All, TICKETS_MAX).await?;
        let staff = self.staff_who_open(own).await?;
        let all = u64::try_from(tickets.len()).unwrap_or(u64::MAX);
        let with_key = staff.members.iter().filter(|member| !member.active_keys().is_empty());
        let named = with_key.filter(|member| !staff.pairs.contains_key(&member.address));
        let named = named.map(|member| member.address.clone()).collect();
        let mut people = staff.members.iter().chain(&staff.agents);
        let others =
            people.any(|one| !one.active_keys().is_empty() && !staff.pairs.contains_key(&one.address));
        let unseen = more.saturating_add(all);
        let mut found = LookedThrough { unseen, named, others, ..LookedThrough::default() };
        let limit = self.node().patience().saturating_mul(ONLY_READER_PATIENCES);
        let looking = Box::pin(async {
            let ids = iter(tickets.iter().map(|ticket| ticket.id));
            let asked = ids.map(|id| async move { (id, self.ticket_records_to(Reading::Look, id).await) });
            let mut asked = Box::pin(asked.buffer_unordered(ASKED_TOGETHER));
            while let Some((id, records)) = asked.next().await {
                found.unseen = found.unseen.saturating_sub(1);
                match records {
                    Ok(records) => {
                        if is_withheld(&records) {
                            found.withheld.push(id);
                        }
                        let customer = self.listed(&records.ticket.customer_address)?;
                        found.unopened.extend(staff.judge(self.chain(), &records, id, customer));
                    }
                    // What changed meanwhile, or is kept back, is not judged.
                    Err(Error::Verify(_) | Error::NoSuchTicket(_)) => found.withheld.push(id),
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        });
        // What was found until the time is over counts.
        within(limit, looking).await.unwrap_or(Ok(()))?;
        found.unopened.sort_by_key(|one| one.ticket);
        found.withheld.sort_unstable();
        Ok(found)
    }

    /// Which tickets somebody can open of which nobody else on the staff can open everything that they can. `progress` hears how many of
    /// how many were looked at. At most [`ONLY_READER_TICKETS_MAX`], the newest first, and no longer than [`ONLY_READER_PATIENCES`]; the
    /// rest is unseen. It is a look: the tickets do not count as used. Texts are opened by the keys that are given.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn only_reader(
        &self,
        leaver: &Address,
        own: &[&Actor],
        progress: &mut (impl FnMut(u64, u64) + ?Sized),
    ) -> Result<OnlyReader> {
        let limit = self.node().patience().saturating_mul(ONLY_READER_PATIENCES);
        self.only_reader_within(limit, Leaving { leaver, own }, progress).await
    }

    /// As [`Desk::only_reader`], and no longer than this.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn only_reader_within(
        &self,
        limit: Duration,
        leaving: Leaving<'_>,
        progress: &mut (impl FnMut(u64, u64) + ?Sized),
    ) -> Result<OnlyReader> {
        let count = self.records(vec![tree::TICKET_COUNT.to_vec()]).await?.ticket_count()?;
        let mut found = OnlyReader { unseen: count, ..OnlyReader::default() };
        match within(limit, self.look_through(leaving, &mut found, progress)).await {
            Some(Err(error)) => Err(error),
            // What was found until then counts.
            Some(Ok(())) | None => Ok(found),
        }
    }

    /// Looks through the unseen tickets, the newest first.
    async fn look_through(
        &self,
        Leaving { leaver, own }: Leaving<'_>,
        found: &mut OnlyReader,
        progress: &mut (impl FnMut(u64, u64) + ?Sized),
    ) -> Result<()> {
        let (count, all) = (found.unseen, found.unseen.min(ONLY_READER_TICKETS_MAX));
        let mut others = self.staff_who_open(own).await?;
        others.members.retain(|member| member.address != *leaver);
        others.agents.retain(|agent| agent.address != *leaver);
        // Whoever leaves by themselves knows what they grant.
        let is_own = own.iter().any(|actor| self.address_of(actor) == *leaver);
        others.leaver = Some(leaver.clone()).filter(|_| !is_own);
        let leaver = Person::verified(self.chain(), leaver, &self.keys(leaver).await?);
        for done in 1..=all {
            let number = count - (done - 1);
            progress(done, all);
            if let Some(id) = TicketId::new(number) {
                self.look_at(&leaver, &others, id, found).await?;
            }
            found.unseen = count - done;
        }
        Ok(())
    }

    /// Notes whether somebody alone opens something of a ticket.
    async fn look_at(
        &self,
        leaver: &Person,
        others: &Staff,
        id: TicketId,
        found: &mut OnlyReader,
    ) -> Result<()> {
        let records = self.ticket_records_to(Reading::Look, id).await?;
        if is_withheld(&records) {
            found.withheld.push(id);
        }
        let customer = self.listed(&records.ticket.customer_address)?;
        let customer = granting_customer(self.chain(), &records, &customer);
        let mut sealed = records.targets.iter().filter_map(|target| target.sealed.as_ref());
        let others_open = |one: &SealedRecord| {
            let granted = others.granted(one, customer.as_ref());
            others.any_opens(others.members.iter().chain(&others.agents), one, &granted)
        };
        // Whatever names whoever leaves may open to them.
        if sealed.any(|one| may_open(leaver, one) && !others_open(one)) {
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
        let members = records.circle.members().iter().map(|member| &member.address);
        let people: Vec<Person> = members.map(|address| records.person(self.chain(), address)).collect();
        let customer = self.listed(&records.ticket.customer_address)?;
        let customer = granting_customer(self.chain(), &records, &customer);
        let granted = sealed.granted_by(people.iter().chain(&customer));
        let reads = |who: &Person| is_named(who, sealed, &granted);
        Ok(Some(people.iter().map(|who| (who.address.clone(), reads(who))).collect()))
    }
}
