//! People who do at random what a desk lets them do, and some of what it does not.

use prost_types::Any;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::wire::virtengine::support::v1::QueryTicketRequest;

use crate::desk::Desk;
use crate::documents;
use crate::files::{create_with, file, files, respond_with};
use crate::people::Person;
use crate::random::Random;
use crate::scenario::{
    assign, assign_role, close, create, create_at, grant, link, note, priority, rate, rate_with, register,
    reopen, resolve, respond, respond_wire, revoke_key, revoke_role, set_state, snooze, status, ticket_id,
    transfer, update_params,
};

/// A desk and the people who walk about in it.
pub struct Walk {
    pub desk: Desk,
    pub people: Vec<Person>,
    pub random: Random,
}

impl Walk {
    /// One administrator, two agents, and customers; everyone with a key.
    pub fn new(seed: u64) -> Self {
        let people: Vec<Person> = (0..7).map(|n| Person::new(&format!("walker {n}"))).collect();
        let mut desk = Desk::new(&[&people[0]]);
        for person in &people {
            desk.must(person, vec![register(person, 0)]);
        }
        for agent in &people[1..3] {
            desk.must(&people[0], vec![assign_role(&people[0], agent, "support_agent")]);
        }
        let wide = Params {
            max_tickets_per_customer_per_day: 1_000,
            max_open_tickets_per_customer: 1_000,
            ticket_cooldown_seconds: 0,
            ..Params::default()
        };
        desk.must(&people[0], vec![update_params(&people[0], &wide)]);
        desk.pass_to(desk.time + 61);
        Self { desk, people, random: Random::new(seed) }
    }

    pub fn step(&mut self) -> u32 {
        let (time, tx) = self.plan();
        self.desk.block_at(time, &tx).code
    }

    /// The time and the transaction of a next block.
    pub fn plan(&mut self) -> (i64, Vec<u8>) {
        let ahead = [0, 1, 61, 3_600, 86_400];
        let time = self.desk.time + *self.random.pick(&ahead);
        let (who, message) = self.message();
        (time, self.desk.tx(&self.people[who], vec![message]))
    }

    fn message(&mut self) -> (usize, Any) {
        let admin = self.people[0].clone();
        let tickets = self.desk.ticket_count();
        if tickets == 0 || self.random.one_in(6) {
            let who = 3 + self.random.below(4);
            let customer = &self.people[who];
            if self.random.one_in(3) {
                let message = create_at(&self.desk, customer, &[&admin, customer], 0);
                return (who, create_with(message, vec![file(2 << 20, self.desk.height)]));
            }
            return (who, create(&self.desk, customer, &[&admin, customer]));
        }
        if self.random.one_in(8) {
            return self.about_people();
        }
        if self.random.one_in(7) {
            return documents::any(&self.desk, &self.people, &mut self.random);
        }
        let number =
            tickets - u64::try_from(self.random.below(usize::try_from(tickets.min(12)).unwrap())).unwrap();
        let request = QueryTicketRequest { ticket_id: ticket_id(number) };
        let ticket = self.desk.machine.ticket(&self.desk.snapshot(), &request).unwrap().ticket.unwrap();
        let of = |address: &str| self.people.iter().position(|person| person.address.as_str() == address);
        let customer = of(&ticket.customer_address).unwrap();
        let assignee = of(&ticket.assigned_to);
        let mut staff: Vec<&Person> = vec![&self.people[0]];
        staff.extend(assignee.map(|agent| &self.people[agent]));
        let everyone: Vec<&Person> = staff.iter().copied().chain([&self.people[customer]]).collect();
        match self.random.below(15) {
            0 | 1 => (0, assign(&admin, number, &self.people[1 + self.random.below(2)])),
            2 => (0, status(&admin, number, "in_progress")),
            3 => (0, status(&admin, number, "pending_customer")),
            4 => (customer, respond(&self.desk, &self.people[customer], number, &everyone)),
            5 if self.random.one_in(2) => {
                let message = respond_wire(&self.desk, &admin, number, &everyone, false);
                (0, respond_with(message, files(&[5_000, 9_000])))
            }
            5 => (0, respond(&self.desk, &admin, number, &everyone)),
            6 => (0, note(&self.desk, &admin, number, &staff)),
            7 => (0, priority(&admin, number, "urgent")),
            8 => (0, resolve(&admin, number)),
            9 if self.random.one_in(2) => (customer, close(&self.people[customer], number)),
            9 => (customer, reopen(&self.people[customer], number)),
            10 => {
                let ahead = *self.random.pick(&[0, 1, 3_600, 86_400, 367 * 86_400]);
                (0, snooze(&admin, number, if ahead == 0 { 0 } else { self.desk.time + ahead }))
            }
            13 => {
                let other = 1 + self.random.below(usize::try_from(tickets).unwrap());
                let kind = *self.random.pick(&["related", "duplicate_of", "follows_up"]);
                let remove = self.random.one_in(4);
                (0, link(&admin, number, kind, u64::try_from(other).unwrap(), remove))
            }
            12 if self.random.one_in(2) => (customer, rate(&self.people[customer], number, 4)),
            12 => {
                let rater = &self.people[customer];
                (customer, rate_with(&self.desk, rater, number, 2, &everyone))
            }
            11 if self.random.one_in(3) => {
                (0, transfer(&admin, number, &self.people[3 + self.random.below(4)]))
            }
            _ => {
                let reader = assignee.unwrap_or(customer);
                (0, grant(&self.desk, &admin, number, 0, &self.people[reader].fingerprint(0)))
            }
        }
    }

    fn about_people(&mut self) -> (usize, Any) {
        let admin = &self.people[0];
        let who = 1 + self.random.below(6);
        let person = &self.people[who];
        match self.random.below(6) {
            0 => (0, set_state(admin, person, "suspended")),
            1 | 2 => (0, set_state(admin, person, "active")),
            3 => (0, revoke_role(admin, person, "support_agent")),
            4 => (0, assign_role(admin, person, "support_agent")),
            _ => {
                let n = 1 + self.random.below(4);
                let new = self.random.one_in(2);
                (who, if new { register(person, n) } else { revoke_key(person, person.fingerprint(n)) })
            }
        }
    }
}
