//! Passing on everything that one person has to another, ticket by ticket.
//!
//! Each ticket has a transaction of its own, which assigns it and lets the new assignee in; where one does not hold all grants, the others
//! follow. So it can be stopped anywhere: whoever runs it again finds what is left to do in the ledger, and nowhere else. What the new person
//! cannot open of what they have already is told each time, also where nothing can be done about it.

use std::collections::BTreeSet;

use sealdesk_protocol::ids::{Address, TicketId};

use crate::access::{Access, AccessTotal};
use crate::actor::Actor;
use crate::assigned_readers::workers;
use crate::compose::ComposeError;
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::messages::{Assigned, Granted, NewAssignees};
use crate::node::Transport;
use crate::outcome::Outcome;
use crate::trust::Doubtful;
use crate::view::{Record, Ticket};

/// How often the tickets that came meanwhile are asked for.
const ROUNDS_MAX: usize = 3;

/// Whose tickets go to whom.
#[derive(Debug, Clone, Copy)]
pub struct Reassigning<'a> {
    /// Who has them.
    pub from: &'a Address,
    /// Who gets them: an administrator or an active agent.
    pub to: &'a Address,
    /// Only these; empty = all that are in work.
    pub only: &'a BTreeSet<TicketId>,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReassignProgress {
    /// Tickets gone through.
    pub done: usize,
    /// Tickets to go through, as far as they are known.
    pub total: usize,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Reassigned {
    /// Tickets that were assigned to the new person.
    pub passed: Vec<TicketId>,
    /// Tickets of others with which the former one helped: the new one does in their place, or nobody where that cannot be.
    pub helps: Vec<TicketId>,
    /// Tickets that the new person had already, of which something was opened to them now: a run that broke off had left it out, or they had
    /// no key then.
    pub completed: Vec<TicketId>,
    /// What the new person can open of all of these, as the ledger proves it.
    pub access: AccessTotal,
    /// Of the tickets that were named those that are not the former person's, or not in work.
    pub not_theirs: Vec<TicketId>,
    /// Tickets that could not be passed on, and why.
    pub failed: Vec<(TicketId, String)>,
    /// Tickets that are with the former person still, as the ledger proves it at the end; `None` where it could not be asked.
    pub left: Option<Vec<TicketId>>,
    /// Texts that name another place than where they stand, and that nobody said to grant: they were left out.
    pub doubtful: Vec<Doubtful>,
    /// The last transaction; none where nothing had to be done.
    pub last: Option<Outcome>,
    /// How many of the transactions are the node's word alone.
    pub unproven: usize,
    /// What ended it before everything was gone through, and at which ticket.
    pub stopped: Option<(TicketId, Error)>,
}

impl Reassigned {
    /// Whether everything that was to be passed on is, and can be read.
    pub fn is_whole(&self) -> bool {
        let left = self.left.as_ref().is_some_and(Vec::is_empty);
        let none = self.not_theirs.is_empty() && self.failed.is_empty() && self.stopped.is_none();
        left && none && self.access.is_whole()
    }

    /// Takes in what assigning a ticket did, and hands out what its assignee can open.
    fn add(&mut self, ticket: TicketId, assigned: Assigned) -> Option<Access> {
        let Assigned {
            outcome,
            later,
            granted: _,
            unopened: _,
            no_room: _,
            doubtful,
            agent_has_no_key: _,
            keyless: _,
            access,
            stopped,
        } = assigned;
        self.add_outcomes(std::iter::once(outcome).chain(later));
        self.doubtful.extend(doubtful);
        self.stopped = stopped.map(|error| (ticket, error));
        access
    }

    fn add_granted(&mut self, ticket: TicketId, granted: Granted) {
        let Granted { outcomes, granted, unopened: _, no_room: _, access, stopped, doubtful } = granted;
        self.add_outcomes(outcomes.into_iter());
        self.doubtful.extend(doubtful);
        self.stopped = stopped.map(|error| (ticket, error));
        if granted > 0 {
            self.completed.push(ticket);
        }
        if granted > 0 || !access.as_ref().is_some_and(Access::is_whole) {
            self.access.add(ticket, access);
        }
    }

    fn add_outcomes(&mut self, outcomes: impl Iterator<Item = Outcome>) {
        for outcome in outcomes {
            self.unproven += usize::from(!outcome.proven);
            self.last = Some(outcome);
        }
    }

    /// Notes why a ticket was not passed on, or that nothing more will be.
    fn note(&mut self, ticket: TicketId, error: Error) {
        match error {
            Error::Refused(outcome) => self.failed.push((ticket, outcome.log)),
            // What is wrong with one ticket says nothing of the others.
            Error::Verify(_) | Error::Compose(_) | Error::Read(_) | Error::NoSuchTicket(_) => {
                self.failed.push((ticket, error.to_string()));
            }
            error => self.stopped = Some((ticket, error)),
        }
    }
}

impl<T: Transport> Desk<T> {
    /// Passes the tickets on that somebody has and that are in work, each with what was said in it, and puts the new person in the former
    /// one's place where they helped. What was done already is left alone, so that it can be repeated; `progress` hears of each ticket.
    ///
    /// # Errors
    /// [`ComposeError::NoMember`] where the actor is not an administrator, [`ComposeError::NotStaff`] and [`ComposeError::SamePerson`] of
    /// whoever shall get them: nothing was done then. Else [`crate::Error`] before anything was done; what comes later stands in the report.
    pub async fn reassign(
        &self,
        actor: &Actor,
        reassigning: Reassigning<'_>,
        progress: &mut (impl FnMut(ReassignProgress) + ?Sized),
    ) -> Result<Reassigned> {
        let Reassigning { from, to, only } = reassigning;
        self.check_receiver(actor, from, to).await?;
        let (mut report, mut seen) = (Reassigned::default(), BTreeSet::new());
        self.complete_grants(actor, reassigning, &mut report).await?;
        let mut total = 0;
        for round in 0..ROUNDS_MAX {
            let mut ids = match self.to_pass_on(reassigning).await {
                Err(error) if round == 0 => return Err(error),
                // What was done stays, and is told; that something may be left is told with it.
                Err(_) => break,
                Ok(ids) => ids,
            };
            ids.retain(|id| seen.insert(*id));
            if ids.is_empty() || report.stopped.is_some() {
                break;
            }
            let before = total;
            total += ids.len();
            for (place, id) in ids.into_iter().enumerate() {
                self.pass_one(actor, reassigning, id, &mut report).await;
                progress(ReassignProgress { done: before + place + 1, total });
                if report.stopped.is_some() {
                    break;
                }
            }
        }
        for id in only.iter().filter(|id| !seen.contains(*id)) {
            // One that the new person has by now was passed on before.
            if !self.ticket(*id).await.is_ok_and(|ticket| workers(&ticket).contains(&to.as_str())) {
                report.not_theirs.push(*id);
            }
        }
        report.left = self.to_pass_on(reassigning).await.ok();
        Ok(report)
    }

    /// Refuses, before anything is done, whoever cannot pass tickets on, and whoever cannot get them.
    async fn check_receiver(&self, actor: &Actor, from: &Address, to: &Address) -> Result<()> {
        let me = self.address_of(actor);
        if !self.circle().await?.contains(&me) {
            return Err(ComposeError::NoMember(me).into());
        }
        if from == to {
            return Err(ComposeError::SamePerson(to.clone()).into());
        }
        let standing = self.standing(to).await?;
        if standing.in_circle || standing.member.is_active_staff() {
            return Ok(());
        }
        Err(ComposeError::NotStaff(to.clone()).into())
    }

    /// The tickets in work that are with the former person.
    async fn to_pass_on(&self, Reassigning { from, to: _, only }: Reassigning<'_>) -> Result<Vec<TicketId>> {
        let found = self.in_work_of(from).await?.into_iter().map(|ticket| ticket.id);
        Ok(found.filter(|id| only.is_empty() || only.contains(id)).collect())
    }

    /// Passes one ticket on, as it is by now.
    async fn pass_one(
        &self,
        actor: &Actor,
        reassigning: Reassigning<'_>,
        id: TicketId,
        report: &mut Reassigned,
    ) {
        match self.new_workers(reassigning, id).await {
            // Somebody else has passed it on meanwhile.
            Ok(None) => {}
            Err(error) => report.note(id, error),
            Ok(Some(workers)) => {
                let NewWorkers { agent, collaborators, helps } = workers;
                let to = NewAssignees { agent: &agent, collaborators: &collaborators };
                match self.assign_telling(actor, id, to, &mut |_| {}).await {
                    Ok(assigned) if helps => {
                        report.helps.push(id);
                        // What the assignee can open is not what was asked.
                        report.add(id, assigned);
                        if collaborators.contains(reassigning.to) {
                            let access = self.access(actor, id, reassigning.to).await.ok();
                            report.access.add(id, access);
                        }
                    }
                    Ok(assigned) => {
                        report.passed.push(id);
                        let access = report.add(id, assigned);
                        report.access.add(id, access);
                    }
                    Err(error) => report.note(id, error),
                }
            }
        }
    }

    /// Who works on a ticket once the new person is in the former one's place; `None` where the former one does not work on it any more.
    async fn new_workers(
        &self,
        Reassigning { from, to, only: _ }: Reassigning<'_>,
        id: TicketId,
    ) -> Result<Option<NewWorkers>> {
        let ticket = self.ticket(id).await?;
        let had = ticket.assigned_to == from.as_str();
        if !workers(&ticket).contains(&from.as_str()) {
            return Ok(None);
        }
        let agent = if had { to.clone() } else { self.listed(&ticket.assigned_to)? };
        let mut collaborators = Vec::new();
        for helper in &ticket.collaborators {
            let helper = if helper == from.as_str() { to.clone() } else { self.listed(helper)? };
            let is_new = helper != agent && !collaborators.contains(&helper);
            // The ledger takes active agents alone: administrators can do all of it anyhow.
            if is_new && self.member(&helper).await?.is_active_agent() {
                collaborators.push(helper);
            }
        }
        Ok(Some(NewWorkers { agent, collaborators, helps: !had }))
    }

    /// Grants what the new person lacks of the tickets that they have already, and counts what they lack still: a run may have broken off
    /// between two transactions, or they had no key then. Tickets that the former one works on are passed on, and counted, afterwards.
    async fn complete_grants(
        &self,
        actor: &Actor,
        Reassigning { from, to, only }: Reassigning<'_>,
        report: &mut Reassigned,
    ) -> Result<()> {
        for ticket in self.in_work_of(to).await? {
            let wanted = only.is_empty() || only.contains(&ticket.id);
            if !wanted || works_on(&ticket, from) || report.stopped.is_some() {
                continue;
            }
            match self.grant_access(actor, ticket.id, to).await {
                Ok(granted) => report.add_granted(ticket.id, granted),
                // Without a key there is nothing to grant, and nothing that they can open.
                Err(Error::Compose(ComposeError::NoKey(_))) => {
                    let access = self.access(actor, ticket.id, to).await.ok();
                    report.access.add(ticket.id, access);
                }
                Err(error) => report.note(ticket.id, error),
            }
        }
        Ok(())
    }
}

/// Who works on a ticket from now on.
struct NewWorkers {
    agent: Address,
    collaborators: Vec<Address>,
    /// Whether the former person only helped.
    helps: bool,
}

/// Whether somebody has a ticket, or helps with it.
fn works_on(ticket: &Ticket, who: &Address) -> bool {
    let Record::Native(record) = &ticket.record else { return false };
    workers(record).contains(&who.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_one_ticket_ends_nothing_and_a_silent_node_does() {
        let id = TicketId::new(7).unwrap();
        let mut report = Reassigned::default();
        report.note(id, Error::NoSuchTicket(id));
        assert!(report.stopped.is_none() && report.failed.len() == 1 && !report.is_whole());
        let silent = crate::node::NodeError::NotFound { call: "Ticket", message: String::new() };
        report.note(id, silent.into());
        assert!(report.stopped.is_some());
    }
}
