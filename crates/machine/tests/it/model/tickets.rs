//! The life of a ticket: docs/spec/desk.md's table, row by row.

use prost_types::Any;
use sealdesk_protocol::envelope::{Context, Kind};
use sealdesk_protocol::events::Event;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::desk::{DAY, Desk, Done, Place, Refused, Role, Sealed, Status, Ticket, support, ticket_text};
use super::form::ticket_number;
use super::plan::{Create, Letter};
use super::readers::Audience;

/// A response, or a note of staff.
pub struct Reply<'a> {
    pub internal: bool,
    pub letter: Option<&'a Letter>,
    pub files: &'a [wire::Attachment],
}

/// To whom a ticket is given.
pub struct Assign<'a> {
    pub to: &'a str,
    pub with: &'a [String],
    pub count: Option<u32>,
}

impl Ticket {
    /// One that is new and open.
    pub fn new(customer: &str, now: i64, first: super::desk::Sealed) -> Self {
        Self {
            customer: customer.to_owned(),
            before: Vec::new(),
            provider: None,
            resource: None,
            status: Status::Open,
            priority: "normal".to_owned(),
            category: String::new(),
            assignee: None,
            collaborators: Vec::new(),
            created_at: now,
            updated_at: now,
            resolved_at: None,
            due_at: None,
            closed_at: None,
            resolution_ref: String::new(),
            snoozed_until: None,
            imported: None,
            ratings: Vec::new(),
            steps: Vec::new(),
            links: Default::default(),
            first,
            responses: Vec::new(),
            had: Default::default(),
        }
    }

    /// Whether somebody is its assignee or a collaborator.
    pub fn is_worked_on_by(&self, who: &str) -> bool {
        self.assignee.as_deref() == Some(who) || self.collaborators.iter().any(|one| one == who)
    }

    pub fn audience(&self, internal: bool) -> Audience<'_> {
        Audience {
            customer: &self.customer,
            before: &self.before,
            provider: self.provider.as_deref(),
            assignee: self.assignee.as_deref(),
            collaborators: &self.collaborators,
            internal,
            imported: self.imported.as_ref().map(|imported| (imported, self.first.signer_version)),
            grants: &self.first.grants,
        }
    }
}

pub fn done(events: Vec<Event>, response: Any) -> Result<Done, Refused> {
    Ok(Done { events, response })
}

impl Desk {
    pub fn find(&self, id: &str) -> Result<(u64, &Ticket), Refused> {
        let number = ticket_number(id).ok_or(support(3))?;
        self.tickets.get(&number).map(|ticket| (number, ticket)).ok_or(support(1))
    }

    /// Whatever happens to a ticket, it is updated.
    pub fn change(&mut self, number: u64) -> &mut Ticket {
        let now = self.now;
        let ticket = self.tickets.get_mut(&number).unwrap();
        ticket.updated_at = now;
        ticket
    }

    /// An agent who has the ticket or helps, or an administrator.
    pub fn works_on(&self, who: &str, ticket: &Ticket) -> bool {
        match self.role(who) {
            Some(Role::Administrator) => true,
            Some(Role::Agent) => ticket.is_worked_on_by(who),
            _ => false,
        }
    }

    pub fn create(&mut self, who: &str, create: &Create, place: Place) -> Result<Done, Refused> {
        if !self.may_create(who) {
            return Err(support(7));
        }
        if !self.params.allowed_categories.contains(&create.category) {
            return Err(support(19));
        }
        let made = self.creations.get(who).into_iter().flatten();
        let today = made.filter(|at| **at > self.now - DAY).count();
        let per_day = usize::try_from(self.params.max_tickets_per_customer_per_day).unwrap();
        let open = usize::try_from(self.params.max_open_tickets_per_customer).unwrap();
        if today >= per_day || self.cools_down(who) || self.open_tickets(who) >= open {
            return Err(support(12));
        }
        self.judge_files(Some(who), &create.files)?;
        let provider = (!create.provider.is_empty()).then(|| create.provider.clone());
        let audience = Audience {
            customer: who,
            before: &[],
            provider: provider.as_deref(),
            assignee: None,
            collaborators: &[],
            internal: false,
            imported: None,
            grants: &[],
        };
        let expected = self.place(Kind::Ticket, "", who, place);
        let version = self.judge_letter(create.envelope.as_ref(), &expected, &audience)?;
        let number = u64::try_from(self.tickets.len()).unwrap() + 1;
        let priority = if create.priority.is_empty() { "normal" } else { &create.priority };
        let mut first = self.sealed(create.envelope.as_ref().unwrap(), version, &expected);
        first.files.clone_from(&create.files);
        let ticket = Ticket {
            provider,
            resource: create.resource.clone(),
            priority: priority.to_owned(),
            category: create.category.clone(),
            ..Ticket::new(who, self.now, first)
        };
        let event = Event::TicketCreated(wire::EventTicketCreated {
            ticket_id: ticket_text(number),
            customer: who.to_owned(),
            provider: create.provider.clone(),
            category: create.category.clone(),
            priority: priority.to_owned(),
            block_height: self.height_i64(),
            timestamp: self.now,
        });
        self.tickets.insert(number, ticket);
        self.count_files(who, &create.files);
        self.creations.entry(who.to_owned()).or_default().push(self.now);
        self.last.insert(who.to_owned(), self.now);
        done(vec![event], to_any(&wire::MsgCreateTicketResponse { ticket_id: ticket_text(number) }))
    }

    fn may_create(&self, who: &str) -> bool {
        let role = self.role(who);
        let listed = !self.params.listed_customers || role == Some(Role::Customer);
        listed && role != Some(Role::Gateway) && !self.is_staff(who)
    }

    fn cools_down(&self, customer: &str) -> bool {
        let cooldown = i64::from(self.params.ticket_cooldown_seconds);
        self.last.get(customer).is_some_and(|last| self.now < last + cooldown)
    }

    pub fn place(&self, kind: Kind, ticket_id: &str, who: &str, place: Place) -> Context {
        let Place { sequence, index } = place;
        let (chain_id, sender) = (self.chain_id.clone(), who.to_owned());
        Context { chain_id, ticket_id: ticket_id.to_owned(), kind, sender, sequence, index }
    }

    pub fn sealed(&self, letter: &Letter, version: u32, place: &Context) -> Sealed {
        Sealed {
            author: place.sender.clone(),
            internal: place.kind == Kind::Note,
            is_agent: false,
            rates: place.kind == Kind::Rating,
            at: self.now,
            height: self.height,
            sequence: place.sequence,
            index: place.index,
            signer_version: version,
            readers: letter.readers.clone(),
            digest: letter.digest,
            content: letter.content,
            grants: Vec::new(),
            files: Vec::new(),
        }
    }

    /// Whether somebody takes from the open queue: an agent whom a member appointed, a ticket of others that they do not work on.
    pub fn is_of_queue(&self, who: &str, ticket: &Ticket) -> bool {
        self.params.open_queue
            && self.role(who) == Some(Role::Agent)
            && self.is_appointed(who)
            && ticket.customer != who
            && !ticket.is_worked_on_by(who)
    }

    pub fn assign(&mut self, who: &str, id: &str, assign: &Assign<'_>) -> Result<Done, Refused> {
        let Assign { to, with, count } = *assign;
        let mut with = with.to_vec();
        with.sort();
        let (number, ticket) = self.find(id)?;
        let takes = !self.is_administrator(who);
        if takes && (to != who || !with.is_empty() || !self.is_of_queue(who, ticket)) {
            return Err(support(7));
        }
        match ticket.status {
            Status::Resolved => return Err(support(15)),
            Status::Closed => return Err(support(8)),
            _ => {}
        }
        if takes && ticket.assignee.is_some() {
            return Err(support(10));
        }
        if takes && (ticket.before.iter().any(|who| who == to) || ticket.provider.as_deref() == Some(to)) {
            return Err(support(76));
        }
        if ticket.customer == to || with.contains(&ticket.customer) {
            return Err(support(21));
        }
        let same = ticket.assignee.as_deref() == Some(to);
        if same && ticket.collaborators == with {
            return Err(support(10));
        }
        let agent = |who: &String| self.role(who) == Some(Role::Agent) && self.is_active(who);
        if !self.is_active(to) || !self.is_staff(to) || !with.iter().all(agent) {
            return Err(support(7));
        }
        let responses = u32::try_from(ticket.responses.len()).unwrap();
        if count.is_some_and(|count| count != responses) {
            return Err(support(40));
        }
        let ticket = self.change(number);
        if !same {
            ticket.status = Status::Assigned;
        }
        ticket.assignee = Some(to.to_owned());
        ticket.collaborators.clone_from(&with);
        ticket.had.insert(to.to_owned());
        ticket.had.extend(with.iter().cloned());
        let event = Event::TicketAssigned(wire::EventTicketAssigned {
            ticket_id: ticket_text(number),
            assigned_to: to.to_owned(),
            assigned_by: who.to_owned(),
            block_height: self.height_i64(),
            timestamp: self.now,
            collaborators: with,
        });
        done(vec![event], to_any(&wire::MsgAssignTicketResponse {}))
    }

    pub fn respond(&mut self, who: &str, id: &str, reply: Reply<'_>, place: Place) -> Result<Done, Refused> {
        let Reply { internal, letter, files } = reply;
        let (number, ticket) = self.find(id)?;
        let owner = ticket.customer == who;
        // A note is hidden from the ticket's customer even where he is staff by now, so he writes none either.
        if if owner { internal } else { !self.works_on(who, ticket) } {
            return Err(support(7));
        }
        let status = match (ticket.status, owner, internal) {
            (Status::Closed, ..) => return Err(support(8)),
            (Status::Resolved, false, false) => return Err(support(15)),
            (Status::PendingCustomer, true, _) => Status::InProgress,
            (Status::Resolved, true, _) if ticket.assignee.is_some() => Status::InProgress,
            (Status::Resolved, true, _) => Status::Open,
            (Status::Assigned, false, false) => Status::InProgress,
            (same, ..) => same,
        };
        let max = self.params.max_responses_per_ticket;
        let room = if owner { max - max / 5 } else { max };
        if ticket.responses.len() >= usize::try_from(room).unwrap() {
            return Err(support(13));
        }
        self.judge_files(owner.then_some(who), files)?;
        let expected = self.place(if internal { Kind::Note } else { Kind::Response }, id, who, place);
        let version = self.judge_letter(letter, &expected, &ticket.audience(internal))?;
        let mut response = self.sealed(letter.unwrap(), version, &expected);
        response.is_agent = !owner;
        response.files = files.to_vec();
        let previous = ticket.status;
        if owner && !files.is_empty() {
            self.count_files(who, files);
        }
        let ticket = self.change(number);
        let index = u32::try_from(ticket.responses.len()).unwrap();
        ticket.responses.push(response);
        ticket.status = status;
        if previous == Status::Resolved && status != Status::Resolved {
            ticket.resolved_at = None;
            ticket.due_at = None;
            ticket.resolution_ref.clear();
        }
        if !internal && ticket.snoozed_until.take().is_some() {
            ticket.due_at = None;
        }
        let responded = Event::TicketResponded(wire::EventTicketResponded {
            ticket_id: id.to_owned(),
            responder: who.to_owned(),
            response_index: index,
            internal,
            block_height: self.height_i64(),
            timestamp: self.now,
        });
        let changed = (previous != status).then(|| self.status_changed(number, previous, who));
        let events = std::iter::once(responded).chain(changed).collect();
        done(events, to_any(&wire::MsgRespondToTicketResponse { response_index: index }))
    }

    fn status_changed(&self, number: u64, previous: Status, who: &str) -> Event {
        Event::TicketStatusChanged(wire::EventTicketStatusChanged {
            ticket_id: ticket_text(number),
            previous_status: previous.name().to_owned(),
            status: self.tickets[&number].status.name().to_owned(),
            changed_by: who.to_owned(),
            block_height: self.height_i64(),
            timestamp: self.now,
        })
    }

    pub fn set_status(&mut self, who: &str, id: &str, status: &str) -> Result<Done, Refused> {
        let (number, ticket) = self.find(id)?;
        if !self.works_on(who, ticket) {
            return Err(support(7));
        }
        let previous = ticket.status;
        let next = match (previous, status) {
            (Status::Assigned | Status::PendingCustomer, "in_progress") => Status::InProgress,
            (Status::InProgress, "pending_customer") => Status::PendingCustomer,
            (Status::Open, _) => return Err(support(9)),
            (Status::Resolved, _) => return Err(support(15)),
            (Status::Closed, _) => return Err(support(8)),
            _ => return Err(support(4)),
        };
        self.change(number).status = next;
        let event = self.status_changed(number, previous, who);
        done(vec![event], to_any(&wire::MsgUpdateTicketStatusResponse {}))
    }

    pub fn set_priority(
        &mut self,
        who: &str,
        id: &str,
        priority: &str,
        reason: &str,
    ) -> Result<Done, Refused> {
        let (number, ticket) = self.find(id)?;
        if !self.works_on(who, ticket) {
            return Err(support(7));
        }
        if ticket.status == Status::Closed {
            return Err(support(8));
        }
        let previous = std::mem::replace(&mut self.change(number).priority, priority.to_owned());
        let rank = |name: &str| ["low", "normal", "high", "urgent"].iter().position(|known| *known == name);
        let (ticket_id, block_height, timestamp) = (ticket_text(number), self.height_i64(), self.now);
        let event = if rank(priority) > rank(&previous) {
            Event::TicketEscalated(wire::EventTicketEscalated {
                ticket_id,
                previous_priority: previous,
                new_priority: priority.to_owned(),
                escalated_by: who.to_owned(),
                reason: reason.to_owned(),
                block_height,
                timestamp,
            })
        } else {
            Event::TicketPriorityChanged(wire::EventTicketPriorityChanged {
                ticket_id,
                previous_priority: previous,
                priority: priority.to_owned(),
                changed_by: who.to_owned(),
                reason: reason.to_owned(),
                block_height,
                timestamp,
            })
        };
        done(vec![event], to_any(&wire::MsgUpdateTicketPriorityResponse {}))
    }

    pub fn resolve(&mut self, who: &str, id: &str, reference: &str) -> Result<Done, Refused> {
        let (number, ticket) = self.find(id)?;
        if !self.works_on(who, ticket) {
            return Err(support(7));
        }
        match ticket.status {
            Status::Open => return Err(support(9)),
            Status::Resolved => return Err(support(15)),
            Status::Closed => return Err(support(8)),
            _ => {}
        }
        let now = self.now;
        let due = now + i64::from(self.params.auto_close_after_days) * DAY;
        let ticket = self.change(number);
        ticket.status = Status::Resolved;
        ticket.resolved_at = Some(now);
        ticket.due_at = Some(due);
        ticket.snoozed_until = None;
        ticket.resolution_ref = reference.to_owned();
        let event = Event::TicketResolved(wire::EventTicketResolved {
            ticket_id: ticket_text(number),
            resolved_by: who.to_owned(),
            resolution: reference.to_owned(),
            block_height: self.height_i64(),
            timestamp: now,
        });
        done(vec![event], to_any(&wire::MsgResolveTicketResponse {}))
    }

    pub fn close_by(&mut self, who: &str, id: &str, reason: &str) -> Result<Done, Refused> {
        let (number, ticket) = self.find(id)?;
        if !self.is_administrator(who) && ticket.customer != who {
            return Err(support(7));
        }
        if ticket.status == Status::Closed {
            return Err(support(8));
        }
        let event = self.close(number, who, reason);
        done(vec![event], to_any(&wire::MsgCloseTicketResponse {}))
    }

    pub fn close(&mut self, number: u64, by: &str, reason: &str) -> Event {
        let now = self.now;
        let ticket = self.change(number);
        ticket.status = Status::Closed;
        ticket.closed_at = Some(now);
        ticket.due_at = None;
        ticket.snoozed_until = None;
        Event::TicketClosed(wire::EventTicketClosed {
            ticket_id: ticket_text(number),
            closed_by: by.to_owned(),
            reason: reason.to_owned(),
            block_height: self.height_i64(),
            timestamp: now,
        })
    }

    pub fn reopen(&mut self, who: &str, id: &str, reason: &str) -> Result<Done, Refused> {
        let (number, ticket) = self.find(id)?;
        // "Customer (own)" is read as in the row of closing: also where he is staff by now.
        if ticket.customer != who && !self.is_administrator(who) {
            return Err(support(7));
        }
        let window = i64::from(self.params.reopen_window_days) * DAY;
        match (ticket.status, ticket.closed_at) {
            (Status::Resolved, _) => {}
            (Status::Closed, Some(closed)) if self.now <= closed + window => {}
            _ => return Err(support(16)),
        }
        let customer = ticket.customer.clone();
        let open = usize::try_from(self.params.max_open_tickets_per_customer).unwrap();
        // The count that this leads to is held to the limit; a ticket that is only resolved counts already.
        let full = self.open_tickets(&customer) + usize::from(ticket.status == Status::Closed) > open;
        if full || self.cools_down(&customer) {
            return Err(support(12));
        }
        let now = self.now;
        let ticket = self.change(number);
        ticket.status = Status::Open;
        ticket.assignee = None;
        ticket.collaborators.clear();
        ticket.resolved_at = None;
        ticket.due_at = None;
        ticket.closed_at = None;
        ticket.resolution_ref.clear();
        self.last.insert(customer, now);
        let event = Event::TicketReopened(wire::EventTicketReopened {
            ticket_id: ticket_text(number),
            reopened_by: who.to_owned(),
            reason: reason.to_owned(),
            block_height: self.height_i64(),
            timestamp: now,
        });
        done(vec![event], to_any(&wire::MsgReopenTicketResponse {}))
    }
}
