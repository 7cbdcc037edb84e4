//! Brings the desk to where a cell can be tried that chance has not reached yet.

use sealdesk_protocol::ticket::Action;
use sealdesk_protocol::wire::virtengine::support::v1::Params;

use super::campaign::{relations, single};
use super::cells::{Actor, Deed, Tally};
use super::choices::{Attempt, Chooser};
use super::desk::{Desk, Place, Role, State, Status};
use super::plan::{Op, Plan};

/// One transaction of an active administrator.
pub fn towards_a_missing_cell(chooser: &mut Chooser, desk: &Desk, tally: &Tally) -> Option<Plan> {
    let present = relations(&chooser.crowd, desk);
    let mut wanted: Vec<_> = tally.unhit().iter().map(|(actor, _, status)| (*actor, *status)).collect();
    wanted.dedup();
    wanted.retain(|relation| !present.contains_key(relation));
    if wanted.is_empty() {
        return None;
    }
    let (actor, status) = *chooser.random.pick(&wanted);
    let could_lose_an_agent = |number: &u64| desk.tickets[number].had.iter().any(|who| is_agent(desk, who));
    let mut there: Vec<u64> = in_status(desk, |found| found == status);
    if actor == Actor::FormerAssignee {
        there.retain(could_lose_an_agent);
    }
    let active: Vec<String> = desk.administrators().into_iter().filter(|who| desk.is_active(who)).collect();
    let who = chooser.random.pick(&active).clone();
    let sequence = desk.sequence(&who);
    let op = if there.is_empty() {
        towards(chooser, desk, &who, status)?
    } else {
        let number = *chooser.random.pick(&there);
        become_that(chooser, desk, actor, number)?
    };
    Some(single(&who, sequence, op))
}

fn is_agent(desk: &Desk, who: &str) -> bool {
    desk.role(who) == Some(Role::Agent) && desk.is_active(who)
}

fn in_status(desk: &Desk, fits: impl Fn(Status) -> bool) -> Vec<u64> {
    desk.tickets.iter().filter(|(_, ticket)| fits(ticket.status)).map(|(number, _)| *number).collect()
}

/// A step of some ticket towards a status.
fn towards(chooser: &mut Chooser, desk: &Desk, who: &str, status: Status) -> Option<Op> {
    let live = match status {
        Status::Open => in_status(desk, |found| found == Status::Resolved),
        _ => in_status(desk, |found| found != Status::Closed),
    };
    if live.is_empty() {
        return None;
    }
    let number = *chooser.random.pick(&live);
    let action = match (desk.tickets[&number].status, status) {
        (Status::Resolved, Status::Assigned | Status::InProgress | Status::PendingCustomer) => Action::Reopen,
        (_, Status::Open) => Action::Reopen,
        (_, Status::Closed) => Action::Close,
        (Status::Open, _) | (_, Status::Assigned) => Action::Assign,
        (_, Status::Resolved) => Action::Resolve,
        (Status::InProgress, Status::PendingCustomer) => Action::AwaitCustomer,
        _ => Action::StartWork,
    };
    let attempt = Attempt { who, number, place: Place { sequence: desk.sequence(who), index: 0 } };
    Some(chooser.deed(desk, attempt, Deed::On(action)))
}

/// Makes someone what nobody is to this ticket.
fn become_that(chooser: &mut Chooser, desk: &Desk, actor: Actor, number: u64) -> Option<Op> {
    let ticket = &desk.tickets[&number];
    let role = |address: &String, role: &str| Op::give(desk, address, role);
    let state = |address: String, state: &str| Op::SetState {
        address,
        state: state.to_owned(),
        reason: String::new(),
    };
    match actor {
        Actor::FormerAssignee => {
            let address = ticket.had.iter().find(|who| is_agent(desk, who))?.clone();
            Some(Op::take(desk, &address, "support_agent"))
        }
        Actor::OwnerBecameAgent if desk.is_active(&ticket.customer) => {
            Some(role(&ticket.customer, "support_agent"))
        }
        Actor::OwnerBecameAdministrator if desk.is_active(&ticket.customer) => {
            Some(role(&ticket.customer, "administrator"))
        }
        Actor::Assignee => {
            let assignee = ticket.assignee.as_ref()?;
            if desk.is_active(assignee) { Some(role(assignee, "support_agent")) } else { None }
        }
        Actor::OwnerCustomer if desk.state(&ticket.customer) == State::Suspended => {
            Some(state(ticket.customer.clone(), "active"))
        }
        Actor::Suspended => Some(state(chooser.anyone(), "suspended")),
        Actor::Terminated => {
            let ted = chooser.crowd.get("ted").text.clone();
            let wanted = if desk.state(&ted) == State::Suspended { "terminated" } else { "suspended" };
            Some(state(ted, wanted))
        }
        Actor::Collaborator => {
            let to = ticket.assignee.clone()?;
            let mut agents = desk.members.keys().filter(|who| is_agent(desk, who) && **who != to);
            let with = agents.find(|who| ticket.customer != **who && !ticket.is_worked_on_by(who))?.clone();
            Some(Op::Assign { ticket: super::desk::ticket_text(number), to, with: vec![with], count: None })
        }
        Actor::QueueAgent if !desk.params.open_queue => {
            Some(Op::Params(Params { open_queue: true, ..desk.params.clone() }))
        }
        Actor::QueueAgent => Some(role(&chooser.anyone(), "support_agent")),
        Actor::OtherAgent if desk.params.open_queue => {
            Some(Op::Params(Params { open_queue: false, ..desk.params.clone() }))
        }
        Actor::OtherAgent => Some(role(&chooser.anyone(), "support_agent")),
        _ => None,
    }
}
