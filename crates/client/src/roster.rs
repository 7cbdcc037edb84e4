//! Who is on the staff, by signatures, and what lets somebody in who joins it.

use std::collections::{BTreeMap, BTreeSet};

use sealdesk_protocol::circle::Circle;
use sealdesk_protocol::document::{DocumentPlace, Shelf};
use sealdesk_protocol::envelope::{Envelope, EnvelopeLimits};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::in_order::InOrder as _;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::Status;

use crate::actor::Actor;
use crate::desk::Desk;
use crate::documents::document_context;
use crate::error::Result;
use crate::messages::{GrantAllReport, Opening, Progress};
use crate::node::{TicketsBy, Transport};
use crate::outcome::Outcome;
use crate::staff::Standing;
use crate::trust::Person;

/// Most tickets that are gone through.
const TICKETS_MAX: usize = 100_000;
/// Most people who may have left that are looked at.
const FORMER_MAX: usize = 512;

/// Somebody on the staff.
#[derive(Debug, Clone, PartialEq)]
pub struct StaffMember {
    /// Who.
    pub address: Address,
    /// Administrator or support agent.
    pub role: AssignableRole,
    /// State and keys.
    pub standing: Standing,
    /// Whether members' signatures say so: the circle's votes, or the appointment by somebody in it. Else nothing is sealed for them by
    /// that, and an administrator appoints them again.
    pub counts: bool,
    /// Who gave an agent the role, by the ledger's word.
    pub appointed_by: Option<String>,
    /// Tickets in work that are assigned to them, or with which they help.
    pub tickets: usize,
    /// Whether they left, and keys or tickets of theirs are left: `role` is the one that they had, as far as this home knows.
    pub is_former: bool,
}

impl<T: Transport> Desk<T> {
    /// The administrators, then the agents whom the node lists, each proven; then those who are suspended or ended. Last who left by whosever
    /// doing, and has keys or tickets still: of those who have tickets in work, of the circle's earlier members and of the agents whom this
    /// home saw go.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn roster(&self) -> Result<Vec<StaffMember>> {
        let mut facts = self.records(vec![tree::ADMINISTRATORS.to_vec()]).await?;
        let circle = self.circle_of(&facts).await?;
        let (agents, unbelieved) = self.believed_agents(&circle, &mut facts).await?;
        let held = self.tickets_by_holder().await?;
        let tickets = |address: &Address| held.get(address.as_str()).copied().unwrap_or_default();
        let mut roster = Vec::new();
        for member in circle.members() {
            let (address, role) = (member.address.clone(), AssignableRole::Administrator);
            let standing = self.standing(&address).await?;
            let tickets = tickets(&address);
            let (counts, appointed_by, is_former) = (true, None, false);
            let member = StaffMember { address, role, standing, counts, appointed_by, tickets, is_former };
            roster.push(member);
        }
        let mut all: Vec<(Address, bool)> = agents.into_iter().map(|agent| (agent, true)).collect();
        all.extend(unbelieved.into_iter().map(|agent| (agent, false)));
        for agent in self.listed_agents().await? {
            if all.iter().all(|(known, _)| *known != agent) {
                all.push((agent, false));
            }
        }
        for (address, counts) in all {
            let (standing, role) = (self.standing(&address).await?, AssignableRole::SupportAgent);
            if standing.in_circle || standing.member.role != Some(role) {
                continue;
            }
            let appointed_by = Some(standing.member.assigned_by.clone());
            let tickets = tickets(&address);
            let is_former = false;
            roster.push(StaffMember { address, role, standing, counts, appointed_by, tickets, is_former });
        }
        let left = self.former_staff(&roster, &held).await?;
        roster.extend(left);
        Ok(roster)
    }

    /// Who is not among these any more, and has keys that are sealed to, or tickets in work.
    async fn former_staff(
        &self,
        roster: &[StaffMember],
        held: &BTreeMap<String, usize>,
    ) -> Result<Vec<StaffMember>> {
        let led = self.earlier_administrators();
        let mut all = led.iter().cloned().chain(self.agents_gone()).into_set();
        for holder in held.keys() {
            all.insert(self.listed(holder)?);
        }
        all.retain(|who| roster.iter().all(|member| member.address != *who));
        let all: Vec<Address> = all.into_iter().take(FORMER_MAX).collect();
        if all.is_empty() {
            return Ok(Vec::new());
        }
        let mut facts = self.records(all.iter().map(tree::member).collect()).await?;
        let people = self.people_shown(&mut facts, &all).await?;
        let mut former = Vec::new();
        for (address, person) in all.into_iter().zip(people) {
            let (member, active_keys) = (facts.member(&address)?, person.active_keys().len());
            let tickets = held.get(address.as_str()).copied().unwrap_or_default();
            if member.is_active_staff() || (active_keys == 0 && tickets == 0) {
                continue;
            }
            let role = if led.contains(&address) {
                AssignableRole::Administrator
            } else {
                AssignableRole::SupportAgent
            };
            let standing = Standing { member, in_circle: false, active_keys };
            let (counts, appointed_by, is_former) = (false, None, true);
            former.push(StaffMember { address, role, standing, counts, appointed_by, tickets, is_former });
        }
        Ok(former)
    }

    /// The members of all circles that led to the one of now, as far as this home followed them.
    fn earlier_administrators(&self) -> BTreeSet<Address> {
        let pin = self.pin();
        let known =
            pin.changes.iter().filter_map(|change| Circle::decode(self.prefix(), &change.circle).ok());
        let circles = known.chain([self.chain().ancestry.beginning().circle.clone()]);
        circles.flat_map(|circle| circle.members().to_vec()).map(|member| member.address).into_set()
    }

    /// How many tickets in work each person has or helps with.
    async fn tickets_by_holder(&self) -> Result<BTreeMap<String, usize>> {
        let mut held: BTreeMap<String, usize> = BTreeMap::new();
        for ticket in self.in_states(&TicketsBy::Status, &crate::offboarding::IN_WORK).await? {
            let workers = crate::assigned_readers::workers(&ticket);
            for worker in workers {
                *held.entry(worker.to_owned()).or_default() += 1;
            }
        }
        Ok(held)
    }

    /// Opens to an agent what nobody has, where the queue is open: what was written before they were one, or while it was closed. Of what is
    /// written later they are readers by their appointment. Nothing where the queue is closed: agents read what is assigned to them.
    ///
    /// # Errors
    /// [`crate::Error`]; what was granted until then stays, and doing it again goes on.
    pub async fn let_in_to_queue(
        &self,
        actor: &Actor,
        agent: &Address,
        progress: &mut (impl FnMut(&Progress) + ?Sized),
    ) -> Result<Option<GrantAllReport>> {
        if !self.params().await?.open_queue {
            return Ok(None);
        }
        self.person_with_key(agent).await?;
        let open = self.node().all_tickets(&TicketsBy::Open(None), TICKETS_MAX).await?;
        let ids = open.iter().filter_map(|ticket| TicketId::parse(&ticket.ticket_id).ok());
        let mut tickets = Vec::new();
        for id in ids {
            // What the ledger does not prove to be open is not the queue's.
            if self.ticket(id).await?.status == Status::Open.to_wire() {
                tickets.push(id);
            }
        }
        tickets.sort_unstable();
        let opening = Opening { reader: agent, tickets, only_own: false };
        self.grant_each(actor, opening, progress).await.map(Some)
    }

    /// The documents of the staff of which none of somebody's keys is a reader, by what the ledger proves of them. What the node keeps back
    /// is among them.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn staff_documents_without(&self, address: &Address) -> Result<Vec<DocumentPlace>> {
        let person = Person::verified(self.chain(), address, &self.keys(address).await?);
        let mut without = Vec::new();
        for document in self.documents(&Shelf::Staff).await?.documents {
            if !self.is_reader_of(&person, &document.place).await? {
                without.push(document.place);
            }
        }
        Ok(without)
    }

    async fn is_reader_of(&self, person: &Person, place: &DocumentPlace) -> Result<bool> {
        let given = self.node().document(place).await?;
        let Some(head) = self.records(vec![tree::document(place)]).await?.document(place)? else {
            return Ok(true);
        };
        let envelope = given.envelope.as_ref();
        let envelope =
            envelope.and_then(|wire| Envelope::from_wire(wire, EnvelopeLimits::WIDEST_DOCUMENT).ok());
        let context = document_context(self.chain(), place, &head);
        let (Some(envelope), Some(context)) = (envelope, context) else { return Ok(false) };
        let is_proven = envelope.digests(&context).envelope[..] == head.digest;
        let keys = person.active_keys();
        Ok(is_proven && keys.iter().any(|key| envelope.entry(&key.fingerprint()).is_some()))
    }

    /// Takes every active key of somebody out of use who is on the staff no more, one transaction each: nothing is sealed to them from then on.
    ///
    /// # Errors
    /// [`crate::Error`]. What was revoked until then stays so, and doing it again goes on.
    pub async fn revoke_all_keys_of(&self, actor: &Actor, owner: &Address) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::new();
        for record in self.keys(owner).await?.into_iter().filter(|record| record.revoked_at == 0) {
            // What the ledger keeps under a name that is none is not a key that anything is sealed to.
            let Ok(key) = sealdesk_protocol::keys::Fingerprint::parse(&record.key_fingerprint) else {
                continue;
            };
            outcomes.push(self.revoke_key_of(actor, owner, &key).await?);
        }
        Ok(outcomes)
    }
}
