//! A second desk, from docs/spec/desk.md alone: plain maps, nothing stored, nothing encoded. It is as simple as it can be and as
//! slow as it likes; where it and the machine disagree, the page decides.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use prost_types::Any;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::wire::sealdesk::ledger::v1::Appointment;
use sealdesk_protocol::wire::virtengine::support::v1::{Attachment, Params, TicketRating};

use sealdesk_testkit::people::Crowd;

use super::acts::{Linked, Rate, Transfer};
use super::circle::Council;
use super::plan::{Plan, Step};
use super::tickets::{Assign, Reply};

pub const DAY: i64 = 86_400;
pub const GRACE: i64 = 60;

/// Codespace and code.
pub type Refused = (&'static str, u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Administrator,
    Agent,
    Customer,
    Gateway,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Active,
    Suspended,
    Terminated,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    Open,
    Assigned,
    InProgress,
    PendingCustomer,
    Resolved,
    Closed,
}

impl Status {
    pub const ALL: [Self; 6] =
        [Self::Open, Self::Assigned, Self::InProgress, Self::PendingCustomer, Self::Resolved, Self::Closed];

    pub fn name(self) -> &'static str {
        ["open", "assigned", "in_progress", "pending_customer", "resolved", "closed"][self as usize]
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub role: Option<Role>,
    pub state: State,
    pub assigned_by: String,
    pub assigned_at: i64,
    pub suspended_at: Option<i64>,
    /// What `assigned_by` signed.
    pub appointment: Option<Appointment>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub fingerprint: String,
    pub public: [u8; 32],
    pub signing: [u8; 32],
    pub registered_at: i64,
    pub revoked_at: Option<i64>,
    pub label: String,
    /// The owner's, over both halves.
    pub owner: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    pub recipient: String,
    pub wrapped_key: Vec<u8>,
    pub ephemeral: Vec<u8>,
    pub granter: String,
    pub signature: Vec<u8>,
    pub granter_version: u32,
    pub height: u64,
    pub at: i64,
}

/// A sealed record: the ticket's own, a response, or a note.
#[derive(Clone, Debug, PartialEq)]
pub struct Sealed {
    pub author: String,
    pub internal: bool,
    pub is_agent: bool,
    /// A comment on a resolution.
    pub rates: bool,
    pub at: i64,
    pub height: u64,
    pub sequence: u64,
    pub index: u32,
    pub signer_version: u32,
    pub readers: Vec<String>,
    pub digest: [u8; 32],
    pub content: [u8; 32],
    pub grants: Vec<Given>,
    pub files: Vec<Attachment>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Ticket {
    pub customer: String,
    /// Whose it was, the first one first.
    pub before: Vec<String>,
    pub provider: Option<String>,
    pub resource: Option<(String, String, String)>,
    pub status: Status,
    pub priority: String,
    pub category: String,
    pub assignee: Option<String>,
    /// Beside the assignee, ascending.
    pub collaborators: Vec<String>,
    pub created_at: i64,
    pub updated_at: i64,
    pub resolved_at: Option<i64>,
    pub due_at: Option<i64>,
    pub closed_at: Option<i64>,
    pub resolution_ref: String,
    pub snoozed_until: Option<i64>,
    pub imported: Option<super::imports::Imported>,
    pub ratings: Vec<TicketRating>,
    /// Since when it had which status and priority.
    pub steps: Vec<(i64, Status, String)>,
    /// By the other's number: how it stands to that.
    pub links: BTreeMap<u64, String>,
    pub first: Sealed,
    pub responses: Vec<Sealed>,
    /// Everyone who ever had it; no rule asks, the coverage does.
    pub had: BTreeSet<String>,
}

impl Ticket {
    /// The ticket's own record for 0, the response of index n for n + 1.
    pub fn sealed(&self, target: u32) -> Option<&Sealed> {
        match usize::try_from(target).unwrap() {
            0 => Some(&self.first),
            n => self.responses.get(n - 1),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Desk {
    pub chain_id: String,
    pub height: u64,
    pub now: i64,
    pub params: Params,
    pub next_params: Option<Params>,
    pub sequences: BTreeMap<String, u64>,
    pub members: BTreeMap<String, Member>,
    pub keys: BTreeMap<String, Vec<Key>>,
    pub tickets: BTreeMap<u64, Ticket>,
    /// All creations of a customer, for ever.
    pub creations: BTreeMap<String, Vec<i64>>,
    /// What a customer attached.
    pub attached: BTreeMap<String, Vec<super::files::Attached>>,
    /// His last creation or reopening.
    pub last: BTreeMap<String, i64>,
    /// Everyone to whom a ticket was transferred that was not closed.
    pub received: BTreeSet<String>,
    /// Everyone who was staff at any time: administrators revoke their keys still.
    pub ever_staff: BTreeSet<String>,
    /// When the newest appointment was made that somebody had.
    pub last_appointed: BTreeMap<String, i64>,
    pub validators: super::validators::Validators,
    pub council: Council,
    pub shelves: super::documents::Shelves,
    /// Whose wallets sign.
    pub crowd: Rc<Crowd>,
}

/// Where a message stands: whose sequence its transaction uses, and which of its messages it is.
#[derive(Clone, Copy)]
pub struct Place {
    pub sequence: u64,
    pub index: u32,
}

/// What a transaction comes to.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub refused: Option<Refused>,
    pub admitted: bool,
    pub events: Vec<Event>,
    pub responses: Vec<Any>,
}

/// What one message did.
pub struct Done {
    pub events: Vec<Event>,
    pub response: Any,
}

pub fn support(code: u32) -> Refused {
    ("support", code)
}

pub fn ticket_text(number: u64) -> String {
    format!("TKT-{number:08}")
}

impl Desk {
    pub fn height_i64(&self) -> i64 {
        i64::try_from(self.height).unwrap()
    }

    pub fn sequence(&self, who: &str) -> u64 {
        self.sequences.get(who).copied().unwrap_or(0)
    }

    pub fn role(&self, who: &str) -> Option<Role> {
        self.members.get(who).and_then(|member| member.role)
    }

    pub fn state(&self, who: &str) -> State {
        self.members.get(who).map_or(State::Active, |member| member.state)
    }

    pub fn is_active(&self, who: &str) -> bool {
        self.state(who) == State::Active
    }

    /// An administrator or agent, whatever his account's state.
    pub fn is_staff(&self, who: &str) -> bool {
        matches!(self.role(who), Some(Role::Administrator | Role::Agent))
    }

    pub fn is_administrator(&self, who: &str) -> bool {
        self.role(who) == Some(Role::Administrator)
    }

    /// Whether a member who has been in the circle ever since signed that they are what they are.
    pub fn is_appointed(&self, who: &str) -> bool {
        let Some(member) = self.members.get(who) else { return false };
        let signed = member.appointment.as_ref();
        signed.is_some_and(|signed| self.council.contains_since(&member.assigned_by, signed.position))
    }

    /// Whoever has no role and is active has a record only as former staff, or as somebody who was appointed once.
    pub fn forget_role(&mut self, who: &str) {
        let is_known = self.ever_staff.contains(who) || self.last_appointed.contains_key(who);
        if self.is_active(who) && !is_known {
            self.members.remove(who);
        } else {
            let member = self.members.get_mut(who).unwrap();
            (member.role, member.assigned_by, member.assigned_at) = (None, String::new(), 0);
            member.appointment = None;
        }
    }

    pub fn administrators(&self) -> Vec<String> {
        self.members.keys().filter(|who| self.is_administrator(who)).cloned().collect()
    }

    pub fn active_administrators(&self) -> usize {
        self.administrators().iter().filter(|who| self.is_active(who)).count()
    }

    pub fn open_tickets(&self, customer: &str) -> usize {
        self.tickets.values().filter(|t| t.customer == customer && t.status != Status::Closed).count()
    }

    /// The next block: changed parameters are valid, and what is due closes or comes back, at most 1,000 in the order of falling due.
    pub fn begin(&mut self, height: u64, now: i64) -> Vec<Event> {
        self.validators.next_block(self.height);
        self.height = height;
        self.now = now;
        if let Some(params) = self.next_params.take() {
            self.params = params;
        }
        let mut due: Vec<(i64, u64)> =
            self.tickets.iter().filter_map(|(number, t)| t.due_at.map(|at| (at, *number))).collect();
        due.retain(|(at, _)| now > *at);
        due.sort_unstable();
        due.truncate(1_000);
        let events = due.into_iter().map(|(_, number)| self.happen(number)).collect();
        self.note_steps();
        events
    }

    /// Whatever a ticket's status or priority is that it was not before, it is from now on.
    fn note_steps(&mut self) {
        for ticket in self.tickets.values_mut() {
            let last = ticket.steps.last().map(|(_, status, priority)| (*status, priority));
            if last != Some((ticket.status, &ticket.priority)) {
                ticket.steps.push((self.now, ticket.status, ticket.priority.clone()));
            }
        }
    }

    /// Judges a transaction: form, signatures, sequences, then its messages, all or none.
    pub fn transact(&mut self, plan: &Plan) -> Outcome {
        let refuse = |refused, admitted| Outcome {
            refused: Some(refused),
            admitted,
            events: Vec::new(),
            responses: Vec::new(),
        };
        if let Some(refused) = plan.steps.iter().find_map(super::form::flaw) {
            return refuse(refused, false);
        }
        if plan.timeout_height != 0 && self.height > plan.timeout_height {
            return refuse(("sdk", 30), false);
        }
        if plan.timeout.is_some_and(|timeout| self.now > timeout) {
            return refuse(("sdk", 42), false);
        }
        if plan.badly_signed {
            return refuse(("sdk", 4), false);
        }
        if plan.signers.iter().any(|(who, sequence)| self.sequence(who) != *sequence) {
            return refuse(("sdk", 32), false);
        }
        for (who, sequence) in &plan.signers {
            self.sequences.insert(who.clone(), sequence + 1);
        }
        let mut trial = self.clone();
        let mut outcome =
            Outcome { refused: None, admitted: true, events: Vec::new(), responses: Vec::new() };
        for (index, step) in (0..).zip(&plan.steps) {
            let sequence = plan.signers.iter().find(|(who, _)| *who == step.sender).unwrap().1;
            match trial.run(step, Place { sequence, index }) {
                Ok(done) => {
                    outcome.events.extend(done.events);
                    outcome.responses.push(done.response);
                    trial.note_steps();
                }
                Err(refused) => return refuse(refused, true),
            }
        }
        *self = trial;
        outcome
    }

    pub fn run(&mut self, step: &Step, place: Place) -> Result<Done, Refused> {
        use super::plan::Op;
        let who = step.sender.as_str();
        if !self.is_active(who) {
            return Err(match step.op {
                Op::Register { .. } | Op::Revoke { .. } => ("encryption", 10),
                Op::Propose { .. } | Op::Continue => ("sdk", 4),
                Op::AssignRole { .. } | Op::RevokeRole { .. } | Op::SetState { .. } => ("roles", 4),
                _ => support(7),
            });
        }
        match &step.op {
            Op::Create(create) => self.create(who, create, place),
            Op::Assign { ticket, to, with, count } => {
                self.assign(who, ticket, &Assign { to, with, count: *count })
            }
            Op::Respond { ticket, internal, envelope, files } => {
                let reply = Reply { internal: *internal, letter: envelope.as_ref(), files };
                self.respond(who, ticket, reply, place)
            }
            Op::Status { ticket, status } => self.set_status(who, ticket, status),
            Op::Priority { ticket, priority, reason } => self.set_priority(who, ticket, priority, reason),
            Op::Resolve { ticket, reference } => self.resolve(who, ticket, reference),
            Op::Close { ticket, reason } => self.close_by(who, ticket, reason),
            Op::Reopen { ticket, reason } => self.reopen(who, ticket, reason),
            Op::Transfer { ticket, to, reason, count } => {
                self.transfer(who, ticket, &Transfer { to, reason, count: *count })
            }
            Op::Rate { ticket, score, comment } => {
                self.rate(who, ticket, &Rate { score: *score, comment: comment.as_ref() }, place)
            }
            Op::Link { ticket, other, kind, remove } => {
                self.link(who, &Linked { one: ticket, other, kind, remove: *remove })
            }
            Op::Snooze { ticket, until } => self.snooze(who, ticket, *until),
            Op::Grant { ticket, agent, grants } => self.grant(who, ticket, agent, grants),
            Op::Params(params) => self.update_params(who, params),
            Op::Register { key, label, flaw } => self.register(who, key, label, *flaw),
            Op::Revoke { fingerprint, owner } => self.revoke(who, fingerprint, owner),
            Op::AssignRole { address, role, ballot } => self.assign_role(who, address, role, ballot.as_ref()),
            Op::RevokeRole { address, role, ballot } => self.revoke_role(who, address, role, ballot.as_ref()),
            Op::Continue => self.continue_ledger(who),
            Op::Import(plan) => self.import(who, plan, place),
            Op::Put(put) => self.put(who, put, place),
            Op::SetState { address, state, reason } => self.set_state(who, address, state, reason),
            Op::Propose { key, power, moniker } => self.propose(who, key, *power, moniker),
        }
    }
}
