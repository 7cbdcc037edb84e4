//! A random walk over a desk. At every so many steps, what can be made anew from the tree is made anew: the lists that
//! queries page through, and a copy of the whole ledger from its own export.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by them and says what it saw"
)]

mod support;

use prost_types::Any;
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::side::{self, TicketList};
use sealdesk_protocol::ticket::Status;
use sealdesk_protocol::wire::virtengine::support::v1::QueryTicketRequest;
use sealdesk_store::{Durability, KeyRange, State};
use support::Random;
use support::desk::Desk;
use support::people::Person;
use support::scenario::{
    CountTickets as _, assign, assign_role, close, create, grant, note, priority, register, reopen, resolve,
    respond, revoke_key, revoke_role, set_state, status, ticket_id, update_params,
};

const STEPS: usize = 700;

struct Walk {
    desk: Desk,
    people: Vec<Person>,
    random: Random,
}

impl Walk {
    /// One administrator, two agents, and customers; everyone with a key.
    fn new(seed: u64) -> Self {
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

    fn step(&mut self) -> u32 {
        let ahead = [0, 1, 61, 3_600, 86_400];
        let time = self.desk.time + self.random.pick(&ahead);
        let (who, message) = self.message();
        let tx = self.desk.tx(&self.people[who], vec![message]);
        self.desk.block_at(time, &tx).code
    }

    fn message(&mut self) -> (usize, Any) {
        let admin = self.people[0].clone();
        let tickets = self.desk.machine.ticket_count(&self.desk.snapshot());
        if tickets == 0 || self.random.one_in(6) {
            let who = 3 + self.random.below(4);
            let customer = &self.people[who];
            return (who, create(&self.desk, customer, &[&admin, customer]));
        }
        if self.random.one_in(8) {
            return self.about_people();
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
        match self.random.below(11) {
            0 | 1 => (0, assign(&admin, number, &self.people[1 + self.random.below(2)])),
            2 => (0, status(&admin, number, "in_progress")),
            3 => (0, status(&admin, number, "pending_customer")),
            4 => (customer, respond(&self.desk, &self.people[customer], number, &everyone)),
            5 => (0, respond(&self.desk, &admin, number, &everyone)),
            6 => (0, note(&self.desk, &admin, number, &staff)),
            7 => (0, priority(&admin, number, "urgent")),
            8 => (0, resolve(&admin, number)),
            9 if self.random.one_in(2) => (customer, close(&self.people[customer], number)),
            9 => (customer, reopen(&self.people[customer], number)),
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
                let n = 1 + u32::try_from(self.random.below(4)).unwrap();
                let new = self.random.one_in(2);
                (who, if new { register(person, n) } else { revoke_key(person, person.fingerprint(n)) })
            }
        }
    }

    fn lists_made_anew_from_the_tree_equal_the_live_ones(&self) {
        let all = |state: &State| -> Vec<(Vec<u8>, Vec<u8>)> {
            let lists = [side::TICKET_LISTS, side::ROLES, side::FINGERPRINTS, side::DUE_TIMES];
            let list = |list: &[u8]| -> Vec<_> {
                state.scan_side(&KeyRange::prefix(list)).unwrap().map(Result::unwrap).collect()
            };
            lists.into_iter().flat_map(list).collect()
        };
        let live = State::new(self.desk.snapshot());
        let mut again = live.clone();
        sealdesk_machine::rebuild_indexes(&mut again, self.desk.machine.prefix()).unwrap();
        assert!(!all(&live).is_empty());
        assert_eq!(all(&again), all(&live));
    }

    fn the_counts_say_how_long_the_lists_are(&self) {
        let snapshot = self.desk.snapshot();
        let counts = self.desk.machine.ticket_counts(&snapshot).unwrap();
        let listed = |status| snapshot.scan_side(&KeyRange::prefix(&TicketList::Status(status).prefix()));
        let lengths = Status::ALL.map(|status| (status, listed(status).unwrap().count() as u64));
        assert_eq!(counts, lengths);
        let created = self.desk.machine.ticket_count(&snapshot);
        assert_eq!(counts.iter().map(|(_, count)| count).sum::<u64>(), created);
    }

    fn an_export_is_imported_and_exported_the_same(&self) {
        let chain = ChainId::parse("copy-1").unwrap();
        let export =
            self.desk.machine.export(&self.desk.snapshot(), Some(&chain)).unwrap().to_json().unwrap();
        let copy = Desk::from_genesis(&Genesis::from_json(&export).unwrap());
        let again = copy.machine.export(&copy.snapshot(), None).unwrap().to_json().unwrap();
        assert!(export == again, "byte for byte");
        let counts = |desk: &Desk| desk.machine.ticket_counts(&desk.snapshot()).unwrap();
        assert_eq!(counts(&copy), counts(&self.desk));
    }
}

#[test]
fn a_ledger_that_was_begun_before_tickets_were_counted_has_no_counts_rather_than_wrong_ones() {
    let mut walk = Walk::new(7);
    let mut state = walk.desk.state();
    Status::ALL.into_iter().for_each(|status| state.delete_side(side::ticket_count(status)));
    walk.desk.height += 1;
    let staged = walk.desk.store.prepare(walk.desk.height + 1, state.into_changes()).unwrap();
    walk.desk.store.commit(staged, Durability::Deferred).unwrap();
    for _ in 0..50 {
        walk.step();
    }
    assert!(walk.desk.machine.ticket_count(&walk.desk.snapshot()) > 0);
    assert_eq!(walk.desk.machine.ticket_counts(&walk.desk.snapshot()).unwrap(), []);
}

#[test]
fn lists_and_copies_made_anew_from_the_tree_equal_the_live_ledger_along_a_random_walk() {
    for seed in [5, 6] {
        println!("seed {seed}");
        let mut walk = Walk::new(seed);
        let mut taken = 0;
        for step in 1..=STEPS {
            taken += usize::from(walk.step() == 0);
            if step % 100 == 0 {
                walk.lists_made_anew_from_the_tree_equal_the_live_ones();
                walk.the_counts_say_how_long_the_lists_are();
                walk.an_export_is_imported_and_exported_the_same();
            }
        }
        assert!(taken > STEPS / 3, "only {taken} of {STEPS} were taken");
    }
}
