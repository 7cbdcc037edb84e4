//! Who works on a ticket, as readers: its assignee and collaborators, and the agents of an open queue.

use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::limits::PROOF_KEYS_MAX;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;

use crate::audience::{granted, needs_grant};
use crate::desk::Desk;
use crate::error::Result;
use crate::node::Transport;
use crate::read::SealedRecord;
use crate::trust::Person;
use crate::verify::{Proven, VerifyError};
use crate::view::EndedGrant;

/// Somebody who works on a ticket, with all their keys.
pub(crate) struct Works {
    person: Person,
    /// Whether they are not active staff: then they read nothing that is written now.
    is_absent: bool,
}

/// Who writes in a ticket, among which administrators.
#[derive(Clone, Copy)]
pub(crate) struct Writing<'a> {
    pub(crate) writer: &'a Address,
    pub(crate) members: &'a [Person],
    /// Its own envelope, with the grants on it.
    pub(crate) sealed: &'a SealedRecord,
}

/// Whoever works on a ticket.
#[derive(Default)]
pub(crate) struct Working {
    /// The assignee, where a counting grant has to let them in.
    assignee: Option<Works>,
    collaborators: Vec<Works>,
    /// Whom the open queue makes readers.
    pub(crate) appointed: Vec<Person>,
}

/// Whom a ticket's record names as working on it: the assignee first, then the collaborators.
pub(crate) fn workers(ticket: &SupportTicket) -> Vec<&str> {
    let assignee = Some(ticket.assigned_to.as_str()).filter(|assignee| !assignee.is_empty());
    let collaborators = ticket.collaborators.iter().map(String::as_str);
    assignee.into_iter().chain(collaborators).collect()
}

impl Working {
    /// The assignee and the collaborators who are active staff, with those of their keys alone that counting grants name.
    pub(crate) fn granted(&self, members: &[Person], sealed: &SealedRecord) -> (Option<Person>, Vec<Person>) {
        let granted = |works: &Works| granted(&works.person, members, sealed);
        let present = |works: &&Works| !works.is_absent;
        let collaborators = self.collaborators.iter().filter(present).map(granted).collect();
        (self.assignee.iter().find(present).map(granted), collaborators)
    }
}

impl<T: Transport> Desk<T> {
    /// Leaves a line where whoever works on a ticket is not staff any more, or may not act: they do not read what is written now.
    fn name_absent(&self, ticket: &SupportTicket, agent: &Address) {
        let what = if ticket.assigned_to == agent.as_str() { "to whom" } else { "who helps where" };
        self.note(format!(
            "{agent}, {what} {} is assigned, is not active staff, and does not read this",
            ticket.ticket_id
        ));
    }

    /// Whoever works on a ticket, with all their keys, and the agents whom the open queue makes readers.
    pub(crate) async fn working(
        &self,
        ticket: &SupportTicket,
        administrators: usize,
        facts: &mut Proven,
    ) -> Result<Working> {
        let params = facts.params()?;
        let mut working = Working::default();
        let mut names = workers(ticket);
        names.truncate(1 + params.room_beside(administrators));
        for (place, name) in names.into_iter().enumerate() {
            let address = self.listed(name)?;
            let member = self.records(vec![tree::member(&address), tree::keys(&address)]).await?;
            let is_absent = !member.member(&address)?.is_active_staff();
            facts.extend(member);
            let person = self.people(facts, std::slice::from_ref(&address)).await?.pop();
            let person =
                person.ok_or_else(|| VerifyError::Missing("the people working on the ticket".to_owned()))?;
            match place {
                0 => working.assignee = Some(Works { person, is_absent }),
                _ => working.collaborators.push(Works { person, is_absent }),
            }
        }
        if params.open_queue {
            working.appointed = self.queue(&params, Some(ticket), facts).await?;
            // Whom a member appointed reads by all of their keys, also by those that a counting grant names.
            let by_grant =
                |works: &Works| working.appointed.iter().all(|one| one.address != works.person.address);
            working.assignee = working.assignee.filter(by_grant);
        }
        Ok(working)
    }

    /// The agents whom the open queue makes readers: while nobody has the ticket those whom somebody in the circle appointed, as many as there
    /// is room for; then the assignee, if they are such an agent. The ledger's rule, over signatures.
    pub(crate) async fn queue(
        &self,
        params: &Params,
        ticket: Option<&SupportTicket>,
        facts: &mut Proven,
    ) -> Result<Vec<Person>> {
        let circle = self.circle_of(facts).await?;
        let assignee = ticket.map(|ticket| self.named(&ticket.assigned_to)).transpose()?.flatten();
        let agents = match assignee {
            Some(assignee) => {
                let is_one = self.is_believed_agent(&assignee, &circle, facts).await?;
                Vec::from_iter(is_one.then_some(assignee))
            }
            None => {
                let room = params.room_beside(circle.members().len());
                let (agents, _) = self.believed_agents(&circle, facts).await?;
                return self.first_with_keys(&agents, room, facts).await;
            }
        };
        self.people(facts, &agents).await
    }

    /// The first so many of these who have an active key. Who has none takes no room.
    async fn first_with_keys(
        &self,
        agents: &[Address],
        room: usize,
        facts: &mut Proven,
    ) -> Result<Vec<Person>> {
        let mut found = Vec::new();
        for some in agents.chunks(room.clamp(1, PROOF_KEYS_MAX)) {
            if found.len() >= room {
                break;
            }
            found.extend(self.people(facts, some).await?);
            found.retain(|person| !person.active_keys().is_empty());
        }
        found.truncate(room);
        Ok(found)
    }

    /// Leaves a line of whoever works on a ticket and is not active staff any more; and, for a writer in the circle, word of whoever reads
    /// nothing because no grant counts that lets them in.
    pub(crate) fn tell_of_workers(
        &self,
        ticket: &SupportTicket,
        working: &Working,
        Writing { writer, members, sealed }: Writing<'_>,
    ) {
        let is_member = members.iter().any(|member| member.address == *writer);
        for works in working.assignee.iter().chain(&working.collaborators) {
            let who = &works.person.address;
            if works.is_absent {
                self.name_absent(ticket, who);
            } else if is_member
                && needs_grant(&works.person, members, sealed)
                && let Ok(id) = TicketId::parse(&ticket.ticket_id)
            {
                self.note_ended_grant(EndedGrant { ticket: id, assignee: who.to_string() });
            }
        }
    }
}
