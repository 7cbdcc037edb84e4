//! Random blocks: the next time, who does what in it, and how often it is meant to be refused.

use std::collections::BTreeMap;

use sealdesk_protocol::ticket::Action;
use sealdesk_protocol::wire::virtengine::support::v1::Params;
use sealdesk_testkit::people::{Crowd, Person};
use sealdesk_testkit::random::Random;

use super::cells::{Actor, Cell, Deed, Tally};
use super::choices::{Attempt, Chooser, ROTATOR};
use super::desk::{DAY, Desk, GRACE, Place, Role, Status};
use super::letters::{PEOPLE, Pairs};
use super::pair::Pair;
use super::plan::{KeyFlaw, Op, Plan, Step};

const START: i64 = 1_700_000_000;
/// Of several keys.
const BOARD: &str = "moe";

pub struct Campaign {
    pair: Pair,
    chooser: Chooser,
    /// The cell that the transaction just planned is meant to hit.
    aim: Option<Cell>,
}

/// A desk of small limits, so that each is reached.
fn params(random: &mut Random, alone: bool) -> Params {
    let mut params = sealdesk_protocol::params::Params::default().to_wire();
    params.max_tickets_per_customer_per_day = 6;
    params.ticket_cooldown_seconds = 5;
    params.auto_close_after_days = 1;
    params.reopen_window_days = 1;
    params.max_responses_per_ticket = *random.pick(&[5, 6, 9]);
    params.import_open = random.one_in(2);
    params.open_queue = !alone && random.one_in(2);
    params.max_recipients = if alone { 3 } else { *random.pick(&[5, 6, 32]) };
    params
}

/// Everyone, and an account of which two of three must sign.
fn crowd() -> Crowd {
    let people = Crowd::new(&PEOPLE);
    let board = Person::of_several(BOARD, 2, &["ann", "cal", "gus"].map(|name| people.get(name)));
    people.with(board)
}

impl Campaign {
    pub fn new(seed: u64) -> Self {
        let crowd = crowd();
        let pairs = Pairs::new(&crowd);
        let mut random = Random::new(seed);
        // Every fourth desk has a single administrator, and no room for another.
        let alone = seed.is_multiple_of(4);
        let founders: &[&str] = match seed % 4 {
            0 => &["ann"],
            2 => &["ann", "abe", BOARD],
            _ => &["ann", "abe"],
        };
        let pair = Pair::new(crowd.clone(), START, founders, params(&mut random, alone));
        Self { pair, chooser: Chooser { random, pairs, crowd }, aim: None }
    }

    /// A campaign of so many transactions.
    pub fn run(&mut self, transactions: usize, tally: &mut Tally) {
        self.found(tally);
        let mut left = transactions;
        while left > 0 {
            let time = self.next_time();
            let count = (1 + self.chooser.random.below(4)).min(left);
            left -= count;
            self.block(time, count, tally);
        }
    }

    fn block(&mut self, time: i64, count: usize, tally: &mut Tally) {
        let (chooser, aim) = (&mut self.chooser, &mut self.aim);
        let mut left = count;
        self.pair.block(time, tally, |desk, _, tally| {
            left = left.checked_sub(1)?;
            let plan = next_plan(chooser, desk, tally, aim);
            if let Some(cell) = aim.take() {
                tally.hit(cell);
            }
            Some(plan)
        });
    }

    /// Keys and roles to begin with; the administrators of some campaigns have no keys yet.
    fn found(&mut self, tally: &mut Tally) {
        let keyless = self.chooser.random.one_in(3);
        let mut plans = Vec::new();
        let mut desk = self.pair.desk.clone();
        let mut add = |name: &str, op: Op, crowd: &Crowd| {
            let who = crowd.get(name).text.clone();
            let sequence = desk.sequence(&who);
            desk.sequences.insert(who.clone(), sequence + 1);
            plans.push(single(&who, sequence, op));
        };
        let crowd = self.chooser.crowd.clone();
        for name in PEOPLE.into_iter().filter(|name| !(keyless && ["ann", "abe"].contains(name))) {
            let key = crowd.get(name).key(0);
            add(name, Op::Register { key, label: name.to_owned(), flaw: KeyFlaw::None }, &crowd);
        }
        let roles = [("ada", "administrator"), ("gus", "support_agent"), ("gia", "support_agent")];
        for (name, role) in roles.into_iter().chain([("geo", "support_agent"), ("eve", "support_agent")]) {
            let address = crowd.get(name).text.clone();
            add("ann", Op::give(&self.pair.desk, &address, role), &crowd);
        }
        // Of two, both appoint.
        let address = crowd.get("ada").text.clone();
        add("abe", Op::give(&self.pair.desk, &address, "administrator"), &crowd);
        let mut plans = plans.into_iter();
        self.pair.block(START + 1, tally, |_, _, _| plans.next());
    }

    /// Mostly a few seconds; often right before, at, or right after an instant at which some rule changes its mind.
    fn next_time(&mut self) -> i64 {
        let desk = &self.pair.desk;
        let random = &mut self.chooser.random;
        if random.percent(60) {
            return desk.now + i64::try_from(random.below(12)).unwrap();
        }
        let around = i64::try_from(random.below(3)).unwrap() - 1;
        let mut edges: Vec<i64> = Vec::new();
        edges.extend(desk.keys.values().flatten().flat_map(|key| {
            [
                Some(key.registered_at + GRACE),
                key.revoked_at.map(|at| at + GRACE),
                Some(key.registered_at + DAY),
            ]
            .into_iter()
            .flatten()
        }));
        edges.extend(desk.last.values().map(|at| at + i64::from(desk.params.ticket_cooldown_seconds)));
        edges.extend(desk.members.values().filter_map(|member| member.suspended_at).map(|at| at + DAY));
        edges.extend(desk.creations.values().flatten().map(|at| at + DAY));
        edges.extend(desk.attached.values().flatten().map(|(at, _)| at - at.rem_euclid(3_600) + 3_600 + DAY));
        let window = i64::from(desk.params.reopen_window_days) * DAY;
        for ticket in desk.tickets.values() {
            edges.extend(ticket.due_at);
            edges.extend(ticket.closed_at.map(|at| at + window));
        }
        // A minute after keys changed is the edge that passes soonest: now and then it is gone for.
        let keys = desk.keys.values().flatten();
        let graces = keys.map(|key| key.revoked_at.unwrap_or(key.registered_at) + GRACE);
        if random.one_in(3)
            && let Some(soonest) = graces.filter(|edge| *edge + around > desk.now).min()
        {
            return soonest + around;
        }
        edges.retain(|edge| *edge + around > desk.now && *edge < desk.now + 2 * DAY);
        edges.sort_unstable();
        // Near edges are taken more often than far ones, so that a campaign does not leap from day to day.
        let near = edges.len().min(if random.one_in(8) { usize::MAX } else { 6 });
        if near == 0 { desk.now + 61 } else { edges[random.below(near)] + around }
    }
}

pub fn single(who: &str, sequence: u64, op: Op) -> Plan {
    let steps = vec![Step { sender: who.to_owned(), op }];
    Plan {
        steps,
        signers: vec![(who.to_owned(), sequence)],
        timeout_height: 0,
        timeout: None,
        badly_signed: false,
    }
}

fn next_plan(chooser: &mut Chooser, desk: &Desk, tally: &Tally, aim: &mut Option<Cell>) -> Plan {
    if chooser.random.percent(33)
        && let Some((cell, who, number)) = seek(chooser, desk, tally)
    {
        *aim = Some(cell);
        let place = Place { sequence: desk.sequence(&who), index: 0 };
        let op = chooser.deed(desk, Attempt { who: &who, number, place }, cell.1);
        return single(&who, place.sequence, op);
    }
    if chooser.random.percent(25)
        && let Some(plan) = super::steering::towards_a_missing_cell(chooser, desk, tally)
    {
        return plan;
    }
    let accept = chooser.random.percent(85);
    let plans: Vec<Plan> = (0..5).map(|_| any_plan(chooser, desk)).collect();
    // Of several tries the first that is accepted; or the one whose refusal has been seen least.
    let judged = plans.into_iter().map(|plan| (desk.clone().transact(&plan).refused, plan));
    let score = |refused: &Option<super::desk::Refused>| match refused {
        None => {
            if accept {
                0
            } else {
                usize::MAX
            }
        }
        Some(code) => tally.codes.get(code).map_or(0, |seen| *seen) + usize::from(accept),
    };
    judged.min_by_key(|(refused, _)| score(refused)).unwrap().1
}

/// A cell that nothing has hit yet, and someone who can; rather one that chance seldom offers.
fn seek(chooser: &mut Chooser, desk: &Desk, tally: &Tally) -> Option<(Cell, String, u64)> {
    let present = relations(&chooser.crowd, desk);
    let mut cells = tally.unhit();
    cells.retain(|(actor, _, status)| present.contains_key(&(*actor, *status)));
    let seldom = |(actor, _, status): &Cell| {
        *actor == Actor::FormerAssignee || matches!(status, Status::PendingCustomer | Status::Resolved)
    };
    if cells.iter().any(seldom) {
        cells.retain(seldom);
    }
    if cells.is_empty() {
        return None;
    }
    let cell = *chooser.random.pick(&cells);
    let (who, number) = chooser.random.pick(&present[&(cell.0, cell.2)]).clone();
    Some((cell, who, number))
}

/// Who is what to which tickets.
pub fn relations(crowd: &Crowd, desk: &Desk) -> BTreeMap<(Actor, Status), Vec<(String, u64)>> {
    let mut present: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (number, ticket) in &desk.tickets {
        for person in crowd.all() {
            let actor = Actor::of(desk, &person.text, *number);
            present.entry((actor, ticket.status)).or_default().push((person.text.clone(), *number));
        }
    }
    present
}

fn any_plan(chooser: &mut Chooser, desk: &Desk) -> Plan {
    let count = if chooser.random.one_in(7) { 2 + chooser.random.below(2) } else { 1 };
    let mut trial = desk.clone();
    let mut plan = Plan {
        steps: Vec::new(),
        signers: Vec::new(),
        timeout_height: 0,
        timeout: None,
        badly_signed: false,
    };
    let mut who = None;
    for index in 0..u32::try_from(count).unwrap() {
        let (sender, choice) = choose_sender(chooser, &trial, who.as_deref());
        if !plan.signers.iter().any(|(signer, _)| *signer == sender) {
            plan.signers.push((sender.clone(), desk.sequence(&sender)));
        }
        let place = Place { sequence: desk.sequence(&sender), index };
        let op = match choice {
            Some((number, deed)) => chooser.deed(&trial, Attempt { who: &sender, number, place }, deed),
            None => chooser.office(&trial, &sender, place),
        };
        let step = Step { sender: sender.clone(), op };
        // What follows in the same transaction is made for the state that this leads to.
        if super::form::flaw(&step).is_none() {
            let mut next = trial.clone();
            if next.run(&step, place).is_ok() {
                trial = next;
            }
        }
        plan.steps.push(step);
        who = (!chooser.random.one_in(6)).then_some(sender);
    }
    spoil(chooser, desk, &mut plan);
    plan
}

/// Sometimes the transaction itself is wrong.
fn spoil(chooser: &mut Chooser, desk: &Desk, plan: &mut Plan) {
    let (_, sequence) = plan.signers.first_mut().unwrap();
    match chooser.random.below(60) {
        0 => *sequence += 1,
        1 => *sequence = sequence.saturating_sub(1),
        2 => plan.badly_signed = true,
        3 => plan.timeout_height = desk.height,
        4 => plan.timeout_height = desk.height.saturating_sub(1),
        5 => *sequence = u64::MAX,
        6 => plan.timeout = Some(desk.now),
        7 => plan.timeout = Some(desk.now - 1),
        _ => {}
    }
}

type Choice = Option<(u64, Deed)>;

/// Who acts, on what. A deed is mostly one of those its sender may do.
fn choose_sender(chooser: &mut Chooser, desk: &Desk, same: Option<&str>) -> (String, Choice) {
    let who = match same {
        Some(who) => who.to_owned(),
        None if chooser.random.one_in(20) => return (chooser.crowd.get(ROTATOR).text.clone(), None),
        None => chooser.anyone(),
    };
    let office = chooser.random.one_in(if desk.is_administrator(&who) { 3 } else { 9 });
    if desk.tickets.is_empty() {
        return (who.clone(), (!office).then_some((1, Deed::Create)));
    }
    if office {
        return (who, None);
    }
    if chooser.random.one_in(5) {
        let numbers: Vec<u64> = desk.tickets.keys().copied().collect();
        let deed = *chooser.random.pick(&Deed::all());
        return (who, Some((*chooser.random.pick(&numbers), deed)));
    }
    let number = own_ticket(chooser, desk, &who);
    let status = desk.tickets[&number].status;
    let deed = match desk.role(&who) {
        Some(Role::Administrator) => administrators_deed(chooser, status),
        Some(Role::Agent) => agents_deed(chooser, status),
        _ => customers_deed(chooser, status),
    };
    (who, Some((number, deed)))
}

/// A ticket that is his or that he has, where there is one, and rather a young one.
fn own_ticket(chooser: &mut Chooser, desk: &Desk, who: &str) -> u64 {
    let own = |t: &super::desk::Ticket| t.customer == who || t.is_worked_on_by(who);
    let all: Vec<u64> = desk.tickets.keys().copied().collect();
    let mine: Vec<u64> = desk.tickets.iter().filter(|(_, t)| own(t)).map(|(number, _)| *number).collect();
    let from = if mine.is_empty() || desk.is_administrator(who) { all } else { mine };
    let young = &from[from.len().saturating_sub(8)..];
    *chooser.random.pick(young)
}

fn administrators_deed(chooser: &mut Chooser, status: Status) -> Deed {
    use Action as A;
    let fit: &[A] = match status {
        Status::Open => {
            &[A::Assign, A::Assign, A::Assign, A::Grant, A::Note, A::RespondAsStaff, A::SetPriority]
        }
        Status::Resolved | Status::Closed => &[A::Reopen, A::Grant, A::Note, A::Transfer, A::Link],
        _ => &[
            A::Assign,
            A::Resolve,
            A::Grant,
            A::Note,
            A::StartWork,
            A::AwaitCustomer,
            A::Close,
            A::Snooze,
            A::Transfer,
            A::Link,
        ],
    };
    Deed::On(*chooser.random.pick(fit))
}

fn agents_deed(chooser: &mut Chooser, status: Status) -> Deed {
    use Action as A;
    let fit: &[A] = match status {
        Status::Assigned => {
            &[A::StartWork, A::RespondAsStaff, A::Note, A::Resolve, A::SetPriority, A::Snooze]
        }
        Status::InProgress => &[A::AwaitCustomer, A::AwaitCustomer, A::Resolve, A::RespondAsStaff],
        Status::PendingCustomer => &[A::StartWork, A::Resolve, A::RespondAsStaff],
        Status::Open => &[A::Take, A::Take, A::Note],
        _ => &[A::Note, A::SetPriority],
    };
    Deed::On(*chooser.random.pick(fit))
}

fn customers_deed(chooser: &mut Chooser, status: Status) -> Deed {
    use Action as A;
    if chooser.random.percent(33) {
        return Deed::Create;
    }
    let fit: &[A] = match status {
        Status::Resolved => &[A::RespondAsCustomer, A::Close, A::Reopen, A::Grant, A::Rate, A::Rate],
        Status::Closed => &[A::Reopen, A::Reopen, A::Grant, A::Rate],
        _ => &[A::RespondAsCustomer, A::RespondAsCustomer, A::RespondAsCustomer, A::Close, A::Grant],
    };
    Deed::On(*chooser.random.pick(fit))
}
