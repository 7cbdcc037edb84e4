//! What ended and can be made anew: grants that let assignees in and no longer count, and votes that a change of the administrators
//! ended.
//!
//! Grants show in the ledger. An ended vote leaves no trace there, so that only the home that cast it knows of it: what it remembers of
//! its votes ([`crate::trust::remembered`]) is held against the proven circle and the votes that are open.

use std::collections::BTreeMap;

use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::{Status, author};
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;

use crate::actor::Actor;
use crate::assigned_readers::workers;
use crate::audience::{customer_needs_grant, needs_grant};
use crate::compose::ComposeError;
use crate::desk::{Desk, head};
use crate::error::{Error, Result};
use crate::granter::by_grant;
use crate::messages::Granted;
use crate::node::{TicketsBy, Transport};
use crate::outcome::Outcome;
use crate::trust::Person;
use crate::verify::Proven;
use crate::view::{EndedGrant, EndedVote};

/// Most tickets that are gone through for grants that ended.
const TICKETS_MAX: usize = 100_000;

/// What came of one ticket's grants, made anew.
#[derive(Debug)]
pub struct Renewed {
    /// Which ticket, and who was let in.
    pub of: EndedGrant,
    /// What was granted.
    pub granted: Granted,
}

impl<T: Transport> Desk<T> {
    /// The tickets in work whose assignee cannot be sealed for, because no grant that counts lets them in; the node names the tickets,
    /// and the rest is proven.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn ended_grants(&self) -> Result<Vec<EndedGrant>> {
        let mut given = BTreeMap::new();
        for status in [Status::Assigned, Status::InProgress, Status::PendingCustomer] {
            let tickets = self.node().all_tickets(&TicketsBy::Status(status), TICKETS_MAX).await?;
            let ids = tickets.into_iter().filter_map(|ticket| {
                let id = TicketId::parse(&ticket.ticket_id).ok()?;
                Some((id, ticket))
            });
            given.extend(ids);
        }
        self.ended_among(given).await
    }

    /// Those of these tickets whose assignee, or customer after a transfer, cannot be sealed for. One that changes meanwhile is passed over.
    pub(crate) async fn ended_among(
        &self,
        given: BTreeMap<TicketId, SupportTicket>,
    ) -> Result<Vec<EndedGrant>> {
        if given.is_empty() {
            return Ok(Vec::new());
        }
        let mut keys: Vec<Vec<u8>> = given.keys().map(|id| tree::ticket(*id)).collect();
        keys.push(tree::ADMINISTRATORS.to_vec());
        let mut facts = self.records(keys).await?;
        let circle = self.circle_of(&facts).await?;
        let addresses: Vec<Address> = circle.members().iter().map(|member| member.address.clone()).collect();
        let members = self.people_shown(&mut facts, &addresses).await?;
        self.learn_parties(&given, &mut facts).await?;
        let is_open = self.params().await?.open_queue;
        let mut ended = Vec::new();
        for (id, given) in given {
            let Ok(ticket) = head(&facts, id) else { continue };
            let mut readers = Vec::new();
            for reader in by_grant(&ticket) {
                let address = self.listed(reader)?;
                let works = reader == ticket.customer_address || facts.member(&address)?.is_active_staff();
                let takes = is_open && reader == ticket.assigned_to;
                let by_appointment = takes && self.is_believed_agent(&address, &circle, &mut facts).await?;
                if works && !by_appointment {
                    readers.push(address);
                }
            }
            let readers = self.people_shown(&mut facts, &readers).await?;
            if readers.is_empty() {
                continue;
            }
            match self.sealed_ticket(&facts, id, given) {
                Ok(sealed) => {
                    let needs = readers.iter().filter(|reader| match reader.address.as_str() {
                        who if who == ticket.customer_address => {
                            customer_needs_grant(&ticket, reader, &members, &sealed)
                        }
                        _ => needs_grant(reader, &members, &sealed),
                    });
                    let of =
                        |reader: &Person| EndedGrant { ticket: id, assignee: reader.address.to_string() };
                    ended.extend(needs.map(of));
                }
                // What the node leaves out, or what changed between list and proof, says nothing.
                Err(Error::Verify(_)) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(ended)
    }

    /// Proves the keys of these tickets' customers, writers and assignees, and what the assignees are.
    async fn learn_parties(
        &self,
        given: &BTreeMap<TicketId, SupportTicket>,
        facts: &mut Proven,
    ) -> Result<()> {
        let mut wanted = Vec::new();
        for id in given.keys() {
            let Ok(ticket) = head(facts, *id) else { continue };
            wanted.push(tree::keys(&self.listed(&ticket.customer_address)?));
            wanted.push(tree::keys(&self.listed(author(&ticket))?));
            for works in workers(&ticket) {
                let works = self.listed(works)?;
                wanted.extend([tree::keys(&works), tree::member(&works)]);
            }
        }
        wanted.retain(|key| !facts.covers(key));
        if !wanted.is_empty() {
            facts.extend(self.records(wanted).await?);
        }
        Ok(())
    }

    /// Lets an assignee in anew where no grant that counts does. Only members of the circle can.
    ///
    /// # Errors
    /// [`ComposeError::NoMember`] for whoever is not one; else as [`Desk::grant_access`].
    pub async fn renew_grant(&self, actor: &Actor, ended: EndedGrant) -> Result<Renewed> {
        let me = self.address_of(actor);
        if !self.circle().await?.contains(&me) {
            return Err(ComposeError::NoMember(me).into());
        }
        let assignee = self.listed(&ended.assignee)?;
        let granted = self.grant_access(actor, ended.ticket, &assignee).await?;
        Ok(Renewed { of: ended, granted })
    }

    /// The votes of a member that this home cast, and that ended before they decided. None for whoever is not a member.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn ended_votes(&self, person: &Address) -> Result<Vec<EndedVote>> {
        let remembered = self.remembered();
        if remembered.votes().all(|vote| vote.voter != *person) {
            return Ok(Vec::new());
        }
        let facts = self.records(vec![tree::ADMINISTRATORS.to_vec(), tree::CIRCLE_VOTES.to_vec()]).await?;
        let circle = self.circle_of(&facts).await?;
        let open = facts.circle_votes()?.proposals;
        let mut ended = Vec::new();
        for vote in remembered.votes().filter(|vote| vote.voter == *person && circle.contains(person)) {
            if circle.contains(&vote.address) != vote.removes {
                self.vote_is_over(&vote.address, vote.removes);
                continue;
            }
            let stands = open.iter().any(|open| {
                let same = open.address == vote.address.as_str() && open.removes == vote.removes;
                same && open.votes.iter().any(|cast| cast.voter == person.as_str())
            });
            if !stands {
                let (address, removes) = (vote.address.to_string(), vote.removes);
                ended.push(EndedVote { address, removes, change: vote.change });
            }
        }
        Ok(ended)
    }

    /// Casts an ended vote anew, for the administrators as they are now.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn renew_vote(&self, actor: &Actor, ended: &EndedVote) -> Result<Outcome> {
        let address = self.listed(&ended.address)?;
        match ended.removes {
            true => self.revoke_role(actor, &address, AssignableRole::Administrator).await,
            false => self.assign_role(actor, &address, AssignableRole::Administrator).await,
        }
    }
}
